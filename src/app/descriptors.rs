//! How many files the process may open, and whose they are. Called by `app` before anything is polled.

use crate::{server, source::outgoing};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are neither an array's connection nor a client's: secrets, the state file, logs, the runtime's own.
const OTHERS: usize = 64;
/// Neither side gets less than this, however little there is.
const LEAST: usize = 8;

/// Raises the limit as far as the process itself may, and divides what there is: where it is not enough for every array and
/// all clients, that is told, each gets its share, and the arrays wait for their turn. Gives the connections of clients.
pub(super) fn divide(arrays: usize) -> usize {
    let clients = server::Limits::default().max_connections;
    let needed = outgoing::PER_ARRAY * arrays + clients + OTHERS;
    let Some(allowed) = raise() else { return clients };
    if allowed < needed {
        tracing::warn!(
            allowed,
            needed,
            arrays,
            "the process may open too few files: raise LimitNOFILE= or ulimit -n, or some polls and scrapes will wait"
        );
    }
    let left = allowed.saturating_sub(OTHERS);
    let clients = clients.min(left / 2).max(LEAST);
    outgoing::limit(left.saturating_sub(clients).max(LEAST));
    clients
}

/// The limit, as high as it goes; `None`: there is none.
fn raise() -> Option<usize> {
    let limit = getrlimit(Resource::Nofile);
    let soft = limit.current?;
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let allowed = if setrlimit(Resource::Nofile, raised).is_ok() {
        limit.maximum?
    } else {
        soft
    };
    usize::try_from(allowed).ok()
}
