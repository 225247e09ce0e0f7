//! What needs a person besides relationships: arrays that are down, data at risk, refused log-ins, settings that cannot be
//! right. One sentence each, with since when and what to do. Pure; `overview` makes them, the status page and the JSON show
//! them.

use super::{
    ArrayOverview, Span, Standing, Timestamp, View,
    overview::{Failure, SectionOverview},
    shown::{MESSAGE, shown},
    words,
};
use serde::Serialize;
use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

/// A clock that is further off than this is wrong, as in the alert.
const WRONG_CLOCK_SECONDS: f64 = 30.0;

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Notice {
    /// What it is about.
    pub about: Concern,
    /// Whose it is; `None`: the exporter's own.
    pub array: Option<Arc<str>>,
    /// Since when, as far as the exporter saw.
    pub since: Option<Timestamp>,
    /// What is wrong, in a sentence without the array's name.
    pub text: String,
    /// What to do.
    pub remedy: String,
}

words! {
    /// What a notice is about, the most urgent first.
    Concern {
        /// Some data is not fully protected.
        DataAtRisk = "data_at_risk",
        /// Nothing was read from the array lately.
        ArrayDown = "array_down",
        /// The restriper stopped with required work undone.
        RestriperBlocked = "restriper_blocked",
        /// The array refuses the credentials.
        LogInRefused = "log_in_refused",
        /// A section of an array that is up fails.
        SectionFailing = "section_failing",
        /// The array's clock is wrong.
        ClockWrong = "clock_wrong",
        /// A setting cannot be right, or a changed one is not used.
        Configuration = "configuration",
    }
}

impl Notice {
    /// A changed configuration is not used, since then.
    #[must_use]
    pub fn of_refused_reload(since: Timestamp, why: &str) -> Self {
        let why = why.replace('\n', "; ");
        let text = format!("the changed configuration is refused, the former one goes on: {why}");
        let remedy = "`--config.check` lists every problem with its place";
        Self::of_exporter(Some(since), &text, remedy)
    }

    /// The array is configured again, by these other names.
    #[must_use]
    pub fn of_twin(array: &Arc<str>, others: &[Arc<str>]) -> Self {
        let text = format!(
            "is the same system as {}: each relationship is there, and counted, more than once",
            others.join(", ")
        );
        Self {
            about: Concern::Configuration,
            array: Some(array.clone()),
            since: None,
            text: shown(&text, MESSAGE),
            remedy: "keep one of them, with all addresses in `urls`".to_owned(),
        }
    }

    /// Something about the exporter itself.
    #[must_use]
    pub fn of_exporter(since: Option<Timestamp>, text: &str, remedy: &str) -> Self {
        Self {
            about: Concern::Configuration,
            array: None,
            since,
            text: shown(text, MESSAGE),
            remedy: remedy.to_owned(),
        }
    }

    pub(super) fn most_urgent_first(a: &Self, b: &Self) -> Ordering {
        a.about.cmp(&b.about).then_with(|| a.array.cmp(&b.array))
    }

    /// Whether it is nothing to be woken for.
    #[must_use]
    pub fn can_wait(&self) -> bool {
        self.about == Concern::Configuration && self.array.is_some()
    }
}

/// Every notice of these arrays, the most urgent first.
pub(super) fn all(arrays: &[ArrayOverview], views: &[View]) -> Vec<Notice> {
    let mut found: Vec<Notice> = arrays.iter().flat_map(of_array).collect();
    found.extend(objectives(arrays, views));
    found.sort_by(Notice::most_urgent_first);
    found
}

fn of_array(array: &ArrayOverview) -> Vec<Notice> {
    let mut found = Vec::new();
    let mut note = |about, since, text: String, remedy: &str| {
        found.push(Notice {
            about,
            array: Some(array.name.clone()),
            since,
            text: shown(&text, MESSAGE),
            remedy: remedy.to_owned(),
        });
    };
    if let Some(since) = array.data_at_risk_since {
        let remedy =
            "look for failed drives and nodes in the cluster's web interface; take none out until it is restored";
        note(Concern::DataAtRisk, Some(since), at_risk(array), remedy);
    }
    if array.blocked() {
        let reason = array
            .restriper
            .as_ref()
            .map_or("", |found| found.blocked_reason.as_str());
        let reason = if reason.is_empty() { "no reason given" } else { reason };
        let remedy = "remove the reason that the cluster names; until then it restores no protection";
        let text = format!("the restriper is blocked with required work undone: {reason}");
        note(Concern::RestriperBlocked, None, text, remedy);
    }
    if array.up {
        for (sections, since, failure) in failures(array) {
            let about = if failure.reason == "auth" {
                Concern::LogInRefused
            } else {
                Concern::SectionFailing
            };
            let several = if sections.len() == 1 { "" } else { "s" };
            let names = sections.join(", ");
            let never = if since.is_none() { ", never read so far" } else { "" };
            let text = format!(
                "section{several} {names}{never}: {}: {}",
                failure.reason, failure.message
            );
            note(about, since, text, &failure.remedy);
        }
    } else {
        let (about, text, remedy) = down(array);
        note(about, array.last_heard, text, &remedy);
    }
    if let Some(skew) = array.clock_skew_seconds.filter(|skew| skew.abs() > WRONG_CLOCK_SECONDS) {
        let side = if skew > 0.0 { "ahead of" } else { "behind" };
        let text = format!("its clock is {} {side} the exporter's", Span::from_seconds(skew.abs()));
        let remedy = "set the time servers of the array, and of the exporter's host, right";
        note(Concern::ClockWrong, None, text, remedy);
    }
    found
}

fn at_risk(array: &ArrayOverview) -> String {
    let mut text = "data is at risk: some of it is not fully protected".to_owned();
    if let Some(found) = &array.restriper {
        text = format!("{text}; restriper {}", found.in_words());
    }
    if let Some(left) = array.protection.as_ref().and_then(super::Protection::may_still_fail) {
        text = format!("{text}; may still fail: {left}");
    }
    if !array.up {
        text.push_str("; that was its last word, and it is down");
    }
    text
}

fn down(array: &ArrayOverview) -> (Concern, String, String) {
    let Some((_, _, failure)) = failures(array).into_iter().next() else {
        let text = if array.sections.iter().any(|section| section.last.is_some()) {
            "its last poll does not end"
        } else {
            "not asked yet since the exporter started"
        };
        return (
            Concern::ArrayDown,
            text.to_owned(),
            "wait for the next poll; if this stays, look at the exporter's log".to_owned(),
        );
    };
    let what = match failure.reason {
        "auth" => "nothing is read, for the log-in is refused",
        _ => "nothing is read from it",
    };
    let heard = if array.last_heard.is_some() {
        ""
    } else {
        ", and never was"
    };
    let text = format!("{what}{heard}: {}: {}", failure.reason, failure.message);
    (Concern::ArrayDown, text, failure.remedy.clone())
}

/// The failures of an array, each with the sections that have it: the last success of these is since when.
fn failures(array: &ArrayOverview) -> Vec<(Vec<&'static str>, Option<Timestamp>, &Failure)> {
    let mut found: Vec<(Vec<&'static str>, Option<Timestamp>, &Failure)> = Vec::new();
    for section in array.failing() {
        let Some(failure) = section.failure() else { continue };
        let SectionOverview { name, last_success, .. } = section;
        match found.iter_mut().find(|(_, _, known)| known.message == failure.message) {
            Some((sections, since, _)) => {
                sections.push(name);
                *since = (*since).max(*last_success);
            }
            None => found.push((vec![name], *last_success, failure)),
        }
    }
    found
}

/// Objectives that cannot be kept, or that are missing.
fn objectives(arrays: &[ArrayOverview], views: &[View]) -> Vec<Notice> {
    let mut by_array: BTreeMap<&Arc<str>, Vec<&View>> = BTreeMap::new();
    for view in views
        .iter()
        .filter(|view| arrays.iter().any(|array| array.name == view.array))
    {
        by_array.entry(&view.array).or_default().push(view);
    }
    let notice = |array: &Arc<str>, text: String, remedy: &str| Notice {
        about: Concern::Configuration,
        array: Some(array.clone()),
        since: None,
        text,
        remedy: remedy.to_owned(),
    };
    let mut found = Vec::new();
    for (array, views) in by_array {
        let objective = |view: &View| view.lasting.objective_seconds;
        let is_unjudged = views.iter().any(|view| view.standing() == Standing::Unjudged);
        if is_unjudged && views.iter().all(|view| objective(view).is_none()) {
            let text = format!(
                "none of its {} relationships has an objective: nothing is judged late",
                views.len()
            );
            found.push(notice(array, text, "set `rpo` for the array"));
        }
        let hasty = |view: &&&View| objective(view).is_some_and(|seconds| seconds < 2.0 * view.interval_seconds);
        let hasty: Vec<&&View> = views.iter().filter(hasty).collect();
        if let Some(first) = hasty.first() {
            let text = format!(
                "{} with an objective below two polls (every {}), such as {}: they count as late between two polls",
                if hasty.len() == 1 {
                    "1 relationship".to_owned()
                } else {
                    format!("{} relationships", hasty.len())
                },
                Span::from_seconds(first.interval_seconds),
                shown(&first.description.relationship, 80),
            );
            found.push(notice(
                array,
                text,
                "poll the array more often (`interval`), or raise the objective",
            ));
        }
    }
    found
}

#[cfg(test)]
#[path = "notice_tests.rs"]
mod tests;
