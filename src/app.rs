//! Builds everything and runs until told to stop. Names no vendor.

use crate::{
    clock::Clock,
    config::{self, Config},
    exit::Failure,
    facts_file::{self, FormerFacts},
    metrics::exporter::ExporterMetrics,
    server::{self, Web},
    settings::Settings,
    source::{trust::TrustStore, vendors},
    store::{self, Store},
};
use anyhow::{Context, anyhow};
use std::{future::Future, io::Write, path::Path, sync::Arc, time::Duration};
use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// How long everything together may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(4);

/// Checks the configuration and the secrets that it names; every problem is printed.
pub fn check(settings: &Settings) -> Result<(), Failure> {
    let config = load(&settings.config_file)?;
    Web::open(settings.web_config_file.as_deref()).map_err(Failure::configuration)?;
    let problems = config::check_secrets(&config);
    for problem in &problems {
        print(&problem.to_string())?;
    }
    if !problems.is_empty() {
        return Err(Failure::configuration(anyhow!(
            "{} of the secrets cannot be read",
            problems.len()
        )));
    }
    for warning in &config.warnings {
        print(&format!("warning: {warning}"))?;
    }
    print(&format!(
        "{}: fine, {} arrays",
        settings.config_file.display(),
        config.arrays.len()
    ))
}

/// Runs the daemon until SIGTERM or SIGINT.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let config = load(&settings.config_file)?;
    let stop = stop_on_signals().map_err(Failure::runtime)?;
    serve(config, &settings, stop, std::future::ready(())).await
}

/// Polls the arrays of `config` and serves what they say until `stop`. `once_serving` is run when the port is open.
pub async fn serve(
    config: Config,
    settings: &Settings,
    stop: CancellationToken,
    once_serving: impl Future<Output = ()>,
) -> Result<(), Failure> {
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let web = Web::open(settings.web_config_file.as_deref()).map_err(Failure::configuration)?;
    let clock = Clock::host();
    let exporter = ExporterMetrics::new(clock.now()).map_err(Failure::runtime)?;
    let store = Arc::new(Store::new(clock, exporter));
    let mut tasks = start_polling(&config, &store, &stop)?;
    tasks.spawn(until_stopped(stop.clone(), store::run_ticker(store.clone())));
    if let Some(path) = config.state_file {
        tasks.spawn(facts_file::keep(store.clone(), path, stop.clone()));
    }
    let listeners = server::bind(&settings.listen()).await.map_err(Failure::runtime)?;
    tracing::info!(
        arrays = config.arrays.len(),
        listen = settings
            .listen()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(","),
        tls = web.is_tls(),
        version = crate::build_info::VERSION,
        "serving"
    );
    let router = server::router(store, settings.max_requests);
    // Last, around every route: what is merged into the router after it would stand open.
    let router = server::protect(router, &web);
    tasks.spawn(server::serve(
        listeners,
        server::TlsOrPlain(web),
        router,
        server::Limits::default(),
        stop.clone(),
    ));
    once_serving.await;
    stop.cancelled().await;
    tracing::info!("stopping");
    if tokio::time::timeout(STOP_TIMEOUT, tasks.join_all()).await.is_err() {
        tracing::warn!("not everything ended in time");
    }
    Ok(())
}

/// A poller per array, with what was known of it before.
fn start_polling(config: &Config, store: &Arc<Store>, stop: &CancellationToken) -> Result<JoinSet<()>, Failure> {
    let mut former = config.state_file.as_deref().map(FormerFacts::load).unwrap_or_default();
    let trust = TrustStore::default();
    let mut tasks = JoinSet::new();
    for array in &config.arrays {
        let facts = former.take(&array.name, array.vendor);
        let slot = store.add(Arc::new(array.clone()), facts);
        let poller = vendors::poller(slot, &trust, store.clock(), stop.clone())
            .with_context(|| format!("array {}", array.name))
            .map_err(Failure::Configuration)?;
        tasks.spawn(poller);
    }
    Ok(tasks)
}

fn load(path: &Path) -> Result<Config, Failure> {
    config::load(path, std::env::vars_os()).map_err(Failure::configuration)
}

/// A token that SIGTERM or SIGINT (Ctrl-C) cancels.
pub fn stop_on_signals() -> std::io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        token.cancel();
    });
    Ok(stop)
}

async fn until_stopped(stop: CancellationToken, work: impl Future<Output = ()>) {
    stop.run_until_cancelled(work).await;
}

fn print(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}").map_err(Failure::runtime)
}
