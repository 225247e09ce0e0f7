//! Starts what polls an array. Knows no vendor: the list of vendors makes the source.

use crate::{
    clock::Clock,
    poller,
    source::{
        Error, Source,
        trust::TrustStore,
        vendors::{self, Task},
    },
    store::Slot,
};
use std::{future::Future, pin::Pin, sync::Arc};
use tokio_util::sync::CancellationToken;

/// A poller, running until it is stopped.
pub(super) type Polling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The poller of the slot's array. Fails if its trust setting cannot be used.
pub(super) fn poller(
    slot: Arc<Slot>,
    trust: &TrustStore,
    clock: Clock,
    stop: CancellationToken,
) -> Result<Polling, Error> {
    let (config, logins) = (slot.config(), slot.logins());
    vendors::with_source(&config, trust, logins, None, Poller { slot, clock, stop })
}

struct Poller {
    slot: Arc<Slot>,
    clock: Clock,
    stop: CancellationToken,
}

impl Task for Poller {
    type Running = Polling;

    fn begin<S: Source + Sync>(self, make: impl Fn() -> S + Send + Sync + 'static) -> Polling {
        Box::pin(poller::run(self.slot, self.clock, make, self.stop))
    }
}
