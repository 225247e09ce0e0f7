//! Builds everything and runs until told to stop. Names no vendor.

mod descriptors;

use crate::{
    clock::Clock,
    exit::Failure,
    facts_file,
    fleet::{self, ConfigSource, Fleet},
    metrics::exporter::ExporterMetrics,
    poller,
    reload::Trigger,
    server::{self, Offer, Web},
    settings::Settings,
    store::{self, Store},
    systemd,
};
use anyhow::anyhow;
use futures_util::future::BoxFuture;
use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long everything together may take to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(4);

/// Checks the configuration and the secrets that it names; every problem is printed.
pub fn check(settings: &Settings) -> Result<(), Failure> {
    let candidate = source(settings)?.load().map_err(Failure::configuration)?;
    Web::open(settings.web_config_file.as_deref()).map_err(Failure::configuration)?;
    let unreadable = candidate.unreadable_secrets();
    for problem in &unreadable {
        print(&problem.to_string())?;
    }
    if !unreadable.is_empty() {
        return Err(Failure::configuration(anyhow!(
            "{} of the secrets cannot be read",
            unreadable.len()
        )));
    }
    if let Some(path) = &candidate.config.state_file {
        match facts_file::inspect(path) {
            Ok(found) => print(&format!("state file {found}"))?,
            Err((problem, remedy)) => print(&format!("warning: state file {problem}: {remedy}"))?,
        }
    }
    for odd in candidate.odd_secrets() {
        print(&format!("warning: {odd}"))?;
    }
    for warning in &candidate.config.warnings {
        print(&format!("warning: {warning}"))?;
    }
    let of_this_shard = if settings.shard_count.is_some() {
        format!(", {} of them of this shard", candidate.arrays.len())
    } else {
        String::new()
    };
    print(&format!(
        "{}: fine, {} arrays{of_this_shard}",
        settings.config_file.display(),
        candidate.configured
    ))
}

/// Runs the daemon until SIGTERM or SIGINT.
pub async fn run(settings: Settings) -> Result<(), Failure> {
    let stop = stop_on_signals().map_err(Failure::runtime)?;
    serve(source(&settings)?, &settings, stop, |_| ()).await
}

/// Polls the arrays of the configuration and serves what they say until `stop`, reloading it on SIGHUP and whenever else the
/// settings say. The ports are open before the first array is asked; `once_serving` is told which they are.
pub async fn serve(
    source: ConfigSource,
    settings: &Settings,
    stop: CancellationToken,
    once_serving: impl FnOnce(&[SocketAddr]),
) -> Result<(), Failure> {
    // From here on a SIGHUP no longer ends the process.
    let hangups = signal(SignalKind::hangup()).map_err(Failure::runtime)?;
    let watched = settings
        .auto_reload_interval
        .map(|interval| (interval, source.read().mark));
    let candidate = source.load().map_err(Failure::configuration)?;
    let web = Web::open(settings.web_config_file.as_deref()).map_err(Failure::configuration)?;
    let clock = Clock::host();
    let exporter = ExporterMetrics::new(clock.now()).map_err(Failure::runtime)?;
    exporter.describe(source.shard).map_err(Failure::runtime)?;
    web.report_to(exporter.web_config());
    let http = exporter.http();
    let store = Arc::new(Store::new(clock, exporter));
    let arrays = candidate.arrays.len();

    let max_connections = descriptors::divide(arrays);
    // Before any array is asked: a second daemon on the same port must not cost the arrays a log-in.
    let listeners = server::bind(&settings.listen()).await.map_err(Failure::runtime)?;
    let bound: Result<Vec<SocketAddr>, _> = listeners.iter().map(TcpListener::local_addr).collect();
    let bound = bound.map_err(Failure::runtime)?;

    let tasks = TaskTracker::new();
    let until_stopped = |work: BoxFuture<'static, ()>| {
        let stop = stop.clone();
        tasks.spawn(async move {
            stop.run_until_cancelled(work).await;
        });
    };
    let (trigger, requests) = Trigger::channel();
    let loaded = CancellationToken::new();
    let offer = Offer {
        links: settings.links(),
        max_requests: settings.max_requests,
        reload: settings.enable_lifecycle.then_some(trigger.clone()),
        loaded: loaded.clone(),
        requests: Some(http),
        ..Offer::of(store.clone())
    };
    let router = server::router(offer, &web);
    tasks.spawn(server::serve(
        listeners,
        server::TlsOrPlain(web.clone()),
        router,
        server::Limits {
            max_connections,
            ..server::Limits::default()
        },
        stop.clone(),
    ));
    let mut fleet = Fleet::new(store.clone(), tasks.clone(), stop.clone());
    let Some(started) = stop.run_until_cancelled(fleet.start(candidate)).await else {
        return Ok(());
    };
    started.map_err(|error| Failure::configuration(anyhow!(error)))?;
    loaded.cancel();
    until_stopped(Box::pin(store::run_ticker(store.clone())));
    until_stopped(Box::pin(poller::tell_standings(store.clone())));
    until_stopped(Box::pin(reload_on(hangups, trigger.clone())));
    if let Some((interval, known)) = watched {
        until_stopped(Box::pin(fleet::watch(source.clone(), known, interval, trigger.clone())));
    }
    until_stopped(Box::pin(fleet::reload_when_asked(fleet, source, requests)));

    tracing::info!(
        arrays,
        listen = bound.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        tls = web.is_tls(),
        version = crate::build_info::VERSION,
        "serving"
    );
    systemd::ready();
    once_serving(&bound);
    tokio::select! {
        () = stop.cancelled() => {}
        () = systemd::keep_watchdog(|period| store.ticked_within(period)) => {}
    }
    systemd::stopping();
    tracing::info!("stopping");
    tasks.close();
    if tokio::time::timeout(STOP_TIMEOUT, tasks.wait()).await.is_err() {
        tracing::warn!("not everything ended in time");
    }
    Ok(())
}

/// Where the daemon's configuration comes from.
fn source(settings: &Settings) -> Result<ConfigSource, Failure> {
    Ok(ConfigSource {
        file: settings.config_file.clone(),
        environment: std::env::vars_os().collect(),
        shard: settings.shard().map_err(Failure::configuration)?,
    })
}

/// Asks for a reload at each signal, for ever.
async fn reload_on(mut hangups: Signal, trigger: Trigger) {
    while hangups.recv().await.is_some() {
        trigger.ask();
    }
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

fn print(line: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}").map_err(Failure::runtime)
}
