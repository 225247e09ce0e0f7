//! One array on the status page, as text.

use super::super::shown::{MESSAGE, NAME, shown};
use crate::model::{
    ArrayOverview, Protection, Restriper, RestriperPhase, Span, Timestamp, overview::SectionOverview, span::moment,
};

/// An array.
pub(super) struct ArrayCard {
    pub(super) name: String,
    pub(super) vendor: &'static str,
    pub(super) identity: String,
    pub(super) up: &'static str,
    pub(super) link: String,
    pub(super) failures: Vec<Failure>,
    pub(super) facts: Vec<Fact>,
    pub(super) sections: Vec<SectionLine>,
}

/// A message, with the sections that have it: a dead array has the same one for all of them.
pub(super) struct Failure {
    pub(super) sections: String,
    pub(super) message: String,
}

/// One thing that is known, with its name.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// What became of a section.
pub(super) struct SectionLine {
    pub(super) name: &'static str,
    pub(super) failing: bool,
    pub(super) outcome: String,
    pub(super) at: String,
    pub(super) took: String,
    pub(super) success: String,
    pub(super) failed: String,
}

impl ArrayCard {
    pub(super) fn of(array: &ArrayOverview, link: String, now: Timestamp) -> Self {
        let identity = &array.identity;
        let known = [&identity.name, &identity.version].map(|text| shown(text, NAME));
        Self {
            name: array.name.to_string(),
            vendor: array.vendor,
            identity: known
                .iter()
                .filter(|text| !text.is_empty())
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            up: if array.up { "up" } else { "down" },
            link,
            failures: failures(array),
            facts: facts(array, now),
            sections: array.sections.iter().map(|section| line(section, now)).collect(),
        }
    }
}

fn failures(array: &ArrayOverview) -> Vec<Failure> {
    let mut found: Vec<(Vec<&str>, String)> = Vec::new();
    for section in &array.sections {
        let Some((reason, message)) = section.error() else {
            continue;
        };
        let message = shown(&format!("{reason}: {message}"), MESSAGE);
        match found.iter_mut().find(|(_, known)| *known == message) {
            Some((sections, _)) => sections.push(section.name),
            None => found.push((vec![section.name], message)),
        }
    }
    let failures = found.into_iter().map(|(sections, message)| Failure {
        sections: sections.join(", "),
        message,
    });
    failures.collect()
}

fn facts(array: &ArrayOverview, now: Timestamp) -> Vec<Fact> {
    let ago = |at: Timestamp| {
        let age = Span::from_seconds(now.seconds_since(at));
        format!("{}, {age} ago", moment(at, now))
    };
    let fact = |name: &'static str, value: Option<String>| value.map(|value| Fact { name, value });
    let facts = [
        fact(
            "Last heard",
            Some(array.last_heard.map_or_else(|| "never".to_owned(), ago)),
        ),
        fact(
            "Polled",
            Some(format!("every {}", Span::from_seconds(array.interval_seconds))),
        ),
        fact(
            "Clock against the exporter’s",
            Some(
                array
                    .clock_skew_seconds
                    .map_or_else(|| "not known now".to_owned(), skew),
            ),
        ),
        fact("Certificate", certificate(array, now)),
        fact("Its own copy of the facts", array.data_timestamp.map(ago)),
        fact("Restriper", array.restriper.as_ref().map(restriper)),
        fact(
            "Data at risk",
            array
                .restriper
                .as_ref()
                .and_then(|found| found.data_at_risk)
                .map(at_risk),
        ),
        fact("May still fail", array.protection.as_ref().and_then(protection)),
        fact(
            "Polls skipped",
            (array.overruns > 0).then(|| format!("{}, the one before still ran", array.overruns)),
        ),
        fact(
            "Log-ins",
            (array.logins.1 > 0).then(|| format!("{} of {} failed", array.logins.1, array.logins.0)),
        ),
    ];
    facts.into_iter().flatten().collect()
}

fn skew(seconds: f64) -> String {
    let span = Span::from_seconds(seconds.abs());
    if seconds.abs() < 1.0 {
        "less than 1 s apart".to_owned()
    } else if seconds > 0.0 {
        format!("{span} ahead")
    } else {
        format!("{span} behind")
    }
}

fn certificate(array: &ArrayOverview, now: Timestamp) -> Option<String> {
    let expiry = array.certificate_expiry.map(|at| {
        let left = at.seconds_since(now);
        if left < 0.0 {
            format!("expired {}, {} ago", moment(at, now), Span::from_seconds(-left))
        } else {
            format!("expires {}, in {}", moment(at, now), Span::from_seconds(left))
        }
    });
    match (expiry, array.verification_disabled) {
        (expiry, false) => expiry,
        (Some(expiry), true) => Some(format!("not verified; {expiry}")),
        (None, true) => Some("not verified".to_owned()),
    }
}

fn restriper(found: &Restriper) -> String {
    let mut text = found.state.word().replace('_', " ");
    if found.phase != RestriperPhase::None {
        text = format!("{text}, {}", found.phase.word().replace('_', " "));
    }
    if let Some(progress) = found.progress {
        text = format!("{text}, {:.0} %", (progress.get() * 100.0).floor());
    }
    if let Some(elapsed) = found.elapsed_seconds {
        text = format!("{text}, for {}", Span::from_seconds(elapsed));
    }
    if !found.blocked_reason.is_empty() {
        text = format!("{text}: {}", shown(&found.blocked_reason, MESSAGE));
    }
    text
}

fn at_risk(at_risk: bool) -> String {
    if at_risk { "▲ yes" } else { "no" }.to_owned()
}

fn protection(found: &Protection) -> Option<String> {
    let part = |remaining: Option<u64>, max: Option<u64>, what: &str| match (remaining?, max) {
        (remaining, Some(max)) => Some(format!("{remaining} of {max} {what}")),
        (remaining, None) => Some(format!("{remaining} {what}")),
    };
    let parts = [
        part(found.remaining_node_failures, found.max_node_failures, "nodes"),
        part(found.remaining_drive_failures, found.max_drive_failures, "drives"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn line(section: &SectionOverview, now: Timestamp) -> SectionLine {
    let when = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| moment(at, now));
    let outcome = match (&section.last, section.error()) {
        (None, _) => "? not tried yet".to_owned(),
        (Some(_), Some((reason, _))) => format!("✕ failed: {reason}"),
        (Some(_), None) if section.fresh => "✓ fine".to_owned(),
        (Some(_), None) => "? stale".to_owned(),
    };
    SectionLine {
        name: section.name,
        failing: section.error().is_some(),
        outcome,
        at: when(section.last.as_ref().map(|last| last.at)),
        took: section
            .last
            .as_ref()
            .map_or_else(String::new, |last| took(last.duration_seconds)),
        success: when(section.last_success),
        failed: format!("{} of {}", section.failures, section.polls),
    }
}

/// Most polls take milliseconds.
fn took(seconds: f64) -> String {
    if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.1} s")
    }
}
