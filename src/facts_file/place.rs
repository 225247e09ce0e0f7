//! The state file's place on disk: who may write it, and how it is written so that it is old or new and never half. Knows
//! nothing of what is in it. Blocks.

use std::{
    ffi::OsString,
    fs::{self, File, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Leave to write a state file, for one process at a time. Given up at the end of the process, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Leave to write `path`; `None` while another has it.
    pub(super) fn take(path: &Path) -> io::Result<Option<Self>> {
        // Not the state file itself, which is another file after each write.
        let beside = with_suffix(path, ".lock");
        let file = open_private(&beside)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                tracing::warn!(path = %beside.display(), "the file system knows no locks: let no second process use this state file");
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        remove_remains(path);
        Ok(Some(Self { _file: file }))
    }

    /// Whether some process has it. Takes it for a moment, so not for a process that keeps facts itself.
    pub(super) fn is_taken(path: &Path) -> bool {
        let file = File::open(with_suffix(path, ".lock"));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

/// Writes beside the file and renames. Readable by its owner alone; what was begun is removed when it fails.
pub(super) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut beside = tempfile::Builder::new()
        .prefix(&remains_prefix(path))
        .tempfile_in(folder(path))?;
    beside.write_all(text)?;
    beside.as_file().sync_all()?;
    beside.persist(path)?;
    Ok(())
}

/// Whether a file could be written there. Leaves nothing behind.
pub(super) fn is_writable(path: &Path) -> io::Result<()> {
    tempfile::tempfile_in(folder(path)).map(drop)
}

/// Where a file goes that cannot be read.
pub(super) fn aside(path: &Path) -> PathBuf {
    path.with_extension("damaged")
}

/// What a process left that was killed while it wrote.
fn remains_prefix(path: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".new-");
    prefix
}

fn remove_remains(path: &Path) {
    let prefix = remains_prefix(path);
    for entry in fs::read_dir(folder(path)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            // One that cannot be removed does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn open_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> = entries
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn one_at_a_time_may_write() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("facts.json");
        assert!(!Lock::is_taken(&path));
        let first = Lock::take(&path).expect("a lock").expect("is free");
        assert!(Lock::take(&path).expect("a lock").is_none());
        assert!(Lock::is_taken(&path));
        drop(first);
        assert!(!Lock::is_taken(&path));
        assert!(Lock::take(&path).expect("a lock").is_some());
    }

    #[test]
    fn a_written_file_is_its_owners_alone_and_the_only_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("facts.json");
        fs::write(&path, "old").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("set");
        write(&path, b"new").expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"new");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(names(folder.path()), ["facts.json"]);
    }

    #[test]
    fn a_write_that_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        // A folder cannot be replaced by a file.
        let path = folder.path().join("facts.json");
        fs::create_dir(&path).expect("a folder");
        write(&path, b"new").expect_err("a folder is in the way");
        assert_eq!(names(folder.path()), ["facts.json"]);
    }

    #[test]
    fn remains_of_a_killed_process_are_removed_by_the_next_writer() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("facts.json");
        fs::write(folder.path().join(".facts.json.new-x1"), "half").expect("written");
        fs::write(folder.path().join("other.json"), "whole").expect("written");
        let _lock = Lock::take(&path).expect("a lock").expect("is free");
        assert_eq!(names(folder.path()), ["facts.json.lock", "other.json"]);
    }
}
