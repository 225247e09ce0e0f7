//! A server of a few lines for tests: answers each connection once, by a closure, and notes what it was asked. Tests only.

use super::{Limits, PollContext};
use crate::{
    clock::Clock,
    config::{ArrayConfig, Credentials, Extra, Polling, SecretRef, Trust},
    model::{Objective, Timestamp},
};
use reqwest::Url;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
    time::Instant,
};

/// What the server does with one request.
pub(crate) enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes and waits for the next request on the same connection.
    KeepAlive(Vec<u8>),
    /// Sends these bytes, then this again and again, as fast as it is read.
    Endless(Vec<u8>, Vec<u8>),
    /// Sends these bytes, then one more each (tokio) second.
    Trickle(Vec<u8>),
}

/// A URL where connections are refused, and that nobody else gets while the socket lives: bound, and not listening.
pub(crate) fn deserted() -> (TcpSocket, Url) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let address = socket.local_addr().expect("an address");
    (socket, Url::parse(&format!("http://{address}")).expect("a URL"))
}

/// One request as it came: head and body.
pub(crate) type Seen = String;

pub(crate) struct Server {
    pub(crate) url: Url,
    connections: Arc<AtomicUsize>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Listens on a free port of loopback.
    pub(crate) async fn start(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_inner(None, reply).await
    }

    /// The same over TLS.
    pub(crate) async fn start_tls(
        tls: rustls::ServerConfig,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start_inner(Some(tokio_rustls::TlsAcceptor::from(Arc::new(tls))), reply).await
    }

    async fn start_inner(
        tls: Option<tokio_rustls::TlsAcceptor>,
        reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let seen = Arc::<Mutex<Vec<Seen>>>::default();
        let connections = Arc::<AtomicUsize>::default();
        let accepted = Arc::clone(&connections);
        let (log, reply) = (Arc::clone(&seen), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                let (log, reply, tls) = (Arc::clone(&log), Arc::clone(&reply), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, &log, &*reply).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => serve(stream, &log, &*reply).await,
                            Err(_) => None,
                        },
                    }
                });
            }
        });
        Self {
            url: Url::parse(&url).expect("a URL"),
            connections,
            seen,
        }
    }

    /// How many connections were accepted so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("a log").clone()
    }

    /// How many requests so far hold `text`.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.seen().iter().filter(|seen| seen.contains(text)).count()
    }
}

/// `None` when the client went away, which is its right.
async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    log: &Mutex<Vec<Seen>>,
    reply: &(impl Fn(&str) -> Reply + ?Sized),
) -> Option<()> {
    loop {
        let mut request = Vec::new();
        while !is_complete(&request) {
            if stream.read_buf(&mut request).await.ok()? == 0 {
                return None;
            }
        }
        let request = String::from_utf8_lossy(&request).into_owned();
        log.lock().expect("a log").push(request.clone());
        match reply(&request) {
            Reply::KeepAlive(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                continue;
            }
            Reply::Bytes(bytes) => stream.write_all(&bytes).await.ok()?,
            Reply::Endless(start, again) => {
                stream.write_all(&start).await.ok()?;
                loop {
                    stream.write_all(&again).await.ok()?;
                }
            }
            Reply::Trickle(start) => {
                stream.write_all(&start).await.ok()?;
                loop {
                    stream.flush().await.ok()?;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    stream.write_all(b"x").await.ok()?;
                }
            }
        }
        return stream.shutdown().await.ok();
    }
}

fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")?
            .trim()
            .parse::<usize>()
            .ok()
    });
    body.len() >= length.unwrap_or(0)
}

/// An answer with this status, these further header lines and this body.
pub(crate) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A successful JSON answer.
pub(crate) fn json(body: impl AsRef<[u8]>) -> Reply {
    Reply::Bytes(answer("200 OK", "Content-Type: application/json\r\n", body))
}

/// An error without a body.
pub(crate) fn status(status: &str) -> Reply {
    Reply::Bytes(answer(status, "", ""))
}

/// An array at `urls`.
pub(crate) fn config(urls: &[&Url], credentials: Credentials) -> ArrayConfig {
    ArrayConfig {
        name: "test".into(),
        vendor: crate::source::qumulo::VENDOR,
        urls: urls.iter().map(|url| (*url).clone()).collect(),
        credentials,
        // Nothing here needs the authorities of this host, of which a container may have none.
        trust: Trust {
            insecure_skip_verify: true,
            ..Trust::default()
        },
        polling: Polling {
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            stale_after: Duration::from_secs(90),
            forget_after: None,
            max_body: 1024 * 1024,
            max_series: 1000,
        },
        sections: crate::source::qumulo::VENDOR.sections(),
        labels: std::collections::BTreeMap::new(),
        objective: Objective::default(),
        extra: Extra::default(),
    }
}

/// A token written in the configuration.
pub(crate) fn token(token: &str) -> Credentials {
    Credentials::Token(SecretRef::Inline(token.into()))
}

/// A user and a password written in the configuration.
pub(crate) fn password(password: &str) -> Credentials {
    Credentials::Password {
        username: "monitor".into(),
        password: SecretRef::Inline(password.into()),
    }
}

/// A poll that begins now, by a clock at 2026-02-20 10:00.
pub(crate) fn context() -> PollContext {
    let wall = Timestamp::parse_rfc3339("2026-02-20T10:00:00Z").expect("a time");
    PollContext {
        deadline: Instant::now() + Duration::from_secs(27),
        clock: Clock::following_tokio(wall),
        sections: crate::source::qumulo::VENDOR.sections(),
        limits: Limits {
            timeout: Duration::from_secs(10),
            max_body: 1024 * 1024,
            most_relationships: 25_001,
        },
    }
}

/// Lets `time` pass at once. The clock is paused for the jump alone: a paused clock runs ahead of sockets.
pub(crate) async fn jump(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
