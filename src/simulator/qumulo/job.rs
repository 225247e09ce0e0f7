//! A running replication job and what it would report at a given moment. Pure arithmetic; made by `relationship.rs`, shown
//! by `wire.rs`.

use super::{plan::Plan, relationship::Snapshot};
use crate::{model::Timestamp, simulator::dice::Dice};

/// A running job.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) start: Timestamp,
    /// In seconds.
    pub(crate) length: f64,
    pub(crate) snapshot: Snapshot,
    /// The message it will end with, if it is going to fail.
    pub(crate) error: Option<String>,
    bytes: Share,
    files: Share,
}

/// What a job has to go through.
#[derive(Clone, Copy, Debug)]
struct Share {
    total: u64,
    /// How much of it did not change.
    unchanged: f64,
    deleted: u64,
}

/// Counts of bytes or files at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) transferred: u64,
    pub(crate) unchanged: u64,
    pub(crate) remaining: u64,
    pub(crate) deleted: u64,
    pub(crate) total: u64,
}

impl Job {
    /// The job number `number` of all, which is the `first` of its relationship or not.
    pub(crate) fn new(plan: &Plan, first: bool, start: Timestamp, snapshot: Snapshot, dice: Dice, number: u64) -> Self {
        let nominal = if first {
            plan.first_job_seconds
        } else {
            plan.job_seconds
        };
        let error = plan.fails_until.is_some_and(|until| start < until).then(|| {
            // Real messages name paths and users, which is why none may become a label.
            "/flaky/users/jdoe/report \"final\".docx cannot be replicated because it belongs to local user jdoe."
                .to_owned()
        });
        let unchanged = if first { 0.0 } else { 0.9 };
        let size = dice.between(0.9, 1.1, "job size", number);
        let deleted = if first { 0.0 } else { 0.002 };
        let share = |total: u64| Share {
            total: scale(total, size),
            unchanged,
            deleted: scale(total, deleted),
        };
        Self {
            start,
            length: nominal * dice.between(0.8, 1.2, "job length", number),
            snapshot,
            error,
            bytes: share(plan.bytes),
            files: share(plan.files),
        }
    }

    /// When it ends, if nothing stops it.
    pub(crate) fn end(&self) -> Timestamp {
        self.start.plus_seconds(self.length)
    }

    /// How far it is at `now`, 0 to 1.
    pub(crate) fn progress(&self, now: Timestamp) -> f64 {
        (now.seconds_since(self.start) / self.length).clamp(0.0, 1.0)
    }

    pub(crate) fn bytes(&self, now: Timestamp) -> Amounts {
        self.bytes.at(self.progress(now))
    }

    pub(crate) fn files(&self, now: Timestamp) -> Amounts {
        self.files.at(self.progress(now))
    }
}

impl Share {
    fn at(self, progress: f64) -> Amounts {
        let processed = scale(self.total, progress);
        let unchanged = scale(processed, self.unchanged);
        Amounts {
            transferred: processed - unchanged,
            unchanged,
            remaining: self.total - processed,
            deleted: scale(self.deleted, progress),
            total: self.total,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "amounts are far below 2^53 and factors are not negative"
)]
fn scale(amount: u64, factor: f64) -> u64 {
    (amount as f64 * factor) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_and_what_remains_add_up_to_the_total() {
        let start = Timestamp::from_unix_seconds(0.0).expect("a time");
        let snapshot = Snapshot {
            id: 1,
            taken: start,
            by_policy: false,
        };
        let job = Job::new(&Plan::continuous(), false, start, snapshot, Dice::new(1), 1);
        for percent in 0..=100 {
            let now = start.plus_seconds(job.length * f64::from(percent) / 100.0);
            for amounts in [job.bytes(now), job.files(now)] {
                let sum = amounts.transferred + amounts.unchanged + amounts.remaining;
                assert_eq!(sum, amounts.total, "{percent} %");
            }
        }
        // To the nanosecond, a moment after its end.
        assert_eq!(job.bytes(job.end().plus_seconds(1e-6)).remaining, 0);
    }
}
