//! A section: one part of what a poll reads, which succeeds or fails by itself.

use serde::Serialize;
use std::fmt;

/// The name of a section, such as `replication_source`; each vendor's folder defines its own. Sections sort by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Section(&'static str);

impl Section {
    /// Identity, version and clock. Every vendor has it, and by itself it does not make an array "up".
    pub const SYSTEM: Self = Self::new("system");

    /// A section by its name in metrics and configuration.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name, as in the `section` label.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
