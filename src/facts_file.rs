//! Facts on disk: what outlives a restart. Written whole and atomically, at most every ten seconds; loaded before the first
//! poll. A file that cannot be read is moved aside and never fatal.

use crate::{
    config::Vendor,
    model::{ArrayFacts, RelationshipFacts, RelationshipKey, Role, Section, Timestamp},
    store::Store,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// The version of the format. Another one is not read.
const VERSION: u32 = 2;
/// The least time between two writes.
const PERIOD: Duration = Duration::from_secs(10);
/// The time before the first: a start brings facts at once.
const FIRST: Duration = Duration::from_secs(2);

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct Document {
    version: u32,
    arrays: BTreeMap<String, StoredArray>,
}

/// One array in the file. Sections are written by name, and understood by the vendor's list of them.
#[derive(Debug, Serialize, Deserialize)]
struct StoredArray {
    vendor: String,
    facts: ArrayFacts,
    /// When each section last succeeded.
    last_success: Vec<(String, Timestamp)>,
    /// How many relationships a section listed in a role.
    listed: Vec<(String, Role, u64)>,
    /// The section that lists it, which it is, and what is known.
    relationships: Vec<(String, RelationshipKey, RelationshipFacts)>,
}

/// The facts of a former run, by array.
#[derive(Debug, Default)]
pub struct FormerFacts(BTreeMap<String, StoredArray>);

impl FormerFacts {
    /// Reads `path`. A file that is not there is an empty one; one that cannot be read is moved aside with a warning.
    #[must_use]
    pub fn load(path: &Path) -> Self {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::default(),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "the state file cannot be read: starting without former facts");
                return Self::default();
            }
        };
        match parse(&bytes) {
            Ok(arrays) => Self(arrays),
            Err(problem) => {
                let aside = aside(path);
                let moved = fs::rename(path, &aside).is_ok();
                tracing::warn!(
                    path = %path.display(), problem, moved_to = %aside.display(), moved,
                    "the state file is damaged or of another version: starting without former facts"
                );
                Self::default()
            }
        }
    }

    /// Takes out what is known of an array; nothing if another vendor's array had that name.
    pub fn take(&mut self, name: &str, vendor: Vendor) -> ArrayFacts {
        match self.0.remove(name) {
            Some(stored) if stored.vendor == vendor.name() => stored.into_facts(vendor),
            _ => ArrayFacts::default(),
        }
    }
}

/// Writes the store's facts to `path` whenever they may have changed, until `stop`, and once more then.
pub async fn keep(store: Arc<Store>, path: PathBuf, stop: CancellationToken) {
    store.exporter().keep_state_file();
    let mut failing = false;
    let mut last = Vec::new();
    let mut wait = FIRST;
    loop {
        let stopping = tokio::select! {
            () = tokio::time::sleep(wait) => false,
            () = stop.cancelled() => true,
        };
        wait = PERIOD;
        let text = serialize(&store);
        if text != last {
            let target = path.clone();
            let to_write = text.clone();
            let written = tokio::task::spawn_blocking(move || write(&target, &to_write)).await;
            match written.unwrap_or_else(|error| Err(io::Error::other(error))) {
                Ok(()) => {
                    last = text;
                    failing = false;
                    store.exporter().state_file_written(store.clock().now());
                }
                Err(error) if !failing => {
                    failing = true;
                    store.exporter().state_file_failed();
                    tracing::warn!(path = %path.display(), %error, "the state file cannot be written: facts would not survive a restart");
                }
                Err(_) => {}
            }
        }
        if stopping {
            return;
        }
    }
}

fn parse(bytes: &[u8]) -> Result<BTreeMap<String, StoredArray>, String> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let Version { version } = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if version != VERSION {
        return Err(format!("version {version} instead of {VERSION}"));
    }
    let document: Document = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    Ok(document.arrays)
}

fn serialize(store: &Store) -> Vec<u8> {
    let arrays = store.slots().into_iter().map(|slot| {
        let stored = slot.read(|state| StoredArray::of(&state.facts, state.config.vendor));
        (slot.name().to_string(), stored)
    });
    let document = Document {
        version: VERSION,
        arrays: arrays.collect(),
    };
    serde_json::to_vec(&document).unwrap_or_else(|error| {
        tracing::error!(%error, "facts cannot be written as JSON");
        Vec::new()
    })
}

/// Writes beside the file and renames, so that the file is old or new and never half.
fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let beside = path.with_extension("new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn aside(path: &Path) -> PathBuf {
    path.with_extension("damaged")
}

impl StoredArray {
    fn of(facts: &ArrayFacts, vendor: Vendor) -> Self {
        let name = |section: &Section| section.name().to_owned();
        let relationships = facts.relationships.iter();
        Self {
            vendor: vendor.name().into(),
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
mod tests {
    use super::*;
    use crate::store::tests::{array, listing, poll, relationship, store};

    fn folder(test: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("replication_exporter-{test}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    #[tokio::test(start_paused = true)]
    async fn facts_come_back_as_they_were() {
        let path = folder("facts").join("facts.json");
        let store = store();
        let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
        slot.publish(poll(vec![listing(vec![relationship("r", 1_799_999_000.123_456_7)])]));
        write(&path, &serialize(&store)).expect("written");
        let mut former = FormerFacts::load(&path);
        let back = former.take("nyc", crate::source::qumulo::VENDOR);
        let mut expected = slot.read(|state| state.facts.clone());
        for facts in expected.relationships.values_mut() {
            facts.condition = None;
        }
        assert_eq!(back, expected);
        assert_eq!(
            former.take("nyc", crate::source::qumulo::VENDOR),
            ArrayFacts::default(),
            "taken once"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn facts_of_another_vendors_array_are_not_taken() {
        let path = folder("vendor").join("facts.json");
        let store = store();
        store.add(Arc::new(array("nyc")), ArrayFacts::default());
        write(&path, &serialize(&store)).expect("written");
        assert_eq!(
            FormerFacts::load(&path).take("nyc", crate::source::veeam::VENDOR),
            ArrayFacts::default()
        );
    }

    #[test]
    fn a_damaged_or_foreign_file_is_moved_aside() {
        for (test, content) in [
            ("damaged", "{\"version\":1,\"arr"),
            ("foreign", "{\"version\":99,\"arrays\":{}}"),
        ] {
            let path = folder(test).join("facts.json");
            fs::write(&path, content).expect("written");
            assert!(FormerFacts::load(&path).0.is_empty());
            assert!(!path.exists());
            assert_eq!(fs::read_to_string(aside(&path)).expect("kept"), content);
        }
    }

    #[test]
    fn a_missing_file_is_an_empty_one() {
        assert!(FormerFacts::load(Path::new("/nonexistent/facts.json")).0.is_empty());
    }
}
