//! The recovery point objectives: `rpo` and `rpo_overrides`.

use crate::{
    config::{
        checked::Checked,
        findings::{Findings, Setting},
        key_path::KeyPath,
        quantity::Rpo,
        raw::RawOverride,
        vendor::Vendor,
    },
    model::{Objective, Override},
};
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};

/// What an array's configuration says about objectives.
pub(super) fn resolve(
    findings: &mut Findings<'_>,
    (vendor, interval): (Vendor, Duration),
    at: &KeyPath,
    rpo: Setting<Rpo>,
    overrides: Setting<Vec<Checked<RawOverride>>>,
) -> Objective {
    let is_stated = rpo.is_written() || overrides.is_written() || vendor.states_objectives;
    if !is_stated {
        let message =
            "no objective is set, so nothing of this array is ever late: set `rpo`, or \"none\" if that is meant";
        findings.warning(at, message);
    }
    let overrides = match overrides {
        Setting::Set(written, at) => findings.elements(&at, written),
        Setting::Unset | Setting::Unusable => Vec::new(),
    };
    let written = overrides.iter().map(|(raw, at)| (raw.rpo.as_ref(), at.key("rpo")));
    let objectives: Vec<_> = written
        .filter_map(|(rpo, at)| match rpo {
            Some(Checked::Good(rpo)) => Some((*rpo, at)),
            _ => None,
        })
        .collect();
    for (raw, at) in &overrides {
        for (key, written) in [("policy", &raw.policy), ("schedule", &raw.schedule)] {
            if written.is_some() {
                let message =
                    format!("no system of this vendor states its {key}, so that the override matches nothing");
                findings.warning(&at.key(key), message);
            }
        }
    }
    let default = match &rpo {
        Setting::Set(rpo, at) => Some((*rpo, at.clone())),
        Setting::Unset | Setting::Unusable => None,
    };
    for (Rpo(objective), at) in objectives.into_iter().chain(default) {
        if objective.is_some_and(|objective| objective < 2 * interval) {
            let message =
                "is below two intervals, so that it is exceeded between two polls: raise it, or lower `interval`";
            findings.warning(&at, message);
        }
    }
    Objective {
        overrides: overrides
            .into_iter()
            .filter_map(|(raw, at)| one(findings, &at, raw))
            .collect(),
        default_seconds: rpo.value().and_then(Rpo::seconds),
    }
}

fn one(findings: &mut Findings<'_>, at: &KeyPath, raw: RawOverride) -> Option<Override> {
    findings.unknown_keys(at, &raw.others, &RawOverride::keys());
    let rpo = findings.read(at, "rpo", raw.rpo);
    if !rpo.is_written() {
        findings.problem(at, "`rpo` is missing: the objective, such as \"24h\", or \"none\"");
    }
    let named = [
        ("relationship", raw.relationship),
        ("mode", raw.mode),
        ("policy", raw.policy),
        ("schedule", raw.schedule),
    ];
    let named = named.map(|(key, written)| findings.read(at, key, written));
    if !named.iter().any(Setting::is_written) {
        findings.problem(
            at,
            "matches nothing: give a glob as `relationship`, such as \"*:/scratch/*\", `mode`, `policy` or `schedule`",
        );
        return None;
    }
    let [relationship, mode, policy, schedule] = named.map(|glob| match glob {
        Setting::Set(glob, at) => matcher(findings, &at, &glob).map(Some).ok_or(NoGlob),
        Setting::Unset => Ok(None),
        Setting::Unusable => Err(NoGlob),
    });
    Some(Override {
        relationship: relationship.ok()?,
        mode: mode.ok()?,
        policy: policy.ok()?,
        schedule: schedule.ok()?,
        seconds: rpo.value()?.seconds(),
    })
}

/// It is written and is no glob, which is told already.
struct NoGlob;

/// `*` matches anything, slashes too, since a relationship's label is no path; case counts.
fn matcher(findings: &mut Findings<'_>, at: &KeyPath, glob: &str) -> Option<GlobMatcher> {
    let glob = match glob {
        "" => None,
        glob => GlobBuilder::new(glob).literal_separator(false).build().ok(),
    };
    if glob.is_none() {
        let message = "is no glob: close each [ and {, end with no backslash, and leave it not empty";
        findings.problem(at, message);
    }
    glob.map(|glob| glob.compile_matcher())
}
