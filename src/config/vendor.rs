//! The list of vendors: what each is called in the configuration, which sections it has, and what its defaults are.

use crate::{
    model::Section,
    source::{kaminario, qumulo, veeam},
};
use std::time::Duration;

/// Which API an array speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Vendor {
    /// Qumulo Core.
    Qumulo,
    /// Kaminario K2 / Silk.
    Kaminario,
    /// Veeam Backup Enterprise Manager.
    Veeam,
}

impl Vendor {
    /// Every vendor.
    pub const ALL: &'static [Self] = &[Self::Qumulo, Self::Kaminario, Self::Veeam];

    /// The `vendor` label, and the name of the configuration's section.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Qumulo => "qumulo",
            Self::Kaminario => "kaminario",
            Self::Veeam => "veeam",
        }
    }

    /// Every section of a poll, `system` among them, sorted by name.
    #[must_use]
    pub fn sections(self) -> &'static [Section] {
        match self {
            Self::Qumulo => qumulo::SECTIONS,
            Self::Kaminario => kaminario::SECTIONS,
            Self::Veeam => veeam::SECTIONS,
        }
    }

    /// The fields whose unknown values are counted, sorted; each counter starts at 0.
    #[must_use]
    pub fn counted_fields(self) -> &'static [&'static str] {
        match self {
            Self::Qumulo => qumulo::COUNTED_FIELDS,
            Self::Kaminario => kaminario::COUNTED_FIELDS,
            Self::Veeam => veeam::COUNTED_FIELDS,
        }
    }

    /// `interval` where nothing says otherwise.
    #[must_use]
    pub fn default_interval(self) -> Duration {
        match self {
            Self::Qumulo | Self::Kaminario => Duration::from_secs(30),
            Self::Veeam => Duration::from_mins(2),
        }
    }

    /// `timeout` where nothing says otherwise.
    #[must_use]
    pub fn default_timeout(self) -> Duration {
        match self {
            Self::Qumulo | Self::Kaminario => Duration::from_secs(10),
            Self::Veeam => Duration::from_mins(1),
        }
    }
}
