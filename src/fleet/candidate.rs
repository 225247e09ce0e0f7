//! The configuration as it is on disk now, complete enough to be compared and used: with the content of what it names.
//!
//! Reads files, so it is called where blocking is allowed.

use super::plan::Resolved;
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
    /// What else it says; its arrays are above.
    pub config: Config,
}

impl Candidate {
    /// The secrets that cannot be read. Reads them all, which can take as long as their file system does.
    #[must_use]
    pub fn unreadable_secrets(&self) -> Vec<Problem> {
        config::check_secrets(&self.config)
    }
}

impl ConfigSource {
    /// Reads it, but not the secrets: at a start, one that cannot be read must not keep the other arrays from being polled.
    pub fn load(&self) -> Result<Candidate, Problems> {
        let mut config = config::load(&self.file, self.environment.iter().cloned())?;
        let configured = config.arrays.len();
        config.retain(|array| self.shard.owns(&array.name));
        let arrays: Result<Vec<Resolved>, Problem> = std::mem::take(&mut config.arrays)
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
            config,
        })
    }

    /// Reads it for a reload, which is all or nothing: here a secret that cannot be read is an error.
    pub fn load_whole(&self) -> Result<Candidate, Problems> {
        let candidate = self.load()?;
        let unreadable = candidate.unreadable_secrets();
        if unreadable.is_empty() {
            Ok(candidate)
        } else {
            Err(unreadable.into())
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
                for problem in candidate.unreadable_secrets() {
                    hash.update(problem.to_string());
                }
            }
            Err(problems) => hash.update(problems.to_string()),
        }
        hash.finalize().into()
    }
}
