//! What systemd is told, where it started the exporter with `Type=notify` or `notify-reload`: nothing anywhere else.

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

/// Says at half of systemd's watchdog time that the exporter is alive, as long as `ticked_within` a while: a process whose
/// lag stands still is not. Never ends.
pub async fn keep_watchdog(ticked_within: impl Fn(Duration) -> bool) {
    let Some(period) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    feed_while_ticking(ticked_within, period / 2, || notify(&[NotifyState::Watchdog])).await;
}

async fn feed_while_ticking(ticked_within: impl Fn(Duration) -> bool, period: Duration, feed: impl Fn()) {
    loop {
        tokio::time::sleep(period).await;
        if ticked_within(LATE.max(period)) {
            feed();
        }
    }
}

fn notify(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "systemd could not be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{self, tests::store};
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    #[tokio::test(start_paused = true)]
    async fn the_watchdog_starves_when_the_ticker_is_dead() {
        let store = Arc::new(store());
        let fed = Arc::new(AtomicU32::new(0));
        let (watched, counted) = (store.clone(), fed.clone());
        let period = Duration::from_secs(10);
        tokio::spawn(async move {
            feed_while_ticking(
                |late| watched.ticked_within(late),
                period,
                || {
                    counted.fetch_add(1, Ordering::Relaxed);
                },
            )
            .await;
        });
        let after = async |periods: u32| {
            tokio::time::sleep(period * periods + Duration::from_millis(1)).await;
            fed.swap(0, Ordering::Relaxed)
        };
        assert_eq!(after(3).await, 0, "it never ran");
        let ticker = tokio::spawn(store::run_ticker(store.clone()));
        assert_eq!(after(3).await, 3);
        ticker.abort();
        assert!(after(2).await <= 1);
        assert_eq!(after(10).await, 0);
    }
}
