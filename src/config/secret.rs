//! Where a secret is, and how it is read. Never what it is, in any `Debug`, error or log.

use secrecy::{ExposeSecret, SecretString};
use std::{fmt, path::PathBuf};

/// Where a secret is. Compared by place, not by content, so that a reload sees a moved secret.
#[derive(Clone)]
pub enum SecretRef {
    /// A file, read anew before each log-on; one trailing newline does not count.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A systemd credential: a file of this name in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
    /// Written in the configuration itself; works, and is warned about.
    Inline(SecretString),
}

/// Why a secret could not be read; names the place, never the content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SecretError(pub String);

impl SecretRef {
    /// Reads the secret from its place, now.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        let problem = |what: &str| SecretError(format!("{self:?}: {what}"));
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path).map_err(|error| problem(&error.kind().to_string()))?,
            Self::Environment(name) => std::env::var(name).map_err(|_| problem("is not set"))?,
            Self::Credential(name) => {
                let directory = std::env::var_os("CREDENTIALS_DIRECTORY")
                    .ok_or_else(|| problem("there is no $CREDENTIALS_DIRECTORY"))?;
                std::fs::read_to_string(PathBuf::from(directory).join(name))
                    .map_err(|error| problem(&error.kind().to_string()))?
            }
            Self::Inline(secret) => return Ok(secret.clone()),
        };
        let secret = text
            .strip_suffix('\n')
            .map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
        if secret.is_empty() {
            return Err(problem("is empty"));
        }
        Ok(secret.into())
    }
}

impl PartialEq for SecretRef {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(a), Self::File(b)) => a == b,
            (Self::Environment(a), Self::Environment(b)) | (Self::Credential(a), Self::Credential(b)) => a == b,
            (Self::Inline(a), Self::Inline(b)) => a.expose_secret() == b.expose_secret(),
            _ => false,
        }
    }
}

impl Eq for SecretRef {}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Credential(name) => write!(f, "systemd credential {name}"),
            Self::Inline(_) => f.write_str("inline (redacted)"),
        }
    }
}
