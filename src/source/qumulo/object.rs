//! One-shot copies to and from object stores: from what a Qumulo cluster sends to the model. Pure; `mod.rs` calls it.
//!
//! A copy has no schedule: that it never ran is normal, and it is as old as its last run without an error.

use super::{
    convert::{describe, job_running, listing, name, path, progress},
    wire::{CurrentObjectJob, LastObjectJob, ObjectStatus},
};
use crate::{
    model::{
        Condition, Field, Health, Job, JobResult, LastJob, Mode, Readings, RelationshipKey, RelationshipReport, Role,
        SectionReport, StateWord, Timestamp, UnknownValues,
    },
    source::lenient::{Lenient, not_negative},
};

/// The states of a copy; another list than that of relationships between clusters.
pub(super) const STATES: &[&str] = &["replication_not_running", "replication_running", StateWord::UNKNOWN];

/// Every copy. `cluster` is this cluster's name, which the answer does not hold; `now` is its time.
pub(super) fn copies(statuses: Vec<ObjectStatus>, cluster: &str, now: Timestamp) -> Result<SectionReport, String> {
    let mut unknown = UnknownValues::default();
    let relationships = statuses
        .into_iter()
        .map(|status| copy(status, cluster, now, &mut unknown))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(listing(relationships, unknown))
}

fn copy(
    status: ObjectStatus,
    cluster: &str,
    now: Timestamp,
    unknown: &mut UnknownValues,
) -> Result<RelationshipReport, String> {
    let Lenient::Value(id) = status.id else {
        return Err("a copy has no readable id".to_owned());
    };
    let (mode, role) = match status.direction.reading("direction", unknown).as_deref() {
        Some("COPY_TO_OBJECT") => (Mode::CopyToObject, Role::Source),
        Some("COPY_FROM_OBJECT") => (Mode::CopyFromObject, Role::Target),
        Some(_) => {
            unknown.count("direction");
            (Mode::Unknown, Role::Unknown)
        }
        None => (Mode::Unknown, Role::Unknown),
    };
    let local_path = if status.local_directory_path.is_absent() {
        status.source_directory_path
    } else {
        status.local_directory_path
    };
    let local = (
        cluster.to_owned(),
        path(&name(local_path, None, "local_directory_path", unknown)),
    );
    let address = name(status.object_store_address, None, "object_store_address", unknown);
    let bucket = name(status.bucket, None, "bucket", unknown);
    let folder = name(status.object_folder, None, "object_folder", unknown);
    let object = format!("{bucket}/{folder}");
    let object = object.trim_end_matches('/').to_owned();

    let running = job_running(
        status.state.clone(),
        "REPLICATION_RUNNING",
        "REPLICATION_NOT_RUNNING",
        "job_state",
        &mut UnknownValues::default(),
    );
    let last = last_job(status.last_job, unknown);
    let mut report = RelationshipReport::new(RelationshipKey::new(id.as_str(), role));
    report.recovery_point = last.recovery_point;
    report.last_job = last.facts;
    report.readings = Readings {
        condition: Some(last.condition),
        state: Some(status.state.state(STATES, unknown)),
        job_running: running,
        job: (running == Some(true)).then(|| current_job(status.current_job, now, unknown)),
        note: last.error,
        ..Readings::default()
    };
    let mut description = describe(id, mode, local.clone(), (address.clone(), object.clone()));
    // An object store is an address with a path, not a cluster with one.
    let store = format!("{address}/{object}");
    if role == Role::Target {
        (description.source_system, description.source_object) = (address, object);
        (description.target_system, description.target_object) = local.clone();
        description.relationship = format!("{store}->{}:{}", local.0, local.1);
    } else {
        description.relationship = format!("{}:{}->{store}", local.0, local.1);
    }
    report.description = Some(description);
    Ok(report)
}

struct Last {
    recovery_point: Field<Timestamp>,
    facts: LastJob,
    condition: Condition,
    error: String,
}

/// The last run. One that failed leaves the recovery point as it was: the copy of the run before is still there.
fn last_job(job: Lenient<LastObjectJob>, unknown: &mut UnknownValues) -> Last {
    let mut last = Last {
        recovery_point: Field::Silent,
        facts: LastJob::default(),
        condition: Condition::Decided(Health::Unknown),
        error: String::new(),
    };
    let job = match job {
        Lenient::Value(job) => job,
        Lenient::Empty => {
            last.recovery_point = Field::Never;
            last.facts = LastJob {
                result: Field::Is(JobResult::None),
                duration_seconds: Field::Never,
                end: Field::Never,
                ..LastJob::default()
            };
            last.condition = Condition::Decided(Health::Initializing);
            return last;
        }
        Lenient::Absent | Lenient::Unreadable => {
            unknown.count("last_job");
            return last;
        }
    };
    let start = job.start_time.reading("start_time", unknown);
    let end = job.end_time.fact("end_time", unknown);
    last.facts.end = end;
    last.facts.duration_seconds = match (start, end) {
        (Some(start), Field::Is(end)) if end >= start => Field::Is(end.seconds_since(start)),
        _ => Field::Silent,
    };
    match job.error.fact("error", unknown) {
        Field::Is(error) => {
            last.facts.result = Field::Is(JobResult::Failed);
            last.condition = Condition::Decided(Health::Failed);
            last.error = error;
        }
        Field::Never => {
            last.recovery_point = start.into();
            last.facts.result = Field::Is(JobResult::Success);
            last.condition = Condition::Decided(Health::Ok);
        }
        Field::Silent => {}
    }
    last
}

fn current_job(job: Lenient<CurrentObjectJob>, now: Timestamp, unknown: &mut UnknownValues) -> Job {
    let job = match job {
        Lenient::Value(job) => job,
        Lenient::Empty => return Job::default(),
        Lenient::Absent | Lenient::Unreadable => {
            unknown.count("current_job");
            return Job::default();
        }
    };
    let mut running = match job.job_progress {
        Lenient::Value(status) => progress(status, unknown),
        Lenient::Absent | Lenient::Empty => Job::default(),
        Lenient::Unreadable => {
            unknown.count("job_progress");
            Job::default()
        }
    };
    running.start = job.start_time.reading("start_time", unknown);
    running.remaining_seconds = job
        .estimated_end_time
        .optional("estimated_end_time", unknown)
        .and_then(|end| not_negative(end.seconds_since(now)));
    running
}

#[cfg(test)]
#[path = "object_tests.rs"]
mod tests;
