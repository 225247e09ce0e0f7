//! What a simulated array was asked: counters that tests assert on, and the latest requests. Holds no header and no body,
//! so no secret. Written by `serve.rs`, read by tests through `SimulatedArray`.

use crate::model::Timestamp;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many of the latest requests are kept, and how many different ones are told apart.
const KEPT: usize = 20_000;

/// One request and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LoggedRequest {
    /// GET, POST, ...
    pub method: String,
    /// Without the query.
    pub path: String,
    /// The status of the answer; `None`: it was never answered.
    pub status: Option<u16>,
}

/// What an array was asked.
#[derive(Debug, Default)]
pub struct RequestLog(Mutex<Entries>);

#[derive(Debug, Default)]
struct Entries {
    counts: BTreeMap<LoggedRequest, u64>,
    latest: VecDeque<(Timestamp, LoggedRequest)>,
    dials: VecDeque<Timestamp>,
    connections: u64,
    open: Level,
    in_flight: Level,
}

/// How many there are at once.
#[derive(Clone, Copy, Debug, Default)]
struct Level {
    now: usize,
    most: usize,
}

impl RequestLog {
    /// How often each request occurred.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<LoggedRequest, u64> {
        self.lock().counts.clone()
    }

    /// How often `method` and `path` occurred, whatever the answer.
    #[must_use]
    pub fn count(&self, method: &str, path: &str) -> u64 {
        let entries = self.lock();
        let matching = entries
            .counts
            .iter()
            .filter(|(request, _)| request.method == method && request.path == path);
        matching.map(|(_, count)| count).sum()
    }

    /// How many requests there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lock().counts.values().sum()
    }

    /// The latest requests, oldest first, with the moment of their answer.
    #[must_use]
    pub fn latest(&self) -> Vec<(Timestamp, LoggedRequest)> {
        self.lock().latest.iter().cloned().collect()
    }

    /// How many connections were accepted, those that were cut at once included.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.lock().connections
    }

    /// When the latest connections were accepted.
    #[must_use]
    pub fn dials(&self) -> Vec<Timestamp> {
        self.lock().dials.iter().copied().collect()
    }

    /// The most requests that were ever under way at once.
    #[must_use]
    pub fn most_in_flight(&self) -> usize {
        self.lock().in_flight.most
    }

    /// The most connections that were ever open at once.
    #[must_use]
    pub fn most_open(&self) -> usize {
        self.lock().open.most
    }

    /// How many requests are under way.
    pub(crate) fn in_flight(&self) -> usize {
        self.lock().in_flight.now
    }

    pub(crate) fn connected(&self, now: Timestamp) {
        let mut entries = self.lock();
        entries.connections += 1;
        entries.dials.push_back(now);
        if entries.dials.len() > KEPT {
            entries.dials.pop_front();
        }
    }

    /// Counts a connection as open until the guard is dropped.
    pub(crate) fn open(&self) -> Counted<'_> {
        self.count_while(|entries| &mut entries.open)
    }

    /// Counts a request as under way until the guard is dropped.
    pub(crate) fn begin(&self) -> Counted<'_> {
        self.count_while(|entries| &mut entries.in_flight)
    }

    fn count_while(&self, level: fn(&mut Entries) -> &mut Level) -> Counted<'_> {
        let mut entries = self.lock();
        let counted = level(&mut entries);
        counted.now += 1;
        counted.most = counted.most.max(counted.now);
        Counted { log: self, level }
    }

    pub(crate) fn ended(&self, now: Timestamp, request: LoggedRequest) {
        let mut entries = self.lock();
        if entries.counts.len() < KEPT || entries.counts.contains_key(&request) {
            *entries.counts.entry(request.clone()).or_default() += 1;
        }
        entries.latest.push_back((now, request));
        if entries.latest.len() > KEPT {
            entries.latest.pop_front();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something that is counted while it lasts.
pub(crate) struct Counted<'a> {
    log: &'a RequestLog,
    level: fn(&mut Entries) -> &mut Level,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        (self.level)(&mut self.log.lock()).now -= 1;
    }
}
