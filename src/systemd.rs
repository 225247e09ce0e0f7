//! What systemd is told, where it started the exporter with `Type=notify` or `notify-reload`: nothing anywhere else.

use crate::store::Store;
use sd_notify::NotifyState;
use std::time::Duration;

/// How long the store's ticker may be late before the watchdog hears nothing more; it runs every second.
const LATE: Duration = Duration::from_secs(5);

/// The exporter serves, with the configuration that it was last told to load.
pub fn ready() {
    notify(&[NotifyState::Ready]);
}

/// A reload begins. `Type=notify-reload` wants to know when, to tell it from an earlier one.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(_) => notify(&[NotifyState::Reloading]),
    }
}

/// The end begins.
pub fn stopping() {
    notify(&[NotifyState::Stopping]);
}

/// Says at half of systemd's watchdog time that the exporter is alive, as long as the ticker of `store` is: a process whose
/// lag stands still is not. Never ends.
pub async fn keep_watchdog(store: &Store) {
    let Some(period) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    let half = period / 2;
    loop {
        tokio::time::sleep(half).await;
        if store.ticked_within(LATE.max(half)) {
            notify(&[NotifyState::Watchdog]);
        }
    }
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "systemd could not be told");
    }
}
