//! One relationship on the status page, as text.

use super::{
    super::shown::{MESSAGE, NAME, shown},
    bar, symbol,
};
use crate::model::{
    Exemption, Health, Job, JobResult, Pair, RecoveryPoint, Span, Standing, Timestamp, View,
    span::{minute, moment},
};
use bytesize::ByteSize;

/// A relationship, as the view that decides how it stands sees it.
pub(super) struct Row {
    pub(super) standing: &'static str,
    pub(super) symbol: &'static str,
    pub(super) health: String,
    pub(super) state: &'static str,
    pub(super) source: String,
    pub(super) target: String,
    /// What it is called, where that is not source and target again.
    pub(super) name: Option<String>,
    pub(super) point: Option<Point>,
    pub(super) no_point: &'static str,
    pub(super) lag: String,
    /// Markup made of numbers only.
    pub(super) bar: Option<String>,
    pub(super) job: String,
    pub(super) job_bar: Option<String>,
    pub(super) rate: String,
    pub(super) why: String,
    pub(super) note: String,
    pub(super) disagreements: Vec<String>,
    pub(super) sides: Vec<String>,
    /// Nothing is wrong: what each side says is folded away.
    pub(super) quiet: bool,
    pub(super) seen_by: String,
}

/// A recovery point.
pub(super) struct Point {
    pub(super) utc: String,
    pub(super) date: String,
    pub(super) time: String,
    pub(super) age: Span,
}

impl Row {
    pub(super) fn of(pair: &Pair, now: Timestamp) -> Self {
        let lead = pair.lead();
        let (description, facts) = (&lead.description, &lead.lasting);
        let readings = lead.present.as_ref().map(|present| &present.readings);
        let [source, target] = pair.ends().map(end);
        // Where the other side failed, the source still knows about the job.
        let job = lead.job().or_else(|| pair.others().find_map(View::job));
        // A side that says what went wrong is heard, whichever it is.
        let mut notes = std::iter::once(lead).chain(pair.others()).filter_map(|view| {
            let note = &view.present.as_ref()?.readings.note;
            (!note.is_empty()).then_some(note)
        });
        Self {
            standing: pair.standing.word(),
            symbol: symbol(pair.standing),
            health: health(lead),
            state: readings
                .and_then(|readings| readings.state)
                .map_or("", crate::model::StateWord::word),
            source,
            target,
            name: (!description.relationship.contains("->")).then(|| shown(&description.relationship, NAME)),
            point: facts
                .recovery_point
                .timestamp()
                .map(|at| Point::of(at, facts.lag_seconds.unwrap_or(0.0))),
            no_point: match facts.recovery_point {
                RecoveryPoint::Never => "none yet",
                RecoveryPoint::Unknown | RecoveryPoint::At(_) => "not known",
            },
            lag: lag(lead),
            bar: lead.lag_share().map(bar::lag),
            job: job.map_or_else(|| idle(lead, now), |job| running(&job, now)),
            job_bar: job
                .and_then(|job| job.progress)
                .map(|progress| bar::progress(progress.get())),
            rate: job.map(|job| rate(&job)).unwrap_or_default(),
            why: pair.why.clone(),
            note: notes.next().map(|note| shown(note, MESSAGE)).unwrap_or_default(),
            disagreements: pair.disagreements.iter().map(|said| said.text.clone()).collect(),
            sides: pair.views.iter().map(|view| side(view, now)).collect(),
            quiet: pair.standing == Standing::Protected && pair.disagreements.is_empty(),
            seen_by: seen_by(pair),
        }
    }
}

impl Point {
    fn of(at: Timestamp, lag_seconds: f64) -> Self {
        let utc = at.to_rfc3339_seconds();
        let (date, time) = utc.split_once('T').unwrap_or((&utc, ""));
        Self {
            date: date.to_owned(),
            time: time.to_owned(),
            age: Span::from_seconds(lag_seconds),
            utc,
        }
    }
}

/// `seen by nyc (source), ams (target)`.
fn seen_by(pair: &Pair) -> String {
    let sides = pair.views.iter();
    let sides: Vec<String> = sides
        .map(|view| format!("{} ({})", view.array, view.key.role.word()))
        .collect();
    format!("seen by {}", sides.join(", "))
}

/// `system:object`, as far as it is known.
fn end((system, object): (&str, &str)) -> String {
    let parts = [system, object].into_iter().filter(|text| !text.is_empty());
    match parts.map(|text| shown(text, NAME)).collect::<Vec<_>>().join(":") {
        nothing if nothing.is_empty() => "?".to_owned(),
        end => end,
    }
}

/// The health in its word; one that was reported too long ago is not shown as if it were true.
fn health(view: &View) -> String {
    match (view.health(), view.lasting.health) {
        (Some(health), _) => health.word().to_owned(),
        (None, Some((last, _))) => format!("unknown, last {}", last.word()),
        (None, None) => Health::Unknown.word().to_owned(),
    }
}

fn lag(view: &View) -> String {
    let facts = &view.lasting;
    let objective = facts.objective_seconds.map(Span::from_seconds);
    let text = match (facts.lag_seconds.map(Span::from_seconds), objective) {
        (Some(lag), Some(objective)) => {
            let share = view.lag_share().unwrap_or(0.0) * 100.0;
            format!("{lag} of {objective} ({:.0} %)", share.floor())
        }
        (Some(lag), None) => format!("{lag}, no objective"),
        (None, Some(objective)) => format!("objective {objective}"),
        (None, None) => "no objective".to_owned(),
    };
    match facts.exemption {
        Exemption::None => text,
        exemption => format!("{text}, does not count: {}", exemption.word().replace('_', " ")),
    }
}

/// `37 %, about 40 m left, done near 16:34Z`.
fn running(job: &Job, now: Timestamp) -> String {
    let mut parts = Vec::new();
    match job.progress {
        Some(progress) => parts.push(format!("{:.0} %", (progress.get() * 100.0).floor())),
        None => parts.push("running".to_owned()),
    }
    if let Some(left) = job.remaining_seconds {
        parts.push(format!("about {} left", Span::from_seconds(left)));
        parts.push(format!("done near {}", minute(now.plus_seconds(left), now)));
    } else if let Some(start) = job.start {
        parts.push(format!("since {}", minute(start, now)));
    }
    parts.join(", ")
}

/// Throughput, and how much of how much.
fn rate(job: &Job) -> String {
    let mut parts = Vec::new();
    if let Some(rate) = job
        .recent_throughput_bytes_per_second
        .or(job.throughput_bytes_per_second)
    {
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
    parts.join(", ")
}

fn bytes(count: u64) -> String {
    ByteSize::b(count).display().si().to_string()
}

/// What stands where no job runs: how the last one ended.
fn idle(view: &View, now: Timestamp) -> String {
    let last = &view.lasting.last_job;
    let mut parts = Vec::new();
    if let Some(result) = last.result.filter(|result| *result != JobResult::None) {
        parts.push(format!("last job: {}", result.word()));
    }
    if let Some(end) = last.end {
        parts.push(format!("ended {}", moment(end, now)));
    }
    if let Some(took) = last.duration_seconds {
        parts.push(format!("took {}", Span::from_seconds(took)));
    }
    parts.join(", ")
}

/// One array's view in a line.
fn side(view: &View, now: Timestamp) -> String {
    let mut parts = Vec::new();
    match view.lasting.health {
        Some((health, since)) if view.health().is_some() => {
            let ago = Span::from_seconds(now.seconds_since(since));
            parts.push(format!("{} since {}, {ago} ago", health.word(), moment(since, now)));
        }
        Some((health, _)) => parts.push(format!("not known now, {} before", health.word())),
        None => parts.push("has not said yet".to_owned()),
    }
    match view.lasting.recovery_point {
        RecoveryPoint::At(at) => parts.push(format!("recovery point {}", moment(at, now))),
        RecoveryPoint::Never => parts.push("no recovery point".to_owned()),
        RecoveryPoint::Unknown => {}
    }
    if let Some(at) = view.read_at {
        parts.push(format!("read at {}", moment(at, now)));
    }
    let breach = view.lasting.breach_seconds;
    if breach >= 1.0 {
        parts.push(format!("over its objective for {} so far", Span::from_seconds(breach)));
    }
    format!("{} ({}): {}", view.array, view.key.role.word(), parts.join("; "))
}
