//! Who plays in the K2 world: one session for every situation that an operator meets, and as many plain ones as asked for.
//! Data; called once per pair of arrays, by `world.rs`.

use super::session::{Quirk, Session, State, Suspend, VolumeGroup};
use crate::{model::Timestamp, simulator::device::Stage};
use std::collections::VecDeque;

/// The nominal seconds that the world has already lived when it is first seen.
const PAST: f64 = 2.0 * 3600.0;
/// The nominal seconds that the initial copy of a big volume group takes.
const FIRST_SYNC: f64 = 3.0 * 86_400.0;

/// The situations, in order; sessions beyond them are plain.
const SITUATIONS: &[(&str, f64, Situation)] = &[
    ("erp", 300.0, Situation::Plain),
    ("mail", 600.0, Situation::Plain),
    ("orders", 60.0, Situation::Plain),
    ("archive", 3600.0, Situation::FirstSync),
    ("paused", 300.0, Situation::SuspendedByUser),
    ("far-away", 300.0, Situation::SuspendedByLink),
    ("spare", 900.0, Situation::Idle),
    ("dr-test", 300.0, Situation::FailedOver),
    ("expired", 300.0, Situation::Odd(Quirk::SnapshotGone)),
    ("old-target", 600.0, Situation::Odd(Quirk::NoDataTime)),
    ("loose", 300.0, Situation::Odd(Quirk::LooseTypes)),
    ("frankfurt", 600.0, Situation::OtherDirection),
];

#[derive(Clone, Copy)]
enum Situation {
    Plain,
    FirstSync,
    SuspendedByUser,
    SuspendedByLink,
    Idle,
    FailedOver,
    OtherDirection,
    Odd(Quirk),
}

/// The sessions of the pair of arrays number `pair`, up to date at the start.
pub(crate) fn sessions(stage: &Stage, pair: u64) -> Vec<Session> {
    let born = stage.start.plus_seconds(-stage.pace.seconds(PAST));
    (0..stage.relationships as u64)
        .map(|index| {
            let situation = usize::try_from(index).ok().and_then(|index| SITUATIONS.get(index));
            let (name, rpo, situation) = match situation {
                Some((name, rpo, situation)) => ((*name).to_owned(), *rpo, *situation),
                None => (format!("vg-{index:05}"), 300.0, Situation::Plain),
            };
            let mut it = session(index, &name, objective(stage, rpo), born);
            it.number = (pair << 32) + index;
            it.round_share = 0.7 * stage.scenario.job_length;
            before(&mut it, situation, stage);
            it.advance(stage.start, None, stage.dice);
            afterwards(&mut it, situation);
            it
        })
        .collect()
}

/// The shortened objective: whole seconds, since that is what the wire can say, and at least two, so that rounds begin at
/// whole ones.
pub(crate) fn objective(stage: &Stage, nominal: f64) -> f64 {
    shortened(stage.pace.seconds(nominal))
}

pub(crate) fn shortened(seconds: f64) -> f64 {
    (seconds / 2.0).round().max(1.0) * 2.0
}

/// A session from array 0 to array 1 that began to replicate at `born`. Ids are local to their array, and the same number
/// means different sessions on the two.
pub(crate) fn session(index: u64, name: &str, rpo: f64, born: Timestamp) -> Session {
    Session {
        number: index,
        ids: [index + 1, index + 2],
        names: [name.to_owned(), format!("remote_{name}")],
        volume_groups: [5101 + index, 4001 + index].map(|id| VolumeGroup {
            id,
            name: format!("{name}-vg"),
        }),
        source: 0,
        primary: 0,
        states: [State::InSync; 2],
        settles: [None; 2],
        suspends: [Suspend::None; 2],
        removed: [false; 2],
        restored: false,
        exposure: "unmapped".to_owned(),
        rpo,
        round_share: 0.7,
        first_round: 0.0,
        running: None,
        finished: VecDeque::new(),
        generation: 0,
        quirk: Quirk::None,
        idle_since: born,
        now: born,
    }
}

/// What is special from the beginning.
fn before(it: &mut Session, situation: Situation, stage: &Stage) {
    match situation {
        Situation::FirstSync => it.first_round = stage.pace.seconds(FIRST_SYNC),
        Situation::OtherDirection => {
            it.source = 1;
            it.primary = 1;
            it.names.swap(0, 1);
        }
        Situation::Idle => it.states = [State::Idle; 2],
        Situation::Odd(quirk) => it.quirk = quirk,
        Situation::Plain | Situation::SuspendedByUser | Situation::SuspendedByLink | Situation::FailedOver => {}
    }
}

/// What happened to it shortly before the start.
fn afterwards(it: &mut Session, situation: Situation) {
    let (states, suspends) = match situation {
        Situation::SuspendedByUser => ([State::Suspended; 2], [Suspend::User; 2]),
        Situation::SuspendedByLink => ([State::Suspended; 2], [Suspend::Link; 2]),
        Situation::FailedOver => (
            [State::Suspended, State::FailedOver],
            [Suspend::PeerFailedOver, Suspend::None],
        ),
        _ => return,
    };
    it.running = None;
    it.restored = states[1] == State::FailedOver;
    it.states = states;
    it.suspends = suspends;
}
