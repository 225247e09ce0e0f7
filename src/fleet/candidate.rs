//! The configuration as it is on disk now, complete enough to be compared and used: with the content of what it names.
//!
//! Reads files, so it is called where blocking is allowed.

use crate::{
    config::{self, ArrayConfig, Config, Problem, Problems},
    shard::Shard,
    source::vendors,
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
    pub arrays: Vec<Arc<ArrayConfig>>,
    /// How many arrays there are with those of the other shards.
    pub configured: usize,
    /// What else it says; its arrays are above.
    pub config: Config,
}

/// What one reading gave.
#[derive(Debug)]
pub struct Reading {
    /// A configuration, or what is wrong with it.
    pub outcome: Result<Candidate, Problems>,
    /// Another one if a reload would do something else than it would have done before.
    pub mark: [u8; 32],
}

impl Candidate {
    /// What is odd about secrets, for people. Reads them all.
    #[must_use]
    pub fn odd_secrets(&self) -> Vec<Problem> {
        config::odd_secrets(&self.config)
    }

    /// The secrets that cannot be read. Reads them all, which can take as long as their file system does.
    #[must_use]
    pub fn unreadable_secrets(&self) -> Vec<Problem> {
        config::check_secrets(&self.config)
    }
}

impl ConfigSource {
    /// Reads it, but not the secrets: at a start, one that cannot be read must not keep the other arrays from being polled.
    pub fn load(&self) -> Result<Candidate, Problems> {
        let mut config = config::load(&self.file, self.environment.iter().cloned(), vendors::ALL)?;
        let configured = config.arrays.len();
        config.retain(|array| self.shard.owns(&array.name));
        let arrays = std::mem::take(&mut config.arrays);
        Ok(Candidate {
            arrays: arrays.into_iter().map(Arc::new).collect(),
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

    /// The same with its mark.
    #[must_use]
    pub fn read(&self) -> Reading {
        let outcome = self.load_whole();
        let mut mark = Sha256::new();
        match &outcome {
            Ok(candidate) => {
                mark.update(candidate.config.digest);
                for file in candidate.arrays.iter().filter_map(|array| array.trust.ca_file.as_ref()) {
                    mark.update(file.digest);
                }
            }
            Err(problems) => {
                mark.update(std::fs::read(&self.file).unwrap_or_default());
                mark.update(problems.to_string());
            }
        }
        Reading {
            outcome,
            mark: mark.finalize().into(),
        }
    }
}
