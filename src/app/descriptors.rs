//! How many files the process may open. Called by `app` before anything is polled.

use crate::server;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are neither an array's connection nor a client's: secrets, the state file, logs, the runtime's own.
const OTHERS: usize = 64;

/// Raises the limit, as far as the process itself may, to what it may need: two connections for each array, and all
/// clients. Says so where that is not enough.
pub(super) fn provide(arrays: usize) {
    let needed = (2 * arrays + server::Limits::default().max_connections + OTHERS) as u64;
    let limit = getrlimit(Resource::Nofile);
    let Some(soft) = limit.current.filter(|soft| *soft < needed) else {
        return;
    };
    let wanted = limit.maximum.map_or(needed, |hard| hard.min(needed));
    let raised = Rlimit {
        current: Some(wanted),
        ..limit
    };
    let allowed = setrlimit(Resource::Nofile, raised).map_or(soft, |()| wanted);
    if allowed < needed {
        tracing::warn!(
            allowed,
            needed,
            arrays,
            "the process may open too few files: raise LimitNOFILE= or ulimit -n, or some polls and scrapes will fail"
        );
    }
}
