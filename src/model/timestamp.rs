//! A moment in time, as storage systems state it: UTC, to the nanosecond.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::{fmt, time::SystemTime};

/// A moment, UTC. Exposed as Unix seconds; never as an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Before everything.
    pub const MIN: Self = Self(jiff::Timestamp::MIN);

    /// From RFC 3339 text with a zone and 0 to 9 digits of fraction, such as `2025-04-22T15:10:00.00023319Z`.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// From Unix seconds. `None` for what is no moment: not finite, or out of the range of years.
    #[must_use]
    pub fn from_unix_seconds(seconds: f64) -> Option<Self> {
        let duration = SignedDuration::try_from_secs_f64(seconds).ok()?;
        jiff::Timestamp::from_duration(duration).ok().map(Self)
    }

    /// From the host's clock; a clock outside the representable years reads as the nearest end of them.
    pub(crate) fn from_system_time(time: SystemTime) -> Self {
        Self(jiff::Timestamp::try_from(time).unwrap_or(jiff::Timestamp::MAX))
    }

    /// Unix seconds, the unit of every exposed timestamp.
    #[must_use]
    pub fn unix_seconds(self) -> f64 {
        self.0.as_duration().as_secs_f64()
    }

    /// Seconds from `earlier` to `self`; negative if `earlier` is the later one.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.0.duration_since(earlier.0).as_secs_f64()
    }

    /// This moment moved by `seconds`, held within the representable years.
    #[must_use]
    pub fn plus_seconds(self, seconds: f64) -> Self {
        let moved = SignedDuration::try_from_secs_f64(seconds)
            .ok()
            .and_then(|duration| self.0.checked_add(duration).ok());
        Self(moved.unwrap_or(if seconds < 0.0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        }))
    }

    /// The moment for people: RFC 3339, UTC, whole seconds.
    #[must_use]
    pub fn to_rfc3339_seconds(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nanoseconds_of_rfc3339_survive() {
        let at = Timestamp::parse_rfc3339("2025-04-22T15:10:00.00023319Z").expect("a time");
        assert_eq!(at.to_string(), "2025-04-22T15:10:00.00023319Z");
        assert!((at.unix_seconds() - 1_745_334_600.000_233_2).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "yesterday",
            "2025-04-22",
            "2025-04-22T15:10:00",
            "2025-13-01T00:00:00Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text:?}");
        }
        for seconds in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(Timestamp::from_unix_seconds(seconds), None);
        }
    }

    #[test]
    fn a_difference_is_signed() {
        let early = Timestamp::from_unix_seconds(100.0).expect("a time");
        let late = early.plus_seconds(2.5);
        assert!((late.seconds_since(early) - 2.5).abs() < 1e-9);
        assert!((early.seconds_since(late) + 2.5).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_is_read_is_written_the_same(text in "\\PC{0,40}|[0-9]{1,6}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,20}(Z|[+-][0-9:]{0,6})") {
            if let Some(at) = Timestamp::parse_rfc3339(&text) {
                prop_assert_eq!(Timestamp::parse_rfc3339(&at.to_string()), Some(at));
            }
        }

        #[test]
        fn every_moment_is_read_back(nanoseconds in 0_i64..4_000_000_000_000_000_000) {
            let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
            let whole = Timestamp::from_unix_seconds(seconds as f64).expect("a time").to_string();
            let text = format!("{}.{rest:09}Z", whole.trim_end_matches('Z'));
            let at = Timestamp::parse_rfc3339(&text).expect("a time");
            prop_assert_eq!(Timestamp::parse_rfc3339(&at.to_string()), Some(at));
        }

        #[test]
        fn no_number_makes_it_panic(seconds in any::<f64>()) {
            if let Some(at) = Timestamp::from_unix_seconds(seconds) {
                prop_assert!(at.unix_seconds().is_finite());
            }
        }
    }
}
