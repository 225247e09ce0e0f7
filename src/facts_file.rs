//! Facts on disk: what outlives a restart, and the form in which it is written. Loaded before the first poll. A file that
//! cannot be read is moved aside and never fatal.

mod departed;
mod inspection;
mod keeper;
mod place;

pub use departed::Departed;
pub use inspection::inspect;
pub use keeper::Keeper;

use crate::{
    config::{ArrayConfig, Vendor},
    model::{ArrayFacts, RelationshipFacts, RelationshipKey, Role, Section, Timestamp},
    source::vendors,
    store::Store,
};
use departed::DepartedArray;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The version of the format. Another one is not read.
const VERSION: u32 = 3;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    arrays: BTreeMap<String, StoredArray>,
    #[serde(default)]
    departed: Vec<DepartedArray>,
}

/// One array in the file. Sections are written by name, and understood by the vendor's list of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct StoredArray {
    vendor: String,
    urls: Vec<String>,
    facts: ArrayFacts,
    /// When each section last succeeded.
    last_success: Vec<(String, Timestamp)>,
    /// How many relationships a section listed in a role.
    listed: Vec<(String, Role, u64)>,
    /// The section that lists it, which it is, and what is known.
    relationships: Vec<(String, RelationshipKey, RelationshipFacts)>,
}

/// What the file says.
#[derive(Debug, Default)]
pub struct FileFacts {
    arrays: BTreeMap<String, StoredArray>,
    departed: Vec<DepartedArray>,
}

/// Starts a keeper with what is in its file. What is not taken of it belongs to arrays that left. Blocks.
#[must_use]
pub fn open(path: PathBuf, store: Arc<Store>, departed: Arc<Departed>) -> (Keeper, FileFacts) {
    let mut keeper = Keeper::new(path, store, departed);
    let facts = keeper.open();
    (keeper, facts)
}

impl FileFacts {
    /// Reads `path`. A file that is not there is an empty one; one that cannot be understood is moved aside with a warning,
    /// by who may write it.
    fn load(path: &Path, may_write: bool) -> Self {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the state file cannot be read: starting without former facts");
                return Self::default();
            }
        };
        match parse(&bytes) {
            Ok(Document { arrays, departed, .. }) => Self { arrays, departed },
            Err(problem) => {
                let aside = place::aside(path);
                let moved = may_write && fs::rename(path, &aside).is_ok();
                tracing::warn!(
                    path = %path.display(), problem, moved_to = %aside.display(), moved,
                    "the state file is damaged or of another version: starting without former facts"
                );
                Self::default()
            }
        }
    }

    /// Takes out what is known of an array; nothing if another vendor's array had that name.
    pub fn take(&mut self, name: &str, vendor: Vendor) -> Option<ArrayFacts> {
        let is_it = |stored: &StoredArray| stored.vendor == vendor.name();
        self.arrays.get(name).filter(|stored| is_it(stored))?;
        Some(self.arrays.remove(name)?.into_facts(vendor))
    }

    /// What was not taken is of arrays that are no longer configured.
    pub fn depart(self, departed: &Departed) {
        let left = self.arrays.into_iter().map(|(name, array)| DepartedArray {
            name,
            away_seconds: 0.0,
            array,
        });
        departed.add(self.departed.into_iter().chain(left));
    }

    /// Another process wrote this until now. What this one has heard itself is newer; of arrays that it has not heard it
    /// takes what is written.
    fn hand_over(mut self, store: &Store, departed: &Departed) {
        for slot in store.slots() {
            if let Some(facts) = self.take(slot.name(), slot.config().vendor) {
                slot.adopt(facts);
            }
        }
        self.depart(departed);
    }
}

fn parse(bytes: &[u8]) -> Result<Document, String> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let Version { version } = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if version != VERSION {
        return Err(format!("version {version} instead of {VERSION}"));
    }
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

impl Document {
    fn of(store: &Store, departed: &Departed) -> Self {
        let slots = store.slots();
        let arrays: BTreeMap<String, StoredArray> = slots
            .iter()
            .map(|slot| {
                let stored = slot.read(|state| StoredArray::of(&state.facts, &state.config));
                (slot.name().to_string(), stored)
            })
            .collect();
        let served: BTreeSet<(&str, &str)> = arrays.values().map(StoredArray::system).collect();
        let is_served = |it: &DepartedArray| {
            let (vendor, id) = it.array.system();
            !id.is_empty() && served.contains(&(vendor, id))
        };
        Self {
            version: VERSION,
            departed: departed.after(is_served),
            arrays,
        }
    }

    fn text(&self) -> io::Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(io::Error::other)
    }

    /// The same without what moves with every poll and every tick.
    fn steady_text(&self) -> io::Result<Vec<u8>> {
        let arrays = self.arrays.iter();
        let departed = self.departed.iter();
        let steady = Self {
            version: self.version,
            arrays: arrays.map(|(name, array)| (name.clone(), array.steady())).collect(),
            departed: departed
                .map(|it| DepartedArray {
                    away_seconds: 0.0,
                    ..it.clone()
                })
                .collect(),
        };
        steady.text()
    }
}

impl StoredArray {
    fn of(facts: &ArrayFacts, config: &ArrayConfig) -> Self {
        let name = |section: &Section| section.name().to_owned();
        let relationships = facts.relationships.iter();
        Self {
            vendor: config.vendor.name().into(),
            urls: config.urls.iter().map(ToString::to_string).collect(),
            last_success: facts
                .last_success
                .iter()
                .map(|(section, at)| (name(section), *at))
                .collect(),
            listed: facts
                .listed
                .iter()
                .map(|((section, role), count)| (name(section), *role, *count))
                .collect(),
            relationships: relationships
                .map(|(key, known)| (name(&known.section), key.clone(), known.clone()))
                .collect(),
            facts: ArrayFacts {
                last_success: BTreeMap::new(),
                listed: BTreeMap::new(),
                relationships: BTreeMap::new(),
                ..facts.clone()
            },
        }
    }

    /// The system that it is.
    fn system(&self) -> (&str, &str) {
        (&self.vendor, &self.facts.identity.id)
    }

    fn vendor(&self) -> Option<Vendor> {
        vendors::named(&self.vendor)
    }

    /// Whether it is where this array is.
    fn is_at(&self, config: &ArrayConfig) -> bool {
        let urls = || config.urls.iter().map(reqwest::Url::as_str);
        self.vendor == config.vendor.name() && self.urls.iter().any(|known| urls().any(|url| url == known))
    }

    /// The same without what moves with every poll and every tick.
    fn steady(&self) -> Self {
        let relationships = self.relationships.iter().cloned();
        Self {
            last_success: Vec::new(),
            facts: ArrayFacts {
                last_heard: None,
                clock_skew_seconds: None,
                ..self.facts.clone()
            },
            relationships: relationships
                .map(|(section, key, mut known)| {
                    known.recovery_point_read = None;
                    known.breach_seconds = 0.0;
                    (section, key, known)
                })
                .collect(),
            ..self.clone()
        }
    }

    /// What this version of the exporter still understands of it.
    fn into_facts(self, vendor: Vendor) -> ArrayFacts {
        let section = |name: &str| vendor.sections().iter().copied().find(|section| section.name() == name);
        let successes = self.last_success.into_iter();
        let listed = self.listed.into_iter();
        let relationships = self.relationships.into_iter();
        ArrayFacts {
            last_success: successes.filter_map(|(name, at)| Some((section(&name)?, at))).collect(),
            listed: listed
                .filter_map(|(name, role, count)| Some(((section(&name)?, role), count)))
                .collect(),
            relationships: relationships
                .filter_map(|(name, key, mut known)| {
                    known.section = section(&name)?;
                    Some((key, known))
                })
                .collect(),
            ..self.facts
        }
    }
}

#[cfg(test)]
#[path = "facts_file/tests.rs"]
mod tests;
