//! Kaminario K2 / Silk arrays: REST v2, JSON, port 443.

use crate::model::Section;

/// The replication sessions; they decide which relationships exist.
pub const REPLICATION: Section = Section::new("replication");
/// The snapshots that were replicated last.
pub const RECOVERY_POINTS: Section = Section::new("recovery_points");
/// The history of replication rounds.
pub const ROUNDS: Section = Section::new("rounds");

/// Every section, sorted by name.
pub const SECTIONS: &[Section] = &[RECOVERY_POINTS, REPLICATION, ROUNDS, Section::SYSTEM];

/// The fields whose unknown values are counted, sorted.
pub const COUNTED_FIELDS: &[&str] = &["duplicate"];
