//! Holds docs/failure-matrix.md against the tests: each row names tests that exist, or says that it has none.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const ROWS: usize = 36;
const NONE: &str = "none yet";

/// The last column of each row.
fn rows() -> Vec<String> {
    let page = include_str!("../../docs/failure-matrix.md");
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line
            .strip_prefix('|')?
            .trim_end()
            .strip_suffix('|')?
            .split(" | ")
            .collect();
        let number = cells.first()?.trim().parse::<usize>().ok()?;
        Some((number, cells))
    });
    let rows: Vec<(usize, Vec<&str>)> = rows.collect();
    let numbers: Vec<usize> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (1..=ROWS).collect::<Vec<_>>());
    rows.into_iter()
        .map(|(number, cells)| {
            assert_eq!(cells.len(), 4, "row {number}: number, fault, what must happen, tests");
            cells[3].trim().to_owned()
        })
        .collect()
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// The name of every test in src and tests/it.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    source_files(&root.join("src"), &mut files);
    source_files(&root.join("tests/it"), &mut files);
    let mut names = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).expect("a source file");
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                is_test = true;
            } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| is_test) {
                names.insert(rest.split('(').next().unwrap_or_default().to_owned());
                is_test = false;
            }
        }
    }
    names
}

#[test]
fn every_row_of_the_failure_matrix_names_tests_that_exist_or_says_that_it_has_none() {
    let (tests, root) = (tests(), Path::new(env!("CARGO_MANIFEST_DIR")));
    for (row, cell) in rows().iter().enumerate() {
        let number = row + 1;
        if cell.starts_with(NONE) {
            continue;
        }
        let named: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "row {number} names no test");
        for name in named {
            let exists = if name.contains('/') {
                root.join(name).is_file()
            } else {
                tests.contains(name)
            };
            assert!(exists, "row {number}: there is no test {name}");
        }
    }
}

#[test]
fn the_failure_matrix_says_how_many_of_its_rows_have_no_test() {
    let without: Vec<String> = rows()
        .iter()
        .enumerate()
        .filter(|(_, cell)| cell.starts_with(NONE))
        .map(|(row, _)| (row + 1).to_string())
        .collect();
    let sentence = match without.as_slice() {
        [] => "Every row has a test.".to_owned(),
        [one] => format!("Row {one} has no test yet."),
        many => format!("Rows {} have no test yet.", many.join(", ")),
    };
    assert!(
        include_str!("../../docs/failure-matrix.md").contains(&sentence),
        "{sentence}"
    );
}
