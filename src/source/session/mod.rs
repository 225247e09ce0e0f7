//! The session with one array: credentials, permits and the single log-in, around the HTTP client.
//!
//! Made once per array by the vendor's `connect`, and kept where it outlives panics of the poller, so that a crash-looping
//! poller cannot hammer a log-in. Shared by cloning. What a log-in looks like is the vendor's [`Authenticator`].

mod authenticator;
mod log_in;

pub use authenticator::{Authenticator, LogOn, Ticket};

use self::log_in::{Issued, LogInResult, State};
use super::{
    Error, Limits, LoginCounters, PollContext, Reason,
    addresses::Addresses,
    client::Client,
    record::Recorder,
    request::{Answer, Media, Request},
    scrub::KnownSecrets,
    trust::{LastCertificate, TrustStore},
};
use crate::{
    clock::Clock,
    config::{ArrayConfig, Credentials, SecretRef},
    model::Timestamp,
};
use reqwest::{StatusCode, header::WWW_AUTHENTICATE};
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Semaphore, watch},
    time::{Instant, timeout, timeout_at},
};

/// A session with one array; clones share it.
#[derive(Clone, Debug)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    addresses: Addresses,
    secret: SecretRef,
    authenticator: Box<dyn Authenticator>,
    permits: Semaphore,
    counters: Arc<LoginCounters>,
    state: Mutex<State>,
    /// What no answer may repeat.
    known: KnownSecrets,
    mended: AtomicU64,
}

/// How soon a busy array is asked again.
const BUSY: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
/// What a poll must have left after such a pause.
const LEAST_LEFT: Duration = Duration::from_secs(2);

/// How long a log-off may take: a stopping exporter has five seconds for everything.
const LOG_OFF: Duration = Duration::from_secs(2);
/// The most that is read of the answer to a log-off.
const LOG_OFF_BODY: u64 = 64 * 1024;

impl Session {
    /// A session that has sent nothing yet. Fails if the trust setting cannot be used.
    pub fn new(
        config: &ArrayConfig,
        authenticator: Box<dyn Authenticator>,
        trust: &TrustStore,
        counters: Arc<LoginCounters>,
    ) -> Result<Self, Error> {
        let certificate = LastCertificate::default();
        let tls = trust
            .client_config(&config.trust, &certificate)
            .map_err(|error| Error::new(Reason::Tls, error.to_string()))?;
        let secret = match &config.credentials {
            Credentials::Token(secret) => secret,
            Credentials::Password { password, .. } => password,
        };
        Ok(Self {
            inner: Arc::new(Inner {
                client: Client::new(tls, certificate, config.polling.timeout)?,
                addresses: Addresses::new(config.urls.clone()),
                secret: secret.clone(),
                permits: Semaphore::new(authenticator.permits()),
                authenticator,
                counters,
                state: Mutex::default(),
                known: KnownSecrets::default(),
                mended: AtomicU64::new(0),
            }),
        })
    }

    /// From now on `recorder`, if there is one, writes down what is answered.
    pub fn record(&self, recorder: Option<Arc<Recorder>>) {
        if let Some(recorder) = recorder {
            self.inner.client.record(recorder);
        }
    }

    /// Reads `path` with credentials. After a 401 it logs in anew and asks once more; while the array is busy it asks again
    /// a little later.
    pub async fn get(&self, path: &str, expects: Media, context: &PollContext) -> Result<Answer, Error> {
        let inner = &self.inner;
        let request = Request::get(path, expects);
        let mut pauses = BUSY.into_iter();
        loop {
            let (answer, issued) = self.authorized(&request, context).await?;
            match pauses.next() {
                Some(pause) if inner.is_busy(&answer) && context.remaining() > pause + LEAST_LEFT => {
                    tokio::time::sleep(pause).await;
                }
                _ => return inner.judge(answer, &issued),
            }
        }
    }

    /// Sends with a ticket; if it is not welcome any more, with a new one.
    async fn authorized(&self, request: &Request, context: &PollContext) -> Result<(Answer, Arc<Issued>), Error> {
        let inner = &self.inner;
        let place = place(&request.path);
        let issued = self.issued(None, context).await?;
        let answer = inner.exchange(request, Some(&issued.ticket), context).await?;
        match answer.status {
            StatusCode::UNAUTHORIZED if inner.is_denied(place) => return Ok((answer, issued)),
            // It was made in this poll, in place of another: a third one would not be welcome either.
            StatusCode::UNAUTHORIZED if issued.is_session && issued.renewed_in == Some(context.deadline) => {
                inner.doubt(place, &issued, context, &inner.judge_error(&answer, Reason::Auth));
                return Ok((answer, issued));
            }
            StatusCode::UNAUTHORIZED => {}
            // A session may know the rights that its user had at the log-on.
            StatusCode::FORBIDDEN if issued.is_session && issued.is_outdated(&inner.counters) => {
                let Ok(renewed) = self.issued(Some(issued.generation), context).await else {
                    return Ok((answer, issued));
                };
                let answer = inner.exchange(request, Some(&renewed.ticket), context).await?;
                return Ok((answer, renewed));
            }
            _ => return Ok((answer, issued)),
        }
        let renewed = match self.issued(Some(issued.generation), context).await {
            Err(error) => {
                inner.suspect(place, &issued);
                return Err(error);
            }
            Ok(renewed) => renewed,
        };
        let answer = inner.exchange(request, Some(&renewed.ticket), context).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            inner.doubt(place, &renewed, context, &inner.judge_error(&answer, Reason::Auth));
        }
        Ok((answer, renewed))
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
        let answer = inner.ask_open(index, &Request::get(path, expects), context).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            let message = "HTTP 401 where this API asks for no log-in: something else answers here; check url and port";
            return Err(answer.error(Reason::Unsupported, message));
        }
        inner.judge_status(answer)
    }

    /// Asks the first address for `path` without credentials, and expects nothing but the challenge of HTTP Basic. Gives how
    /// the array's clock differs, where its answer tells.
    pub async fn challenge(&self, path: &str, context: &PollContext) -> Result<Option<f64>, Error> {
        let request = Request::get(path, Media::Any);
        let answer = self.inner.ask_open(0, &request, context).await?;
        let challenge = answer
            .headers
            .get(WWW_AUTHENTICATE)
            .and_then(|value| value.to_str().ok());
        let is_basic = challenge.is_some_and(|words| words.to_ascii_lowercase().starts_with("basic"));
        if answer.status == StatusCode::UNAUTHORIZED && is_basic {
            return Ok(answer.clock_skew_seconds);
        }
        let message = format!("HTTP {} instead of asking for HTTP Basic", answer.status);
        Err(answer.error(Reason::Unsupported, &message))
    }

    /// The addresses of the array.
    #[must_use]
    pub fn addresses(&self) -> &Addresses {
        &self.inner.addresses
    }

    /// How many answers had to be mended since the last time this was asked: they held bytes that are no UTF-8.
    #[must_use]
    pub fn take_mended(&self) -> u64 {
        self.inner.mended.swap(0, Ordering::Relaxed)
    }

    /// How often a reload was asked for: what was forbidden may be allowed since.
    #[must_use]
    pub fn pardons(&self) -> u64 {
        self.inner.counters.pardons()
    }

    /// A text for people, without the secrets that it may repeat.
    #[must_use]
    pub fn quiet(&self, text: &str) -> String {
        self.inner.known.quiet(text)
    }

    /// When the certificate last presented expires.
    #[must_use]
    pub fn certificate_expiry(&self) -> Option<Timestamp> {
        self.inner.client.certificate_expiry()
    }

    /// Whether credentials that were refused have changed since or are pardoned, so that waiting has become pointless.
    pub async fn credentials_changed(&self) -> bool {
        let refused = match self.inner.counters.refusal() {
            Some(refusal) if refusal.is_pardoned(&self.inner.counters) => return true,
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
            let context = PollContext {
                deadline: Instant::now() + LOG_OFF,
                clock: Clock::host(),
                sections: Vec::new(),
                limits: Limits {
                    timeout: LOG_OFF,
                    max_body: LOG_OFF_BODY,
                    most_relationships: 0,
                },
            };
            if let Err(error) = inner.exchange(&request, Some(&issued.ticket), &context).await {
                tracing::debug!(%error, "log-off failed; the array will end the session by itself");
            }
        }
    }

    /// The present ticket, or a new one if there is none or it is the `spent` one. Log-ins are single-flight, each in a
    /// task of its own: a caller that is dropped loses nothing, and no session is left behind on the array.
    async fn issued(&self, spent: Option<u64>, context: &PollContext) -> LogInResult {
        let mut log_in = {
            let mut state = self.inner.lock();
            match &state.issued {
                Some(issued) if Some(issued.generation) != spent => return Ok(Arc::clone(issued)),
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
                        let result = inner.log_in(spent, &context).await;
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

impl Inner {
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

    /// Sends to the address `index` without credentials.
    async fn ask_open(&self, index: usize, request: &Request, context: &PollContext) -> Result<Answer, Error> {
        let mut addresses = self.addresses.in_order();
        let base = addresses.find(|(each, _)| *each == index).map(|(_, url)| url);
        let base = base.ok_or_else(|| Error::new(Reason::Internal, "no such address"))?;
        let _permit = self.permit(context.deadline).await?;
        let result = self.client.send(base, request, context).await;
        self.quiet(result, true)
    }

    /// Sends to the present address, or to the next ones while none can be reached. Holds a permit until the body is read.
    async fn exchange(
        &self,
        request: &Request,
        ticket: Option<&Ticket>,
        context: &PollContext,
    ) -> Result<Answer, Error> {
        let _permit = self.permit(context.deadline).await?;
        for (_, value) in ticket.into_iter().flat_map(|ticket| &ticket.headers) {
            if let Ok(value) = value.to_str() {
                self.known.learn_header(value);
            }
        }
        let mut request = request.clone();
        request
            .headers
            .extend(ticket.into_iter().flat_map(|ticket| ticket.headers.iter().cloned()));
        let candidates = if self.authenticator.fails_over() {
            self.addresses.count()
        } else {
            1
        };
        let mut failure = Error::new(Reason::Internal, "the array has no address");
        for (index, base) in self.addresses.in_order().take(candidates) {
            let result = self.client.send(base, &request, context).await;
            match self.quiet(result, ticket.is_some()) {
                Err(error) if is_unreachable(error.reason) => failure = error,
                result => {
                    self.addresses.stick_to(index);
                    return result;
                }
            }
        }
        Err(failure)
    }

    /// What came back without the secrets that it repeats. A ticket that was just issued is no repetition.
    fn quiet(&self, result: Result<Answer, Error>, is_data: bool) -> Result<Answer, Error> {
        match result {
            Ok(mut answer) => {
                if !answer.status.is_success() {
                    answer.body = self.known.quiet_error(&answer.body);
                } else if is_data {
                    answer.body = self.known.quiet_data(&answer.body);
                }
                Ok(answer)
            }
            Err(mut error) => {
                error.message = self.known.quiet(&error.message);
                Err(error)
            }
        }
    }

    /// Success, or the error that a status stands for. Only success with credentials proves a ticket.
    fn judge(&self, answer: Answer, issued: &Issued) -> Result<Answer, Error> {
        let is_suspected = answer.status == StatusCode::UNAUTHORIZED && self.lock().suspicion.is_some();
        match self.judge_status(answer) {
            Ok(answer) => {
                self.prove(issued);
                Ok(answer)
            }
            Err(error) if is_suspected => Err(log_in::once_more(error)),
            Err(error) => Err(error),
        }
    }

    fn judge_status(&self, answer: Answer) -> Result<Answer, Error> {
        if let Some(reason) = self.authenticator.reason(&answer) {
            return Err(self.judge_error(&answer, reason));
        }
        if answer.is_mended {
            self.mended.fetch_add(1, Ordering::Relaxed);
        }
        Ok(answer)
    }

    /// Whether this passes by itself in a second or two. Who says for how long, or counts requests (429), is believed.
    fn is_busy(&self, answer: &Answer) -> bool {
        answer.retry_after.is_none()
            && answer.status != StatusCode::TOO_MANY_REQUESTS
            && (answer.status == StatusCode::SERVICE_UNAVAILABLE
                || self.authenticator.reason(answer) == Some(Reason::Throttled))
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
}

/// What a refusal is remembered by: the path, and the first thing that is asked of it. Without pages and times.
fn place(path: &str) -> &str {
    path.split('&').next().unwrap_or(path)
}

/// Whether another address of the same system may do better.
#[must_use]
pub fn is_unreachable(reason: Reason) -> bool {
    matches!(reason, Reason::Connect | Reason::Tls | Reason::Timeout)
}

#[cfg(test)]
mod tests;
