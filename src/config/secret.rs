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
