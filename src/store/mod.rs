//! A slot per array: what is known of it, and its text. Pollers publish into slots, scrapes read the text.
//!
//! Locks are held for computing only, never across I/O. Knows no vendor.

mod page;
mod standings;
mod ticker;

pub use ticker::run as run_ticker;

use crate::{
    clock::{Clock, Now},
    config::ArrayConfig,
    metrics::{exporter::ExporterMetrics, render::RenderedArray},
    model::ArrayFacts,
    source::{LoginCounters, Poll},
    state::{ArrayState, FormerFacts, Transition, transition},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::Instant};

/// Every array's slot, by name.
#[derive(Debug)]
pub struct Store {
    clock: Clock,
    slots: RwLock<BTreeMap<Arc<str>, Arc<Slot>>>,
    exporter: ExporterMetrics,
    generation: Arc<AtomicU64>,
    /// Once ready, always ready: an array that a reload adds must not take the exporter out of service.
    was_ready: AtomicBool,
    /// When the ticker last ran.
    ticked: Mutex<Option<Instant>>,
}

/// What outlives an array's poller: its state and the text of it.
#[derive(Debug)]
pub struct Slot {
    name: Arc<str>,
    clock: Clock,
    state: Mutex<ArrayState>,
    rendered: Mutex<Arc<RenderedArray>>,
    generation: Arc<AtomicU64>,
    /// Tells the poller that the configuration is another one.
    reconfigured: Notify,
}

impl Store {
    /// A store without arrays.
    #[must_use]
    pub fn new(clock: Clock, exporter: ExporterMetrics) -> Self {
        Self {
            clock,
            slots: RwLock::default(),
            exporter,
            generation: Arc::default(),
            was_ready: AtomicBool::default(),
            ticked: Mutex::default(),
        }
    }

    /// Makes the slot of an array and puts it on /metrics at once.
    pub fn add(&self, config: Arc<ArrayConfig>, facts: ArrayFacts) -> Arc<Slot> {
        let slot = self.prepare(config, facts);
        self.exchange(&[], vec![slot.clone()]);
        slot
    }

    /// Makes the slot of an array; it is on /metrics once it is given to [`Self::exchange`].
    #[must_use]
    pub fn prepare(&self, config: Arc<ArrayConfig>, facts: ArrayFacts) -> Arc<Slot> {
        let slot = Arc::new(Slot {
            name: config.name.clone(),
            clock: self.clock,
            state: Mutex::new(ArrayState::new(config, facts, self.clock.now())),
            rendered: Mutex::default(),
            generation: self.generation.clone(),
            reconfigured: Notify::new(),
        });
        slot.render(&mut slot.state());
        slot
    }

    /// Takes arrays off /metrics and puts others on, in one step. A slot of the same name replaces the one before.
    pub fn exchange(&self, gone: &[Arc<str>], come: Vec<Arc<Slot>>) {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        for name in gone {
            slots.remove(name);
        }
        slots.extend(come.into_iter().map(|slot| (slot.name.clone(), slot)));
        drop(slots);
        self.outdate_pages();
    }

    /// Every slot, in order of the arrays' names.
    #[must_use]
    pub fn slots(&self) -> Vec<Arc<Slot>> {
        let slots = self.slots.read().unwrap_or_else(PoisonError::into_inner);
        slots.values().cloned().collect()
    }

    /// Arrays that turned out to be one and the same system, each with the others.
    #[must_use]
    pub fn twins(&self) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
        let mut systems: BTreeMap<_, Vec<Arc<str>>> = BTreeMap::new();
        for slot in self.slots() {
            let (vendor, id) = slot.read(|state| (state.config.vendor, state.facts.identity.id.clone()));
            if !id.is_empty() {
                systems.entry((vendor, id)).or_default().push(slot.name.clone());
            }
        }
        let mut twins = BTreeMap::new();
        for names in systems.into_values().filter(|names| names.len() > 1) {
            for name in &names {
                let others = names.iter().filter(|other| *other != name).cloned();
                twins.insert(name.clone(), others.collect());
            }
        }
        twins
    }

    fn now(&self) -> Now {
        Now {
            wall: self.clock.now(),
            instant: Instant::now(),
        }
    }

    /// The exporter's own metrics.
    #[must_use]
    pub fn exporter(&self) -> &ExporterMetrics {
        &self.exporter
    }

    /// Whether the ticker ran within this time: if not, lag stands still.
    #[must_use]
    pub fn ticked_within(&self, period: Duration) -> bool {
        let ticked = *self.ticked.lock().unwrap_or_else(PoisonError::into_inner);
        ticked.is_some_and(|at| at.elapsed() <= period)
    }

    fn ticked(&self, now: Instant) {
        *self.ticked.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    /// No page that was made before is good any longer.
    fn outdate_pages(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Which state of the store a page is made from; grows with every change.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Wall time, as the store reads it.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }
}

impl Slot {
    /// The array's name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The configuration that counts now.
    #[must_use]
    pub fn config(&self) -> Arc<ArrayConfig> {
        self.state().config.clone()
    }

    /// Puts another configuration of the same array into effect; the poller takes it up at once.
    pub fn reconfigure(&self, config: Arc<ArrayConfig>) {
        let mut state = self.state();
        state.reconfigure(config, self.clock.now());
        self.render(&mut state);
        drop(state);
        self.reconfigured.notify_one();
    }

    /// Tells what is known of systems that this array may turn out to be, once it says who it is.
    pub fn may_be(&self, former: Arc<FormerFacts>) {
        self.state().former = Some(former);
    }

    /// Takes facts that another process heard, unless this one has heard the array itself.
    pub fn adopt(&self, facts: ArrayFacts) {
        let mut state = self.state();
        if state.sections.values().all(|section| section.last_success.is_none()) {
            state.adopt(facts, self.clock.now());
            self.render(&mut state);
        }
    }

    /// Waits until the configuration is another one. For the poller alone: one waiter hears of each change.
    pub async fn reconfigured(&self) {
        self.reconfigured.notified().await;
    }

    /// Where the array's session counts its log-ins.
    #[must_use]
    pub fn logins(&self) -> Arc<LoginCounters> {
        self.state().logins.clone()
    }

    /// Takes in the outcome of a poll, whole, and renders it. Gives what changed, for the log.
    pub fn publish(&self, poll: Poll) -> Vec<Transition> {
        let now = self.clock.now();
        let mut state = self.state();
        let before = transition::Before::of(&state);
        state.apply(poll, now);
        self.render(&mut state);
        before.transitions(&state)
    }

    /// Counts ticks that were skipped because a poll was still running. On /metrics with the poll's outcome.
    pub fn count_overruns(&self, ticks: u64) {
        self.state().overruns += ticks;
    }

    /// The next poll is due at `due`.
    pub fn schedule(&self, due: Instant) {
        let now = self.now();
        let wait = due.saturating_duration_since(now.instant);
        let mut state = self.state();
        state.next_poll = Some(now.wall.plus_seconds(wait.as_secs_f64()));
        Arc::make_mut(&mut *self.rendered()).reschedule(&state);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Polls in a row that got nothing.
    #[must_use]
    pub fn failures_in_a_row(&self) -> u32 {
        self.state().failures_in_a_row
    }

    /// Brings what grows by itself up to date: lag, breaches, exemptions that lapse.
    pub fn tick(&self) {
        let mut state = self.state();
        let before = state.facts.relationships.len();
        state.tick(self.clock.now());
        if state.facts.relationships.len() != before {
            self.render(&mut state);
            return;
        }
        Arc::make_mut(&mut *self.rendered()).grow(&state, self.now());
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// What is known of the array, for pages that show it.
    pub fn read<T>(&self, look: impl FnOnce(&ArrayState) -> T) -> T {
        look(&self.state())
    }

    fn render(&self, state: &mut ArrayState) {
        *self.rendered() = Arc::new(RenderedArray::of(state, self.now()));
        self.generation.fetch_add(1, Ordering::Release);
    }

    fn now(&self) -> Now {
        Now {
            wall: self.clock.now(),
            instant: Instant::now(),
        }
    }

    fn state(&self) -> MutexGuard<'_, ArrayState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rendered(&self) -> MutexGuard<'_, Arc<RenderedArray>> {
        self.rendered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod reload_tests;
#[cfg(test)]
pub(crate) mod tests;
