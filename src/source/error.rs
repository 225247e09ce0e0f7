//! Why a section failed: a bounded reason for metrics, and a sentence for people.

use crate::model::{Section, words};
use std::{fmt, time::Duration};

words! {
    /// Why a section failed, as in the `reason` label. Named by what the operator does about it.
    Reason {
        /// The credentials were refused: check user, password or token.
        Auth = "auth",
        /// The answer passed `max_body`: raise it, or find out who answers.
        BodyTooLarge = "body_too_large",
        /// No connection, or it broke: check address, network, array.
        Connect = "connect",
        /// Not the kind of document that was asked for: something else answers at this address.
        ContentType = "content_type",
        /// A right is missing: see the documented least privileges.
        Forbidden = "forbidden",
        /// Another HTTP status than success.
        HttpStatus = "http_status",
        /// A shortage or a fault of the exporter itself: do what the message says, or report it.
        Internal = "internal",
        /// The answer could not be read: report it, with a recording.
        Parse = "parse",
        /// The array answered with a redirect, which is never followed: correct the URL.
        Redirect = "redirect",
        /// The array asks for patience.
        Throttled = "throttled",
        /// No answer in time.
        Timeout = "timeout",
        /// The array's certificate was not accepted, or no common TLS version.
        Tls = "tls",
        /// The array does not have this API: its software is too old, or it is another product.
        Unsupported = "unsupported",
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a section failed. The message names endpoint and path and holds no secret, no query and no body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The bounded reason.
    pub reason: Reason,
    /// What happened, for people.
    pub message: String,
    /// How long the array asked to be left alone.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// An error with its reason and a sentence.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
            retry_after: None,
        }
    }

    /// The fault of a poll that never came back or panicked.
    #[must_use]
    pub fn internal(section: Section, message: &str) -> Self {
        Self::new(Reason::Internal, format!("{section}: {message}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_in_the_order_of_their_words() {
        assert!(Reason::ALL.windows(2).all(|pair| pair[0].word() < pair[1].word()));
    }
}
