//! What the sides of a relationship say, beside each other: the table on its page, as text.

use super::{
    pair_page::{ago, bytes},
    symbol,
};
use crate::model::{
    Exemption, Health, JobResult, Pair, RecoveryPoint, Span, Timestamp, View,
    shown::{NAME, shown},
    span::moment,
};

/// The same of every side.
pub(super) struct Line {
    pub(super) name: &'static str,
    pub(super) values: Vec<String>,
}

/// What the sides say, beside each other; what none of them says is left out.
pub(super) fn lines(pair: &Pair, now: Timestamp) -> Vec<Line> {
    let yes = |value: bool| if value { "yes" } else { "no" }.to_owned();
    let span = |seconds: f64| Span::from_seconds(seconds).to_string();
    let line = |name: &'static str, value: &dyn Fn(&View) -> Option<String>| {
        let values: Vec<Option<String>> = pair.views.iter().map(value).collect();
        let is_said = values.iter().any(Option::is_some);
        is_said.then(|| Line {
            name,
            values: values
                .into_iter()
                .map(|value| value.unwrap_or_else(|| "–".to_owned()))
                .collect(),
        })
    };
    let read = |view: &View| view.present.as_ref().map(|present| present.readings.clone());
    let found = [
        line("Stands", &|view| Some(stands(view, now))),
        line("Health", &|view| Some(health(view, now))),
        line("State", &|view| Some(read(view)?.state?.word().to_owned())),
        line("Last read", &|view| {
            Some(
                view.read_at
                    .map_or_else(|| "not since the start".to_owned(), |at| ago(at, now)),
            )
        }),
        line("Recovery point", &|view| Some(point(view, now))),
        line("Impossible, in the future", &|view| {
            view.lasting.recovery_point_in_future.map(|at| moment(at, now))
        }),
        line("Lag", &|view| view.lasting.lag_seconds.map(span)),
        line("Counted lag", &|view| view.lasting.counted_lag_seconds.map(span)),
        line("Objective", &|view| view.lasting.objective_seconds.map(span)),
        line("Exempt", &|view| exempt(view, now)),
        line("Over its objective so far", &|view| {
            Some(view.lasting.breach_seconds)
                .filter(|&seconds| seconds >= 1.0)
                .map(span)
        }),
        line("Replication is on", &|view| read(view)?.enabled.map(yes)),
        line("Target is writable", &|view| read(view)?.target_writable.map(yes)),
        line("Next active", &|view| Some(moment(read(view)?.next_active?, now))),
        line("Snapshots that wait", &|view| {
            Some(read(view)?.queued_snapshots?.to_string())
        }),
        line("Common snapshots", &|view| {
            Some(read(view)?.common_snapshots?.to_string())
        }),
        line("Target’s snapshots locked", &|view| {
            read(view)?.snapshot_lock.map(yes)
        }),
        line("Recovery points kept", &|view| {
            Some(read(view)?.restore_points?.to_string())
        }),
        line("Last job", &|view| last_job(view, now)),
        line("Name", &|view| Some(shown(&view.description.relationship, NAME))),
        line("Mode", &|view| {
            Some(view.description.mode.word().replace('_', " ")).filter(|mode| !mode.is_empty())
        }),
        line("Id", &|view| Some(shown(&view.key.id, NAME))),
    ];
    found.into_iter().flatten().collect()
}

fn stands(view: &View, now: Timestamp) -> String {
    let (standing, since) = view.lasting.standing;
    let silent = if view.speaks() { "" } else { "; it is silent now" };
    format!(
        "{} {}, since {}{silent}",
        symbol::of(standing),
        standing.word().replace('_', " "),
        moment(since, now)
    )
}

/// The health in its word; one that was reported too long ago is not shown as if it were true.
fn health(view: &View, now: Timestamp) -> String {
    match (view.health(), view.lasting.health) {
        (Some(health), Some((_, since))) => {
            format!("{}, since {}", health.word().replace('_', " "), moment(since, now))
        }
        (Some(health), None) => health.word().replace('_', " "),
        (None, Some((last, _))) => format!("not known now, {} before", last.word().replace('_', " ")),
        (None, None) => Health::Unknown.word().to_owned(),
    }
}

fn point(view: &View, now: Timestamp) -> String {
    match view.lasting.recovery_point {
        RecoveryPoint::At(at) => moment(at, now),
        RecoveryPoint::Never => match view.lasting.no_recovery_point_since {
            Some(since) => format!("none, since {}", moment(since, now)),
            None => "none".to_owned(),
        },
        RecoveryPoint::Unknown => "not known".to_owned(),
    }
}

fn exempt(view: &View, now: Timestamp) -> Option<String> {
    match view.lasting.exemption {
        Exemption::None => None,
        Exemption::Blackout => Some(match view.lasting.blackout_until {
            Some(until) => format!("blackout until {}", moment(until, now)),
            None => "blackout".to_owned(),
        }),
        exemption => Some(exemption.word().replace('_', " ")),
    }
}

fn last_job(view: &View, now: Timestamp) -> Option<String> {
    let last = &view.lasting.last_job;
    let mut parts = Vec::new();
    if let Some(result) = last.result.filter(|result| *result != JobResult::None) {
        parts.push(result.word().to_owned());
    }
    if let Some(end) = last.end {
        parts.push(format!("ended {}", moment(end, now)));
    }
    if let Some(took) = last.duration_seconds {
        parts.push(format!("took {}", Span::from_seconds(took)));
    }
    if let Some(count) = last.transferred_bytes {
        parts.push(format!("{} transferred", bytes(count)));
    }
    if let Some(count) = last.protected_bytes {
        parts.push(format!("{} protected", bytes(count)));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}
