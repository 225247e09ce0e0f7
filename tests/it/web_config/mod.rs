//! The rules of `--web.config.file`, over real sockets: who gets in, and which files are refused.

mod fixture;
mod healthcheck;
mod passwords;
mod problems;

use fixture::{Authority, Folder, Identity, TLS, client, pass};
use rcgen::SanType;
use replication_exporter::server::Limits;
use std::time::Duration;
use tokio::{io::AsyncReadExt, time::Instant};
use tokio_rustls::TlsConnector;

const MUTUAL: &str = "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n  client_ca_file: ca.pem\n";

#[tokio::test]
async fn tls_is_spoken_and_plain_http_is_not_answered() {
    let folder = Folder::new();
    let server = folder.serve(TLS).await;
    let answer = server.get_tls(&folder.client(None), "/metrics", "").await;
    let answer = answer.expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("up 1\n"),
        "{answer}"
    );

    let plain = server.get("/metrics", "").await.unwrap_or_default();
    assert!(!plain.contains("HTTP/1.1") && !plain.contains("up 1"), "{plain}");
}

#[tokio::test]
async fn without_a_file_everything_is_plain_and_open() {
    let server = fixture::serve(None).await;
    let answer = server.get("/metrics", "").await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_certificate_and_key_may_be_written_in_the_file_itself() {
    let folder = Folder::new();
    let server = folder.authority.issue_for_server();
    let block = |pem: &str| pem.trim_end().replace('\n', "\n    ");
    let config = format!(
        "tls_server_config:\n  cert: |\n    {}\n  key: |\n    {}\n",
        block(&server.certificate),
        block(&server.key)
    );
    let server = folder.serve(&config).await;
    let answer = server.get_tls(&folder.client(None), "/metrics", "").await;
    assert!(answer.expect("an answer").ends_with("up 1\n"));
}

#[tokio::test]
async fn each_client_auth_type_lets_in_whom_it_says() {
    let folder = Folder::new();
    let known = folder.authority.issue(&[]);
    let stranger = Authority::new().issue(&[]);
    for (auth, none, unknown) in [
        ("RequestClientCert", true, true),
        ("RequireAnyClientCert", false, true),
        ("VerifyClientCertIfGiven", true, false),
        ("RequireAndVerifyClientCert", false, false),
    ] {
        let server = folder.serve(&format!("{MUTUAL}  client_auth_type: {auth}\n")).await;
        for (client, allowed) in [(Some(&known), true), (None, none), (Some(&stranger), unknown)] {
            let answer = server.get_tls(&folder.client(client), "/metrics", "").await;
            let answered = answer.is_ok_and(|answer| answer.ends_with("up 1\n"));
            assert_eq!(answered, allowed, "{auth}, {}", client.is_some());
        }
    }
}

#[tokio::test]
async fn a_client_certificate_needs_one_of_the_allowed_names() {
    let folder = Folder::new();
    let allowed = "[prometheus.example.com, 192.0.2.7, '2001:db8::7', ops@example.com, 'spiffe://x/prometheus']";
    let config = format!("{MUTUAL}  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: {allowed}\n");
    let server = folder.serve(&config).await;
    let dns = |name: &str| SanType::DnsName(name.try_into().expect("a name"));
    for (names, answered) in [
        (vec![dns("prometheus.example.com")], true),
        (vec![dns("other.example.com"), dns("prometheus.example.com")], true),
        (vec![SanType::IpAddress([192, 0, 2, 7].into())], true),
        (
            vec![SanType::IpAddress("2001:db8::7".parse().expect("an address"))],
            true,
        ),
        (
            vec![SanType::Rfc822Name("ops@example.com".try_into().expect("a name"))],
            true,
        ),
        (
            vec![SanType::URI("spiffe://x/prometheus".try_into().expect("a name"))],
            true,
        ),
        (vec![dns("a.prometheus.example.com")], false),
        (vec![SanType::IpAddress([192, 0, 2, 8].into())], false),
        (vec![], false),
    ] {
        let identity = folder.authority.issue(&names);
        let answer = server.get_tls(&folder.client(Some(&identity)), "/metrics", "").await;
        assert_eq!(
            answer.is_ok_and(|answer| answer.ends_with("up 1\n")),
            answered,
            "{names:?}"
        );
    }
    // The right name from the wrong authority.
    let forged = Authority::new().issue(&[dns("prometheus.example.com")]);
    let answer = server.get_tls(&folder.client(Some(&forged)), "/metrics", "").await;
    assert!(!answer.is_ok_and(|answer| answer.contains("up 1")));
}

#[tokio::test]
async fn a_new_certificate_is_in_use_within_a_second_and_a_broken_one_never() {
    let folder = Folder::new();
    let server = folder.serve(TLS).await;
    let old = folder.client(None);
    let answers = async |client: &TlsConnector| server.get_tls(client, "/metrics", "").await.is_ok();
    assert!(answers(&old).await);

    // Half of a rotation: the certificate is new, its key is not there yet.
    let authority = Authority::new();
    let new = client(&authority.pem, None);
    let identity: Identity = authority.issue_for_server();
    folder.write("cert.pem", &identity.certificate);
    pass(Duration::from_secs(1)).await;
    assert!(answers(&old).await && !answers(&new).await, "the old pair stays");

    folder.write("key.pem", &identity.key);
    assert!(!answers(&new).await, "the files are looked at once a second");
    pass(Duration::from_secs(1)).await;
    assert!(answers(&new).await && !answers(&old).await, "the new pair is in use");

    std::fs::remove_file(folder.path("key.pem")).expect("removed");
    pass(Duration::from_secs(1)).await;
    assert!(answers(&new).await, "what was read stays");
}

#[tokio::test]
async fn a_withdrawn_authority_ends_the_access_of_its_clients() {
    let folder = Folder::new();
    let server = folder
        .serve(&format!("{MUTUAL}  client_auth_type: RequireAndVerifyClientCert\n"))
        .await;
    // The same connector all along: a resumed session would get in.
    let client = folder.client(Some(&folder.authority.issue(&[])));
    assert!(server.get_tls(&client, "/metrics", "").await.is_ok());
    folder.write("ca.pem", &Authority::new().pem);
    pass(Duration::from_secs(1)).await;
    let answer = server.get_tls(&client, "/metrics", "").await;
    assert!(!answer.is_ok_and(|answer| answer.contains("up 1")));
}

#[tokio::test]
async fn a_file_that_would_open_the_server_is_not_followed() {
    let folder = Folder::new();
    let config = format!("{MUTUAL}  client_auth_type: RequireAndVerifyClientCert\n");
    let server = folder.serve(&config).await;
    let known = folder.client(Some(&folder.authority.issue(&[])));
    for opened in ["", TLS, &config.replace("RequireAndVerify", "Request")] {
        folder.write("web.yml", opened);
        pass(Duration::from_secs(1)).await;
        let stranger = server.get_tls(&folder.client(None), "/metrics", "").await;
        assert!(!stranger.is_ok_and(|answer| answer.contains("up 1")), "{opened}");
        assert!(server.get_tls(&known, "/metrics", "").await.is_ok(), "{opened}");
        let plain = server.get("/metrics", "").await.unwrap_or_default();
        assert!(!plain.contains("up 1"), "{opened}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_shakes_hands_is_cut_at_its_timeout() {
    let server = Folder::new().serve(TLS).await;
    let mut client = server.connect().await;
    let began = Instant::now();
    let mut answer = Vec::new();
    // Cleanly closed or reset.
    let _ = client.read_to_end(&mut answer).await;
    let limit = Limits::default().handshake;
    assert!((limit..limit * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn only_the_versions_that_are_allowed_are_spoken() {
    let folder = Folder::new();
    for (limits, version) in [
        ("  max_version: TLS12\n", rustls::ProtocolVersion::TLSv1_2),
        ("  min_version: TLS13\n", rustls::ProtocolVersion::TLSv1_3),
    ] {
        let server = folder.serve(&format!("{TLS}{limits}")).await;
        let stream = server.handshake(&folder.client(None)).await.expect("a handshake");
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version));
    }
    let suite = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
    let config = format!("{TLS}  max_version: TLS12\n  cipher_suites: [{suite}]\n  curve_preferences: [CurveP384]\n");
    let server = folder.serve(&config).await;
    let stream = server.handshake(&folder.client(None)).await.expect("a handshake");
    let session = stream.get_ref().1;
    let used = session.negotiated_cipher_suite().expect("a suite").suite();
    assert_eq!(used.as_str(), Some(suite));
    let group = session.negotiated_key_exchange_group().expect("a group").name();
    assert_eq!(group, rustls::NamedGroup::secp384r1);
}

#[tokio::test]
async fn headers_are_on_every_answer_and_replace_our_own() {
    let folder = Folder::new();
    let headers = "{ X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=60, X-XSS-Protection: '' }";
    let server = folder
        .serve(&format!("http_server_config:\n  http2: true\n  headers: {headers}\n"))
        .await;
    for path in ["/", "/nothing"] {
        let answer = server.get(path, "").await.expect("an answer").to_lowercase();
        assert_eq!(answer.matches("x-frame-options: sameorigin\r\n").count(), 1, "{answer}");
        assert_eq!(answer.matches("x-frame-options").count(), 1, "{answer}");
        assert!(answer.contains("strict-transport-security: max-age=60\r\n"), "{answer}");
        assert!(!answer.contains("x-xss-protection"), "{answer}");
    }
}

#[tokio::test]
async fn requests_over_the_rate_limit_are_told_so() {
    let folder = Folder::new();
    let server = folder.serve("rate_limit: { interval: 1h, burst: 2 }\n").await;
    let mut statuses = vec![];
    for _ in 0..3 {
        let answer = server.get("/metrics", "").await.expect("an answer");
        statuses.push(answer[9..12].to_owned());
    }
    assert_eq!(statuses, ["200", "200", "429"]);
}
