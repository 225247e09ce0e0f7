//! The recovery point objectives: `rpo` and `rpo_overrides`.

use crate::{
    config::{
        checked::Checked,
        findings::{Findings, Setting},
        key_path::KeyPath,
        quantity::Period,
        raw::RawOverride,
    },
    model::Objective,
};
use globset::{GlobBuilder, GlobMatcher};

/// What an array's configuration says about objectives.
pub(super) fn resolve(
    findings: &mut Findings<'_>,
    rpo: Setting<Period>,
    overrides: Setting<Vec<Checked<RawOverride>>>,
) -> Objective {
    let default_seconds = rpo.value().map(|Period(rpo)| rpo.as_secs_f64());
    let Setting::Set(written, at) = overrides else {
        return Objective {
            overrides: vec![],
            default_seconds,
        };
    };
    let overrides = findings
        .elements(&at, written)
        .into_iter()
        .filter_map(|(raw, at)| one(findings, &at, raw))
        .collect();
    Objective {
        overrides,
        default_seconds,
    }
}

fn one(findings: &mut Findings<'_>, at: &KeyPath, raw: RawOverride) -> Option<(GlobMatcher, f64)> {
    findings.unknown_keys(at, &raw.unknown, &RawOverride::keys());
    let relationship = findings.read(at, "relationship", raw.relationship);
    let rpo = findings.read(at, "rpo", raw.rpo);
    if !relationship.is_written() {
        findings.problem(
            at,
            "`relationship` is missing: a glob on the relationship label, such as \"*:/scratch/*\"",
        );
    }
    if !rpo.is_written() {
        findings.problem(at, "`rpo` is missing: the objective, such as \"24h\"");
    }
    let matcher = match relationship {
        Setting::Set(glob, at) => matcher(findings, &at, &glob),
        Setting::Unset | Setting::Unusable => None,
    };
    Some((matcher?, rpo.value()?.0.as_secs_f64()))
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
