//! The status page as HTML, from templates/status.html: what the page shows as text, in the order that it shows it. The
//! template escapes everything that an array or a user wrote. Works without JavaScript, which the page's policy forbids.

mod array;
mod bar;
mod row;

use super::filter::Filter;
use crate::model::{Overview, Pair, Standing};
use array::ArrayCard;
use askama::Template;
use row::Row;

/// The most relationships on one page.
const MOST_ROWS: usize = 500;
const REFRESH_SECONDS: u32 = 15;

/// Where in the list of relationships the page begins, and whether it refreshes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    from: usize,
    refresh: bool,
}

impl Place {
    /// What the URL says: `?from=500`, `?refresh=off`.
    pub(super) fn from_query(parameters: &[(String, String)]) -> Self {
        let value = |wanted: &str| {
            let mut found = parameters.iter().filter(|(key, _)| key == wanted);
            found.next_back().map(|(_, value)| value.as_str())
        };
        Self {
            from: value("from").and_then(|from| from.parse().ok()).unwrap_or(0),
            refresh: value("refresh") != Some("off"),
        }
    }
}

/// The page of what the filter lets through. The counts at its top are always of everything.
pub(super) fn render(overview: &Overview, filter: &Filter, place: Place) -> Result<Vec<u8>, askama::Error> {
    let found: Vec<&Pair> = overview
        .relationships
        .iter()
        .filter(|pair| filter.wants(pair))
        .collect();
    let end = place.from.saturating_add(MOST_ROWS);
    let counts = overview.counts();
    let here = Link { filter, place };
    let page = Page {
        title: title(overview),
        now: overview.now.to_rfc3339_seconds(),
        refresh: place.refresh,
        refresh_seconds: REFRESH_SECONDS,
        refresh_link: here.with_refresh(!place.refresh),
        counts: Standing::ALL
            .iter()
            .map(|&standing| Count {
                word: standing.word(),
                symbol: symbol(standing),
                number: counts.get(standing),
                link: here.with_health(standing),
            })
            .collect(),
        arrays_down: overview.arrays_down(),
        arrays_all: overview.arrays.len(),
        filtered: (!filter.is_empty()).then(|| described(filter)),
        unfiltered_link: here.without_filter(),
        found: found.len(),
        all: overview.relationships.len(),
        rows: found
            .iter()
            .skip(place.from)
            .take(MOST_ROWS)
            .map(|pair| Row::of(pair, overview.now))
            .collect(),
        next_link: (end < found.len()).then(|| here.from(end)),
        arrays: overview
            .arrays
            .iter()
            .filter(|array| filter.wants_array(&array.name))
            .map(|array| ArrayCard::of(array, here.with_array(&array.name), overview.now))
            .collect(),
        version: crate::build_info::VERSION,
    };
    page.render().map(String::into_bytes)
}

#[derive(Template)]
#[template(path = "status.html")]
struct Page {
    title: String,
    now: String,
    refresh: bool,
    refresh_seconds: u32,
    refresh_link: String,
    counts: Vec<Count>,
    arrays_down: usize,
    arrays_all: usize,
    filtered: Option<String>,
    unfiltered_link: String,
    found: usize,
    all: usize,
    rows: Vec<Row>,
    next_link: Option<String>,
    arrays: Vec<ArrayCard>,
    version: &'static str,
}

struct Count {
    word: &'static str,
    symbol: &'static str,
    number: usize,
    link: String,
}

/// What a browser's tab shows: the bad news first.
fn title(overview: &Overview) -> String {
    let counts = overview.counts();
    let mut news: Vec<String> = [Standing::NoCopy, Standing::Behind, Standing::Failing, Standing::Unknown]
        .iter()
        .filter(|&&standing| counts.get(standing) > 0)
        .map(|&standing| format!("{} {}", counts.get(standing), standing.word().replace('_', " ")))
        .collect();
    match overview.arrays_down() {
        0 => {}
        1 => news.push("1 array down".to_owned()),
        down => news.push(format!("{down} arrays down")),
    }
    if news.is_empty() {
        news.push(format!("{} protected", counts.get(Standing::Protected)));
    }
    format!("{} – replication status", news.join(", "))
}

/// A sign that says the same as the colour.
fn symbol(standing: Standing) -> &'static str {
    match standing {
        Standing::NoCopy => "∅",
        Standing::Behind => "▲",
        Standing::Failing => "✕",
        Standing::Unknown => "?",
        Standing::Unjudged => "–",
        Standing::Stopped => "■",
        Standing::Protected => "✓",
    }
}

fn described(filter: &Filter) -> String {
    let mut parts = Vec::new();
    if !filter.healths.is_empty() {
        parts.push(filter.healths.join(" or "));
    }
    if !filter.arrays.is_empty() {
        parts.push(format!("seen by {}", filter.arrays.join(" or ")));
    }
    parts.join(", ")
}

/// Links to this page in other states. A filter that was checked holds names and words that need no encoding in a URL.
struct Link<'a> {
    filter: &'a Filter,
    place: Place,
}

impl Link<'_> {
    fn with_refresh(&self, refresh: bool) -> String {
        write(
            &self.filter.arrays,
            &self.filter.healths,
            Place { refresh, ..self.place },
        )
    }

    fn with_health(&self, standing: Standing) -> String {
        write(&self.filter.arrays, &[standing.word().to_owned()], self.at(0))
    }

    fn with_array(&self, name: &str) -> String {
        write(&[name.to_owned()], &[], self.at(0))
    }

    fn without_filter(&self) -> String {
        write(&[], &[], self.at(0))
    }

    fn from(&self, from: usize) -> String {
        write(&self.filter.arrays, &self.filter.healths, self.at(from))
    }

    fn at(&self, from: usize) -> Place {
        Place { from, ..self.place }
    }
}

fn write(arrays: &[String], healths: &[String], place: Place) -> String {
    let mut parameters: Vec<String> = arrays.iter().map(|name| format!("array={name}")).collect();
    parameters.extend(healths.iter().map(|word| format!("health={word}")));
    if place.from > 0 {
        parameters.push(format!("from={}", place.from));
    }
    if !place.refresh {
        parameters.push("refresh=off".to_owned());
    }
    // Relative, so that it holds behind a proxy that serves the page under a path.
    format!("?{}", parameters.join("&"))
}

#[cfg(test)]
#[path = "status_page_tests.rs"]
mod tests;
