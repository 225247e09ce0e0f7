//! Reading a small file whole: bounded, and only a regular one, so that no device or pipe can fill memory or never end.
//!
//! Called for certificates and secrets. Its errors say what is wrong, not which file: a path in the configuration can be
//! a password that was put under the wrong key.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Why a file could not be read, in words.
#[derive(Debug)]
pub(crate) struct Unread {
    words: String,
    /// Nothing is wrong with the file: the process, or the host, may open no more.
    pub(crate) is_shortage: bool,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

impl From<&io::Error> for Unread {
    fn from(error: &io::Error) -> Self {
        Self {
            words: reason(error),
            is_shortage: is_shortage(error),
        }
    }
}

/// What a shortage of descriptors is called, with its remedy.
pub(crate) const SHORTAGE: &str = "the exporter may open no more files: raise LimitNOFILE= or ulimit -n";

/// Whether the process, or the host, may open no more files or connections.
pub(crate) fn is_shortage(error: &io::Error) -> bool {
    // ENFILE and EMFILE, on every Unix; the standard library has no kind for them.
    matches!(error.raw_os_error(), Some(23 | 24))
}

/// The content of `path`, or what is wrong with it.
pub(crate) fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, Unread> {
    let other = |words: String| Unread {
        words,
        is_shortage: false,
    };
    let metadata = std::fs::metadata(path).map_err(|error| Unread::from(&error))?;
    if !metadata.is_file() {
        return Err(other("it is not a regular file".to_owned()));
    }
    let file = File::open(path).map_err(|error| Unread::from(&error))?;
    let mut content = Vec::new();
    let read = file.take(limit + 1).read_to_end(&mut content);
    if read.map_err(|error| Unread::from(&error))? as u64 > limit {
        return Err(other(format!("it is larger than {limit} bytes")));
    }
    Ok(content)
}

/// The kind of an I/O error, in words; the error itself could name the path.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ if is_shortage(error) => SHORTAGE.to_owned(),
        kind => kind.to_string(),
    }
}
