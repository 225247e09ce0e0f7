//! The configuration as it is on disk now, complete enough to be compared and used: with the content of what it names.
//!
//! Reads files, so it is called where blocking is allowed.

use super::Resolved;
use crate::{
    config::{self, Config, Problem, Problems},
    shard::Shard,
};
use sha2::{Digest, Sha256};
use std::{ffi::OsString, path::PathBuf, sync::Arc};

/// Where the configuration comes from.
#[derive(Clone, Debug)]
pub struct ConfigSource {
    /// The file.
    pub file: PathBuf,
    /// The environment, as `std::env::vars_os()` gives it.
    pub environment: Vec<(OsString, OsString)>,
    /// Which of its arrays are meant.
    pub shard: Shard,
}

/// A configuration that is fit for use.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The arrays of this shard.
    pub arrays: Vec<Resolved>,
    /// How many arrays there are with those of the other shards.
    pub configured: usize,
    /// Where facts outlive a restart.
    pub state_file: Option<PathBuf>,
    /// What works, and should be logged.
    pub warnings: Vec<String>,
    /// Of the secrets, those that cannot be read.
    pub unreadable: Vec<Problem>,
}

impl ConfigSource {
    /// Reads it. A secret that cannot be read is no error here: at a start, the other arrays are polled nevertheless.
    pub fn load(&self) -> Result<Candidate, Problems> {
        let mut config = config::load(&self.file, self.environment.iter().cloned())?;
        let configured = config.arrays.len();
        config.retain(|array| self.shard.owns(&array.name));
        let unreadable = config::check_secrets(&config);
        let Config {
            arrays,
            state_file,
            warnings,
            ..
        } = config;
        let arrays: Result<Vec<Resolved>, Problem> = arrays
            .into_iter()
            .map(|array| {
                let ca = array.trust.ca_file.as_deref().map(config::fingerprint).transpose()?;
                let config = Arc::new(array);
                Ok(Resolved { config, ca })
            })
            .collect();
        Ok(Candidate {
            arrays: arrays?,
            configured,
            state_file,
            warnings,
            unreadable,
        })
    }

    /// Reads it for a reload, which is all or nothing: here a secret that cannot be read is an error.
    pub fn load_whole(&self) -> Result<Candidate, Problems> {
        let candidate = self.load()?;
        if candidate.unreadable.is_empty() {
            Ok(candidate)
        } else {
            Err(candidate.unreadable.into())
        }
    }

    /// A number that is another one if a reload would do something else than it would have done before.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(std::fs::read(&self.file).unwrap_or_default());
        match self.load() {
            Ok(candidate) => {
                for ca in candidate.arrays.iter().filter_map(|array| array.ca) {
                    hash.update(ca);
                }
                for problem in candidate.unreadable {
                    hash.update(problem.to_string());
                }
            }
            Err(problems) => hash.update(problems.to_string()),
        }
        hash.finalize().into()
    }
}
