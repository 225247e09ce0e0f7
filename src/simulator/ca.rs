//! The simulation's own certificate authority and the one server certificate that all its arrays present. Made anew at each
//! start, so nothing else can trust it by accident. Called by `mod.rs`.

use crate::model::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// An authority and what a server needs to prove itself by it.
pub(crate) struct Authority {
    /// The authority's certificate, PEM.
    pub(crate) pem: String,
    /// TLS as every simulated array speaks it.
    pub(crate) server: Arc<ServerConfig>,
    issuer: Issuer<'static, KeyPair>,
    server_key: KeyPair,
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// It could not be made.
    #[error("making the simulation's certificate: {0}")]
    Make(#[from] rcgen::Error),
    /// It could not be used.
    #[error("using the simulation's certificate: {0}")]
    Use(#[from] rustls::Error),
}

impl Authority {
    /// A new authority, and a certificate for this host's loopback names.
    pub(crate) fn new() -> Result<Self, CertificateError> {
        let authority_key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
            .distinguished_name
            .push(DnType::CommonName, "replication_exporter simulation");
        validity(&mut params);
        let authority = params.self_signed(&authority_key)?;
        let issuer = Issuer::new(params, authority_key);

        let server_key = KeyPair::generate()?;
        let server = server(&issuer, &server_key, None)?;
        Ok(Self {
            pem: authority.pem(),
            server: Arc::new(server),
            issuer,
            server_key,
        })
    }

    /// TLS with a certificate of the same key that is good until then.
    pub(crate) fn server_until(&self, end: Timestamp) -> Result<Arc<ServerConfig>, CertificateError> {
        Ok(Arc::new(server(&self.issuer, &self.server_key, Some(end))?))
    }
}

fn server(
    issuer: &Issuer<'static, KeyPair>,
    key: &KeyPair,
    end: Option<Timestamp>,
) -> Result<ServerConfig, CertificateError> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "simulated array");
    params.use_authority_key_identifier_extension = true;
    validity(&mut params);
    if let Some(end) = end {
        params.not_after = (SystemTime::UNIX_EPOCH + Duration::from_secs_f64(end.unix_seconds().max(0.0))).into();
    }
    let certificate = params.signed_by(key, issuer)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Fixed, wide dates: certificates are checked against the host's clock, which the simulation does not follow in tests.
fn validity(params: &mut CertificateParams) {
    params.not_before = rcgen::date_time_ymd(2024, 1, 1);
    params.not_after = rcgen::date_time_ymd(2049, 1, 1);
}
