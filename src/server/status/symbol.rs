//! Signs that say the same as the colours.

use crate::model::{Concern, Standing};

/// The sign of a standing.
pub(super) fn of(standing: Standing) -> &'static str {
    match standing {
        Standing::NoCopy => "✕",
        Standing::Behind => "▲",
        Standing::Failing => "!",
        Standing::Unknown => "?",
        Standing::Unjudged => "–",
        Standing::Stopped => "■",
        Standing::Protected => "✓",
    }
}

/// The sign of what a notice is about, and its short name.
pub(super) fn of_notice(about: Concern) -> (&'static str, &'static str) {
    match about {
        Concern::DataAtRisk => ("◆", "at risk"),
        Concern::ArrayDown => ("✕", "down"),
        Concern::RestriperBlocked => ("■", "blocked"),
        Concern::LogInRefused => ("✕", "log-in refused"),
        Concern::SectionFailing => ("!", "failing"),
        Concern::ClockWrong => ("≠", "wrong clock"),
        Concern::Configuration => ("i", "check settings"),
    }
}
