//! The page of one relationship, from templates/pair.html: how it stands, how that is reckoned, what each side says, and what
//! became of it. The template escapes everything that an array or a user wrote.

use super::{
    bar, links,
    question::{Question, encoded},
    row, shell,
    sides::{self, Line},
    symbol,
};
use crate::{
    model::{
        Job, Overview, Pair, Span, Timestamp, View,
        shown::{MESSAGE, shown},
        span::{minute, moment},
    },
    settings::Links,
};
use askama::Template;
use bytesize::ByteSize;

/// The page, if the overview has a relationship.
pub(super) fn render(
    overview: &Overview,
    question: &Question,
    links: &Links,
) -> Option<Result<Vec<u8>, askama::Error>> {
    let (pair, now) = (overview.relationships.first()?, overview.now);
    let description = &pair.lead().description;
    let [source, target] = pair.ends().map(row::end);
    let this = format!("?pair={}", encoded(&description.pair));
    let page = Page {
        title: title(pair),
        style: shell::STYLE,
        script: shell::SCRIPT,
        now: now.to_rfc3339_seconds(),
        refresh: question.refresh,
        refresh_seconds: shell::REFRESH_SECONDS,
        refresh_link: if question.refresh {
            format!("{this}&refresh=off")
        } else {
            this
        },
        source: source.unwrap_or_else(|| "?".to_owned()),
        target,
        name: row::name(pair),
        standing: pair.standing.word(),
        words: pair.standing.word().replace('_', " "),
        symbol: symbol::of(pair.standing),
        since: pair.since.map(|at| ago(at, now)),
        why: pair.why.clone(),
        disagreements: pair.disagreements.iter().map(|said| said.text.clone()).collect(),
        notes: notes(pair),
        runbook: links::runbook(links, links::of_pair(pair)),
        dashboard: links::dashboard(links, &description.pair),
        json: format!("api/v1/status?q={}", encoded(&description.relationship)),
        steps: steps(pair, now),
        bar: row::share(pair).filter(|_| pair.stopped.is_none()).map(bar::lag),
        job: pair.views.iter().find_map(View::job).map(|job| Running::of(&job, now)),
        sides: pair.views.iter().map(Side::of).collect(),
        lines: sides::lines(pair, now),
        changes: changes(pair, now),
        version: crate::build_info::VERSION,
    };
    Some(page.render().map(String::into_bytes))
}

#[derive(Template)]
#[template(path = "pair.html")]
struct Page {
    title: String,
    style: &'static str,
    script: &'static str,
    now: String,
    refresh: bool,
    refresh_seconds: u32,
    refresh_link: String,
    source: String,
    target: Option<String>,
    name: Option<String>,
    standing: &'static str,
    words: String,
    symbol: &'static str,
    since: Option<String>,
    why: String,
    disagreements: Vec<String>,
    notes: Vec<Note>,
    runbook: Option<String>,
    dashboard: Option<String>,
    json: String,
    steps: Vec<Step>,
    bar: Option<String>,
    job: Option<Running>,
    sides: Vec<Side>,
    lines: Vec<Line>,
    changes: Vec<String>,
    version: &'static str,
}

/// What an array wrote about it.
struct Note {
    who: String,
    text: String,
}

/// One step of the reckoning.
struct Step {
    name: &'static str,
    value: String,
}

struct Running {
    text: String,
    /// Markup made of numbers only.
    bar: Option<String>,
    rate: String,
}

/// The head of a column.
struct Side {
    array: String,
    role: &'static str,
}

/// What the arrays wrote about it; what two say alike is said once.
fn notes(pair: &Pair) -> Vec<Note> {
    let mut found: Vec<Note> = Vec::new();
    for view in &pair.views {
        let note = view
            .present
            .as_ref()
            .map_or("", |present| present.readings.note.as_str());
        let text = shown(note, MESSAGE);
        match found.iter_mut().find(|known| known.text == text) {
            Some(known) => known.who = format!("{} and {}", known.who, view.array),
            None if text.is_empty() => {}
            None => found.push(Note {
                who: view.array.to_string(),
                text,
            }),
        }
    }
    found
}

fn title(pair: &Pair) -> String {
    let ends: Vec<String> = pair.ends().into_iter().filter_map(row::end).collect();
    format!("{}: {}", pair.standing.word().replace('_', " "), ends.join(" → "))
}

impl Side {
    fn of(view: &View) -> Self {
        Self {
            array: view.array.to_string(),
            role: view.key.role.word(),
        }
    }
}

pub(super) fn ago(at: Timestamp, now: Timestamp) -> String {
    format!("{}, {} ago", moment(at, now), Span::from_seconds(now.seconds_since(at)))
}

/// From the recovery point to the standing.
fn steps(pair: &Pair, now: Timestamp) -> Vec<Step> {
    let span = |seconds: f64| Span::from_seconds(seconds).to_string();
    let keeper = pair.timekeeper();
    let lag = keeper.lasting.lag_seconds;
    let counted = pair.counted_lag_seconds;
    let point = pair
        .recovery_point
        .map_or_else(|| "none known".to_owned(), |at| moment(at, now));
    let by = format!("{}, {}", keeper.array, keeper.key.role.word());
    let mut steps = vec![("Recovery point", format!("{point} (by {by})"))];
    if let Some(lag) = lag {
        steps.push(("Lag", format!("{}: its age by the clock that stamped it", span(lag))));
    }
    if let (Some(lag), Some(counted)) = (lag, counted) {
        let left_out = (lag - counted).max(0.0);
        let text = format!("{}: exempt time, and the time since the last reading", span(left_out));
        steps.push(("Not counted", text));
    }
    let of_counted = counted.map_or_else(|| "not known".to_owned(), span);
    steps.push(("Counted lag", of_counted));
    let objective = pair.objective_seconds;
    steps.push(("Objective", objective.map_or_else(|| "none".to_owned(), span)));
    if let (Some(counted), Some(objective), None) = (counted, objective, pair.stopped) {
        let left = objective - counted;
        let text = if left < 0.0 {
            format!("over by {}", span(-left))
        } else {
            format!("within, {} left", span(left))
        };
        steps.push(("Against the objective", text));
    }
    if let Some(reason) = pair.stopped {
        steps.push(("Does not count while", reason.word().replace('_', " ")));
    }
    if let Some(seconds) = pair.breach_seconds.filter(|&seconds| seconds >= 1.0) {
        steps.push(("Over the objective so far", span(seconds)));
    }
    let since = pair
        .since
        .map_or_else(String::new, |at| format!(", since {}", ago(at, now)));
    steps.push((
        "So it stands",
        format!(
            "{} {}{since}",
            symbol::of(pair.standing),
            pair.standing.word().replace('_', " ")
        ),
    ));
    steps.into_iter().map(|(name, value)| Step { name, value }).collect()
}

impl Running {
    fn of(job: &Job, now: Timestamp) -> Self {
        let mut parts = Vec::new();
        if let Some(start) = job.start {
            parts.push(format!("since {}", ago(start, now)));
        }
        if let Some(progress) = job.progress {
            parts.push(format!("{:.0} %", (progress.get() * 100.0).floor()));
        }
        if let Some(left) = job.remaining_seconds {
            parts.push(format!("about {} left", Span::from_seconds(left)));
            parts.push(format!("done near {}", minute(now.plus_seconds(left), now)));
        }
        if parts.is_empty() {
            parts.push("runs".to_owned());
        }
        Self {
            text: parts.join(", "),
            bar: job.progress.map(|progress| bar::progress(progress.get())),
            rate: rate(job),
        }
    }
}

/// Throughput, and how much of how much.
fn rate(job: &Job) -> String {
    let mut parts = Vec::new();
    let recent = job.recent_throughput_bytes_per_second;
    if let Some(rate) = recent.or(job.throughput_bytes_per_second) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast from f64 saturates; nobody reads a fraction of a byte"
        )]
        let rate = rate as u64;
        parts.push(format!("{}/s", bytes(rate)));
    }
    match (job.bytes.transferred, job.bytes.total) {
        (Some(transferred), Some(total)) => parts.push(format!("{} of {}", bytes(transferred), bytes(total))),
        (Some(transferred), None) => parts.push(bytes(transferred)),
        (None, _) => {}
    }
    if let (Some(transferred), Some(total)) = (job.files.transferred, job.files.total) {
        parts.push(format!("{transferred} of {total} files"));
    }
    parts.join(", ")
}

pub(super) fn bytes(count: u64) -> String {
    ByteSize::b(count).display().si().to_string()
}

/// The last changes of all sides, the newest first.
fn changes(pair: &Pair, now: Timestamp) -> Vec<String> {
    let mut found: Vec<_> = pair
        .views
        .iter()
        .flat_map(|view| view.lasting.history.newest_first().map(move |change| (change, view)))
        .collect();
    found.sort_by_key(|(change, _)| std::cmp::Reverse(change.at));
    let of_one = found.into_iter().take(MOST_CHANGES).map(|(change, view)| {
        let (what, from, to) = change.what.words();
        let words = |text: String| text.replace('_', " ");
        format!(
            "{}: {} {} → {}, {} ({})",
            moment(change.at, now),
            what.replace('_', " "),
            words(from),
            words(to),
            view.array,
            change.by.word()
        )
    });
    of_one.collect()
}

/// As many as one view remembers.
const MOST_CHANGES: usize = 20;

#[cfg(test)]
#[path = "pair_page_tests.rs"]
mod tests;
