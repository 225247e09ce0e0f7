//! Who plays in the Qumulo world: one relationship for every situation that an operator meets, and as many plain ones as
//! asked for. Data; called once per pair of clusters, by `world.rs`.

use super::{
    plan::{Blackout, Plan},
    relationship::{Relationship, State},
};
use crate::{
    model::Timestamp,
    simulator::{
        device::{Pace, Stage},
        dice::Dice,
    },
};
use std::collections::VecDeque;

/// The nominal seconds that the world has already lived when it is first seen.
const PAST: f64 = 2.0 * 3600.0;
const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// The situations, in order; relationships beyond them are plain.
const SITUATIONS: &[(&str, Situation)] = &[
    ("home", Situation::Plain),
    ("projects", Situation::Plain),
    ("media", Situation::Plain),
    ("nightly", Situation::Blackout),
    ("flaky", Situation::FailingAtFirst),
    ("archive", Situation::FirstSync),
    ("old-site", Situation::Remnant),
    ("new-team", Situation::Awaiting),
    ("scratch", Situation::Disabled),
    ("vault", Situation::Locked),
    ("render", Situation::HugeIds),
    ("remote-office", Situation::OtherDirection),
    ("dr-test", Situation::FailedOver),
];

#[derive(Clone, Copy)]
enum Situation {
    Plain,
    Blackout,
    FailingAtFirst,
    FirstSync,
    Remnant,
    Awaiting,
    Disabled,
    Locked,
    HugeIds,
    OtherDirection,
    FailedOver,
}

/// The relationships of the pair of clusters number `pair`, up to date at the start.
pub(crate) fn relationships(stage: &Stage, pair: u64) -> Vec<Relationship> {
    let born = stage.start.plus_seconds(-stage.pace.seconds(PAST));
    (0..)
        .take(stage.relationships)
        .map(|index| {
            let number = (pair << 32) + index;
            let situation = usize::try_from(index).ok().and_then(|index| SITUATIONS.get(index));
            let (name, situation) = match situation {
                Some((name, situation)) => ((*name).to_owned(), *situation),
                None => (format!("share-{index:05}"), Situation::Plain),
            };
            let mut plan = plan(index, situation, stage.start, stage.pace);
            plan.job_seconds *= stage.scenario.job_length;
            let mut it = relationship(number, plan, born, stage.dice);
            it.paths = [format!("/{name}/"), format!("/replicas/{name}/")];
            // So that not all of them start and end in the same second.
            let spread = stage
                .pace
                .seconds(stage.dice.between(0.0, 5.0 * MINUTE, "spread", number));
            it.idle_since = born.plus_seconds(spread);
            it.next_fire = it.idle_since;
            cast(&mut it, situation, stage, number);
            it.advance(stage.start, None, stage.dice);
            afterwards(&mut it, situation);
            it
        })
        .collect()
}

/// A relationship between `/data` directories that was established at `born` and has never replicated.
pub(crate) fn relationship(number: u64, plan: Plan, born: Timestamp, dice: Dice) -> Relationship {
    let root_id = |cluster| (dice.roll("root id", 2 * number + cluster) >> 40).to_string();
    Relationship {
        id: dice.uuid("relationship", number),
        number,
        plan,
        source: 0,
        paths: ["/data/".to_owned(), "/data/".to_owned()],
        root_ids: [root_id(0), root_id(1)],
        state: State::Established,
        settles: None,
        end_reason: String::new(),
        removed_from: None,
        enabled: true,
        map_local_ids: false,
        source_read_only: false,
        reversed: false,
        lock_keys: [None, None],
        recovery: None,
        errors: [String::new(), String::new()],
        last_duration: None,
        job: None,
        queue: VecDeque::new(),
        next_fire: born,
        idle_since: born,
        jobs_begun: 0,
        now: born,
    }
}

fn plan(index: u64, situation: Situation, start: Timestamp, pace: Pace) -> Plan {
    let ordinary = match index % 3 {
        0 => Plan::continuous(),
        1 => Plan::policy(30.0 * MINUTE),
        _ => Plan {
            continuous: true,
            ..Plan::policy(30.0 * MINUTE)
        },
    };
    let mut plan = match situation {
        Situation::Plain | Situation::HugeIds | Situation::Remnant | Situation::FailedOver => ordinary,
        Situation::Locked => Plan::policy(15.0 * MINUTE),
        _ => Plan::continuous(),
    };
    match situation {
        Situation::Blackout => {
            plan.blackout = Some(Blackout {
                first: start.plus_seconds(-pace.seconds(20.0 * MINUTE)),
                length: pace.seconds(HOUR),
                period: pace.seconds(DAY),
            });
        }
        Situation::FailingAtFirst => plan.fails_until = Some(start.plus_seconds(pace.seconds(15.0 * MINUTE))),
        Situation::FirstSync => {
            plan.first_job_seconds = 3.0 * DAY;
            plan.bytes = 180 << 40;
            plan.files = 410_000_000;
        }
        _ => {}
    }
    plan.gap_seconds = pace.seconds(plan.gap_seconds);
    plan.policy_seconds = plan.policy_seconds.map(|seconds| pace.seconds(seconds));
    plan.job_seconds = pace.seconds(plan.job_seconds);
    plan.first_job_seconds = pace.seconds(plan.first_job_seconds);
    plan
}

/// What is special from the beginning.
fn cast(it: &mut Relationship, situation: Situation, stage: &Stage, number: u64) {
    match situation {
        Situation::Awaiting => it.state = State::AwaitingAuthorization,
        Situation::Locked => it.lock_keys[1] = Some(stage.dice.uuid("lock key", number)),
        // A file id as clusters of this age have them: far beyond 2^53, and beyond 64 bits.
        Situation::HugeIds => "108277887094502708403226279939".clone_into(&mut it.root_ids[0]),
        Situation::OtherDirection => it.source = 1,
        Situation::FailingAtFirst => {
            // It had worked once, long before the failures began.
            let point = it.now.plus_seconds(-stage.pace.seconds(HOUR));
            it.recovery = Some(super::relationship::Recovery {
                point,
                snapshot: super::relationship::Snapshot {
                    id: 9_000,
                    taken: point,
                    by_policy: false,
                },
            });
            it.last_duration = Some(it.plan.job_seconds);
        }
        _ => {}
    }
}

/// What happened to it shortly before the start.
fn afterwards(it: &mut Relationship, situation: Situation) {
    match situation {
        Situation::Disabled => it.enabled = false,
        Situation::Remnant => {
            it.job = None;
            it.state = State::Ended;
            it.removed_from = Some(it.source);
            "The relationship was deleted on the source cluster.".clone_into(&mut it.end_reason);
        }
        Situation::FailedOver => {
            it.job = None;
            it.state = State::Disconnected;
        }
        _ => {}
    }
}
