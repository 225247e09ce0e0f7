use super::*;
use proptest::prelude::*;

#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "T: FromScalar"))]
struct One<T> {
    #[serde(default)]
    field: Lenient<T>,
}

fn read<T: FromScalar>(value: &str) -> Lenient<T> {
    let one: One<T> = parse(format!("{{\"field\": {value}, \"other\": 1}}").as_bytes()).expect("a document");
    one.field
}

#[test]
fn a_count_is_a_number_or_its_digits_in_a_string() {
    for (text, count) in [
        ("12", 12),
        ("\"12\"", 12),
        ("12.0", 12),
        ("18446744073709551615", u64::MAX),
        ("9007199254740993", (1 << 53) + 1),
    ] {
        assert_eq!(read::<u64>(text), Lenient::Value(count), "{text}");
    }
    for text in [
        "-1",
        "-0",
        "1e999",
        "1e3",
        "1.5",
        "18446744073709551616",
        "\"+1\"",
        "\" 1\"",
        "\"NaN\"",
        "true",
        "[]",
        "{}",
        "[1]",
    ] {
        assert_eq!(read::<u64>(text), Lenient::Unreadable, "{text}");
    }
}

#[test]
fn a_number_that_is_not_finite_is_unreadable() {
    assert_eq!(read::<f64>("37.5"), Lenient::Value(37.5));
    assert_eq!(read::<f64>("\"-1e3\""), Lenient::Value(-1000.0));
    for text in [
        "1e999",
        "-1e999",
        "\"NaN\"",
        "\"inf\"",
        "\"-inf\"",
        "\"Infinity\"",
        "-0",
        "-0.0",
        "\"\\t1\"",
        "false",
        "[0]",
    ] {
        assert_eq!(read::<f64>(text), Lenient::Unreadable, "{text}");
    }
}

#[test]
fn null_and_empty_say_there_is_none_and_absence_says_nothing() {
    let mut unknown = UnknownValues::default();
    assert_eq!(read::<Timestamp>("null").fact("t", &mut unknown), Field::Never);
    assert_eq!(read::<Timestamp>("\"\"").fact("t", &mut unknown), Field::Never);
    assert_eq!(unknown.iter().count(), 0);
    assert_eq!(read::<Timestamp>("\"soon\"").fact("t", &mut unknown), Field::Silent);
    assert_eq!(Lenient::<Timestamp>::Absent.fact("t", &mut unknown), Field::Silent);
    assert_eq!(unknown.iter().collect::<Vec<_>>(), [("t", 2)]);
    assert_eq!(Lenient::<bool>::Absent.optional("t", &mut unknown), None);
    assert_eq!(unknown.iter().collect::<Vec<_>>(), [("t", 2)]);
}

#[test]
fn an_id_keeps_its_digits() {
    let id = "108277887094502708403226279939";
    assert_eq!(read::<String>(id), Lenient::Value(id.to_owned()));
    assert_eq!(read::<String>(&format!("\"{id}\"")), Lenient::Value(id.to_owned()));
    assert_eq!(read::<String>("\"\\ud800\""), Lenient::Unreadable);
    assert_eq!(read::<String>("{\"a\":1}"), Lenient::Unreadable);
}

#[test]
fn a_word_for_a_truth_is_a_truth() {
    assert_eq!(read::<bool>("true"), Lenient::Value(true));
    assert_eq!(read::<bool>("\"false\""), Lenient::Value(false));
    assert_eq!(read::<bool>("1"), Lenient::Unreadable);
}

#[test]
fn deep_nesting_is_refused_quickly() {
    let deep = "[".repeat(200_000);
    assert!(parse::<One<u64>>(deep.as_bytes()).is_err());
    assert!(parse::<One<u64>>(format!("{{\"field\":{deep}").as_bytes()).is_err());
    let closed = format!("{deep}{}", "]".repeat(200_000));
    assert_eq!(read::<u64>(&closed), Lenient::Unreadable);
}

#[test]
fn an_error_names_the_place_and_not_the_value() {
    let message = parse::<Vec<One<u64>>>(b"[{\"field\": 1}, \"canary\"]").expect_err("wrong kind");
    assert!(message.contains("at [1]"), "{message}");
    assert!(!message.contains("canary"), "{message}");
    assert!(parse::<One<u64>>(b"{} trailing").is_err());
}

proptest! {
    #[test]
    fn every_count_is_read_back(count in any::<u64>()) {
        prop_assert_eq!(read::<u64>(&count.to_string()), Lenient::Value(count));
        prop_assert_eq!(read::<u64>(&format!("\"{count}\"")), Lenient::Value(count));
    }

    #[test]
    fn a_finite_number_is_read_back_exactly(value in any::<f64>().prop_filter("finite", |v| v.is_finite() && *v != 0.0)) {
        prop_assert_eq!(read::<f64>(&format!("{value:?}")), Lenient::Value(value));
    }

    #[test]
    fn no_text_breaks_its_document(text in any::<String>()) {
        let json = serde_json::to_string(&text).expect("JSON");
        let _ = read::<u64>(&json);
        let _ = read::<f64>(&json);
        let _ = read::<Timestamp>(&json);
        let expected = if text.is_empty() { Lenient::Empty } else { Lenient::Value(text) };
        prop_assert_eq!(read::<String>(&json), expected);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse::<Vec<One<u64>>>(&bytes);
    }
}

#[test]
fn an_unreadable_next_page_is_not_the_end_of_a_list() {
    #[derive(Debug, Deserialize)]
    struct List {
        #[serde(default)]
        next: NextPage,
    }
    for (text, next) in [
        ("{}", NextPage::End),
        (r#"{"next": null}"#, NextPage::End),
        (r#"{"next": ""}"#, NextPage::End),
        (r#"{"next": "/x?page=2"}"#, NextPage::At("/x?page=2".to_owned())),
    ] {
        assert_eq!(parse::<List>(text.as_bytes()).expect("a list").next, next, "{text}");
    }
    for text in [
        r#"{"next": {"href": "/x"}}"#,
        r#"{"next": ["/x"]}"#,
        r#"{"next": true}"#,
    ] {
        assert!(parse::<List>(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn a_list_is_read_in_parts_and_its_errors_are_those_of_the_whole() {
    let answer = |body: &str| Answer {
        status: reqwest::StatusCode::OK,
        headers: reqwest::header::HeaderMap::new(),
        body: body.to_owned().into(),
        what: String::new(),
        clock_skew_seconds: None,
        retry_after: None,
        is_mended: false,
    };
    let mut parts = Vec::new();
    let mut take = |part: Vec<u8>| {
        parts.push(part.len());
        if part.contains(&9) {
            Err("a nine".to_owned())
        } else {
            Ok(())
        }
    };
    list(&answer("[1, 2, 3, 4, 5]"), 2, &mut take).expect("a list");
    let error = list(&answer("[9, 2, 3]"), 2, &mut take).expect_err("a nine");
    assert!(error.message.ends_with("a nine"), "{error}");
    assert_eq!(parts, [2, 2, 1, 2], "nothing more is made after that");
    for body in ["[1, 2, \"x\"]", "{}", "[1, 2", "[1] 2", ""] {
        let whole = document::<Vec<u8>>(&answer(body)).expect_err("no list");
        let parts = list(&answer(body), 2, |_: Vec<u8>| Ok(())).expect_err("no list");
        assert_eq!((parts.reason, parts.message), (whole.reason, whole.message), "{body}");
    }
}
