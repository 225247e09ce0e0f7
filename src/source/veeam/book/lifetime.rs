//! Which relationships exist, which may, and which their job has left behind. Called through the book: by `mod.rs` after a
//! complete sweep, and by `report.rs`.

use super::{Book, Key, Known};
use crate::{
    model::Timestamp,
    source::veeam::{lost::Lost, rows::Task},
};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Runs are kept this much longer than tasks: a task may start days after its run did.
const RUN_MARGIN: f64 = 3.0 * 86_400.0;
/// A task may be known before the point that it names.
const LINK_MARGIN: f64 = 86_400.0;
/// A job that has run for so long without a VM has left it behind. Its first run without may be a retry of what failed, or
/// have ended too early.
const LEFT_BEHIND: f64 = 86_400.0;
/// For so many sweeps a row that cannot be read keeps what it could belong to.
pub(in super::super) const DOUBTFUL_SWEEPS: u8 = 3;
/// Different rows that cannot be read; more of them could be anything.
const MOST_LOST: usize = 200;

impl Book {
    /// Lets go of what nothing tells of any more: neither a point nor a task since `oldest`. To be called after a complete
    /// sweep only.
    pub(in super::super) fn prune(&mut self, oldest: Timestamp) {
        self.let_go(oldest);
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

    /// Lets go of the relationships that nothing tells of, but for those that a row that cannot be read may tell of.
    fn let_go(&mut self, oldest: Timestamp) {
        let is_alive = |known: &Known| {
            known.point.is_some()
                || !known.open.is_empty()
                || known.newest.as_ref().is_some_and(|task| task.created >= oldest)
        };
        let lost = self.lost();
        let fading = self.known.iter().filter(|(_, known)| !is_alive(known));
        let doubtful: BTreeSet<Key> = fading
            .filter(|(key, known)| lost.iter().any(|lost| self.may_be_of(lost, key, known)))
            .map(|(key, _)| key.clone())
            .collect();
        self.known.retain(|key, known| {
            if is_alive(known) {
                known.doubtful = 0;
                return true;
            }
            known.doubtful += 1;
            doubtful.contains(key) && known.doubtful <= DOUBTFUL_SWEEPS
        });
        self.lost_tasks.retain(|_, sweeps| {
            *sweeps += 1;
            *sweeps < DOUBTFUL_SWEEPS
        });
    }

    /// Takes note of a task that cannot be placed.
    pub(in super::super) fn lose_task(&mut self, lost: Lost) {
        let is_one_more = self.lost_tasks.len() < MOST_LOST;
        self.lost_tasks
            .entry(if is_one_more { lost } else { Lost::default() })
            .or_insert(0);
    }

    /// Every row that cannot be placed; what could be anything comes first.
    fn lost(&self) -> BTreeSet<&Lost> {
        self.lost_tasks.keys().chain(&self.lost_points).collect()
    }

    /// Takes note of the points that cannot be placed.
    pub(super) fn set_lost_points(&mut self, lost: Vec<Lost>) {
        let lost: BTreeSet<Lost> = lost.into_iter().collect();
        self.lost_points = if lost.len() > MOST_LOST {
            vec![Lost::default()]
        } else {
            lost.into_iter().collect()
        };
    }

    /// Whether a row could tell of this relationship.
    fn may_be_of(&self, lost: &Lost, key: &Key, known: &Known) -> bool {
        if !lost.may_be_of_vm(std::iter::once(&key.vm).chain(&known.called)) {
            return false;
        }
        if let Some(run) = lost.session.as_ref().and_then(|session| self.runs.get(session)) {
            return run.job == key.job;
        }
        let job = self.jobs.get(&key.job);
        job.is_none_or(|job| lost.may_be_of_job(&job.server, &job.names))
    }

    /// The job that a row can only belong to.
    fn only_job(&self, lost: &Lost) -> Option<String> {
        if let Some(run) = lost.session.as_ref().and_then(|session| self.runs.get(session)) {
            return Some(run.job.clone());
        }
        match self.jobs_called(&lost.server, &lost.job_name).as_slice() {
            [job] => Some((*job).to_owned()),
            _ => None,
        }
    }

    /// Relationships that only rows tell of that cannot be read, but for whose they are, exist. True if there are rows of
    /// which not even that can be told: then there may be relationships that nobody knows.
    pub(in super::super) fn expect_lost(&mut self) -> bool {
        let mut is_vague = false;
        let mut expected = Vec::new();
        for lost in self.lost() {
            match (self.only_job(lost), lost.vms.first()) {
                (Some(job), Some(vm)) => {
                    let is_known = self
                        .known
                        .iter()
                        .any(|(key, known)| key.job == job && self.may_be_of(lost, key, known));
                    if !is_known {
                        expected.push(Key { job, vm: vm.clone() });
                    }
                }
                _ => is_vague = true,
            }
        }
        for key in expected {
            self.known.entry(key).or_default();
        }
        is_vague
    }

    /// Marks the relationships without a point of which one that cannot be read may be.
    pub(super) fn mark_lost_points(&mut self) {
        let named: Vec<&Lost> = self.lost_points.iter().filter(|lost| !lost.vms.is_empty()).collect();
        let without = self.known.iter().filter(|(_, known)| known.point.is_none());
        let marked: HashSet<Key> = without
            .filter(|(key, known)| named.iter().any(|lost| self.may_be_of(lost, key, known)))
            .map(|(key, _)| key.clone())
            .collect();
        for (key, known) in &mut self.known {
            known.may_have_point = marked.contains(key);
        }
    }

    /// The runs of each job that are over and in which some VM was replicated, oldest first.
    pub(in super::super) fn runs_by_job(&self) -> HashMap<&str, Vec<Timestamp>> {
        let mut by_job: HashMap<&str, Vec<Timestamp>> = HashMap::new();
        for run in self.runs.values() {
            if run.is_stopped && run.has_tasks && self.seconds_ahead(run.created) <= 0.0 {
                by_job.entry(&run.job).or_default().push(run.created);
            }
        }
        for runs in by_job.values_mut() {
            runs.sort();
        }
        by_job
    }

    /// Since when its job runs without this VM, if it has for long. Where the past was not read yet, the runs of the present
    /// that were are enough.
    pub(in super::super) fn left_behind(
        &self,
        key: &Key,
        known: &Known,
        runs_by_job: &HashMap<&str, Vec<Timestamp>>,
    ) -> Option<Timestamp> {
        let last = known.last_sign().filter(|_| known.open.is_empty())?;
        let runs = runs_by_job.get(key.job.as_str())?;
        let without = &runs[runs.partition_point(|run| *run <= last)..];
        let (first, newest) = (without.first()?, without.last()?);
        let is_long = newest.seconds_since(*first) >= LEFT_BEHIND;
        // A task of it may be one that cannot be read.
        let is_sure = is_long && !self.lost_tasks.keys().any(|lost| self.may_be_of(lost, key, known));
        is_sure.then_some(*first)
    }
}

impl From<Task> for Lost {
    fn from(task: Task) -> Self {
        Self {
            vms: vec![task.vm],
            session: Some(task.session),
            job_name: task.job_name,
            server: task.server,
        }
    }
}
