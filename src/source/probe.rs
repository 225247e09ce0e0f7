//! How far one gets to an address below HTTP: name, TCP, TLS. For `doctor`; polls do not come by here, and nothing of HTTP
//! and no credential is ever sent.

use super::{
    request::{shown, words_of},
    trust::{LastCertificate, TrustError, TrustStore, not_after},
};
use crate::{config::Trust, model::Timestamp};
use reqwest::Url;
use rustls::{CertificateError, pki_types::ServerName};
use sha2::{Digest, Sha256, digest::Output};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout},
};
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// How far one gets. What comes after a failure is `None`.
#[derive(Debug)]
pub struct Probe {
    /// The addresses of the name.
    pub addresses: Result<Vec<SocketAddr>, String>,
    /// Each address that was dialled, up to the first that answered: how long that took.
    pub dials: Vec<(SocketAddr, Result<Duration, String>)>,
    /// `None` for plaintext too.
    pub tls: Option<TlsProbe>,
}

/// What came of the TLS handshake.
#[derive(Debug)]
pub struct TlsProbe {
    /// The leaf, also when it was refused.
    pub certificate: Option<Certificate>,
    /// The version of TLS; or why not.
    pub verdict: Result<String, TlsFailure>,
}

/// Why there is no TLS, by what the operator does about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFailure {
    /// The certificate is not accepted.
    #[error("{0}: {1}")]
    Certificate(Refused, String),
    /// Something else, such as no common version, or no TLS at all.
    #[error("{0}")]
    Handshake(String),
    /// The trust setting cannot be used.
    #[error("{0}")]
    Setting(TrustError),
}

/// Why a certificate is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody who is trusted signed it.
    #[error("no trusted authority signed the certificate")]
    UnknownIssuer,
    /// Its time is over, or has not come.
    #[error("the certificate is not valid now")]
    Expired,
    /// It is another host's.
    #[error("the certificate is not for this name")]
    OtherName,
    /// Its key is not the pinned one.
    #[error("the certificate's key is not the pinned one")]
    OtherKey,
    /// Anything else.
    #[error("the certificate is not accepted")]
    Otherwise,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names and addresses that it is for.
    pub names: Vec<String>,
    /// When it expires.
    pub expires: Option<Timestamp>,
    /// SHA-256 of the public key.
    pub key_sha256: [u8; 32],
}

impl Certificate {
    /// The key as `pin_sha256` takes it.
    #[must_use]
    pub fn pin(&self) -> String {
        format!("{:x}", Output::<Sha256>::from(self.key_sha256))
    }
}

impl Probe {
    /// Goes as far as it gets; each step may take `patience`.
    pub async fn of(url: &Url, trust: &Trust, store: &TrustStore, patience: Duration) -> Self {
        let mut probe = Self {
            addresses: look_up(url, patience).await,
            dials: Vec::new(),
            tls: None,
        };
        let addresses = probe.addresses.clone().unwrap_or_default();
        for address in addresses {
            let began = Instant::now();
            let dial = match timeout(patience, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => Ok(stream),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("no answer in time".to_owned()),
            };
            match dial {
                Ok(stream) => {
                    probe.dials.push((address, Ok(began.elapsed())));
                    if url.scheme() == "https" {
                        probe.tls = Some(shake_hands(stream, url, trust, store, patience).await);
                    }
                    break;
                }
                Err(message) => probe.dials.push((address, Err(message))),
            }
        }
        probe
    }

    /// Whether requests can be sent.
    #[must_use]
    pub fn is_through(&self) -> bool {
        self.dials.iter().any(|(_, dial)| dial.is_ok()) && self.tls.as_ref().is_none_or(|tls| tls.verdict.is_ok())
    }
}

async fn look_up(url: &Url, patience: Duration) -> Result<Vec<SocketAddr>, String> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or_default();
    match timeout(patience, lookup_host((host, port))).await {
        Ok(Ok(addresses)) => {
            let addresses: Vec<SocketAddr> = addresses.collect();
            if addresses.is_empty() {
                return Err("the name has no address".to_owned());
            }
            Ok(addresses)
        }
        Ok(Err(error)) => Err(words_of(&error)),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

async fn shake_hands(stream: TcpStream, url: &Url, trust: &Trust, store: &TrustStore, patience: Duration) -> TlsProbe {
    let failed = |failure| TlsProbe {
        certificate: None,
        verdict: Err(failure),
    };
    let seen = LastCertificate::default();
    let config = match store.client_config(trust, &seen) {
        Ok(config) => config,
        Err(error) => return failed(TlsFailure::Setting(error)),
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let Ok(name) = ServerName::try_from(host.to_owned()) else {
        return failed(TlsFailure::Handshake("the host is no name for TLS".to_owned()));
    };
    let verdict = match timeout(patience, TlsConnector::from(Arc::new(config)).connect(name, stream)).await {
        Ok(Ok(stream)) => {
            let version = stream
                .get_ref()
                .1
                .protocol_version()
                .and_then(|version| version.as_str());
            Ok(version.unwrap_or("TLS").replace('_', "."))
        }
        Ok(Err(error)) => Err(failure(&error)),
        Err(_) => Err(TlsFailure::Handshake("no answer in time".to_owned())),
    };
    TlsProbe {
        certificate: seen.get().and_then(|leaf| certificate(&leaf)),
        verdict,
    }
}

fn failure(error: &std::io::Error) -> TlsFailure {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return TlsFailure::Handshake(words_of(error));
    };
    let rustls::Error::InvalidCertificate(refused) = tls else {
        return TlsFailure::Handshake(words_of(tls));
    };
    let kind = match refused {
        CertificateError::UnknownIssuer => Refused::UnknownIssuer,
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Refused::Expired,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Refused::OtherName,
        CertificateError::ApplicationVerificationFailure => Refused::OtherKey,
        _ => Refused::Otherwise,
    };
    TlsFailure::Certificate(kind, words_of(refused))
}

fn certificate(der: &[u8]) -> Option<Certificate> {
    let (_, leaf) = X509Certificate::from_der(der).ok()?;
    let names = leaf.subject_alternative_name().ok().flatten().map(|extension| {
        extension
            .value
            .general_names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(shown(name)),
                GeneralName::IPAddress(bytes) => address(bytes),
                _ => None,
            })
            .collect()
    });
    let key = Sha256::digest(leaf.tbs_certificate.subject_pki.raw);
    Some(Certificate {
        subject: shown(&leaf.subject().to_string()),
        issuer: shown(&leaf.issuer().to_string()),
        names: names.unwrap_or_default(),
        expires: not_after(&leaf),
        key_sha256: key.into(),
    })
}

fn address(bytes: &[u8]) -> Option<String> {
    match *bytes {
        [a, b, c, d] => Some(std::net::Ipv4Addr::new(a, b, c, d).to_string()),
        _ => Some(std::net::Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string()),
    }
}
