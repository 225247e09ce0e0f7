//! How the program ends: the two kinds of failure that scripts and supervisors tell apart.

use std::process::ExitCode;

/// Why a command failed. The text is for people and holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Wrong usage or configuration: starting again does not help. Exit status 2.
    #[error("{0:#}")]
    Configuration(anyhow::Error),
    /// It failed at run time. Exit status 1.
    #[error("{0:#}")]
    Runtime(anyhow::Error),
}

impl Failure {
    /// A failure at run time.
    pub fn runtime(error: impl Into<anyhow::Error>) -> Self {
        Self::Runtime(error.into())
    }

    /// Wrong usage or configuration.
    pub fn configuration(error: impl Into<anyhow::Error>) -> Self {
        Self::Configuration(error.into())
    }

    /// The exit status.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) => ExitCode::from(2),
            Self::Runtime(_) => ExitCode::from(1),
        }
    }
}
