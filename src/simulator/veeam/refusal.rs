//! The error answers of the API, in the recorded shape: an `Error` element that repeats the status. Bodies of 401 and 403 are
//! not public, so nobody should decide by them. Made by `routes`, `session` and `query`.

use super::wire;
use crate::simulator::device::Answer;
use hyper::{StatusCode, header::WWW_AUTHENTICATE};

/// Why a request was not done.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    /// The same for a bad password and for a session that has ended: the kind of request tells them apart.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Access is denied.")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "The role of the user does not permit this.")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "The resource was not found.")
    }

    pub(crate) fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed here.")
    }

    /// http.sys says this of a POST without a length, before the manager sees it.
    pub(crate) fn length_required() -> Self {
        Self::new(StatusCode::LENGTH_REQUIRED, "A Content-Length is required.")
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }

    pub(crate) fn answer(&self) -> Answer {
        let answer = wire::answer(self.status, &wire::error(self.status.as_u16(), &self.message));
        if self.status == StatusCode::UNAUTHORIZED {
            answer.with_header(WWW_AUTHENTICATE, "Basic Realm=RestSvc")
        } else {
            answer
        }
    }
}
