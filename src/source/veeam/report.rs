//! What the book says of every relationship, section by section. Pure functions; `mod.rs` calls them.

use super::{
    RECOVERY_POINTS_PERIOD,
    book::{Book, Key, Known},
    convert::RETIRED,
    rows::Task,
};
use crate::{
    model::{
        Condition, Description, Field, Health, Job, JobResult, LastJob, Listing, Mode, Readings, RelationshipKey,
        RelationshipReport, Role, SectionReport, StateWord, Timestamp, UnknownValues,
    },
    source::lenient::not_negative,
};
use std::collections::HashMap;

/// How much of the past is known.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts, each named where it is read"
)]
pub(super) struct Knowledge {
    /// Every task within lookback was read: what is not known never was.
    pub(super) all_tasks: bool,
    /// Every point was read, a short while ago at most.
    pub(super) all_points: bool,
    /// Both were, and what neither tells of was let go.
    pub(super) all_relationships: bool,
    /// Points are not asked for: tasks alone tell of recovery points.
    pub(super) no_points: bool,
}

/// The section that lists. `schedules` is empty where the role may not read jobs.
pub(super) fn tasks(book: &Book, schedules: &HashMap<String, bool>, knowledge: Knowledge) -> SectionReport {
    let runs_by_job = book.runs_by_job();
    let mut unknown_values = UnknownValues::default();
    SectionReport {
        listing: if knowledge.all_relationships {
            Listing::Complete
        } else {
            Listing::Partial
        },
        relationships: book
            .relationships()
            .map(|(key, known)| {
                let last_run = book.last_run(known);
                if last_run.len() > 1 {
                    unknown_values.count("duplicate");
                }
                // Its tasks may be among those that cannot be read.
                let knowledge = Knowledge {
                    all_tasks: knowledge.all_tasks && known.doubtful == 0,
                    ..knowledge
                };
                let left_behind = book.left_behind(key, known, &runs_by_job);
                let mut report = RelationshipReport::new(relationship_key(key));
                report.description = Some(describe(key, book));
                report.last_job = last_job(last_run.first(), knowledge);
                if knowledge.no_points {
                    report.recovery_point = known.good.into();
                }
                report.readings = readings(known, book, schedules.get(&key.job).copied(), knowledge);
                if let Some(since) = left_behind {
                    report.readings.state = Some(StateWord::among(RETIRED, "retired"));
                    report.readings.note = retired(since);
                }
                report
            })
            .collect(),
        unknown_values,
        ..SectionReport::default()
    }
}

/// The recovery points, and how many there are. Lists what exists only where no tasks are asked for.
pub(super) fn recovery_points(book: &Book, knowledge: Knowledge, is_sweep: bool, lists: bool) -> SectionReport {
    SectionReport {
        listing: match (lists, knowledge.all_relationships) {
            (false, _) => Listing::None,
            (true, false) => Listing::Partial,
            (true, true) => Listing::Complete,
        },
        relationships: book
            .relationships()
            .map(|(key, known)| {
                let mut report = RelationshipReport::new(relationship_key(key));
                report.description = lists.then(|| describe(key, book));
                // A task tells of a point that retention has taken since, but only if it is sure that there is no newer one.
                report.recovery_point = match (known.point, known.good) {
                    _ if !knowledge.all_points => Field::Silent,
                    (Some(at), _) => Field::Is(at),
                    _ if !knowledge.all_tasks => Field::Silent,
                    // One that cannot be read is not the same as none.
                    (None, None) if known.may_have_point || known.is_ambiguous || known.doubtful > 0 => Field::Silent,
                    (None, Some(at)) => Field::Is(at),
                    (None, None) => Field::Never,
                };
                report.readings.restore_points = (knowledge.all_points && !known.is_ambiguous).then_some(known.points);
                report
            })
            .collect(),
        period: is_sweep.then_some(RECOVERY_POINTS_PERIOD),
        ..SectionReport::default()
    }
}

/// Whether the schedules of the jobs are on.
pub(super) fn jobs(book: &Book, schedules: &HashMap<String, bool>) -> SectionReport {
    SectionReport {
        relationships: book
            .relationships()
            .filter_map(|(key, _)| {
                let mut report = RelationshipReport::new(relationship_key(key));
                report.readings.enabled = Some(*schedules.get(&key.job)?);
                Some(report)
            })
            .collect(),
        period: Some(RECOVERY_POINTS_PERIOD),
        ..SectionReport::default()
    }
}

fn relationship_key(key: &Key) -> RelationshipKey {
    RelationshipKey::new(format!("{}/{}", key.job, key.vm), Role::Observer)
}

fn describe(key: &Key, book: &Book) -> Description {
    let job = book.job(&key.job);
    Description {
        relationship: format!("{}/{}", job.map_or("", |job| &job.name), key.vm),
        pair: format!("{}/{}", key.job, key.vm),
        mode: Mode::Job,
        peer_system_id: String::new(),
        source_system: job.map(|job| job.server.name.clone()).unwrap_or_default(),
        source_object: key.vm.clone(),
        target_system: String::new(),
        target_object: String::new(),
    }
}

/// What a person is told of a VM that its job has left behind.
fn retired(since: Timestamp) -> String {
    format!(
        "retired: its job runs without it since {}. If it was taken out of the job or renamed, remove its old restore points, \
         or wait until they and lookback are over; if it is failed over or was left out by mistake, see to it",
        since.to_rfc3339_seconds()
    )
}

/// The outcome of the task with the greatest creation time among those that completed.
fn last_job(finished: Option<&Task>, knowledge: Knowledge) -> LastJob {
    let Some(task) = finished else {
        let result = if knowledge.all_tasks {
            Field::Is(JobResult::None)
        } else {
            Field::Silent
        };
        return LastJob {
            result,
            ..LastJob::default()
        };
    };
    let duration = match task.end {
        Field::Is(end) => Field::Is(end.seconds_since(task.created)).and_then(not_negative),
        Field::Never => Field::Never,
        Field::Silent => Field::Silent,
    };
    LastJob {
        result: task.result,
        duration_seconds: duration,
        end: task.end,
        protected_bytes: task.total_size,
        ..LastJob::default()
    }
}

fn readings(known: &Known, book: &Book, enabled: Option<bool>, knowledge: Knowledge) -> Readings {
    let running = known
        .open
        .values()
        .filter(|task| task.state.word() == "inprogress")
        .max_by_key(|task| task.created);
    let last_run = book.last_run(known);
    let finished = last_run.first();
    let failed = finished.filter(|task| task.result == Field::Is(JobResult::Failed));
    let reason = failed.map(|task| task.reason.clone()).unwrap_or_default();
    Readings {
        condition: condition(known, finished, enabled, knowledge),
        state: known.newest.as_ref().map(|task| task.state),
        job_running: known.newest.as_ref().map(|_| running.is_some()),
        job: running.map(|task| Job {
            start: Some(task.created),
            progress: book.progress(task),
            ..Job::default()
        }),
        note: match last_run.len() {
            0 | 1 => reason,
            // Their names are all that Enterprise Manager tells of them.
            vms => format!(
                "{vms} VMs of this name are in one run of the job, the worst shows; rename them apart. {reason}"
            ),
        },
        ..Readings::default()
    }
}

/// The rows of the health table, from the top. `None`: tasks that decide it may not have been read yet.
fn condition(known: &Known, finished: Option<&Task>, enabled: Option<bool>, knowledge: Knowledge) -> Option<Condition> {
    let is_unknown = known.newest.as_ref().is_some_and(|task| !task.state.is_known());
    let result = finished.map(|task| task.result);
    Some(match (enabled, result) {
        _ if is_unknown => Condition::Decided(Health::Unknown),
        (_, Some(Field::Is(JobResult::Unknown | JobResult::None) | Field::Never | Field::Silent)) => {
            Condition::Decided(Health::Unknown)
        }
        (Some(false), _) => Condition::Decided(Health::Paused),
        (_, Some(Field::Is(JobResult::Failed))) => Condition::Decided(Health::Failed),
        (_, Some(_)) => Condition::Replicating,
        (_, None) if knowledge.all_tasks => Condition::Replicating,
        (_, None) => return None,
    })
}
