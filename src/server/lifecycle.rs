//! `/-/reload`: asks for a reload and says what became of it. What a reload does is `reload`'s.

use super::routes::plain;
use crate::reload::Trigger;
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::post};

/// The route. Without a `trigger` it is forbidden, as in Prometheus without `--web.enable-lifecycle`.
pub fn lifecycle(trigger: Option<Trigger>) -> Router {
    Router::new()
        .route("/-/reload", post(reload).put(reload))
        .with_state(trigger)
}

async fn reload(State(trigger): State<Option<Trigger>>) -> Response {
    let Some(trigger) = trigger else {
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
