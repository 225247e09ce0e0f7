//! The recovery point objectives: `rpo` and `rpo_overrides`.

use crate::{
    config::{
        checked::Checked,
        findings::{Findings, Setting},
        key_path::KeyPath,
        quantity::Rpo,
        raw::RawOverride,
    },
    model::{Objective, Override},
};
use globset::{GlobBuilder, GlobMatcher};

/// What an array's configuration says about objectives.
pub(super) fn resolve(
    findings: &mut Findings<'_>,
    rpo: Setting<Rpo>,
    overrides: Setting<Vec<Checked<RawOverride>>>,
) -> Objective {
    let overrides = match overrides {
        Setting::Set(written, at) => findings.elements(&at, written),
        Setting::Unset | Setting::Unusable => Vec::new(),
    };
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
    let is_usable = !named.iter().any(|glob| matches!(glob, Setting::Unusable));
    let [relationship, mode, policy, schedule] = named.map(|glob| match glob {
        Setting::Set(glob, at) => Some(matcher(findings, &at, &glob)),
        Setting::Unset | Setting::Unusable => None,
    });
    let seconds = rpo.value()?.seconds();
    is_usable.then_some(Override {
        relationship: good(relationship)?,
        mode: good(mode)?,
        policy: good(policy)?,
        schedule: good(schedule)?,
        seconds,
    })
}

/// What is not written is fine; what is no glob is not, and is told already.
fn good(glob: Option<Option<GlobMatcher>>) -> Option<Option<GlobMatcher>> {
    match glob {
        None => Some(None),
        Some(glob) => glob.map(Some),
    }
}

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
