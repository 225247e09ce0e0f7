//! Lengths of time as people write them, in the configuration and in flags: `"1h 30m"`, `"7d"`.
//!
//! No error here may quote what was written: the value under any key can be a misplaced secret.

use jiff::{Span, SpanRelativeTo};
use std::time::Duration;

/// What is expected.
pub(crate) const EXPECTED: &str = "a duration in quotes, such as \"30s\", \"15m\", \"1h 30m\" or \"7d\"";

/// No duration may be longer, so that no arithmetic on one can overflow: 100 years.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

/// A length of time above zero; a day is 24 hours.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let expected = || format!("expected {EXPECTED}");
    let span: Span = text.trim().parse().map_err(|_| expected())?;
    let signed = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| format!("{}; a month or a year has no fixed length", expected()))?;
    if !signed.is_positive() {
        return Err("must be above zero".to_owned());
    }
    match Duration::try_from(signed) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        _ => Err("must be at most 100 years".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(text: &str) -> Result<u64, String> {
        parse(text).map(|duration| duration.as_secs())
    }

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, expected) in [
            ("30s", 30),
            ("15m", 900),
            ("1h 30m", 5400),
            ("7d", 604_800),
            ("1w", 604_800),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        assert_eq!(parse("1500ms"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn what_is_no_duration_is_refused_without_being_quoted() {
        for text in ["", "canary", "30", "-30s", "0s", "1mo", "1y", "200000d", "30s ago"] {
            let error = seconds(text).expect_err(text);
            assert!(!error.contains("canary"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ -~\\PC]{0,40}|[0-9.,-]{0,25}[a-z ]{0,8}([0-9]{1,20}[a-z]{1,3}){0,3}") {
            if let Ok(duration) = parse(&text) {
                prop_assert!(duration > Duration::ZERO && duration <= LONGEST, "{}", text);
                // What is written out again is the same.
                prop_assert_eq!(parse(&format!("{}s {}ns", duration.as_secs(), duration.subsec_nanos())), Ok(duration));
            }
        }

        #[test]
        fn every_duration_is_read_back(seconds in 1_u64..3_000_000_000) {
            let (days, rest) = (seconds / 86_400, seconds % 86_400);
            let text = format!("{days}d {}h {}m {}s", rest / 3600, rest / 60 % 60, rest % 60);
            prop_assert_eq!(parse(&text), Ok(Duration::from_secs(seconds)));
        }
    }
}
