//! The arrays that are polled now: a poller and a slot each, and what keeps their facts on disk. It does what a reload's
//! plan says, all of it or nothing. Called by `app` at the start and by whoever asks for a reload afterwards;
//! names no vendor.

mod candidate;
mod plan;
mod reloads;
mod start;

pub use candidate::{Candidate, ConfigSource, Reading};
pub use plan::Summary;
pub use reloads::{reload_when_asked, watch};

use crate::{
    config::ArrayConfig,
    facts_file::{self, Departed, Keeper},
    model::ArrayFacts,
    source::trust::TrustStore,
    store::{Slot, Store},
};
use plan::{Plan, Step};
use start::Polling;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};
use tokio::{task::JoinHandle, time::Instant};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A storm of reloads must not become one of log-ins, which locks accounts: refused credentials are tried again by a reload
/// at most this often.
const PARDON_PERIOD: Duration = Duration::from_mins(1);

/// Every array that is polled.
#[derive(Debug)]
pub struct Fleet {
    store: Arc<Store>,
    trust: TrustStore,
    tasks: TaskTracker,
    stop: CancellationToken,
    members: BTreeMap<Arc<str>, Member>,
    keeping: Keeping,
    departed: Arc<Departed>,
    warnings: Vec<String>,
    pardoned: Option<Instant>,
}

/// One array that is polled.
#[derive(Debug)]
struct Member {
    config: Arc<ArrayConfig>,
    slot: Arc<Slot>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What writes facts to a file.
#[derive(Debug, Default)]
struct Keeping {
    path: Option<PathBuf>,
    stop: CancellationToken,
}

/// A poller that was made and not started.
struct Prepared {
    config: Arc<ArrayConfig>,
    slot: Arc<Slot>,
    stop: CancellationToken,
    polling: Polling,
}

impl Fleet {
    /// No arrays yet. Everything runs in `tasks` until `stop`.
    #[must_use]
    pub fn new(store: Arc<Store>, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self {
            store,
            trust: TrustStore::default(),
            tasks,
            stop,
            members: BTreeMap::new(),
            keeping: Keeping::default(),
            departed: Arc::default(),
            warnings: Vec::new(),
            pardoned: None,
        }
    }

    /// The first configuration, with what was known before a restart. Reads the state file off the async workers.
    pub async fn start(&mut self, candidate: Candidate) -> Result<Summary, String> {
        let mut former = BTreeMap::new();
        if let Some(path) = candidate.config.state_file.clone() {
            let (store, departed) = (self.store.clone(), self.departed.clone());
            let opening = tokio::task::spawn_blocking(move || facts_file::open(path, store, departed));
            let (keeper, mut file) = opening.await.map_err(|error| error.to_string())?;
            for array in &candidate.arrays {
                if let Some(facts) = file.take(&array.name, array.vendor) {
                    former.insert(array.name.clone(), facts);
                }
            }
            file.depart(&self.departed);
            self.keep_facts_by(keeper, candidate.config.state_file.clone());
        }
        self.apply(candidate, |name| former.remove(name))
    }

    /// Another configuration. An error changes nothing.
    pub fn change_to(&mut self, candidate: Candidate) -> Result<Summary, String> {
        if candidate.configured == 0 && !self.members.is_empty() {
            return Err("it has no array: if that is meant, restart the exporter, or stop it".to_owned());
        }
        let summary = self.apply(candidate, |_| None)?;
        self.pardon();
        Ok(summary)
    }

    /// Another configuration was asked for and cannot be used.
    pub fn not_changed(&self, why: &str) {
        let now = self.store.clock().now();
        self.store.exporter().reload_failed(why, now);
    }

    fn apply(
        &mut self,
        candidate: Candidate,
        mut former: impl FnMut(&str) -> Option<ArrayFacts>,
    ) -> Result<Summary, String> {
        let assigned = candidate.arrays.len();
        let running = self.members.iter();
        let running = running.map(|(name, member)| (name.clone(), member.config.clone()));
        let plan = Plan::new(&running.collect(), candidate.arrays);
        let summary = plan.summary();

        // What can fail, before anything is changed.
        let mut prepared = Vec::new();
        let mut adjusted = Vec::new();
        let mut by_system = None;
        for (config, step) in plan.steps {
            match step {
                Step::Keep => {}
                Step::Adjust => adjusted.push(config),
                Step::Replace => {
                    let facts = self.facts_of(&config);
                    prepared.push(self.prepare(config, facts)?);
                }
                Step::Add => {
                    let facts = former(&config.name).or_else(|| self.departed.at_address(&config));
                    let new = self.prepare(config, facts.clone().unwrap_or_default())?;
                    if facts.is_none() {
                        new.slot
                            .may_be(by_system.get_or_insert_with(|| self.departed.by_system()).clone());
                    }
                    prepared.push(new);
                }
            }
        }

        for config in adjusted {
            if let Some(member) = self.members.get_mut(&config.name) {
                member.slot.reconfigure(config.clone());
                member.config = config;
            }
        }
        for name in &plan.gone {
            if let Some(member) = self.members.remove(name) {
                member.stop.cancel();
                member
                    .slot
                    .read(|state| self.departed.leave(&member.config, &state.facts));
            }
        }
        let slots = prepared.iter().map(|new| new.slot.clone()).collect();
        self.store.exchange(&plan.gone, slots);
        for new in prepared {
            self.launch(new);
        }
        self.keep_facts_in(candidate.config.state_file);
        let warnings = candidate.config.warnings;
        if warnings != self.warnings {
            for warning in &warnings {
                tracing::warn!("{warning}");
            }
            self.warnings = warnings;
        }
        let exporter = self.store.exporter();
        exporter.count_arrays(candidate.configured, assigned);
        exporter.reloaded(self.store.clock().now());
        Ok(summary)
    }

    /// What stays true of an array that is asked in another way: everything, until another system answers.
    fn facts_of(&self, config: &ArrayConfig) -> ArrayFacts {
        match self.members.get(&config.name) {
            Some(member) if member.config.vendor == config.vendor => member.slot.read(|state| state.facts.clone()),
            Some(member) => {
                member
                    .slot
                    .read(|state| self.departed.leave(&member.config, &state.facts));
                ArrayFacts::default()
            }
            None => ArrayFacts::default(),
        }
    }

    fn prepare(&self, config: Arc<ArrayConfig>, facts: ArrayFacts) -> Result<Prepared, String> {
        let slot = self.store.prepare(config.clone(), facts);
        let stop = self.stop.child_token();
        let polling = start::poller(slot.clone(), &self.trust, self.store.clock(), stop.clone())
            .map_err(|error| format!("array {}: {error}", config.name))?;
        Ok(Prepared {
            config,
            slot,
            stop,
            polling,
        })
    }

    /// Starts a poller, after the end of the one that it replaces: an array is never asked by two at once.
    fn launch(&mut self, new: Prepared) {
        let Prepared {
            config,
            slot,
            stop,
            polling,
        } = new;
        let name = config.name.clone();
        let before = self.members.remove(&name).map(|member| {
            member.stop.cancel();
            member.task
        });
        let task = self.tasks.spawn(async move {
            if let Some(before) = before {
                // However it ended, it has ended.
                let _ = before.await;
            }
            polling.await;
        });
        let member = Member {
            config,
            slot,
            stop,
            task,
        };
        self.members.insert(name, member);
    }

    fn keep_facts_in(&mut self, path: Option<PathBuf>) {
        if self.keeping.path == path {
            return;
        }
        if let Some(file) = path.clone() {
            let keeper = Keeper::new(file, self.store.clone(), self.departed.clone());
            self.keep_facts_by(keeper, path);
        } else {
            std::mem::take(&mut self.keeping).stop.cancel();
            self.store.exporter().forget_state_file();
        }
    }

    fn keep_facts_by(&mut self, keeper: Keeper, path: Option<PathBuf>) {
        self.keeping.stop.cancel();
        self.keeping = Keeping {
            path,
            stop: self.stop.child_token(),
        };
        self.store.exporter().keep_state_file();
        self.store.exporter().state_file_failed();
        self.tasks.spawn(keeper.keep(self.keeping.stop.clone()));
    }

    /// Refused credentials may be tried again: whoever reloads may have mended them on the array.
    fn pardon(&mut self) {
        if self.pardoned.is_some_and(|at| at.elapsed() < PARDON_PERIOD) {
            return;
        }
        self.pardoned = Some(Instant::now());
        for member in self.members.values() {
            member.slot.logins().pardon();
        }
    }
}
