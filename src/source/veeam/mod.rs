//! Veeam Backup Enterprise Manager: REST, XML, port 9398.

use crate::model::Section;

/// Replica task sessions, one per VM and run.
pub const TASKS: Section = Section::new("tasks");
/// Replica job sessions.
pub const SESSIONS: Section = Section::new("sessions");
/// The replica points of every VM.
pub const RECOVERY_POINTS: Section = Section::new("recovery_points");
/// The jobs themselves, where the role may read them.
pub const JOBS: Section = Section::new("jobs");

/// Every section, sorted by name.
pub const SECTIONS: &[Section] = &[JOBS, RECOVERY_POINTS, SESSIONS, Section::SYSTEM, TASKS];

/// The fields whose unknown values are counted, sorted.
pub const COUNTED_FIELDS: &[&str] = &["duplicate"];
