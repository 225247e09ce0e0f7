//! The sub-command `healthcheck`: asks the running daemon's `/-/healthy`, for container health checks.

use crate::{exit::Failure, settings::Settings};
use anyhow::{Context, anyhow, ensure};
use std::time::Duration;

/// From the dial to the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Fine if the daemon on the first listen address says that it is alive.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    ask(&settings).await.map_err(Failure::Runtime)
}

async fn ask(settings: &Settings) -> anyhow::Result<()> {
    // reqwest wants to know its crypto provider even for plain HTTP. Only fails where one is installed already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let address = settings
        .listen_addresses
        .first()
        .ok_or_else(|| anyhow!("no listen address"))?;
    let url = format!("http://{}/-/healthy", address.reachable());
    let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build()?;
    let response = client.get(&url).send().await.with_context(|| format!("asking {url}"))?;
    ensure!(response.status().is_success(), "{url} answered {}", response.status());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, http::StatusCode, routing::get};
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
        for (status, healthy) in [(StatusCode::OK, true), (StatusCode::SERVICE_UNAVAILABLE, false)] {
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
            assert_eq!(run(settings(&format!(":{port}"))).await.is_ok(), healthy);
            stop.cancel();
            served.await.expect("no panic");
            run(settings(&format!("127.0.0.1:{port}")))
                .await
                .expect_err("nobody listens");
        }
    }
}
