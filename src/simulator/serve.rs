//! The HTTPS listener in front of a simulated array: TLS, the request log, and the faults of the transport and of HTTP.
//! Knows no vendor. Called by `mod.rs`, once per array.

use super::{
    ca::Authority,
    device::{Answer, Device, Request},
    fault::{FaultBoard, FaultKind},
    request_log::{LoggedRequest, RequestLog},
    spoil::{self, Cut},
};
use crate::{clock::Clock, model::Timestamp};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited, combinators::BoxBody};
use hyper::{
    Response, StatusCode,
    body::Incoming,
    header::{CONTENT_LENGTH, DATE, LOCATION, RETRY_AFTER},
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;

/// The largest request body; the real ones are a few hundred bytes.
const MAX_REQUEST: usize = 1 << 20;

/// A simulated array behind its listener.
pub(crate) struct Station {
    pub(crate) name: String,
    pub(crate) device: Arc<dyn Device>,
    pub(crate) faults: Arc<FaultBoard>,
    pub(crate) log: Arc<RequestLog>,
    pub(crate) clock: Clock,
    pub(crate) authority: Arc<Authority>,
}

/// Serves the array until the task is aborted; its connections end with it.
pub(crate) async fn serve(listener: TcpListener, station: Arc<Station>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    station.log.connected();
                    if !station.fails(&FaultKind::Down) {
                        connections.spawn(connection(stream, Arc::clone(&station)));
                    }
                }
                // Out of file descriptors, most likely: wait for some to be given back.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn connection(stream: TcpStream, station: Arc<Station>) {
    // Answers are small and written whole.
    let _ = stream.set_nodelay(true);
    let Ok(stream) = station.tls().accept(stream).await else {
        return;
    };
    let used = AtomicBool::new(false);
    let service = service_fn(|request| station.handle(request, used.swap(true, Ordering::Relaxed)));
    let served = hyper::server::conn::http1::Builder::new()
        // No timer of its own: a test that moves the clock must not lose its connections by that.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::trace!(array = station.name, %error, "connection ended");
    }
}

impl Station {
    fn fails(&self, kind: &FaultKind) -> bool {
        self.faults.has(&self.name, kind, self.clock.now())
    }

    /// TLS as it is spoken now.
    fn tls(&self) -> TlsAcceptor {
        let faults = self.faults.active(&self.name, self.clock.now());
        let expiring = faults.iter().find_map(|(kind, from)| match kind {
            FaultKind::ExpiringCertificate(left) => {
                let end = from.plus_seconds(left.as_secs_f64());
                self.authority.server_until(end).ok()
            }
            _ => None,
        });
        TlsAcceptor::from(expiring.unwrap_or_else(|| Arc::clone(&self.authority.server)))
    }

    /// `reused`: it is not the first request of its connection.
    async fn handle(
        &self,
        request: hyper::Request<Incoming>,
        reused: bool,
    ) -> Result<Response<BoxBody<Bytes, Cut>>, Cut> {
        if reused && self.fails(&FaultKind::Stale) {
            return Err(Cut);
        }
        let in_flight = self.log.begin();
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_REQUEST).collect().await.map_err(|_| Cut)?;
        let mut request = Request {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: body.to_bytes(),
        };
        let answer = self.answer(&mut request).await;
        let now = self.clock.now();
        self.log
            .ended(logged(&request, answer.as_ref().map(|answer| answer.status)));
        drop(in_flight);
        let Some(answer) = answer else {
            return Err(Cut);
        };
        let answer = answer.with_header(DATE, &self.date(now));
        let length = answer.body.len();
        let mut faults = self.faults.active(&self.name, now).into_iter();
        let cut = faults.find_map(|(kind, _)| match kind {
            FaultKind::Cut(after) => Some(after.unwrap_or(length / 2)),
            _ => None,
        });
        let answer = answer.with_header(CONTENT_LENGTH, &length.to_string());
        let mut response = Response::new(spoil::sent(&answer.body, cut));
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        Ok(response)
    }

    /// The answer, or none where the connection is to be cut.
    async fn answer(&self, request: &mut Request) -> Option<Answer> {
        let faults = self.faults.active(&self.name, self.clock.now());
        for (fault, _) in &faults {
            match fault {
                FaultKind::Down => return None,
                FaultKind::Hang => {
                    self.log.ended(logged(request, None));
                    std::future::pending::<()>().await;
                }
                FaultKind::Slow(late) => tokio::time::sleep(*late).await,
                FaultKind::Http500 => {
                    let status = StatusCode::INTERNAL_SERVER_ERROR;
                    return Some(Answer::body(status, "text/plain", "internal error"));
                }
                FaultKind::Quotes => {
                    let status = StatusCode::INTERNAL_SERVER_ERROR;
                    return Some(Answer::body(status, "text/plain", spoil::quoted(request)));
                }
                FaultKind::Redirect(host) => {
                    let elsewhere = format!("https://{host}{}", request.path);
                    return Some(Answer::empty(StatusCode::TEMPORARY_REDIRECT).with_header(LOCATION, &elsewhere));
                }
                FaultKind::EndlessPages => request.query = spoil::first_page(&request.query),
                FaultKind::Html => {
                    let page = "<!DOCTYPE html><html><body><form>Please log in</form></body></html>";
                    return Some(Answer::body(StatusCode::OK, "text/html; charset=utf-8", page));
                }
                FaultKind::Throttle(retry_after) => {
                    return Some(Answer::empty(StatusCode::TOO_MANY_REQUESTS).with_header(RETRY_AFTER, retry_after));
                }
                FaultKind::Unavailable(retry_after) => {
                    return Some(Answer::empty(StatusCode::SERVICE_UNAVAILABLE).with_header(RETRY_AFTER, retry_after));
                }
                FaultKind::Bursts if self.log.in_flight() > 1 => {
                    return Some(Answer::empty(StatusCode::TOO_MANY_REQUESTS));
                }
                // The device's own, the connection's, or done to the answer.
                _ => {}
            }
        }
        let mut answer = self.device.answer(request, self.clock.now());
        for (fault, _) in faults.iter().filter(|_| answer.status.is_success()) {
            if let Some(body) = spoil::spoiled(&answer.body, fault) {
                answer.body = Bytes::from(body);
            }
        }
        Some(answer)
    }

    /// The `Date` header, by the array's own clock.
    fn date(&self, now: Timestamp) -> String {
        let shown = now.plus_seconds(self.faults.skew(&self.name, now));
        let since_epoch = Duration::try_from_secs_f64(shown.unix_seconds()).unwrap_or_default();
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + since_epoch)
    }
}

fn logged(request: &Request, status: Option<StatusCode>) -> LoggedRequest {
    LoggedRequest {
        method: request.method.to_string(),
        path: request.path.clone(),
        status: status.map(|status| status.as_u16()),
    }
}
