//! Every field that a vendor's simulator sends is a metric, a label or left out with a reason; and where one cannot be read,
//! that is counted under a declared name.

use super::{lab, names, watch};
use quick_xml::events::Event;
use replication_exporter::{config::Vendor, source::record::Recording, source::vendors};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The recording of every array of a vendor.
async fn recorded(vendor: Vendor) -> tempfile::TempDir {
    let lab = lab(vendor).await;
    let folder = tempfile::tempdir().expect("a folder");
    let recording = Recording::new(folder.path(), false).expect("a recording");
    for name in names(&lab) {
        let recorder = recording.of(&lab.config(&name)).expect("a recorder");
        watch::watch(&lab, &name, None, 1, 1, Some(recorder.clone())).await;
        recorder.finish().expect("written");
    }
    folder
}

fn bodies(recording: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for array in fs::read_dir(recording).expect("a folder") {
        for file in fs::read_dir(array.expect("an entry").path()).expect("a folder") {
            let path = file.expect("an entry").path();
            if path.file_name().is_some_and(|name| name != "array.json") {
                found.push(path);
            }
        }
    }
    found
}

/// All fields, each with the object that it is of and an answer that it is in. Objects in JSON have no name.
fn fields(recording: &Path) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for path in bodies(recording) {
        let text = fs::read_to_string(&path).expect("text");
        let answer = path.file_name().expect("a name").to_string_lossy().into_owned();
        let mut fields = BTreeSet::new();
        if text.trim_start().starts_with('<') {
            xml_fields(&text, &mut fields);
        } else {
            json_fields(&serde_json::from_str(&text).expect("JSON"), &mut fields);
        }
        found.extend(fields.into_iter().map(|field| (field, answer.clone())));
    }
    found
}

fn json_fields(value: &serde_json::Value, fields: &mut BTreeSet<(String, String)>) {
    match value {
        serde_json::Value::Array(list) => list.iter().for_each(|each| json_fields(each, fields)),
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                fields.insert((String::new(), key.clone()));
                json_fields(value, fields);
            }
        }
        _ => {}
    }
}

/// Elements that hold text, and attributes; the namespaces are no fields.
fn xml_fields(text: &str, fields: &mut BTreeSet<(String, String)>) {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event().expect("XML");
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            for attribute in tag.attributes() {
                let attribute = attribute.expect("an attribute");
                let key: &str = attribute.key.as_ref();
                if !key.starts_with("xmlns") && !key.contains(':') {
                    fields.insert((tag.local_name().as_ref().to_owned(), key.to_owned()));
                }
            }
        }
        match event {
            Event::Start(tag) => open.push(tag.local_name().as_ref().to_owned()),
            Event::End(_) => drop(open.pop()),
            Event::Text(text) if !text.trim().is_empty() => {
                if let [.., object, field] = open.as_slice() {
                    fields.insert((object.clone(), field.clone()));
                }
            }
            Event::Eof => return,
            _ => {}
        }
    }
}

/// The fields that a column names: each word in backquotes, and each part of a path there.
fn named(column: &[(&str, &str)]) -> BTreeSet<String> {
    let quoted = column
        .iter()
        .flat_map(|(_, source)| source.split('`').skip(1).step_by(2));
    quoted
        .flat_map(|path| path.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn every_field_that_is_sent_is_a_metric_a_label_or_left_out_with_a_reason() {
    let mut wrong = Vec::new();
    for &vendor in vendors::ALL {
        let recording = recorded(vendor).await;
        let fields = fields(recording.path());
        assert!(fields.len() > 20, "{vendor:?}: {}", fields.len());
        let metrics = named(vendor.sources);
        for ((object, field), answer) in &fields {
            let is_label = vendor.labels.contains(&field.as_str());
            let mut left_out = vendor
                .left_out
                .iter()
                .filter(|left| left.fields.contains(&field.as_str()));
            // Where the object has an entry of its own, only that speaks for it.
            let is_named = vendor.left_out.iter().any(|left| left.object == object);
            let is_left_out = left_out.any(|left| left.object == object || !is_named);
            if !metrics.contains(field) && !is_label && !is_left_out {
                wrong.push(format!(
                    "{vendor:?}: {field} of {object:?}, as in {answer}, is neither metric, label nor left out"
                ));
            }
        }
        for left in vendor.left_out {
            assert!(left.reason.len() > 10, "{vendor:?}: why {:?} is left out", left.fields);
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What is counted for a value that cannot be read has to be declared: its counter starts at 0, or nobody sees it begin.
#[tokio::test]
async fn what_is_counted_is_declared() {
    for &vendor in vendors::ALL {
        let sorted = vendor.counted_fields.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(sorted, "{vendor:?}: counted fields are sorted, each once");
        let original = recorded(vendor).await;
        let mut counted = BTreeSet::new();
        let names: BTreeSet<String> = fields(original.path()).into_keys().map(|(_, field)| field).collect();
        for field in names {
            let damaged = tempfile::tempdir().expect("a folder");
            let mut is_damaged = false;
            for path in bodies(original.path()).into_iter().chain(manifests(original.path())) {
                let below = path.strip_prefix(original.path()).expect("below");
                let to = damaged.path().join(below);
                fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
                let text = fs::read_to_string(&path).expect("text");
                let new = if path.ends_with("array.json") {
                    text.clone()
                } else {
                    unreadable(&text, &field)
                };
                is_damaged |= new != text;
                fs::write(to, new).expect("written");
            }
            if is_damaged {
                counted.extend(watch::counted(damaged.path()).await);
            }
        }
        let undeclared: Vec<_> = counted
            .iter()
            .filter(|field| !vendor.counted_fields.contains(field))
            .collect();
        assert!(
            undeclared.is_empty(),
            "{vendor:?}: counted and not declared: {undeclared:?}"
        );
        assert!(counted.len() > 5, "{vendor:?}: {counted:?}");
    }
}

fn manifests(recording: &Path) -> Vec<PathBuf> {
    let arrays = fs::read_dir(recording).expect("a folder");
    arrays
        .map(|array| array.expect("an entry").path().join("array.json"))
        .collect()
}

/// The document with each value of `field` made a word that nobody knows.
fn unreadable(text: &str, field: &str) -> String {
    if text.trim_start().starts_with('<') {
        let mut out = text.to_owned();
        for (start, end) in [(format!("<{field}>"), "<"), (format!(" {field}=\""), "\"")] {
            let parts: Vec<&str> = out.split(&start).collect();
            let damaged: Vec<String> = parts
                .iter()
                .enumerate()
                .map(|(at, part)| match part.find(end) {
                    Some(length) if at > 0 => format!("?!{}", &part[length..]),
                    _ => (*part).to_owned(),
                })
                .collect();
            out = damaged.join(&start);
        }
        return out;
    }
    let mut document: serde_json::Value = serde_json::from_str(text).expect("JSON");
    damage(&mut document, field);
    document.to_string()
}

fn damage(value: &mut serde_json::Value, field: &str) {
    match value {
        serde_json::Value::Array(list) => list.iter_mut().for_each(|each| damage(each, field)),
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                if key == field && !value.is_array() {
                    *value = serde_json::json!({"?": "!"});
                } else {
                    damage(value, field);
                }
            }
        }
        _ => {}
    }
}
