//! The manager's copy of what its backup servers did: as new as its last collection, however often it is asked. Brought up to
//! date by each request; asked by `query` and `routes`.

use super::{
    cast,
    job::{Job, Outcome, Run, Task},
    routes,
    time::{Micros, micros, period},
    wire,
};
use crate::{
    model::Timestamp,
    simulator::{
        accounts::Lasting,
        device::{Answer, Stage},
        fault::FaultKind,
        refusal::Refusal,
        world::{self, Call, Site},
    },
};
use std::collections::HashMap;

/// Nominal seconds between two collections, the manager's default.
const COLLECTION: f64 = 900.0;
/// Nominal seconds that a collection takes.
const COLLECTING: f64 = 20.0;

/// Everything that one manager knows.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) servers: [Server; 2],
    pub(crate) jobs: Vec<Job>,
    /// By their start; those that start after the last collection are not known yet.
    runs: Vec<Run>,
    tasks: Vec<Task>,
    points: Vec<Task>,
    /// Where in `runs` each key is.
    run_places: HashMap<u64, usize>,
    /// When the last collection ended: what happened until then is known.
    pub(crate) collected: Micros,
    begun: Micros,
    interval: Micros,
    collecting: Micros,
    longest_run: Micros,
}

/// A backup server.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) id: String,
}

/// A collection that ended.
pub(crate) struct Collection {
    pub(crate) id: String,
    pub(crate) start: Micros,
    pub(crate) end: Micros,
}

impl World {
    pub(crate) fn new(stage: &Stage, name: String) -> Self {
        let server = |number: u64, server| Server {
            name: server,
            id: stage.dice.uuid(&format!("backup server of {name}"), number),
        };
        let begun = micros(stage.start);
        let mut world = Self {
            servers: [server(0, "vbr01.example.com"), server(1, "vbr02.example.com")],
            jobs: cast::jobs(stage),
            runs: Vec::new(),
            tasks: Vec::new(),
            points: Vec::new(),
            run_places: HashMap::new(),
            collected: Micros::MIN,
            begun,
            interval: period(stage.pace.seconds(COLLECTION)),
            collecting: period(stage.pace.seconds(COLLECTING)),
            longest_run: 0,
            site: Site::new(stage, vec![name]),
        };
        world.collect(begun);
        world
    }

    fn collect(&mut self, at: Micros) {
        self.collected = at;
        let known = (self.runs.len(), self.tasks.len());
        for job in &mut self.jobs {
            job.run_until(at, self.site.pace, self.site.dice, &mut self.runs, &mut self.tasks);
        }
        if known != (self.runs.len(), self.tasks.len()) {
            self.runs.sort_by_key(|run| (run.start, run.key));
            self.tasks.sort_by_key(|task| (task.start, task.key()));
            self.run_places = self
                .runs
                .iter()
                .enumerate()
                .map(|(place, run)| (run.key, place))
                .collect();
            let lengths = self.runs.iter().map(|run| run.end - run.start);
            self.longest_run = lengths.max().unwrap_or_default();
        }
        self.points = self.kept_points();
    }

    /// The newest points of each VM, as many as its job keeps, by their moment.
    fn kept_points(&self) -> Vec<Task> {
        let mut kept: Vec<Vec<usize>> = self.jobs.iter().map(|job| vec![0; job.vms.len()]).collect();
        let mut points: Vec<Task> = Vec::new();
        for task in self.tasks.iter().rev() {
            let job = &self.jobs[task.job];
            let count = &mut kept[task.job][task.vm];
            let is_gone = job.vms[task.vm].deleted.is_some_and(|at| at <= self.collected);
            if task.end <= self.collected && task.result != Outcome::Failed && *count < job.retention && !is_gone {
                *count += 1;
                points.push(task.clone());
            }
        }
        points.sort_by_key(|task| (task.snapshot, task.key()));
        points
    }

    /// The tasks that are known and started at `from` or later and not after `to`.
    pub(crate) fn tasks(&self, from: Micros, to: Micros) -> &[Task] {
        let first = self.tasks.partition_point(|task| task.start < from);
        let end = self.tasks.partition_point(|task| task.start <= to.min(self.collected));
        self.tasks.get(first..end).unwrap_or_default()
    }

    /// The runs that are known and started at `from` or later and not after `to`.
    pub(crate) fn runs(&self, from: Micros, to: Micros) -> &[Run] {
        let first = self.runs.partition_point(|run| run.start < from);
        let end = self.runs.partition_point(|run| run.start <= to.min(self.collected));
        self.runs.get(first..end).unwrap_or_default()
    }

    /// The run that a task belongs to.
    pub(crate) fn run_of(&self, task: &Task) -> Option<&Run> {
        self.runs.get(*self.run_places.get(&task.run)?)
    }

    /// The replica points that are kept, each as the task that made it.
    pub(crate) fn points(&self) -> &[Task] {
        &self.points
    }

    /// No run takes longer, so nothing that ended later than some moment started before this much earlier.
    pub(crate) fn longest_run(&self) -> Micros {
        self.longest_run
    }

    /// How much of a run is done, percent.
    pub(crate) fn progress(&self, run: &Run) -> i64 {
        let tasks = self.tasks(run.start, run.end);
        let own: Vec<&Task> = tasks.iter().filter(|task| task.run == run.key).collect();
        let done: i64 = own
            .iter()
            .map(|task| {
                let length = (task.end - task.begins).max(1);
                ((self.collected - task.begins).clamp(0, length) * 100) / length
            })
            .sum();
        done / i64::try_from(own.len().max(1)).unwrap_or(1)
    }

    /// The collections of the last 30 nominal days, oldest first.
    pub(crate) fn collections(&self) -> Vec<Collection> {
        let first = (self.collected - self.begun).div_euclid(self.interval) - 30 * 96;
        let last = (self.collected - self.begun).div_euclid(self.interval);
        (first..=last)
            .map(|number| {
                let end = self.begun + number * self.interval;
                Collection {
                    id: self.site.dice.uuid("collection", number.cast_unsigned()),
                    start: end - self.collecting,
                    end,
                }
            })
            .collect()
    }

    /// A moment as the clocks of this site show it.
    pub(crate) fn shown(&self, at: Micros) -> Micros {
        at.saturating_add(self.skew())
    }

    /// The true time of a moment that those clocks show.
    pub(crate) fn unshown(&self, at: Micros) -> Micros {
        at.saturating_sub(self.skew())
    }

    #[expect(clippy::cast_possible_truncation, reason = "a skew of years fits")]
    fn skew(&self) -> Micros {
        (self.site.skew(0) * 1e6) as Micros
    }
}

impl world::World for World {
    /// The Portal User and the Portal Administrator.
    const USERS: [&'static str; 2] = ["monitor@example.com", "admin@example.com"];
    const SESSIONS: Lasting = Lasting::Idle(15.0 * 60.0);

    fn site(&self) -> &Site {
        &self.site
    }

    /// Collects whenever that is due, unless the fault says that it no longer does.
    fn advance(&mut self, now: Timestamp) {
        self.site.now = now;
        let stopped = self.site.since(0, &FaultKind::NoCollect, now);
        let until = micros(stopped.map_or(now, |from| from.min(now)));
        let periods = (until - self.begun).div_euclid(self.interval);
        let latest = self.begun + periods.max(0) * self.interval;
        if latest > self.collected {
            self.collect(latest);
        }
    }

    fn answer(&mut self, call: &Call<'_>) -> Result<Answer, Refusal> {
        routes::answer(self, call)
    }

    fn refused(refusal: &Refusal) -> Answer {
        wire::refused(refusal)
    }
}
