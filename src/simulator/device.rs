//! What a simulated array is to the rest of the simulator: something that turns a request into an answer.
//!
//! Vendor-neutral, and without I/O: a device neither listens nor sleeps. The vendors' folders implement [`Device`];
//! `serve.rs` calls it; `mod.rs` sets the stage for it.

use super::{dice::Dice, fault::FaultBoard, scenario::Scenario};
use crate::{config::Vendor, model::Timestamp};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hyper::{
    HeaderMap, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue},
};
use std::sync::Arc;

/// A simulated array.
pub(crate) trait Device: Send + Sync {
    /// Answers one request. `now` is the true time; faults (a skewed clock among them) are on the stage's board.
    fn answer(&self, request: &Request, now: Timestamp) -> Answer;

    /// Ends every session, as a restart of the array's API does; the next use of one is refused.
    fn expire_sessions(&self);
}

/// A request as a device sees it.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    /// A header's text, or "".
    pub(crate) fn header(&self, name: impl hyper::header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The pairs of the query, decoded.
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// User and password of HTTP Basic. The password may hold colons, the user may not.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header(AUTHORIZATION).strip_prefix("Basic ")?;
        let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some((user.to_owned(), password.to_owned()))
    }
}

/// An answer as a device gives it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A status and nothing else.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    /// A body of some type.
    pub(crate) fn body(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let answer = Self {
            body: body.into(),
            ..Self::empty(status)
        };
        answer.with_header(CONTENT_TYPE, content_type)
    }

    /// A JSON document.
    pub(crate) fn json(status: StatusCode, document: &serde_json::Value) -> Self {
        Self::body(status, "application/json", document.to_string())
    }

    /// The same with one more header; what cannot be a header's value is left out.
    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// What a vendor builds its arrays from.
pub(crate) struct Stage {
    /// Whose arrays these are.
    pub(crate) vendor: Vendor,
    /// When the world begins.
    pub(crate) start: Timestamp,
    /// How much shorter every period is.
    pub(crate) pace: Pace,
    /// The world's chance.
    pub(crate) dice: Dice,
    /// The story.
    pub(crate) scenario: &'static Scenario,
    /// Arrays per vendor.
    pub(crate) arrays: usize,
    /// Relationships per pair of arrays.
    pub(crate) relationships: usize,
    /// The faults of every array.
    pub(crate) faults: Arc<FaultBoard>,
}

/// How much faster than real the world lives. Never touches its clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace(pub(crate) f64);

impl Pace {
    /// How many real seconds a period of `nominal` seconds takes.
    pub(crate) fn seconds(self, nominal: f64) -> f64 {
        nominal / self.0
    }
}

/// An array ready to be served.
pub(crate) struct Blueprint {
    /// Its name in the configuration, in faults and in the log.
    pub(crate) name: String,
    pub(crate) vendor: Vendor,
    pub(crate) credentials: SimulatedCredentials,
    pub(crate) device: Arc<dyn Device>,
}

/// The log-ins that a simulated array accepts. Made up by the simulator: no secret of anybody's.
#[derive(Clone, Debug)]
pub struct SimulatedCredentials {
    /// The least-privileged user that the exporter is meant to be.
    pub username: String,
    /// Its password.
    pub password: String,
    /// Its long-lived token, where the vendor has such.
    pub token: Option<String>,
    /// A user that may change things, for driving the simulation by hand: name and password.
    pub admin: Option<(String, String)>,
}
