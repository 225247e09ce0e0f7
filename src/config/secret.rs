//! Where a secret is, and how it is read. Never what it is, in any `Debug`, error or log.

use super::file::{Unread, read_small};
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
    /// A file, read anew before each log-on; newlines around it do not count.
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
pub enum SecretError {
    /// Something is wrong with the secret or its place.
    #[error("{0}")]
    Unusable(String),
    /// Nothing is wrong with it: the process may open no more files.
    #[error("{0}")]
    Shortage(String),
}

impl SecretRef {
    /// The secret as it is now. Reads a small file where it has to; never more than 64 KiB.
    pub fn read(&self) -> Result<SecretString, SecretError> {
        self.read_with(|name| std::env::var_os(name))
    }

    /// What is odd about the secret, for people; never what it is. Nothing where it cannot be read, which is told as that.
    #[must_use]
    pub fn oddities(&self) -> Vec<&'static str> {
        let Ok(secret) = self.read() else { return Vec::new() };
        let mut odd = oddities_of(secret.expose_secret());
        if let Self::File(path) = self
            && is_readable_by_all(path)
        {
            odd.push("can be read by every user of this host: take the right from others (chmod o-r)");
        }
        odd
    }

    fn read_with(&self, variable: impl Fn(&str) -> Option<OsString>) -> Result<SecretString, SecretError> {
        let text = match self {
            Self::File(path) => read_text("the file of the secret", path)?,
            Self::Environment(name) => variable(name)
                .ok_or_else(|| SecretError::Unusable("the environment variable of the secret is not set".to_owned()))?
                .into_string()
                .map_err(|_| SecretError::Unusable("the environment variable of the secret is not UTF-8".to_owned()))?,
            Self::Credential(name) => {
                let directory = variable("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    let message = "$CREDENTIALS_DIRECTORY is not set: run as a systemd service with LoadCredential=";
                    SecretError::Unusable(message.to_owned())
                })?;
                read_text("the systemd credential", &Path::new(&directory).join(name))?
            }
            Self::Inline(secret) => secret.expose_secret().to_owned(),
        };
        if text.is_empty() {
            return Err(SecretError::Unusable("the secret is empty".to_owned()));
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

/// What a person may have pasted along. Signs that no secret begins or ends with are not sent anyway.
fn oddities_of(secret: &str) -> Vec<&'static str> {
    let quoted = |sign: char| secret.len() > 1 && secret.starts_with(sign) && secret.ends_with(sign);
    let schemes = ["bearer ", "basic ", "authorization:"];
    let head: String = secret.chars().take(15).collect::<String>().to_ascii_lowercase();
    let found = [
        (
            quoted('"') || quoted('\''),
            "is in quotation marks, which are sent as a part of it",
        ),
        (
            schemes.iter().any(|scheme| head.starts_with(scheme)),
            "begins with the name of a scheme, such as Bearer, which the exporter adds itself",
        ),
        (
            secret.starts_with(char::is_whitespace) || secret.ends_with(char::is_whitespace),
            "begins or ends with a space, which is sent as a part of it",
        ),
        (
            secret.contains(['\n', '\r']),
            "has more than one line, all of which are sent",
        ),
        (
            secret
                .chars()
                .any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r')),
            "holds a control character",
        ),
    ];
    found
        .into_iter()
        .filter(|(is_so, _)| *is_so)
        .map(|(_, odd)| odd)
        .collect()
}

fn is_readable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o004 != 0)
}

/// A file's text without what no secret begins or ends with: newlines, which editors and `echo` leave, other control
/// characters, and the mark with which some editors begin.
fn read_text(what: &str, path: &Path) -> Result<String, SecretError> {
    let bytes = read_small(path, LARGEST).map_err(|unread| unusable(what, &unread))?;
    let text = String::from_utf8(bytes).map_err(|_| SecretError::Unusable(format!("{what} is not UTF-8")))?;
    let nobodys = |sign: char| sign.is_control() || sign == '\u{feff}';
    Ok(text.trim_matches(nobodys).to_owned())
}

fn unusable(what: &str, unread: &Unread) -> SecretError {
    let message = format!("{what} cannot be read: {unread}");
    if unread.is_shortage {
        SecretError::Shortage(message)
    } else {
        SecretError::Unusable(message)
    }
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
    fn what_no_secret_begins_or_ends_with_is_not_sent() {
        let path = folder("newline").join("secret");
        for (content, secret) in [
            ("s", "s"),
            ("s\n", "s"),
            ("s\r\n", "s"),
            ("s\n\n", "s"),
            ("\u{feff}s\r\n\t\0", "s"),
            ("a\nb\n", "a\nb"),
            (" s ", " s "),
        ] {
            fs::write(&path, content).expect("written");
            assert_eq!(read(&SecretRef::File(path.clone()), &[]), Ok(secret.to_owned()));
        }
    }

    #[test]
    fn what_is_odd_is_told_and_never_the_secret() {
        for (secret, odd) in [
            ("\"canary\"", "quotation marks"),
            ("'canary'", "quotation marks"),
            ("Bearer canary", "scheme"),
            ("Authorization: canary", "scheme"),
            (" canary", "space"),
            ("canary ", "space"),
            ("can\nary", "more than one line"),
            ("can\u{1b}ary", "control character"),
        ] {
            let said = oddities_of(secret).join("; ");
            assert!(said.contains(odd) && !said.contains("canary"), "{secret:?}: {said}");
        }
        assert_eq!(oddities_of("pa$$ \"w/rd+1"), Vec::<&str>::new());
    }

    #[test]
    fn a_file_that_every_user_may_read_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let path = folder("mode").join("secret");
        fs::write(&path, "s").expect("written");
        for (mode, told) in [(0o600, 0), (0o640, 0), (0o644, 1)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            assert_eq!(SecretRef::File(path.clone()).oddities().len(), told, "{mode:o}");
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
    fn a_shortage_of_descriptors_is_no_fault_of_the_secret() {
        for (number, is_shortage) in [(2, false), (13, false), (23, true), (24, true)] {
            let error = unusable("the file", &Unread::from(&std::io::Error::from_raw_os_error(number)));
            assert_eq!(matches!(error, SecretError::Shortage(_)), is_shortage, "{error}");
            assert_eq!(error.to_string().contains("LimitNOFILE="), is_shortage, "{error}");
        }
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
