//! What a fault does to an answer: to its words, its lists and its bytes. Knows JSON and XML and no vendor; which faults there
//! are is `fault.rs`, when they act `serve.rs`.

use super::{device::Request, fault::FaultKind};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::BoxBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How many entries an endless list says that it has.
const ENDLESS: u64 = 1_000_000_000;

/// What holds a word rather than a name or a number, by the end of the field's name.
const WORDS: [&str; 7] = ["state", "status", "result", "mode", "phase", "role", "direction"];

/// The connection is to be cut, before an answer or in it.
#[derive(Debug, thiserror::Error)]
#[error("cut by the simulator")]
pub(crate) struct Cut;

/// All of the body, or no more than `cut` bytes of it and then the end of the connection.
pub(crate) fn sent(body: &Bytes, cut: Option<usize>) -> BoxBody<Bytes, Cut> {
    let Some(cut) = cut.filter(|cut| *cut < body.len()) else {
        return Full::new(body.clone()).map_err(|never| match never {}).boxed();
    };
    let begin = stream::iter([Ok(Frame::data(body.slice(..cut)))]);
    let end = stream::once(async {
        // hyper throws away what it has not flushed; it flushes whenever it waits.
        tokio::task::yield_now().await;
        Err(Cut)
    });
    BoxBody::new(StreamBody::new(begin.chain(end)))
}

/// The request, as an error page that says too much.
pub(crate) fn quoted(request: &Request) -> String {
    let mut text = format!("cannot serve {} {}\n", request.method, request.path);
    for (name, value) in &request.headers {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    text + &String::from_utf8_lossy(&request.body)
}

/// The query for the first page of the same list.
pub(crate) fn first_page(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some(("__offset", _)) => "__offset=0",
        Some((key, _)) if key.eq_ignore_ascii_case("page") => "page=1",
        _ => pair,
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The body as the fault makes it; `None` where it does nothing to a body.
pub(crate) fn spoiled(body: &[u8], fault: &FaultKind) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    if let FaultKind::Replace { from, to } = fault {
        return Some(text.replace(from, to));
    }
    if text.starts_with('<') {
        return xml(&text, fault);
    }
    let mut document = serde_json::from_str(&text).ok()?;
    json(&mut document, fault).then(|| document.to_string())
}

fn json(document: &mut Value, fault: &FaultKind) -> bool {
    match fault {
        FaultKind::UnknownWords => unknown_words(document),
        FaultKind::EndlessPages => match document.get_mut("total") {
            Some(total) => *total = json!(ENDLESS),
            None => return false,
        },
        FaultKind::Duplicates => copies(document, 1, |_, _| {}),
        FaultKind::HugeList(more) => copies(document, *more, |entry, number| {
            if let Some(id) = entry.get_mut("id") {
                *id = match id.take() {
                    Value::String(id) => json!(format!("f{number:07x}{}", id.get(8..).unwrap_or_default())),
                    _ => json!(1_000_000 + number),
                };
            }
        }),
        _ => return false,
    }
    true
}

fn unknown_words(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(unknown_words),
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::String(word) if is_word(name) => word.push_str("_unheard_of"),
                    other => unknown_words(other),
                }
            }
        }
        _ => {}
    }
}

fn is_word(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.ends_with(word))
}

/// Adds `more` copies of the first entry to the list that the document is or holds.
fn copies(document: &mut Value, more: usize, change: impl Fn(&mut Value, usize)) {
    let is_envelope = document.get("hits").is_some();
    let list = if is_envelope {
        document.get_mut("hits")
    } else {
        Some(&mut *document)
    };
    let Some(Value::Array(entries)) = list else { return };
    let Some(first) = entries.first().filter(|first| first.is_object()).cloned() else {
        return;
    };
    entries.extend((1..=more).map(|number| {
        let mut copy = first.clone();
        change(&mut copy, number);
        copy
    }));
    if let Some(total) = document.get_mut("total") {
        *total = json!(total.as_u64().unwrap_or_default() + more as u64);
    }
}

fn xml(text: &str, fault: &FaultKind) -> Option<String> {
    match fault {
        FaultKind::UnknownWords => {
            let parts = text.split_inclusive('<').map(|part| match part.split_once('>') {
                Some((name, word)) if is_word(name) && !word.trim_end_matches('<').trim().is_empty() => {
                    format!("{name}>Unheard{word}")
                }
                _ => part.to_owned(),
            });
            Some(parts.collect())
        }
        FaultKind::EndlessPages => {
            let (before, rest) = text.split_once("PagesCount=\"")?;
            let (_, after) = rest.split_once('"')?;
            Some(format!("{before}PagesCount=\"{ENDLESS}\"{after}"))
        }
        FaultKind::Duplicates => xml_copies(text, 1, |row, _| row.to_owned()),
        FaultKind::HugeList(more) => xml_copies(text, *more, |row, number| {
            let other = format!(" VmDisplayName=\"vm{number}-");
            row.replace("-4000-8000-", &format!("-4001-{number:04x}-"))
                .replacen(" VmDisplayName=\"", &other, 1)
        }),
        _ => None,
    }
}

/// Puts `more` copies of the first row below `Entities` before it.
fn xml_copies(text: &str, more: usize, copy: impl Fn(&str, usize) -> String) -> Option<String> {
    let below = |from: usize| text.get(from..)?.find('<').map(|at| from + at);
    let entities = text.find("<Entities>")? + "<Entities>".len();
    let collection = below(entities)?;
    let row = below(collection + 1)?;
    let name = text.get(row + 1..)?.split([' ', '>', '/']).next()?;
    let end = format!("</{name}>");
    let end = row + text.get(row..)?.find(&end)? + end.len();
    let first = text.get(row..end)?;
    let copies: String = (1..=more).map(|number| copy(first, number)).collect();
    Some(format!("{}{copies}{}", &text[..row], &text[row..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const K2: &[u8] = include_bytes!("../../tests/payloads/kaminario/7.4/sessions.json");
    const QUMULO: &[u8] = include_bytes!("../../tests/payloads/qumulo/7.8.0/source_relationships_status.json");
    const VEEAM: &[u8] = include_bytes!("../../tests/payloads/veeam/1.7/task_sessions.xml");

    fn document(body: &[u8], fault: &FaultKind) -> Value {
        serde_json::from_str(&spoiled(body, fault).expect("another body")).expect("JSON")
    }

    fn rows(text: &str) -> usize {
        text.matches("<ReplicaTaskSession ").count()
    }

    #[test]
    fn words_become_unknown_and_names_stay() {
        let list = document(QUMULO, &FaultKind::UnknownWords);
        assert_eq!(list[0]["state"], "ESTABLISHED_unheard_of");
        assert_eq!(list[0]["replication_mode"], "REPLICATION_CONTINUOUS_unheard_of");
        assert_eq!(list[0]["source_cluster_name"], "osl-media");
        let text = spoiled(VEEAM, &FaultKind::UnknownWords).expect("another body");
        assert!(text.contains("<Result>UnheardSuccess</Result>"), "{text}");
        assert!(text.contains("VmDisplayName=\"film@store\""));
    }

    #[test]
    fn an_endless_list_is_always_at_its_first_page() {
        assert_eq!(first_page("a=b&__offset=500&__limit=5"), "a=b&__offset=0&__limit=5");
        assert_eq!(first_page("type=Job&pageSize=3&page=7"), "type=Job&pageSize=3&page=1");
        let list = document(b"{\"hits\":[{\"id\":1}],\"total\":1}", &FaultKind::EndlessPages);
        assert_eq!(list["total"], ENDLESS);
        let text = spoiled(
            b"<Q><PagingInfo PageNum=\"1\" PagesCount=\"1\"/></Q>",
            &FaultKind::EndlessPages,
        );
        assert_eq!(
            text.as_deref(),
            Some("<Q><PagingInfo PageNum=\"1\" PagesCount=\"1000000000\"/></Q>")
        );
    }

    #[test]
    fn a_duplicate_has_the_same_id() {
        let list = document(QUMULO, &FaultKind::Duplicates);
        let entries = list.as_array().expect("a list");
        assert_eq!(entries.first(), entries.last());
        let text = String::from_utf8_lossy(VEEAM);
        let spoiled = spoiled(VEEAM, &FaultKind::Duplicates).expect("another body");
        assert_eq!(rows(&spoiled), rows(&text) + 1);
    }

    #[test]
    fn a_huge_list_has_as_many_ids() {
        for (body, list) in [(K2, "/hits"), (QUMULO, "")] {
            let before: Value = serde_json::from_slice(body).expect("JSON");
            let after = document(body, &FaultKind::HugeList(500));
            let entries = |document: &Value| {
                document
                    .pointer(list)
                    .and_then(Value::as_array)
                    .expect("a list")
                    .clone()
            };
            let ids: std::collections::BTreeSet<String> =
                entries(&after).iter().map(|entry| entry["id"].to_string()).collect();
            assert_eq!(ids.len(), entries(&before).len() + 500);
        }
        let text = spoiled(VEEAM, &FaultKind::HugeList(500)).expect("another body");
        assert_eq!(rows(&text), rows(&String::from_utf8_lossy(VEEAM)) + 500);
        assert!(text.contains("UID=\"urn:veeam:ReplicaTaskSession:7a000001-0000-4001-01f4-000000000001\""));
    }
}
