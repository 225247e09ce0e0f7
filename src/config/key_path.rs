//! The place of a key in the configuration, such as `qumulo[1].rpo_overrides[0].rpo`, and on which line it is written.
//!
//! Indices count from 0, as in every TOML tool: `qumulo[1]` is the second `[[qumulo]]`. Knows nothing of what the keys
//! mean. `check` names places with it, `problem` prints them.

use std::{collections::BTreeMap, fmt};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A path of keys and indices from the root of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyPath(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Index(usize),
}

impl KeyPath {
    /// The whole file.
    pub(crate) fn root() -> Self {
        Self::default()
    }

    /// A key in the table at this path.
    #[must_use]
    pub(crate) fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// An element of the array at this path.
    #[must_use]
    pub(crate) fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// The key in `[poll]` that this path is, if it is one.
    pub(crate) fn poll_key(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Step::Key(table), Step::Key(key)] if table == "poll" => Some(key),
            _ => None,
        }
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) => {
                    let dot = if position == 0 { "" } else { "." };
                    write!(f, "{dot}{}", shown(key))?;
                }
            }
        }
        Ok(())
    }
}

/// On which line each key of a file is, from 1.
#[derive(Debug)]
pub(crate) struct Lines(BTreeMap<KeyPath, usize>);

impl Lines {
    /// The lines of a parsed file.
    pub(crate) fn of(text: &str, root: &DeTable<'_>) -> Self {
        let mut lines = BTreeMap::new();
        record_table(&LineStarts::of(text), root, &KeyPath::root(), &mut lines);
        Self(lines)
    }

    /// The line of `path`; of the nearest table around it if it is not in the file, as for a key that is missing.
    pub(crate) fn line_of(&self, path: &KeyPath) -> usize {
        let mut path = path.clone();
        loop {
            if let Some(line) = self.0.get(&path) {
                return *line;
            }
            if path.0.pop().is_none() {
                return 1;
            }
        }
    }
}

/// Where each line but the first begins. Counting newlines up to each key anew makes a large file quadratic.
struct LineStarts(Vec<usize>);

impl LineStarts {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// The line of a byte offset, from 1.
    fn line_at(&self, offset: usize) -> usize {
        self.0.partition_point(|&start| start <= offset) + 1
    }
}

/// The line of a single byte offset, from 1.
pub(crate) fn line_at(text: &[u8], offset: usize) -> usize {
    text.iter()
        .take(offset)
        .fold(1, |line, &byte| line + usize::from(byte == b'\n'))
}

fn record_table(starts: &LineStarts, table: &DeTable<'_>, path: &KeyPath, lines: &mut BTreeMap<KeyPath, usize>) {
    for (key, value) in table {
        let path = path.key(key.get_ref());
        lines.insert(path.clone(), starts.line_at(key.span().start));
        record_inside(starts, value, &path, lines);
    }
}

fn record_inside(
    starts: &LineStarts,
    value: &Spanned<DeValue<'_>>,
    path: &KeyPath,
    lines: &mut BTreeMap<KeyPath, usize>,
) {
    match value.get_ref() {
        DeValue::Table(table) => record_table(starts, table, path, lines),
        DeValue::Array(array) => {
            for (index, element) in array.iter().enumerate() {
                let path = path.index(index);
                lines.insert(path.clone(), starts.line_at(element.span().start));
                record_inside(starts, element, &path, lines);
            }
        }
        _ => {}
    }
}

/// A key as TOML would need it written, without control characters and cut to a readable length.
fn shown(key: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.len() <= 64 && key.chars().all(bare) {
        return key.to_owned();
    }
    let cut: String = key.chars().take(64).collect();
    format!("{cut:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[poll]\ninterval = '1s'\n\n[[qumulo]]\nname = 'a'\n\n[[qumulo]]\nurls = [\n  'x',\n  'y',\n]\n";

    fn lines() -> Lines {
        Lines::of(TEXT, DeTable::parse(TEXT).expect("TOML").get_ref())
    }

    #[test]
    fn every_key_and_element_has_its_line() {
        let second = KeyPath::root().key("qumulo").index(1);
        assert_eq!(lines().line_of(&KeyPath::root().key("poll").key("interval")), 2);
        assert_eq!(lines().line_of(&second), 7);
        assert_eq!(lines().line_of(&second.key("urls").index(1)), 10);
    }

    #[test]
    fn a_missing_key_is_on_the_line_of_its_table() {
        let second = KeyPath::root().key("qumulo").index(1);
        assert_eq!(lines().line_of(&second.key("name")), 7);
        assert_eq!(lines().line_of(&KeyPath::root().key("veeam")), 1);
    }

    #[test]
    fn a_path_reads_as_in_toml() {
        let path = KeyPath::root().key("qumulo").index(1).key("labels").key("a b");
        assert_eq!(path.to_string(), "qumulo[1].labels.\"a b\"");
    }
}
