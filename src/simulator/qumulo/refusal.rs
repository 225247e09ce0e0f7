//! The error answers of the API. The shape is documented; the classes are in the vendor's style, and bodies of 401 and 403
//! are not public, so nobody should decide by them. Made by `routes`, `session` and `operations`.

use crate::simulator::device::Answer;
use hyper::StatusCode;
use serde_json::json;

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    class: &'static str,
    description: String,
}

impl Refusal {
    pub(crate) fn unauthenticated() -> Self {
        let description = "Need to log in first to establish credentials.";
        Self::new(StatusCode::UNAUTHORIZED, "auth_invalid_credentials_error", description)
    }

    pub(crate) fn forbidden(right: &str) -> Self {
        let description = format!("{right} is required.");
        Self::new(StatusCode::FORBIDDEN, "auth_not_authorized_error", description)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "rest_not_found_error",
            format!("{what} not found."),
        )
    }

    pub(crate) fn method() -> Self {
        let description = "The method is not allowed here.";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "rest_method_not_allowed_error",
            description,
        )
    }

    pub(crate) fn malformed(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "rest_invalid_request_error", description)
    }

    /// The relationship is in no condition for this.
    pub(crate) fn conflict(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "replication_invalid_state_error", description)
    }

    fn new(status: StatusCode, class: &'static str, description: impl Into<String>) -> Self {
        Self {
            status,
            class,
            description: description.into(),
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        let body = json!({
            "module": "/simulator/rest",
            "error_class": self.class,
            "description": self.description,
            "stack": [],
            "user_visible": true,
        });
        Answer::json(self.status, &body)
    }
}
