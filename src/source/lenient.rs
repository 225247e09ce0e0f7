//! Lenient per field, strict per document: how the JSON vendors' wire types read a field.
//!
//! A field of an unexpected shape must cost that field alone, and "there is none" must not be mistaken for "it did not say"
//! (see [`Field`]). Vendors write numbers as strings, and `""` or null where there is nothing. Converters call [`Lenient::fact`]
//! and [`Lenient::reading`], which count what could not be read; `wire.rs` of a vendor holds the types themselves.

use super::{
    Error, Reason,
    request::{Answer, shown},
    workers::off_the_workers,
};
use crate::model::{Field, StateWord, Timestamp, UnknownValues};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{fmt, marker::PhantomData};

/// A number of something that there cannot be less than none of.
#[must_use]
pub fn not_negative(value: f64) -> Option<f64> {
    (value >= 0.0).then_some(value)
}

/// A field as it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Lenient<T> {
    /// The key is not there. Needs `#[serde(default)]` on the struct.
    #[default]
    Absent,
    /// Null or `""`.
    Empty,
    /// A readable value.
    Value(T),
    /// Something else.
    Unreadable,
}

impl Lenient<String> {
    /// The field as a state in the vendor's word; what is not among `words` is counted, and so is that there is none.
    #[must_use]
    pub fn state(self, words: &'static [&'static str], unknown: &mut UnknownValues) -> StateWord {
        let word = if let Self::Value(word) = self {
            word
        } else {
            String::new()
        };
        let state = StateWord::among(words, &word);
        if !state.is_known() {
            unknown.count("state");
        }
        state
    }
}

impl<T> Lenient<T> {
    /// The field as a fact: null and `""` say "there is none"; what is absent or unreadable says nothing, and is counted.
    #[must_use]
    pub fn fact(self, name: &'static str, unknown: &mut UnknownValues) -> Field<T> {
        match self {
            Self::Value(value) => Field::Is(value),
            Self::Empty => Field::Never,
            Self::Absent | Self::Unreadable => {
                unknown.count(name);
                Field::Silent
            }
        }
    }

    /// The field as a reading that is always there: what is absent or unreadable is counted.
    #[must_use]
    pub fn reading(self, name: &'static str, unknown: &mut UnknownValues) -> Option<T> {
        self.fact(name, unknown).value()
    }

    /// The field as a reading that may be left out: only what is unreadable is counted.
    #[must_use]
    pub fn optional(self, name: &'static str, unknown: &mut UnknownValues) -> Option<T> {
        match self {
            Self::Absent => None,
            other => other.reading(name, unknown),
        }
    }

    /// The field by another reading of its value; `None` makes it unreadable.
    #[must_use]
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Option<U>) -> Lenient<U> {
        match self {
            Self::Absent => Lenient::Absent,
            Self::Empty => Lenient::Empty,
            Self::Unreadable => Lenient::Unreadable,
            Self::Value(value) => f(value).map_or(Lenient::Unreadable, Lenient::Value),
        }
    }

    /// By a field of the object that this is: one without its only key is no value, and not "there is none" either.
    #[must_use]
    pub fn scalar<U>(self, f: impl FnOnce(T) -> Lenient<U>) -> Lenient<U> {
        self.and_then(|object| match f(object) {
            Lenient::Value(value) => Some(value),
            _ => None,
        })
    }

    /// Whether the key was not there.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// A value that can be read from a JSON number or the text of a JSON string.
pub trait FromScalar: Sized {
    /// From the text of a string, which is not empty.
    fn from_text(text: &str) -> Option<Self>;

    /// From the digits of a number, as written.
    #[must_use]
    fn from_number(digits: &str) -> Option<Self> {
        Self::from_text(digits)
    }

    /// From `true` or `false`.
    #[must_use]
    fn from_bool(_value: bool) -> Option<Self> {
        None
    }
}

impl<'de, T: FromScalar> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let value = match raw.as_bytes().first() {
            Some(b'n') => return Ok(Self::Empty),
            Some(b'"') => match serde_json::from_str::<String>(raw) {
                Ok(text) if text.is_empty() => return Ok(Self::Empty),
                Ok(text) => T::from_text(&text),
                // Such as an escape that is half of a surrogate pair.
                Err(_) => None,
            },
            Some(b't') => T::from_bool(true),
            Some(b'f') => T::from_bool(false),
            Some(b'[' | b'{') | None => None,
            Some(_) => T::from_number(raw),
        };
        Ok(value.map_or(Self::Unreadable, Self::Value))
    }
}

/// Counts. Negative, fractional or past 2^64 is unreadable; `-0` is no count either.
impl FromScalar for u64 {
    fn from_text(text: &str) -> Option<Self> {
        // `parse` alone would take a leading `+`.
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten()
    }

    fn from_number(digits: &str) -> Option<Self> {
        // Some JSON writers put a fraction on every number: 12.0 is a count, 12.5 is not.
        let whole = digits.split_once('.').map_or(Some(digits), |(whole, fraction)| {
            fraction.bytes().all(|byte| byte == b'0').then_some(whole)
        })?;
        Self::from_text(whole)
    }
}

/// Finite numbers in JSON's spelling, so neither `NaN` nor `inf`; `1e999` is not finite, and `-0` means nothing.
impl FromScalar for f64 {
    fn from_text(text: &str) -> Option<Self> {
        // serde_json takes surrounding blanks; a field with them is no number.
        if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
            return None;
        }
        let value: Self = text.parse().ok()?;
        (value.is_finite() && !(value == 0.0 && value.is_sign_negative())).then_some(value)
    }
}

impl FromScalar for bool {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn from_number(_: &str) -> Option<Self> {
        None
    }

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

/// Text. A number keeps its digits: ids pass 2^53 and must never become floats.
impl FromScalar for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// RFC 3339.
impl FromScalar for Timestamp {
    fn from_text(text: &str) -> Option<Self> {
        Self::parse_rfc3339(text)
    }

    fn from_number(_: &str) -> Option<Self> {
        None
    }
}

/// A duration given in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nanoseconds(pub u64);

impl Nanoseconds {
    /// The duration in seconds, the unit of everything exposed.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl FromScalar for Nanoseconds {
    fn from_text(text: &str) -> Option<Self> {
        u64::from_text(text).map(Self)
    }

    fn from_number(digits: &str) -> Option<Self> {
        u64::from_number(digits).map(Self)
    }
}

/// Reads an object as a [`Lenient`] field: with `#[serde(deserialize_with = "nested")]`.
pub fn nested<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Lenient<T>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    Ok(match raw {
        "null" | "\"\"" => Lenient::Empty,
        _ => serde_json::from_str(raw).map_or(Lenient::Unreadable, Lenient::Value),
    })
}

/// Where a list goes on, as an answer says it. A link that is there and cannot be read makes the whole answer unreadable:
/// taken for the end of the list, it would say that everything behind it is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum NextPage {
    /// There is no more: the key is absent, null or `""`. Needs `#[serde(default)]` on the struct.
    #[default]
    End,
    /// Here.
    At(String),
}

impl<'de> Deserialize<'de> for NextPage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Lenient::<String>::deserialize(deserializer)? {
            Lenient::Absent | Lenient::Empty => Ok(Self::End),
            Lenient::Value(link) => Ok(Self::At(link)),
            Lenient::Unreadable => Err(serde::de::Error::custom("the next page cannot be read")),
        }
    }
}

/// An answer above this size, in bytes, takes longer to read than a scrape may wait.
const LARGE: usize = 256 * 1024;

/// Reads a whole answer. A document of the wrong kind is an error that names the endpoint and where in it.
pub fn document<T: DeserializeOwned>(answer: &Answer) -> Result<T, Error> {
    read(answer, || parse(&answer.body))
}

/// Reads a list, so many rows at a time: only what is made of them is held, not the rows. An error of `each` makes the answer
/// unusable.
pub fn list<T: DeserializeOwned>(
    answer: &Answer,
    at_a_time: usize,
    mut each: impl FnMut(Vec<T>) -> Result<(), String>,
) -> Result<(), Error> {
    read(answer, || {
        let mut outcome = Ok(());
        let mut each = Some(|rows| {
            if outcome.is_ok() {
                outcome = each(rows);
            }
        });
        // The second reading looks for the error alone.
        parse_by(&answer.body, || Parts(at_a_time, each.take(), PhantomData))?;
        outcome
    })
}

/// Makes something of a whole answer, away from the async workers if it is large.
pub fn read<T>(answer: &Answer, read: impl FnOnce() -> Result<T, String>) -> Result<T, Error> {
    let read = if answer.body.len() > LARGE {
        off_the_workers(read)
    } else {
        read()
    };
    read.map_err(|message| answer.error(Reason::Parse, &message))
}

/// A list that is given on in parts, if there is anybody to take them.
struct Parts<T, F>(usize, Option<F>, PhantomData<T>);

impl<'de, T: DeserializeOwned, F: FnMut(Vec<T>)> DeserializeSeed<'de> for Parts<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: DeserializeOwned, F: FnMut(Vec<T>)> Visitor<'de> for Parts<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let Self(at_a_time, mut each, _) = self;
        let mut give = |part: Vec<T>| {
            if let Some(each) = &mut each {
                each(part);
            }
        };
        let mut part = Vec::new();
        while let Some(row) = rows.next_element()? {
            part.push(row);
            if part.len() >= at_a_time {
                give(std::mem::take(&mut part));
            }
        }
        give(part);
        Ok(())
    }
}

/// Reads a document; on failure says where in it and why, in the parser's words, never in the document's.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    parse_by(body, || PhantomData)
}

fn parse_by<'de, S: DeserializeSeed<'de>>(body: &'de [u8], mut seed: impl FnMut() -> S) -> Result<S::Value, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let read = seed().deserialize(&mut deserializer);
    read.and_then(|read| deserializer.end().map(|()| read)).map_err(|_| {
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
        match seed()
            .deserialize(tracked)
            .map_err(|error| serde_path_to_error::Error::new(track.path(), error))
        {
            Ok(_) => "the answer goes on after its end".to_owned(),
            Err(error) => {
                let inner = error.inner();
                let what = match inner.classify() {
                    serde_json::error::Category::Eof => "ends too early",
                    serde_json::error::Category::Syntax => "is not JSON",
                    // serde's text would quote the value.
                    serde_json::error::Category::Data => "is of another kind than expected",
                    serde_json::error::Category::Io => "could not be read",
                };
                let path = shown(&error.path().to_string());
                format!(
                    "the answer {what}, at {path} (line {}, column {})",
                    inner.line(),
                    inner.column()
                )
            }
        }
    })
}

#[cfg(test)]
#[path = "lenient_tests.rs"]
mod tests;
