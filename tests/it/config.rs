//! The rules of the configuration: one bad file per rule, and the example that shows every key.

use replication_exporter::config;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

const NO_ENVIRONMENT: [(&str, &str); 0] = [];

/// Each file begins with the problems that it has, a line each after `#! `, and has no other.
#[test]
fn each_bad_file_gives_exactly_its_problems() {
    let mut wrong = String::new();
    for path in bad_files() {
        let bytes = fs::read(&path).expect("readable");
        let expected: Vec<String> = String::from_utf8_lossy(&bytes)
            .lines()
            .filter_map(|line| line.strip_prefix("#! ").map(str::to_owned))
            .collect();
        let actual = problems(&path);
        if expected != actual || actual.is_empty() {
            let name = path.file_name().expect("a name").to_string_lossy();
            for line in &actual {
                writeln!(wrong, "ACTUAL {name}|{line}").expect("written");
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "files whose problems are not those they tell:\n{wrong}"
    );
}

/// Wherever the word "canary" is written as a value, it must not come back.
#[test]
fn no_problem_echoes_a_value() {
    let mut seen = 0;
    for path in bad_files() {
        let text = fs::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        seen += usize::from(text.expect("readable").contains("canary"));
        for problem in problems(&path) {
            let is_key = problem.contains(".canary: unknown key") || problem.contains(r#"."can-ary": "#);
            assert!(is_key || !problem.contains("canary"), "{problem}");
        }
    }
    assert!(seen > 20, "too few files have a canary: {seen}");
}

#[test]
fn the_example_is_valid_and_shows_every_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml");
    let config = config::load(&path, NO_ENVIRONMENT, replication_exporter::source::vendors::ALL)
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(config.arrays.len(), 3);
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
}

fn bad_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config");
    let files = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = files.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| {
        path.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("invalid-"))
    });
    files.sort();
    assert!(!files.is_empty());
    files
}

/// The problems, with the file's name left out.
fn problems(path: &Path) -> Vec<String> {
    let Err(problems) = config::load(path, NO_ENVIRONMENT, replication_exporter::source::vendors::ALL) else {
        return vec![];
    };
    let prefix = path.display().to_string();
    let short = |line: &str| {
        let rest = line.strip_prefix(&prefix).expect("begins with the file");
        rest.trim_start_matches(':').trim_start().to_owned()
    };
    problems.to_string().lines().map(short).collect()
}
