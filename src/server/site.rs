//! What every handler may use: what is served, what was compressed, and the limit of requests.

use super::{gzip::GzipCache, plain::plain, routes::Offer};
use axum::{http::StatusCode, response::Response};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What every handler may use.
pub(super) struct Site {
    pub(super) offer: Offer,
    /// Whether clients speak TLS.
    pub(super) tls: bool,
    pub(super) gzip: GzipCache,
    /// `None`: no limit.
    requests: Option<Arc<Semaphore>>,
}

impl Site {
    pub(super) fn new(offer: Offer, tls: bool) -> Self {
        let limit = offer.max_requests.min(Semaphore::MAX_PERMITS);
        Self {
            offer,
            tls,
            gzip: GzipCache::default(),
            requests: (limit > 0).then(|| Arc::new(Semaphore::new(limit))),
        }
    }

    /// Whether every array was attempted once.
    pub(super) fn is_ready(&self) -> bool {
        self.offer.loaded.is_cancelled() && self.offer.exposition.ready()
    }

    /// Leave to answer one more expensive request, or the answer that says no.
    #[expect(
        clippy::result_large_err,
        reason = "the refusal is the response itself, sent at once"
    )]
    pub(super) fn permit(&self) -> Result<Option<OwnedSemaphorePermit>, Response> {
        let Some(requests) = &self.requests else {
            return Ok(None);
        };
        Arc::clone(requests).try_acquire_owned().map(Some).map_err(|_| {
            let message = format!(
                "Limit of concurrent requests reached ({}), try again later.\n",
                self.offer.max_requests
            );
            plain(StatusCode::SERVICE_UNAVAILABLE, message)
        })
    }
}
