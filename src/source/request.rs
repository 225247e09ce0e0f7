//! One request as a vendor's folder asks for it, and one answer as it gets it. No I/O: `client.rs` sends, `session.rs`
//! decides what an answer means.

use super::Error;
use crate::model::{self, shown::QUOTE};
use bytes::Bytes;
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use std::{fmt::Display, time::Duration};

/// The kind of document that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// The body does not matter.
    Any,
}

impl Media {
    /// The one value of the `Accept` header.
    pub(super) fn accept(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
            Self::Any => "*/*",
        }
    }

    /// Whether an answer of this `Content-Type` can be such a document. A missing one is left to the parser.
    pub(super) fn fits(self, content_type: Option<&HeaderValue>) -> bool {
        let Some(content_type) = content_type else { return true };
        let full = content_type.to_str().unwrap_or_default().to_ascii_lowercase();
        let kind = full.split(';').next().unwrap_or_default().trim();
        match self {
            Self::Json => kind == "application/json" || kind == "text/json" || kind.ends_with("+json"),
            Self::Xml => {
                kind == "application/xml" || kind == "text/xml" || kind.ends_with("+xml") && !kind.contains("html")
            }
            Self::Any => true,
        }
    }
}

/// A request to one of an array's addresses.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, but for the session's own log-on and log-off.
    pub method: Method,
    /// From the root of the address, with its query; begins with `/`.
    pub path: String,
    /// Beside those that the client and the session add.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Only a log-on has one.
    pub body: Option<Bytes>,
    /// What a successful answer must be.
    pub expects: Media,
}

impl Request {
    /// A `GET`, which is all that ever reads data.
    pub fn get(path: impl Into<String>, expects: Media) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            expects,
        }
    }

    /// The path without its query: what a message may show.
    pub fn shown_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

/// What came back, whatever its status (a redirect is an error before this).
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Decompressed, and never longer than `max_body`.
    pub body: Bytes,
    /// Method, address and path, for messages.
    pub what: String,
    /// The server's clock minus the exporter's, by the `Date` header; good to about a second.
    pub clock_skew_seconds: Option<f64>,
    /// How long the array asked to be left alone, within limits.
    pub retry_after: Option<Duration>,
    /// Whether it held bytes that are no UTF-8, which were replaced.
    pub is_mended: bool,
}

impl Answer {
    /// An error about this answer.
    pub fn error(&self, reason: super::Reason, message: &str) -> Error {
        let mut error = Error::new(reason, format!("{}: {message}", self.what));
        error.retry_after = self.retry_after;
        error
    }
}

/// A vendor's short text, made safe for a message.
#[must_use]
pub fn shown(text: &str) -> String {
    model::shown::shown(text, QUOTE)
}

/// A library's words, made safe for a message, without the links to its own pages, which are of no use to an operator.
pub fn words_of<E: Display + ?Sized>(error: &E) -> String {
    let words = error.to_string();
    let kept = words
        .split_whitespace()
        .filter(|word| !word.contains("http://") && !word.contains("https://"));
    let kept = kept.collect::<Vec<_>>().join(" ");
    shown(kept.trim_end_matches([':', ';', ',', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_library_are_told_without_its_links() {
        let words = "peer is incompatible: x: https://docs.rs/rustls/latest/manual/";
        assert_eq!(words_of(words), "peer is incompatible: x");
    }

    #[test]
    fn a_web_page_is_no_document() {
        for (media, content_type, fits) in [
            (Media::Json, "application/json; charset=utf-8", true),
            (Media::Json, "application/problem+json", true),
            (Media::Json, "text/html", false),
            (Media::Xml, "text/xml", true),
            (Media::Xml, "application/xhtml+xml", false),
            (Media::Xml, "application/json", false),
            (Media::Any, "text/html", true),
        ] {
            let value = HeaderValue::from_static(content_type);
            assert_eq!(media.fits(Some(&value)), fits, "{media:?} {content_type}");
        }
        assert!(Media::Json.fits(None));
    }

    #[test]
    fn a_message_is_one_short_line() {
        let text = shown(&format!("a\nb\u{1b}[2J\u{202e}{}", "x".repeat(1000)));
        assert!(text.chars().count() < 230);
        assert!(text.starts_with("a b\u{fffd}[2J\u{fffd}x"), "{text}");
    }
}
