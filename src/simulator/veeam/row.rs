//! What can be asked for, which parameters each kind has for filtering and sorting (the published lists), and their values.
//! Used by `filter.rs` and `query.rs`.

use super::{
    job::{Job, Outcome, Run, Task},
    time::{Micros, in_name},
    world::World,
};
use std::cmp::Ordering;

/// A type of the query service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Task,
    Run,
    Point,
    Replica,
    Job,
    Server,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Time,
    /// Words, which compare by their order.
    Words(&'static [&'static str]),
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Time(Micros),
    Order(usize, &'static str),
}

/// One thing that the manager knows.
#[derive(Clone, Copy)]
pub(crate) enum Row<'a> {
    Task(&'a Task),
    Run(&'a Run),
    Point(&'a Task),
    Replica(&'a Job),
    Job(&'a Job),
    Server(usize),
}

use Shape::{Text, Time, Words};

const TASK_STATES: &[&str] = &["InProgress", "Pending", "Completed"];
const RUN_STATES: &[&str] = &["Starting", "Stopping", "Working", "Pausing", "Resuming", "Stopped"];
const RESULTS: &[&str] = &["Success", "Warning", "Failed", "None"];

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Task,
        Self::Run,
        Self::Point,
        Self::Replica,
        Self::Job,
        Self::Server,
    ];

    /// What can be queried; the others are only linked to.
    pub(crate) const QUERIED: [Self; 4] = [Self::Task, Self::Run, Self::Point, Self::Job];

    /// Its element, which is also its name in `type=` and in UIDs.
    pub(crate) fn name(self) -> &'static str {
        self.names().0
    }

    /// Its collection in a path.
    pub(crate) fn collection(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Task => ("ReplicaTaskSession", "replicaTaskSessions"),
            Self::Run => ("ReplicaJobSession", "replicaSessions"),
            Self::Point => ("VmReplicaPoint", "vmReplicaPoints"),
            Self::Replica => ("Replica", "replicas"),
            Self::Job => ("Job", "jobs"),
            Self::Server => ("BackupServer", "backupServers"),
        }
    }

    /// The parameter of this name, case aside.
    pub(crate) fn field(self, name: &str) -> Option<(&'static str, Shape)> {
        let fields = self.fields().iter().chain(COMMON);
        fields.copied().find(|(field, _)| field.eq_ignore_ascii_case(name))
    }

    /// Of the published lists, what says when, how and whose.
    fn fields(self) -> &'static [(&'static str, Shape)] {
        match self {
            Self::Task => &[
                ("CreationTime", Time),
                ("EndTime", Time),
                ("State", Words(TASK_STATES)),
                ("Result", Words(RESULTS)),
                ("JobUid", Text),
                ("JobName", Text),
                ("VmDisplayName", Text),
            ],
            Self::Run => &[
                ("CreationTime", Time),
                ("EndTime", Time),
                ("State", Words(RUN_STATES)),
                ("Result", Words(RESULTS)),
                ("JobUid", Text),
                ("JobName", Text),
            ],
            Self::Point => &[("CreationTime", Time), ("VmDisplayName", Text)],
            Self::Job => &[("JobType", Text)],
            Self::Replica | Self::Server => &[],
        }
    }
}

const COMMON: &[(&str, Shape)] = &[
    ("UID", Text),
    ("Name", Text),
    ("BackupServerUid", Text),
    ("BackupServerName", Text),
];

impl Value {
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Order(a, _), Self::Order(b, _)) => a.cmp(b),
            // A filter's values have the shape of their field.
            _ => Ordering::Less,
        }
    }
}

impl Outcome {
    pub(crate) fn word(self) -> &'static str {
        RESULTS[self as usize]
    }
}

impl<'a> Row<'a> {
    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::Task(_) => Kind::Task,
            Self::Run(_) => Kind::Run,
            Self::Point(_) => Kind::Point,
            Self::Replica(_) => Kind::Replica,
            Self::Job(_) => Kind::Job,
            Self::Server(_) => Kind::Server,
        }
    }

    /// The GUID.
    pub(crate) fn id(self, world: &World) -> String {
        match self {
            Self::Task(task) => world.site.dice.uuid("task session", task.key()),
            Self::Run(run) => world.site.dice.uuid("job session", run.key),
            Self::Point(task) => world.site.dice.uuid("replica point", task.key()),
            Self::Replica(job) => job.replica_id.clone(),
            Self::Job(job) => job.id.clone(),
            Self::Server(number) => world.servers[number].id.clone(),
        }
    }

    /// The whole UID.
    pub(crate) fn uid(self, world: &World) -> String {
        format!("urn:veeam:{}:{}", self.kind().name(), self.id(world))
    }

    /// What it is called; sessions and points carry their time.
    pub(crate) fn name(self, world: &World) -> String {
        let timed = |name: &str, at| format!("{name}@{}", in_name(world.shown(at)));
        match self {
            Self::Task(task) => timed(self.vm(world), task.start),
            Self::Run(run) => timed(self.job_name(world), run.start),
            Self::Point(task) => timed(self.vm(world), task.snapshot),
            Self::Replica(_) | Self::Job(_) => self.job_name(world).to_owned(),
            Self::Server(number) => world.servers[number].name.to_owned(),
        }
    }

    pub(crate) fn job(self, world: &'a World) -> Option<&'a Job> {
        match self {
            Self::Task(task) | Self::Point(task) => world.jobs.get(task.job),
            Self::Run(run) => world.jobs.get(run.job),
            Self::Replica(job) | Self::Job(job) => Some(job),
            Self::Server(_) => None,
        }
    }

    /// A session keeps the name that the job had; everything else has its present one.
    pub(crate) fn job_name(self, world: &'a World) -> &'a str {
        let at = match self {
            Self::Run(run) => run.start,
            Self::Task(task) => task.start,
            _ => world.collected,
        };
        self.job(world).map_or("", |job| job.name_at(at))
    }

    pub(crate) fn vm(self, world: &'a World) -> &'a str {
        match self {
            Self::Task(task) | Self::Point(task) => &world.jobs[task.job].vms[task.vm].name,
            _ => "",
        }
    }

    pub(crate) fn server(self, world: &World) -> Row<'static> {
        match self {
            Self::Server(number) => Row::Server(number),
            _ => Row::Server(self.job(world).map_or(0, |job| job.server)),
        }
    }

    /// When the row was created, by true time.
    pub(crate) fn created(self) -> Micros {
        match self {
            Self::Task(task) => task.start,
            Self::Run(run) => run.start,
            Self::Point(task) => task.snapshot,
            Self::Replica(_) | Self::Job(_) | Self::Server(_) => 0,
        }
    }

    /// When it ended, by true time, if the manager knows that it did.
    pub(crate) fn ended(self, world: &World) -> Option<Micros> {
        let end = match self {
            Self::Task(task) => task.end,
            Self::Run(run) => run.end,
            _ => return None,
        };
        (end <= world.collected).then_some(end)
    }

    /// The state in the vendor's word, as the manager knows it.
    pub(crate) fn state(self, world: &World) -> &'static str {
        match self {
            Self::Task(_) if self.ended(world).is_some() => "Completed",
            Self::Task(task) if task.begins > world.collected => "Pending",
            Self::Task(_) => "InProgress",
            Self::Run(_) if self.ended(world).is_some() => "Stopped",
            _ => "Working",
        }
    }

    /// The result in the vendor's word. That of a running task is Success, which means nothing; both are recorded.
    pub(crate) fn result(self, world: &World) -> &'static str {
        match self {
            Self::Task(task) if self.ended(world).is_some() => task.result.word(),
            Self::Run(run) if self.ended(world).is_some() => run.result.word(),
            Self::Run(_) => "None",
            _ => "Success",
        }
    }

    /// The value of a parameter; `None` where the row has none.
    pub(crate) fn value(self, world: &World, field: &str) -> Option<Value> {
        let among = |words: &'static [&'static str], word: &str| {
            let index = words.iter().position(|each| *each == word)?;
            Some(Value::Order(index, words[index]))
        };
        let text = match field {
            "CreationTime" => return Some(Value::Time(world.shown(self.created()))),
            "EndTime" => return self.ended(world).map(|at| Value::Time(world.shown(at))),
            "State" if self.kind() == Kind::Task => return among(TASK_STATES, self.state(world)),
            "State" => return among(RUN_STATES, self.state(world)),
            "Result" => return among(RESULTS, self.result(world)),
            "UID" => self.uid(world),
            "Name" => self.name(world),
            "JobUid" => Row::Job(self.job(world)?).uid(world),
            "JobName" => self.job_name(world).to_owned(),
            "JobType" => "Replica".to_owned(),
            "VmDisplayName" => self.vm(world).to_owned(),
            "BackupServerUid" => self.server(world).uid(world),
            "BackupServerName" => self.server(world).name(world),
            _ => return None,
        };
        Some(Value::Text(text))
    }
}

/// The provisioned size of the VM; 0 where nothing was read.
pub(crate) fn total_size(world: &World, task: &Task) -> i64 {
    if task.result == Outcome::Failed {
        0
    } else {
        world.jobs[task.job].vms[task.vm].bytes.cast_signed()
    }
}
