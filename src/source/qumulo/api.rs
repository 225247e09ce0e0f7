//! Where a Qumulo cluster answers what, and how it is proved who asks.
//!
//! Trailing slashes are part of the documented paths of collections and absent on the others; a redirect is never followed,
//! so keep them exactly.

use super::wire::{ErrorBody, LoggedIn};
use crate::{
    config::{ArrayConfig, Credentials},
    source::{
        Error, Reason,
        lenient::Lenient,
        request::{Answer, Media, Request},
        session::{Authenticator, LogOn, Ticket},
    },
};
use reqwest::{
    Method,
    header::{self, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};

/// These three need no credentials, which is what tells "down" from "up, but refuses us".
pub(super) const NODE_STATE: &str = "/v1/node/state";
pub(super) const CLUSTER_SETTINGS: &str = "/v1/cluster/settings";
pub(super) const VERSION: &str = "/v1/version";
/// One call gives every relationship with its status: no paging, no call per relationship.
pub(super) const SOURCE_STATUS: &str = "/v2/replication/source-relationships/status/";
pub(super) const TARGET_STATUS: &str = "/v2/replication/target-relationships/status/";
pub(super) const OBJECT_STATUS: &str = "/v3/replication/object-relationships/status/";
/// Since Core 5.3.4.
pub(super) const RESTRIPER_STATUS: &str = "/v1/cluster/protection/restriper/status";
/// Deprecated since then.
pub(super) const OLD_RESTRIPER_STATUS: &str = "/v1/cluster/restriper/status";
pub(super) const PROTECTION_STATUS: &str = "/v1/cluster/protection/status";
const LOGIN: &str = "/v1/session/login";

/// Proves who asks: a long-lived access token, or a user and a password for a session of ten hours. There is no log-off.
#[derive(Debug)]
pub(super) struct QumuloAuthenticator {
    /// `None`: the secret is an access token.
    username: Option<String>,
}

impl QumuloAuthenticator {
    pub(super) fn new(config: &ArrayConfig) -> Self {
        Self {
            username: match &config.credentials {
                Credentials::Token(_) => None,
                Credentials::Password { username, .. } => Some(username.clone()),
            },
        }
    }
}

impl Authenticator for QumuloAuthenticator {
    /// The address is chosen by cluster id before any credentials are sent.
    fn fails_over(&self) -> bool {
        false
    }

    fn log_on(&self, secret: &SecretString) -> Result<LogOn, Error> {
        let Some(username) = &self.username else {
            return Ticket::bearer(secret.expose_secret()).map(LogOn::Standing);
        };
        let body = serde_json::json!({"username": username, "password": secret.expose_secret()});
        Ok(LogOn::Ask(Request {
            method: Method::POST,
            path: LOGIN.to_owned(),
            headers: vec![(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            body: Some(body.to_string().into()),
            expects: Media::Json,
        }))
    }

    fn ticket(&self, answer: &Answer) -> Result<Ticket, Error> {
        // Not `lenient::document`: no word of this body may reach a message.
        let logged_in: LoggedIn = serde_json::from_slice(&answer.body)
            .map_err(|_| answer.error(Reason::Parse, "the log-in gave no bearer_token"))?;
        Ticket::bearer(&logged_in.bearer_token)
    }

    fn explain(&self, body: &[u8]) -> Option<String> {
        let error: ErrorBody = serde_json::from_slice(body).ok()?;
        match (error.error_class, error.description) {
            (Lenient::Value(class), Lenient::Value(description)) => Some(format!("{class}: {description}")),
            (Lenient::Value(words), _) | (_, Lenient::Value(words)) => Some(words),
            _ => None,
        }
    }
}
