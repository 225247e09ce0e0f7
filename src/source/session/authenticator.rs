//! What a vendor says about proving who asks. Pure: no I/O and no state; the session calls it.

use crate::source::{
    Error, Reason,
    client::status_reason,
    request::{Answer, Request},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use secrecy::SecretString;
use std::fmt;

/// How a vendor proves who asks. Pure: it says what to send and reads what came back.
pub trait Authenticator: fmt::Debug + Send + Sync + 'static {
    /// The most requests in flight.
    fn permits(&self) -> usize {
        2
    }

    /// Whether any request may go on to the next address; if not, the address is chosen by who answers there.
    fn fails_over(&self) -> bool {
        true
    }

    /// Whether standing credentials that are refused count as a failed log-in, where there is no other log-in.
    fn counts_refusals(&self) -> bool {
        false
    }

    /// What the secret, read from its place just now, leads to.
    fn log_on(&self, secret: &SecretString) -> Result<LogOn, Error>;

    /// The ticket in the successful answer to a log-on request.
    fn ticket(&self, answer: &Answer) -> Result<Ticket, Error>;

    /// The request that ends a session, where the vendor has one.
    fn log_off(&self, _ticket: &Ticket) -> Option<Request> {
        None
    }

    /// What a status stands for; `None` for success.
    fn reason(&self, answer: &Answer) -> Option<Reason> {
        status_reason(answer)
    }

    /// The vendor's own short words in the body of an error.
    fn explain(&self, _body: &[u8]) -> Option<String> {
        None
    }
}

/// What a secret leads to.
#[derive(Debug)]
pub enum LogOn {
    /// The secret itself goes with each request: nothing is sent to log on.
    Standing(Ticket),
    /// This request gives a ticket.
    Ask(Request),
}

/// What authorizes a request. Mark header values as sensitive: `Debug` shows the others.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Sent with every request.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The path that ends the session, if the vendor names one.
    pub log_off: Option<String>,
}

impl Ticket {
    /// One header with a secret in it.
    pub fn header(name: HeaderName, value: &str) -> Result<Self, Error> {
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            Error::new(
                Reason::Auth,
                "the secret holds a character that no HTTP header may hold",
            )
        })?;
        value.set_sensitive(true);
        Ok(Self {
            headers: vec![(name, value)],
            log_off: None,
        })
    }

    /// A bearer token.
    pub fn bearer(token: &str) -> Result<Self, Error> {
        Self::header(AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// User and password by HTTP Basic.
    pub fn basic(username: &str, password: &str) -> Result<Self, Error> {
        let pair = STANDARD.encode(format!("{username}:{password}"));
        Self::header(AUTHORIZATION, &format!("Basic {pair}"))
    }
}
