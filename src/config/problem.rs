//! What is wrong with a configuration: where, which key, and what to do about it; never the value.
//!
//! Holds no rule; `check` finds the problems. `main`, the reload and `--config.check` print them.

use super::key_path::KeyPath;
use std::{fmt, path::PathBuf};

/// One problem or warning, shown as `FILE:LINE: KEY: MESSAGE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    place: Place,
    key: KeyPath,
    message: String,
}

/// Where a setting was written. Lines of the file sort before variables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A line of the file, from 1; 0 means the file as a whole.
    File { file: PathBuf, line: usize },
    /// An environment variable.
    Variable(String),
}

impl Problem {
    pub(crate) fn new(place: Place, key: KeyPath, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { place, key, message }
    }

    /// The file as a whole, such as one that is missing.
    pub(crate) fn with_file(file: PathBuf, message: impl Into<String>) -> Self {
        Self::new(Place::File { file, line: 0 }, KeyPath::root(), message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File { file, line: 0 } => write!(f, "{}", file.display())?,
            Place::File { file, line } => write!(f, "{}:{line}", file.display())?,
            Place::Variable(name) => f.write_str(name)?,
        }
        if self.key != KeyPath::root() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// Every problem of a configuration, one per line, in the order of the file. Never empty as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<Problem>> for Problems {
    /// Sorted; the same problem found through several arrays, as with a key of `[poll]`, is told once.
    fn from(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
