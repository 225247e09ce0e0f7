//! The shape of `/api/v1/status`, pinned by docs/status-api.example.json, which docs/status-api.md explains.

use super::*;
use crate::server::overview_fixture::{HOSTILE, overview};
use serde_json::Value;

const EXAMPLE: &str = include_str!("../../docs/status-api.example.json");

fn rendered(filter: &Filter) -> Value {
    let text = render(&overview(), filter).expect("JSON");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn the_documented_example_is_what_is_served() {
    let served = render(&overview(), &Filter::default()).expect("JSON");
    let served = String::from_utf8(served).expect("UTF-8");
    let version = |version: &str| format!("\"exporter_version\": \"{version}\"");
    let served = served.replace(&version(crate::build_info::VERSION), &version("0.1.0"));
    assert!(
        served == EXAMPLE,
        "docs/status-api.example.json differs from what is served:\n{served}"
    );
}

#[test]
fn every_field_of_the_example_is_explained() {
    const EXPLANATION: &str = include_str!("../../docs/status-api.md");
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
    fields(&rendered(&Filter::default()), &mut found);
    let missing = found.iter().filter(|name| !EXPLANATION.contains(&format!("`{name}`")));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn what_an_array_wrote_comes_back_whole() {
    let document = rendered(&Filter::default());
    let silent = &document["relationships"][1];
    assert_eq!(silent["relationship"], HOSTILE);
    assert_eq!(silent["standing"], "unknown");
    assert_eq!(silent["views"][0]["readings"], Value::Null);
    assert_eq!(silent["views"][0]["health"], "unknown");
    assert_eq!(silent["views"][0]["last_health"], "ok");
}

#[test]
fn a_filter_leaves_out_rows_and_never_changes_the_counts() {
    let everything = rendered(&Filter::default());
    let filtered = rendered(&Filter {
        arrays: vec!["osl".to_owned()],
        healths: vec![],
    });
    assert_eq!(filtered["counts"], everything["counts"]);
    assert_eq!(filtered["relationships"].as_array().map(Vec::len), Some(1));
    assert_eq!(filtered["arrays"].as_array().map(Vec::len), Some(1));
}
