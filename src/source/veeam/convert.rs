//! From what Enterprise Manager sends to rows that can be joined: pure functions, which `rows.rs` calls. `None` is a row
//! that cannot be placed.

use super::{
    links::{Named, guid, target, without_time},
    lost::Lost,
    rows::{Point, Run, Schedule, Task},
    wire::{Document, Job, JobSession, ReplicaPoint, TaskSession},
    xml::{self, Text, moment, read},
};
use crate::{
    model::{Field, JobResult, Ratio, StateWord, Timestamp, UnknownValues},
    source::lenient::Lenient,
};

/// The states of a task, the newest of which is what a relationship shows.
pub(super) const STATES: &[&str] = &["inprogress", "pending", "completed", StateWord::UNKNOWN];
/// No word of Enterprise Manager's: the job ran since without this VM.
pub(super) const RETIRED: &[&str] = &["retired"];
const RUN_STATES: &[&str] = &[
    "starting",
    "stopping",
    "working",
    "pausing",
    "resuming",
    "stopped",
    "idle",
    StateWord::UNKNOWN,
];

/// A task session by itself, as `/replicaTaskSessions/{ID}?format=Entity` gives it; `None`: it is there, but cannot be read.
pub(super) fn single_task(body: &[u8], unknown: &mut UnknownValues) -> Result<Option<Task>, String> {
    match xml::parse(body)? {
        Document::ReplicaTaskSession(session) => Ok(task(session, unknown)),
        _ => Err("the answer is no task session".to_owned()),
    }
}

pub(super) fn task(wire: TaskSession, unknown: &mut UnknownValues) -> Option<Task> {
    let links = Named(wire.links.as_ref());
    let uid = id(wire.uid, unknown)?;
    let (created, created_text) = created(wire.creation_time.as_ref(), unknown)?;
    let vm = vm(wire.vm_display_name.as_ref(), wire.name.as_ref(), unknown)?;
    let session = read::<String>(wire.job_session_uid.as_ref());
    // The link leads there, too.
    let session = match session {
        Lenient::Value(uid) => guid(&uid).to_owned(),
        other => {
            let linked = links.of_type("ReplicaJobSessionReference").and_then(target);
            let Some(linked) = linked else {
                // Counts what it was instead.
                let _: Option<String> = other.reading("job_session_uid", unknown);
                return None;
            };
            linked
        }
    };
    let state = read(wire.state.as_ref()).state(STATES, unknown);
    let result = read::<String>(wire.result.as_ref());
    let finished = state.word() == "completed";
    Some(Task {
        uid,
        vm,
        session,
        server: links.server(),
        job_name: links.job_of_run(),
        point: links.related_point(),
        created,
        created_text,
        end: moment(wire.end_time.as_ref(), "end_time", unknown),
        state,
        // A running task's result is None, or Success before its time.
        result: if finished {
            job_result(result, unknown)
        } else {
            Field::Silent
        },
        reason: read::<String>(wire.reason.as_ref())
            .optional("reason", unknown)
            .unwrap_or_default(),
        total_size: if finished {
            read(wire.total_size.as_ref()).fact("total_size", unknown)
        } else {
            Field::Silent
        },
    })
}

fn job_result(word: Lenient<String>, unknown: &mut UnknownValues) -> Field<JobResult> {
    match word.fact("result", unknown) {
        Field::Is(word) => Field::Is(match word.as_str() {
            "Success" => JobResult::Success,
            "Warning" => JobResult::Warning,
            "Failed" => JobResult::Failed,
            _ => {
                unknown.count("result");
                JobResult::Unknown
            }
        }),
        Field::Never => Field::Is(JobResult::None),
        Field::Silent => Field::Silent,
    }
}

pub(super) fn run(wire: JobSession, unknown: &mut UnknownValues) -> Option<Run> {
    let links = Named(wire.links.as_ref());
    let uid = guid(&id(wire.uid, unknown)?).to_owned();
    let (created, created_text) = created(wire.creation_time.as_ref(), unknown)?;
    let linked = links.of_type("JobReference");
    let job = match read::<String>(wire.job_uid.as_ref()) {
        Lenient::Value(uid) => guid(&uid).to_owned(),
        other => {
            let Some(linked) = linked.and_then(target) else {
                let _: Option<String> = other.reading("job_uid", unknown);
                return None;
            };
            linked
        }
    };
    // The link's attribute keeps the blanks that a name may end with.
    let job_name = match linked
        .and_then(|link| link.name.clone())
        .filter(|name| !name.is_empty())
    {
        Some(name) => Some(name),
        None => read(wire.job_name.as_ref()).reading("job_name", unknown),
    };
    let is_stopped = match read(wire.state.as_ref()).state(RUN_STATES, unknown).word() {
        "stopped" | "idle" => true,
        StateWord::UNKNOWN => wire.end_time.is_some(),
        _ => false,
    };
    let progress = read::<f64>(wire.progress.as_ref()).and_then(Ratio::from_percent);
    Some(Run {
        uid,
        job,
        job_name: job_name.unwrap_or_default(),
        server: links.server(),
        created,
        created_text,
        end: moment(wire.end_time.as_ref(), "end_time", unknown).value(),
        is_stopped,
        progress: progress.optional("progress", unknown).filter(|_| !is_stopped),
    })
}

pub(super) fn point(wire: ReplicaPoint, unknown: &mut UnknownValues) -> Option<Point> {
    let links = Named(wire.links.as_ref());
    let uid = guid(&id(wire.uid, unknown)?).to_owned();
    let (created, created_text) = created(wire.creation_time.as_ref(), unknown)?;
    let mut vms = vec![vm(wire.vm_display_name.as_ref(), wire.name.as_ref(), unknown)?];
    if let Lenient::Value(name) = read::<String>(wire.vm_name.as_ref())
        && name != vms[0]
    {
        vms.push(name);
    }
    Some(Point {
        uid,
        vms,
        job_name: links.job_of_replica(),
        server: links.server(),
        created,
        created_text,
    })
}

/// What can be told of a task that cannot be placed.
pub(super) fn lost_task(wire: &TaskSession) -> Lost {
    let links = Named(wire.links.as_ref());
    let session = match read::<String>(wire.job_session_uid.as_ref()) {
        Lenient::Value(uid) => Some(guid(&uid).to_owned()),
        _ => links.of_type("ReplicaJobSessionReference").and_then(target),
    };
    Lost {
        vms: readable_vm(wire.vm_display_name.as_ref(), wire.name.as_ref())
            .into_iter()
            .collect(),
        session,
        job_name: links.job_of_run(),
        server: links.server(),
    }
}

/// What can be told of a point that cannot be placed.
pub(super) fn lost_point(wire: &ReplicaPoint) -> Lost {
    let links = Named(wire.links.as_ref());
    let mut vms: Vec<String> = readable_vm(wire.vm_display_name.as_ref(), wire.name.as_ref())
        .into_iter()
        .collect();
    if let Lenient::Value(name) = read::<String>(wire.vm_name.as_ref()) {
        vms.push(name);
    }
    Lost {
        vms,
        session: None,
        job_name: links.job_of_replica(),
        server: links.server(),
    }
}

pub(super) fn schedule(wire: Job, unknown: &mut UnknownValues) -> Option<Schedule> {
    Some(Schedule {
        job: guid(&id(wire.uid, unknown)?).to_owned(),
        enabled: read(wire.schedule_enabled.as_ref()).reading("schedule_enabled", unknown),
        configured: read(wire.schedule_configured.as_ref()).optional("schedule_configured", unknown),
    })
}

fn id(uid: Option<String>, unknown: &mut UnknownValues) -> Option<String> {
    let uid = uid.filter(|uid| !uid.trim().is_empty());
    if uid.is_none() {
        unknown.count("uid");
    }
    uid
}

fn created(element: Option<&Text>, unknown: &mut UnknownValues) -> Option<(Timestamp, String)> {
    let Field::Is(at) = moment(element, "creation_time", unknown) else {
        if element.is_none() || matches!(read::<String>(element), Lenient::Empty) {
            unknown.count("creation_time");
        }
        return None;
    };
    let text = read::<String>(element)
        .and_then(Some)
        .optional("creation_time", unknown)?;
    Some((at, text))
}

fn vm(display_name: Option<&String>, name: Option<&String>, unknown: &mut UnknownValues) -> Option<String> {
    let shown = readable_vm(display_name, name);
    if shown.is_none() {
        unknown.count("vm_display_name");
    }
    shown
}

fn readable_vm(display_name: Option<&String>, name: Option<&String>) -> Option<String> {
    let shown = display_name.filter(|name| !name.trim().is_empty()).cloned();
    let spelled = || name.map(|name| without_time(name).to_owned());
    shown.or_else(|| spelled().filter(|name| !name.is_empty()))
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
