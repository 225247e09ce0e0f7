use super::*;
use crate::source::{
    PollContext,
    client::tests::{client, client_with, get},
    error::Reason,
    request::{Media, Request},
    test_server::{Reply, Server, context, json},
};
use crate::{clock::Clock, config};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData};
use reqwest::Url;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sha2::{Digest, Sha256};
use std::{path::PathBuf, sync::Arc};

struct Identity {
    config: rustls::ServerConfig,
    key: KeyPair,
}

fn issuer() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an issuer")
}

fn identity(issuer: &CertifiedIssuer<'static, KeyPair>, name: &str, last_year: i32) -> Identity {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(last_year, 1, 1);
    let certificate = params.signed_by(&key, issuer).expect("a certificate");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .expect("a configuration");
    Identity { config, key }
}

/// A file that is removed again.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("replication_exporter-{}-{name}.pem", std::process::id()));
        std::fs::write(&path, content).expect("a file");
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn trusting(file: &File) -> Trust {
    Trust {
        ca_file: Some(config::Authorities::read(&file.0).expect("authorities")),
        ..Trust::default()
    }
}

async fn refused(config: rustls::ServerConfig, trust: &Trust) -> (String, Option<Timestamp>) {
    let server = Server::start_tls(config, |_| json("{}")).await;
    let client = client_with(trust);
    let error = get(&client, &server.url).await.expect_err("refused");
    assert_eq!(error.reason, Reason::Tls, "{error}");
    assert_eq!(server.seen().len(), 0, "nothing is sent before the chain is verified");
    (error.message, client.certificate_expiry())
}

async fn accepted(config: rustls::ServerConfig, trust: &Trust) -> Option<Timestamp> {
    let server = Server::start_tls(config, |_| json("{}")).await;
    let client = client_with(trust);
    get(&client, &server.url).await.expect("an answer");
    client.certificate_expiry()
}

#[tokio::test]
async fn an_authority_from_a_file_is_trusted_and_another_is_not() {
    let (ours, theirs) = (issuer(), issuer());
    let file = File::new("authority", &ours.pem());
    let expiry = accepted(identity(&ours, "127.0.0.1", 2100).config, &trusting(&file)).await;
    assert_eq!(expiry, Timestamp::parse_rfc3339("2100-01-01T00:00:00Z"));
    refused(identity(&theirs, "127.0.0.1", 2100).config, &trusting(&file)).await;
}

#[tokio::test]
async fn an_expired_certificate_is_refused_and_its_expiry_is_known() {
    let issuer = issuer();
    let file = File::new("expired", &issuer.pem());
    let (message, expiry) = refused(identity(&issuer, "127.0.0.1", 2021).config, &trusting(&file)).await;
    assert!(message.contains("expired"), "{message}");
    assert_eq!(expiry, Timestamp::parse_rfc3339("2021-01-01T00:00:00Z"));
}

#[tokio::test]
async fn connections_made_with_a_certificate_that_has_expired_since_are_dropped_once() {
    let issuer = issuer();
    let file = File::new("kept-alive", &issuer.pem());
    let reply = |_: &str| {
        Reply::KeepAlive(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".to_vec())
    };
    let server = Server::start_tls(identity(&issuer, "127.0.0.1", 2100).config, reply).await;
    let client = client_with(&trusting(&file));
    let request = Request::get("/", Media::Json);
    let mut connections = Vec::new();
    for now in [
        "2026-02-20T10:00:00Z",
        "2099-12-31T23:59:59Z",
        "2100-01-01T00:00:00.9Z",
        "2100-01-01T00:00:01Z",
        "2100-01-01T00:00:30Z",
    ] {
        let clock = Clock::following_tokio(Timestamp::parse_rfc3339(now).expect("a time"));
        let context = PollContext { clock, ..context() };
        client.send(&server.url, &request, &context).await.expect("an answer");
        connections.push(server.connections());
    }
    assert_eq!(connections, [1, 1, 1, 2, 2]);
}

#[tokio::test]
async fn server_name_replaces_the_name_that_is_checked() {
    let issuer = issuer();
    let file = File::new("name", &issuer.pem());
    refused(identity(&issuer, "array.example.com", 2100).config, &trusting(&file)).await;
    let named = Trust {
        server_name: Some("array.example.com".into()),
        ..trusting(&file)
    };
    accepted(identity(&issuer, "array.example.com", 2100).config, &named).await;
    refused(identity(&issuer, "127.0.0.1", 2100).config, &named).await;
}

#[tokio::test]
async fn a_pin_replaces_chain_name_and_expiry_but_not_the_key() {
    let issuer = issuer();
    let identity_of_array = identity(&issuer, "array.example.com", 2021);
    let pin = Sha256::digest(identity_of_array.key.subject_public_key_info());
    let pinned = Trust {
        pin_sha256: Some(pin.into()),
        ..Trust::default()
    };
    accepted(identity_of_array.config, &pinned).await;
    let (message, _) = refused(identity(&issuer, "127.0.0.1", 2100).config, &pinned).await;
    assert!(message.contains("pinned"), "{message}");
}

#[tokio::test]
async fn a_server_without_tls_is_a_tls_failure() {
    // The greeting of TLS is no HTTP request, so this server speaks first.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = Url::parse(&format!("https://{}", listener.local_addr().expect("an address"))).expect("a URL");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            let mut rest = Vec::new();
            let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut rest).await;
        }
    });
    assert_eq!(get(&client(), &url).await.expect_err("no TLS").reason, Reason::Tls);
}

#[test]
fn arrays_with_the_same_authorities_share_them_until_the_file_changes() {
    let file = File::new("shared", &issuer().pem());
    let (store, expiry) = (TrustStore::new(), LastCertificate::default());
    let first = store.client_config(&trusting(&file), &expiry).expect("a configuration");
    let _second = store.client_config(&trusting(&file), &expiry).expect("a configuration");
    assert_eq!(store.loaded(), 1);
    std::fs::write(&file.0, issuer().pem()).expect("a file");
    let _third = store.client_config(&trusting(&file), &expiry).expect("a configuration");
    assert_eq!(store.loaded(), 2);
    drop(first);
}
