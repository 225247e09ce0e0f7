//! A simulated replication session: a small state machine on each of its two arrays, which time and operations move.
//! Seconds are real ones, already shortened by the pace. Knows nothing of HTTP or JSON. `world.rs` keeps it up to date,
//! `cast.rs` makes it, `operations.rs` drives it, `wire.rs` shows it.

use crate::{model::Timestamp, simulator::dice::Dice};
use std::collections::VecDeque;

/// Rounds that the array remembers per session.
const HISTORY: usize = 12;
/// Replicated snapshots that retention leaves.
pub(crate) const COMMON: usize = 4;

/// One replication, as its two arrays see it. Arrays are numbered 0 and 1; pairs of values are by array.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// Its number among the pair's, for its dice.
    pub(crate) number: u64,
    pub(crate) ids: [u64; 2],
    pub(crate) names: [String; 2],
    pub(crate) volume_groups: [VolumeGroup; 2],
    /// The array that is copied from.
    pub(crate) source: usize,
    /// The array on which it was created.
    pub(crate) primary: usize,
    pub(crate) states: [State; 2],
    /// What each side becomes, and when: the sides do not move in the same moment.
    pub(crate) settles: [Option<(Timestamp, Change)>; 2],
    pub(crate) suspends: [Suspend; 2],
    pub(crate) removed: [bool; 2],
    pub(crate) restored: bool,
    pub(crate) exposure: String,
    /// The objective; rounds begin every half of it.
    pub(crate) rpo: f64,
    /// How long a round takes, as a share of the time between two of them.
    pub(crate) round_share: f64,
    /// How long the first round takes.
    pub(crate) first_round: f64,
    pub(crate) running: Option<Round>,
    /// Oldest first.
    pub(crate) finished: VecDeque<Round>,
    pub(crate) generation: u64,
    pub(crate) quirk: Quirk,
    /// No round begins before.
    pub(crate) idle_since: Timestamp,
    /// Up to date until here.
    pub(crate) now: Timestamp,
}

/// A volume group of one array.
#[derive(Clone, Debug)]
pub(crate) struct VolumeGroup {
    pub(crate) id: u64,
    pub(crate) name: String,
}

/// The vendor's states that its clients know, in its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Idle,
    InSync,
    Suspended,
    FailedOver,
}

/// Why a side is suspended. Only `none` is documented; the other codes are made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suspend {
    None,
    User,
    Link,
    PeerFailedOver,
}

/// What happens to one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    To(State, Suspend),
    /// The other side was failed over and is the source from now on.
    Reversed,
}

/// What is odd about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quirk {
    None,
    /// Retention has removed the snapshot that was replicated last.
    SnapshotGone,
    /// The target does not tell the source's point in time.
    NoDataTime,
    /// Null flags, and integers written as floats.
    LooseTypes,
}

/// One replication round.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Round {
    pub(crate) generation: u64,
    pub(crate) source: usize,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) logical: u64,
    pub(crate) physical: u64,
}

enum Event {
    Settle(usize, Change),
    Severed,
    End,
    Start,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::InSync => "in_sync",
            Self::Suspended => "suspended",
            Self::FailedOver => "failed_over",
        }
    }
}

impl Suspend {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::User => "user_request",
            Self::Link => "link_failure",
            Self::PeerFailedOver => "peer_failed_over",
        }
    }

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::User => "Suspended by user \"admin\"",
            Self::Link => "No data connection to the peer K2 array",
            Self::PeerFailedOver => "The remote session was failed over",
        }
    }
}

impl Session {
    /// The array that is copied to.
    pub(crate) fn target(&self) -> usize {
        1 - self.source
    }

    /// Lives until `now`. While the pair has been apart since `lost`, rounds neither start nor end.
    pub(crate) fn advance(&mut self, now: Timestamp, lost: Option<Timestamp>, dice: Dice) {
        while let Some((at, event)) = self.next_event(lost) {
            if at > now {
                break;
            }
            self.now = self.now.max(at);
            match event {
                Event::Settle(array, change) => self.settle(array, change),
                Event::Severed => self.stop_round(),
                Event::End => self.end_round(),
                Event::Start => self.start_round(at, dice),
            }
        }
        self.now = self.now.max(now);
    }

    /// After `seconds`, `array` changes.
    pub(crate) fn settle_in(&mut self, array: usize, seconds: f64, change: Change) {
        self.settles[array] = Some((self.now.plus_seconds(seconds), change));
    }

    /// The percentage of the running round, and the seconds that are left of it.
    pub(crate) fn progress(&self) -> Option<(f64, f64)> {
        let round = self.running.as_ref()?;
        let length = round.end.seconds_since(round.start).max(1e-3);
        let done = (self.now.seconds_since(round.start) / length).clamp(0.0, 1.0);
        Some((100.0 * done, length * (1.0 - done)))
    }

    fn next_event(&self, lost: Option<Timestamp>) -> Option<(Timestamp, Event)> {
        let settles = [0, 1].map(|array| self.settles[array].map(|(at, change)| (at, Event::Settle(array, change))));
        let end = self.running.as_ref().map(|round| match lost {
            Some(lost) if lost < round.end => (lost.max(round.start), Event::Severed),
            _ => (round.end, Event::End),
        });
        let start = self.next_start().filter(|at| lost.is_none_or(|lost| *at < lost));
        let events = settles.into_iter().chain([end, start.map(|at| (at, Event::Start))]);
        // The first of equals wins: what ends comes before what begins.
        events.flatten().min_by_key(|(at, _)| *at)
    }

    /// Rounds start on multiples of half the objective, as the recorded ones do.
    fn next_start(&self) -> Option<Timestamp> {
        if self.running.is_some() || self.states != [State::InSync; 2] || self.removed.contains(&true) {
            return None;
        }
        let half = self.rpo / 2.0;
        let after = self
            .finished
            .back()
            .map_or(f64::MIN, |round| round.start.unix_seconds());
        let earliest = self.idle_since.max(self.now).unix_seconds();
        let mut start = (earliest / half).ceil() * half;
        while start <= after + half / 2.0 {
            start += half;
        }
        Timestamp::from_unix_seconds(start)
    }

    fn start_round(&mut self, at: Timestamp, dice: Dice) {
        self.generation += 1;
        let seed = (self.number << 24) + self.generation;
        let (length, size) = if self.finished.is_empty() && self.first_round > 0.0 {
            (self.first_round, 800 << 30)
        } else {
            let share = self.round_share * dice.between(0.8, 1.2, "round", seed);
            (share * self.rpo / 2.0, dice.roll("size", seed) % (3 << 30))
        };
        self.running = Some(Round {
            generation: self.generation,
            source: self.source,
            start: at,
            end: at.plus_seconds(length),
            logical: size,
            physical: size / 3,
        });
    }

    fn end_round(&mut self) {
        let Some(round) = self.running.take() else { return };
        self.idle_since = round.end;
        self.finished.push_back(round);
        if self.finished.len() > HISTORY {
            self.finished.pop_front();
        }
    }

    fn stop_round(&mut self) {
        self.running = None;
        self.idle_since = self.now;
    }

    fn settle(&mut self, array: usize, change: Change) {
        self.settles[array] = None;
        match change {
            Change::To(state, suspend) => {
                self.states[array] = state;
                self.suspends[array] = suspend;
                self.idle_since = self.now;
                if state != State::InSync {
                    self.running = None;
                }
                if state == State::FailedOver {
                    self.restored = true;
                }
            }
            Change::Reversed => {
                self.source = array;
                self.restored = false;
                self.states = [State::InSync; 2];
                self.suspends = [Suspend::None; 2];
                self.settles = [None; 2];
                self.idle_since = self.now;
            }
        }
    }
}
