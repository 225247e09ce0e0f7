//! The catalogue as documentation: `METRICS.md` and the `catalogue` sub-command.

use super::{
    catalogue::{FAMILIES, Family, MetricType, OF_EVERY_VENDOR},
    own::OWN,
    words,
};
use crate::source::vendors;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

const PREFACE: &str = include_str!("preface.md");

/// The catalogue as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(PREFACE);
    words_table(&mut out);
    let mut groups: BTreeMap<Vec<usize>, Vec<&Family>> = BTreeMap::new();
    for family in FAMILIES {
        let fillers = (0..vendors::ALL.len()).filter(|&index| source(family, vendors::ALL[index]).is_some());
        groups.entry(fillers.collect()).or_default().push(family);
    }
    // What every vendor fills first, then what fewer do.
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(fillers, _)| std::cmp::Reverse(fillers.len()));
    for (fillers, families) in groups {
        let titles: Vec<&str> = fillers.iter().map(|&index| vendors::ALL[index].title).collect();
        let of = if titles.len() == vendors::ALL.len() {
            "every vendor".to_owned()
        } else {
            titles.join(" and ")
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "\n## Families of {of}");
        for family in families {
            section(&mut out, family);
        }
    }
    out.push_str("\n## About the exporter itself\n\n| family | type | labels | meaning |\n|---|---|---|---|\n");
    for family in OWN {
        let (kind, labels) = (family.metric_type.exposed(), family.labels.join(", "));
        let _ = writeln!(out, "| `{}` | {kind} | {labels} | {} |", family.name, family.help);
    }
    out.push_str("\n## Fields that are no metric\n\n| vendor | object | field | why |\n|---|---|---|---|\n");
    for vendor in vendors::ALL {
        for left in vendor.left_out {
            for field in left.fields {
                let name = vendor.name();
                let _ = writeln!(out, "| {name} | {} | `{field}` | {} |", left.object, left.reason);
            }
        }
    }
    out
}

/// Every label that has words, with all of them.
fn words_table(out: &mut String) {
    out.push_str("\n## Words\n\n| label | of | words |\n|---|---|---|\n");
    let mut labels: BTreeMap<(&str, Vec<&str>), Vec<&str>> = BTreeMap::new();
    for family in FAMILIES {
        for label in family.labels {
            if let Some(words) = words::of(family, label) {
                labels.entry((label, words)).or_default().push(family.name);
            }
        }
    }
    for ((label, words), families) in labels {
        let of = match families.as_slice() {
            [one] => format!("`{one}`"),
            several => format!("{} families", several.len()),
        };
        let quoted = words.iter().map(|word| match *word {
            "" => "the empty string".to_owned(),
            word => format!("`{word}`"),
        });
        let _ = writeln!(out, "| `{label}` | {of} | {} |", quoted.collect::<Vec<_>>().join(", "));
    }
    out.push_str("\n`state` and `section` by vendor:\n\n");
    for vendor in vendors::ALL {
        let sections: Vec<&str> = vendor.sections.iter().map(|spec| spec.section.name()).collect();
        let (title, states) = (vendor.title, vendor.states.concat().join(", "));
        let _ = writeln!(out, "- {title}: states {states}; sections {}", sections.join(", "));
    }
}

fn section(out: &mut String, family: &Family) {
    let _ = write!(out, "\n### `{}`\n\n{}\n\n", family.name, family.help);
    let unit = match family.unit {
        "" => String::new(),
        unit => format!(", in {unit}"),
    };
    let (form, kind) = (family.metric_type.word(), family.kind.word());
    let _ = writeln!(out, "- {form}, {kind}{unit}");
    let _ = writeln!(out, "- labels: {}", family.labels.join(", "));
    let sources = vendors::ALL
        .iter()
        .filter_map(|vendor| Some((vendor.title, source(family, *vendor)?)));
    let sources: Vec<(&str, &str)> = sources.collect();
    let distinct: BTreeSet<&str> = sources.iter().map(|(_, source)| *source).collect();
    match sources.as_slice() {
        [(_, source), ..] if distinct.len() == 1 && sources.len() == vendors::ALL.len() => {
            let _ = writeln!(out, "- every vendor: {source}");
        }
        sources => {
            for (vendor, source) in sources {
                let _ = writeln!(out, "- {vendor}: {source}");
            }
        }
    }
}

/// The catalogue as JSON: an array of all families, the exporter's own too.
#[must_use]
pub fn json() -> serde_json::Value {
    let of_arrays = FAMILIES.iter().map(|family| object(family, vendors::ALL));
    OWN.iter().map(|family| object(family, &[])).chain(of_arrays).collect()
}

fn object(family: &Family, vendors: &[crate::config::Vendor]) -> serde_json::Value {
    let words = family.labels.iter();
    let words = words.filter_map(|&label| Some((label, words::of(family, label)?)));
    let sources = vendors.iter();
    let sources = sources.filter_map(|vendor| Some((vendor.name(), source(family, *vendor)?)));
    serde_json::json!({
        "name": family.name,
        "help": family.help,
        "type": family.metric_type.exposed(),
        "is_word": family.metric_type == MetricType::Word,
        "kind": family.kind.word(),
        "labels": family.labels,
        "unit": family.unit,
        "words": words.collect::<BTreeMap<_, _>>(),
        "sources": sources.collect::<BTreeMap<_, _>>(),
    })
}

/// Where a family comes from at a vendor's; `None`: it has no such thing.
fn source(family: &Family, vendor: crate::config::Vendor) -> Option<&'static str> {
    let columns = [OF_EVERY_VENDOR, vendor.sources];
    let mut rows = columns.into_iter().flatten();
    rows.find(|(name, _)| *name == family.name).map(|(_, source)| *source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_md_is_what_the_catalogue_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/metrics/METRICS.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == markdown(),
            "METRICS.md is not what the catalogue says; write it anew: cargo run -- catalogue --format markdown > src/metrics/METRICS.md"
        );
    }

    #[test]
    fn the_preface_names_only_families_that_there_are() {
        let all: Vec<&str> = FAMILIES.iter().chain(OWN).map(|family| family.name).collect();
        let quoted = PREFACE.split('`').filter(|text| text.starts_with("storage_"));
        let names = quoted.map(|text| text.split('{').next().unwrap_or_default());
        let wrong: Vec<&str> = names.filter(|name| !all.contains(name)).collect();
        assert_eq!(wrong, [""; 0]);
    }

    #[test]
    fn the_json_holds_every_family_sorted_by_name() {
        let json = json();
        let names = json.as_array().expect("an array").iter();
        let names: Vec<&str> = names.filter_map(|family| family["name"].as_str()).collect();
        assert_eq!(names.len(), FAMILIES.len() + OWN.len());
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
