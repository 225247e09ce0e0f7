//! The list of vendors, as the daemon starts them: the one place that knows which source an array needs.

use super::{Error, Poll, PollContext, Source, qumulo, record::Recorder, trust::TrustStore};
use crate::{clock::Clock, config::Vendor, poller, store::Slot};
use std::{future::Future, pin::Pin, sync::Arc};
use tokio_util::sync::CancellationToken;

/// A poller, running until it is stopped.
pub type Polling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The poller of the slot's array. Fails if its trust setting cannot be used.
pub fn poller(slot: Arc<Slot>, trust: &TrustStore, clock: Clock, stop: CancellationToken) -> Result<Polling, Error> {
    let config = slot.config();
    match config.vendor {
        Vendor::Qumulo => {
            let session = qumulo::connect(&config, trust, slot.logins())?;
            let make = move || qumulo::Qumulo::new(&config, session.clone());
            Ok(Box::pin(poller::run(slot, clock, make, stop)))
        }
        Vendor::Kaminario | Vendor::Veeam => Err(Error::new(
            super::Reason::Unsupported,
            "this vendor is not part of this build",
        )),
    }
}

/// One poll, running until it has ended.
pub type SinglePoll = Pin<Box<dyn Future<Output = Poll> + Send>>;

/// One poll of the slot's array and the end of its session, recorded if there is a recorder. Fails if its trust setting
/// cannot be used.
pub fn poll_once(
    slot: &Slot,
    trust: &TrustStore,
    context: PollContext,
    recorder: Option<Arc<Recorder>>,
) -> Result<SinglePoll, Error> {
    let config = slot.config();
    match config.vendor {
        Vendor::Qumulo => {
            let session = qumulo::connect(&config, trust, slot.logins())?;
            session.record(recorder);
            Ok(Box::pin(poll_and_close(qumulo::Qumulo::new(&config, session), context)))
        }
        Vendor::Kaminario | Vendor::Veeam => Err(Error::new(
            super::Reason::Unsupported,
            "this vendor is not part of this build",
        )),
    }
}

async fn poll_and_close(mut source: impl Source, context: PollContext) -> Poll {
    let poll = source.poll(&context).await;
    source.close().await;
    poll
}
