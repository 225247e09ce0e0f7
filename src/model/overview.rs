//! What the status page and `/api/v1/status` show, as the store hands it over. Plain data in the operator's words: no HTML,
//! no JSON.

use super::{Counts, Identity, Pair, Protection, Restriper, Timestamp, View};
use std::sync::Arc;

/// Every relationship and every array, worst first.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The moment that it describes.
    pub now: Timestamp,
    /// Each relationship once, with every array's view of it.
    pub relationships: Vec<Pair>,
    /// Each array.
    pub arrays: Vec<ArrayOverview>,
}

/// One array.
#[derive(Clone, Debug)]
pub struct ArrayOverview {
    /// The `array` label.
    pub name: Arc<str>,
    /// The `vendor` label.
    pub vendor: &'static str,
    /// As in `storage_array_up`.
    pub up: bool,
    /// Who it says that it is.
    pub identity: Identity,
    /// When it last gave anything besides its identity.
    pub last_heard: Option<Timestamp>,
    /// Its clock minus the exporter's, where that was read lately.
    pub clock_skew_seconds: Option<f64>,
    /// When the certificate that it last presented expires.
    pub certificate_expiry: Option<Timestamp>,
    /// Whether any certificate is accepted.
    pub verification_disabled: bool,
    /// How fresh its own copy of the facts is.
    pub data_timestamp: Option<Timestamp>,
    /// From the start of one poll to the start of the next.
    pub interval_seconds: f64,
    /// How long a reading may be shown.
    pub stale_after_seconds: f64,
    /// Ticks skipped because a poll was still running.
    pub overruns: u64,
    /// Log-ins sent, and those of them that failed.
    pub logins: (u64, u64),
    /// What became of each section.
    pub sections: Vec<SectionOverview>,
    /// Fault tolerance, where it was read lately.
    pub protection: Option<Protection>,
    /// The restriper, where it was read lately.
    pub restriper: Option<Restriper>,
}

/// One section of an array.
#[derive(Clone, Debug)]
pub struct SectionOverview {
    /// The `section` label.
    pub name: &'static str,
    /// Attempts so far.
    pub polls: u64,
    /// Those of them that failed.
    pub failures: u64,
    /// The last attempt; `None`: none has ended yet.
    pub last: Option<Attempt>,
    /// When it last succeeded.
    pub last_success: Option<Timestamp>,
    /// Whether what it then found may still be shown.
    pub fresh: bool,
}

/// One attempt of a section.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// How long it took.
    pub duration_seconds: f64,
    /// Why it failed, if it did: the `reason` label, and a sentence.
    pub error: Option<(&'static str, String)>,
}

impl Overview {
    /// Puts the sides of each relationship together, and the worst first.
    #[must_use]
    pub fn new(now: Timestamp, mut arrays: Vec<ArrayOverview>, views: Vec<View>) -> Self {
        arrays.sort_by(|a, b| {
            let failing = |array: &ArrayOverview| array.failing().count();
            let worse = a.up.cmp(&b.up).then_with(|| failing(b).cmp(&failing(a)));
            worse.then_with(|| a.name.cmp(&b.name))
        });
        Self {
            now,
            relationships: Pair::all(views, now),
            arrays,
        }
    }

    /// How many relationships stand how.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(self.relationships.iter().map(|pair| pair.standing))
    }

    /// How many arrays are down.
    #[must_use]
    pub fn arrays_down(&self) -> usize {
        self.arrays.iter().filter(|array| !array.up).count()
    }
}

impl ArrayOverview {
    /// The sections whose last attempt failed.
    pub fn failing(&self) -> impl Iterator<Item = &SectionOverview> {
        self.sections.iter().filter(|section| section.error().is_some())
    }
}

impl SectionOverview {
    /// Why the last attempt failed, if it did: the `reason` label, and a sentence.
    #[must_use]
    pub fn error(&self) -> Option<&(&'static str, String)> {
        self.last.as_ref()?.error.as_ref()
    }
}
