//! The one verdict: how a relationship stands, from its facts and the clock. Page, JSON, `once`, log, alerts and dashboards
//! show it; nobody else decides. How two sides are put together is in `pairing`.

use super::{Clocks, Exemption, Health, JobResult, RecoveryPoint, RelationshipFacts, Terms, words};
use serde::{Serialize, Serializer};

words! {
    /// How a relationship stands, worst first.
    Standing {
        /// The array says that there is no recovery point.
        NoCopy = "no_copy",
        /// The counted lag is over the objective.
        Behind = "behind",
        /// The last health reported is failed, or the last finished job failed.
        Failing = "failing",
        /// What the target holds, or how it does, is not known.
        Unknown = "unknown",
        /// There is no objective to hold it against.
        Unjudged = "unjudged",
        /// No copy is made, by decision: ended, failed over, pending or paused.
        Stopped = "stopped",
        /// It works, within its objective.
        Protected = "protected",
    }
}

impl RelationshipFacts {
    /// How it stands: the first row that applies.
    #[must_use]
    pub fn standing_at(&self, clocks: Clocks, terms: Terms<'_>) -> Standing {
        let objective = self.objective_seconds(terms.objective);
        if self.description.mode.runs_once() && objective.is_none() {
            return self.standing_of_a_copy_that_runs_once();
        }
        let counted = self.counted_lag_seconds(clocks, terms.interval_seconds);
        let health = self.health.map_or(Health::Unknown, |(health, _)| health);
        if self.exemption_at(clocks).is_a_stop() {
            Standing::Stopped
        } else if self.recovery_point == RecoveryPoint::Never {
            Standing::NoCopy
        } else if matches!((counted, objective), (Some(counted), Some(objective)) if counted > objective) {
            Standing::Behind
        } else if health == Health::Failed || self.last_job.result == Some(JobResult::Failed) {
            Standing::Failing
        } else if self.recovery_point == RecoveryPoint::Unknown
            || self.recovery_point_in_future.is_some()
            || health == Health::Unknown
        {
            Standing::Unknown
        } else if objective.is_none() {
            Standing::Unjudged
        } else {
            Standing::Protected
        }
    }

    /// Its age says nothing: it is as good as its last run.
    fn standing_of_a_copy_that_runs_once(&self) -> Standing {
        match self.last_job.result {
            Some(JobResult::Success | JobResult::Warning) => Standing::Protected,
            Some(JobResult::Failed) => Standing::Failing,
            Some(JobResult::Unknown) => Standing::Unknown,
            None | Some(JobResult::None) => Standing::Unjudged,
        }
    }
}

impl Exemption {
    /// Whether no copy is made, by decision. A blackout is none: it ends by itself.
    #[must_use]
    pub fn is_a_stop(self) -> bool {
        !matches!(self, Self::Blackout | Self::None)
    }
}

/// How many relationships stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; Standing::ALL.len()]);

impl Counts {
    /// Counts.
    #[must_use]
    pub fn of(standings: impl Iterator<Item = Standing>) -> Self {
        let mut counts = Self::default();
        for standing in standings {
            counts.0[standing as usize] += 1;
        }
        counts
    }

    /// How many stand so.
    #[must_use]
    pub fn get(&self, standing: Standing) -> usize {
        self.0[standing as usize]
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counts = Standing::ALL
            .iter()
            .map(|standing| (standing.word(), self.get(*standing)));
        serializer.collect_map(counts)
    }
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
