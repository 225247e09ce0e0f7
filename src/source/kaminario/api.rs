//! What a K2 array is asked, and how it is proved who asks: HTTP Basic on each request, or a bearer token through Silk Flex.
//! There is no log-in and no log-off (vendor's documentation, README).

use super::wire::ErrorBody;
use crate::{
    config::{ArrayConfig, Credentials},
    source::{
        Error, Reason,
        client::status_reason,
        lenient::Lenient,
        request::Answer,
        session::{Authenticator, LogOn, Ticket},
    },
};
use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};

/// Always first: it answers even while the system is not online.
pub(super) const STATE: &str = "/api/v2/system/state";
pub(super) const SESSIONS: &str = "/api/v2/replication/sessions";
pub(super) const PEER_ARRAYS: &str = "/api/v2/replication/peer_k2arrays";
pub(super) const PEER_VOLUME_GROUPS: &str = "/api/v2/replication/peer_volume_groups";
pub(super) const VOLUME_GROUPS: &str = "/api/v2/volume_groups";
pub(super) const SNAPSHOTS: &str = "/api/v2/snapshots";
pub(super) const ROUNDS: &str = "/api/v2/replication/rpo_history";

/// Snapshots that one request asks for: the array's default limit, and no overlong URL.
pub(super) const BATCH: usize = 100;
/// The vendor's own PowerShell client sends this limit.
const MANY: usize = 9999;

/// A page of a list. Only what is sorted can be paged: the order is not guaranteed otherwise.
pub(super) fn page(path: &str, limit: usize, offset: usize) -> String {
    format!("{path}?__limit={limit}&__offset={offset}&__sort=id")
}

/// The snapshots with these ids. They are digits alone, so nothing has to be encoded.
pub(super) fn snapshots(ids: &[String]) -> String {
    format!("{SNAPSHOTS}?id__in={}&__limit={}", ids.join(","), ids.len())
}

/// All rounds of all sessions, if there are not more. By default there are 100, of all sessions together.
pub(super) fn rounds() -> String {
    format!("{ROUNDS}?__limit={MANY}")
}

/// Rounds after so many, newest first.
pub(super) fn newest_rounds(offset: usize) -> String {
    format!("{ROUNDS}?__limit={MANY}&__offset={offset}&__sort=round_start&__sort_order=desc")
}

/// Proves who asks.
#[derive(Debug)]
pub(super) struct KaminarioAuthenticator {
    /// `None`: the secret is a token of Silk Flex.
    username: Option<String>,
}

impl KaminarioAuthenticator {
    pub(super) fn new(config: &ArrayConfig) -> Self {
        Self {
            username: match &config.credentials {
                Credentials::Token(_) => None,
                Credentials::Password { username, .. } => Some(username.clone()),
            },
        }
    }
}

impl Authenticator for KaminarioAuthenticator {
    /// Two requests at once are answered with 429 (the vendor's own client's tests).
    fn permits(&self) -> usize {
        1
    }

    fn counts_refusals(&self) -> bool {
        true
    }

    fn log_on(&self, secret: &SecretString) -> Result<LogOn, Error> {
        let secret = secret.expose_secret();
        let ticket = match &self.username {
            None => Ticket::bearer(secret),
            Some(username) => Ticket::basic(username, secret),
        };
        ticket.map(LogOn::Standing)
    }

    fn ticket(&self, answer: &Answer) -> Result<Ticket, Error> {
        Err(answer.error(Reason::Internal, "a K2 array has no log-in"))
    }

    /// A 400 with one of these codes passes by itself: two vendors' clients retry it.
    fn reason(&self, answer: &Answer) -> Option<Reason> {
        const PASSING: [&str; 3] = ["MC_ERR_BUSY", "MC_ERR_INPROGRESS", "MC_ERR_START_TIMEOUT"];
        match answer.status {
            StatusCode::SERVICE_UNAVAILABLE => Some(Reason::Throttled),
            StatusCode::BAD_REQUEST => {
                let message = self.explain(&answer.body).unwrap_or_default();
                let is_passing = PASSING.iter().any(|code| message.contains(code));
                Some(if is_passing {
                    Reason::Throttled
                } else {
                    Reason::HttpStatus
                })
            }
            _ => status_reason(answer),
        }
    }

    fn explain(&self, body: &[u8]) -> Option<String> {
        match serde_json::from_slice::<ErrorBody>(body).ok()?.error_msg {
            Lenient::Value(message) => Some(message),
            _ => None,
        }
    }
}
