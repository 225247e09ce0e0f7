//! When lag did not count, as far as the exporter saw, and what is left of the lag without it: the counted lag. Pure;
//! the facts of a relationship hold it. Moments are by the clock that stamps its recovery points.

use super::{Clocks, Exemption, RelationshipFacts, Timestamp};
use serde::{Deserialize, Serialize};

/// The most spans that are kept apart. A recovery point that is older than more of them has a greater problem.
const MOST_SPANS: usize = 8;

/// The spans of time in which something exempted a relationship, oldest first, as far as a recovery point is older.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExemptTime {
    /// From, to.
    ended: Vec<(Timestamp, Timestamp)>,
    /// Since when it is exempt.
    since: Option<Timestamp>,
}

impl ExemptTime {
    fn begin(&mut self, at: Timestamp) {
        self.since.get_or_insert(at);
    }

    fn end(&mut self, at: Timestamp) {
        let Some(since) = self.since.take() else { return };
        self.ended.push((since, at.max(since)));
        if self.ended.len() > MOST_SPANS {
            let (from, to) = self.ended.remove(0);
            // What is older than all of them has the same exempt time as before.
            let (next, _) = &mut self.ended[0];
            *next = next.plus_seconds(-to.seconds_since(from));
        }
    }

    /// What ended before the recovery point was made has no part in its lag.
    fn forget_before(&mut self, recovery_point: Timestamp) {
        self.ended.retain(|(_, to)| *to > recovery_point);
    }

    /// How much of the time from `from` to `to` was exempt, if the present exemption ended at `end`.
    fn seconds_within(&self, from: Timestamp, to: Timestamp, end: Timestamp) -> f64 {
        let present = self.since.map(|since| (since, end));
        let spans = self.ended.iter().copied().chain(present);
        spans
            .map(|(begin, end)| end.min(to).seconds_since(begin.max(from)).max(0.0))
            .sum()
    }
}

impl RelationshipFacts {
    /// Why its lag does not count; a blackout lapses at its end, also while the array is away.
    #[must_use]
    pub fn exemption_at(&self, clocks: Clocks) -> Exemption {
        match self.exemption {
            Exemption::None if self.blackout_until.is_some_and(|until| clocks.source < until) => Exemption::Blackout,
            exemption => exemption,
        }
    }

    /// The part of the lag that is held against the objective: that in which it was not exempt, up to the last reading of
    /// the recovery point, at most one interval ago: a newer one cannot be known.
    #[must_use]
    pub fn counted_lag_seconds(&self, clocks: Clocks, interval_seconds: f64) -> Option<f64> {
        let from = self.recovery_point.timestamp()?;
        let unread = self
            .recovery_point_read
            .map_or(0.0, |read| clocks.here.seconds_since(read).clamp(0.0, interval_seconds));
        let to = clocks.source.plus_seconds(-unread);
        let lag = to.seconds_since(from).max(0.0);
        let exempt = self.exempt_time.seconds_within(from, to, self.exempt_until(clocks));
        Some((lag - exempt).max(0.0))
    }

    /// The end of the present exemption, as far as it is one.
    fn exempt_until(&self, clocks: Clocks) -> Timestamp {
        match (self.exemption, self.blackout_until) {
            (Exemption::None, Some(until)) => until.min(clocks.source),
            _ => clocks.source,
        }
    }

    /// Another exemption counts from now on. What was exempt before was so until now, but a blackout only until its end.
    pub(super) fn exempt(&mut self, exemption: Exemption, blackout_until: Option<Timestamp>, clocks: Clocks) {
        if !self.exemption_at(clocks).is_exempt() {
            self.exempt_time.end(self.exempt_until(clocks));
        }
        self.exemption = exemption;
        self.blackout_until = blackout_until;
        if self.exemption_at(clocks).is_exempt() {
            // Nobody saw when it began: before first sight nothing is held against it.
            let first_sight = self.health.is_none();
            self.exempt_time
                .begin(if first_sight { Timestamp::MIN } else { clocks.source });
        } else {
            self.exempt_time.end(clocks.source);
        }
        if let Some(recovery_point) = self.recovery_point.timestamp() {
            self.exempt_time.forget_before(recovery_point);
        }
    }
}

impl Exemption {
    fn is_exempt(self) -> bool {
        self != Self::None
    }
}

#[cfg(test)]
#[path = "exempt_time_tests.rs"]
mod tests;
