//! A value of the file that keeps what is wrong with it instead of failing, so that one pass finds every problem.

use figment::{
    error::{Actual, Kind},
    value::Value,
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

/// A value of the right type, or what was expected in its place; never what was there.
pub(crate) enum Checked<T> {
    /// It has the right type.
    Good(T),
    /// It does not, in words.
    Bad(String),
}

/// A value whose type its key does not tell yet.
pub(crate) struct Unread(Value);

impl Unread {
    /// The value, if it is of this type.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Checked<T> {
        match self.0.deserialize() {
            Ok(good) => Checked::Good(good),
            Err(error) => Checked::Bad(describe(error.kind)),
        }
    }
}

impl<'de> Deserialize<'de> for Unread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Value as Deserialize>::deserialize(deserializer).map(Self)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Checked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Unread::deserialize(deserializer).map(|value| value.read())
    }
}

/// An error in words. figment's own `Display` quotes the value, so it is not used; messages are those of `quantity`.
fn describe(kind: Kind) -> String {
    match kind {
        Kind::Message(message) => message,
        Kind::InvalidType(actual, expected) | Kind::InvalidValue(actual, expected) => {
            let found = match actual {
                Actual::Bool(_) => "true or false",
                Actual::Signed(number) if number < 0 => "a negative number",
                Actual::Unsigned(_) | Actual::Signed(_) => "a whole number",
                Actual::Float(_) => "a number",
                Actual::Char(_) | Actual::Str(_) => "a string",
                Actual::Seq => "an array",
                Actual::Map => "a table",
                _ => "something else",
            };
            format!("expected {}, found {found}", plain(&expected))
        }
        _ => "this value cannot be used here".to_owned(),
    }
}

/// serde's words for what was expected, in those of TOML.
fn plain(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false, without quotes",
        "a string" => "a string in quotes",
        "a sequence" => "an array",
        "u64" | "usize" => "a whole number above zero",
        "a map" => "a table",
        other if other.starts_with("struct ") => "a table",
        other => other,
    }
}
