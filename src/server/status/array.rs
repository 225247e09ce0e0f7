//! One array on the status page, as text: a line, and what is behind it.

use super::question::Question;
use crate::model::{
    ArrayOverview, Protection, Restriper, Span, Timestamp,
    overview::SectionOverview,
    shown::{MESSAGE, NAME, shown},
    span::moment,
};

/// An array.
pub(super) struct ArrayCard {
    pub(super) name: String,
    pub(super) vendor: &'static str,
    pub(super) system: String,
    /// `up`, `part`, `at_risk` or `down`: up in part is not up.
    pub(super) class: &'static str,
    pub(super) symbol: &'static str,
    pub(super) words: String,
    pub(super) link: String,
    /// Asked for by its name, so it is not folded.
    pub(super) open: bool,
    pub(super) facts: Vec<Fact>,
    /// Objects that nothing replicates.
    pub(super) unreplicated: Vec<String>,
    pub(super) sections: Vec<SectionLine>,
}

/// One thing that is known, with its name.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
}

/// What became of a section.
pub(super) struct SectionLine {
    pub(super) name: &'static str,
    /// `fails`, `fine` or `waits`.
    pub(super) class: &'static str,
    pub(super) outcome: String,
    pub(super) message: String,
    pub(super) at: String,
    pub(super) took: String,
    pub(super) success: String,
    pub(super) failed: String,
}

impl ArrayCard {
    pub(super) fn of(array: &ArrayOverview, question: &Question, now: Timestamp) -> Self {
        let system = [&array.system.name, &array.system.version].map(|text| shown(text, NAME));
        let system: Vec<String> = system.into_iter().filter(|text| !text.is_empty()).collect();
        let words = words(array);
        let (class, symbol) = match (array.up, words.as_slice()) {
            (false, _) => ("down", "✕"),
            (true, _) if array.at_risk() => ("at_risk", "◆"),
            (true, ["up"]) => ("up", "✓"),
            (true, _) => ("part", "!"),
        };
        Self {
            name: array.name.to_string(),
            vendor: array.vendor,
            system: system.join(", "),
            class,
            symbol,
            words: words.join(", "),
            link: question.with_array(&array.name).link(),
            open: question.arrays.contains(&*array.name),
            facts: facts(array, now),
            unreplicated: array
                .unreplicated_objects
                .iter()
                .flatten()
                .map(|name| shown(name, NAME))
                .collect(),
            sections: array.sections.iter().map(|section| line(section, now)).collect(),
        }
    }
}

/// Whether it is up, and what of it needs a person.
fn words(array: &ArrayOverview) -> Vec<&'static str> {
    let words = [
        (true, if array.up { "up" } else { "down" }),
        (array.up && array.failing().next().is_some(), "sections failing"),
        (array.at_risk(), "data at risk"),
        (array.blocked(), "restriper blocked"),
    ];
    words
        .into_iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, word)| word)
        .collect()
}

fn facts(array: &ArrayOverview, now: Timestamp) -> Vec<Fact> {
    let ago = |at: Timestamp| {
        let age = Span::from_seconds(now.seconds_since(at));
        format!("{}, {age} ago", moment(at, now))
    };
    let unless_zero = |count: u64, text: String| (count > 0).then_some(text);
    let facts = [
        (
            "Last heard",
            Some(array.last_heard.map_or_else(|| "never".to_owned(), ago)),
        ),
        (
            "Polled",
            Some(format!("every {}", Span::from_seconds(array.interval_seconds))),
        ),
        ("Clock against the exporter’s", Some(skew(array.clock_skew_seconds))),
        ("Certificate", certificate(array, now)),
        ("Its own copy of the facts", array.data_timestamp.map(ago)),
        ("Restriper", array.restriper.as_ref().map(Restriper::in_words)),
        ("Data at risk", at_risk(array, now)),
        (
            "May still fail",
            array.protection.as_ref().and_then(Protection::may_still_fail),
        ),
        (
            "Polls skipped",
            unless_zero(array.overruns, format!("{}, the one before still ran", array.overruns)),
        ),
        (
            "Log-ins",
            unless_zero(
                array.login_failures,
                format!("{} of {} failed", array.login_failures, array.logins),
            ),
        ),
    ];
    let facts = facts
        .into_iter()
        .filter_map(|(name, value)| Some(Fact { name, value: value? }));
    facts.collect()
}

fn at_risk(array: &ArrayOverview, now: Timestamp) -> Option<String> {
    if let Some(since) = array.data_at_risk_since {
        return Some(format!("◆ yes, since {}", moment(since, now)));
    }
    let at_risk = array.restriper.as_ref()?.data_at_risk?;
    Some(if at_risk { "◆ yes" } else { "no" }.to_owned())
}

fn skew(seconds: Option<f64>) -> String {
    let Some(seconds) = seconds else {
        return "not known now".to_owned();
    };
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

fn line(section: &SectionOverview, now: Timestamp) -> SectionLine {
    let when = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| moment(at, now));
    let (class, outcome) = match (&section.last, section.failure()) {
        (None, _) => ("waits", "? not tried yet".to_owned()),
        (Some(_), Some(failure)) if failure.expected => ("waits", "– not permitted, and not needed".to_owned()),
        (Some(_), Some(failure)) => ("fails", format!("✕ failed: {}", failure.reason)),
        (Some(_), None) if section.fresh => ("fine", "✓ fine".to_owned()),
        (Some(_), None) => ("waits", "? stale".to_owned()),
    };
    SectionLine {
        name: section.name,
        class,
        outcome,
        message: section
            .failure()
            .map(|failure| shown(&failure.message, MESSAGE))
            .unwrap_or_default(),
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
