//! What can be asked of everything that is known: a page of series, an overview, the names. The store answers, the server asks.

use super::page::Page;
use crate::model::{Overview, Scope};
use std::{collections::BTreeSet, sync::Arc};

/// What the server serves. Every call answers from memory, at once.
pub trait Exposition: Send + Sync + 'static {
    /// The page of the selected series, as of now.
    fn page(&self, selection: &Selection) -> Result<Page, UnknownArray>;

    /// Whether every array was attempted once.
    fn ready(&self) -> bool;

    /// Grows with every publish; a page of an older generation must not be served from a cache.
    fn generation(&self) -> u64;

    /// What the status page and `/api/v1/status` show of this much; it costs no more than that.
    fn overview(&self, scope: &Scope) -> Result<Overview, UnknownArray>;
}

/// Which arrays there are. Answers from memory, at once.
pub trait Inventory: Send + Sync + 'static {
    /// The `array` label of each, sorted.
    fn names(&self) -> Vec<Arc<str>>;
}

/// Which series a scrape asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything.
    All,
    /// Those with one of these `array` labels, and perhaps those without one.
    Only {
        /// The names asked for.
        arrays: BTreeSet<String>,
        /// Whether the series without an `array` label are asked for.
        exporter: bool,
    },
}

impl Selection {
    /// The name that stands for the series without an `array` label; no array can have it.
    pub const EXPORTER: &'static str = "_exporter";

    /// What a list of `?array=` values asks for; an empty list asks for everything.
    #[must_use]
    pub fn from_names(names: impl IntoIterator<Item = String>) -> Self {
        let mut arrays: BTreeSet<String> = names.into_iter().collect();
        if arrays.is_empty() {
            return Self::All;
        }
        let exporter = arrays.remove(Self::EXPORTER);
        Self::Only { arrays, exporter }
    }
}

/// A scrape asked for an array that is not configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown array {0:?}")]
pub struct UnknownArray(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_selects_everything_and_exporter_is_not_an_array() {
        assert_eq!(Selection::from_names([]), Selection::All);
        assert_eq!(
            Selection::from_names(["b", "_exporter", "a", "b"].map(String::from)),
            Selection::Only {
                arrays: ["a", "b"].map(String::from).into(),
                exporter: true
            }
        );
    }
}
