//! The part of the environment that speaks to the configuration: `REPLICATION_EXPORTER__POLL__KEY` overrides `[poll]`.
//!
//! The variables are given, not read from the process, so that a test needs no process-wide state; that is why figment's
//! own `Env` provider, which always reads the process, is not used. Values are read as `Env` reads them.

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};
use std::{collections::BTreeMap, ffi::OsString, path::PathBuf};

const PREFIX: &str = "REPLICATION_EXPORTER__";
const POLL: &str = "POLL__";

/// The variables that count.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    poll: BTreeMap<String, Variable>,
    ignored: Vec<String>,
    state_directory: Option<PathBuf>,
}

struct Variable {
    name: String,
    value: String,
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)
    }
}

impl Environment {
    /// Picks what counts out of all variables. A value that is not UTF-8 is kept in a form that no key accepts.
    pub(crate) fn new<K: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            let (name, value): (OsString, OsString) = (name.into(), value.into());
            let Ok(name) = name.into_string() else { continue };
            if name == "STATE_DIRECTORY" {
                environment.state_directory = first_directory(&value.to_string_lossy());
            } else if let Some(rest) = name.strip_prefix(PREFIX) {
                match rest.strip_prefix(POLL) {
                    Some(key) => {
                        let value = value.to_string_lossy().into_owned();
                        environment
                            .poll
                            .insert(key.to_ascii_lowercase(), Variable { name, value });
                    }
                    None => environment.ignored.push(name),
                }
            }
        }
        environment.ignored.sort();
        environment
    }

    /// The variable that sets this key of `[poll]`.
    pub(crate) fn variable_for(&self, poll_key: &str) -> Option<&str> {
        self.poll.get(poll_key).map(|variable| variable.name.as_str())
    }

    /// Variables with our prefix that reach nothing.
    pub(crate) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// `$STATE_DIRECTORY`, as systemd's `StateDirectory=` sets it.
    pub(crate) fn state_directory(&self) -> Option<&PathBuf> {
        self.state_directory.as_ref()
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment variables")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut poll = Dict::new();
        for (key, variable) in &self.poll {
            let value = variable.value.parse::<Value>().unwrap_or_else(|never| match never {});
            poll.insert(key.clone(), value);
        }
        let mut root = Dict::new();
        if !poll.is_empty() {
            root.insert("poll".to_owned(), Value::from(poll));
        }
        Ok(Map::from([(Profile::Default, root)]))
    }
}

/// systemd separates several state directories by colons.
fn first_directory(value: &str) -> Option<PathBuf> {
    value
        .split(':')
        .find(|directory| !directory.is_empty())
        .map(PathBuf::from)
}
