//! `/api/v1/status`: the overview as JSON. The shape is documented in docs/status-api.md and pinned by a golden test; within
//! version 1 fields are added, never renamed, retyped or removed.

use super::{
    filter::Filter,
    shown::{MESSAGE, shown},
};
use crate::model::{
    ArrayOverview, Counts, Disagreement, Health, Job, JobResult, Overview, Pair, Present, Ratio, RecoveryPoint,
    Restriper, Timestamp, View, overview::SectionOverview,
};
use serde::Serialize;

/// The version of the shape.
const VERSION: u32 = 1;

/// What the filter lets through, as JSON. The counts are always of everything.
pub(super) fn render(overview: &Overview, filter: &Filter) -> Result<Vec<u8>, serde_json::Error> {
    let relationships = overview.relationships.iter().filter(|pair| filter.wants(pair));
    let arrays = overview.arrays.iter().filter(|array| filter.wants_array(&array.name));
    let document = Document {
        version: VERSION,
        generated_at: overview.now,
        exporter_version: crate::build_info::VERSION,
        counts: Totals {
            relationships: overview.relationships.len(),
            standing: overview.counts(),
            arrays: overview.arrays.len(),
            arrays_down: overview.arrays_down(),
        },
        relationships: relationships.map(Row::of).collect(),
        arrays: arrays.map(Polled::of).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    Ok(text)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    generated_at: Timestamp,
    exporter_version: &'static str,
    counts: Totals,
    relationships: Vec<Row<'a>>,
    arrays: Vec<Polled<'a>>,
}

#[derive(Serialize)]
struct Totals {
    relationships: usize,
    #[serde(flatten)]
    standing: Counts,
    arrays: usize,
    arrays_down: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    standing: &'static str,
    why: &'a str,
    vendor: &'static str,
    pair: &'a str,
    relationship: &'a str,
    source: End<'a>,
    target: End<'a>,
    disagreements: Vec<Contradiction<'a>>,
    views: Vec<Side<'a>>,
}

#[derive(Serialize)]
struct End<'a> {
    system: &'a str,
    object: &'a str,
}

#[derive(Serialize)]
struct Contradiction<'a> {
    about: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct Side<'a> {
    array: &'a str,
    relationship_id: &'a str,
    relationship: &'a str,
    role: &'static str,
    mode: &'static str,
    read_at: Option<Timestamp>,
    health: &'static str,
    last_health: Option<&'static str>,
    last_health_since: Option<Timestamp>,
    has_recovery_point: Option<bool>,
    recovery_point: Option<Timestamp>,
    lag_seconds: Option<f64>,
    rpo_seconds: Option<f64>,
    rpo_exempt: &'static str,
    rpo_breach_seconds: f64,
    last_job: LastRun,
    /// Null when they have expired.
    readings: Option<Now>,
}

#[derive(Serialize)]
struct LastRun {
    result: Option<&'static str>,
    end: Option<Timestamp>,
    duration_seconds: Option<f64>,
    transferred_bytes: Option<u64>,
    protected_bytes: Option<u64>,
}

/// The readings.
#[derive(Serialize)]
struct Now {
    state: Option<&'static str>,
    enabled: Option<bool>,
    target_writable: Option<bool>,
    queued_snapshots: Option<u64>,
    blackout: Option<bool>,
    next_active: Option<Timestamp>,
    snapshot_lock: Option<bool>,
    common_snapshots: Option<u64>,
    restore_points: Option<u64>,
    job_running: Option<bool>,
    job: Option<Run>,
    note: String,
}

#[derive(Serialize)]
struct Run {
    start: Option<Timestamp>,
    progress_ratio: Option<f64>,
    remaining_seconds: Option<f64>,
    throughput_bytes_per_second: Option<f64>,
    recent_throughput_bytes_per_second: Option<f64>,
    transferred_bytes: Option<u64>,
    remaining_bytes: Option<u64>,
    total_bytes: Option<u64>,
}

#[derive(Serialize)]
struct Polled<'a> {
    array: &'a str,
    vendor: &'static str,
    up: bool,
    system_name: &'a str,
    system_id: &'a str,
    version: &'a str,
    last_heard: Option<Timestamp>,
    clock_skew_seconds: Option<f64>,
    certificate_expires: Option<Timestamp>,
    certificate_verification_disabled: bool,
    data_timestamp: Option<Timestamp>,
    interval_seconds: f64,
    stale_after_seconds: f64,
    overruns: u64,
    logins: u64,
    login_failures: u64,
    sections: Vec<Part<'a>>,
    protection: Option<Protection>,
    restriper: Option<Work>,
}

#[derive(Serialize)]
struct Part<'a> {
    section: &'static str,
    /// Of the last attempt; null before the first.
    success: Option<bool>,
    /// Whether what its last success found may still be shown.
    current: bool,
    last_attempt: Option<Timestamp>,
    last_success: Option<Timestamp>,
    duration_seconds: Option<f64>,
    reason: Option<&'static str>,
    message: Option<&'a str>,
    polls: u64,
    failures: u64,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names of the document")]
struct Protection {
    remaining_node_failures: Option<u64>,
    remaining_drive_failures: Option<u64>,
    max_node_failures: Option<u64>,
    max_drive_failures: Option<u64>,
}

#[derive(Serialize)]
struct Work {
    state: &'static str,
    phase: &'static str,
    data_at_risk: Option<bool>,
    progress_ratio: Option<f64>,
    elapsed_seconds: Option<f64>,
    coordinator_node: Option<u64>,
    blocked_reason: String,
}

impl<'a> Row<'a> {
    fn of(pair: &'a Pair) -> Self {
        let lead = pair.lead();
        let description = &lead.description;
        let [source, target] = pair.ends().map(|(system, object)| End { system, object });
        let contradiction = |said: &'a Disagreement| Contradiction {
            about: said.about.word(),
            text: &said.text,
        };
        Self {
            standing: pair.standing.word(),
            why: &pair.why,
            vendor: lead.vendor,
            pair: &description.pair,
            relationship: &description.relationship,
            source,
            target,
            disagreements: pair.disagreements.iter().map(contradiction).collect(),
            views: pair.views.iter().map(Side::of).collect(),
        }
    }
}

impl<'a> Side<'a> {
    fn of(view: &'a View) -> Self {
        let facts = &view.lasting;
        let last_job = &facts.last_job;
        Self {
            array: &view.array,
            relationship_id: &view.key.id,
            relationship: &view.description.relationship,
            role: view.key.role.word(),
            mode: view.description.mode.word(),
            read_at: view.read_at,
            health: view.health().unwrap_or(Health::Unknown).word(),
            last_health: facts.health.map(|(health, _)| health.word()),
            last_health_since: facts.health.map(|(_, since)| since),
            has_recovery_point: match facts.recovery_point {
                RecoveryPoint::Unknown => None,
                RecoveryPoint::Never => Some(false),
                RecoveryPoint::At(_) => Some(true),
            },
            recovery_point: facts.recovery_point.timestamp(),
            lag_seconds: facts.lag_seconds,
            rpo_seconds: facts.objective_seconds,
            rpo_exempt: facts.exemption.word(),
            rpo_breach_seconds: facts.breach_seconds,
            last_job: LastRun {
                result: last_job.result.map(JobResult::word),
                end: last_job.end,
                duration_seconds: last_job.duration_seconds,
                transferred_bytes: last_job.transferred_bytes,
                protected_bytes: last_job.protected_bytes,
            },
            readings: view.present.as_ref().map(|present| Now::of(present, view.job())),
        }
    }
}

impl Now {
    fn of(present: &Present, job: Option<Job>) -> Self {
        let said = &present.readings;
        Self {
            state: said.state.map(crate::model::StateWord::word),
            enabled: said.enabled,
            target_writable: said.target_writable,
            queued_snapshots: said.queued_snapshots,
            blackout: said.blackout,
            next_active: said.next_active,
            snapshot_lock: said.snapshot_lock,
            common_snapshots: said.common_snapshots,
            restore_points: said.restore_points,
            job_running: said.job_running,
            job: job.map(|job| Run {
                start: job.start,
                progress_ratio: job.progress.map(Ratio::get),
                remaining_seconds: job.remaining_seconds,
                throughput_bytes_per_second: job.throughput_bytes_per_second,
                recent_throughput_bytes_per_second: job.recent_throughput_bytes_per_second,
                transferred_bytes: job.bytes.transferred,
                remaining_bytes: job.bytes.remaining,
                total_bytes: job.bytes.total,
            }),
            note: shown(&said.note, MESSAGE),
        }
    }
}

impl<'a> Polled<'a> {
    fn of(array: &'a ArrayOverview) -> Self {
        let (logins, login_failures) = array.logins;
        Self {
            array: &array.name,
            vendor: array.vendor,
            up: array.up,
            system_name: &array.identity.name,
            system_id: &array.identity.id,
            version: &array.identity.version,
            last_heard: array.last_heard,
            clock_skew_seconds: array.clock_skew_seconds,
            certificate_expires: array.certificate_expiry,
            certificate_verification_disabled: array.verification_disabled,
            data_timestamp: array.data_timestamp,
            interval_seconds: array.interval_seconds,
            stale_after_seconds: array.stale_after_seconds,
            overruns: array.overruns,
            logins,
            login_failures,
            sections: array.sections.iter().map(Part::of).collect(),
            protection: array.protection.map(|found| Protection {
                remaining_node_failures: found.remaining_node_failures,
                remaining_drive_failures: found.remaining_drive_failures,
                max_node_failures: found.max_node_failures,
                max_drive_failures: found.max_drive_failures,
            }),
            restriper: array.restriper.as_ref().map(Work::of),
        }
    }
}

impl<'a> Part<'a> {
    fn of(section: &'a SectionOverview) -> Self {
        let (last, error) = (section.last.as_ref(), section.error());
        Self {
            section: section.name,
            success: last.map(|_| error.is_none()),
            current: section.fresh,
            last_attempt: last.map(|last| last.at),
            last_success: section.last_success,
            duration_seconds: last.map(|last| last.duration_seconds),
            reason: error.map(|(reason, _)| *reason),
            message: error.map(|(_, message)| message.as_str()),
            polls: section.polls,
            failures: section.failures,
        }
    }
}

impl Work {
    fn of(found: &Restriper) -> Self {
        Self {
            state: found.state.word(),
            phase: found.phase.word(),
            data_at_risk: found.data_at_risk,
            progress_ratio: found.progress.map(Ratio::get),
            elapsed_seconds: found.elapsed_seconds,
            coordinator_node: found.coordinator_node,
            blocked_reason: shown(&found.blocked_reason, MESSAGE),
        }
    }
}

#[cfg(test)]
#[path = "status_json_tests.rs"]
mod tests;
