//! The accept loop and the life of a connection. Knows nothing of routes.
//!
//! `axum::serve` has no limits: a half-sent header stayed open for 44 seconds and kept it from stopping. Here everything a
//! client can do slowly has a time, everything it can do often has a permit, and stopping has a deadline.

use super::shares::Shares;
use axum::Router;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{future::Future, io, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long to wait after `accept` failed. File descriptors come back when connections end, not by asking again.
const PAUSE_AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(500);

/// The part of all connections that is an address' share: a fourth.
const SHARE: usize = 4;

/// How long a client may take beyond that.
const AT_ONCE: Duration = Duration::from_secs(1);

/// A request head larger than this is refused with 431. A thousand `?array=` fit.
const MAX_HEADER_SIZE: usize = 64 * 1024;

/// Makes a connection of a socket: as it is, or after a TLS handshake.
pub trait Acceptor: Clone + Send + Sync + 'static {
    /// The connection.
    type Io: AsyncRead + AsyncWrite + Send + 'static;

    /// Runs in the connection's own task, so a slow client delays no other.
    fn accept(&self, socket: TcpStream) -> impl Future<Output = io::Result<Self::Io>> + Send;
}

/// Plain HTTP.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Acceptor for Plain {
    type Io = TcpStream;

    async fn accept(&self, socket: TcpStream) -> io::Result<TcpStream> {
        Ok(socket)
    }
}

/// What a client may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time; more wait in the kernel's queue.
    pub max_connections: usize,
    /// From accepting the socket to the end of [`Acceptor::accept`].
    pub handshake: Duration,
    /// From the start, or the end of the answer before, to the last byte of a request's head.
    pub header_read: Duration,
    /// How long a client may refuse to take a byte of the answer.
    pub write: Duration,
    /// How long answers that have begun may go on after a stop.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 512,
            handshake: Duration::from_secs(5),
            header_read: Duration::from_secs(10),
            write: Duration::from_secs(30),
            shutdown: Duration::from_secs(3),
        }
    }
}

impl Limits {
    /// Those of the connection with this number, from 1, of one address: beyond an address' share a handshake or a request's
    /// head has to come at once.
    fn for_the(self, number: usize) -> Self {
        if number <= self.max_connections.div_ceil(SHARE) {
            return self;
        }
        Self {
            handshake: self.handshake.min(AT_ONCE),
            header_read: self.header_read.min(AT_ONCE),
            ..self
        }
    }
}

/// Serves `router` on `listeners` until `stop`, then ends within `limits.shutdown`.
pub async fn serve<A: Acceptor>(
    listeners: Vec<TcpListener>,
    acceptor: A,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) {
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(limits.max_connections));
    let shares = Arc::<Shares>::default();
    let loops = TaskTracker::new();
    for listener in listeners {
        let server = Server {
            acceptor: acceptor.clone(),
            router: router.clone(),
            limits,
            stop: stop.clone(),
            connections: connections.clone(),
            permits: Arc::clone(&permits),
            shares: Arc::clone(&shares),
        };
        loops.spawn(server.accept_until_stopped(listener));
    }
    loops.close();
    loops.wait().await;
    connections.close();
    connections.wait().await;
}

#[derive(Clone)]
struct Server<A> {
    acceptor: A,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
    connections: TaskTracker,
    permits: Arc<Semaphore>,
    shares: Arc<Shares>,
}

impl<A: Acceptor> Server<A> {
    async fn accept_until_stopped(self, listener: TcpListener) {
        let stop = self.stop.clone();
        // Dropping the listener on the way out refuses new connections at once.
        stop.run_until_cancelled(self.accept(listener)).await;
    }

    async fn accept(&self, listener: TcpListener) {
        let mut failing = false;
        loop {
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((socket, peer)) => {
                    if std::mem::take(&mut failing) {
                        tracing::info!("accepting connections again");
                    }
                    let place = self.shares.take(peer.ip());
                    let server = Self {
                        limits: self.limits.for_the(place.held),
                        ..self.clone()
                    };
                    self.connections.spawn(async move {
                        server.connection(socket).await;
                        drop((place, permit));
                    });
                }
                // The client was gone before it was greeted.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    if !std::mem::replace(&mut failing, true) {
                        tracing::error!(%error, "cannot accept connections");
                    }
                    sleep(PAUSE_AFTER_ACCEPT_ERROR).await;
                }
            }
        }
    }

    async fn connection(self, socket: TcpStream) {
        let _ = socket.set_nodelay(true);
        let handshake = timeout(self.limits.handshake, self.acceptor.accept(socket));
        let io = match self.stop.run_until_cancelled(handshake).await {
            Some(Ok(Ok(io))) => io,
            Some(Ok(Err(error))) => return tracing::debug!(%error, "handshake failed"),
            Some(Err(_)) => return tracing::debug!("handshake timed out"),
            None => return,
        };
        let mut io = Box::pin(TimeoutStream::new(io));
        io.as_mut().set_write_timeout_pinned(Some(self.limits.write));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_read)
            .max_header_size(MAX_HEADER_SIZE)
            .serve_connection(TokioIo::new(io), TowerToHyperService::new(self.router));
        let mut connection = pin!(connection);
        let mut result = self.stop.run_until_cancelled(connection.as_mut()).await;
        if result.is_none() {
            connection.as_mut().graceful_shutdown();
            result = timeout(self.limits.shutdown, connection).await.ok();
        }
        match result {
            Some(Ok(())) => {}
            Some(Err(error)) => tracing::debug!(%error, "connection ended"),
            None => tracing::debug!("connection cut at shutdown"),
        }
    }
}
