//! The connection's first step: a TLS handshake where the web configuration asks for TLS. `accept` calls it in the
//! connection's own task and under its deadline.

use super::{Acceptor, Web};
use std::{io, sync::Arc};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::either::Either;

/// Speaks TLS, with the certificate of the moment, or plain HTTP.
#[derive(Clone, Debug)]
pub struct TlsOrPlain(pub Arc<Web>);

impl Acceptor for TlsOrPlain {
    type Io = Either<TlsStream<TcpStream>, TcpStream>;

    async fn accept(&self, socket: TcpStream) -> io::Result<Self::Io> {
        match &self.0.current().await.tls {
            Some(config) => {
                let stream = TlsAcceptor::from(Arc::clone(config)).accept(socket).await?;
                Ok(Either::Left(stream))
            }
            None => Ok(Either::Right(socket)),
        }
    }
}
