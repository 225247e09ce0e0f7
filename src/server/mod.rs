//! The HTTP server: `/metrics`, the status page and the same as JSON, health.
//!
//! What it serves is behind [`Exposition`]; it never polls, waits for no array and holds no lock across I/O. `app` binds
//! the addresses with [`bind`] and runs [`serve`] over a [`router()`].

pub mod accept;
mod body;
pub mod discovery;
mod encoding;
mod filter;
mod gzip;
pub mod lifecycle;
pub mod listen;
pub mod overview;
#[cfg(test)]
mod overview_fixture;
pub mod protect;
pub mod routes;
mod scrape;
mod shown;
mod status;
mod status_json;
mod status_page;
pub mod tls;
pub mod web;
mod web_config;

pub use accept::{Acceptor, Limits, Plain, serve};
pub use discovery::{ExternalUrl, Inventory, discovery};
pub use lifecycle::lifecycle;
pub use listen::{BindError, ListenAddress, bind};
pub use overview::{ArrayOverview, Overview};
pub use protect::protect;
pub use routes::router;
pub use tls::TlsOrPlain;
pub use web::Web;

use crate::metrics::page::Page;
use std::collections::BTreeSet;

/// What the server serves. Every call answers from memory, at once.
pub trait Exposition: Send + Sync + 'static {
    /// The page of the selected series, as of now.
    fn page(&self, selection: &Selection) -> Result<Page, UnknownArray>;

    /// Whether every array was attempted once.
    fn ready(&self) -> bool;

    /// Grows with every publish; a page of an older generation must not be served from a cache.
    fn generation(&self) -> u64;

    /// What the status page and `/api/v1/status` show.
    fn overview(&self) -> Overview;
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
