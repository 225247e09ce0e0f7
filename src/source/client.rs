//! The one HTTP client: sends a request, reads the answer within limits of time and size, and tells failures apart.
//!
//! Follows no redirect, uses no proxy, keeps no cookie, speaks HTTP/1.1. Knows no vendor and no credentials: `session.rs`
//! adds those. Nothing here retries, but for a
//! GET on a connection that turned out to be given up.

use super::{
    Error, PollContext, Reason, backoff,
    outgoing::{self, Keeper},
    record::Recorder,
    request::{Answer, Media, Request, words_of},
    resolver::Resolver,
    trust::LastCertificate,
};
use crate::{
    config::file::{SHORTAGE, is_shortage},
    model::Timestamp,
};
use bytes::{Bytes, BytesMut};
use reqwest::{
    Method, StatusCode, Url,
    header::{self, HeaderMap, HeaderValue},
    redirect,
};
use std::{
    error::Error as StdError,
    io,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// The client of one array.
#[derive(Debug)]
pub struct Client {
    tls: rustls::ClientConfig,
    resolver: Arc<Resolver>,
    pool: Mutex<Pool>,
    _keeper: Keeper,
    /// Held by the one answer whose body may be large.
    large: tokio::sync::Mutex<()>,
    connect_timeout: Duration,
    certificate: LastCertificate,
    /// Writes down what was answered, if somebody asked for that.
    recorder: OnceLock<Arc<Recorder>>,
}

/// The connections that are kept alive.
#[derive(Debug)]
struct Pool {
    http: reqwest::Client,
    made: Instant,
    /// How many connections it keeps alive.
    keeps: usize,
    /// Whether one may be: one was answered on.
    is_used: bool,
    /// The expiry for which the connections made before it were dropped.
    dropped_for: Option<Timestamp>,
}

/// How long connections are kept: a name that moved and a certificate that was renewed are seen after that.
const LIFE: Duration = Duration::from_mins(10);
/// How long a connection takes to be kept for the next request, after the answer was read.
const TO_BE_KEPT: Duration = Duration::from_millis(2);
/// What is read of two answers at once. Only one of them may be larger: an array shall not cost twice its `max_body`.
const SMALL_BODY: u64 = 256 * 1024;
/// The most that is read of an answer that is an error anyway.
const MAX_ERROR_BODY: u64 = 64 * 1024;

impl Client {
    /// A client over a ready TLS configuration that keeps the last `certificate`. `timeout` is what one request may take.
    pub fn new(tls: rustls::ClientConfig, certificate: LastCertificate, timeout: Duration) -> Result<Self, Error> {
        // So that a dead address leaves time for the next one.
        let connect_timeout = timeout.min(Duration::from_secs(5));
        let keeper = Keeper::new();
        let keeps = Keeper::may_keep();
        let resolver = Arc::<Resolver>::default();
        let http = build(tls.clone(), &resolver, connect_timeout, keeps)?;
        Ok(Self {
            tls,
            resolver,
            _keeper: keeper,
            pool: Mutex::new(Pool {
                http,
                keeps,
                made: Instant::now(),
                is_used: false,
                dropped_for: None,
            }),
            large: tokio::sync::Mutex::default(),
            connect_timeout,
            certificate,
            recorder: OnceLock::new(),
        })
    }

    /// From now on `recorder` writes down what is answered.
    pub fn record(&self, recorder: Arc<Recorder>) {
        // Only the first one is kept; nobody sets two.
        let _ = self.recorder.set(recorder);
    }

    /// When the certificate last presented expires.
    #[must_use]
    pub fn certificate_expiry(&self) -> Option<Timestamp> {
        self.certificate.expiry()
    }

    /// Sends `request` to `base`, and reads the whole answer, before the deadline and within the limits of `context`.
    pub async fn send(&self, base: &Url, request: &Request, context: &PollContext) -> Result<Answer, Error> {
        let what = describe(base, request);
        let now = Instant::now();
        if context.deadline <= now {
            return Err(Error::new(
                Reason::Timeout,
                format!("{what}: no time left in this poll"),
            ));
        }
        let Ok(_turn) = timeout_at(context.deadline, outgoing::turn()).await else {
            return Err(Error::new(Reason::Internal, SHORTAGE));
        };
        let until = context.deadline.min(Instant::now() + context.limits.timeout);
        let result = match timeout_at(until, self.exchange(base, request, &what, context)).await {
            Ok(result) => result,
            Err(_) => Err(Error::new(Reason::Timeout, format!("{what}: no answer in time"))),
        };
        if matches!(&result, Err(error) if matches!(error.reason, Reason::Timeout | Reason::Connect)) {
            // What else is kept alive to there may be as dead.
            self.drop_connections()?;
        }
        if let Some(recorder) = self.recorder.get() {
            recorder.take(request, result.as_ref(), context.clock.now());
        }
        result
    }

    async fn exchange(
        &self,
        base: &Url,
        request: &Request,
        what: &str,
        context: &PollContext,
    ) -> Result<Answer, Error> {
        let PollContext { clock, limits, .. } = context;
        let url = endpoint(base, &request.path)
            .ok_or_else(|| Error::new(Reason::Internal, format!("{what}: not a path of this address")))?;
        if request.method != Method::GET {
            // It cannot be sent twice, so it is not left to a connection that may have been given up.
            self.drop_connections()?;
        }
        let (http, is_used) = self.http(clock.now())?;
        let mut sent = clock.now();
        let mut response = prepare(&http, url.clone(), request).send().await;
        // Also one that another request was answered on meanwhile.
        let is_used = is_used || self.pool().is_used;
        if request.method == Method::GET && is_used && is_given_up(&response) {
            // The server had given up the connection that was kept: sent once more, on a fresh one.
            self.drop_connections()?;
            let (http, _) = self.http(clock.now())?;
            sent = clock.now();
            response = prepare(&http, url, request).send().await;
        }
        let response = response.map_err(|error| transport_error(what, &error))?;
        self.pool().is_used = true;
        let received = clock.now();
        let midpoint = sent.plus_seconds(received.seconds_since(sent) / 2.0);
        let status = response.status();
        let headers = response.headers().clone();
        if status.is_redirection() {
            return Err(Error::new(
                Reason::Redirect,
                format!(
                    "{what}: HTTP {} redirects, which is never followed; correct the URL",
                    status.as_u16()
                ),
            ));
        }
        if status.is_success() && !request.expects.fits(headers.get(header::CONTENT_TYPE)) {
            return Err(Error::new(
                Reason::ContentType,
                format!("{what}: the answer is not {}", request.expects.accept()),
            ));
        }
        let body = if status.is_success() {
            self.body(response, limits.max_body, what).await?
        } else {
            // What an error says is a courtesy: an endless or broken body must not hide its status.
            self.body(response, limits.max_body.min(MAX_ERROR_BODY), what)
                .await
                .unwrap_or_default()
        };
        let (body, is_mended) = match std::str::from_utf8(&body) {
            Err(_) if request.expects != Media::Any => (String::from_utf8_lossy(&body).into_owned().into(), true),
            _ => (body, false),
        };
        // The permit for this request ends with it, and the next one shall find the connection, not make a third.
        tokio::time::sleep(TO_BE_KEPT).await;
        Ok(Answer {
            status,
            is_mended,
            body,
            what: what.to_owned(),
            clock_skew_seconds: clock_skew(&headers, midpoint),
            retry_after: headers
                .get(header::RETRY_AFTER)
                .and_then(|value| retry_after(value, received)),
            headers,
        })
    }

    /// The client, without its old connections once the certificate that they were made with has expired: a connection that
    /// is kept alive is never verified again.
    fn http(&self, now: Timestamp) -> Result<(reqwest::Client, bool), Error> {
        let mut pool = self.pool();
        // It is good for the whole of the second that it names: a connection made in that would not be dropped again.
        let expired = self
            .certificate
            .expiry()
            .filter(|expiry| now.seconds_since(*expiry) >= 1.0);
        let is_outdated = pool.made.elapsed() >= LIFE || pool.keeps != Keeper::may_keep();
        if is_outdated || expired.is_some() && expired != pool.dropped_for {
            self.renew(&mut pool)?;
            pool.dropped_for = expired;
        }
        Ok((pool.http.clone(), pool.is_used))
    }

    fn drop_connections(&self) -> Result<(), Error> {
        self.renew(&mut self.pool())
    }

    fn renew(&self, pool: &mut Pool) -> Result<(), Error> {
        pool.keeps = Keeper::may_keep();
        pool.http = build(self.tls.clone(), &self.resolver, self.connect_timeout, pool.keeps)?;
        pool.made = Instant::now();
        pool.is_used = false;
        Ok(())
    }

    fn pool(&self) -> MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn body(&self, mut response: reqwest::Response, limit: u64, what: &str) -> Result<Bytes, Error> {
        let mut body = BytesMut::new();
        let mut alone = None;
        while let Some(chunk) = response.chunk().await.map_err(|error| transport_error(what, &error))? {
            let length = (body.len() + chunk.len()) as u64;
            if length > limit {
                return Err(Error::new(
                    Reason::BodyTooLarge,
                    format!("{what}: the answer passes max_body ({limit} bytes)"),
                ));
            }
            if alone.is_none() && length > SMALL_BODY {
                alone = Some(self.large.lock().await);
                // Room for all of it costs what is used of it, and so much is given back to the system when it is dropped;
                // a buffer that grows is copied, and stays with the allocator in pieces.
                body.reserve(usize::try_from(limit.saturating_mul(2)).unwrap_or(0));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn prepare(http: &reqwest::Client, url: Url, request: &Request) -> reqwest::RequestBuilder {
    let mut builder = http
        .request(request.method.clone(), url)
        .header(header::ACCEPT, request.expects.accept());
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if let Some(body) = &request.body {
        // http.sys answers 411 to an empty POST without its length; reqwest sends none for an empty body.
        builder = builder.header(header::CONTENT_LENGTH, body.len()).body(body.clone());
    }
    builder
}

/// Whether this is how a connection ends that the server, or something on the way, had given up: broken before the first byte
/// of an answer, or answered 408.
fn is_given_up(response: &Result<reqwest::Response, reqwest::Error>) -> bool {
    match response {
        Ok(response) => response.status() == StatusCode::REQUEST_TIMEOUT,
        Err(error) => {
            let is_answer = find::<rustls::Error>(error).is_some()
                || find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse);
            !error.is_connect() && !error.is_timeout() && !is_answer
        }
    }
}

fn build(
    tls: rustls::ClientConfig,
    resolver: &Arc<Resolver>,
    connect_timeout: Duration,
    keeps: usize,
) -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::clone(resolver))
        .user_agent(concat!("replication_exporter/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .http1_only()
        .gzip(true)
        .connect_timeout(connect_timeout)
        .pool_max_idle_per_host(keeps)
        // Arrays move floating addresses; a connection that has been idle for long may lead nowhere.
        .tcp_keepalive(Duration::from_secs(30))
        .build()
        .map_err(|error| Error::new(Reason::Internal, format!("the HTTP client cannot be built: {error}")))
}

/// Method, address and path, without the query.
fn describe(base: &Url, request: &Request) -> String {
    let host = base.host_str().unwrap_or_default();
    let port = base.port_or_known_default().unwrap_or_default();
    let prefix = base.path().trim_end_matches('/');
    format!(
        "{} {}://{host}:{port}{prefix}{}",
        request.method,
        base.scheme(),
        request.shown_path()
    )
}

/// `path` below `base`; `None` if it would lead to another origin.
fn endpoint(base: &Url, path: &str) -> Option<Url> {
    if !path.starts_with('/') {
        return None;
    }
    let url = Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).ok()?;
    (url.origin() == base.origin()).then_some(url)
}

/// The server's clock minus ours. `Date` has whole seconds, so on average it is half a second old.
fn clock_skew(headers: &HeaderMap, midpoint: Timestamp) -> Option<f64> {
    let date = httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()?;
    Some(
        Timestamp::from_system_time(date)
            .plus_seconds(0.5)
            .seconds_since(midpoint),
    )
}

/// `Retry-After` in seconds or as a date. What cannot be read, lies in the past or is absurd is held within limits.
fn retry_after(value: &HeaderValue, now: Timestamp) -> Option<Duration> {
    let text = value.to_str().unwrap_or_default().trim();
    let (least, most) = backoff::RETRY_AFTER;
    let seconds = if let Ok(seconds) = text.parse::<f64>() {
        seconds
    } else if let Ok(date) = httpdate::parse_http_date(text) {
        Timestamp::from_system_time(date).seconds_since(now)
    } else {
        return None;
    };
    let seconds = if seconds.is_nan() { 0.0 } else { seconds };
    Some(Duration::from_secs_f64(
        seconds.clamp(least.as_secs_f64(), most.as_secs_f64()),
    ))
}

/// Names the reason of a failure below HTTP. `tls` is looked for first: to reqwest a failed handshake is a failed connect.
fn transport_error(what: &str, error: &reqwest::Error) -> Error {
    if let Some(tls) = find::<rustls::Error>(error) {
        return Error::new(Reason::Tls, format!("{what}: {}", tls_message(tls)));
    }
    let (reason, message) = if find::<io::Error>(error).is_some_and(is_shortage) {
        (Reason::Internal, SHORTAGE.to_owned())
    } else if error.is_timeout() {
        (Reason::Timeout, "no answer in time".to_owned())
    } else if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        (Reason::Parse, "the answer is not HTTP/1.1".to_owned())
    } else if find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::InvalidInput) {
        (Reason::Parse, "the length of a chunk cannot be read".to_owned())
    } else if error.is_decode() && !was_cut(error) {
        (Reason::Parse, "the answer cannot be decompressed".to_owned())
    } else {
        (Reason::Connect, root_cause(error))
    };
    Error::new(reason, format!("{what}: {message}"))
}

/// The first error of type `T` along `source()`, and inside every `io::Error` on the way, which `source()` skips.
pub(crate) fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| find::<T>(inner)) {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn was_cut(error: &reqwest::Error) -> bool {
    find::<hyper::Error>(error).is_some()
        || find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof)
}

fn tls_message(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(rustls::CertificateError::ApplicationVerificationFailure) => {
            "the certificate's public key is not the pinned one".to_owned()
        }
        other => words_of(other),
    }
}

/// The innermost message: "Connection refused" says more than the four wrappers around it.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn StdError = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if cause.is::<reqwest::Error>() {
        // Its text would name the URL with its query.
        return "the connection failed".to_owned();
    }
    words_of(cause)
}

/// The reason that a status stands for; `None` for success.
pub fn status_reason(answer: &Answer) -> Option<Reason> {
    match answer.status {
        // Nobody asked for a part.
        StatusCode::PARTIAL_CONTENT => Some(Reason::HttpStatus),
        status if status.is_success() => None,
        StatusCode::UNAUTHORIZED => Some(Reason::Auth),
        StatusCode::FORBIDDEN => Some(Reason::Forbidden),
        StatusCode::NOT_FOUND => Some(Reason::Unsupported),
        StatusCode::TOO_MANY_REQUESTS => Some(Reason::Throttled),
        StatusCode::SERVICE_UNAVAILABLE if answer.headers.contains_key(header::RETRY_AFTER) => Some(Reason::Throttled),
        _ => Some(Reason::HttpStatus),
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
pub(super) mod tests;
