//! The sockets that listen addresses become. Knows nothing of HTTP.

use crate::settings::ListenAddress;
use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::net::{TcpListener, TcpSocket};

/// Connections that the kernel holds while all permits are in use.
const BACKLOG: u32 = 1024;

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct BindError {
    address: String,
    source: io::Error,
}

/// Listens on every address, or says which one cannot be had.
pub async fn bind(addresses: &[ListenAddress]) -> Result<Vec<TcpListener>, BindError> {
    let mut listeners = Vec::with_capacity(addresses.len());
    for address in addresses {
        let listener = open(address).await.map_err(|source| BindError {
            address: address.to_string(),
            source,
        })?;
        listeners.push(listener);
    }
    Ok(listeners)
}

async fn open(address: &ListenAddress) -> io::Result<TcpListener> {
    if address.host().is_empty() {
        return match listen((Ipv6Addr::UNSPECIFIED, address.port()).into()) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
            // A host without IPv6.
            Err(_) => listen((Ipv4Addr::UNSPECIFIED, address.port()).into()),
            listener => listener,
        };
    }
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for found in tokio::net::lookup_host((address.host(), address.port())).await? {
        match listen(found) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A restart must not wait for the old connections' TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_in_use_is_an_error_that_names_it() {
        let first = bind(&[":0".parse().expect("an address")]).await.expect("a free port");
        let taken = format!(":{}", first[0].local_addr().expect("an address").port());
        let error = bind(&[taken.parse().expect("an address")]).await.expect_err("taken");
        assert!(error.to_string().contains(&taken), "{error}");
    }
}
