//! How many connections to arrays the process may have open at a time, so that what clients need is left for them. `app` says
//! so at the start; everywhere else there is no limit.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Connections that an array is kept.
pub const PER_ARRAY: usize = 2;

static LIMIT: OnceLock<Limit> = OnceLock::new();
static KEEPERS: AtomicUsize = AtomicUsize::new(0);

struct Limit {
    most: usize,
    turns: Semaphore,
}

/// No more than so many, from now on. Only the first call counts.
pub fn limit(most: usize) {
    LIMIT.get_or_init(|| Limit {
        most,
        turns: Semaphore::new(most),
    });
}

/// Waits until another connection may be used, for as long as what it gives is held.
pub(super) async fn turn() -> Option<SemaphorePermit<'static>> {
    LIMIT.get()?.turns.acquire().await.ok()
}

/// An array's client, which keeps connections alive between requests: where there are not enough for all, none does.
#[derive(Debug)]
pub(super) struct Keeper(());

impl Keeper {
    pub(super) fn new() -> Self {
        KEEPERS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }

    /// How many.
    pub(super) fn may_keep() -> usize {
        let all = PER_ARRAY * KEEPERS.load(Ordering::Relaxed);
        if LIMIT.get().is_none_or(|limit| all <= limit.most) {
            PER_ARRAY
        } else {
            0
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        KEEPERS.fetch_sub(1, Ordering::Relaxed);
    }
}
