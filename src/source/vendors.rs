//! The list of vendors, as the daemon starts them: the one place that knows which source an array needs.

use super::{Error, kaminario, qumulo, trust::TrustStore, veeam};
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
