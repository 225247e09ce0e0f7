//! What each vendor's user must be allowed to read, section by section. Data only: `doctor` shows it, `once` asks what may
//! fail. The vendors' own names of rights, so that an operator can search for them.

use super::{Reason, qumulo, veeam};
use crate::{config::Vendor, model::Section};

/// The name of no right at all.
pub const NONE: &str = "no right";

/// The right that a section needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Right {
    /// As the vendor calls it.
    pub name: &'static str,
    /// Whether the exporter does without: the section only adds to others, and a least-privileged user lacks it.
    pub optional: bool,
}

/// The right that `section` of `vendor` needs.
#[must_use]
pub fn needed(vendor: Vendor, section: Section) -> Right {
    match vendor {
        Vendor::Qumulo => needed_by_qumulo(section),
        // K2 has roles only, and any role may read everything.
        Vendor::Kaminario => required("a read-only role"),
        Vendor::Veeam => match section {
            veeam::JOBS => Right {
                name: "Portal Administrator",
                optional: true,
            },
            _ => required("Portal User"),
        },
    }
}

/// Whether a failure is one that least privileges bring about, so that the array counts as fine.
#[must_use]
pub fn is_expected(vendor: Vendor, section: Section, reason: Reason) -> bool {
    reason == Reason::Forbidden && needed(vendor, section).optional
}

fn needed_by_qumulo(section: Section) -> Right {
    required(match section {
        qumulo::REPLICATION_SOURCE => "PRIVILEGE_REPLICATION_SOURCE_READ",
        qumulo::REPLICATION_TARGET => "PRIVILEGE_REPLICATION_TARGET_READ",
        qumulo::REPLICATION_OBJECT => "PRIVILEGE_REPLICATION_OBJECT_READ",
        qumulo::RESTRIPER | qumulo::PROTECTION => "PRIVILEGE_CLUSTER_READ",
        // Identity and version are answered without credentials.
        _ => NONE,
    })
}

const fn required(name: &'static str) -> Right {
    Right { name, optional: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::kaminario;

    #[test]
    fn every_section_but_system_names_its_right() {
        // A section that is forgotten above would need none, which is true of Qumulo's `system` alone.
        let without: Vec<(Vendor, Section)> = Vendor::ALL
            .iter()
            .flat_map(|&vendor| sections_of(vendor))
            .filter(|&(vendor, section)| needed(vendor, section).name == NONE)
            .collect();
        assert_eq!(without, [(Vendor::Qumulo, Section::SYSTEM)]);
    }

    fn sections_of(vendor: Vendor) -> impl Iterator<Item = (Vendor, Section)> {
        vendor.sections().iter().map(move |&section| (vendor, section))
    }

    #[test]
    fn only_a_refusal_of_what_is_optional_is_expected() {
        assert!(is_expected(Vendor::Veeam, veeam::JOBS, Reason::Forbidden));
        assert!(!is_expected(Vendor::Veeam, veeam::JOBS, Reason::Timeout));
        assert!(!is_expected(Vendor::Veeam, veeam::TASKS, Reason::Forbidden));
        assert!(!is_expected(Vendor::Kaminario, kaminario::ROUNDS, Reason::Forbidden));
        assert!(!is_expected(Vendor::Qumulo, qumulo::RESTRIPER, Reason::Forbidden));
    }
}
