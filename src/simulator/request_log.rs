//! What a simulated array was asked: counters that tests assert on. Holds no header and no body,
//! so no secret. Written by `serve.rs`, read by tests through `SimulatedArray`.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How many different requests are told apart.
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
    connections: u64,
    in_flight: usize,
    most_in_flight: usize,
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

    /// How many connections were accepted, those that were cut at once included.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.lock().connections
    }

    /// The most requests that were ever under way at once.
    #[must_use]
    pub fn most_in_flight(&self) -> usize {
        self.lock().most_in_flight
    }

    /// How many requests are under way.
    pub(crate) fn in_flight(&self) -> usize {
        self.lock().in_flight
    }

    pub(crate) fn connected(&self) {
        self.lock().connections += 1;
    }

    /// Counts a request as under way until the guard is dropped.
    pub(crate) fn begin(&self) -> UnderWay<'_> {
        let mut entries = self.lock();
        entries.in_flight += 1;
        entries.most_in_flight = entries.most_in_flight.max(entries.in_flight);
        UnderWay(self)
    }

    pub(crate) fn ended(&self, request: LoggedRequest) {
        let mut entries = self.lock();
        if entries.counts.len() < KEPT || entries.counts.contains_key(&request) {
            *entries.counts.entry(request).or_default() += 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is under way.
pub(crate) struct UnderWay<'a>(&'a RequestLog);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
    }
}
