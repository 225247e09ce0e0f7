//! What is remembered of one array's log-ins, whatever becomes of its poller: how many there were, and the last refusal, so that
//! neither a panic nor a new source costs another attempt. No I/O. Held by the array's slot, filled by its session.

use super::{Error, backoff};
use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};
use tokio::time::Instant;

/// Log-ins of one array, counted where they happen and outliving any poller of it.
#[derive(Debug, Default)]
pub struct LoginCounters {
    attempts: AtomicU64,
    failures: AtomicU64,
    pardons: AtomicU64,
    /// The last one, if nothing was accepted since.
    refusal: Mutex<Option<Refusal>>,
}

/// The array refused the credentials: nothing is sent before `until`, unless the secret changes.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    until: Instant,
    /// SHA-256 of the refused secret; `None` if it could not be read.
    pub(super) secret: Option<[u8; 32]>,
    /// How many pardons there had been.
    pardons: u64,
    pub(super) error: Error,
}

impl LoginCounters {
    /// A log-in was sent.
    pub fn attempted(&self) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// It did not give a session.
    pub fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// The operator asked for a reload: credentials that were refused may be tried once more.
    pub fn pardon(&self) {
        self.pardons.fetch_add(1, Ordering::Relaxed);
    }

    /// How often that was so; a refusal counts until the next one.
    #[must_use]
    pub fn pardons(&self) -> u64 {
        self.pardons.load(Ordering::Relaxed)
    }

    /// From now on this secret is not sent for a while; `None`: it could not be read.
    pub(super) fn refuse(&self, secret: Option<[u8; 32]>, error: Error) {
        *self.lock() = Some(Refusal {
            until: Instant::now() + backoff::AUTH,
            secret,
            pardons: self.pardons(),
            error,
        });
    }

    /// The array accepted the credentials.
    pub(super) fn accept(&self) {
        *self.lock() = None;
    }

    /// The refusal that nothing has followed.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Refusal>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// (sent, failed) so far.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        (
            self.attempts.load(Ordering::Relaxed),
            self.failures.load(Ordering::Relaxed),
        )
    }
}

impl Refusal {
    /// Whether the same secret must still not be sent.
    pub(super) fn holds(&self, counters: &LoginCounters) -> bool {
        Instant::now() < self.until && !self.is_pardoned(counters)
    }

    /// Whether a reload was asked for since.
    pub(super) fn is_pardoned(&self, counters: &LoginCounters) -> bool {
        self.pardons != counters.pardons()
    }
}
