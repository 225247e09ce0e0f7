//! Which path is answered by what, and what stands around all of them: the one function that makes the site.

use super::{Web, discovery, lifecycle, plain::plain, protect::protect, scrape, site::Site, status, tally::tally};
use crate::{
    metrics::{Exposition, HttpMetrics, Inventory},
    reload::Trigger,
    settings::Links,
};
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// What is served.
pub struct Offer {
    /// What is known of the arrays.
    pub exposition: Arc<dyn Exposition>,
    /// Which arrays there are.
    pub inventory: Arc<dyn Inventory>,
    /// Bases of links.
    pub links: Links,
    /// How many scrapes and pages are answered at a time; 0: no limit.
    pub max_requests: usize,
    /// Cancelled once what a former run knew is loaded. Until then only `/-/healthy` answers; everything else waits, so that no
    /// scrape sees arrays without their facts.
    pub loaded: CancellationToken,
    /// Who is asked for a reload; `None`: nobody may.
    pub reload: Option<Trigger>,
    /// Where requests are counted; `None`: nowhere.
    pub requests: Option<HttpMetrics>,
}

impl Offer {
    /// What `known` knows, without limit, links or reload.
    pub fn of<T: Exposition + Inventory>(known: Arc<T>) -> Self {
        Self {
            exposition: known.clone(),
            inventory: known,
            links: Links::default(),
            max_requests: 0,
            loaded: loaded(),
            reload: None,
            requests: None,
        }
    }
}

/// Every route, behind what `web` asks for.
pub fn router(offer: Offer, web: &Arc<Web>) -> Router {
    let requests = offer.requests.clone();
    let site = Arc::new(Site::new(offer, web.is_tls()));
    let router = Router::new()
        .route("/", get(status::page))
        .route("/pair", get(status::pair))
        .route("/api/v1/status", get(status::json))
        .route("/metrics", get(scrape::metrics))
        .route("/sd", get(discovery::groups))
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .route("/-/reload", post(lifecycle::reload).put(lifecycle::reload))
        .fallback(not_found)
        .with_state(site.clone());
    let waits_for = site.offer.loaded.clone();
    let router = router.layer(middleware::from_fn_with_state(waits_for, wait_until_loaded));
    // Around every route: a route that came after it would stand open.
    let router = protect(router, web);
    // What is refused is seen too.
    let router = router.layer(middleware::from_fn_with_state(site, say_not_ready));
    match requests {
        Some(requests) => router.layer(middleware::from_fn_with_state(requests, tally)),
        None => router,
    }
}

fn loaded() -> CancellationToken {
    let loaded = CancellationToken::new();
    loaded.cancel();
    loaded
}

async fn wait_until_loaded(State(loaded): State<CancellationToken>, request: Request, next: Next) -> Response {
    if request.uri().path() != "/-/healthy" {
        loaded.cancelled().await;
    }
    next.run(request).await
}

/// Who is refused at `/-/ready`, for want of a password or by the rate limit, is still told by the status whether it is not
/// ready: `healthcheck --ready` has no password.
async fn say_not_ready(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let is_asked = request.uri().path() == "/-/ready";
    let mut response = next.run(request).await;
    let is_refused = matches!(
        response.status(),
        StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS
    );
    if is_asked && is_refused && !site.is_ready() {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}

async fn healthy() -> Response {
    plain(StatusCode::OK, "replication_exporter is healthy\n")
}

async fn ready(State(site): State<Arc<Site>>) -> Response {
    if site.is_ready() {
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
