//! Which path is answered by what. One line per route; the answers are elsewhere.

use super::{gzip::GzipCache, scrape, status};
use crate::metrics::Exposition;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What every handler may use.
pub(super) struct Site {
    pub(super) exposition: Arc<dyn Exposition>,
    pub(super) gzip: GzipCache,
    max_requests: usize,
    /// `None`: no limit.
    requests: Option<Arc<Semaphore>>,
}

impl Site {
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
                self.max_requests
            );
            plain(StatusCode::SERVICE_UNAVAILABLE, message)
        })
    }
}

/// Every route, answering from `exposition`, at most `max_requests` scrapes and pages at a time (0: no limit).
pub fn router(exposition: Arc<dyn Exposition>, max_requests: usize) -> Router {
    let site = Site {
        exposition,
        gzip: GzipCache::default(),
        max_requests,
        requests: (max_requests > 0).then(|| Arc::new(Semaphore::new(max_requests.min(Semaphore::MAX_PERMITS)))),
    };
    Router::new()
        .route("/", get(status::page))
        .route("/api/v1/status", get(status::json))
        .route("/metrics", get(scrape::metrics))
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .fallback(not_found)
        .with_state(Arc::new(site))
}

/// A short answer for people.
pub(super) fn plain(status: StatusCode, message: impl Into<String>) -> Response {
    let headers = [(header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, headers, message.into()).into_response()
}

async fn healthy() -> Response {
    plain(StatusCode::OK, "replication_exporter is healthy\n")
}

async fn ready(State(site): State<Arc<Site>>) -> Response {
    if site.exposition.ready() {
        plain(StatusCode::OK, "replication_exporter is ready\n")
    } else {
        plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "not ready: not every array was attempted yet\n",
        )
    }
}

async fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "not found\n")
}
