//! A simulated replication relationship: a small state machine that time and operations move. Seconds here are real ones,
//! already shortened by the pace. Knows nothing of HTTP or JSON. `world.rs` keeps it up to date, `cast.rs` makes it,
//! `operations.rs` drives it, `wire.rs` shows it.

use super::{job::Job, plan::Plan};
use crate::{model::Timestamp, simulator::dice::Dice};
use std::collections::VecDeque;

/// The most policy snapshots that wait; the real limit is not documented.
const MAX_QUEUE: usize = 200;

/// One relationship, shared by its two clusters. Clusters are numbered 0 and 1.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the vendor's own switches")]
pub(crate) struct Relationship {
    pub(crate) id: String,
    /// Its number among the pair's, for its dice.
    pub(crate) number: u64,
    pub(crate) plan: Plan,
    /// The cluster that is copied from.
    pub(crate) source: usize,
    /// By cluster.
    pub(crate) paths: [String; 2],
    /// By cluster.
    pub(crate) root_ids: [String; 2],
    pub(crate) state: State,
    /// When a transitional state ends.
    pub(crate) settles: Option<(Timestamp, State)>,
    pub(crate) end_reason: String,
    /// The cluster that no longer lists it.
    pub(crate) removed_from: Option<usize>,
    pub(crate) enabled: bool,
    pub(crate) map_local_ids: bool,
    pub(crate) source_read_only: bool,
    /// It was reversed since it was last established.
    pub(crate) reversed: bool,
    /// By cluster: each may lock the snapshots that it holds as the target.
    pub(crate) lock_keys: [Option<String>; 2],
    pub(crate) recovery: Option<Recovery>,
    /// By cluster: each may dismiss its own copy.
    pub(crate) errors: [String; 2],
    pub(crate) last_duration: Option<f64>,
    pub(crate) job: Option<Job>,
    pub(crate) queue: VecDeque<Timestamp>,
    /// When the policy fires next.
    pub(crate) next_fire: Timestamp,
    /// Since when no job has run.
    pub(crate) idle_since: Timestamp,
    pub(crate) jobs_begun: u64,
    /// The world of this relationship is up to date until here.
    pub(crate) now: Timestamp,
}

/// The vendor's states, in its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    AwaitingAuthorization,
    Disconnected,
    Disconnecting,
    Ended,
    Established,
    Reconnecting,
    Reestablishing,
}

/// What the target holds.
#[derive(Clone, Debug)]
pub(crate) struct Recovery {
    /// When the last successful job started.
    pub(crate) point: Timestamp,
    /// The snapshot it shipped.
    pub(crate) snapshot: Snapshot,
}

/// A snapshot of the source directory.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) id: u64,
    pub(crate) taken: Timestamp,
    pub(crate) by_policy: bool,
}

enum Event {
    Settle(State),
    Severed,
    JobEnd,
    Fire,
    JobStart,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::AwaitingAuthorization => "AWAITING_AUTHORIZATION",
            Self::Disconnected => "DISCONNECTED",
            Self::Disconnecting => "DISCONNECTING",
            Self::Ended => "ENDED",
            Self::Established => "ESTABLISHED",
            Self::Reconnecting => "RECONNECTING",
            Self::Reestablishing => "REESTABLISHING",
        }
    }
}

impl Relationship {
    /// The cluster that is copied to.
    pub(crate) fn target(&self) -> usize {
        1 - self.source
    }

    /// Whether `cluster` lists it, which must be `role`, its source or its target.
    pub(crate) fn is_listed(&self, cluster: usize, role: usize) -> bool {
        cluster == role && self.removed_from != Some(cluster)
    }

    /// Whether the target directory is read-only, as it is while it is a replica.
    pub(crate) fn target_read_only(&self) -> bool {
        !matches!(self.state, State::Disconnected | State::AwaitingAuthorization)
    }

    /// Lives until `now`. While the source has been out of reach since `lost`, jobs neither start nor end.
    pub(crate) fn advance(&mut self, now: Timestamp, lost: Option<Timestamp>, dice: Dice) {
        while let Some((at, event)) = self.next_event(lost) {
            if at > now {
                break;
            }
            self.now = self.now.max(at);
            match event {
                Event::Settle(state) => self.settle(state),
                Event::Severed => self.stop_job("The connection between the clusters was lost.", at, true),
                Event::JobEnd => self.end_job(at),
                Event::Fire => self.fire(at),
                Event::JobStart => self.start_job(at, dice),
            }
        }
        self.now = self.now.max(now);
    }

    /// Starts a job at `at`, whatever the schedule says.
    pub(crate) fn start_job(&mut self, at: Timestamp, dice: Dice) {
        let number = self.jobs_begun;
        self.jobs_begun += 1;
        let queued = self.queue.pop_front();
        let snapshot = Snapshot {
            id: 10_000 + 1_000 * self.number + number,
            taken: queued.unwrap_or(at),
            by_policy: queued.is_some(),
        };
        let first = self.recovery.is_none();
        self.job = Some(Job::new(
            &self.plan,
            first,
            at,
            snapshot,
            dice,
            (self.number << 20) + number,
        ));
    }

    /// Ends the running job without success; the next one may `retry` its policy snapshot. Whether an abort leaves an error
    /// is not documented; here it does.
    pub(crate) fn stop_job(&mut self, why: &str, at: Timestamp, retry: bool) {
        if let Some(job) = self.job.take() {
            self.last_duration = Some(at.seconds_since(job.start));
            self.errors = [why.to_owned(), why.to_owned()];
            self.idle_since = at;
            if retry && job.snapshot.by_policy {
                self.queue.push_front(job.snapshot.taken);
            }
        }
    }

    /// Goes through `via` to `state`, which is reached after `seconds`.
    pub(crate) fn settle_in(&mut self, via: State, state: State, seconds: f64) {
        self.state = via;
        self.settles = Some((self.now.plus_seconds(seconds), state));
    }

    /// The end of the present blackout, as the source tells it: empty when disabled or not in one.
    pub(crate) fn next_active(&self) -> Option<Timestamp> {
        let blackout = self.plan.blackout.as_ref()?;
        self.enabled.then(|| blackout.end_if_within(self.now)).flatten()
    }

    fn next_event(&self, lost: Option<Timestamp>) -> Option<(Timestamp, Event)> {
        let settle = self.settles.map(|(at, state)| (at, Event::Settle(state)));
        let job = self.job.as_ref().map(|job| match lost {
            Some(lost) if lost < job.end() => (lost.max(job.start), Event::Severed),
            _ => (job.end(), Event::JobEnd),
        });
        let fire = self.plan.policy_seconds.map(|_| (self.next_fire, Event::Fire));
        let start = self.next_start(lost).map(|at| (at, Event::JobStart));
        // The first of equals wins: what ends comes before what begins.
        [settle, job, fire, start]
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| *at)
    }

    fn next_start(&self, lost: Option<Timestamp>) -> Option<Timestamp> {
        if self.job.is_some() || !self.enabled || self.state != State::Established {
            return None;
        }
        let due = match self.queue.front() {
            Some(&fired) => fired.max(self.idle_since),
            None if self.plan.continuous => self.idle_since.plus_seconds(self.plan.gap_seconds),
            None => return None,
        };
        let due = due.max(self.now);
        let blackout = self.plan.blackout.as_ref();
        let due = blackout.and_then(|blackout| blackout.end_if_within(due)).unwrap_or(due);
        lost.is_none_or(|lost| due < lost).then_some(due)
    }

    fn settle(&mut self, state: State) {
        self.state = state;
        self.settles = None;
        if state == State::Established {
            self.reversed = false;
            self.idle_since = self.now;
        }
    }

    fn end_job(&mut self, at: Timestamp) {
        let Some(job) = self.job.take() else { return };
        self.last_duration = Some(job.length);
        self.idle_since = at;
        if let Some(error) = job.error {
            self.errors = [error.clone(), error];
            if job.snapshot.by_policy {
                self.queue.push_front(job.snapshot.taken);
            }
        } else {
            self.errors = [String::new(), String::new()];
            self.recovery = Some(Recovery {
                point: job.start,
                snapshot: job.snapshot,
            });
        }
    }

    fn fire(&mut self, at: Timestamp) {
        let Some(policy) = self.plan.policy_seconds else { return };
        self.next_fire = at.plus_seconds(policy);
        if self.enabled && self.state == State::Established && self.queue.len() < MAX_QUEUE {
            self.queue.push_back(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::qumulo::cast;

    fn at(seconds: f64) -> Timestamp {
        Timestamp::from_unix_seconds(1_800_000_000.0 + seconds).expect("a time")
    }

    fn relationship(plan: Plan) -> Relationship {
        cast::relationship(0, plan, at(0.0), Dice::new(1))
    }

    fn continuous() -> Plan {
        Plan {
            job_seconds: 100.0,
            gap_seconds: 10.0,
            ..Plan::continuous()
        }
    }

    #[test]
    fn the_recovery_point_is_the_start_of_the_last_successful_job() {
        let mut it = relationship(continuous());
        it.advance(at(11.0), None, Dice::new(1));
        let job = it.job.clone().expect("a running job");
        assert_eq!(job.start, at(10.0));
        assert!(it.recovery.is_none());
        it.advance(job.end(), None, Dice::new(1));
        assert_eq!(it.recovery.as_ref().expect("a recovery point").point, at(10.0));
        assert!(it.job.is_none());
    }

    #[test]
    fn the_world_is_the_same_however_often_it_is_looked_at() {
        let mut seldom = relationship(continuous());
        let mut often = seldom.clone();
        seldom.advance(at(5000.0), None, Dice::new(1));
        for second in 0..=5000 {
            often.advance(at(f64::from(second)), None, Dice::new(1));
        }
        assert_eq!(format!("{seldom:?}"), format!("{often:?}"));
    }

    #[test]
    fn a_policy_ships_its_own_snapshots_and_a_blackout_queues_them() {
        let mut plan = Plan::policy(60.0);
        plan.blackout = Some(super::super::plan::Blackout {
            first: at(0.0),
            length: 600.0,
            period: 86_400.0,
        });
        let mut it = relationship(plan);
        it.advance(at(599.0), None, Dice::new(1));
        assert!(it.job.is_none());
        assert!(it.queue.len() >= 9, "{}", it.queue.len());
        assert_eq!(it.next_active(), Some(at(600.0)));
        it.advance(at(601.0), None, Dice::new(1));
        assert!(it.job.expect("a running job").snapshot.by_policy);
    }

    #[test]
    fn a_disabled_relationship_ages_without_an_error() {
        let mut it = relationship(continuous());
        it.advance(at(1000.0), None, Dice::new(1));
        it.enabled = false;
        it.advance(at(2000.0), None, Dice::new(1));
        let before = it.recovery.clone().expect("a recovery point").point;
        it.advance(at(9000.0), None, Dice::new(1));
        assert_eq!(it.recovery.expect("a recovery point").point, before);
        assert_eq!(it.errors, ["", ""]);
        assert_eq!(it.state, State::Established);
    }

    #[test]
    fn a_lost_source_severs_the_job_and_nothing_starts_until_it_is_back() {
        let mut it = relationship(continuous());
        it.advance(at(50.0), None, Dice::new(1));
        assert!(it.job.is_some());
        it.advance(at(5000.0), Some(at(55.0)), Dice::new(1));
        assert!(it.job.is_none() && it.recovery.is_none());
        assert_ne!(it.errors[0], "");
        it.advance(at(5001.0), None, Dice::new(1));
        assert!(it.job.expect("a running job").start >= at(5000.0));
    }
}
