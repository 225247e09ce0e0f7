//! Holds what the documents, rules, dashboards and examples name against the catalogue and the recording rules: no family and
//! no label of a selector that is not there (any longer).

use replication_exporter::metrics::{catalogue::FAMILIES, own::OWN};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

const PLACES: &[&str] = &[
    "README.md",
    "SECURITY.md",
    "config.example.toml",
    "deploy",
    "docs",
    "src/metrics/preface.md",
];
const KINDS: &[&str] = &["json", "md", "service", "tmpl", "toml", "txt", "yaml", "yml"];
/// Added by a scrape.
const OF_A_SCRAPE: &[&str] = &["instance", "job"];

fn files(place: &Path, found: &mut Vec<PathBuf>) {
    if place.is_dir() {
        for entry in fs::read_dir(place).expect("a folder") {
            files(&entry.expect("an entry").path(), found);
        }
    } else if place
        .extension()
        .is_some_and(|kind| KINDS.iter().any(|known| kind == *known))
    {
        found.push(place.to_owned());
    }
}

/// What of a text is no family that is known, nor a label of it.
fn unknown_names(text: &str, families: &BTreeMap<&str, Vec<&str>>, recorded: &BTreeSet<&str>) -> Vec<String> {
    let is_of_a_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':');
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_of_a_name) {
        let end = rest[start..]
            .find(|letter| !is_of_a_name(letter))
            .map_or(rest.len(), |length| start + length);
        let name = rest[start..end].trim_end_matches(':');
        let is_a_path = rest[..start].ends_with('/');
        rest = &rest[end..];
        if is_a_path {
            continue;
        }
        if name.contains(":storage_") {
            if !recorded.contains(name) {
                found.push(name.to_owned());
            }
        } else if name.starts_with("storage_") || name.starts_with("replication_exporter_") {
            // A name that ends so stands for all that begin with it.
            let is_known = families.contains_key(name)
                || name.ends_with('_') && families.keys().any(|family| family.starts_with(name));
            let labels = families.get(name).map_or(&[][..], Vec::as_slice);
            let selector = rest
                .strip_prefix('{')
                .filter(|_| !labels.is_empty())
                .and_then(|rest| rest.split_once('}'));
            let named = selector.map_or("", |(inside, _)| inside).split(',');
            let named = named.map(|one| one.split(['=', '!']).next().unwrap_or_default().trim());
            let strange = named.filter(|label| {
                !label.is_empty()
                    && label.chars().all(is_of_a_name)
                    && !labels.contains(label)
                    && !OF_A_SCRAPE.contains(label)
            });
            if !is_known {
                found.push(name.to_owned());
            }
            found.extend(strange.map(|label| format!("{name}{{{label}}}")));
        }
    }
    found
}

#[test]
fn no_document_rule_or_dashboard_names_a_family_or_a_label_that_is_not_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let known = FAMILIES.iter().map(|family| (family.name, family.labels.to_vec()));
    let own = OWN.iter().map(|family| (family.name, family.labels.to_vec()));
    let families: BTreeMap<&str, Vec<&str>> = known.chain(own).collect();
    let rules = ["recording", "alerts"].map(|name| {
        let file = root.join(format!("deploy/prometheus/{name}.rules.yml"));
        fs::read_to_string(file).expect("rules")
    });
    let lines = rules.iter().flat_map(|rules| rules.lines());
    let recorded = lines
        .filter_map(|line| line.split_once("record: "))
        .map(|(_, name)| name)
        .collect();

    let removed =
        "`storage_replication_health{relationship_id=\"x\",job=\"y\"}`, storage_gone and pair:storage_gone:word";
    assert_eq!(
        unknown_names(removed, &families, &recorded),
        [
            "storage_replication_health{relationship_id}",
            "storage_gone",
            "pair:storage_gone:word"
        ]
    );

    let mut all = Vec::new();
    for place in PLACES {
        files(&root.join(place), &mut all);
    }
    assert!(all.len() > 80, "{}", all.len());
    let found: Vec<String> = all
        .iter()
        .flat_map(|file| {
            let text = fs::read_to_string(file).expect("a text");
            let names = unknown_names(&text, &families, &recorded);
            names
                .into_iter()
                .map(|name| format!("{}: {name}", file.display()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}
