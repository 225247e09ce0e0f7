//! What an array is called and what is read of it: `name`, `labels`, `sections`.

use crate::{
    config::{
        Vendor,
        checked::Checked,
        findings::{Findings, Setting},
        key_path::KeyPath,
    },
    model::Section,
};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

/// The labels that `storage_array_info` has of its own.
const OWN_LABELS: [&str; 5] = ["array", "vendor", "system_name", "system_id", "version"];

/// The labels of a scrape's target, which would become `exported_job` and `exported_instance` here.
const TARGET_LABELS: [&str; 2] = ["job", "instance"];

/// Names so far, each with the array that has it.
pub(super) type Names = BTreeMap<String, KeyPath>;

/// The name, which no other array may have, whatever its vendor.
pub(super) fn name(
    findings: &mut Findings<'_>,
    array: &KeyPath,
    setting: Setting<String>,
    names: &mut Names,
) -> Option<Arc<str>> {
    let (name, at) = match setting {
        Setting::Unset => {
            findings.problem(array, "`name` is missing: it becomes the `array` label");
            return None;
        }
        Setting::Unusable => return None,
        Setting::Set(name, at) => (name, at),
    };
    if !is_name(&name) {
        let message = "must begin with a letter or digit and hold only letters, digits, dot, underscore and hyphen";
        findings.problem(&at, message);
        return None;
    }
    match names.entry(name.clone()) {
        Entry::Vacant(entry) => {
            entry.insert(array.clone());
        }
        Entry::Occupied(entry) => findings.problem(&at, format!("{} has this name already", entry.get())),
    }
    Some(name.into())
}

/// The labels for `storage_array_info`.
pub(super) fn labels(
    findings: &mut Findings<'_>,
    setting: Setting<BTreeMap<String, Checked<String>>>,
) -> BTreeMap<String, String> {
    let Setting::Set(written, table) = setting else {
        return BTreeMap::new();
    };
    let mut labels = BTreeMap::new();
    for (label, value) in written {
        let at = table.key(&label);
        if OWN_LABELS.contains(&label.as_str()) {
            findings.problem(
                &at,
                "storage_array_info has a label of this name already: choose another",
            );
        } else if TARGET_LABELS.contains(&label.as_str()) {
            findings.problem(
                &at,
                "Prometheus sets this label itself on everything that it scrapes: choose another",
            );
        } else if label.starts_with("__") {
            findings.problem(
                &at,
                "Prometheus keeps names that begin with __ for itself: choose another",
            );
        } else if !is_label_name(&label) {
            findings.problem(
                &at,
                "is no label name: letters, digits and underscores, not beginning with a digit",
            );
        }
        if let Some(value) = findings.good(&at, value) {
            labels.insert(label, value);
        }
    }
    labels
}

/// The sections to read, in the vendor's order.
pub(super) fn sections(
    findings: &mut Findings<'_>,
    vendor: Vendor,
    setting: Setting<Vec<Checked<String>>>,
) -> Vec<Section> {
    let Setting::Set(written, at) = setting else {
        return vendor.sections();
    };
    if written.is_empty() {
        findings.problem(&at, "is empty: remove it to read every section");
    }
    let mut chosen = Vec::new();
    for (name, at) in findings.elements(&at, written) {
        match vendor.sections().into_iter().find(|section| section.name() == name) {
            None => {
                let known: Vec<&str> = vendor.sections().iter().map(|section| section.name()).collect();
                let message = format!("is no section of [[{}]]: it has {}", vendor.name(), known.join(", "));
                findings.problem(&at, message);
            }
            Some(section) if chosen.contains(&section) => findings.problem(&at, "is listed twice"),
            Some(section) => chosen.push(section),
        }
    }
    if chosen == [Section::SYSTEM] {
        findings.warning(
            &at,
            "`system` alone says nothing of replication, and never makes the array `up`",
        );
    }
    chosen.sort();
    chosen
}

/// Whether this can be the name of an array.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|sign: char| sign.is_ascii_alphanumeric()) && text.chars().all(is_name_sign)
}

/// Whether a name may hold this sign.
#[must_use]
pub fn is_name_sign(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '.' | '_' | '-')
}

fn is_label_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(allowed) && !name.starts_with(|c: char| c.is_ascii_digit())
}
