//! The part of the environment that speaks to the configuration: `REPLICATION_EXPORTER__POLL__KEY` overrides `[poll]`.
//!
//! The variables are given, not read from the process, so that a test needs no process-wide state; that is why figment's
//! own `Env` provider, which always reads the process, is not used. Values are read as `Env` reads them.

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};
use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
    path::PathBuf,
};

const PREFIX: &str = "REPLICATION_EXPORTER__";
const POLL: &str = "POLL__";

/// The variables that count.
#[derive(Default)]
pub(crate) struct Environment {
    poll: BTreeMap<String, Variable>,
    ignored: Vec<String>,
    not_utf8: Vec<String>,
    state_directory: Option<PathBuf>,
}

struct Variable {
    name: String,
    value: String,
}

impl Environment {
    /// Picks what counts out of all variables.
    pub(crate) fn new<K: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (K, V)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            // A name that is not UTF-8 is none of ours.
            if let Ok(name) = name.into().into_string() {
                environment.add(name, value.into());
            }
        }
        environment.ignored.sort();
        environment
    }

    fn add(&mut self, name: String, value: OsString) {
        if name == "STATE_DIRECTORY" {
            self.state_directory = first_directory(&value);
            return;
        }
        let Some(rest) = name.strip_prefix(PREFIX) else {
            return;
        };
        let Some(key) = rest.strip_prefix(POLL) else {
            self.ignored.push(name);
            return;
        };
        let key = key.to_ascii_lowercase();
        match value.into_string() {
            Ok(value) => drop(self.poll.insert(key, Variable { name, value })),
            Err(_) => self.not_utf8.push(name),
        }
    }

    /// The variable that sets this key of `[poll]`.
    pub(crate) fn variable_for(&self, poll_key: &str) -> Option<&str> {
        self.poll.get(poll_key).map(|variable| variable.name.as_str())
    }

    /// Variables with our prefix that reach nothing.
    pub(crate) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Variables for `[poll]` whose value is no text.
    pub(crate) fn not_utf8(&self) -> &[String] {
        &self.not_utf8
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
fn first_directory(value: &OsStr) -> Option<PathBuf> {
    let first = value.as_bytes().split(|&byte| byte == b':').next()?;
    (!first.is_empty()).then(|| PathBuf::from(OsStr::from_bytes(first)))
}
