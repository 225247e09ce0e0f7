//! What is exposed of a relationship: its facts always, its readings while they are fresh, and no more than fit.

use super::{
    array, flag, moment,
    samples::{About, Collector, Life, Samples},
};
use crate::{
    clock::Now,
    metrics::{
        catalogue::FamilyId,
        text::{self, Labels},
    },
    model::{
        Amounts, Clocks, Description, Job, JobResult, Readings, RecoveryPoint, RelationshipFacts, RelationshipKey,
        StateWord, units::Ratio,
    },
    state::ArrayState,
};
use std::sync::Arc;

/// A relationship that is exposed.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    labels: Arc<Labels>,
    /// Its place in the order of exposition; `None` for one that has the labels of another.
    place: Option<usize>,
}

/// Renders relationships in order of their keys until one does not fit; from there on all are left out. Gives those that
/// are exposed, in order of their keys, and how many series were left out.
pub(super) fn render_within(budget: usize, state: &ArrayState, now: Now, samples: &mut Samples) -> (Vec<Shown>, usize) {
    let array = array::labels(state);
    let full_at = samples.len() + budget;
    let (mut shown, mut subjects, mut dropped) = (Vec::new(), Vec::new(), 0);
    for (key, facts) in &state.facts.relationships {
        let labels = Arc::new(labels(&array, key, facts));
        let before = samples.len();
        let about = samples.about(labels.clone());
        render_one(key, facts, state, now, about, samples);
        if dropped == 0 && samples.len() <= full_at {
            shown.push(Shown { labels, place: None });
            subjects.push((key, facts, about));
        } else {
            dropped += samples.len() - before;
            samples.truncate(before);
        }
    }
    dropped += arrange(&mut shown, &subjects, samples);
    (shown, dropped)
}

/// Puts relationships in the order of exposition. Takes back those with the labels of another, as of ids that differ only
/// where labels are cut: no series may occur twice. Gives how many series those had.
fn arrange(
    shown: &mut [Shown],
    subjects: &[(&RelationshipKey, &RelationshipFacts, About)],
    samples: &mut Samples,
) -> usize {
    let names = |&index: &usize| {
        let (key, facts, _) = &subjects[index];
        let Description { pair, relationship, .. } = &facts.description;
        (text::cut(pair), key.role, text::cut(relationship))
    };
    let mut order: Vec<usize> = (0..subjects.len()).collect();
    order.sort_by(|one, other| names(one).cmp(&names(other)));
    let (mut dropped, mut last) = (0, None);
    for (place, index) in order.into_iter().enumerate() {
        let about = subjects[index].2;
        if last == Some(names(&index)) {
            dropped += samples.without(about);
        } else {
            samples.place(about, place);
            shown[index].place = Some(place);
        }
        last = Some(names(&index));
    }
    dropped
}

/// Renders what changes without a poll: see [`super::GROWING`].
pub(super) fn render_growing(shown: &[Shown], state: &ArrayState, now: Now, samples: &mut Samples) {
    for ((key, facts), shown) in state.facts.relationships.iter().zip(shown) {
        if let Some(place) = shown.place {
            let about = samples.about_at(shown.labels.clone(), place);
            let subject = (key, facts);
            growing(
                subject,
                state,
                now,
                &mut samples.by(facts.section, about, Life::Lasting),
            );
            for (section, said, expires_at) in state.readings_of(key, now.instant) {
                let present = &mut samples.by(section, about, Life::Until(expires_at));
                lapsing(&said.readings, state.facts.clocks(key.role, now.wall), present);
            }
        }
    }
}

fn labels(array: &Labels, key: &RelationshipKey, facts: &RelationshipFacts) -> Labels {
    array
        .with("pair", &facts.description.pair)
        .with("relationship", &facts.description.relationship)
        .with("role", key.role.word())
}

fn render_one(
    key: &RelationshipKey,
    facts: &RelationshipFacts,
    state: &ArrayState,
    now: Now,
    about: About,
    samples: &mut Samples,
) {
    let mut lasting = samples.by(facts.section, about, Life::Lasting);
    info(key, facts, &mut lasting);
    what_the_target_holds(facts, state, &mut lasting);
    last_job(facts, &mut lasting);
    growing((key, facts), state, now, &mut lasting);
    // A section that fails may still hold the start of a job of which another says that it ended.
    let is_idle = state
        .readings_of(key, now.instant)
        .any(|(_, said, _)| said.readings.job_running == Some(false));
    for (section, said, expires_at) in state.readings_of(key, now.instant) {
        let mut present = samples.by(section, about, Life::Until(expires_at));
        if said.readings.condition.is_some() {
            present.word_if(FamilyId::Health, facts.health.map(|(health, _)| health.word()));
        }
        readings(&said.readings, is_idle, &mut present);
        lapsing(&said.readings, state.facts.clocks(key.role, now.wall), &mut present);
    }
}

fn info(key: &RelationshipKey, facts: &RelationshipFacts, lasting: &mut Collector<'_>) {
    let description = &facts.description;
    let info = Labels::default()
        .with("relationship_id", &key.id)
        .with("mode", description.mode.word())
        .with("peer_system_id", &description.peer_system_id)
        .with("source_system", &description.source_system)
        .with("source_object", &description.source_object)
        .with("target_system", &description.target_system)
        .with("target_object", &description.target_object);
    lasting
        .labelled(FamilyId::RelationshipInfo, info, 1.0)
        .value_if(FamilyId::HealthSince, moment(facts.health.map(|(_, since)| since)));
}

fn what_the_target_holds(facts: &RelationshipFacts, state: &ArrayState, lasting: &mut Collector<'_>) {
    let has = match facts.recovery_point {
        RecoveryPoint::Unknown => None,
        RecoveryPoint::Never => Some(false),
        RecoveryPoint::At(_) => Some(true),
    };
    lasting
        .value_if(FamilyId::HasRecoveryPoint, has.map(flag))
        .value_if(FamilyId::RecoveryPoint, moment(facts.recovery_point.timestamp()))
        .value_if(FamilyId::NoRecoveryPointSince, moment(facts.no_recovery_point_since))
        .value_if(FamilyId::Rpo, facts.objective_seconds(&state.config.objective));
}

fn last_job(facts: &RelationshipFacts, lasting: &mut Collector<'_>) {
    let job = &facts.last_job;
    lasting
        .word_if(FamilyId::LastJobResult, job.result.map(JobResult::word))
        .value_if(FamilyId::LastJobDuration, job.duration_seconds)
        .value_if(FamilyId::LastJobEnd, moment(job.end))
        .value_if(FamilyId::LastJobProtected, count(job.protected_bytes))
        .value_if(FamilyId::LastJobTransferred, count(job.transferred_bytes));
}

/// What changes without a poll: see [`super::GROWING`].
fn growing(
    (key, facts): (&RelationshipKey, &RelationshipFacts),
    state: &ArrayState,
    now: Now,
    lasting: &mut Collector<'_>,
) {
    let clocks = state.facts.clocks(key.role, now.wall);
    let terms = state.config.terms();
    let objective = facts.objective_seconds(terms.objective);
    let (standing, since) = facts.standing;
    lasting
        .word(FamilyId::Standing, standing.word())
        .value(FamilyId::StandingSince, since.unix_seconds())
        .word(FamilyId::RpoExempt, facts.exemption_at(clocks).word())
        .value_if(FamilyId::Lag, facts.lag_seconds(clocks))
        .value_if(
            FamilyId::CountedLag,
            facts.counted_lag_seconds(clocks, terms.interval_seconds),
        )
        .value_if(FamilyId::RpoBreach, objective.map(|_| facts.breach_seconds));
}

/// Readings that lapse without a poll, by the same clock as the exemption beside them: see [`super::GROWING`].
fn lapsing(said: &Readings, clocks: Clocks, present: &mut Collector<'_>) {
    let (blackout, until) = said.blackout_at(clocks);
    present
        .value_if(FamilyId::Blackout, blackout.map(flag))
        .value_if(FamilyId::NextActive, moment(until));
}

fn readings(said: &Readings, is_idle: bool, present: &mut Collector<'_>) {
    present
        .word_if(FamilyId::State, said.state.map(StateWord::word))
        .value_if(FamilyId::Enabled, said.enabled.map(flag))
        .value_if(FamilyId::TargetWritable, said.target_writable.map(flag))
        .value_if(FamilyId::QueuedSnapshots, count(said.queued_snapshots))
        .value_if(FamilyId::SnapshotLock, said.snapshot_lock.map(flag))
        .value_if(FamilyId::CommonSnapshots, count(said.common_snapshots))
        .value_if(FamilyId::JobRunning, said.job_running.map(flag))
        .value_if(FamilyId::RestorePoints, count(said.restore_points));
    if let Some(running) = said.job.as_ref().filter(|_| !is_idle) {
        job(running, present);
    }
}

fn job(running: &Job, present: &mut Collector<'_>) {
    let Amounts {
        transferred,
        unchanged,
        remaining,
        deleted,
        total,
    } = running.bytes;
    present
        .value_if(FamilyId::JobStart, moment(running.start))
        .value_if(FamilyId::JobProgress, running.progress.map(Ratio::get))
        .value_if(FamilyId::JobRemainingSeconds, running.remaining_seconds)
        .value_if(FamilyId::JobThroughput, running.throughput_bytes_per_second)
        .value_if(
            FamilyId::JobRecentThroughput,
            running.recent_throughput_bytes_per_second,
        )
        .value_if(FamilyId::JobTransferredBytes, count(transferred))
        .value_if(FamilyId::JobUnchangedBytes, count(unchanged))
        .value_if(FamilyId::JobRemainingBytes, count(remaining))
        .value_if(FamilyId::JobDeletedBytes, count(deleted))
        .value_if(FamilyId::JobTotalBytes, count(total));
    let Amounts {
        transferred,
        unchanged,
        remaining,
        deleted,
        total,
    } = running.files;
    present
        .value_if(FamilyId::JobTransferredFiles, count(transferred))
        .value_if(FamilyId::JobUnchangedFiles, count(unchanged))
        .value_if(FamilyId::JobRemainingFiles, count(remaining))
        .value_if(FamilyId::JobDeletedFiles, count(deleted))
        .value_if(FamilyId::JobTotalFiles, count(total));
}

fn count(number: Option<u64>) -> Option<f64> {
    number.map(|number| number as f64)
}
