//! A simulated replication job: when it runs, how long each VM takes, how that ends, and what is tried again. A pure function
//! of the dice, so that months of history cost nothing but the asking. Knows nothing of HTTP or XML; `world.rs` keeps the
//! runs and tasks that come out of it.

use super::time::{Micros, SECOND, period};
use crate::simulator::{device::Pace, dice::Dice};

/// VMs that a job copies at the same time.
const PARALLEL: usize = 8;
/// Nominal seconds from a failed run to its retry, and how many there are.
const RETRY_AFTER: f64 = 600.0;
const RETRIES: u64 = 3;
/// Nominal seconds from the begin of a VM's copy to the snapshot that it holds.
const SNAPSHOT_AFTER: f64 = 60.0;

/// A replication job.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) number: usize,
    pub(crate) id: String,
    pub(crate) replica_id: String,
    /// The backup server that it runs on.
    pub(crate) server: usize,
    pub(crate) name: String,
    /// Another name, and from when on it has it.
    pub(crate) renamed: Option<(Micros, String)>,
    pub(crate) vms: Vec<Vm>,
    pub(crate) first: Micros,
    pub(crate) period: Micros,
    /// Real seconds that one VM takes, more or less.
    pub(crate) vm_seconds: f64,
    /// The last run before its schedule was switched off.
    pub(crate) disabled_from: Option<Micros>,
    /// How many replica points are kept of each VM.
    pub(crate) retention: usize,
    /// The next run that is not made yet, and before when it cannot start.
    next: u64,
    busy_until: Micros,
}

/// A VM in a job.
#[derive(Clone, Debug)]
pub(crate) struct Vm {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) fails: Fails,
    /// Taken out of the job.
    pub(crate) removed: Option<Micros>,
    /// Its replica was deleted with all its points.
    pub(crate) deleted: Option<Micros>,
}

/// When copying a VM fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fails {
    /// Now and then.
    Rarely,
    /// Whenever it starts from here on.
    From(Micros),
}

/// One run of a job: the job session.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) job: usize,
    pub(crate) key: u64,
    pub(crate) is_retry: bool,
    pub(crate) start: Micros,
    pub(crate) end: Micros,
    pub(crate) result: Outcome,
}

/// One VM in one run: the task session.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) job: usize,
    pub(crate) vm: usize,
    pub(crate) run: u64,
    pub(crate) start: Micros,
    /// It is pending until then.
    pub(crate) begins: Micros,
    pub(crate) snapshot: Micros,
    pub(crate) end: Micros,
    pub(crate) result: Outcome,
}

/// In the order in which the query service compares them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Success,
    Warning,
    Failed,
}

impl Task {
    /// Its number among all tasks, for its dice.
    pub(crate) fn key(&self) -> u64 {
        (self.run << 16) | self.vm as u64
    }
}

impl Job {
    /// A plain job that has never run. `period_seconds` and `vm_seconds` are real.
    pub(crate) fn new(number: usize, name: &str, dice: Dice) -> Self {
        Self {
            number,
            id: dice.uuid("job", number as u64),
            replica_id: dice.uuid("replica", number as u64),
            server: 0,
            name: name.to_owned(),
            renamed: None,
            vms: Vec::new(),
            first: 0,
            period: SECOND,
            vm_seconds: 1.0,
            disabled_from: None,
            retention: 7,
            next: 0,
            busy_until: Micros::MIN,
        }
    }

    /// What it is called at `at`.
    pub(crate) fn name_at(&self, at: Micros) -> &str {
        match &self.renamed {
            Some((from, name)) if at >= *from => name,
            _ => &self.name,
        }
    }

    /// Whether its schedule is on at `at`.
    pub(crate) fn is_enabled(&self, at: Micros) -> bool {
        self.disabled_from.is_none_or(|from| at < from)
    }

    /// When it starts next, seen from `at`.
    pub(crate) fn next_run(&self, at: Micros) -> Micros {
        let runs = (at - self.first).div_euclid(self.period) + 1;
        self.first + runs.max(0) * self.period
    }

    /// Makes every run that starts until `until`, with its retries, which may lie beyond.
    pub(crate) fn run_until(
        &mut self,
        until: Micros,
        pace: Pace,
        dice: Dice,
        runs: &mut Vec<Run>,
        tasks: &mut Vec<Task>,
    ) {
        loop {
            let number = self.next;
            let start = self.first + i64::try_from(number).unwrap_or(i64::MAX) * self.period;
            if start > until {
                return;
            }
            self.next += 1;
            // A job that still runs is not started again.
            if start < self.busy_until || !self.is_enabled(start) {
                continue;
            }
            self.run(number, start, pace, dice, runs, tasks);
        }
    }

    fn run(&mut self, number: u64, start: Micros, pace: Pace, dice: Dice, runs: &mut Vec<Run>, tasks: &mut Vec<Task>) {
        let mut vms: Vec<usize> = (0..self.vms.len())
            .filter(|vm| self.vms[*vm].removed.is_none_or(|from| start < from))
            .collect();
        let mut start = start;
        for attempt in 0..=RETRIES {
            if vms.is_empty() {
                return;
            }
            let key = ((self.number as u64) << 36) | (number << 3) | attempt;
            let mut chance = Chance(dice.roll("run", key));
            let mut lanes = [start + period(pace.seconds(15.0)); PARALLEL];
            let mut end = start;
            let mut failed = Vec::new();
            let mut worst = Outcome::Success;
            let mut listed = start + period(pace.seconds(5.0));
            for (place, &vm) in vms.iter().enumerate() {
                // One after the other in the manager's database.
                listed += 1013;
                let lane = place % PARALLEL;
                let begins = lanes[lane];
                let length = period(self.vm_seconds * (0.5 + chance.share())) + chance.micros();
                let done = begins + length;
                lanes[lane] = done;
                end = end.max(done);
                let result = self.vms[vm].outcome(begins, &mut chance);
                worst = worst.max(result);
                if result == Outcome::Failed {
                    failed.push(vm);
                }
                tasks.push(Task {
                    job: self.number,
                    vm,
                    run: key,
                    start: listed,
                    begins,
                    snapshot: (begins + period(pace.seconds(SNAPSHOT_AFTER))).min(done),
                    end: done,
                    result,
                });
            }
            end += period(pace.seconds(3.0));
            runs.push(Run {
                job: self.number,
                key,
                is_retry: attempt > 0,
                start,
                end,
                result: worst,
            });
            self.busy_until = end;
            vms = failed;
            start = end + period(pace.seconds(RETRY_AFTER));
        }
    }
}

impl Vm {
    fn outcome(&self, at: Micros, chance: &mut Chance) -> Outcome {
        let share = chance.share();
        match self.fails {
            Fails::From(from) if at >= from => Outcome::Failed,
            _ if share < 0.02 => Outcome::Failed,
            _ if share < 0.06 => Outcome::Warning,
            _ => Outcome::Success,
        }
    }
}

/// Cheap chance within one run, from one roll of the dice (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Less than a millisecond, so that times have fractions of a microsecond's length.
    fn micros(&mut self) -> Micros {
        (self.next() % 1000).cast_signed()
    }
}
