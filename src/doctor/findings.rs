//! The lines of HTTP and above, read off one poll: log-on, rights, version, clock, relationships, series.

use super::Line;
use crate::{
    config::{ArrayConfig, Credentials, Vendor},
    metrics::{Exposition, Selection},
    model::{Field, Section, SystemReport},
    source::{Error, Poll, Reason, SectionOutcome, remedies, request::shown, rights},
    store::{Slot, Store},
};
use std::collections::BTreeMap;

/// From here on somebody has forgotten a clock.
const GROSS_SKEW: f64 = 300.0;

/// What the poll found. Takes it in on the way.
pub(super) fn lines(poll: Poll, slot: &Slot, store: &Store) -> Vec<Line> {
    let array = slot.config();
    let mut lines = vec![log_on(&poll, &array)];
    lines.extend(sections(&poll, &array));
    let system = poll
        .sections
        .iter()
        .find_map(|outcome| outcome.result.as_ref().ok()?.system.clone());
    lines.extend(system.into_iter().flat_map(|system| identity(system, array.vendor)));
    if poll.got_something() {
        slot.publish(poll);
        lines.push(relationships(slot, array.vendor));
        lines.extend(unknown_values(slot));
        lines.push(series(slot, store, &array));
    }
    lines
}

/// What gives the user the rights that it lacks, or a new secret, where that is refused.
pub(super) fn commands(poll: &Poll, array: &ArrayConfig) -> Vec<String> {
    if is_refused(poll) {
        return remedies::renew(array);
    }
    let forbidden = failures(poll).filter(|(_, error)| error.reason == Reason::Forbidden);
    remedies::grant(array, forbidden.map(|(outcome, _)| outcome.section).collect())
}

fn is_refused(poll: &Poll) -> bool {
    !poll.got_something() && failures(poll).any(|(_, error)| error.reason == Reason::Auth)
}

fn failures(poll: &Poll) -> impl Iterator<Item = (&SectionOutcome, &Error)> {
    poll.sections
        .iter()
        .filter_map(|outcome| Some((outcome, outcome.result.as_ref().err()?)))
}

fn log_on(poll: &Poll, array: &ArrayConfig) -> Line {
    let who = match &array.credentials {
        Credentials::Token(_) => "with a token".to_owned(),
        Credentials::Password { username, .. } => format!("as user {username}"),
    };
    let accepted = poll.got_something() || failures(poll).any(|(_, error)| error.reason == Reason::Forbidden);
    if accepted {
        return Line::ok("log-on", who);
    }
    match failures(poll).find(|(_, error)| error.reason == Reason::Auth) {
        Some((_, error)) => Line::fail(
            "log-on",
            format!("{who}: {error}"),
            remedies::log_on(array.vendor, &array.credentials),
        ),
        None => Line::fail(
            "log-on",
            format!("{who}: it got no further than what fails below"),
            "mend what fails below, then run this again",
        ),
    }
}

/// A line for each section, with its right; sections that fail for the same reason share one, with the words of the first.
fn sections(poll: &Poll, array: &ArrayConfig) -> Vec<Line> {
    let refused = is_refused(poll);
    let mut lines = Vec::new();
    let mut alike: BTreeMap<Reason, usize> = BTreeMap::new();
    for outcome in &poll.sections {
        let section = outcome.section;
        let right = array.vendor.section(section).and_then(|spec| spec.right);
        match &outcome.result {
            Ok(_) if right.is_none() => {
                lines.push(Line::ok("right", format!("{section}: answers, and needs no right")));
            }
            Ok(_) => lines.push(Line::ok(
                "right",
                format!("{section}: {} is there", right.unwrap_or_default()),
            )),
            // Said by the line of the log-on.
            Err(error) if refused && error.reason == Reason::Auth => {}
            Err(error) if error.reason == Reason::Forbidden => {
                lines.push(forbidden(section, error, array.vendor));
            }
            Err(error) => {
                if let Some(&first) = alike.get(&error.reason) {
                    let line: &mut Line = &mut lines[first];
                    line.detail = line.detail.replacen(": ", &format!(", {section}: "), 1);
                } else {
                    alike.insert(error.reason, lines.len());
                    lines.push(Line::fail(
                        "section",
                        format!("{section}: {}: {error}", error.reason),
                        remedies::advice(array.vendor, Some(section), error.reason),
                    ));
                }
            }
        }
    }
    let skipped = array
        .vendor
        .sections()
        .into_iter()
        .filter(|section| !array.sections.contains(section));
    let skipped: Vec<&str> = skipped.map(Section::name).collect();
    if !skipped.is_empty() {
        lines.push(Line::ok(
            "section",
            format!("left out by `sections`: {}", skipped.join(", ")),
        ));
    }
    lines
}

fn forbidden(section: Section, error: &Error, vendor: Vendor) -> Line {
    let advice = remedies::advice(vendor, Some(section), Reason::Forbidden);
    let right = vendor
        .section(section)
        .and_then(|spec| spec.right)
        .unwrap_or("no right");
    let detail = format!("{section}: {right} is missing: {error}");
    if rights::is_expected(vendor, section, Reason::Forbidden) {
        Line::warn("right", detail, advice)
    } else {
        Line::fail("right", detail, advice)
    }
}

/// Who it is, and what its clock says.
pub(crate) fn identity(system: SystemReport, vendor: Vendor) -> Vec<Line> {
    // What an array says of itself goes to a terminal here.
    let said = |field: Field<String>| shown(&field.value().unwrap_or_default());
    let (name, id, version) = (said(system.name), said(system.id), said(system.version));
    let mut lines = vec![if version.is_empty() {
        Line::warn(
            "version",
            format!("{name} ({id}): not said"),
            vendor.remedies.no_version,
        )
    } else {
        Line::ok("version", format!("{version}, system {name} ({id})"))
    }];
    lines.push(clock(system.clock_skew_seconds));
    lines
}

/// How far the array's clock is from this machine's.
pub(crate) fn clock(skew_seconds: Option<f64>) -> Line {
    if let Some(skew) = skew_seconds {
        let detail = format!("the array's clock is {skew:+.1} s from this machine's");
        let remedy = "set both clocks by NTP; lag is told by the array's clock, so it is still right, but comparisons between \
                      arrays are not";
        if skew.abs() < crate::model::skew::NEGLIGIBLE_SECONDS {
            Line::ok("clock", detail)
        } else if skew.abs() < GROSS_SKEW {
            Line::warn("clock", detail, remedy)
        } else {
            Line::fail("clock", detail, remedy)
        }
    } else {
        Line::warn(
            "clock",
            "the array did not say what time it is",
            "compare its clock with this machine's by hand: lag is told as if they agreed",
        )
    }
}

fn relationships(slot: &Slot, vendor: Vendor) -> Line {
    let roles = slot.read(|state| {
        let mut roles: BTreeMap<&str, usize> = BTreeMap::new();
        for key in state.facts.relationships.keys() {
            *roles.entry(key.role.word()).or_default() += 1;
        }
        roles
    });
    if roles.is_empty() {
        return Line::warn("relationships", "none found", vendor.remedies.no_relationships);
    }
    let parts: Vec<String> = roles.iter().map(|(role, count)| format!("{count} as {role}")).collect();
    Line::ok("relationships", parts.join(", "))
}

fn unknown_values(slot: &Slot) -> Option<Line> {
    let fields = slot.read(|state| {
        let seen = state.unknown_values.iter().filter(|(_, count)| **count > 0);
        seen.map(|(field, _)| *field).collect::<Vec<_>>()
    });
    if fields.is_empty() {
        return None;
    }
    Some(Line::warn(
        "vocabulary",
        format!(
            "words or shapes that this exporter does not know, in: {}",
            fields.join(", ")
        ),
        "report it with the folder that `once --record DIR --scrub` writes; everything else is shown",
    ))
}

fn series(slot: &Slot, store: &Store, array: &ArrayConfig) -> Line {
    let selection = Selection::from_names([array.name.to_string()]);
    let text = store
        .page(&selection)
        .map(|page| page.segments.concat())
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let samples = text.lines().filter(|line| !line.starts_with('#')).count();
    let most = array.polling.max_series;
    let dropped = text
        .lines()
        .filter(|line| line.starts_with("storage_series_dropped{"))
        .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .any(|dropped| dropped > 0.0);
    let detail = format!("{samples} expected of {}, of {most} allowed", slot.name());
    if dropped {
        let remedy = "raise `max_series`, or poll fewer relationships: some are left out";
        Line::fail("series", detail, remedy)
    } else {
        Line::ok("series", detail)
    }
}
