//! The error answers of the API: `{"error_msg": "..."}`, as the vendor's own clients read it. Made by `access`, `routes`,
//! `query` and `operations`.

use crate::simulator::device::Answer;
use hyper::{StatusCode, header::WWW_AUTHENTICATE};
use serde_json::json;

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Authentication required.")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "The user's role does not permit this action.")
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} does not exist."))
    }

    pub(crate) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed here.")
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The transient 400 that the vendor's clients retry.
    pub(crate) fn busy() -> Self {
        Self::bad("MC_ERR_BUSY: The system is busy, try again later.")
    }

    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        let answer = Answer::json(self.status, &json!({ "error_msg": self.message }));
        if self.status == StatusCode::UNAUTHORIZED {
            // Clients that wait for a challenge before they send a password find this one.
            return answer.with_header(WWW_AUTHENTICATE, "Basic realm=\"K2\"");
        }
        answer
    }
}
