//! Counts each request by its route and the status of its answer. Knows no path: a request that no route takes is `other`, so
//! that no client can make series.

use crate::metrics::HttpMetrics;
use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;

pub(super) async fn tally(
    State(requests): State<HttpMetrics>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let response = next.run(request).await;
    let handler = route.as_ref().map_or("other", MatchedPath::as_str);
    requests.answered(handler, response.status().as_u16(), began.elapsed());
    response
}
