//! A short answer for people, without markup.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// A short answer for people.
pub(super) fn plain(status: StatusCode, message: impl Into<String>) -> Response {
    let headers = [(header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (status, headers, message.into()).into_response()
}
