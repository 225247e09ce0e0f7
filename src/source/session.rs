//! The session with one array: credentials, permits and the single log-in, around the HTTP client.
//!
//! Made once per array by the vendor's `connect`, and kept where it outlives panics of the poller, so that a crash-looping
//! poller cannot hammer a log-in. Shared by cloning. What a log-in looks like is the vendor's [`Authenticator`].

use super::{
    Error, LoginCounters, PollContext, Reason,
    addresses::Addresses,
    backoff,
    client::{Client, status_reason},
    request::{Answer, Media, Request},
    trust::{CertificateExpiry, TrustStore},
};
use crate::{
    clock::Clock,
    config::{ArrayConfig, Credentials, SecretRef},
    model::Timestamp,
};
use reqwest::{
    StatusCode,
    header::{HeaderName, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, timeout, timeout_at},
};

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

/// A session with one array; clones share it.
#[derive(Debug)]
pub struct Session<A> {
    inner: Arc<Inner<A>>,
}

impl<A> Clone for Session<A> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

#[derive(Debug)]
struct Inner<A> {
    client: Client,
    addresses: Addresses,
    secret: SecretRef,
    authenticator: A,
    permits: Semaphore,
    counters: Arc<LoginCounters>,
    state: Mutex<State>,
}

type LogInResult = Result<Arc<Issued>, Error>;

/// Never locked across an await.
#[derive(Debug, Default)]
struct State {
    /// The number of the last ticket issued.
    generation: u64,
    issued: Option<Arc<Issued>>,
    /// The log-in in flight.
    log_in: Option<watch::Receiver<Option<LogInResult>>>,
    refusal: Option<Refusal>,
    /// A log-in that failed otherwise, and the deadline that tells the poll in which it did: one attempt per poll.
    failed: Option<(Instant, Error)>,
    /// When a request last succeeded.
    last_success: Option<Instant>,
    /// Paths that answered 401 to a fresh ticket that is good for others, and until when that is remembered.
    denied: BTreeMap<String, Instant>,
}

/// A ticket as issued.
#[derive(Debug)]
struct Issued {
    generation: u64,
    ticket: Ticket,
    secret: [u8; 32],
}

/// The array refused the credentials: nothing is sent before `until`, unless the secret changes.
#[derive(Debug)]
struct Refusal {
    until: Instant,
    /// SHA-256 of the refused secret; `None` if it could not be read.
    secret: Option<[u8; 32]>,
    error: Error,
}

/// How long a log-off may take: a stopping exporter has five seconds for everything.
const LOG_OFF: Duration = Duration::from_secs(2);

impl<A: Authenticator> Session<A> {
    /// A session that has sent nothing yet. Fails if the trust setting cannot be used.
    pub fn new(
        config: &ArrayConfig,
        authenticator: A,
        trust: &TrustStore,
        counters: Arc<LoginCounters>,
    ) -> Result<Self, Error> {
        let expiry = CertificateExpiry::default();
        let tls = trust
            .client_config(&config.trust, &expiry)
            .map_err(|error| Error::new(Reason::Tls, error.to_string()))?;
        let secret = match &config.credentials {
            Credentials::Token(secret) => secret,
            Credentials::Password { password, .. } => password,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                client: Client::new(tls, expiry, config.polling.timeout, config.polling.max_body)?,
                addresses: Addresses::new(config.urls.clone()),
                secret: secret.clone(),
                authenticator,
                permits: Semaphore::new(A::PERMITS),
                counters,
                state: Mutex::default(),
            }),
        })
    }

    /// Reads `path` with credentials. After a 401 it logs in anew and asks once more.
    pub async fn get(&self, path: &str, expects: Media, context: &PollContext) -> Result<Answer, Error> {
        let inner = &self.inner;
        let request = Request::get(path, expects);
        let began = Instant::now();
        let issued = self.issued(None, began, context).await?;
        let mut answer = inner
            .exchange(&request, Some(&issued.ticket), context.deadline, context.clock)
            .await?;
        if answer.status == StatusCode::UNAUTHORIZED && !inner.is_denied(request.shown_path()) {
            let renewed = self.issued(Some(issued.generation), began, context).await?;
            answer = inner
                .exchange(&request, Some(&renewed.ticket), context.deadline, context.clock)
                .await?;
            if answer.status == StatusCode::UNAUTHORIZED {
                inner.refused_twice(
                    request.shown_path(),
                    &renewed,
                    began,
                    &inner.judge_error(&answer, Reason::Auth),
                );
            }
        }
        inner.judge(answer, true)
    }

    /// Reads `path` at the address `index` without credentials.
    pub async fn get_open(
        &self,
        index: usize,
        path: &str,
        expects: Media,
        context: &PollContext,
    ) -> Result<Answer, Error> {
        let inner = &self.inner;
        let base = inner
            .addresses
            .in_order()
            .find(|(each, _)| *each == index)
            .map(|(_, url)| url);
        let base = base.ok_or_else(|| Error::new(Reason::Internal, "no such address"))?;
        let _permit = inner.permit(context.deadline).await?;
        let answer = inner
            .client
            .send(base, &Request::get(path, expects), context.deadline, context.clock)
            .await?;
        inner.judge(answer, false)
    }

    /// The addresses of the array.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.inner.addresses
    }

    /// When the certificate last presented expires.
    #[must_use]
    pub fn certificate_expiry(&self) -> Option<Timestamp> {
        self.inner.client.certificate_expiry()
    }

    /// Whether credentials that were refused have changed since, so that waiting has become pointless.
    pub async fn credentials_changed(&self) -> bool {
        let refused = match &self.inner.lock().refusal {
            Some(refusal) => refusal.secret,
            None => return false,
        };
        match self.inner.read_secret().await {
            Ok((_, hash)) => refused != Some(hash),
            Err(_) => false,
        }
    }

    /// Ends the session on the array, where the vendor can. A later request would log in again.
    pub async fn close(&self) {
        let inner = &self.inner;
        let log_in = inner.lock().log_in.clone();
        if let Some(mut log_in) = log_in {
            // A session that is just being made must not be left behind either.
            let _ = timeout(LOG_OFF, log_in.wait_for(Option::is_some)).await;
        }
        let issued = inner.lock().issued.take();
        let Some(issued) = issued else { return };
        if let Some(request) = inner.authenticator.log_off(&issued.ticket) {
            let until = Instant::now() + LOG_OFF;
            if let Err(error) = inner
                .exchange(&request, Some(&issued.ticket), until, Clock::host())
                .await
            {
                tracing::debug!(%error, "log-off failed; the array will end the session by itself");
            }
        }
    }

    /// The present ticket, or a new one if there is none or it is the `stale` one. Log-ins are single-flight, each in a
    /// task of its own: a caller that is dropped loses nothing, and no session is left behind on the array.
    async fn issued(&self, stale: Option<u64>, began: Instant, context: &PollContext) -> LogInResult {
        let mut log_in = {
            let mut state = self.inner.lock();
            match &state.issued {
                Some(issued) if Some(issued.generation) != stale => return Ok(Arc::clone(issued)),
                _ => {}
            }
            match &state.failed {
                Some((poll, error)) if *poll == context.deadline => return Err(error.clone()),
                _ => {}
            }
            match &state.log_in {
                // A closed channel is a log-in that panicked.
                Some(log_in) if log_in.has_changed().is_ok() => log_in.clone(),
                _ => {
                    let (done, log_in) = watch::channel(None);
                    state.log_in = Some(log_in.clone());
                    let inner = Arc::clone(&self.inner);
                    let context = context.clone();
                    tokio::spawn(async move {
                        let result = inner.log_in(stale, began, &context).await;
                        inner.lock().log_in = None;
                        done.send_replace(Some(result));
                    });
                    log_in
                }
            }
        };
        let outcome = match timeout_at(context.deadline, log_in.wait_for(Option::is_some)).await {
            Err(_) => Err(Error::new(Reason::Timeout, "the log-in did not end in this poll")),
            Ok(Err(_)) => Err(Error::new(Reason::Internal, "the log-in failed unexpectedly")),
            Ok(Ok(result)) => Ok(result.clone()),
        };
        outcome?.unwrap_or_else(|| Err(Error::new(Reason::Internal, "the log-in ended without a result")))
    }
}

impl<A: Authenticator> Inner<A> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn permit(&self, deadline: Instant) -> Result<tokio::sync::SemaphorePermit<'_>, Error> {
        match timeout_at(deadline, self.permits.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(Error::new(Reason::Internal, "the session is closed")),
            Err(_) => Err(Error::new(Reason::Timeout, "no time left in this poll")),
        }
    }

    /// Sends to the present address, or to the next ones while none can be reached. Holds a permit until the body is read.
    async fn exchange(
        &self,
        request: &Request,
        ticket: Option<&Ticket>,
        deadline: Instant,
        clock: Clock,
    ) -> Result<Answer, Error> {
        let _permit = self.permit(deadline).await?;
        let mut request = request.clone();
        request
            .headers
            .extend(ticket.into_iter().flat_map(|ticket| ticket.headers.iter().cloned()));
        let candidates = if A::FAILS_OVER { self.addresses.count() } else { 1 };
        let mut failure = Error::new(Reason::Internal, "the array has no address");
        for (index, base) in self.addresses.in_order().take(candidates) {
            match self.client.send(base, &request, deadline, clock).await {
                Err(error) if is_unreachable(error.reason) => failure = error,
                result => {
                    self.addresses.stick_to(index);
                    return result;
                }
            }
        }
        Err(failure)
    }

    /// Success, or the error that a status stands for. Only success with credentials proves a ticket.
    fn judge(&self, answer: Answer, authorized: bool) -> Result<Answer, Error> {
        match self.authenticator.reason(&answer) {
            Some(reason) => Err(self.judge_error(&answer, reason)),
            None => {
                if authorized {
                    self.lock().last_success = Some(Instant::now());
                }
                Ok(answer)
            }
        }
    }

    fn judge_error(&self, answer: &Answer, reason: Reason) -> Error {
        let mut message = format!("HTTP {}", answer.status);
        // What a server says about credentials may repeat them.
        if answer.status != StatusCode::UNAUTHORIZED
            && let Some(words) = self.authenticator.explain(&answer.body)
        {
            message = format!("{message} ({})", super::request::shown(&words));
        }
        answer.error(reason, &message)
    }

    async fn read_secret(&self) -> Result<(SecretString, [u8; 32]), Error> {
        let secret = self.secret.clone();
        // A secret may live on a network file system.
        let read = tokio::task::spawn_blocking(move || secret.read()).await;
        let secret = match read {
            Ok(Ok(secret)) => secret,
            Ok(Err(error)) => return Err(Error::new(Reason::Auth, error.to_string())),
            Err(_) => return Err(Error::new(Reason::Internal, "the secret could not be read")),
        };
        let hash = Sha256::digest(secret.expose_secret().as_bytes()).into();
        Ok((secret, hash))
    }

    async fn log_in(&self, stale: Option<u64>, began: Instant, context: &PollContext) -> LogInResult {
        let (secret, hash) = match self.read_secret().await {
            Ok(read) => read,
            Err(error) => return Err(self.refuse(None, error)),
        };
        if let Some(refusal) = &self.lock().refusal
            && refusal.secret == Some(hash)
            && Instant::now() < refusal.until
        {
            return Err(refusal.error.clone());
        }
        match self.authenticator.log_on(&secret) {
            Err(error) => Err(self.refuse(Some(hash), error)),
            Ok(LogOn::Standing(ticket)) => self.stand(stale, began, ticket, hash),
            Ok(LogOn::Ask(request)) => self.ask(&request, hash, context).await,
        }
    }

    /// Takes the secret itself as the ticket, unless it is the one that was just answered with 401.
    fn stand(&self, stale: Option<u64>, began: Instant, ticket: Ticket, hash: [u8; 32]) -> LogInResult {
        let (unchanged, good_for_others) = {
            let state = self.lock();
            let present = state.issued.as_ref();
            (
                present.is_some_and(|issued| Some(issued.generation) == stale && issued.secret == hash),
                state.last_success.is_some_and(|at| at >= began),
            )
        };
        if !unchanged {
            return Ok(self.issue(ticket, hash));
        }
        let error = Error::new(Reason::Auth, "the array refuses the credentials (HTTP 401)");
        if good_for_others {
            Err(error)
        } else {
            Err(self.refuse(Some(hash), error))
        }
    }

    async fn ask(&self, request: &Request, hash: [u8; 32], context: &PollContext) -> LogInResult {
        self.counters.attempted();
        let deadline = Instant::now() + self.client.timeout();
        let answer = self.exchange(request, None, deadline, context.clock).await;
        let error = match answer {
            Ok(answer) if matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                self.counters.failed();
                let message = format!("HTTP {}: the log-in is refused", answer.status);
                return Err(self.refuse(Some(hash), answer.error(Reason::Auth, &message)));
            }
            Ok(answer) => match self.authenticator.reason(&answer) {
                None => match self.authenticator.ticket(&answer) {
                    Ok(ticket) => return Ok(self.issue(ticket, hash)),
                    Err(error) => error,
                },
                Some(reason) => answer.error(reason, &format!("HTTP {}", answer.status)),
            },
            Err(error) => error,
        };
        self.counters.failed();
        self.lock().failed = Some((context.deadline, error.clone()));
        Err(error)
    }

    fn issue(&self, ticket: Ticket, secret: [u8; 32]) -> Arc<Issued> {
        let mut state = self.lock();
        state.generation += 1;
        let issued = Arc::new(Issued {
            generation: state.generation,
            ticket,
            secret,
        });
        state.issued = Some(Arc::clone(&issued));
        state.refusal = None;
        state.failed = None;
        issued
    }

    /// Remembers that the array refuses this secret, so that nothing is sent for a while.
    fn refuse(&self, secret: Option<[u8; 32]>, error: Error) -> Error {
        let mut state = self.lock();
        state.issued = None;
        state.refusal = Some(Refusal {
            until: Instant::now() + backoff::AUTH,
            secret,
            error: error.clone(),
        });
        error
    }

    /// A fresh ticket was answered with 401 as well. If it is good for other requests, only this path is closed (some
    /// systems say 401 where they mean a missing right); else the credentials are refused.
    fn refused_twice(&self, path: &str, renewed: &Issued, began: Instant, error: &Error) {
        let mut state = self.lock();
        if state.last_success.is_some_and(|at| at >= began) {
            state.denied.insert(path.to_owned(), Instant::now() + backoff::AUTH);
            return;
        }
        let is_present = state
            .issued
            .as_ref()
            .is_some_and(|issued| issued.generation == renewed.generation);
        drop(state);
        if is_present {
            self.refuse(Some(renewed.secret), error.clone());
        }
    }

    fn is_denied(&self, path: &str) -> bool {
        let mut state = self.lock();
        let now = Instant::now();
        state.denied.retain(|_, until| *until > now);
        state.denied.contains_key(path)
    }
}

/// Whether another address of the same system may do better.
#[must_use]
pub fn is_unreachable(reason: Reason) -> bool {
    matches!(reason, Reason::Connect | Reason::Tls | Reason::Timeout)
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
