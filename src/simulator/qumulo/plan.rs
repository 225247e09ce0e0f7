//! How a simulated relationship is meant to behave: its schedule and the size of its jobs. Data and arithmetic on time;
//! seconds are real ones. Made by `cast.rs`, read by `relationship.rs` and `job.rs`.

use crate::model::Timestamp;

/// The plan of one relationship.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// Whether a new job starts when the last one ended.
    pub(crate) continuous: bool,
    /// Pause between two continuous jobs.
    pub(crate) gap_seconds: f64,
    /// From one policy snapshot to the next, where a policy is linked.
    pub(crate) policy_seconds: Option<f64>,
    /// Length of a job, more or less.
    pub(crate) job_seconds: f64,
    /// Length of the first job.
    pub(crate) first_job_seconds: f64,
    /// Size of the tree.
    pub(crate) bytes: u64,
    pub(crate) files: u64,
    /// Jobs that start before fail.
    pub(crate) fails_until: Option<Timestamp>,
    pub(crate) blackout: Option<Blackout>,
}

/// Recurring periods in which no job starts; a running one runs on.
#[derive(Clone, Debug)]
pub(crate) struct Blackout {
    pub(crate) first: Timestamp,
    pub(crate) length: f64,
    pub(crate) period: f64,
}

impl Plan {
    /// Continuous replication of a tree of middling size.
    pub(crate) fn continuous() -> Self {
        Self {
            continuous: true,
            gap_seconds: 60.0,
            policy_seconds: None,
            job_seconds: 240.0,
            first_job_seconds: 240.0,
            bytes: 3 << 40,
            files: 2_400_000,
            fails_until: None,
            blackout: None,
        }
    }

    /// Only the snapshots of a policy that fires every `seconds`.
    pub(crate) fn policy(seconds: f64) -> Self {
        Self {
            continuous: false,
            policy_seconds: Some(seconds),
            ..Self::continuous()
        }
    }

    /// The vendor's word for the mode.
    pub(crate) fn mode(&self) -> &'static str {
        match (self.continuous, self.policy_seconds) {
            (_, None) => "REPLICATION_CONTINUOUS",
            (false, Some(_)) => "REPLICATION_SNAPSHOT_POLICY",
            (true, Some(_)) => "REPLICATION_SNAPSHOT_POLICY_WITH_CONTINUOUS",
        }
    }
}

impl Blackout {
    /// When the window that holds `at` ends, if one does.
    pub(crate) fn end_if_within(&self, at: Timestamp) -> Option<Timestamp> {
        let start = self.latest_start(at);
        let into = at.seconds_since(start);
        (0.0..self.length)
            .contains(&into)
            .then(|| start.plus_seconds(self.length))
    }

    /// The start of the window that holds `at`, or of the last one before.
    pub(crate) fn latest_start(&self, at: Timestamp) -> Timestamp {
        let periods = (at.seconds_since(self.first) / self.period).floor();
        self.first.plus_seconds(periods * self.period)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_recurs_and_its_end_is_outside() {
        let at = |seconds| Timestamp::from_unix_seconds(seconds).expect("a time");
        let blackout = Blackout {
            first: at(1000.0),
            length: 100.0,
            period: 1000.0,
        };
        assert_eq!(blackout.end_if_within(at(1050.0)), Some(at(1100.0)));
        assert_eq!(blackout.end_if_within(at(1100.0)), None);
        assert_eq!(blackout.end_if_within(at(7000.0)), Some(at(7100.0)));
        assert_eq!(blackout.end_if_within(at(50.0)), Some(at(100.0)));
    }
}
