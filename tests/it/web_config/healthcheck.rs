//! `healthcheck` needs neither certificate nor password to see that the daemon lives.

use super::{
    MUTUAL,
    fixture::{Folder, TLS, serve, serve_when},
};
use clap::Parser;
use replication_exporter::{healthcheck, settings::Settings};
use std::net::SocketAddr;
use tokio::io::AsyncWriteExt;

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    settings: Settings,
}

fn settings(address: SocketAddr) -> Settings {
    let address = address.to_string();
    Flags::try_parse_from(["x", "--web.listen-address", &address])
        .expect("flags")
        .settings
}

#[tokio::test]
async fn a_daemon_is_alive_whatever_it_asks_of_its_clients() {
    let folder = Folder::new();
    let mutual = format!("{MUTUAL}  client_auth_type: RequireAndVerifyClientCert\n");
    let hash = bcrypt::hash("apple", 4).expect("a hash");
    let passwords = format!("basic_auth_users:\n  ann: {hash}\n");
    for config in [
        String::new(),
        passwords.clone(),
        TLS.to_owned(),
        format!("{TLS}{passwords}"),
        mutual.clone(),
        format!("{mutual}  max_version: TLS12\n"),
    ] {
        let server = folder.serve(&config).await;
        let result = healthcheck::run(settings(server.address), false).await;
        assert!(result.is_ok(), "{config}: {result:?}");
    }
    let server = serve(None).await;
    let address = server.address;
    healthcheck::run(settings(address), false).await.expect("alive");
}

#[tokio::test]
async fn whether_it_is_ready_is_told_under_tls_with_a_password_too_but_not_without_a_certificate_that_it_asks_for() {
    let folder = Folder::new();
    let hash = bcrypt::hash("apple", 4).expect("a hash");
    let passwords = format!("basic_auth_users:\n  ann: {hash}\n");
    for config in [String::new(), passwords.clone(), format!("{TLS}{passwords}")] {
        let file = folder.write("web.yml", &config);
        for ready in [false, true] {
            let server = serve_when(Some(&file), ready).await;
            let result = healthcheck::run(settings(server.address), true).await;
            assert_eq!(result.is_ok(), ready, "{config}: {result:?}");
            let alive = healthcheck::run(settings(server.address), false).await;
            assert!(alive.is_ok(), "{config}: {alive:?}");
        }
    }
    let mutual = format!("{MUTUAL}  client_auth_type: RequireAndVerifyClientCert\n");
    let server = folder.serve(&mutual).await;
    let result = healthcheck::run(settings(server.address), true).await;
    result.expect_err("nobody said that it is ready");
}

#[tokio::test]
async fn what_speaks_neither_http_nor_tls_is_not_the_daemon() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let babbler = tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.write_all(b"220 mail.example.com ESMTP\r\n").await;
        }
    });
    healthcheck::run(settings(address), false).await.expect_err("no daemon");
    babbler.abort();
}
