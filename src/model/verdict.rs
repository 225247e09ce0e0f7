//! The verdict on one view of a relationship: which of five classes it is in, and the sentence that says why, with the
//! numbers. Pure; `pairing` asks it for every view.

use super::{
    Exemption, Health, JobResult, RecoveryPoint, Span, Timestamp, View,
    protection::words,
    span::{minute, moment},
};

words! {
    /// How a relationship stands, worst first.
    Standing {
        /// The array reports a failure.
        Broken = "broken",
        /// The recovery point is older than the objective and nothing excuses it, or there is no first copy yet.
        Behind = "behind",
        /// Nobody has said for a while, or nobody says anything that the exporter understands.
        Unknown = "unknown",
        /// No copy is made at present, by decision or between two states: failed over, pending, paused, ended, transition.
        Stopped = "stopped",
        /// It works, and its recovery point is within the objective if there is one.
        Fine = "fine",
    }
}

/// How many relationships stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "one field per Standing, which says what it means")]
pub struct Counts {
    pub broken: usize,
    pub behind: usize,
    pub unknown: usize,
    pub stopped: usize,
    pub fine: usize,
}

impl Counts {
    /// Counts.
    #[must_use]
    pub fn of(standings: impl Iterator<Item = Standing>) -> Self {
        let mut counts = Self::default();
        for standing in standings {
            *match standing {
                Standing::Broken => &mut counts.broken,
                Standing::Behind => &mut counts.behind,
                Standing::Unknown => &mut counts.unknown,
                Standing::Stopped => &mut counts.stopped,
                Standing::Fine => &mut counts.fine,
            } += 1;
        }
        counts
    }

    /// How many stand so.
    #[must_use]
    pub fn get(&self, standing: Standing) -> usize {
        match standing {
            Standing::Broken => self.broken,
            Standing::Behind => self.behind,
            Standing::Unknown => self.unknown,
            Standing::Stopped => self.stopped,
            Standing::Fine => self.fine,
        }
    }
}

impl View {
    /// How the relationship stands, as this array sees it. A recovery point that is too old is a fact: it is behind also
    /// while its array says nothing.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.health() {
            Some(Health::Failed) => Standing::Broken,
            _ if self.breached() => Standing::Behind,
            Some(Health::Initializing) => Standing::Behind,
            None | Some(Health::Unknown) => Standing::Unknown,
            Some(Health::Ended | Health::FailedOver | Health::Pending | Health::Paused | Health::Transition) => {
                Standing::Stopped
            }
            Some(Health::Ok) => Standing::Fine,
        }
    }

    /// Why it stands so, in one sentence with the numbers.
    #[must_use]
    pub fn why(&self, now: Timestamp) -> String {
        let parts = [
            self.plight(now),
            Some(self.what_the_target_holds(now)),
            Some(self.objective(now)),
            self.work(now),
            self.queue(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    /// What is wrong besides lag.
    fn plight(&self, now: Timestamp) -> Option<String> {
        let Some(health) = self.health() else {
            return Some(self.silence(now));
        };
        let text = match health {
            Health::Ok => return None,
            Health::Failed if self.lasting.last_job.result == Some(JobResult::Failed) => "the last job failed",
            Health::Failed => "the array reports a failure",
            Health::FailedOver => "failed over: the target is writable and nothing is protected",
            Health::Pending => "not accepted on the target yet",
            Health::Transition => "between two states",
            Health::Paused => "replication is switched off",
            Health::Ended => "ended on the other side: this is a remnant",
            Health::Initializing => "the first copy is not complete",
            Health::Unknown if self.lasting.recovery_point == RecoveryPoint::Unknown => {
                "the array has not said what the target holds"
            }
            Health::Unknown => "the array's word for the state is not known to the exporter",
        };
        Some(text.to_owned())
    }

    fn silence(&self, now: Timestamp) -> String {
        let array = &self.array;
        let last = self.lasting.health.map(|(health, _)| health.word());
        match (self.read_at, last) {
            (Some(at), Some(last)) => format!(
                "{array} last said how it does at {}, {} ago ({last} then), so its state is not known now",
                moment(at, now),
                age(at, now),
            ),
            (Some(at), None) => format!("{array} has not said how it does, last heard at {}", moment(at, now)),
            (None, Some(last)) => {
                format!("{array} has not said how it does since the exporter started ({last} before)")
            }
            (None, None) => format!("{array} has not said yet how it does"),
        }
    }

    fn what_the_target_holds(&self, now: Timestamp) -> String {
        match (self.lasting.recovery_point, self.lasting.lag_seconds) {
            (RecoveryPoint::At(at), Some(lag)) => {
                format!("recovery point {} is {} old", moment(at, now), Span::from_seconds(lag))
            }
            (RecoveryPoint::At(at), None) => format!("recovery point {}", moment(at, now)),
            (RecoveryPoint::Never, _) => "the target holds no recovery point".to_owned(),
            (RecoveryPoint::Unknown, _) => "no recovery point is known".to_owned(),
        }
    }

    fn objective(&self, now: Timestamp) -> String {
        let facts = &self.lasting;
        let Some(objective) = facts.objective_seconds else {
            return "no objective is set".to_owned();
        };
        let objective = format!("objective {}", Span::from_seconds(objective));
        let excuse = match facts.exemption {
            Exemption::None => return objective,
            Exemption::Ended => "it has ended".to_owned(),
            Exemption::FailedOver => "it is failed over".to_owned(),
            Exemption::Pending => "it is pending".to_owned(),
            Exemption::Paused => "it is paused".to_owned(),
            Exemption::Blackout => match facts.blackout_until {
                Some(until) => format!("it is in a blackout until {}", moment(until, now)),
                None => "it is in a blackout".to_owned(),
            },
        };
        format!("{objective}, which does not count while {excuse}")
    }

    /// The running job, and where it takes the lag.
    fn work(&self, now: Timestamp) -> Option<String> {
        let Some(job) = self.job() else {
            let idle = self.present.as_ref()?.readings.job_running == Some(false);
            return (idle && self.standing() <= Standing::Behind).then(|| "no job is running".to_owned());
        };
        let since = job.start.map(|start| format!(" since {}", minute(start, now)));
        let progress = job
            .progress
            .map(|done| format!(", {:.0} %", (done.get() * 100.0).floor()));
        let left = job
            .remaining_seconds
            .map(|left| format!(", about {} left", Span::from_seconds(left)));
        let counts = self.lasting.exemption == Exemption::None;
        let peak = self.lasting.lag_seconds.filter(|_| counts).zip(job.remaining_seconds);
        let peak = peak.map(|(lag, left)| format!(", so lag will peak near {}", Span::from_seconds(lag + left)));
        let parts = [since, progress, left, peak].into_iter().flatten();
        Some(format!("job running{}", parts.collect::<String>()))
    }

    fn queue(&self) -> Option<String> {
        match self.present.as_ref()?.readings.queued_snapshots? {
            0 => None,
            1 => Some("1 snapshot waits".to_owned()),
            count => Some(format!("{count} snapshots wait")),
        }
    }
}

fn age(at: Timestamp, now: Timestamp) -> Span {
    Span::from_seconds(now.seconds_since(at))
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
pub(crate) mod tests;
