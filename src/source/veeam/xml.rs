//! XML as Enterprise Manager writes it: what is refused before it is parsed, and how a field is read. Lenient per field,
//! strict per document, as `lenient.rs` is for JSON. Knows no resource; `wire.rs` does.

use crate::{
    model::{Field, Timestamp, UnknownValues},
    source::lenient::{FromScalar, Lenient},
};
use quick_xml::{Reader, events::Event};
use serde::{Deserialize, de::DeserializeOwned};

/// No answer of the API nests deeper than a dozen elements.
const DEEPEST: usize = 64;
/// Nor has any, with 500 rows of two dozen elements, nearly so many of them.
const MOST_ELEMENTS: usize = 250_000;

/// Reads a document whose root is a variant of `T`. The message never repeats the document's words.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    // The JSON of Enterprise Manager 12 was recorded with a byte order mark; its XML may come with one, too.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = std::str::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())?;
    inspect(text)?;
    // The parser's own words may quote the document.
    quick_xml::de::from_str(text).map_err(|_| "the answer is not the XML document that was asked for".to_owned())
}

/// Goes over the document once, without making anything of it: one complete root, no document type (which is where entity
/// bombs and external entities are declared), no absurd depth.
fn inspect(text: &str) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut roots, mut elements) = (0_usize, 0_usize, 0_usize);
    loop {
        let event = reader
            .read_event()
            .map_err(|_| format!("the answer is not XML, at byte {}", reader.error_position()))?;
        elements += usize::from(matches!(event, Event::Start(_) | Event::Empty(_)));
        match event {
            Event::Start(_) => {
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Event::Empty(_) => roots += usize::from(depth == 0),
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::DocType(_) => {
                return Err("the answer has a document type, which Enterprise Manager never sends".into());
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if depth == 0 && roots > 0 => {
                if matches!(&event, Event::Text(text) if text.trim().is_empty()) {
                    continue;
                }
                return Err("the answer goes on after its end".into());
            }
            Event::Eof if depth > 0 => return Err("the answer ends too early".into()),
            Event::Eof if roots == 0 => return Err("the answer holds no element".into()),
            Event::Eof => return Ok(()),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(format!("the answer nests deeper than {DEEPEST} elements"));
        }
        if elements > MOST_ELEMENTS {
            return Err(format!("the answer has more than {MOST_ELEMENTS} elements"));
        }
        if roots > 1 {
            return Err("the answer goes on after its end".into());
        }
    }
}

/// An element with text in it, as it came.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Text {
    #[serde(rename = "$value", default)]
    nodes: Vec<Node>,
}

#[derive(Clone, Debug, Deserialize)]
enum Node {
    #[serde(rename = "$text")]
    Text(String),
    /// An element where a value should be.
    #[serde(other)]
    Element,
}

/// An element that may be missing, empty, readable or not.
pub(super) fn read<T: FromScalar>(element: Option<&Text>) -> Lenient<T> {
    let Some(element) = element else {
        return Lenient::Absent;
    };
    match element.nodes.as_slice() {
        [] => Lenient::Empty,
        [Node::Text(text)] if text.trim().is_empty() => Lenient::Empty,
        [Node::Text(text)] => T::from_text(text.trim()).map_or(Lenient::Unreadable, Lenient::Value),
        _ => Lenient::Unreadable,
    }
}

/// A moment. One without a zone is UTC, which is what the field names say, and is counted; the year 1 is how .NET writes
/// "never".
pub(super) fn moment(element: Option<&Text>, name: &'static str, unknown: &mut UnknownValues) -> Field<Timestamp> {
    let text: Lenient<String> = read(element);
    if let Lenient::Value(text) = &text
        && Timestamp::parse_rfc3339(text).is_none()
        && Timestamp::parse_rfc3339(&format!("{text}Z")).is_some()
    {
        unknown.count("time_zone");
    }
    let at =
        text.and_then(|text| Timestamp::parse_rfc3339(&text).or_else(|| Timestamp::parse_rfc3339(&format!("{text}Z"))));
    match at {
        Lenient::Value(at) if at.unix_seconds() <= 0.0 => Field::Never,
        // A session that runs has no end: its absence is not unknown.
        Lenient::Absent => Field::Never,
        at => at.fact(name, unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Deserialize)]
    enum Document {
        Row(Row),
    }

    #[derive(Debug, Deserialize)]
    struct Row {
        #[serde(rename = "@Name")]
        name: Option<String>,
        #[serde(rename = "Field")]
        field: Option<Text>,
    }

    fn row(inner: &str) -> Result<Row, String> {
        let Document::Row(row) = parse(format!("<Row Name=\" a&amp;b \">{inner}</Row>").as_bytes())?;
        Ok(row)
    }

    fn field(inner: &str) -> Lenient<String> {
        read(row(inner).expect("a document").field.as_ref())
    }

    #[test]
    fn a_field_is_absent_empty_a_value_or_unreadable() {
        assert_eq!(field("<Other/>"), Lenient::Absent);
        assert_eq!(field("<Field />"), Lenient::Empty);
        assert_eq!(field("<Field></Field>"), Lenient::Empty);
        assert_eq!(field("<Field xmlns:xsi=\"x\" xsi:nil=\"true\"/>"), Lenient::Empty);
        assert_eq!(
            field("<Field new=\"1\"> a &lt; b </Field>"),
            Lenient::Value("a < b".to_owned())
        );
        assert_eq!(
            field("<Field><![CDATA[a<b]]></Field>"),
            Lenient::Value("a<b".to_owned())
        );
        assert_eq!(field("<Field><Deep><Er/></Deep></Field>"), Lenient::Unreadable);
        assert_eq!(field("<Field>a<Deep/>b</Field>"), Lenient::Unreadable);
    }

    #[test]
    fn a_name_keeps_its_blanks() {
        assert_eq!(row("").expect("a document").name.as_deref(), Some(" a&b "));
    }

    #[test]
    fn what_is_not_one_whole_document_of_the_right_kind_is_refused() {
        for text in [
            "",
            " ",
            "text",
            "<html><body><form>Log in</form></body></html>",
            "<Row><Field>",
            "<Row/><Row/>",
            "<Row/>more",
            "<Row Name=\"a\"",
            "{\"Row\": {}}",
            "<!DOCTYPE html><Row/>",
            "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Row><Field>&b;</Field></Row>",
            "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Row><Field>&x;</Field></Row>",
            "<Row><Field>&b;</Field></Row>",
        ] {
            assert!(parse::<Document>(text.as_bytes()).is_err(), "{text}");
        }
        assert!(parse::<Document>(b"<Row Name=\"\xff\"/>").is_err());
        assert!(parse::<Document>(b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<Row/>\n").is_ok());
    }

    #[test]
    fn deep_nesting_and_endless_lists_are_refused_quickly() {
        let deep = format!("<Row>{}{}</Row>", "<a>".repeat(200_000), "</a>".repeat(200_000));
        let error = parse::<Document>(deep.as_bytes()).expect_err("too deep");
        assert!(error.contains("nests"), "{error}");
        let long = format!("<Row>{}</Row>", "<Field/>".repeat(MOST_ELEMENTS));
        let error = parse::<Document>(long.as_bytes()).expect_err("too long");
        assert!(error.contains("elements"), "{error}");
    }

    #[test]
    fn a_time_without_a_zone_is_utc_and_counted_and_the_year_one_is_never() {
        let mut unknown = UnknownValues::default();
        let mut at = |inner: &str| moment(row(inner).expect("a document").field.as_ref(), "t", &mut unknown);
        let time = Timestamp::parse_rfc3339("2026-06-16T06:22:59.39912Z").expect("a time");
        assert_eq!(at("<Field>2026-06-16T06:22:59.39912Z</Field>"), Field::Is(time));
        assert_eq!(at("<Field>2026-06-16T06:22:59.39912</Field>"), Field::Is(time));
        assert_eq!(at("<Field>0001-01-01T00:00:00Z</Field>"), Field::Never);
        assert_eq!(at("<Field/>"), Field::Never);
        assert_eq!(at(""), Field::Never);
        assert_eq!(at("<Field>soon</Field>"), Field::Silent);
        assert_eq!(unknown.iter().collect::<Vec<_>>(), [("t", 1), ("time_zone", 1)]);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse::<Document>(&bytes);
        }

        #[test]
        fn no_document_makes_it_panic(text in "(<|>|/|Row|Name=|\"|'|&|;|amp|#x|!|--|\\[CDATA\\[|\\]\\]|\\?|[a-z ]){0,60}") {
            let _ = parse::<Document>(text.as_bytes());
        }

        #[test]
        fn every_name_is_read_back(name in "[ -~\u{a1}-\u{2fff}]{0,40}") {
            let escaped = quick_xml::escape::escape(&name);
            let Document::Row(row) = parse(format!("<Row Name=\"{escaped}\"/>").as_bytes()).expect("a document");
            prop_assert_eq!(row.name, Some(name));
        }
    }
}
