//! Where a secret is, and how it is read. Never what it is, in any `Debug`, error or log.

use super::file::read_small;
use secrecy::{ExposeSecret, SecretString};
use std::{
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

/// No password or token is larger; whatever is, is another file.
const LARGEST: u64 = 64 * 1024;

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

/// Why a secret could not be read. Names neither content nor place: a password under the key `password_file` would be
/// its own place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SecretError(pub String);

impl SecretRef {
    /// The secret as it is now. Reads a small file where it has to; never more than 64 KiB.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        self.read_with(|name| std::env::var_os(name))
    }

    fn read_with(&self, variable: impl Fn(&str) -> Option<OsString>) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::File(path) => read_text("the file of the secret", path)?,
            Self::Environment(name) => variable(name)
                .ok_or_else(|| SecretError("the environment variable of the secret is not set".to_owned()))?
                .into_string()
                .map_err(|_| SecretError("the environment variable of the secret is not UTF-8".to_owned()))?,
            Self::Credential(name) => {
                let directory = variable("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    let message = "$CREDENTIALS_DIRECTORY is not set: run as a systemd service with LoadCredential=";
                    SecretError(message.to_owned())
                })?;
                read_text("the systemd credential", &Path::new(&directory).join(name))?
            }
            Self::Inline(secret) => secret.expose_secret().to_owned(),
        };
        if text.is_empty() {
            return Err(SecretError("the secret is empty".to_owned()));
        }
        Ok(text.into())
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

/// A file's text without one trailing newline, which editors and `echo` leave.
fn read_text(what: &str, path: &Path) -> Result<String, SecretError> {
    let bytes = read_small(path, LARGEST).map_err(|reason| SecretError(format!("{what} cannot be read: {reason}")))?;
    let mut text = String::from_utf8(bytes).map_err(|_| SecretError(format!("{what} is not UTF-8")))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("replication-exporter-secret-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    fn read(reference: &SecretRef, variables: &[(&str, &Path)]) -> Result<String, SecretError> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.as_os_str().to_owned())
        };
        reference
            .read_with(variable)
            .map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn one_trailing_newline_of_a_file_does_not_count() {
        let path = folder("newline").join("secret");
        for (content, secret) in [
            ("s", "s"),
            ("s\n", "s"),
            ("s\r\n", "s"),
            ("s\n\n", "s\n"),
            (" s ", " s "),
        ] {
            fs::write(&path, content).expect("written");
            assert_eq!(read(&SecretRef::File(path.clone()), &[]), Ok(secret.to_owned()));
        }
    }

    #[test]
    fn a_file_is_read_anew_each_time() {
        let path = folder("anew").join("secret");
        let reference = SecretRef::File(path.clone());
        for secret in ["old", "new"] {
            fs::write(&path, secret).expect("written");
            assert_eq!(read(&reference, &[]), Ok(secret.to_owned()));
        }
    }

    #[test]
    fn a_credential_is_a_file_in_the_directory_that_systemd_names() {
        let folder = folder("credential");
        fs::write(folder.join("k2"), "s\n").expect("written");
        let reference = SecretRef::Credential("k2".to_owned());
        assert_eq!(
            read(&reference, &[("CREDENTIALS_DIRECTORY", &folder)]),
            Ok("s".to_owned())
        );
        assert!(read(&reference, &[]).is_err());
    }

    #[test]
    fn a_variable_gives_its_value() {
        let reference = SecretRef::Environment("K2".to_owned());
        assert_eq!(read(&reference, &[("K2", Path::new("s"))]), Ok("s".to_owned()));
        assert!(read(&reference, &[]).is_err());
    }

    #[test]
    fn an_empty_large_binary_or_irregular_file_is_refused_without_naming_it() {
        let folder = folder("canary");
        let write = |name: &str, content: &[u8]| {
            let path = folder.join(name);
            fs::write(&path, content).expect("written");
            path
        };
        let large = usize::try_from(LARGEST).expect("fits") + 1;
        let paths = [
            write("empty", b"\n"),
            write("large", &vec![b'x'; large]),
            write("binary", b"canary\xff"),
            folder.join("missing"),
            folder.clone(),
        ];
        for path in paths {
            let error = read(&SecretRef::File(path.clone()), &[])
                .expect_err("refused")
                .to_string();
            assert!(!error.contains("canary"), "{error}");
        }
    }

    #[test]
    fn debug_shows_the_place_and_never_an_inline_secret() {
        let inline = SecretRef::Inline("canary".to_owned().into());
        assert_eq!(format!("{inline:?}"), "inline (redacted)");
    }
}
