//! The documents' tables that are made from the descriptors.

use replication_exporter::source::vendors;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// Every section: what it needs, what it lists, how often it is read.
fn sections() -> String {
    let mut out = String::from("| vendor | section | right | lists all of | read whole |\n|---|---|---|---|---|\n");
    for vendor in vendors::ALL {
        for spec in vendor.sections {
            let right = spec.right.unwrap_or("none");
            let optional = if spec.is_optional { " (does without)" } else { "" };
            let roles: Vec<&str> = spec.lists.unwrap_or_default().iter().map(|role| role.word()).collect();
            let period = spec.period.map_or("every poll".to_owned(), |period| {
                format!("every {} minutes", period.as_secs() / 60)
            });
            let _ = writeln!(
                out,
                "| {} | `{}` | {right}{optional} | {} | {period} |",
                vendor.name(),
                spec.section,
                roles.join(", ")
            );
        }
    }
    out
}

#[test]
fn the_table_of_sections_is_that_of_the_descriptors() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let document = fs::read_to_string(path).expect("a document");
    let table = sections();
    assert!(document.contains(&table), "docs/security.md is to hold:\n{table}");
}

#[test]
fn every_vendor_has_its_place_in_the_documents() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = fs::read_to_string(root.join("config.example.toml")).expect("the example");
    let readme = fs::read_to_string(root.join("README.md")).expect("the README");
    let accounts = fs::read_to_string(root.join("docs/accounts.md")).expect("the accounts");
    let accounts = accounts.split_whitespace().collect::<Vec<_>>().join(" ");
    for vendor in vendors::ALL {
        let section = format!("[[{}]]", vendor.name());
        let begins = |line: &str| line.trim_start_matches('#') == section;
        assert!(example.lines().any(begins), "config.example.toml: {section}");
        assert!(readme.contains(&section), "README.md: {section}");
        for key in vendor.own_keys {
            assert!(example.contains(key.name), "config.example.toml: {}", key.name);
        }
        for right in vendor.sections.iter().filter_map(|spec| spec.right) {
            assert!(accounts.contains(right), "docs/accounts.md: {right}");
        }
    }
}

#[test]
fn every_vendors_folder_is_in_the_list() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/source");
    let folders = fs::read_dir(source).expect("a folder");
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.expect("an entry").path()).collect();
    folders.retain(|folder| folder.join("descriptor.rs").exists());
    let of_vendors: BTreeSet<String> = folders
        .iter()
        .map(|folder| folder.file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = vendors::ALL.iter().map(|vendor| vendor.name().to_owned()).collect();
    assert_eq!(of_vendors, listed, "folders with a descriptor, and `vendors!`");
}
