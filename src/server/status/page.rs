//! The status page as HTML, from templates/status.html: what needs a person first, then the relationships, worst first, those
//! that are protected folded away per array. The template escapes everything that an array or a user wrote.

use super::{array::ArrayCard, links, question::Question, row::Row, shell, symbol};
use crate::{
    model::{Notice, Overview, Pair, Span, Standing, Timestamp, Totals, span::moment},
    settings::Links,
};
use askama::Template;
use std::collections::BTreeMap;

/// The most relationships on one page.
const MOST_ROWS: usize = 500;

/// The page of what the question asks for.
pub(super) fn render(overview: &Overview, question: &Question, links: &Links) -> Result<Vec<u8>, askama::Error> {
    let totals = overview.totals(|pair| question.counts(pair));
    let found: Vec<&Pair> = overview
        .relationships
        .iter()
        .filter(|pair| question.wants(pair))
        .collect();
    // Who asks for some of them wants to see these; who asks for everything, what is wrong.
    let fold = question.standings.is_empty() && question.text.is_empty();
    let is_folded = |pair: &&&Pair| fold && pair.standing == Standing::Protected && pair.disagreements.is_empty();
    let (folded, listed): (Vec<&Pair>, Vec<&Pair>) = found.iter().partition(|pair| is_folded(pair));
    let most = question.limit.unwrap_or(MOST_ROWS).min(MOST_ROWS);
    let end = question.from.saturating_add(most);
    // What only has to be set right some day does not stand above what burns.
    let (settings, notices): (Vec<&Notice>, Vec<&Notice>) =
        overview.notices.iter().partition(|notice| notice.can_wait());
    let written = |notices: Vec<&Notice>| {
        notices
            .iter()
            .map(|notice| Line::of(notice, links, overview.now))
            .collect()
    };
    let (settings, notices) = (written(settings), written(notices));
    let page = Page {
        title: title(&totals),
        style: shell::STYLE,
        script: shell::SCRIPT,
        now: overview.now.to_rfc3339_seconds(),
        refresh: question.refresh,
        refresh_seconds: shell::REFRESH_SECONDS,
        refresh_link: question.with_refresh(!question.refresh).link(),
        tiles: tiles(&totals, question),
        arrays_all: totals.arrays,
        notices,
        settings,
        filtered: (!question.is_everything()).then(|| question.in_words()),
        text: question.text.clone(),
        hidden: question
            .parameters()
            .into_iter()
            .filter(|(key, _)| !matches!(*key, "q" | "from"))
            .collect(),
        unfiltered_link: question.without_conditions().link(),
        found: found.len(),
        known: totals.relationships,
        listed: listed.len(),
        rows: listed
            .iter()
            .skip(question.from)
            .take(most)
            .map(|pair| Row::of(pair))
            .collect(),
        next_link: (end < listed.len()).then(|| question.starting_at(end).link()),
        groups: groups(&folded, question),
        arrays: overview
            .arrays
            .iter()
            .map(|array| ArrayCard::of(array, question, overview.now))
            .collect(),
        version: crate::build_info::VERSION,
    };
    page.render().map(String::into_bytes)
}

#[derive(Template)]
#[template(path = "status.html")]
struct Page {
    title: String,
    style: &'static str,
    script: &'static str,
    now: String,
    refresh: bool,
    refresh_seconds: u32,
    refresh_link: String,
    tiles: Vec<Tile>,
    arrays_all: usize,
    notices: Vec<Line>,
    settings: Vec<Line>,
    filtered: Option<String>,
    text: String,
    hidden: Vec<(&'static str, String)>,
    unfiltered_link: String,
    found: usize,
    known: usize,
    listed: usize,
    rows: Vec<Row>,
    next_link: Option<String>,
    groups: Vec<Group>,
    arrays: Vec<ArrayCard>,
    version: &'static str,
}

/// A number that is a link to what it counts.
struct Tile {
    /// The key in the JSON's `counts`.
    key: &'static str,
    class: &'static str,
    symbol: &'static str,
    label: String,
    number: usize,
    link: String,
}

/// A notice.
struct Line {
    about: &'static str,
    symbol: &'static str,
    label: &'static str,
    /// `None`: it is the exporter's own.
    array: Option<String>,
    since: Option<String>,
    text: String,
    remedy: String,
    runbook: Option<String>,
}

/// The protected relationships that one array is the first to see.
struct Group {
    array: String,
    count: usize,
    furthest: String,
    rows: Vec<Row>,
    /// Where they are, if there are too many of them for this page.
    link: String,
}

impl Line {
    fn of(notice: &Notice, links: &Links, now: Timestamp) -> Self {
        let (symbol, label) = symbol::of_notice(notice.about);
        let since = |at| format!("{}, {} ago", moment(at, now), Span::from_seconds(now.seconds_since(at)));
        Self {
            about: notice.about.word(),
            symbol,
            label,
            array: notice.array.as_ref().map(ToString::to_string),
            since: notice.since.map(since),
            text: notice.text.clone(),
            remedy: notice.remedy.clone(),
            runbook: links::runbook(links, links::of_notice(notice)),
        }
    }
}

fn tiles(totals: &Totals, question: &Question) -> Vec<Tile> {
    let standings = Standing::ALL.iter().map(|&standing| Tile {
        key: standing.word(),
        class: standing.word(),
        symbol: symbol::of(standing),
        label: standing.word().replace('_', " "),
        number: totals.standing.get(standing),
        link: question.with_standing(standing).link(),
    });
    let arrays = [
        ("arrays_at_risk", "at_risk", "◆", "at risk", totals.arrays_at_risk),
        ("arrays_down", "down", "✕", "arrays down", totals.arrays_down),
        (
            "arrays_with_failing_sections",
            "part",
            "!",
            "sections failing",
            totals.arrays_with_failing_sections,
        ),
    ];
    let arrays = arrays.map(|(key, class, symbol, label, number)| Tile {
        key,
        class,
        symbol,
        label: label.to_owned(),
        number,
        link: if number > 0 { "#notices" } else { "#arrays" }.to_owned(),
    });
    standings.chain(arrays).collect()
}

/// Folded away, a group per array; of very many each is a link to them.
fn groups(folded: &[&Pair], question: &Question) -> Vec<Group> {
    if question.from > 0 {
        return Vec::new();
    }
    let mut by_array: BTreeMap<&str, Vec<&Pair>> = BTreeMap::new();
    for pair in folded {
        let first = pair.views.first().map_or("", |view| &*view.array);
        by_array.entry(first).or_default().push(pair);
    }
    let groups = by_array.into_iter().map(|(array, pairs)| Group {
        array: array.to_owned(),
        count: pairs.len(),
        // They come with the greatest share of the objective first.
        furthest: pairs.first().map(|pair| Row::of(pair).lag).unwrap_or_default(),
        rows: if folded.len() <= MOST_ROWS {
            pairs.into_iter().map(Row::of).collect()
        } else {
            Vec::new()
        },
        link: question.with_array(array).with_standing(Standing::Protected).link(),
    });
    groups.collect()
}

/// What a browser's tab shows: the bad news first.
fn title(totals: &Totals) -> String {
    let arrays = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 array {what}")),
        count => Some(format!("{count} arrays {what}")),
    };
    let mut news: Vec<String> = [
        arrays(totals.arrays_at_risk, "at risk"),
        arrays(totals.arrays_down, "down"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let bad = [Standing::NoCopy, Standing::Behind, Standing::Failing, Standing::Unknown];
    let bad = bad
        .iter()
        .map(|&standing| (totals.standing.get(standing), standing.word().replace('_', " ")));
    news.extend(
        bad.filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}")),
    );
    news.extend(arrays(totals.arrays_with_failing_sections, "with failing sections"));
    if news.is_empty() {
        news.push(format!("{} protected", totals.standing.get(Standing::Protected)));
    }
    format!("{} – replication status", news.join(", "))
}

#[cfg(test)]
#[path = "page_tests.rs"]
mod tests;
