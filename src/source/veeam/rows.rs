//! The rows that the query service gives, and its pages. `convert.rs` makes the rows; `walk.rs` and `mod.rs` join them.
//!
//! A row without an id or a time cannot be placed: it is left out and counted, and [`Page::lost`] says so, because a
//! relationship must not vanish for it.

use super::{
    convert,
    links::Server,
    lost::Lost,
    wire::{Document, List, QueryResult},
    xml,
};
use crate::model::{Field, JobResult, Ratio, StateWord, Timestamp, UnknownValues};

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
    /// The rows that could not be placed.
    pub(super) lost: Vec<Lost>,
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
    pub(super) created_text: String,
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
    pub(super) created_text: String,
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
    pub(super) created_text: String,
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
        lost: Vec::new(),
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
    fn take<W>(&mut self, rows: Vec<W>, convert: fn(W, &mut UnknownValues) -> Option<R>, told: fn(&W) -> Lost) {
        for row in rows {
            let told = told(&row);
            match convert(row, &mut self.unknown) {
                Some(row) => self.rows.push(row),
                None => self.lost.push(told),
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
        page.take(list.rows, convert::task, convert::lost_task);
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
        // Its tasks find their job by name.
        page.take(list.rows, convert::run, |_| Lost::default());
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
        page.take(list.rows, convert::point, convert::lost_point);
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
        page.take(list.rows, convert::schedule, |_| Lost::default());
        Some(())
    }
}
