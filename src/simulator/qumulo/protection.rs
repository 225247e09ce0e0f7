//! A drive fails and the cluster restores protection: restriper phases and remaining fault tolerance as functions of time.
//! Schema-derived: no public recording shows a running restriper. Called by `world.rs`, shown by `wire.rs`.

use crate::{
    model::Timestamp,
    simulator::{device::Pace, scenario::DRIVE_FAILURE_PERIOD},
};

/// The phases after a failure, with their nominal seconds and whether data is at risk meanwhile.
const PHASES: &[(&str, f64, bool)] = &[
    ("PLANNING", 60.0, true),
    ("REPROTECT", 1200.0, true),
    ("REBALANCE", 1800.0, false),
];

/// When drives of a cluster fail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DriveFailures {
    /// The first; `None`: never.
    pub(crate) first: Option<Timestamp>,
    pub(crate) pace: Pace,
}

/// How protected the data is at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) restriper: Restriper,
    pub(crate) data_at_risk: bool,
}

/// What the restriper does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Restriper {
    NotStarted,
    Running {
        phase: &'static str,
        elapsed: f64,
        /// 0 to 1.
        progress: f64,
    },
    Finished,
}

impl DriveFailures {
    pub(crate) fn at(self, now: Timestamp) -> Condition {
        let since = self.first.map(|first| now.seconds_since(first));
        let Some(since) = since.filter(|since| *since >= 0.0) else {
            return Condition {
                restriper: Restriper::NotStarted,
                data_at_risk: false,
            };
        };
        let mut elapsed = since % self.pace.seconds(DRIVE_FAILURE_PERIOD);
        for &(phase, nominal, data_at_risk) in PHASES {
            let length = self.pace.seconds(nominal);
            if elapsed < length {
                let progress = elapsed / length;
                return Condition {
                    restriper: Restriper::Running {
                        phase,
                        elapsed,
                        progress,
                    },
                    data_at_risk,
                };
            }
            elapsed -= length;
        }
        Condition {
            restriper: Restriper::Finished,
            data_at_risk: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_at_risk_until_reprotected_and_no_longer() {
        let at = |seconds| Timestamp::from_unix_seconds(seconds).expect("a time");
        let failures = DriveFailures {
            first: Some(at(1000.0)),
            pace: Pace(2.0),
        };
        assert_eq!(failures.at(at(999.0)).restriper, Restriper::NotStarted);
        for (seconds, expected, at_risk) in [
            (1000.0, "PLANNING", true),
            (1030.0, "REPROTECT", true),
            (1629.0, "REPROTECT", true),
            (1630.0, "REBALANCE", false),
        ] {
            let condition = failures.at(at(seconds));
            assert!(
                matches!(condition.restriper, Restriper::Running { phase, .. } if phase == expected),
                "{seconds}: {condition:?}"
            );
            assert_eq!(condition.data_at_risk, at_risk, "{seconds}");
        }
        assert_eq!(failures.at(at(2530.0)).restriper, Restriper::Finished);
        let again = failures.at(at(1000.0 + DRIVE_FAILURE_PERIOD / 2.0));
        assert!(again.data_at_risk);
    }
}
