//! Qumulo Core clusters: REST, JSON, port 8000.

use crate::model::Section;

/// Where this cluster is the source.
pub const REPLICATION_SOURCE: Section = Section::new("replication_source");
/// Where this cluster is the target.
pub const REPLICATION_TARGET: Section = Section::new("replication_target");
/// The restriper and data at risk.
pub const RESTRIPER: Section = Section::new("restriper");
/// Fault tolerance.
pub const PROTECTION: Section = Section::new("protection");

/// Every section, sorted by name.
pub const SECTIONS: &[Section] = &[
    PROTECTION,
    REPLICATION_SOURCE,
    REPLICATION_TARGET,
    RESTRIPER,
    Section::SYSTEM,
];

/// The fields whose unknown values are counted, sorted.
pub const COUNTED_FIELDS: &[&str] = &["duplicate"];
