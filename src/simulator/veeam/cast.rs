//! Who plays in the Veeam world: one VM for every situation that an operator meets, and as many plain ones as asked for.
//! Data; called once per manager, by `world.rs`.

use super::{
    job::{Fails, Job, Vm},
    time::{Micros, micros, period},
};
use crate::simulator::device::Stage;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
/// The nominal seconds of history before the world is first seen: what a manager keeps by default, 13 weeks.
const PAST: f64 = 91.0 * DAY;
/// VMs of a plain job.
const PLAIN: usize = 25;

/// The jobs, in order: name, backup server, nominal period and nominal length of one VM's copy.
const JOBS: &[(&str, usize, f64, f64)] = &[
    ("Tier 1 hourly", 0, HOUR, 6.0 * MINUTE),
    // Two backup servers know nothing of each other's names.
    ("Replication Job 1", 0, 2.0 * HOUR, 8.0 * MINUTE),
    ("Replication Job 1", 1, 2.0 * HOUR, 8.0 * MINUTE),
    // A clone keeps the blank that the dialog put behind its name.
    ("Önskejobb – Malmö_clone1 ", 1, 4.0 * HOUR, 10.0 * MINUTE),
    ("Weekly archive", 1, 7.0 * DAY, 2.0 * HOUR),
    ("Warehouse first copy", 0, 2.0 * DAY, 20.0 * HOUR),
    ("Finance", 0, HOUR, 5.0 * MINUTE),
    ("Branch offices", 1, HOUR, 5.0 * MINUTE),
    ("Scratch", 0, HOUR, 5.0 * MINUTE),
];

/// The situations, in order, each with its job and its VM; VMs beyond them are plain.
const SITUATIONS: &[(usize, &str, Situation)] = &[
    (0, "dc01", Situation::Plain),
    (0, "sql01", Situation::Plain),
    (1, "web01", Situation::Plain),
    (2, "web01", Situation::Plain),
    (0, "mail@hq", Situation::Plain),
    (3, "Ünï \"the first\"", Situation::Plain),
    (4, "archive01", Situation::Plain),
    (5, "warehouse", Situation::FirstCopy),
    (6, "erp01", Situation::Renamed),
    (7, "flaky01", Situation::FailsLately),
    (7, "never01", Situation::FailsAlways),
    (8, "scratch01", Situation::Disabled),
    (7, "retired01", Situation::Retired),
    (7, "branch02", Situation::Plain),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Situation {
    Plain,
    /// Its first copy has been running for hours.
    FirstCopy,
    /// Its job gets another name soon after the start.
    Renamed,
    FailsLately,
    FailsAlways,
    /// The schedule of its job was switched off.
    Disabled,
    /// Taken out of its job long ago; its replica is deleted soon after the start.
    Retired,
}

/// The jobs of a manager that is first seen at the start of the stage, with all their VMs. None has run yet.
pub(crate) fn jobs(stage: &Stage) -> Vec<Job> {
    let start = micros(stage.start);
    let nominal = |seconds: f64| period(stage.pace.seconds(seconds));
    let mut jobs: Vec<Job> = JOBS
        .iter()
        .map(|row| job(stage, jobs_number(row), *row, start))
        .collect();
    for (job, name, situation) in SITUATIONS.iter().take(stage.relationships) {
        let job = &mut jobs[*job];
        let mut vm = vm(stage, job, name);
        match situation {
            Situation::Plain => {}
            Situation::FirstCopy => job.first = start - nominal(3.0 * HOUR),
            Situation::Renamed => job.renamed = Some((start + nominal(20.0 * MINUTE), "Finance EU".to_owned())),
            Situation::FailsLately => vm.fails = Fails::From(start - nominal(2.0 * DAY)),
            Situation::FailsAlways => vm.fails = Fails::From(Micros::MIN),
            Situation::Disabled => job.disabled_from = Some(start - nominal(3.0 * DAY)),
            Situation::Retired => {
                vm.removed = Some(start - nominal(40.0 * DAY));
                vm.deleted = Some(start + nominal(30.0 * MINUTE));
            }
        }
        job.vms.push(vm);
    }
    for index in SITUATIONS.len()..stage.relationships {
        let plain = (index - SITUATIONS.len()) / PLAIN;
        let number = JOBS.len() + plain;
        if number == jobs.len() {
            let often = if plain.is_multiple_of(2) { 4.0 * HOUR } else { DAY };
            let name = format!("Plain {plain:04}");
            jobs.push(job(stage, number, (&name, plain % 2, often, 10.0 * MINUTE), start));
        }
        let vm = vm(stage, &jobs[number], &format!("vm-{index:05}"));
        jobs[number].vms.push(vm);
    }
    jobs.retain(|job| !job.vms.is_empty());
    for (number, job) in jobs.iter_mut().enumerate() {
        job.number = number;
    }
    jobs
}

/// The place of a row in the list of jobs, which is the job's number.
fn jobs_number(row: &(&str, usize, f64, f64)) -> usize {
    let places = JOBS.iter().position(|each| each.0 == row.0 && each.1 == row.1);
    places.unwrap_or_default()
}

fn job(stage: &Stage, number: usize, (name, server, often, vm_seconds): (&str, usize, f64, f64), start: Micros) -> Job {
    let pace = stage.pace;
    let mut job = Job::new(number, name, stage.dice);
    job.server = server;
    job.period = period(pace.seconds(often));
    job.vm_seconds = pace.seconds(vm_seconds) * stage.scenario.job_length;
    let phase = stage.dice.between(0.0, often, "phase", number as u64);
    job.first = start - period(pace.seconds(PAST)) + period(pace.seconds(phase));
    job
}

fn vm(stage: &Stage, job: &Job, name: &str) -> Vm {
    let number = ((job.number as u64) << 16) | job.vms.len() as u64;
    Vm {
        name: name.to_owned(),
        bytes: (8 + stage.dice.roll("size", number) % 500) << 30,
        fails: Fails::Rarely,
        removed: None,
        deleted: None,
    }
}
