//! Quantities as people write them: `"1h 30m"`, `"7d"`, `"never"`, `"16MiB"`.
//!
//! No error here may quote what was written: the value under any key can be a misplaced secret.

use jiff::{Span, SpanRelativeTo};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use std::{fmt, time::Duration};

const DURATION: &str = "a duration in quotes, such as \"30s\", \"15m\", \"1h 30m\" or \"7d\"";
const SIZE: &str = "a size, such as \"16MiB\"";

/// No duration may be longer, so that no arithmetic on one can overflow: 100 years.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

/// A length of time above zero; a day is 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

/// How long facts are kept; `None` is `"never"` forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ForgetAfter(pub(crate) Option<Duration>);

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteCount(pub(crate) u64);

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_str(TextVisitor(DURATION))?;
        parse_duration(&text).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for ForgetAfter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_str(TextVisitor("\"never\" or a duration in quotes, such as \"7d\""))?;
        if text.trim() == "never" {
            return Ok(Self(None));
        }
        let duration = parse_duration(&text).map_err(|problem| D::Error::custom(format!("{problem}, or \"never\"")))?;
        Ok(Self(Some(duration)))
    }
}

impl<'de> Deserialize<'de> for ByteCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_str(TextVisitor(SIZE))?;
        let size: Result<bytesize::ByteSize, String> = text.trim().parse();
        size.map(|size| Self(size.as_u64()))
            .map_err(|_| D::Error::custom(format!("expected {SIZE}")))
    }
}

/// A length of time above zero, of the configuration or of a flag.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let expected = || format!("expected {DURATION}");
    let span: Span = text.trim().parse().map_err(|_| expected())?;
    let signed = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| format!("{}; a month or a year has no fixed length", expected()))?;
    if !signed.is_positive() {
        return Err("must be above zero".to_owned());
    }
    match Duration::try_from(signed) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        _ => Err("is longer than 100 years".to_owned()),
    }
}

/// A string; says `self.0` of anything else.
struct TextVisitor(&'static str);

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Result<u64, String> {
        parse_duration(text).map(|duration| duration.as_secs())
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
        assert_eq!(parse_duration("1500ms"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn what_is_no_duration_is_refused_without_being_quoted() {
        for text in ["", "canary", "30", "-30s", "0s", "1mo", "1y", "200000d", "30s ago"] {
            let error = seconds(text).expect_err(text);
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
