//! The types of every answer, checked against `tests/payloads/qumulo/schema.json`, which restates the vendor's types.

use super::{Pair, SOURCE, SOURCES, TARGET, TARGETS};
use crate::model::Timestamp;
use hyper::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn every_answer_has_the_vendors_types() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../tests/payloads/qumulo/schema.json")).expect("JSON");
    let pair = Pair::new("default", 20);
    let mut phases = BTreeSet::new();
    let mut job_states = BTreeSet::new();
    for minutes in [0.0, 3.0, 17.5, 7.0, 5.0, 20.0, 40.0, 600.0] {
        pair.wait(60.0 * minutes);
        for cluster in [SOURCE, TARGET] {
            let known = schema.as_object().expect("an object");
            for (name, schema) in known.iter().filter(|(name, _)| name.starts_with("GET ")) {
                let ids: Vec<String> = match name.split_once("{id}") {
                    None => vec![name["GET ".len()..].to_owned()],
                    Some((before, after)) => {
                        let list = if name.contains("/source-") { SOURCES } else { TARGETS };
                        let list = pair.get(cluster, list);
                        let ids = list
                            .as_array()
                            .expect("a list")
                            .iter()
                            .filter_map(|it| it["id"].as_str());
                        ids.map(|id| format!("{}{id}{after}", &before["GET ".len()..]))
                            .collect()
                    }
                };
                assert!(!ids.is_empty(), "{name}");
                for path in ids {
                    let answer = pair.get(cluster, &path);
                    assert_eq!(fault(schema, &answer, name), None);
                    phases.extend(answer["phase"].as_str().map(str::to_owned));
                    job_states.extend(answer["job_state"].as_str().map(str::to_owned));
                }
            }
        }
    }
    // The check is worth something only if it saw the interesting answers.
    assert_eq!(
        phases.into_iter().collect::<Vec<_>>(),
        ["", "PLANNING", "REBALANCE", "REPROTECT"]
    );
    assert_eq!(job_states.len(), 2);
    let (status, refusal) = pair.ask(SOURCE, Method::GET, SOURCES, None, &Value::Null);
    assert_eq!((status, fault(&schema["error"], &refusal, "error")), (401, None));
}

#[test]
fn the_schema_check_sees_a_wrong_type() {
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": ["string", "null"], "form": "digits"}}});
    for good in [json!({"a": "1"}), json!({ "a": null })] {
        assert_eq!(fault(&schema, &good, ""), None);
    }
    for bad in [
        json!({"a": 1}),
        json!({}),
        json!({"a": "1", "b": 1}),
        json!({"a": "x"}),
        json!([]),
    ] {
        assert!(fault(&schema, &bad, "").is_some(), "{bad}");
    }
}

/// What is wrong with `value` by `schema`, if anything: a small cut of JSON Schema, with `form` for texts, and where
/// nothing is allowed that is not named.
fn fault(schema: &Value, value: &Value, at: &str) -> Option<String> {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = &schema["type"];
    if allowed != kind && !allowed.as_array().is_some_and(|kinds| kinds.contains(&json!(kind))) {
        return Some(format!("{at}: {kind} instead of {allowed}"));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return Some(format!("{at}: {value} is none of the vendor's words"));
    }
    match value {
        Value::String(text) => {
            let fits = match schema["form"].as_str() {
                Some("digits") => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
                Some("time or empty") => {
                    text.is_empty() || (text.ends_with('Z') && Timestamp::parse_rfc3339(text).is_some())
                }
                Some("uuid") => text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4,
                _ => true,
            };
            (!fits).then(|| format!("{at}: {text:?} is not of the form {}", schema["form"]))
        }
        Value::Array(items) => items
            .iter()
            .find_map(|item| fault(&schema["items"], item, &format!("{at}[]"))),
        Value::Object(fields) => {
            let required = schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let missing = required
                .filter(|name| !fields.contains_key(*name))
                .map(|name| format!("{at}.{name} is missing"));
            let unknown = fields
                .iter()
                .filter_map(|(name, value)| match &schema["properties"][name] {
                    Value::Null => Some(format!("{at}.{name} is not the vendor's")),
                    schema => fault(schema, value, &format!("{at}.{name}")),
                });
            missing.chain(unknown).next()
        }
        _ => None,
    }
}
