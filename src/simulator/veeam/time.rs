//! Moments of the simulated manager: whole microseconds, which is what its database keeps. Arithmetic and spelling only.

use crate::model::Timestamp;

/// Microseconds since 1970, UTC.
pub(crate) type Micros = i64;

pub(crate) const SECOND: Micros = 1_000_000;

/// A moment of the clock.
#[expect(clippy::cast_possible_truncation, reason = "the microseconds of any year fit")]
pub(crate) fn micros(at: Timestamp) -> Micros {
    (at.unix_seconds() * 1e6).round() as Micros
}

/// A period of real seconds, at least one microsecond.
#[expect(clippy::cast_possible_truncation, reason = "no period of a world is that long")]
pub(crate) fn period(seconds: f64) -> Micros {
    ((seconds * 1e6) as Micros).max(1)
}

/// RFC 3339 as the manager writes it: UTC, as many digits of the fraction as are not zero.
pub(crate) fn spelled(at: Micros) -> String {
    jiff::Timestamp::from_microsecond(at).map_or_else(|_| String::new(), |at| at.to_string())
}

/// As it stands in names: `2026-06-16 06:22:59.39912`.
pub(crate) fn in_name(at: Micros) -> String {
    spelled(at).trim_end_matches('Z').replace('T', " ")
}

/// From the value of a filter: a date, or a date and a time that is UTC whether it says so or not.
pub(crate) fn read(text: &str) -> Option<Micros> {
    let text = text.trim_end_matches('Z');
    let full = if text.contains('T') {
        format!("{text}Z")
    } else {
        format!("{text}T00:00:00Z")
    };
    let at: jiff::Timestamp = full.parse().ok()?;
    Some(at.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailing_zeros_of_a_fraction_are_not_written() {
        let at = read("2026-06-16T06:22:59.399120Z").expect("a time");
        assert_eq!(spelled(at), "2026-06-16T06:22:59.39912Z");
        assert_eq!(in_name(at), "2026-06-16 06:22:59.39912");
        assert_eq!(spelled(read("2026-06-16").expect("a date")), "2026-06-16T00:00:00Z");
        assert_eq!(read("soon"), None);
    }
}
