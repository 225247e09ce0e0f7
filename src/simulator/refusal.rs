//! Why a simulated array does not do what it was asked. How the answer looks is the vendor's: bodies of 401 and 403 are not
//! public, so nobody should decide by them.

use hyper::StatusCode;

/// Why a request was not done.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The same for a bad password and for a session that has ended: the kind of request tells them apart.
    #[error("Need to log in first to establish credentials.")]
    Unauthenticated,
    /// This right is missing.
    #[error("{0} is required.")]
    Forbidden(String),
    /// There is no such thing.
    #[error("{0} not found.")]
    NotFound(&'static str),
    #[error("The method is not allowed here.")]
    Method,
    #[error("A Content-Length is required.")]
    LengthRequired,
    #[error("Too many requests.")]
    TooMany,
    /// The request is none.
    #[error("{0}")]
    Malformed(String),
    /// What it is asked of is in no condition for it.
    #[error("{0}")]
    Conflict(String),
}

impl Refusal {
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::Malformed(message.into())
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict(message.into())
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::LengthRequired => StatusCode::LENGTH_REQUIRED,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Malformed(_) | Self::Conflict(_) => StatusCode::BAD_REQUEST,
        }
    }
}
