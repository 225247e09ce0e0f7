//! `/-/reload`: asks for a reload and says what became of it. What a reload does is the fleet's.

use super::{plain::plain, site::Site};
use axum::{extract::State, http::StatusCode, response::Response};
use std::sync::Arc;

/// Where nobody may ask it is forbidden, as in Prometheus without `--web.enable-lifecycle`.
pub(super) async fn reload(State(site): State<Arc<Site>>) -> Response {
    let Some(trigger) = &site.offer.reload else {
        return plain(
            StatusCode::FORBIDDEN,
            "the lifecycle API is not enabled: start with --web.enable-lifecycle\n",
        );
    };
    match trigger.reload().await {
        Ok(summary) => plain(StatusCode::OK, format!("reloaded: {summary}\n")),
        Err(error) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("not reloaded, the former configuration goes on:\n{error}\n"),
        ),
    }
}
