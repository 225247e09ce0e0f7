//! What a vendor says about proving who asks. Pure: no I/O and no state; the session calls it.

use crate::source::{
    Error, Reason,
    client::status_reason,
    request::{Answer, Request},
};
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::SecretString;

/// How a vendor proves who asks. Pure: it says what to send and reads what came back.
pub trait Authenticator: Send + Sync + 'static {
    /// The most requests in flight.
    const PERMITS: usize = 2;
    /// Whether any request may go on to the next address; if not, the vendor chooses the address itself.
    const FAILS_OVER: bool = true;

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
