//! Keeps the store's facts in the file: one process at a time, only when a fact changed, off the async workers.

use super::{Departed, Document, FileFacts, place};
use crate::store::Store;
use sha2::{Digest, Sha256};
use std::{io, path::PathBuf, sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The least time between two writes.
const PERIOD: Duration = Duration::from_secs(10);
/// The time before the first: a start brings facts at once.
const FIRST: Duration = Duration::from_secs(2);
/// How old what moves with every poll may be in the file.
const MOVING_PERIOD: Duration = Duration::from_mins(5);

/// Who writes one state file.
#[derive(Debug)]
pub struct Keeper {
    path: PathBuf,
    store: Arc<Store>,
    departed: Arc<Departed>,
    /// Leave to write.
    lock: Option<place::Lock>,
    /// Whether it was said that another process has it.
    told: bool,
    written: Option<Written>,
    failing: bool,
}

/// What is in the file.
#[derive(Debug)]
struct Written {
    at: Instant,
    /// Of all that is no moving value.
    digest: [u8; 32],
}

impl Keeper {
    /// Nothing is read or written yet.
    #[must_use]
    pub fn new(path: PathBuf, store: Arc<Store>, departed: Arc<Departed>) -> Self {
        Self {
            path,
            store,
            departed,
            lock: None,
            told: false,
            written: None,
            failing: false,
        }
    }

    /// What a former run or another process wrote, read before the first poll. Blocks.
    pub(super) fn open(&mut self) -> FileFacts {
        // A lock that cannot be had now is told, and tried for again, when there is something to write.
        self.lock = place::Lock::take(&self.path).unwrap_or_default();
        FileFacts::load(&self.path, self.lock.is_some())
    }

    /// Writes whenever a fact changed, until `stop`, and once more then.
    pub async fn keep(mut self, stop: CancellationToken) {
        let mut wait = FIRST;
        loop {
            let stopping = tokio::select! {
                () = tokio::time::sleep(wait) => false,
                () = stop.cancelled() => true,
            };
            wait = PERIOD;
            let round = tokio::task::spawn_blocking(move || {
                self.round(stopping);
                self
            });
            match round.await {
                Ok(keeper) if !stopping => self = keeper,
                Ok(_) => return,
                Err(error) => {
                    tracing::error!(%error, "facts are no longer written to the state file");
                    return;
                }
            }
        }
    }

    fn round(&mut self, last: bool) {
        match self.write_what_changed(last) {
            Ok(false) => {}
            Ok(true) => {
                if std::mem::take(&mut self.failing) {
                    tracing::info!(path = %self.path.display(), "the state file is written again");
                }
                let now = self.store.clock().now();
                self.store.exporter().state_file_written(now);
            }
            Err(error) => {
                self.store.exporter().state_file_failed();
                if !std::mem::replace(&mut self.failing, true) {
                    tracing::error!(
                        path = %self.path.display(), %error,
                        "the state file cannot be written: facts would not survive a restart"
                    );
                }
            }
        }
    }

    /// Whether the file was written.
    fn write_what_changed(&mut self, last: bool) -> io::Result<bool> {
        if !self.may_write()? {
            return Ok(false);
        }
        let document = Document::of(&self.store, &self.departed);
        let digest = Sha256::digest(document.steady_text()?).into();
        let due = self.written.as_ref().is_none_or(|written| {
            written.digest != digest || last || self.failing || written.at.elapsed() >= MOVING_PERIOD
        });
        if due {
            place::write(&self.path, &document.text()?)?;
            let at = Instant::now();
            self.written = Some(Written { at, digest });
        }
        Ok(due)
    }

    fn may_write(&mut self) -> io::Result<bool> {
        if self.lock.is_some() {
            return Ok(true);
        }
        self.lock = place::Lock::take(&self.path)?;
        if self.lock.is_some() {
            if self.told {
                tracing::info!(path = %self.path.display(), "the other process is gone: facts are written to the state file from now on");
            }
            FileFacts::load(&self.path, true).hand_over(&self.store, &self.departed);
        } else if !std::mem::replace(&mut self.told, true) {
            tracing::error!(
                path = %self.path.display(),
                "another process writes this state file: facts of this one would not survive a restart; give each its own"
            );
        }
        Ok(self.lock.is_some())
    }
}
