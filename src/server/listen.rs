//! Listen addresses: what users write, and the sockets they become. Knows nothing of HTTP.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};
use tokio::net::{TcpListener, TcpSocket};

/// Connections that the kernel holds while all permits are in use.
const BACKLOG: u32 = 1024;

/// An address to listen on: `:10094` (every address of the host), `192.0.2.1:10094`, `[::1]:10094`, `localhost:10094`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    /// Empty: every address of the host.
    host: String,
    port: u16,
}

/// An address that is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected HOST:PORT, [IPv6]:PORT or :PORT")]
pub struct ParseAddressError;

/// An address that cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {source}")]
pub struct BindError {
    address: String,
    source: io::Error,
}

impl FromStr for ListenAddress {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        let (host, port) = text.rsplit_once(':').ok_or(ParseAddressError)?;
        // `u16::from_str` takes "+1".
        if !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ParseAddressError);
        }
        let port = port.parse().map_err(|_| ParseAddressError)?;
        let host = match host.strip_prefix('[') {
            Some(rest) => {
                let inner = rest.strip_suffix(']').ok_or(ParseAddressError)?;
                inner.parse::<Ipv6Addr>().map_err(|_| ParseAddressError)?;
                inner
            }
            None if host.contains([':', '/', ']', ' ']) => return Err(ParseAddressError),
            None => host,
        };
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl ListenAddress {
    /// Every address of this host.
    #[must_use]
    pub fn everywhere(port: u16) -> Self {
        Self {
            host: String::new(),
            port,
        }
    }

    /// This host alone.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port,
        }
    }

    /// `HOST:PORT` at which this host reaches what listens here.
    #[must_use]
    pub fn reachable(&self) -> String {
        let host = match self.host.parse() {
            Ok(IpAddr::V4(ip)) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.to_string(),
            Ok(IpAddr::V6(ip)) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.to_string(),
            _ if self.host.is_empty() => "localhost".to_owned(),
            _ => self.host.clone(),
        };
        Self { host, port: self.port }.to_string()
    }

    async fn bind(&self) -> io::Result<TcpListener> {
        if self.host.is_empty() {
            return match listen((Ipv6Addr::UNSPECIFIED, self.port).into()) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
                // A host without IPv6.
                Err(_) => listen((Ipv4Addr::UNSPECIFIED, self.port).into()),
                listener => listener,
            };
        }
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in tokio::net::lookup_host((self.host.as_str(), self.port)).await? {
            match listen(address) {
                Ok(listener) => return Ok(listener),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// Listens on every address, or says which one cannot be had.
pub async fn bind(addresses: &[ListenAddress]) -> Result<Vec<TcpListener>, BindError> {
    let mut listeners = Vec::with_capacity(addresses.len());
    for address in addresses {
        let listener = address.bind().await.map_err(|source| BindError {
            address: address.to_string(),
            source,
        })?;
        listeners.push(listener);
    }
    Ok(listeners)
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

    #[test]
    fn addresses_are_read_and_written_alike() {
        for text in [":10094", "127.0.0.1:0", "[::1]:10094", "localhost:80"] {
            let address: ListenAddress = text.parse().expect(text);
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "10094",
            "::1:10094",
            "[::1]",
            "[x]:1",
            "a:b",
            "a:65536",
            "http://a:1",
            "a:+1",
            "a:",
        ] {
            assert_eq!(text.parse::<ListenAddress>(), Err(ParseAddressError), "{text:?}");
        }
    }

    #[test]
    fn the_wildcard_is_reached_over_loopback() {
        for (listen, reach) in [
            (":1", "localhost:1"),
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:1", "[::1]:1"),
            ("192.0.2.1:1", "192.0.2.1:1"),
        ] {
            let address: ListenAddress = listen.parse().expect(listen);
            assert_eq!(address.reachable(), reach);
        }
    }

    #[tokio::test]
    async fn an_address_in_use_is_an_error_that_names_it() {
        let first = bind(&[":0".parse().expect("an address")]).await.expect("a free port");
        let taken = format!(":{}", first[0].local_addr().expect("an address").port());
        let error = bind(&[taken.parse().expect("an address")]).await.expect_err("taken");
        assert!(error.to_string().contains(&taken), "{error}");
    }
}
