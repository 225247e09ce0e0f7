//! What the status page and `/api/v1/status` show, as the store hands it over. Plain data in the operator's words: no HTML,
//! no JSON.

use super::{Counts, Identity, Notice, Pair, Protection, Restriper, RestriperState, Standing, Timestamp, View, notice};
use serde::Serialize;
use std::{collections::BTreeSet, sync::Arc};

/// What an overview is asked to cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// These arrays, with both sides of every relationship that one of them sees.
    Arrays(BTreeSet<String>),
    /// The relationship with this `pair`, and the arrays that see it.
    Pair(String),
}

/// Every relationship and every array, worst first.
#[derive(Clone, Debug)]
pub struct Overview {
    /// The moment that it describes.
    pub now: Timestamp,
    /// Each relationship once, with every array's view of it.
    pub relationships: Vec<Pair>,
    /// Each array.
    pub arrays: Vec<ArrayOverview>,
    /// What needs a person, besides relationships: the most urgent first.
    pub notices: Vec<Notice>,
}

/// How many of what there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Relationships, each once, however many arrays see it.
    pub relationships: usize,
    /// How many stand how.
    #[serde(flatten)]
    pub standing: Counts,
    /// Arrays.
    pub arrays: usize,
    /// Those that are down.
    pub arrays_down: usize,
    /// Those that last said that data is at risk.
    pub arrays_at_risk: usize,
    /// Those that are up and have a section that fails.
    pub arrays_with_failing_sections: usize,
}

/// One array.
#[derive(Clone, Debug, Serialize)]
pub struct ArrayOverview {
    /// The `array` label.
    #[serde(rename = "array")]
    pub name: Arc<str>,
    /// The `vendor` label.
    pub vendor: &'static str,
    /// As in `storage_array_up`.
    pub up: bool,
    /// Who it says that it is.
    pub system: Identity,
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
    /// Log-ins sent.
    pub logins: u64,
    /// Those of them that failed.
    pub login_failures: u64,
    /// What became of each section.
    pub sections: Vec<SectionOverview>,
    /// Fault tolerance, where it was read lately.
    pub protection: Option<Protection>,
    /// The restriper, where it was read lately.
    pub restriper: Option<Restriper>,
    /// Since when it says that data is at risk; its last word counts.
    pub data_at_risk_since: Option<Timestamp>,
    /// The objects that nothing replicates, where that was read lately.
    pub unreplicated_objects: Option<Vec<String>>,
}

/// One section of an array.
#[derive(Clone, Debug, Serialize)]
pub struct SectionOverview {
    /// The `section` label.
    #[serde(rename = "section")]
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
#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// How long it took.
    pub duration_seconds: f64,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
}

/// Why an attempt failed, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The `reason` label.
    pub reason: &'static str,
    /// What happened, in a sentence.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether this is how it is for a user with the least rights: nothing is wrong.
    pub expected: bool,
}

impl Overview {
    /// Puts the sides of each relationship together, and the worst first.
    #[must_use]
    pub fn new(now: Timestamp, mut arrays: Vec<ArrayOverview>, views: Vec<View>) -> Self {
        arrays.sort_by(|a, b| {
            let trouble = |array: &ArrayOverview| (!array.at_risk(), array.up, array.failing().next().is_none());
            trouble(a).cmp(&trouble(b)).then_with(|| a.name.cmp(&b.name))
        });
        Self {
            now,
            notices: notice::all(&arrays, &views),
            relationships: Pair::all(views, now),
            arrays,
        }
    }

    /// With what the exporter has to say of itself.
    #[must_use]
    pub fn with_own_notices(mut self, own: impl IntoIterator<Item = Notice>) -> Self {
        self.notices.extend(own);
        self.notices.sort_by(Notice::most_urgent_first);
        self
    }

    /// How many there are of what, with those relationships that `wanted` lets through.
    #[must_use]
    pub fn totals(&self, wanted: impl Fn(&Pair) -> bool) -> Totals {
        let arrays = |wanted: fn(&ArrayOverview) -> bool| self.arrays.iter().filter(|array| wanted(array)).count();
        let standings = self.relationships.iter().filter(|pair| wanted(pair));
        let standings: Vec<Standing> = standings.map(|pair| pair.standing).collect();
        Totals {
            relationships: standings.len(),
            standing: Counts::of(standings.into_iter()),
            arrays: self.arrays.len(),
            arrays_down: arrays(|array| !array.up),
            arrays_at_risk: arrays(ArrayOverview::at_risk),
            arrays_with_failing_sections: arrays(|array| array.up && array.failing().next().is_some()),
        }
    }
}

impl ArrayOverview {
    /// The sections whose last attempt failed, and should not have.
    pub fn failing(&self) -> impl Iterator<Item = &SectionOverview> {
        let fails = |section: &&SectionOverview| section.failure().is_some_and(|failure| !failure.expected);
        self.sections.iter().filter(fails)
    }

    /// Whether its last word is that data is at risk.
    #[must_use]
    pub fn at_risk(&self) -> bool {
        self.data_at_risk_since.is_some()
    }

    /// Whether the restriper stopped with required work undone.
    #[must_use]
    pub fn blocked(&self) -> bool {
        let restriper = self.restriper.as_ref();
        restriper.is_some_and(|restriper| restriper.state == RestriperState::Blocked)
    }
}

impl SectionOverview {
    /// Why the last attempt failed, if it did.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        self.last.as_ref()?.failure.as_ref()
    }
}
