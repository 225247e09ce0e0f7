//! What is known of Enterprise Manager's replicas between polls: rows are put in as they come, in any order, and joined to
//! relationships. Pure: no I/O, no clock. `mod.rs` fills it, `report.rs` reads it.
//!
//! A relationship is a job and a VM. A task leads to its job through the run that it belongs to. A replica point leads there
//! through the task that says it made it, else through backup server, job name and VM name.

use super::{
    links::Server,
    rows::{Point, Run, Task},
};
use crate::model::{Field, JobResult, Ratio, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Runs are kept this much longer than tasks: a task may start days after its run did.
const RUN_MARGIN: f64 = 3.0 * 86_400.0;
/// A task may be known before the point that it names.
const LINK_MARGIN: f64 = 86_400.0;

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
    /// The newest end of a session.
    pub(super) newest_end: Option<Timestamp>,
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
}

/// What is known of one relationship.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Tasks that have not ended.
    pub(super) open: BTreeMap<String, Task>,
    /// The newest task.
    pub(super) newest: Option<Task>,
    /// The newest that has ended.
    pub(super) finished: Option<Task>,
    /// When the newest good one was created.
    pub(super) good: Option<Timestamp>,
    /// The newest replica point.
    pub(super) point: Option<Timestamp>,
    /// How many there are.
    pub(super) points: u64,
}

/// Points that could not be placed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unplaced {
    /// Backup server and name of jobs that no known run has.
    pub(super) jobs: BTreeSet<(Server, String)>,
    /// How many points belong to those.
    pub(super) strangers: u64,
    /// How many fit several relationships.
    pub(super) ambiguous: u64,
}

impl Book {
    /// Takes in a run; true if it is a new one.
    pub(super) fn add_run(&mut self, run: Run) -> bool {
        self.newest_end = self.newest_end.max(run.end);
        let job = self.jobs.entry(run.job.clone()).or_insert_with(|| KnownJob {
            name: run.job_name.clone(),
            named: run.created,
            names: BTreeSet::new(),
            server: run.server.clone(),
        });
        job.names.insert(run.job_name.trim().to_owned());
        if run.created >= job.named {
            job.name = run.job_name;
            job.named = run.created;
            job.server = run.server;
        }
        let known = KnownRun {
            job: run.job,
            created: run.created,
            is_stopped: run.is_stopped,
            progress: run.progress,
        };
        self.runs.insert(run.uid, known).is_none()
    }

    /// Takes in a task, new or changed; true if it is news that it ended.
    pub(super) fn add_task(&mut self, task: Task) -> bool {
        self.newest_end = self.newest_end.max(task.end.value());
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
            is_news = known.finished.as_ref().is_none_or(|last| last.uid != task.uid);
            replace_older(&mut known.finished, task);
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
                known.newest.clone_from(&known.finished);
            }
        }
    }

    /// These are all the points there are.
    pub(super) fn set_points(&mut self, points: Vec<Point>) {
        self.points.clear();
        self.add_points(points);
    }

    /// These points are there, too.
    pub(super) fn add_points(&mut self, points: Vec<Point>) {
        self.points
            .extend(points.into_iter().map(|point| (point.uid.clone(), point)));
    }

    /// Joins every point to its relationship, which is made if only the point tells of it.
    pub(super) fn place_points(&mut self) -> Unplaced {
        for known in self.known.values_mut() {
            (known.point, known.points) = (None, 0);
        }
        let mut by_name: HashMap<(&Server, &str), Vec<&str>> = HashMap::new();
        for (guid, job) in &self.jobs {
            for name in &job.names {
                by_name.entry((&job.server, name)).or_default().push(guid);
            }
        }
        // How a VM is called on the target, where some task of its job says which points are its own.
        let mut also_called: HashMap<(&str, &str), &Key> = HashMap::new();
        for (uid, (key, _)) in &self.made_by {
            if let Some(point) = self.points.get(uid) {
                also_called.insert((&key.job, &point.vms[0]), key);
            }
        }
        let mut unplaced = Unplaced::default();
        let mut placed: Vec<(Key, Timestamp)> = Vec::new();
        for point in self.points.values() {
            if let Some((key, _)) = self.made_by.get(&point.uid) {
                placed.push((key.clone(), point.created));
                continue;
            }
            let name = point.job_name.trim();
            let Some(jobs) = by_name.get(&(&point.server, name)) else {
                unplaced.strangers += 1;
                unplaced.jobs.insert((point.server.clone(), point.job_name.clone()));
                continue;
            };
            let known: BTreeSet<Key> = jobs
                .iter()
                .filter_map(|job| {
                    let linked = also_called
                        .get(&(*job, point.vms[0].as_str()))
                        .map(|key| (*key).clone());
                    linked.or_else(|| self.key_of(job, &point.vms))
                })
                .collect();
            match (known.len(), jobs.as_slice()) {
                (1, _) => placed.extend(known.into_iter().map(|key| (key, point.created))),
                (0, [job]) => {
                    let key = Key {
                        job: (*job).to_owned(),
                        vm: point.vms[0].clone(),
                    };
                    placed.push((key, point.created));
                }
                _ => unplaced.ambiguous += 1,
            }
        }
        for (key, at) in placed {
            let known = self.known.entry(key).or_default();
            known.point = known.point.max(Some(at));
            known.points += 1;
        }
        unplaced
    }

    /// The relationship of a job and a VM by one of its names, if there are tasks of it.
    fn key_of(&self, job: &str, vms: &[String]) -> Option<Key> {
        let mut keys = vms.iter().map(|vm| Key {
            job: job.to_owned(),
            vm: vm.clone(),
        });
        keys.find(|key| self.known.get(key).is_some_and(|known| known.newest.is_some()))
    }

    fn jobs_called(&self, server: &Server, name: &str) -> Vec<&str> {
        let jobs = self.jobs.iter();
        jobs.filter(|(_, job)| job.server == *server && job.names.contains(name.trim()))
            .map(|(guid, _)| guid.as_str())
            .collect()
    }

    /// Lets go of what nothing tells of any more: neither a point nor a task since `oldest`. To be called after a complete
    /// sweep only.
    pub(super) fn prune(&mut self, oldest: Timestamp) {
        self.known.retain(|_, known| {
            known.point.is_some()
                || !known.open.is_empty()
                || known.newest.as_ref().is_some_and(|task| task.created >= oldest)
        });
        self.orphans.retain(|_, task| task.created >= oldest);
        let oldest_run = oldest.plus_seconds(-RUN_MARGIN);
        self.runs.retain(|_, run| !run.is_stopped || run.created >= oldest_run);
        let mut jobs: HashSet<&str> = self.runs.values().map(|run| run.job.as_str()).collect();
        jobs.extend(self.known.keys().map(|key| key.job.as_str()));
        let unused: Vec<String> = self
            .jobs
            .keys()
            .filter(|job| !jobs.contains(job.as_str()))
            .cloned()
            .collect();
        for job in unused {
            self.jobs.remove(&job);
        }
        let points = &self.points;
        let newest = self.newest_end;
        self.made_by.retain(|point, (_, created)| {
            points.contains_key(point) || newest.is_some_and(|newest| newest.seconds_since(*created) < LINK_MARGIN)
        });
    }

    /// Every relationship.
    pub(super) fn relationships(&self) -> impl Iterator<Item = (&Key, &Known)> {
        self.known.iter()
    }

    pub(super) fn job(&self, guid: &str) -> Option<&KnownJob> {
        self.jobs.get(guid)
    }

    /// How far the run of a task is, while it runs.
    pub(super) fn progress(&self, task: &Task) -> Option<Ratio> {
        let run = self.runs.get(&task.session)?;
        run.progress.filter(|_| !run.is_stopped)
    }
}

/// The greatest creation time counts; rows of a history are no duplicates.
fn replace_older(known: &mut Option<Task>, task: &Task) {
    let is_newer = known
        .as_ref()
        .is_none_or(|known| (task.created, &task.uid) >= (known.created, &known.uid));
    if is_newer {
        *known = Some(task.clone());
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
