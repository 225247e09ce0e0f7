//! From what Enterprise Manager sends to rows that can be joined. Pure functions; `walk.rs` and `mod.rs` call them.
//!
//! A row without an id or a time cannot be placed: it is left out and counted, and [`Page::lost`] says so, because a
//! relationship must not vanish for it.

use super::{
    links::{Named, Server, guid, target, without_time},
    wire::{Document, JobSession, List, QueryResult, ReplicaPoint, TaskSession},
    xml::{self, Text, moment, read},
};
use crate::{
    model::{Field, JobResult, Ratio, StateWord, Timestamp, UnknownValues},
    source::lenient::Lenient,
};

/// The states of a task, the newest of which is what a relationship shows.
pub(super) const STATES: &[&str] = &["inprogress", "pending", "completed", StateWord::UNKNOWN];
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

/// A row of the query service.
pub(super) trait Row: Sized {
    /// The `type=` of the query.
    const TYPE: &'static str;
    fn uid(&self) -> &str;
    /// When it was created, also as Enterprise Manager spelled it, for its own filters; `None` for what has no such time.
    fn created(&self) -> Option<(Timestamp, &str)>;
    /// When it ended, if it did.
    fn ended(&self) -> Option<Timestamp> {
        None
    }
    /// The rows of a list of this type; `None` if it is another type's.
    fn rows(list: List, page: &mut Page<Self>) -> Option<()>;
}

/// One page of an answer.
#[derive(Debug)]
pub(super) struct Page<R> {
    pub(super) rows: Vec<R>,
    /// How many rows could not be placed.
    pub(super) lost: usize,
    pub(super) number: u32,
    pub(super) count: u32,
    pub(super) unknown: UnknownValues,
}

/// A task session: one VM in one run.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) uid: String,
    pub(super) vm: String,
    pub(super) session: String,
    pub(super) server: Server,
    /// The name of its run, `job@time`, without the time.
    pub(super) job_name: String,
    /// The replica point that it made, where it says so.
    pub(super) point: Option<String>,
    pub(super) created: Timestamp,
    created_text: String,
    pub(super) end: Field<Timestamp>,
    pub(super) state: StateWord,
    pub(super) result: Field<JobResult>,
    pub(super) reason: String,
    pub(super) total_size: Field<u64>,
}

/// A job session: one run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) uid: String,
    /// The GUID of the job.
    pub(super) job: String,
    pub(super) job_name: String,
    pub(super) server: Server,
    pub(super) created: Timestamp,
    created_text: String,
    pub(super) end: Option<Timestamp>,
    pub(super) is_stopped: bool,
    pub(super) progress: Option<Ratio>,
}

/// A replica point.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) uid: String,
    /// Its VM by either name, the displayed one first.
    pub(super) vms: Vec<String>,
    pub(super) job_name: String,
    pub(super) server: Server,
    pub(super) created: Timestamp,
    created_text: String,
}

/// A job's schedule.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// The GUID of the job.
    pub(super) job: String,
    pub(super) enabled: Option<bool>,
    pub(super) configured: Option<bool>,
}

impl Task {
    pub(super) fn is_finished(&self) -> bool {
        self.state.word() == "completed"
    }
}

/// Reads a page of the query service.
pub(super) fn page<R: Row>(body: &[u8]) -> Result<Page<R>, String> {
    match xml::parse(body)? {
        Document::QueryResult(result) => rows(result),
        _ => Err("the answer is no query result".to_owned()),
    }
}

fn rows<R: Row>(result: QueryResult) -> Result<Page<R>, String> {
    if result.refs.is_some() {
        return Err("the answer holds references instead of entities".to_owned());
    }
    let paging = result.paging.ok_or("the answer does not say which page it is")?;
    let number = |text: Option<String>| text.and_then(|text| text.trim().parse().ok());
    let (Some(page), Some(count)) = (number(paging.page), number(paging.pages)) else {
        return Err("the answer does not say which page it is".to_owned());
    };
    let mut page = Page {
        rows: Vec::new(),
        lost: 0,
        number: page,
        count,
        unknown: UnknownValues::default(),
    };
    for list in result.entities.into_iter().flat_map(|entities| entities.lists) {
        R::rows(list, &mut page).ok_or("the answer holds entities of another type")?;
    }
    Ok(page)
}

impl<R> Page<R> {
    fn take<W>(&mut self, rows: Vec<W>, convert: fn(W, &mut UnknownValues) -> Option<R>) {
        for row in rows {
            match convert(row, &mut self.unknown) {
                Some(row) => self.rows.push(row),
                None => self.lost += 1,
            }
        }
    }
}

impl Row for Task {
    const TYPE: &'static str = "ReplicaTaskSession";

    fn ended(&self) -> Option<Timestamp> {
        self.end.value()
    }

    fn uid(&self) -> &str {
        &self.uid
    }

    fn created(&self) -> Option<(Timestamp, &str)> {
        Some((self.created, &self.created_text))
    }

    fn rows(list: List, page: &mut Page<Self>) -> Option<()> {
        let List::ReplicaTaskSessions(list) = list else {
            return None;
        };
        page.take(list.rows, task);
        Some(())
    }
}

impl Row for Run {
    const TYPE: &'static str = "ReplicaJobSession";

    fn ended(&self) -> Option<Timestamp> {
        self.end
    }

    fn uid(&self) -> &str {
        &self.uid
    }

    fn created(&self) -> Option<(Timestamp, &str)> {
        Some((self.created, &self.created_text))
    }

    fn rows(list: List, page: &mut Page<Self>) -> Option<()> {
        let List::ReplicaJobSessions(list) = list else {
            return None;
        };
        page.take(list.rows, run);
        Some(())
    }
}

impl Row for Point {
    const TYPE: &'static str = "VmReplicaPoint";

    fn uid(&self) -> &str {
        &self.uid
    }

    fn created(&self) -> Option<(Timestamp, &str)> {
        Some((self.created, &self.created_text))
    }

    fn rows(list: List, page: &mut Page<Self>) -> Option<()> {
        let List::VmReplicaPoints(list) = list else { return None };
        page.take(list.rows, point);
        Some(())
    }
}

impl Row for Schedule {
    const TYPE: &'static str = "Job";

    fn uid(&self) -> &str {
        &self.job
    }

    fn created(&self) -> Option<(Timestamp, &str)> {
        None
    }

    fn rows(list: List, page: &mut Page<Self>) -> Option<()> {
        let List::Jobs(list) = list else { return None };
        page.take(list.rows, |job, unknown| {
            Some(Schedule {
                job: guid(&id(job.uid, unknown)?).to_owned(),
                enabled: read(job.schedule_enabled.as_ref()).reading("schedule_enabled", unknown),
                configured: read(job.schedule_configured.as_ref()).optional("schedule_configured", unknown),
            })
        });
        Some(())
    }
}

/// A task session by itself, as `/replicaTaskSessions/{ID}?format=Entity` gives it.
pub(super) fn single_task(body: &[u8], unknown: &mut UnknownValues) -> Result<Option<Task>, String> {
    match xml::parse(body)? {
        Document::ReplicaTaskSession(session) => Ok(task(session, unknown)),
        _ => Err("the answer is no task session".to_owned()),
    }
}

pub(super) fn task(wire: TaskSession, unknown: &mut UnknownValues) -> Option<Task> {
    let links = Named(wire.links);
    let uid = id(wire.uid, unknown)?;
    let (created, created_text) = created(wire.creation_time.as_ref(), unknown)?;
    let vm = vm(wire.vm_display_name, wire.name, unknown)?;
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
    let state = word(wire.state.as_ref(), STATES, unknown);
    let result = read::<String>(wire.result.as_ref());
    let finished = state.word() == "completed";
    Some(Task {
        uid,
        vm,
        session,
        server: links.server(),
        job_name: links
            .of_type("ReplicaJobSessionReference")
            .and_then(|link| link.name.as_deref())
            .map(|name| without_time(name).to_owned())
            .unwrap_or_default(),
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

fn run(wire: JobSession, unknown: &mut UnknownValues) -> Option<Run> {
    let links = Named(wire.links);
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
    let is_stopped = match word(wire.state.as_ref(), RUN_STATES, unknown).word() {
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

fn point(wire: ReplicaPoint, unknown: &mut UnknownValues) -> Option<Point> {
    let links = Named(wire.links);
    let uid = guid(&id(wire.uid, unknown)?).to_owned();
    let (created, created_text) = created(wire.creation_time.as_ref(), unknown)?;
    let mut vms = vec![vm(wire.vm_display_name, wire.name, unknown)?];
    if let Lenient::Value(name) = read::<String>(wire.vm_name.as_ref())
        && name != vms[0]
    {
        vms.push(name);
    }
    Some(Point {
        uid,
        vms,
        job_name: links
            .of_type("ReplicaReference")
            .and_then(|link| link.name.clone())
            .unwrap_or_default(),
        server: links.server(),
        created,
        created_text,
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

fn vm(display_name: Option<String>, name: Option<String>, unknown: &mut UnknownValues) -> Option<String> {
    let shown = display_name.filter(|name| !name.trim().is_empty());
    let shown = shown.or_else(|| {
        name.map(|name| without_time(&name).to_owned())
            .filter(|name| !name.is_empty())
    });
    if shown.is_none() {
        unknown.count("vm_display_name");
    }
    shown
}

fn word(element: Option<&Text>, words: &'static [&'static str], unknown: &mut UnknownValues) -> StateWord {
    let state = match read::<String>(element) {
        Lenient::Value(word) => StateWord::among(words, &word),
        _ => StateWord::among(words, ""),
    };
    if !state.is_known() {
        unknown.count("state");
    }
    state
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
