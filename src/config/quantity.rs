//! Quantities as people write them: `"1h 30m"`, `"7d"`, `"never"`, `"16MiB"`.
//!
//! No error here may quote what was written: the value under any key can be a misplaced secret.

use crate::model::duration;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use std::{fmt, time::Duration};

const SIZE: &str = "a size, such as \"16MiB\"";

/// A length of time above zero; a day is 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

/// How long facts are kept; `None` is `"never"` forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ForgetAfter(pub(crate) Option<Duration>);

/// A recovery point objective; `None` is `"none"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rpo(pub(crate) Option<Duration>);

impl Rpo {
    /// In seconds.
    pub(crate) fn seconds(self) -> Option<f64> {
        self.0.map(|rpo| rpo.as_secs_f64())
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteCount(pub(crate) u64);

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_str(TextVisitor(duration::EXPECTED))?;
        duration::parse(&text).map(Self).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for ForgetAfter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "\"never\" or a duration in quotes, such as \"7d\"";
        duration_or("never", expected, deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Rpo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a duration in quotes, such as \"1h\", or \"none\"";
        duration_or("none", expected, deserializer).map(Self)
    }
}

/// A length of time; the word stands for none.
fn duration_or<'de, D: Deserializer<'de>>(
    word: &str,
    expected: &'static str,
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    let text = deserializer.deserialize_str(TextVisitor(expected))?;
    if text.trim() == word {
        return Ok(None);
    }
    let duration = duration::parse(&text).map_err(|problem| D::Error::custom(format!("{problem}, or \"{word}\"")))?;
    Ok(Some(duration))
}

impl<'de> Deserialize<'de> for ByteCount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_str(TextVisitor(SIZE))?;
        let size: Result<bytesize::ByteSize, String> = text.trim().parse();
        size.map(|size| Self(size.as_u64()))
            .map_err(|_| D::Error::custom(format!("expected {SIZE}")))
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
