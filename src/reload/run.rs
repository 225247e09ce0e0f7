//! Does reloads, one at a time, and asks for them by itself where the configuration is watched. Called by `app`.

use super::{
    ConfigSource, Trigger,
    trigger::{Outcome, Requests},
};
use crate::{fleet::Fleet, systemd};
use std::time::Duration;

/// The files are not read more often than this, whatever is asked for.
const LEAST_WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Reloads whenever somebody asks, for ever.
pub async fn run(mut fleet: Fleet, source: ConfigSource, mut requests: Requests) {
    loop {
        let everybody = requests.next().await;
        systemd::reloading();
        let outcome = reload(&mut fleet, &source).await;
        systemd::ready();
        for answer in everybody {
            // Some ask without waiting for an answer.
            let _ = answer.send(outcome.clone());
        }
    }
}

/// Asks for a reload whenever what is on disk has changed since `known`, for ever.
pub async fn watch(source: ConfigSource, known: [u8; 32], interval: Duration, trigger: Trigger) {
    let mut known = known;
    loop {
        tokio::time::sleep(interval.max(LEAST_WATCH_INTERVAL)).await;
        let source = source.clone();
        let Ok(found) = tokio::task::spawn_blocking(move || source.fingerprint()).await else {
            continue;
        };
        if found != known {
            known = found;
            trigger.ask();
        }
    }
}

/// One reload: all or nothing.
async fn reload(fleet: &mut Fleet, source: &ConfigSource) -> Outcome {
    let source = source.clone();
    let loaded = tokio::task::spawn_blocking(move || source.load_whole()).await;
    let outcome = match loaded {
        Ok(Ok(candidate)) => fleet.change_to(candidate),
        Ok(Err(problems)) => Err(problems.to_string()),
        Err(error) => Err(format!("a fault of the exporter: {error}")),
    };
    match &outcome {
        Ok(summary) => tracing::info!(%summary, "configuration reloaded"),
        Err(error) => {
            fleet.not_changed();
            tracing::error!(error, "configuration not reloaded: the former one goes on");
        }
    }
    outcome.map(|summary| summary.to_string())
}
