//! What is known of Enterprise Manager's replicas between polls: rows are put in as they come, in any order, and joined to
//! relationships. Pure: no I/O, no clock. `mod.rs` fills it, `report.rs` reads it.
//!
//! A relationship is a job and a VM. A task leads to its job through the run that it belongs to. A replica point leads there
//! through the task that says it made it, else through backup server, job name and VM name.

mod known;
mod lifetime;
mod placing;

pub(super) use known::Known;
pub(super) use lifetime::DOUBTFUL_SWEEPS;

use super::{
    links::Server,
    lost::Lost,
    rows::{Point, Run, Task},
};
use crate::model::{Field, JobResult, Ratio, Timestamp, UnknownValues};
use known::replace_older;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// What lies further ahead than this is impossible.
pub(super) const MOST_AHEAD: f64 = 300.0;

/// Everything that is known.
#[derive(Debug, Default)]
pub(super) struct Book {
    runs: HashMap<String, KnownRun>,
    jobs: HashMap<String, KnownJob>,
    known: BTreeMap<Key, Known>,
    /// Tasks whose run is not known (yet), by their id.
    orphans: BTreeMap<String, Task>,
    points: HashMap<String, Point>,
    /// Which relationship a point was made for, where a task says so, and when that task was created.
    made_by: HashMap<String, (Key, Timestamp)>,
    /// The newest end of a session that is not in the future.
    pub(super) newest_end: Option<Timestamp>,
    /// The array's time.
    now: Option<Timestamp>,
    /// Times that are impossible, by field, since they were last asked for.
    impossible: UnknownValues,
    /// Tasks that could not be placed, and for how many sweeps that is so; points of the last sweep that could not.
    lost_tasks: BTreeMap<Lost, u8>,
    lost_points: Vec<Lost>,
}

/// Which relationship.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    /// The GUID of the job, which survives a rename.
    pub(super) job: String,
    pub(super) vm: String,
}

/// A job as its runs show it.
#[derive(Debug)]
pub(super) struct KnownJob {
    /// The newest name.
    pub(super) name: String,
    named: Timestamp,
    /// Every name that a run had, without blanks around it.
    names: BTreeSet<String>,
    pub(super) server: Server,
}

#[derive(Debug)]
struct KnownRun {
    job: String,
    created: Timestamp,
    is_stopped: bool,
    progress: Option<Ratio>,
    /// A task of it ended.
    has_tasks: bool,
}

impl Book {
    /// A poll begins.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.now = Some(now);
    }

    /// The impossible times since this was last asked.
    pub(super) fn take_impossible(&mut self) -> UnknownValues {
        std::mem::take(&mut self.impossible)
    }

    fn seconds_ahead(&self, at: Timestamp) -> f64 {
        self.now.map_or(0.0, |now| at.seconds_since(now))
    }

    /// Takes note of the end of a session; true if it is impossible. A row that is read again counts once it may be true.
    fn note_end(&mut self, end: Option<Timestamp>) -> bool {
        let Some(end) = end else { return false };
        let ahead = self.seconds_ahead(end);
        if ahead <= 0.0 {
            self.newest_end = self.newest_end.max(Some(end));
        }
        if ahead > MOST_AHEAD {
            self.impossible.count("end_time");
        }
        ahead > MOST_AHEAD
    }

    /// Takes in a run; true if it is a new one.
    pub(super) fn add_run(&mut self, run: Run) -> bool {
        self.note_end(run.end);
        let named = self.now.map_or(run.created, |now| now.min(run.created));
        let job = self.jobs.entry(run.job.clone()).or_insert_with(|| KnownJob {
            name: run.job_name.clone(),
            named,
            names: BTreeSet::new(),
            server: run.server.clone(),
        });
        job.names.insert(run.job_name.trim().to_owned());
        if named >= job.named {
            job.name = run.job_name;
            job.named = named;
            job.server = run.server;
        }
        let known = KnownRun {
            job: run.job,
            created: run.created,
            is_stopped: run.is_stopped,
            progress: run.progress,
            has_tasks: self.runs.get(&run.uid).is_some_and(|run| run.has_tasks),
        };
        self.runs.insert(run.uid, known).is_none()
    }

    /// Takes in a task, new or changed; true if it is news that it ended.
    pub(super) fn add_task(&mut self, mut task: Task) -> bool {
        if self.seconds_ahead(task.created) > MOST_AHEAD {
            // It would stay the newest until then, whatever comes after it.
            self.impossible.count("creation_time");
            self.lose_task(Lost::from(task));
            return false;
        }
        if self.note_end(task.end.value()) {
            task.end = Field::Silent;
        }
        let Some(run) = self.runs.get(&task.session) else {
            self.orphans.insert(task.uid.clone(), task);
            return false;
        };
        let key = Key {
            job: run.job.clone(),
            vm: task.vm.clone(),
        };
        self.place_task(key, &task)
    }

    fn place_task(&mut self, key: Key, task: &Task) -> bool {
        if let Some(point) = &task.point {
            self.made_by.insert(point.clone(), (key.clone(), task.created));
        }
        let known = self.known.entry(key).or_default();
        known.open.remove(&task.uid);
        if matches!(task.result, Field::Is(JobResult::Success | JobResult::Warning)) {
            known.good = known.good.max(Some(task.created));
        }
        let mut is_news = false;
        if task.is_finished() {
            is_news = known.end(task);
            if let Some(run) = self.runs.get_mut(&task.session) {
                run.has_tasks = true;
            }
        } else {
            known.open.insert(task.uid.clone(), task.clone());
        }
        replace_older(&mut known.newest, task);
        is_news
    }

    /// Tries again to place the tasks whose run was not known. True if one of them brought news.
    pub(super) fn place_orphans(&mut self) -> bool {
        let mut is_news = false;
        for task in std::mem::take(&mut self.orphans).into_values() {
            is_news |= self.add_task(task);
        }
        is_news
    }

    /// The runs that orphans belong to.
    pub(super) fn missing_runs(&self) -> BTreeSet<String> {
        self.orphans.values().map(|task| task.session.clone()).collect()
    }

    /// Enterprise Manager has no such run (any more): its tasks belong to the job of that name on that server, if there is
    /// but one. Gives the number of tasks for which there is not.
    pub(super) fn give_up_run(&mut self, run: &str) -> u64 {
        let (lost, others) = std::mem::take(&mut self.orphans)
            .into_iter()
            .partition(|(_, task)| task.session == run);
        self.orphans = others;
        let mut left_out = 0;
        for task in BTreeMap::<String, Task>::into_values(lost) {
            let jobs = self.jobs_called(&task.server, &task.job_name);
            if let [job] = jobs.as_slice() {
                let key = Key {
                    job: (*job).to_owned(),
                    vm: task.vm.clone(),
                };
                self.place_task(key, &task);
            } else {
                left_out += 1;
            }
        }
        left_out
    }

    /// The tasks that had not ended when they were last seen.
    pub(super) fn open_tasks(&self) -> HashSet<String> {
        self.known
            .values()
            .flat_map(|known| known.open.keys().cloned())
            .collect()
    }

    /// Enterprise Manager has no such task any more.
    pub(super) fn forget_task(&mut self, uid: &str) {
        for known in self.known.values_mut() {
            if known.open.remove(uid).is_some() && known.newest.as_ref().is_some_and(|task| task.uid == uid) {
                known.newest = known.newest_ended().cloned();
            }
        }
    }

    fn jobs_called(&self, server: &Server, name: &str) -> Vec<&str> {
        let jobs = self.jobs.iter();
        jobs.filter(|(_, job)| job.server == *server && job.names.contains(name.trim()))
            .map(|(guid, _)| guid.as_str())
            .collect()
    }

    /// Every relationship.
    pub(super) fn relationships(&self) -> impl Iterator<Item = (&Key, &Known)> {
        self.known.iter()
    }

    pub(super) fn job(&self, guid: &str) -> Option<&KnownJob> {
        self.jobs.get(guid)
    }

    /// The tasks of a relationship in the last run that is over for it, the worst first: more than one are as many VMs of one
    /// name, and the worst is what shows.
    pub(super) fn last_run<'a>(&self, known: &'a Known) -> &'a [Task] {
        known.last_run(|session| self.runs.get(session).is_none_or(|run| run.is_stopped))
    }

    /// How far the run of a task is, while it runs.
    pub(super) fn progress(&self, task: &Task) -> Option<Ratio> {
        let run = self.runs.get(&task.session)?;
        run.progress.filter(|_| !run.is_stopped)
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
