//! Certificates, a web configuration in a folder of its own, the server with it, and a client that speaks TLS.

use bytes::Bytes;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, SanType};
use replication_exporter::{
    metrics::{
        Exposition, Inventory, Selection, UnknownArray,
        page::{Page, PageBuilder},
    },
    model::{Overview, Scope, Timestamp},
    server::{self, Limits, Offer, TlsOrPlain, Web},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::sync::CancellationToken;

/// A web configuration with TLS and nothing else.
pub(super) const TLS: &str = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n";

/// An authority that issues certificates.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(super) pem: String,
}

/// A certificate and its key, PEM.
pub(super) struct Identity {
    pub(super) certificate: String,
    pub(super) key: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        let pem = params.self_signed(&key).expect("a certificate").pem();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    pub(super) fn issue(&self, names: &[SanType]) -> Identity {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names.to_vec();
        let key = KeyPair::generate().expect("a key");
        Identity {
            certificate: params.signed_by(&key, &self.issuer).expect("a certificate").pem(),
            key: key.serialize_pem(),
        }
    }

    pub(super) fn issue_for_server(&self) -> Identity {
        self.issue(&[SanType::DnsName("localhost".try_into().expect("a name"))])
    }
}

/// A folder with `cert.pem`, `key.pem`, `other.key.pem`, `ca.pem` and whatever a test writes.
pub(super) struct Folder {
    folder: TempDir,
    pub(super) authority: Authority,
}

impl Folder {
    pub(super) fn new() -> Self {
        let folder = Self {
            folder: TempDir::new().expect("a folder"),
            authority: Authority::new(),
        };
        folder.install(&folder.authority.issue_for_server());
        folder.write("ca.pem", &folder.authority.pem);
        folder.write("other.key.pem", &folder.authority.issue(&[]).key);
        folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("written");
        path
    }

    pub(super) fn install(&self, server: &Identity) {
        self.write("cert.pem", &server.certificate);
        self.write("key.pem", &server.key);
    }

    pub(super) async fn serve(&self, config: &str) -> Running {
        serve(Some(&self.write("web.yml", config))).await
    }

    pub(super) fn client(&self, identity: Option<&Identity>) -> TlsConnector {
        client(&self.authority.pem, identity)
    }
}

/// Trusts `authority` and shows `identity`.
pub(super) fn client(authority: &str, identity: Option<&Identity>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(authority.as_bytes()).expect("a certificate");
    roots.add(authority).expect("an authority");
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots);
    let config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let certificate = CertificateDer::from_pem_slice(identity.certificate.as_bytes()).expect("a certificate");
            let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).expect("a key");
            builder
                .with_client_auth_cert(vec![certificate], key)
                .expect("an identity")
        }
    };
    TlsConnector::from(Arc::new(config))
}

pub(super) struct Running {
    pub(super) address: SocketAddr,
    stop: CancellationToken,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// One line, and no array.
struct Up {
    ready: bool,
}

impl Exposition for Up {
    fn page(&self, _: &Selection) -> Result<Page, UnknownArray> {
        let mut page = PageBuilder::new();
        page.push(&Bytes::from_static(b"up 1\n"));
        Ok(page.finish(1))
    }

    fn ready(&self) -> bool {
        self.ready
    }

    fn generation(&self) -> u64 {
        1
    }

    fn overview(&self, _: &Scope) -> Result<Overview, UnknownArray> {
        let now = Timestamp::parse_rfc3339("2026-11-21T15:54:11Z").expect("a time");
        Ok(Overview::new(now, Vec::new(), Vec::new()))
    }
}

impl Inventory for Up {
    fn names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

pub(super) async fn serve(config: Option<&Path>) -> Running {
    serve_when(config, true).await
}

pub(super) async fn serve_when(config: Option<&Path>, ready: bool) -> Running {
    let web = Web::open(config).unwrap_or_else(|problems| panic!("{problems}"));
    let router = server::router(Offer::of(Arc::new(Up { ready })), &web);
    let listeners = server::bind(&["127.0.0.1:0".parse().expect("an address")])
        .await
        .expect("a free port");
    let address = listeners[0].local_addr().expect("an address");
    let stop = CancellationToken::new();
    tokio::spawn(server::serve(
        listeners,
        TlsOrPlain(web),
        router,
        Limits::default(),
        stop.clone(),
    ));
    Running { address, stop }
}

impl Running {
    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    pub(super) async fn handshake(&self, client: &TlsConnector) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from("localhost").expect("a name");
        client.connect(name, self.connect().await).await
    }

    /// The whole answer to a GET over TLS, or why there is none.
    pub(super) async fn get_tls(&self, client: &TlsConnector, path: &str, headers: &str) -> io::Result<String> {
        exchange(self.handshake(client).await?, path, headers).await
    }

    /// The whole answer to a GET over plain HTTP.
    pub(super) async fn get(&self, path: &str, headers: &str) -> io::Result<String> {
        exchange(self.connect().await, path, headers).await
    }
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, path: &str, headers: &str) -> io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Lets time pass without waiting for it.
pub(super) async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}
