//! What is exposed of a relationship: its facts always, its readings while they are fresh, and no more than fit.

use super::{Life, Sink, array, flag};
use crate::{
    clock::Now,
    metrics::{catalogue::FamilyId, text::Labels},
    model::{
        Amounts, Exemption, Health, Job, JobResult, Readings, RecoveryPoint, RelationshipFacts, RelationshipKey,
        Section,
    },
    state::ArrayState,
};
use std::collections::BTreeMap;

/// How many relationships fitted.
pub(super) struct Outcome {
    pub(super) kept: usize,
    pub(super) dropped_series: usize,
}

/// Renders relationships in order of their keys until one does not fit; from there on all are left out.
pub(super) fn render_within(budget: usize, state: &ArrayState, now: Now, sink: &mut Sink) -> Outcome {
    let mut outcome = Outcome {
        kept: 0,
        dropped_series: 0,
    };
    let mut left = budget;
    for (key, facts) in &state.facts.relationships {
        let mut one = Sink {
            given_by: Some(BTreeMap::new()),
            ..Sink::default()
        };
        render_one(key, facts, state, now, &mut one);
        if outcome.dropped_series == 0 && one.series <= left {
            left -= one.series;
            outcome.kept += 1;
            sink.append(one);
        } else {
            outcome.dropped_series += one.series;
        }
    }
    outcome
}

/// Renders the first `kept` relationships.
pub(super) fn render_first(kept: usize, state: &ArrayState, now: Now, sink: &mut Sink) {
    for (key, facts) in state.facts.relationships.iter().take(kept) {
        let labels = labels(key, facts, state);
        grown(facts, &labels, state, now, sink);
    }
}

fn labels(key: &RelationshipKey, facts: &RelationshipFacts, state: &ArrayState) -> Labels {
    array::labels(state)
        .with("relationship_id", &key.id)
        .with("relationship", &facts.description.relationship)
        .with("role", key.role.word())
}

fn render_one(key: &RelationshipKey, facts: &RelationshipFacts, state: &ArrayState, now: Now, sink: &mut Sink) {
    let labels = labels(key, facts, state);
    info(facts, &labels, sink);
    what_the_target_holds(facts, &labels, state, sink);
    last_job(facts, &labels, sink);
    grown(facts, &labels, state, now, sink);
    for (section, said, expires_at) in state.readings_of(key, now.instant) {
        let life = Life::Until(expires_at);
        if said.readings.condition.is_some()
            && let Some((health, _)) = facts.health
        {
            sink.states(FamilyId::Health, section, life, &labels, Health::WORDS, health.word());
        }
        readings(&said.readings, section, life, &labels, sink);
    }
}

fn info(facts: &RelationshipFacts, labels: &Labels, sink: &mut Sink) {
    let description = &facts.description;
    let info = labels
        .with("pair", &description.pair)
        .with("mode", description.mode.word())
        .with("source_system", &description.source_system)
        .with("source_object", &description.source_object)
        .with("target_system", &description.target_system)
        .with("target_object", &description.target_object);
    sink.sample(FamilyId::RelationshipInfo, facts.section, Life::Lasting, &info, 1.0);
    if let Some((_, since)) = facts.health {
        sink.sample(
            FamilyId::HealthSince,
            facts.section,
            Life::Lasting,
            labels,
            since.unix_seconds(),
        );
    }
}

fn what_the_target_holds(facts: &RelationshipFacts, labels: &Labels, state: &ArrayState, sink: &mut Sink) {
    let has = match facts.recovery_point {
        RecoveryPoint::Unknown => None,
        RecoveryPoint::Never => Some(false),
        RecoveryPoint::At(_) => Some(true),
    };
    let at = facts.recovery_point.timestamp();
    let objective = facts.objective_seconds(&state.config.objective);
    for (family, value) in [
        (FamilyId::HasRecoveryPoint, has.map(flag)),
        (
            FamilyId::RecoveryPoint,
            at.map(crate::model::timestamp::Timestamp::unix_seconds),
        ),
        (FamilyId::Rpo, objective),
    ] {
        sink.sample_if(family, facts.section, Life::Lasting, labels, value);
    }
}

fn last_job(facts: &RelationshipFacts, labels: &Labels, sink: &mut Sink) {
    let job = &facts.last_job;
    if let Some(result) = job.result {
        let words = JobResult::WORDS;
        sink.states(
            FamilyId::LastJobResult,
            facts.section,
            Life::Lasting,
            labels,
            words,
            result.word(),
        );
    }
    for (family, value) in [
        (FamilyId::LastJobDuration, job.duration_seconds),
        (
            FamilyId::LastJobEnd,
            job.end.map(crate::model::timestamp::Timestamp::unix_seconds),
        ),
        (
            FamilyId::LastJobProtected,
            job.protected_bytes.map(|bytes| bytes as f64),
        ),
        (
            FamilyId::LastJobTransferred,
            job.transferred_bytes.map(|bytes| bytes as f64),
        ),
    ] {
        sink.sample_if(family, facts.section, Life::Lasting, labels, value);
    }
}

/// What changes without a poll: see [`super::GROWING`].
fn grown(facts: &RelationshipFacts, labels: &Labels, state: &ArrayState, now: Now, sink: &mut Sink) {
    let exemption = facts.exemption_at(now.wall);
    sink.states(
        FamilyId::RpoExempt,
        facts.section,
        Life::Lasting,
        labels,
        Exemption::WORDS,
        exemption.word(),
    );
    let lag = facts
        .recovery_point
        .timestamp()
        .map(|at| state.facts.lag_seconds(at, now.wall));
    sink.sample_if(FamilyId::Lag, facts.section, Life::Lasting, labels, lag);
    let breach = facts
        .objective_seconds(&state.config.objective)
        .map(|_| facts.breach_seconds);
    sink.sample_if(FamilyId::RpoBreach, facts.section, Life::Lasting, labels, breach);
}

fn readings(said: &Readings, section: Section, life: Life, labels: &Labels, sink: &mut Sink) {
    if let Some(state) = said.state {
        sink.states(FamilyId::State, section, life, labels, state.all(), state.word());
    }
    let count = |number: Option<u64>| number.map(|number| number as f64);
    for (family, value) in [
        (FamilyId::Enabled, said.enabled.map(flag)),
        (FamilyId::TargetWritable, said.target_writable.map(flag)),
        (FamilyId::QueuedSnapshots, count(said.queued_snapshots)),
        (FamilyId::Blackout, said.blackout.map(flag)),
        (
            FamilyId::NextActive,
            said.next_active.map(crate::model::timestamp::Timestamp::unix_seconds),
        ),
        (FamilyId::SnapshotLock, said.snapshot_lock.map(flag)),
        (FamilyId::CommonSnapshots, count(said.common_snapshots)),
        (FamilyId::JobRunning, said.job_running.map(flag)),
        (FamilyId::RestorePoints, count(said.restore_points)),
    ] {
        sink.sample_if(family, section, life, labels, value);
    }
    if let Some(running) = &said.job {
        job(running, section, life, labels, sink);
    }
}

fn job(running: &Job, section: Section, life: Life, labels: &Labels, sink: &mut Sink) {
    for (family, value) in [
        (
            FamilyId::JobStart,
            running.start.map(crate::model::timestamp::Timestamp::unix_seconds),
        ),
        (
            FamilyId::JobProgress,
            running.progress.map(crate::model::units::Ratio::get),
        ),
        (FamilyId::JobRemainingSeconds, running.remaining_seconds),
        (FamilyId::JobThroughput, running.throughput_bytes_per_second),
        (
            FamilyId::JobRecentThroughput,
            running.recent_throughput_bytes_per_second,
        ),
    ] {
        sink.sample_if(family, section, life, labels, value);
    }
    let Amounts {
        transferred,
        unchanged,
        remaining,
        deleted,
        total,
    } = running.bytes;
    let bytes = [
        (FamilyId::JobTransferredBytes, transferred),
        (FamilyId::JobUnchangedBytes, unchanged),
        (FamilyId::JobRemainingBytes, remaining),
        (FamilyId::JobDeletedBytes, deleted),
        (FamilyId::JobTotalBytes, total),
    ];
    let Amounts {
        transferred,
        unchanged,
        remaining,
        deleted,
        total,
    } = running.files;
    let files = [
        (FamilyId::JobTransferredFiles, transferred),
        (FamilyId::JobUnchangedFiles, unchanged),
        (FamilyId::JobRemainingFiles, remaining),
        (FamilyId::JobDeletedFiles, deleted),
        (FamilyId::JobTotalFiles, total),
    ];
    for (family, amount) in bytes.into_iter().chain(files) {
        sink.sample_if(family, section, life, labels, amount.map(|amount| amount as f64));
    }
}
