//! How it is proved who answers: one TLS configuration per array, around authorities that arrays share.
//!
//! Holds no HTTP and no secret. The list of vendors' `connect` functions call it when an array is configured; the verifier
//! is called by rustls at each handshake. Resumption is off: a resumed session is never verified again, so an expired
//! certificate or a withdrawn authority would go unseen, and connections are kept alive anyway.

use crate::{config::Trust, model::Timestamp};
use rustls::{
    ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        Resumption, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
};
use x509_parser::prelude::{FromDer, X509Certificate};

/// The authorities that arrays trust, each set loaded once. Made once per process.
#[derive(Debug)]
pub struct TrustStore {
    provider: Arc<CryptoProvider>,
    /// By the content they were made of, so that a changed CA file makes a new set.
    authorities: Mutex<BTreeMap<Authorities, Weak<WebPkiServerVerifier>>>,
}

/// Which authorities.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Authorities {
    System,
    /// SHA-256 of a CA file's content.
    File([u8; 32]),
}

/// Why a trust setting cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TrustError(String);

/// The certificate that an array last presented. Written at each handshake, also at one that is refused.
#[derive(Clone, Debug, Default)]
pub struct LastCertificate(Arc<Mutex<Option<CertificateDer<'static>>>>);

impl LastCertificate {
    /// The certificate, once one was seen that can be read.
    #[must_use]
    pub fn get(&self) -> Option<CertificateDer<'static>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When it expires.
    #[must_use]
    pub fn expiry(&self) -> Option<Timestamp> {
        let certificate = self.get()?;
        not_after(&X509Certificate::from_der(&certificate).ok()?.1)
    }
}

impl Default for TrustStore {
    fn default() -> Self {
        Self::new()
    }
}

impl TrustStore {
    /// A store that has loaded nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            provider: Arc::new(aws_lc_rs::default_provider()),
            authorities: Mutex::default(),
        }
    }

    /// The TLS configuration for one array. Reads the system's authorities where they are the first to need them.
    pub fn client_config(&self, trust: &Trust, seen: &LastCertificate) -> Result<ClientConfig, TrustError> {
        let server_name = match &trust.server_name {
            Some(name) => Some(
                ServerName::try_from(name.clone())
                    .map_err(|_| TrustError("server_name is neither a host name nor an IP address".into()))?,
            ),
            None => None,
        };
        let verifier = Verifier {
            proof: self.proof(trust)?,
            server_name,
            seen: seen.clone(),
            provider: Arc::clone(&self.provider),
        };
        let mut config = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| TrustError(format!("TLS cannot be set up: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(config)
    }

    #[cfg(test)]
    pub(super) fn loaded(&self) -> usize {
        self.authorities.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn proof(&self, trust: &Trust) -> Result<Proof, TrustError> {
        if trust.insecure_skip_verify {
            return Ok(Proof::None);
        }
        if let Some(pin) = trust.pin_sha256 {
            return Ok(Proof::Pin(pin));
        }
        let key = match &trust.ca_file {
            Some(file) => Authorities::File(file.digest),
            None => Authorities::System,
        };
        let mut authorities = self.authorities.lock().unwrap_or_else(PoisonError::into_inner);
        authorities.retain(|_, verifier| verifier.strong_count() > 0);
        if let Some(known) = authorities.get(&key).and_then(Weak::upgrade) {
            return Ok(Proof::Authorities(known));
        }
        let roots = match &trust.ca_file {
            Some(file) => Arc::clone(&file.roots),
            None => Arc::new(system_roots()?),
        };
        let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&self.provider))
            .build()
            .map_err(|error| TrustError(format!("no authority to trust: {error}")))?;
        authorities.insert(key, Arc::downgrade(&verifier));
        Ok(Proof::Authorities(verifier))
    }
}

fn system_roots() -> Result<RootCertStore, TrustError> {
    let mut roots = RootCertStore::empty();
    // Distributions ship the odd certificate that webpki cannot read; the rest are still good.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(TrustError(
            "this host has no CA certificates; set ca_file or pin_sha256".into(),
        ));
    }
    Ok(roots)
}

/// What must be true of the certificate.
enum Proof {
    Authorities(Arc<WebPkiServerVerifier>),
    /// SHA-256 of the leaf's public key; replaces chain, name and expiry.
    Pin([u8; 32]),
    None,
}

/// Checks one array's certificate, and keeps it whatever is decided.
struct Verifier {
    proof: Proof,
    /// Replaces the URL's host in the check of the name; certificates often lack the addresses of nodes.
    server_name: Option<ServerName<'static>>,
    seen: LastCertificate,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").finish_non_exhaustive()
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let leaf = X509Certificate::from_der(end_entity).ok().map(|(_, leaf)| leaf);
        if leaf.is_some() {
            *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(end_entity.clone().into_owned());
        }
        match &self.proof {
            Proof::Authorities(verifier) => verifier.verify_server_cert(
                end_entity,
                intermediates,
                self.server_name.as_ref().unwrap_or(server_name),
                ocsp_response,
                now,
            ),
            Proof::Pin(pin) => {
                let key = leaf.map(|leaf| Sha256::digest(leaf.tbs_certificate.subject_pki.raw));
                if key.is_some_and(|key| key[..] == pin[..]) {
                    Ok(ServerCertVerified::assertion())
                } else {
                    Err(rustls::Error::InvalidCertificate(
                        rustls::CertificateError::ApplicationVerificationFailure,
                    ))
                }
            }
            Proof::None => Ok(ServerCertVerified::assertion()),
        }
    }

    // In every mode the peer proves that it holds the certificate's key: a pin would mean nothing otherwise.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

pub(super) fn not_after(leaf: &X509Certificate<'_>) -> Option<Timestamp> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "whole seconds of a calendar date are far below 2^53"
    )]
    let seconds = leaf.validity().not_after.timestamp() as f64;
    Timestamp::from_unix_seconds(seconds)
}

#[cfg(test)]
#[path = "trust_tests.rs"]
mod tests;
