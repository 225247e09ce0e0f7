//! Who answers at an address, as far as it says so without credentials: asked by `init` before anything is configured. Sends
//! what a poll sends before it logs on, one request at a time, and no credential.

use super::{Error, PollContext, engine::ends_poll, trust::TrustStore, vendors};
use crate::{
    clock::Clock,
    config::{ArrayConfig, Trust, Vendor},
    model::{Field, Section, SystemReport},
};
use reqwest::Url;
use std::time::Duration;
use tokio::time::Instant;

/// Whom an address is taken for.
#[derive(Debug)]
pub struct Introduced {
    /// As if it were configured, but for the credentials.
    pub array: ArrayConfig,
    /// What it says of itself: nothing but the time where its vendor's systems only ask for credentials.
    pub system: SystemReport,
}

/// Asks as each vendor is asked, until one's answer fits. What came instead of it, in their order, where none does.
pub async fn ask(
    url: &Url,
    trust: &Trust,
    store: &TrustStore,
    clock: Clock,
    timeout: Duration,
) -> Result<Introduced, Vec<(Vendor, Error)>> {
    // Whoever says who it is goes before whoever only asks for credentials, as many others would.
    let mut silent = None;
    let mut others = Vec::new();
    for &vendor in vendors::ALL {
        let array = ArrayConfig::unconfigured(vendor, url.clone(), trust.clone(), timeout);
        let context = PollContext {
            deadline: Instant::now() + timeout,
            clock,
            sections: vec![Section::SYSTEM],
            limits: (&array.polling).into(),
        };
        match vendors::introduce(&array, store, &context).await {
            Ok(system) if says_nothing(&system) => silent = silent.or(Some(Introduced { array, system })),
            Ok(system) => return Ok(Introduced { array, system }),
            Err(error) => {
                let is_over = ends_poll(error.reason);
                others.push((vendor, error));
                if is_over {
                    break;
                }
            }
        }
    }
    silent.ok_or(others)
}

/// Whether a system only asked for credentials.
#[must_use]
pub fn says_nothing(system: &SystemReport) -> bool {
    [&system.name, &system.id, &system.version]
        .into_iter()
        .all(|field| *field == Field::Silent)
}
