//! Facts of arrays that left the configuration, kept for a week: a configuration that was read while somebody wrote it, or an
//! array under another name, must not cost a recovery point. The fleet puts them here and takes them back; the keeper writes
//! them with the rest.

use super::StoredArray;
use crate::{config::ArrayConfig, model::ArrayFacts, state::FormerFacts};
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long they are kept, counted while an exporter runs: no step of a clock shortens it.
const KEPT: Duration = Duration::from_hours(7 * 24);

/// An array that is no longer configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct DepartedArray {
    pub(super) name: String,
    pub(super) away_seconds: f64,
    pub(super) array: StoredArray,
}

/// All of them. Shared by the fleet and the keeper.
#[derive(Debug)]
pub struct Departed(Mutex<Shelf>);

#[derive(Debug)]
struct Shelf {
    arrays: Vec<DepartedArray>,
    aged_to: Instant,
}

impl Default for Departed {
    fn default() -> Self {
        Self(Mutex::new(Shelf {
            arrays: Vec::new(),
            aged_to: Instant::now(),
        }))
    }
}

impl Departed {
    /// An array leaves the configuration.
    pub fn leave(&self, config: &ArrayConfig, facts: &ArrayFacts) {
        self.add([DepartedArray {
            name: config.name.to_string(),
            away_seconds: 0.0,
            array: StoredArray::of(facts, config),
        }]);
    }

    /// What is known of an array that comes back at once, because it has the same address.
    pub fn at_address(&self, config: &ArrayConfig) -> Option<ArrayFacts> {
        let mut kept = self.shelf();
        let same = |it: &DepartedArray| it.array.is_at(config);
        let named = |it: &DepartedArray| same(it) && *it.name == *config.name;
        let at = kept.arrays.iter().position(named);
        let at = at.or_else(|| kept.arrays.iter().position(same))?;
        Some(kept.arrays.remove(at).array.into_facts(config.vendor))
    }

    /// What serves an array again when it turns out to be one of them.
    #[must_use]
    pub fn by_system(&self) -> Arc<FormerFacts> {
        let kept = self.shelf();
        let known = kept.arrays.iter().filter_map(|it| {
            let vendor = it.array.vendor()?;
            let facts = it.array.clone().into_facts(vendor);
            Some(((vendor, facts.identity.id.clone()), facts))
        });
        Arc::new(known.filter(|((_, id), _)| !id.is_empty()).collect())
    }

    /// Takes these in too; of one array what comes last counts.
    pub(super) fn add(&self, arrays: impl IntoIterator<Item = DepartedArray>) {
        let mut kept = self.shelf();
        for array in arrays {
            kept.arrays
                .retain(|it| it.name != array.name || it.array.vendor != array.array.vendor);
            kept.arrays.push(array);
        }
    }

    /// Lets time pass, and drops what is served elsewhere or was kept long enough. Gives the rest.
    pub(super) fn after(&self, is_served: impl Fn(&DepartedArray) -> bool) -> Vec<DepartedArray> {
        let mut kept = self.shelf();
        let now = Instant::now();
        let elapsed = now.saturating_duration_since(kept.aged_to).as_secs_f64();
        kept.aged_to = now;
        kept.arrays.retain_mut(|it| {
            it.away_seconds += elapsed;
            it.away_seconds < KEPT.as_secs_f64() && !is_served(it)
        });
        kept.arrays.clone()
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
