//! Recovery points and rounds: from replicated snapshots and the history of rounds to the model. Pure; `mod.rs` calls them.

use super::{
    convert::{Listed, moment, role_of},
    wire::{Id, Round, Snapshot},
};
use crate::model::{Field, Job, LastJob, RelationshipReport, Role, SectionReport, Timestamp, UnknownValues};
use std::collections::BTreeMap;

/// The rounds of each session, as each side counts them.
pub(super) type Rounds = BTreeMap<(Id, Role), Vec<KnownRound>>;

/// A round whose session, side and start are known.
#[derive(Clone, Debug)]
pub(super) struct KnownRound {
    generation: Option<u64>,
    start: Timestamp,
    /// `Never` while it runs.
    end: Field<Timestamp>,
    transferred: Field<u64>,
}

/// Sorts the rows of the history; one that cannot be read is counted and left out.
pub(super) fn rounds(rows: Vec<Round>, unknown: &mut UnknownValues) -> Rounds {
    let mut rounds = Rounds::new();
    for row in rows {
        let session = row.session.id().reading("session", unknown);
        let role = row.role.reading("role", unknown);
        let start = moment(row.round_start).reading("round_start", unknown);
        let round_end = moment(row.round_end).fact("round_end", unknown);
        let generation = row.generation_number.reading("generation_number", unknown);
        let transferred = row.bytes_transmitted_logical.fact("bytes_transmitted_logical", unknown);
        let (Some(session), Some(role), Some(start)) = (session, role, start) else {
            continue;
        };
        let round = KnownRound {
            generation,
            start,
            end: round_end,
            transferred,
        };
        rounds.entry((session, role_of(&role))).or_default().push(round);
    }
    for of_session in rounds.values_mut() {
        // The order of rows is not guaranteed.
        of_session.sort_by_key(|round| round.start);
    }
    rounds
}

/// The recovery point of each session whose last replicated snapshot is still there.
pub(super) fn recovery_points(listed: &[Listed], snapshots: Vec<Snapshot>, rounds: Option<&Rounds>) -> SectionReport {
    let mut unknown = UnknownValues::default();
    let mut found = BTreeMap::new();
    for snapshot in snapshots {
        if let Some(id) = snapshot.id.clone().reading("snapshot_id", &mut unknown) {
            found.insert(id, snapshot);
        }
    }
    let mut relationships = Vec::new();
    for session in listed {
        let snapshot = session.latest.as_ref().and_then(|id| found.get(id));
        // Retention may have removed it: then nothing is said, and what was known stays.
        let Some(snapshot) = snapshot else { continue };
        let mut report = RelationshipReport::new(session.key.clone());
        report.recovery_point = recovery_point(session, snapshot, rounds, &mut unknown).into();
        relationships.push(report);
    }
    let report = SectionReport {
        relationships,
        unknown_values: unknown,
        ..SectionReport::default()
    };
    without_copies(report)
}

/// The moment whose data the target holds. The copy's own creation is later than that, so it never counts on the target.
fn recovery_point(
    session: &Listed,
    snapshot: &Snapshot,
    rounds: Option<&Rounds>,
    unknown: &mut UnknownValues,
) -> Option<Timestamp> {
    let data = moment(snapshot.data_creation_time.clone()).reading("data_creation_time", unknown);
    if data.is_some() {
        return data;
    }
    let generation = snapshot.generation_number.clone().reading("generation_number", unknown);
    let of_session = rounds.and_then(|rounds| rounds.get(&(session.id.clone(), session.key.role)));
    let round = generation.and_then(|generation| {
        let mut finished = of_session?
            .iter()
            .rev()
            .filter(|round| matches!(round.end, Field::Is(_)));
        finished.find(|round| round.generation == Some(generation))
    });
    if let Some(round) = round {
        return Some(round.start);
    }
    if session.key.role != Role::Source {
        return None;
    }
    moment(snapshot.creation_time.clone()).reading("creation_time", unknown)
}

/// The last finished round of each session, and when the running one began. Rows of the other role are of another life.
pub(super) fn last_rounds(listed: &[Listed], rounds: &Rounds, mut unknown: UnknownValues) -> SectionReport {
    let mut relationships = Vec::new();
    for session in listed {
        let Some(of_session) = rounds.get(&(session.id.clone(), session.key.role)) else {
            continue;
        };
        let mut report = RelationshipReport::new(session.key.clone());
        let mut newest_first = of_session.iter().rev();
        let last = newest_first.find_map(|round| Some((round, round.end.value()?)));
        if let Some((round, end)) = last {
            report.last_job = last_job(round, end, &mut unknown);
        }
        let running = of_session.last().filter(|round| round.end == Field::Never);
        if let Some(round) = running.filter(|_| session.job_running) {
            // Progress is of another section, which leaves the start to this one.
            report.readings.job = Some(Job {
                start: Some(round.start),
                ..Job::default()
            });
        }
        relationships.push(report);
    }
    let report = SectionReport {
        relationships,
        unknown_values: unknown,
        ..SectionReport::default()
    };
    without_copies(report)
}

fn last_job(round: &KnownRound, end: Timestamp, unknown: &mut UnknownValues) -> LastJob {
    let seconds = end.seconds_since(round.start);
    if seconds < 0.0 {
        unknown.count("round_end");
    }
    LastJob {
        duration_seconds: if seconds < 0.0 {
            Field::Silent
        } else {
            Field::Is(seconds)
        },
        end: Field::Is(end),
        transferred_bytes: round.transferred,
        // An array does not say how a round ended, only that it did.
        ..LastJob::default()
    }
}

/// A session that is listed twice was counted where it is listed.
fn without_copies(mut report: SectionReport) -> SectionReport {
    report.relationships.sort_by(|a, b| a.key.cmp(&b.key));
    report.relationships.dedup_by(|a, b| a.key == b.key);
    report
}

/// The ids to look up, each once.
pub(super) fn wanted(listed: &[Listed]) -> Vec<String> {
    let mut ids: Vec<String> = listed
        .iter()
        .filter_map(|it| Some(it.latest.as_ref()?.0.clone()))
        .collect();
    ids.sort();
    ids.dedup();
    ids
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
