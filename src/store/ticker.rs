//! The store's own clockwork: lag grows whatever an array's poller does, in back-off, after a panic, while it hangs.

use super::Store;
use crate::source::workers::off_the_workers;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior};

/// How often it looks which arrays are due; the least of all refresh periods.
const STEP: Duration = Duration::from_secs(1);

/// Ticks every array each min(interval, 15 s), for ever.
pub async fn run(store: Arc<Store>) {
    let mut last: HashMap<Arc<str>, Instant> = HashMap::new();
    let mut steps = tokio::time::interval(STEP);
    steps.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let now = steps.tick().await;
        // The exporter's own metrics move without any array: no cached page is older than a step.
        store.outdate_pages();
        store.ticked(now);
        let slots = store.slots();
        last.retain(|name, _| slots.iter().any(|slot| slot.name() == name));
        // A poll that is being taken in holds its slot.
        off_the_workers(|| {
            for slot in slots {
                let refresh = slot.config().polling.refresh();
                let ticked = last.entry(slot.name().clone()).or_insert(now);
                if now.duration_since(*ticked) >= refresh {
                    *ticked = now;
                    slot.tick();
                }
            }
        });
    }
}
