//! The labels that have words: every value that they can have. Made from the same lists as the values themselves.

use super::catalogue::Family;
use crate::{
    model::{Exemption, Health, JobResult, Mode, RestriperPhase, RestriperState, Role, Section, Standing},
    source::{Reason, vendors},
};

/// Every word that a label of a family can have, in the order of documents; `None`: any text.
#[must_use]
pub(super) fn of(family: &Family, label: &str) -> Option<Vec<&'static str>> {
    let words = match (label, family.name) {
        ("field", _) => sorted(vendors::ALL.iter().flat_map(|vendor| vendor.counted_fields).copied()),
        ("health", _) => Health::WORDS.to_vec(),
        ("mode", _) => Mode::WORDS.to_vec(),
        ("phase", _) => RestriperPhase::WORDS.to_vec(),
        ("reason", "storage_replication_rpo_exempt") => Exemption::WORDS.to_vec(),
        ("reason", _) => Reason::ALL.iter().map(|reason| reason.word()).collect(),
        ("result", _) => JobResult::WORDS.to_vec(),
        ("role", _) => Role::WORDS.to_vec(),
        ("section", _) => {
            let sections = vendors::ALL.iter().flat_map(|vendor| vendor.sections);
            sorted(sections.map(|spec| Section::name(spec.section)))
        }
        ("standing", _) => Standing::WORDS.to_vec(),
        ("state", "storage_restriper_state") => RestriperState::WORDS.to_vec(),
        ("state", _) => sorted(vendors::ALL.iter().flat_map(|vendor| vendor.states.concat())),
        ("vendor", _) => vendors::ALL.iter().map(|vendor| vendor.name()).collect(),
        _ => return None,
    };
    Some(words)
}

fn sorted(words: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let words: std::collections::BTreeSet<&str> = words.collect();
    words.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::metrics::catalogue::{FAMILIES, MetricType};

    #[test]
    fn every_family_of_words_has_words() {
        for family in FAMILIES {
            let label = family.labels.last().expect("a label");
            let has_words = super::of(family, label).is_some_and(|words| words.len() > 1);
            let is_word = family.metric_type == MetricType::Word;
            assert!(has_words || !is_word, "{}: {label}", family.name);
        }
    }
}
