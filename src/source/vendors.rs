//! The list of vendors, as the daemon starts them: the one place that knows which source an array needs.

use super::{Error, Poll, PollContext, Source, kaminario, qumulo, record::Recorder, trust::TrustStore, veeam};
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
        Vendor::Kaminario => {
            let session = kaminario::connect(&config, trust, slot.logins())?;
            let make = move || kaminario::Kaminario::new(&config, session.clone());
            Ok(Box::pin(poller::run(slot, clock, make, stop)))
        }
        Vendor::Veeam => {
            let session = veeam::connect(&config, trust, slot.logins())?;
            let make = move || veeam::Veeam::new(&config, session.clone());
            Ok(Box::pin(poller::run(slot, clock, make, stop)))
        }
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
        Vendor::Kaminario => {
            let session = kaminario::connect(&config, trust, slot.logins())?;
            session.record(recorder);
            Ok(Box::pin(poll_and_close(
                kaminario::Kaminario::new(&config, session),
                context,
            )))
        }
        Vendor::Veeam => {
            let session = veeam::connect(&config, trust, slot.logins())?;
            session.record(recorder);
            Ok(Box::pin(poll_and_close(veeam::Veeam::new(&config, session), context)))
        }
    }
}

async fn poll_and_close(mut source: impl Source, context: PollContext) -> Poll {
    let poll = source.poll(&context).await;
    source.close().await;
    poll
}
