//! What a vendor's user must be allowed to read, section by section: `doctor` shows it, `once` asks what may fail. The
//! vendors' own names of rights, so that an operator can search for them; their descriptors hold them.

use super::Reason;
use crate::{config::Vendor, model::Section};

/// Whether a failure is one that least privileges bring about, so that the array counts as fine.
#[must_use]
pub fn is_expected(vendor: Vendor, section: Section, reason: Reason) -> bool {
    reason == Reason::Forbidden && vendor.section(section).is_some_and(|spec| spec.is_optional)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{kaminario, qumulo, veeam, vendors};

    #[test]
    fn every_section_but_system_names_its_right() {
        let without: Vec<(&str, Section)> = vendors::ALL
            .iter()
            .flat_map(|vendor| vendor.sections.iter().map(|spec| (vendor.name(), spec)))
            .filter(|(_, spec)| spec.right.is_none())
            .map(|(vendor, spec)| (vendor, spec.section))
            .collect();
        assert_eq!(without, [("qumulo", Section::SYSTEM)]);
    }

    #[test]
    fn only_a_refusal_of_what_is_optional_is_expected() {
        assert!(is_expected(veeam::VENDOR, veeam::JOBS, Reason::Forbidden));
        assert!(!is_expected(veeam::VENDOR, veeam::JOBS, Reason::Timeout));
        assert!(!is_expected(veeam::VENDOR, veeam::TASKS, Reason::Forbidden));
        assert!(!is_expected(kaminario::VENDOR, kaminario::ROUNDS, Reason::Forbidden));
        assert!(!is_expected(qumulo::VENDOR, qumulo::RESTRIPER, Reason::Forbidden));
    }
}
