//! The section `tls_server_config`: from its keys to the server's TLS configuration.
//!
//! What rustls cannot do is refused by name: versions before 1.2, RSA key exchange, CBC, the curve P-521.

pub(super) use super::client_certificates::ClientAuth;
use super::{
    Files, client_certificates,
    pem::Pem,
    table::{Findings, Spot, Table},
};
use rustls::{
    RootCertStore, ServerConfig, SupportedCipherSuite, SupportedProtocolVersion,
    crypto::{
        CryptoProvider, SupportedKxGroup,
        aws_lc_rs::{ALL_CIPHER_SUITES, default_provider, kx_group},
    },
    server::NoServerSessionStorage,
    version::{TLS12, TLS13},
};
use std::sync::Arc;

/// The outcome; `server` is there if nothing is wrong.
pub(super) struct TlsSection {
    pub(super) client_auth: ClientAuth,
    pub(super) allowed_sans: bool,
    pub(super) server: Option<Arc<ServerConfig>>,
}

pub(super) fn read(mut section: Table, files: &mut Files, findings: &mut Findings) -> TlsSection {
    for [inline, file] in [["cert", "cert_file"], ["key", "key_file"]] {
        if !section.sets(inline) && !section.sets(file) {
            findings.problem(section.at(), format!("`{file}` is missing"));
        }
    }
    let certificate = Pem::take(&mut section, ["cert", "cert_file"], files, findings);
    let key = Pem::take(&mut section, ["key", "key_file"], files, findings);
    let (client_auth, authorities) = client_auth(&mut section, files, findings);
    let allowed_sans = allowed_sans(&mut section, client_auth, findings);
    let versions = versions(&mut section, findings);
    let (provider, suites_at) = provider(&mut section, findings);
    let prefer_server = section
        .take("prefer_server_cipher_suites")
        .and_then(|field| field.flag(findings));

    let mut tls = TlsSection {
        client_auth,
        allowed_sans: !allowed_sans.is_empty(),
        server: None,
    };
    let suites_at = suites_at.unwrap_or_else(|| section.at().clone());
    section.finish(findings);
    let (Some(certificate), Some(key)) = (certificate, key) else {
        return tls;
    };
    let (Some(chain), Some(private_key)) = (certificate.certificates(findings), key.private_key(findings)) else {
        return tls;
    };
    if !findings.problems.is_empty() {
        return tls;
    }
    let Ok(builder) = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(&versions)
    else {
        findings.problem(&suites_at, "leaves no cipher suite for the versions that are allowed");
        return tls;
    };
    let Ok(verifier) = client_certificates::verifier(client_auth, authorities, allowed_sans, &provider) else {
        findings.problem(&certificate.at, "the authorities of the clients cannot be used");
        return tls;
    };
    match builder
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, private_key)
    {
        Ok(mut server) => {
            server.ignore_client_order = prefer_server.unwrap_or(true);
            server.alpn_protocols = vec![b"http/1.1".to_vec()];
            // A resumed session is not verified again: a withdrawn authority or an expired certificate would go unseen.
            server.session_storage = Arc::new(NoServerSessionStorage {});
            server.send_tls13_tickets = 0;
            tls.server = Some(Arc::new(server));
        }
        Err(rustls::Error::InconsistentKeys(_)) => findings.problem(&key.at, "does not belong to the certificate"),
        Err(_) => findings.problem(&certificate.at, "the certificate or its key cannot be used"),
    }
    tls
}

fn client_auth(section: &mut Table, files: &mut Files, findings: &mut Findings) -> (ClientAuth, Option<RootCertStore>) {
    let given = section.sets("client_ca") || section.sets("client_ca_file");
    let pem = Pem::take(section, ["client_ca", "client_ca_file"], files, findings);
    let authorities = pem.as_ref().and_then(|pem| pem.authorities(findings));
    let Some((name, at)) = section.take("client_auth_type").and_then(|field| field.text(findings)) else {
        if let Some(pem) = pem {
            let message = "`client_auth_type` is missing; RequireAndVerifyClientCert makes use of these authorities";
            findings.problem(&pem.at, message);
        }
        return (ClientAuth::None, None);
    };
    let Some(auth) = ClientAuth::from_name(&name) else {
        findings.problem(&at, format!("expected {}", ClientAuth::NAMES));
        return (ClientAuth::None, None);
    };
    if auth.verifies() && !given {
        findings.problem(&at, "needs `client_ca_file`, the authorities that it verifies with");
    }
    if auth == ClientAuth::None && given {
        findings.problem(&at, "asks for no certificate, so `client_ca_file` has no effect");
    }
    (auth, authorities)
}

fn allowed_sans(section: &mut Table, auth: ClientAuth, findings: &mut Findings) -> Vec<String> {
    let Some(field) = section.take("client_allowed_sans") else {
        return vec![];
    };
    let at = field.at.clone();
    let before = findings.problems.len();
    let names = field.texts(findings);
    if names.is_empty() && findings.problems.len() == before {
        findings.problem(&at, "an empty list allows nobody");
    }
    if !auth.requires() {
        let message = "needs the `client_auth_type` RequireAndVerifyClientCert or RequireAnyClientCert";
        findings.problem(&at, message);
    }
    names.into_iter().map(|(name, _)| name).collect()
}

fn versions(section: &mut Table, findings: &mut Findings) -> Vec<&'static SupportedProtocolVersion> {
    let mut version = |key, default| {
        let Some((name, at)) = section.take(key).and_then(|field| field.text(findings)) else {
            return (default, None);
        };
        match name.as_str() {
            "TLS12" => (12, Some(at)),
            "TLS13" => (13, Some(at)),
            "TLS10" | "TLS11" => {
                findings.problem(&at, "this version is not supported: TLS12 or TLS13");
                (default, None)
            }
            _ => {
                findings.problem(&at, "expected TLS12 or TLS13");
                (default, None)
            }
        }
    };
    let (min, _) = version("min_version", 12);
    let (max, max_at) = version("max_version", 13);
    if let Some(at) = max_at.filter(|_| max < min) {
        findings.problem(&at, "is lower than `min_version`");
    }
    let all = [(13, &TLS13), (12, &TLS12)];
    let allowed = all.into_iter().filter(|(version, _)| (min..=max).contains(version));
    allowed.map(|(_, version)| version).collect()
}

/// The cryptography, and where the cipher suites are limited.
fn provider(section: &mut Table, findings: &mut Findings) -> (Arc<CryptoProvider>, Option<Spot>) {
    let mut provider = default_provider();
    let field = section.take("cipher_suites");
    let at = field.as_ref().map(|field| field.at.clone());
    let names = field.map(|field| field.texts(findings)).unwrap_or_default();
    if !names.is_empty() {
        let listed = chosen(names, findings, cipher_suite, || {
            ALL_CIPHER_SUITES.iter().map(|suite| suite_name(*suite)).collect()
        });
        // As in Go, the list is about TLS 1.2: the suites of 1.3 are not configurable.
        provider.cipher_suites.retain(|suite| suite.tls13().is_some());
        provider
            .cipher_suites
            .extend(listed.into_iter().filter(|suite| suite.tls13().is_none()));
    }
    let names = section
        .take("curve_preferences")
        .map(|field| field.texts(findings))
        .unwrap_or_default();
    if !names.is_empty() {
        provider.kx_groups = chosen(names, findings, curve, || {
            CURVES.iter().map(|(name, _)| (*name).to_owned()).collect()
        });
    }
    (Arc::new(provider), at)
}

/// Each name's meaning; one that has none is a problem.
fn chosen<T>(
    names: Vec<(String, Spot)>,
    findings: &mut Findings,
    meaning: impl Fn(&str) -> Option<T>,
    supported: impl Fn() -> Vec<String>,
) -> Vec<T> {
    let found = names.into_iter().filter_map(|(name, at)| {
        let meaning = meaning(&name);
        if meaning.is_none() {
            findings.problem(
                &at,
                format!("is not supported; supported are {}", supported().join(", ")),
            );
        }
        meaning
    });
    found.collect()
}

fn cipher_suite(name: &str) -> Option<SupportedCipherSuite> {
    ALL_CIPHER_SUITES
        .iter()
        .copied()
        .find(|suite| suite_name(*suite) == name)
}

/// As the standard and Go have it: rustls alone says `TLS13_`.
fn suite_name(suite: SupportedCipherSuite) -> String {
    suite.suite().as_str().unwrap_or_default().replace("TLS13_", "TLS_")
}

/// Go's names.
const CURVES: [(&str, &dyn SupportedKxGroup); 4] = [
    ("X25519MLKEM768", kx_group::X25519MLKEM768),
    ("X25519", kx_group::X25519),
    ("CurveP256", kx_group::SECP256R1),
    ("CurveP384", kx_group::SECP384R1),
];

fn curve(name: &str) -> Option<&'static dyn SupportedKxGroup> {
    CURVES.iter().find(|(known, _)| *known == name).map(|(_, group)| *group)
}
