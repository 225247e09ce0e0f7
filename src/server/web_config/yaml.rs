//! The web configuration's YAML as a tree of values with lines. Knows no key; `table` reads it.
//!
//! serde's own errors quote the value they did not expect, which may be a password. So anything is read, and what it should
//! have been is said by whoever asks for it.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{Error, Spanned};
use std::fmt;

/// A value and the line that it begins on, from 1.
pub(super) struct Node {
    pub(super) line: usize,
    pub(super) value: Value,
}

/// What YAML knows, as far as this configuration needs it.
pub(super) enum Value {
    Nothing,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key and its value.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) node: Node,
}

/// Text that is no YAML: the line, if the parser knows it, and why, without what is written there.
pub(super) struct NotYaml {
    pub(super) line: usize,
    pub(super) message: String,
}

/// Reads one document; an empty one is [`Value::Nothing`].
pub(super) fn parse(text: &str) -> Result<Node, NotYaml> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| NotYaml {
        line: line(error.location()),
        message: message(error.without_snippet()),
    })
}

/// Only the scanner's messages are told: they hold no more than one character of the text.
fn message(error: &Error) -> String {
    match error {
        Error::DuplicateMappingKey { .. } => "this key is here twice".to_owned(),
        Error::MultipleDocuments { .. } => "one document is expected, without `---` inside".to_owned(),
        Error::ExternalMessage { msg, .. } => format!("is not YAML: {}", msg.replace('\n', ", ")),
        _ => "is not YAML that can be used here".to_owned(),
    }
}

fn line(location: Option<serde_saphyr::Location>) -> usize {
    location.map_or(0, |location| usize::try_from(location.line()).unwrap_or(0))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self {
            line: line(Some(spanned.referenced)),
            value: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Value::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            entries.push(Entry {
                name: key.value,
                line: line(Some(key.referenced)),
                node: map.next_value()?,
            });
        }
        Ok(Value::Table(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn table(text: &str) -> Vec<Entry> {
        match parse(text).ok().expect("YAML").value {
            Value::Table(entries) => entries,
            _ => panic!("no table"),
        }
    }

    #[test]
    fn every_key_and_value_has_its_line() {
        let entries = table("# comment\na: x\nb:\n  c:\n    - 1\n    - 2\n");
        assert_eq!((entries[0].line, entries[0].node.line), (2, 2));
        assert_eq!(entries[1].line, 3);
        let Value::Table(inner) = &entries[1].node.value else {
            panic!("no table");
        };
        assert_eq!(inner[0].line, 4);
        let Value::List(list) = &inner[0].node.value else {
            panic!("no list");
        };
        assert_eq!(list.iter().map(|node| node.line).collect::<Vec<_>>(), [5, 6]);
    }

    #[test]
    fn an_empty_document_is_nothing() {
        for text in ["", "# only a comment\n", "---\n", "~"] {
            assert!(
                matches!(parse(text).ok().expect("YAML").value, Value::Nothing),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_yaml_says_where_and_never_what() {
        for (text, at) in [
            ("a: 1\ncanary: [x\n", 2),
            ("canary: 1\ncanary: 2\n", 2),
            ("a: b: canary\n", 1),
            ("a: 'canary\n", 2),
            ("a: *canary\n", 1),
            ("a: 1\n---\nb: canary\n", 3),
        ] {
            let Err(error) = parse(text) else {
                panic!("{text} is YAML");
            };
            assert!(!error.message.contains("canary"), "{}", error.message);
            assert_eq!(error.line, at, "{text}: {}", error.message);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}|([a-z]{0,3}|: |- |\n| {1,3}|[\\[\\]{}&*!|>'\"%@,#?]|[0-9.]{1,4}){0,80}") {
            let _ = parse(&text);
        }

        #[test]
        fn every_text_is_read_back(value in "[ -~]{0,60}") {
            let quoted = value.replace('\'', "''");
            let entries = table(&format!("key: '{quoted}'\n"));
            prop_assert!(matches!(&entries[0].node.value, Value::Text(text) if *text == value));
        }
    }
}
