//! Listen addresses as users write them. The server opens them.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

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

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: address.ip().to_string(),
            port: address.port(),
        }
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

    /// Empty: every address of the host.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// 0: any free one.
    pub(crate) fn port(&self) -> u16 {
        self.port
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
}
