//! Spans of time and moments in words for people: `1 h 52 m`, `14:02:11Z`. Metrics never use them; they have seconds.

use super::Timestamp;
use std::fmt;

/// A span of time, shown in its two greatest units, rounded down; the second one only where it is not zero.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Span(f64);

impl Span {
    /// From seconds; what is negative or no number reads as nothing.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Self {
        Self(seconds.max(0.0))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast from f64 saturates, and a span is never negative"
        )]
        let seconds = self.0 as u64;
        for pair in UNITS.windows(2) {
            let [(large, large_name), (small, small_name)] = *pair else {
                continue;
            };
            if seconds >= large {
                write!(f, "{} {large_name}", seconds / large)?;
                let rest = seconds % large / small;
                return if rest > 0 {
                    write!(f, " {rest} {small_name}")
                } else {
                    Ok(())
                };
            }
        }
        write!(f, "{seconds} s")
    }
}

/// A moment for people: the time of day, with the date unless it is today's (UTC).
pub(crate) fn moment(at: Timestamp, now: Timestamp) -> String {
    written(&at.to_rfc3339_seconds(), now, str::to_owned)
}

/// The same without seconds: a start that a person looks up.
pub(crate) fn minute(at: Timestamp, now: Timestamp) -> String {
    written(&at.to_rfc3339_seconds(), now, |time| {
        time.get(..5)
            .map_or_else(|| time.to_owned(), |minute| format!("{minute}Z"))
    })
}

fn written(text: &str, now: Timestamp, shorten: impl Fn(&str) -> String) -> String {
    let today = now.to_rfc3339_seconds();
    match (text.split_once('T'), today.split_once('T')) {
        (Some((date, time)), Some((today, _))) if date == today => shorten(time),
        (Some((date, time)), _) => format!("{date} {}", shorten(time)),
        (None, _) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_its_two_greatest_units() {
        for (seconds, words) in [
            (0.0, "0 s"),
            (59.9, "59 s"),
            (60.0, "1 m"),
            (61.0, "1 m 1 s"),
            (3600.0, "1 h"),
            (6720.0, "1 h 52 m"),
            (90_000.0, "1 d 1 h"),
            (86_400.0 * 400.0, "400 d"),
        ] {
            assert_eq!(Span::from_seconds(seconds).to_string(), words);
        }
    }

    #[test]
    fn a_moment_has_its_date_unless_it_is_today() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).expect("a time");
        let now = at("2026-11-21T15:54:11Z");
        assert_eq!(moment(at("2026-11-21T14:02:11.9Z"), now), "14:02:11Z");
        assert_eq!(minute(at("2026-11-21T14:02:11Z"), now), "14:02Z");
        assert_eq!(moment(at("2026-11-20T23:59:59Z"), now), "2026-11-20 23:59:59Z");
        assert_eq!(minute(at("2027-11-21T14:02:11Z"), now), "2027-11-21 14:02Z");
    }

    #[test]
    fn what_is_no_span_is_nothing() {
        for seconds in [-5.0, f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(Span::from_seconds(seconds).to_string(), "0 s");
        }
    }
}
