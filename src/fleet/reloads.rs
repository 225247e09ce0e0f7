//! Does reloads, one at a time, and asks for them by itself where the configuration is watched. Called by `app`.

use super::{ConfigSource, Fleet};
use crate::{
    reload::{Outcome, Requests, Trigger},
    systemd,
};
use std::time::Duration;

/// The files are not read more often than this, whatever is asked for.
const LEAST_WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// The configuration or a secret may be on a network file system that hangs; later reloads must not hang with it.
const LOAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Reloads whenever somebody asks, for ever.
pub async fn reload_when_asked(mut fleet: Fleet, source: ConfigSource, mut requests: Requests) {
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
    let loading = tokio::task::spawn_blocking(move || source.load_whole());
    let outcome = match tokio::time::timeout(LOAD_TIMEOUT, loading).await {
        Ok(Ok(Ok(candidate))) => fleet.change_to(candidate),
        Ok(Ok(Err(problems))) => Err(problems.to_string()),
        Ok(Err(error)) => Err(format!("a fault of the exporter: {error}")),
        Err(_) => Err("the configuration or a file that it names could not be read in time".to_owned()),
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
