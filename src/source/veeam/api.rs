//! Where Enterprise Manager answers what, and how it is proved who asks. Builds paths and filters; sends nothing.
//!
//! The trailing slashes of `/api/` and `/api/sessionMngr/` are part of the documented paths.

use super::{links::guid, rows::Row, xml};
use crate::{
    config::{ArrayConfig, Credentials},
    model::Timestamp,
    source::{
        Error, Reason,
        request::{Answer, Media, Request},
        session::{Authenticator, LogOn, Ticket},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use reqwest::{Method, header::HeaderName};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The entry point, which needs no credentials.
pub(super) const ROOT: &str = "/api/";
/// No query type and no pages; an entry for each collection of the last 30 days.
pub(super) const SYSTEM_SESSIONS: &str = "/api/systemSessions?format=Entity";
const LOG_ON: &str = "/api/sessionMngr/?v=latest";
const SESSION_ID: HeaderName = HeaderName::from_static("x-restsvcsessionid");
/// Rows of a page. The default is 100, and no maximum is documented.
pub(super) const PAGE_SIZE: u32 = 500;

/// Proves who asks: a user and a password give a session, which lives while it is used and for 15 minutes more.
#[derive(Debug)]
pub(super) struct VeeamAuthenticator {
    /// `None`: a token is configured, which Enterprise Manager does not have.
    username: Option<String>,
}

impl VeeamAuthenticator {
    pub(super) fn new(config: &ArrayConfig) -> Self {
        Self {
            username: match &config.credentials {
                Credentials::Token(_) => None,
                Credentials::Password { username, .. } => Some(username.clone()),
            },
        }
    }
}

impl Authenticator for VeeamAuthenticator {
    fn log_on(&self, secret: &SecretString) -> Result<LogOn, Error> {
        let Some(username) = &self.username else {
            let message = "Enterprise Manager takes a user and a password, not a token";
            return Err(Error::new(Reason::Auth, message));
        };
        Ok(LogOn::Ask(Request {
            method: Method::POST,
            path: LOG_ON.to_owned(),
            headers: Ticket::basic(username, secret.expose_secret())?.headers,
            // Empty, but sent with its length, without which http.sys answers 411.
            body: Some(bytes::Bytes::new()),
            expects: Media::Xml,
        }))
    }

    /// Only the header is sent from here on: Enterprise Manager would prefer a cookie to it, also a stale one, so none is
    /// kept.
    fn ticket(&self, answer: &Answer) -> Result<Ticket, Error> {
        let token = answer.headers.get(SESSION_ID).and_then(|value| value.to_str().ok());
        let token = token.ok_or_else(|| answer.error(Reason::Parse, "the log-on gave no X-RestSvcSessionId"))?;
        Ok(Ticket {
            log_off: session_id(&answer.body, token).map(|id| format!("/api/logonSessions/{id}")),
            ..Ticket::header(SESSION_ID, token)?
        })
    }

    fn log_off(&self, ticket: &Ticket) -> Option<Request> {
        Some(Request {
            method: Method::DELETE,
            ..Request::get(ticket.log_off.clone()?, Media::Any)
        })
    }

    fn explain(&self, body: &[u8]) -> Option<String> {
        #[derive(Deserialize)]
        enum Document {
            Error(Words),
        }
        #[derive(Deserialize)]
        struct Words {
            #[serde(rename = "@Message")]
            message: Option<String>,
        }
        let Document::Error(words) = xml::parse(body).ok()?;
        words.message
    }
}

/// The GUID of the session, of which the token is (since version 10) only another spelling.
fn session_id(body: &[u8], token: &str) -> Option<String> {
    #[derive(Deserialize)]
    enum Document {
        LogonSession(LogonSession),
    }
    #[derive(Deserialize)]
    struct LogonSession {
        #[serde(rename = "SessionId")]
        session_id: Option<String>,
    }
    let said = match xml::parse(body) {
        Ok(Document::LogonSession(session)) => session.session_id,
        Err(_) => None,
    };
    let spelled = || {
        BASE64
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
    };
    said.or_else(spelled)
        .map(|id| id.trim().to_owned())
        .filter(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// One task session, whole. What is no letter, digit or dash in an id cannot lead anywhere else.
pub(super) fn task(uid: &str) -> String {
    let id = guid(uid).replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "");
    format!("/api/replicaTaskSessions/{id}?format=Entity")
}

/// A page of the query service.
pub(super) fn query<R: Row>(filter: &str, sort: Sort, size: u32, page: u32) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    pairs.append_pair("type", R::TYPE).append_pair("format", "Entities");
    if !filter.is_empty() {
        pairs.append_pair("filter", filter);
    }
    // A plus sign is a blank in a form only; the recorded requests have %20.
    let query = pairs.finish().replace('+', "%20");
    let sort = match sort {
        Sort::None => String::new(),
        Sort::OldestFirst => "&sortAsc=CreationTime".to_owned(),
        Sort::NewestFirst => "&sortDesc=CreationTime".to_owned(),
    };
    format!("/api/query?{query}{sort}&pageSize={size}&page={page}")
}

/// In which order rows are asked for; without one they come in any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    None,
    OldestFirst,
    NewestFirst,
}

/// A value of a filter: in quotes, inner ones doubled; without them blanks would be dropped silently.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The conditions that make a row a changed one: created or ended since `since`, or not ended; `unfinished` are the
/// comparisons that say so.
pub(super) fn changed(since: Timestamp, unfinished: &[&str]) -> Vec<String> {
    let since = quoted(&since.to_rfc3339_seconds());
    let mut conditions = vec![format!("CreationTime>={since}"), format!("EndTime>={since}")];
    conditions.extend(unfinished.iter().map(|comparison| (*comparison).to_owned()));
    conditions
}

/// A filter that any of these satisfies.
pub(super) fn any_of(conditions: &[String]) -> String {
    let conditions: Vec<String> = conditions.iter().map(|condition| format!("({condition})")).collect();
    conditions.join(",")
}
