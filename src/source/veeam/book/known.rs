//! What is known of one relationship, from its tasks and points. The book fills it, `report.rs` reads it.

use super::super::rows::Task;
use crate::model::{Field, JobResult, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// Tasks of one name in one run that are kept apart.
const MOST_TWINS: usize = 20;
/// Names under which a VM's points are known.
const MOST_NAMES: usize = 20;

/// What is known of one relationship.
#[derive(Debug, Default)]
pub(in super::super) struct Known {
    /// Tasks that have not ended.
    pub(in super::super) open: BTreeMap<String, Task>,
    /// The newest task.
    pub(in super::super) newest: Option<Task>,
    /// The tasks that ended of the newest run and the one before, the newest run and the worst task first. Several of one run
    /// are as many VMs of one name.
    ended: Vec<Vec<Task>>,
    /// When the newest good one was created.
    pub(in super::super) good: Option<Timestamp>,
    /// The newest replica point.
    pub(in super::super) point: Option<Timestamp>,
    /// How many there are.
    pub(in super::super) points: u64,
    /// What its points call its VM.
    pub(super) called: BTreeSet<String>,
    /// A point that cannot be read may be its own.
    pub(in super::super) may_have_point: bool,
    /// A point may be its own or another one's: that there is none is not known.
    pub(in super::super) is_ambiguous: bool,
    /// In how many sweeps in a row nothing but rows that cannot be read may have told of it.
    pub(in super::super) doubtful: u8,
}

impl Known {
    /// Takes in a task that ended; true if it is news that it did.
    pub(super) fn end(&mut self, task: &Task) -> bool {
        let was_known = self.has_ended(&task.uid);
        for run in &mut self.ended {
            run.retain(|known| known.uid != task.uid);
        }
        match self.ended.iter_mut().find(|run| is_of(run, &task.session)) {
            Some(run) => run.push(task.clone()),
            None => self.ended.push(vec![task.clone()]),
        }
        self.ended.retain(|run| !run.is_empty());
        for run in &mut self.ended {
            run.sort_by_key(|task| (std::cmp::Reverse(badness(task)), std::cmp::Reverse(task.created)));
            run.truncate(MOST_TWINS);
        }
        self.ended.sort_by_key(|run| std::cmp::Reverse(newest_of(run)));
        self.ended.truncate(2);
        !was_known && self.has_ended(&task.uid)
    }

    fn has_ended(&self, uid: &str) -> bool {
        self.ended.iter().flatten().any(|task| task.uid == uid)
    }

    /// The tasks of the last run that is over for all VMs of this name, the worst first. `is_over`: whether a run is.
    pub(super) fn last_run(&self, is_over: impl Fn(&str) -> bool) -> &[Task] {
        let (Some(newest), before) = (self.ended.first(), self.ended.get(1)) else {
            return &[];
        };
        let session = newest[0].session.as_str();
        let runs_still = self.open.values().any(|task| task.session == session)
            || before.is_some_and(|before| before.len() > newest.len() && !is_over(session));
        match before {
            Some(before) if runs_still => before,
            _ => newest,
        }
    }

    /// The newest task that ended.
    pub(super) fn newest_ended(&self) -> Option<&Task> {
        let newest_run = self.ended.first()?;
        newest_run.iter().max_by_key(|task| (task.created, &task.uid))
    }

    /// Keeps a name that a point has.
    pub(super) fn is_called(&mut self, name: &str) {
        if self.called.len() < MOST_NAMES && !self.called.contains(name) {
            self.called.insert(name.to_owned());
        }
    }

    /// When anything last told of it.
    pub(super) fn last_sign(&self) -> Option<Timestamp> {
        self.newest.as_ref().map(|task| task.created).max(self.point)
    }
}

fn is_of(run: &[Task], session: &str) -> bool {
    run.first().is_some_and(|task| task.session == session)
}

fn newest_of(run: &[Task]) -> Option<(Timestamp, String)> {
    run.iter().map(|task| (task.created, task.uid.clone())).max()
}

fn badness(task: &Task) -> u8 {
    match task.result {
        Field::Is(JobResult::Failed) => 3,
        Field::Is(JobResult::Warning) => 1,
        Field::Is(JobResult::Success) => 0,
        _ => 2,
    }
}

/// The greatest creation time counts; rows of a history are no duplicates. A row that changed replaces itself.
pub(super) fn replace_older(known: &mut Option<Task>, task: &Task) {
    let is_newer = known
        .as_ref()
        .is_none_or(|known| known.uid == task.uid || (task.created, &task.uid) >= (known.created, &known.uid));
    if is_newer {
        *known = Some(task.clone());
    }
}
