//! How long to leave an array alone after a poll. Pure; the poller supplies the count, the clock and the jitter.

use super::{Error, Poll, Reason};
use std::time::Duration;

/// After refused credentials: any faster risks locking the account.
pub const AUTH: Duration = Duration::from_mins(15);
/// The longest delay after any other failure, unless the interval is longer.
pub const CEILING: Duration = Duration::from_mins(5);
/// What an array that asks for patience gets if it does not say how much.
pub const THROTTLED: Duration = Duration::from_mins(1);
/// The least and most that an array can ask for.
pub const RETRY_AFTER: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(15));

/// What a poll's outcome means for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It got something; single failing sections do not slow it down.
    Fine,
    /// Nothing, and the credentials were refused.
    Auth,
    /// Nothing, and credentials that worked were answered with 401 once: they get one more try.
    Doubt,
    /// The array asked for patience, whatever else the poll got.
    Throttled(Option<Duration>),
    /// Nothing, for any other reason.
    Failed,
}

impl Verdict {
    /// Judges a poll.
    #[must_use]
    pub fn of(poll: &Poll) -> Self {
        let errors = || poll.sections.iter().filter_map(|outcome| outcome.result.as_ref().err());
        let throttled: Vec<&Error> = errors().filter(|error| error.reason == Reason::Throttled).collect();
        if !throttled.is_empty() {
            return Self::Throttled(throttled.iter().filter_map(|error| error.retry_after).max());
        }
        if poll.got_something() {
            Self::Fine
        } else if let Some(refused) = errors().find(|error| error.reason == Reason::Auth) {
            if refused.retry_after.is_some() {
                Self::Doubt
            } else {
                Self::Auth
            }
        } else if errors().next().is_some() {
            Self::Failed
        } else {
            Self::Fine
        }
    }
}

/// The delay from the start of a poll to the start of the next. `failures` counts the polls in a row that were not fine,
/// this one included; `jitter` is 0 to 1 and moves a delay that is no plain interval by up to 10 %.
#[must_use]
pub fn delay(failures: u32, verdict: Verdict, interval: Duration, jitter: f64) -> Duration {
    let wanted = match verdict {
        Verdict::Fine | Verdict::Doubt => return interval,
        // A log-in is refused at some moment of a poll, and may be tried again that long after it: not a second earlier.
        Verdict::Auth => AUTH.saturating_add(interval),
        // Who does not say how long is asked at the next tick, or readings would expire over one busy moment.
        Verdict::Throttled(None) if failures <= 2 => return interval,
        Verdict::Throttled(asked) => asked.unwrap_or(THROTTLED).clamp(RETRY_AFTER.0, RETRY_AFTER.1),
        // The first failure is retried at the next tick: most are a blip.
        Verdict::Failed if failures <= 1 => return interval,
        Verdict::Failed => interval
            .saturating_mul(1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX))
            .min(CEILING),
    };
    let jitter = if jitter.is_finite() {
        jitter.clamp(0.0, 1.0)
    } else {
        0.5
    };
    let factor = match verdict {
        Verdict::Failed => 0.9 + 0.2 * jitter,
        // Never earlier than the array asked, nor before a refused log-in may be tried again.
        _ => 1.0 + 0.1 * jitter,
    };
    // Jitter never makes a failing array cost more than a healthy one.
    wanted.max(interval).mul_f64(factor).max(interval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Section, SectionReport},
        source::SectionOutcome,
    };
    use proptest::prelude::*;

    const INTERVAL: Duration = Duration::from_secs(30);

    fn seconds(failures: u32, verdict: Verdict) -> f64 {
        let jitter = if verdict == Verdict::Failed { 0.5 } else { 0.0 };
        delay(failures, verdict, INTERVAL, jitter).as_secs_f64()
    }

    fn poll(results: Vec<Result<(), Error>>) -> Poll {
        Poll {
            sections: results
                .into_iter()
                .map(|result| SectionOutcome {
                    section: Section::new("replication"),
                    duration: Duration::ZERO,
                    result: result.map(|()| SectionReport::default()),
                })
                .collect(),
            certificate_expiry: None,
        }
    }

    #[test]
    fn the_first_failure_is_retried_at_the_next_tick_and_then_ever_more_slowly() {
        let delays: Vec<f64> = (1..=7).map(|failures| seconds(failures, Verdict::Failed)).collect();
        assert_eq!(delays, [30.0, 60.0, 120.0, 240.0, 300.0, 300.0, 300.0]);
        let hourly = delay(9, Verdict::Failed, Duration::from_hours(1), 0.5);
        assert_eq!(hourly, Duration::from_hours(1));
    }

    #[test]
    fn refused_credentials_wait_until_fifteen_minutes_after_the_poll() {
        assert!((seconds(1, Verdict::Auth) - 930.0).abs() < 1e-6);
        let refused = Error::new(Reason::Auth, "refused");
        let down = Error::new(Reason::Connect, "down");
        assert_eq!(
            Verdict::of(&poll(vec![Err(down.clone()), Err(refused.clone())])),
            Verdict::Auth
        );
        assert_eq!(Verdict::of(&poll(vec![Err(down)])), Verdict::Failed);
        let mut doubted = refused.clone();
        doubted.retry_after = Some(RETRY_AFTER.0);
        assert_eq!(Verdict::of(&poll(vec![Err(doubted)])), Verdict::Doubt);
        assert!(
            (seconds(1, Verdict::Doubt) - 30.0).abs() < 1e-6,
            "one more try at the next tick"
        );
        assert_eq!(Verdict::of(&poll(vec![Ok(()), Err(refused)])), Verdict::Fine);
    }

    #[test]
    fn an_array_that_asks_for_patience_gets_it_within_limits() {
        let delays: Vec<f64> = (1..=3)
            .map(|failures| seconds(failures, Verdict::Throttled(None)))
            .collect();
        assert_eq!(delays, [30.0, 30.0, 60.0], "readings live three intervals");
        assert!((seconds(1, Verdict::Throttled(Some(Duration::from_mins(2)))) - 120.0).abs() < 1e-6);
        assert!((seconds(1, Verdict::Throttled(Some(Duration::from_secs(1_000_000_000)))) - 900.0).abs() < 1e-6);
        let mut busy = Error::new(Reason::Throttled, "busy");
        busy.retry_after = Some(Duration::from_secs(7));
        let verdict = Verdict::of(&poll(vec![Ok(()), Err(busy)]));
        assert_eq!(verdict, Verdict::Throttled(Some(Duration::from_secs(7))));
    }

    proptest! {
        #[test]
        fn a_failing_array_never_costs_more_and_never_waits_for_ever(
            failures in 0_u32.., asked in proptest::option::of(0_u64..), interval in 1_u64..86_400,
            jitter in any::<f64>(), which in 0_u8..4,
        ) {
            let interval = Duration::from_secs(interval);
            let verdict = match which {
                0 => Verdict::Fine,
                1 => Verdict::Auth,
                2 => Verdict::Throttled(asked.map(Duration::from_secs)),
                _ => Verdict::Failed,
            };
            let delay = delay(failures, verdict, interval, jitter);
            prop_assert!(delay >= interval);
            prop_assert!(delay <= (interval + AUTH).mul_f64(1.1) + Duration::from_millis(1));
        }

        #[test]
        fn more_failures_never_mean_a_shorter_delay(failures in 0_u32..1000, jitter in 0.0..=1.0_f64) {
            let one = delay(failures, Verdict::Failed, INTERVAL, jitter);
            prop_assert!(one <= delay(failures + 1, Verdict::Failed, INTERVAL, jitter));
        }
    }
}
