//! Work that may take long, kept off the async workers. Called where large answers are read and where a poll is taken in.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Does `work` so that what else its worker had to do, scrapes among it, goes on elsewhere.
pub(crate) fn off_the_workers<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
