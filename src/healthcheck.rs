//! The sub-command `healthcheck`: asks the running daemon's `/-/healthy`, or `/-/ready`, for container health checks.
//!
//! Needs no password, and for life no certificate: over TLS it verifies nothing, and being asked for either is a sign of life.
//! Of `/-/ready` the status says even to who is refused that it is not ready.

use crate::{exit::Failure, settings::Settings, source::client::find};
use anyhow::{Context, anyhow, ensure};
use reqwest::StatusCode;
use std::time::Duration;

/// From the dial to the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Fine if the daemon on the first listen address says that it is alive, or `ready`.
pub async fn run(settings: Settings, ready: bool) -> Result<(), Failure> {
    ask(&settings, ready).await.map_err(Failure::Runtime)
}

async fn ask(settings: &Settings, ready: bool) -> anyhow::Result<()> {
    // reqwest wants to know its crypto provider even for plain HTTP. Only fails where one is installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listen = settings.listen();
    let address = listen.first().ok_or_else(|| anyhow!("no listen address"))?.reachable();
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(TIMEOUT)
        // Our own address, no secret is sent, and the certificate seldom has the name localhost.
        .tls_danger_accept_invalid_certs(true)
        .build()?;
    let path = if ready { "/-/ready" } else { "/-/healthy" };
    let url = format!("http://{address}{path}");
    match client.get(&url).send().await {
        Ok(response) => judge(&url, response.status()),
        // Not HTTP, so perhaps TLS. The web configuration is not read to know: it may have become unreadable or wrong,
        // and the daemon goes on with the one before.
        Err(error) if !error.is_connect() && !error.is_timeout() => {
            let url = format!("https://{address}{path}");
            match client.get(&url).send().await {
                Ok(response) => judge(&url, response.status()),
                Err(error) if !ready && wants_a_certificate(&error) => Ok(()),
                Err(error) => Err(error).with_context(|| format!("asking {url}")),
            }
        }
        Err(error) => Err(error).with_context(|| format!("asking {url}")),
    }
}

/// Without a password, or over its rate limit, it is alive, and ready, all the same.
fn judge(url: &str, status: StatusCode) -> anyhow::Result<()> {
    let fine = status.is_success() || matches!(status, StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS);
    ensure!(fine, "{url} answered {status}");
    Ok(())
}

/// Whether a TLS server ended the connection for want of a client certificate: in TLS 1.2 by an alert in the handshake, in
/// TLS 1.3 after it, where closing the socket can outrun the alert.
fn wants_a_certificate(error: &reqwest::Error) -> bool {
    let alert = matches!(find::<rustls::Error>(error), Some(rustls::Error::AlertReceived(_)));
    alert || (!error.is_connect() && !error.is_timeout())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::get};
    use clap::Parser;

    #[derive(Parser)]
    struct Flags {
        #[command(flatten)]
        settings: Settings,
    }

    fn settings(address: &str) -> Settings {
        Flags::try_parse_from(["x", "--web.listen-address", address])
            .expect("flags")
            .settings
    }

    #[tokio::test]
    async fn only_a_daemon_that_says_so_is_healthy() {
        for (status, healthy) in [
            (StatusCode::OK, true),
            (StatusCode::UNAUTHORIZED, true),
            (StatusCode::TOO_MANY_REQUESTS, true),
            (StatusCode::NOT_FOUND, false),
            (StatusCode::SERVICE_UNAVAILABLE, false),
        ] {
            let listeners = crate::server::bind(&settings(":0").listen_addresses)
                .await
                .expect("a free port");
            let port = listeners[0].local_addr().expect("an address").port();
            let router = Router::new().route("/-/healthy", get(move || async move { status }));
            let stop = tokio_util::sync::CancellationToken::new();
            let limits = crate::server::Limits::default();
            let served = tokio::spawn(crate::server::serve(
                listeners,
                crate::server::Plain,
                router,
                limits,
                stop.clone(),
            ));
            assert_eq!(run(settings(&format!(":{port}")), false).await.is_ok(), healthy);
            stop.cancel();
            served.await.expect("no panic");
            run(settings(&format!("127.0.0.1:{port}")), false)
                .await
                .expect_err("nobody listens");
        }
    }
}
