//! Replication relationships: from what a Qumulo cluster sends to the model. Pure functions; `mod.rs` calls them.

use super::wire::{JobStatus, RelationshipStatus, Snapshot};
use crate::{
    model::{
        Condition, Description, Field, Health, Job, JobResult, LastJob, Listing, Mode, Ratio, Readings,
        RelationshipKey, RelationshipReport, Role, SectionReport, StateWord, Timestamp, UnknownValues, job::Amounts,
    },
    source::lenient::{Lenient, not_negative},
};
use std::collections::BTreeMap;

/// The states of a relationship, the same on both sides and in every version read. There is neither an error nor a paused
/// state: those are other fields.
pub(super) const STATES: &[&str] = &[
    "awaiting_authorization",
    "disconnected",
    "disconnecting",
    "ended",
    "established",
    "reconnecting",
    "reestablishing",
    StateWord::UNKNOWN,
];

/// What relationships were called at the last answer: a name that this answer does not say stays.
pub(super) type Names = BTreeMap<RelationshipKey, Description>;

/// Every relationship in which this cluster is `role`. `now` is the cluster's time. A relationship without an id makes the
/// answer unusable: to leave it out would say that it is gone.
pub(super) fn relationships(
    statuses: Vec<RelationshipStatus>,
    role: Role,
    now: Timestamp,
    names: &Names,
) -> Result<SectionReport, String> {
    let mut unknown = UnknownValues::default();
    let relationships = statuses
        .into_iter()
        .map(|status| relationship(status, (role, names), now, &mut unknown))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(listing(relationships, unknown))
}

/// A complete listing; records with one identity are merged where it is published.
pub(super) fn listing(relationships: Vec<RelationshipReport>, unknown: UnknownValues) -> SectionReport {
    SectionReport {
        listing: Listing::Complete,
        relationships,
        unknown_values: unknown,
        ..SectionReport::default()
    }
}

fn relationship(
    status: RelationshipStatus,
    (role, names): (Role, &Names),
    now: Timestamp,
    unknown: &mut UnknownValues,
) -> Result<RelationshipReport, String> {
    let Lenient::Value(id) = status.id else {
        return Err("a relationship has no readable id".to_owned());
    };
    let key = RelationshipKey::new(id.as_str(), role);
    let before = names.get(&key);
    let state = status.state.state(STATES, unknown);
    let enabled = status.replication_enabled.reading("replication_enabled", unknown);
    let error = status.error_from_last_job.fact("error_from_last_job", unknown);
    let end_reason = status.end_reason.reading("end_reason", unknown);
    let is_source = role == Role::Source;
    let mut recovery_point = status.recovery_point.fact("recovery_point", unknown);
    if is_source {
        recovery_point = as_shipped(recovery_point, status.recovery_point_snapshot, unknown);
    }
    let condition = condition(state, enabled, &error);
    let mode = if is_source {
        mode(status.replication_mode, before, unknown)
    } else {
        Mode::NotReported
    };
    let blackout = if is_source {
        blackout(status.next_active_time, enabled, now, unknown)
    } else {
        (None, None)
    };
    let job_running = job_running(
        status.job_state,
        "REPLICATION_RUNNING",
        "REPLICATION_NOT_RUNNING",
        "job_state",
        unknown,
    );
    // Progress and start are left over from the last job at times; they mean something only while one runs.
    let job =
        (job_running == Some(true)).then(|| running_job(status.job_start_time, status.replication_job_status, unknown));

    let mut report = RelationshipReport::new(key);
    report.recovery_point = recovery_point;
    report.last_job = LastJob {
        result: last_result(&error, recovery_point),
        duration_seconds: status
            .duration_of_last_job
            .scalar(|duration| duration.nanoseconds)
            .and_then(|duration| Some(duration.seconds()))
            .fact("duration_of_last_job", unknown),
        ..LastJob::default()
    };
    let source = (status.source_cluster_name, status.source_root_path);
    let target = (status.target_cluster_name, status.target_root_path);
    let peer = match role {
        Role::Source => (status.target_cluster_uuid, "target_cluster_uuid"),
        _ => (status.source_cluster_uuid, "source_cluster_uuid"),
    };
    report.description = Some(Description {
        peer_system_id: name(peer.0, before.map(|before| &before.peer_system_id), peer.1, unknown),
        ..description(id, mode, source, target, before, unknown)
    });
    report.readings = Readings {
        condition: Some(condition),
        state: Some(state),
        enabled,
        target_writable: status
            .target_root_read_only
            .reading("target_root_read_only", unknown)
            .map(|read_only| !read_only),
        queued_snapshots: if is_source {
            status.queued_snapshot_count.reading("queued_snapshot_count", unknown)
        } else {
            None
        },
        blackout: blackout.0,
        next_active: blackout.1,
        snapshot_lock: if role == Role::Target {
            snapshot_lock(&status.lock_key, unknown)
        } else {
            None
        },
        job_running,
        job,
        note: [error.value(), end_reason]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; "),
        ..Readings::default()
    };
    Ok(report)
}

fn description(
    id: String,
    mode: Mode,
    source: (Lenient<String>, Lenient<String>),
    target: (Lenient<String>, Lenient<String>),
    before: Option<&Description>,
    unknown: &mut UnknownValues,
) -> Description {
    let mut say = |told, before, field| name(told, before, field, unknown);
    let source_system = say(
        source.0,
        before.map(|before| &before.source_system),
        "source_cluster_name",
    );
    let source_path = say(source.1, before.map(|before| &before.source_object), "source_root_path");
    let target_system = say(
        target.0,
        before.map(|before| &before.target_system),
        "target_cluster_name",
    );
    let target_path = say(target.1, before.map(|before| &before.target_object), "target_root_path");
    let (source, target) = ((source_system, path(&source_path)), (target_system, path(&target_path)));
    describe(id, mode, source, target)
}

/// With a queue, or after a blackout, a job ships a snapshot that is hours older than its own start. What was deleted since
/// (null) leaves the start.
fn as_shipped(
    job_began: Field<Timestamp>,
    shipped: Lenient<Snapshot>,
    unknown: &mut UnknownValues,
) -> Field<Timestamp> {
    let shipped = shipped.scalar(|snapshot| snapshot.timestamp);
    match (job_began, shipped.optional("recovery_point_snapshot", unknown)) {
        (Field::Is(began), Some(shipped)) => Field::Is(began.min(shipped)),
        (began, _) => began,
    }
}

/// The rows of the health table, from the top. What the array did not say is not healthy.
fn condition(state: StateWord, enabled: Option<bool>, error: &Field<String>) -> Condition {
    Condition::Decided(match state.word() {
        "ended" => Health::Ended,
        // While it is disconnecting the target is put back to its recovery point, and nothing is replicated any more.
        "disconnected" | "disconnecting" => Health::FailedOver,
        "awaiting_authorization" => Health::Pending,
        "reconnecting" | "reestablishing" => Health::Transition,
        "established" => match (enabled, error) {
            (Some(false), _) => Health::Paused,
            (_, Field::Is(_)) => Health::Failed,
            (Some(true), Field::Never) => return Condition::Replicating,
            (None, _) | (_, Field::Silent) => Health::Unknown,
        },
        _ => Health::Unknown,
    })
}

/// Failed with an error text, else success once there is a recovery point, else none.
fn last_result(error: &Field<String>, recovery_point: Field<Timestamp>) -> Field<JobResult> {
    match (error, recovery_point) {
        (Field::Is(_), _) => Field::Is(JobResult::Failed),
        (Field::Never, Field::Is(_)) => Field::Is(JobResult::Success),
        (Field::Never, Field::Never) => Field::Is(JobResult::None),
        (Field::Silent, _) | (_, Field::Silent) => Field::Silent,
    }
}

/// (in a blackout, until when). `next_active_time` may be filled while replication is disabled: that is no blackout.
fn blackout(
    next_active: Lenient<Timestamp>,
    enabled: Option<bool>,
    now: Timestamp,
    unknown: &mut UnknownValues,
) -> (Option<bool>, Option<Timestamp>) {
    match (next_active.fact("next_active_time", unknown), enabled) {
        (Field::Silent, _) | (_, None) => (None, None),
        (Field::Is(at), Some(true)) if at > now => (Some(true), Some(at)),
        _ => (Some(false), None),
    }
}

/// Null means that nothing locks the snapshots; clusters before Core 6.1.1 do not have the key.
fn snapshot_lock(lock_key: &Lenient<String>, unknown: &mut UnknownValues) -> Option<bool> {
    match lock_key {
        Lenient::Absent => None,
        Lenient::Empty => Some(false),
        Lenient::Value(_) => Some(true),
        Lenient::Unreadable => {
            unknown.count("lock_key");
            None
        }
    }
}

fn mode(word: Lenient<String>, before: Option<&Description>, unknown: &mut UnknownValues) -> Mode {
    match word.reading("replication_mode", unknown).as_deref() {
        Some("REPLICATION_CONTINUOUS") => Mode::Continuous,
        Some("REPLICATION_SNAPSHOT_POLICY") => Mode::SnapshotPolicy,
        Some("REPLICATION_SNAPSHOT_POLICY_WITH_CONTINUOUS") => Mode::SnapshotPolicyWithContinuous,
        Some(_) => {
            unknown.count("replication_mode");
            Mode::Unknown
        }
        None => before.map_or(Mode::Unknown, |before| before.mode),
    }
}

fn running_job(start: Lenient<Timestamp>, status: Lenient<JobStatus>, unknown: &mut UnknownValues) -> Job {
    let start = start.reading("job_start_time", unknown);
    let status = match status {
        Lenient::Value(status) => status,
        // Null at the very beginning of a job.
        Lenient::Empty => {
            return Job {
                start,
                ..Job::default()
            };
        }
        Lenient::Absent | Lenient::Unreadable => {
            unknown.count("replication_job_status");
            return Job {
                start,
                ..Job::default()
            };
        }
    };
    Job {
        start,
        ..progress(status, unknown)
    }
}

/// What a job status says, without the job's start.
pub(super) fn progress(status: JobStatus, unknown: &mut UnknownValues) -> Job {
    Job {
        start: None,
        // A percentage weighted from bytes and files, so not bytes divided by their total.
        progress: status
            .percent_complete
            .and_then(Ratio::from_percent)
            .optional("percent_complete", unknown),
        remaining_seconds: positive(
            status.estimated_seconds_remaining,
            "estimated_seconds_remaining",
            unknown,
        ),
        bytes: Amounts {
            transferred: status.bytes_transferred.optional("bytes_transferred", unknown),
            unchanged: status.bytes_unchanged.optional("bytes_unchanged", unknown),
            remaining: status.bytes_remaining.optional("bytes_remaining", unknown),
            deleted: status.bytes_deleted.optional("bytes_deleted", unknown),
            total: status.bytes_total.optional("bytes_total", unknown),
        },
        files: Amounts {
            transferred: status.files_transferred.optional("files_transferred", unknown),
            unchanged: status.files_unchanged.optional("files_unchanged", unknown),
            remaining: status.files_remaining.optional("files_remaining", unknown),
            deleted: status.files_deleted.optional("files_deleted", unknown),
            total: status.files_total.optional("files_total", unknown),
        },
        throughput_bytes_per_second: positive(status.throughput_overall, "throughput_overall", unknown),
        recent_throughput_bytes_per_second: positive(status.throughput_current, "throughput_current", unknown),
    }
}

fn positive(value: Lenient<f64>, field: &'static str, unknown: &mut UnknownValues) -> Option<f64> {
    value.and_then(not_negative).optional(field, unknown)
}

pub(super) fn job_running(
    word: Lenient<String>,
    running: &str,
    not_running: &str,
    field: &'static str,
    unknown: &mut UnknownValues,
) -> Option<bool> {
    match word.reading(field, unknown) {
        Some(word) if word == running => Some(true),
        Some(word) if word == not_running => Some(false),
        Some(_) => {
            unknown.count(field);
            None
        }
        None => None,
    }
}

/// A name for a label; empty where the cluster says that there is none (a target's is unknown until it has answered once).
pub(super) fn name(
    name: Lenient<String>,
    before: Option<&String>,
    field: &'static str,
    unknown: &mut UnknownValues,
) -> String {
    match name.fact(field, unknown) {
        Field::Is(name) => name,
        Field::Never => String::new(),
        Field::Silent => before.cloned().unwrap_or_default(),
    }
}

/// A path without its trailing slashes; the root itself stays.
pub(super) fn path(path: &str) -> String {
    match path.trim_end_matches('/') {
        "" if !path.is_empty() => "/".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

/// What a relationship between two (system, object) is called.
pub(super) fn describe(id: String, mode: Mode, source: (String, String), target: (String, String)) -> Description {
    Description {
        relationship: format!("{}:{}->{}:{}", source.0, source.1, target.0, target.1),
        pair: id,
        mode,
        peer_system_id: String::new(),
        source_system: source.0,
        source_object: source.1,
        target_system: target.0,
        target_object: target.1,
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
