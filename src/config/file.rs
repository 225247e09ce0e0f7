//! Reading a small file whole: bounded, and only a regular one, so that no device or pipe can fill memory or never end.
//!
//! Called for certificates and secrets. Its errors say what is wrong, not which file: a path in the configuration can be
//! a password that was put under the wrong key.

use std::{fs::File, io::Read, path::Path};

/// The content of `path`, or what is wrong with it.
pub(crate) fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| reason(&error))?;
    if !metadata.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let file = File::open(path).map_err(|error| reason(&error))?;
    let mut content = Vec::new();
    let read = file.take(limit + 1).read_to_end(&mut content);
    if read.map_err(|error| reason(&error))? as u64 > limit {
        return Err(format!("it is larger than {limit} bytes"));
    }
    Ok(content)
}

/// The kind of an I/O error, in words; the error itself could name the path.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "it does not exist".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        kind => kind.to_string(),
    }
}
