//! The shape of `/api/v1/status`, pinned by docs/status-api.example.json, which docs/status-api.md explains.

use super::*;
use crate::server::status::fixture::{HOSTILE, overview};
use serde_json::Value;

const EXAMPLE: &str = include_str!("../../../docs/status-api.example.json");

fn rendered(query: &[(&str, &str)]) -> Value {
    let parameters: Vec<(String, String)> = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let question = Question::from_query(&parameters).expect("a question");
    let text = render(&overview(), &question).expect("JSON");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn the_documented_example_is_what_is_served() {
    let overview = overview();
    let served = serde_json::to_string_pretty(&document(&overview, &Question::default())).expect("JSON");
    let served = format!("{served}\n");
    let version = |version: &str| format!("\"exporter_version\": \"{version}\"");
    let served = served.replace(&version(crate::build_info::VERSION), &version("0.1.0"));
    if std::env::var_os("UPDATE_EXAMPLE").is_some() {
        std::fs::write(
            concat!(env!("CARGO_MANIFEST_DIR"), "/docs/status-api.example.json"),
            &served,
        )
        .expect("written");
    }
    assert!(
        served == EXAMPLE,
        "docs/status-api.example.json differs from what is served:\n{served}"
    );
}

#[test]
fn it_is_compact() {
    let text = render(&overview(), &Question::default()).expect("JSON");
    assert_eq!(text.split(|&byte| byte == b'\n').count(), 2, "one line");
}

#[test]
fn every_field_of_the_example_is_explained() {
    const EXPLANATION: &str = include_str!("../../../docs/status-api.md");
    fn fields(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    found.push(name.clone());
                    fields(value, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| fields(item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    fields(&rendered(&[]), &mut found);
    found.sort();
    found.dedup();
    let missing = found.iter().filter(|name| !EXPLANATION.contains(&format!("`{name}`")));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn what_an_array_wrote_comes_back_whole() {
    let document = rendered(&[("standing", "unknown")]);
    let silent = &document["relationships"][0];
    assert_eq!(silent["relationship"], HOSTILE);
    assert_eq!(silent["standing"], "unknown");
    assert_eq!(silent["views"][0]["readings"], Value::Null);
    assert_eq!(silent["views"][0]["facts"]["last_health"], "unknown");
}

#[test]
fn a_limit_leaves_out_rows_and_never_changes_the_counts() {
    let everything = rendered(&[]);
    let rows = everything["relationships"].as_array().expect("rows");
    for from in 0..6 {
        let page = rendered(&[("limit", "2"), ("from", &from.to_string())]);
        assert_eq!(page["counts"], everything["counts"]);
        assert_eq!((&page["found"], &page["from"]), (&Value::from(4), &Value::from(from)));
        let expected: Vec<Value> = rows.iter().skip(from).take(2).cloned().collect();
        assert_eq!(page["relationships"], Value::from(expected));
    }
}

#[test]
fn the_counts_name_what_needs_a_person() {
    let counts = &rendered(&[])["counts"];
    for (key, count) in [
        ("relationships", 4),
        ("behind", 1),
        ("unknown", 1),
        ("stopped", 1),
        ("protected", 1),
        ("no_copy", 0),
        ("failing", 0),
        ("unjudged", 0),
        ("arrays", 3),
        ("arrays_down", 1),
        ("arrays_at_risk", 1),
        ("arrays_with_failing_sections", 1),
    ] {
        assert_eq!(counts[key], Value::from(count), "{key}");
    }
}
