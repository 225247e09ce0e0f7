//! The sub-command `doctor`: checks every array live, from its name to its rights, a line each, and says what to do about
//! what fails.
//!
//! It is the transport probe plus one poll, by the same parts as the daemon's. Sends what a poll sends and nothing else: one
//! log-in, as in a first poll.

pub(crate) mod findings;
mod line;
pub(crate) mod transport;

pub use line::{Line, Report, Verdict};

use crate::{
    clock::Clock,
    config::{self, ArrayConfig, Credentials},
    exit::Failure,
    facts_file,
    metrics::exporter::ExporterMetrics,
    model::ArrayFacts,
    once,
    settings::Settings,
    source::{probe::Probe, remedies, trust::TrustStore, vendors},
    store::Store,
};
use anyhow::anyhow;
use futures_util::{StreamExt as _, stream};
use std::{io::Write, path::Path, sync::Arc, time::Duration};

/// How long each step below HTTP may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The flags of `doctor`.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArgs {
    /// Only this array
    #[arg(long, value_name = "NAME")]
    pub array: Option<String>,
    /// Print the commands too that give the array's user what it lacks
    #[arg(long)]
    pub fix_hints: bool,
}

/// Examines the arrays and prints what it finds; fails if any line does.
pub async fn run(settings: Settings, arguments: DoctorArgs) -> Result<(), Failure> {
    let config =
        config::load(&settings.config_file, std::env::vars_os(), vendors::ALL).map_err(Failure::configuration)?;
    let (warnings, state_file) = (config.warnings.clone(), config.state_file.clone());
    let arrays = once::chosen(config, arguments.array.as_deref())?;
    let state_file = tokio::task::spawn_blocking(move || state_file.map(|path| state_file_line(&path)));
    let state_file = state_file.await.map_err(Failure::runtime)?;
    let mut reports = examine(arrays, Clock::host()).await?;
    if !arguments.fix_hints {
        for report in &mut reports {
            report.commands.clear();
        }
    }
    let mut out = std::io::stdout().lock();
    for warning in warnings {
        writeln!(out, "warn  {warning}\n").map_err(Failure::runtime)?;
    }
    if let Some(line) = &state_file {
        writeln!(out, "{line}\n").map_err(Failure::runtime)?;
    }
    for report in &reports {
        write!(out, "{report}").map_err(Failure::runtime)?;
    }
    let failed = reports.iter().filter(|report| report.failed()).count();
    if failed > 0 {
        return Err(Failure::Runtime(anyhow!(
            "{failed} of {} arrays need attention",
            reports.len()
        )));
    }
    if state_file.is_some_and(|line| line.verdict == Verdict::Fail) {
        return Err(Failure::Runtime(anyhow!("the state file needs attention")));
    }
    Ok(())
}

/// Whether another array of the configuration is the same system.
fn same_system(name: &str, store: &Store) -> Option<Line> {
    let twins = store.twins();
    let others: Vec<&str> = twins.get(name)?.iter().map(AsRef::as_ref).collect();
    Some(Line::warn(
        "system",
        format!("is the same system as {}", others.join(", ")),
        "keep one of them, with all addresses in `urls`: each relationship is there, and counted, twice",
    ))
}

/// Where facts outlive a restart, and whether they can.
fn state_file_line(path: &Path) -> Line {
    match facts_file::inspect(path) {
        Ok(found) => Line::ok("state file", found),
        Err((problem, remedy)) => Line::fail("state file", problem, remedy),
    }
}

/// A report per array, in their order.
pub async fn examine(arrays: Vec<Arc<ArrayConfig>>, clock: Clock) -> Result<Vec<Report>, Failure> {
    let exporter = ExporterMetrics::new(clock.now()).map_err(Failure::runtime)?;
    let store = Arc::new(Store::new(clock, exporter));
    let trust = TrustStore::default();
    let examinations = stream::iter(arrays).map(|array| examine_one(array, &store, &trust));
    let mut reports: Vec<Report> = examinations.buffered(once::MOST_AT_A_TIME).collect().await;
    for report in &mut reports {
        report.lines.extend(same_system(&report.array, &store));
    }
    Ok(reports)
}

async fn examine_one(array: Arc<ArrayConfig>, store: &Store, trust: &TrustStore) -> Report {
    let mut lines = vec![secret(&array).await];
    let mut commands = Vec::new();
    let mut is_through = false;
    for url in &array.urls {
        let probe = Probe::of(url, &array.trust, trust, PATIENCE).await;
        is_through |= probe.is_through();
        lines.extend(transport::lines(url, &probe, &array.trust, store.clock().now()));
    }
    if is_through {
        let slot = store.add(array.clone(), ArrayFacts::default());
        match once::poll(&slot, trust, store.clock(), None).await {
            Ok(poll) => {
                commands = findings::commands(&poll, &array);
                lines.extend(findings::lines(poll, &slot, store));
            }
            Err(error) => lines.push(Line::fail(
                "poll",
                error.message,
                remedies::advice(array.vendor, None, error.reason),
            )),
        }
    } else {
        lines.push(Line::fail(
            "log-on",
            "not tried: no address can be reached",
            "mend what fails above first",
        ));
    }
    Report {
        array: array.name.to_string(),
        vendor: array.vendor.name(),
        lines,
        commands,
    }
}

/// Whether the secret can be read; never what it is.
async fn secret(array: &ArrayConfig) -> Line {
    let secret = match &array.credentials {
        Credentials::Token(secret) => secret,
        Credentials::Password { password, .. } => password,
    };
    let (place, reader) = (format!("{secret:?}"), secret.clone());
    match tokio::task::spawn_blocking(move || (reader.read(), reader.oddities())).await {
        Ok((Ok(_), odd)) if odd.is_empty() => Line::ok("secret", format!("read from {place}")),
        Ok((Ok(_), odd)) => Line::warn(
            "secret",
            format!("read from {place}; it {}", odd.join("; it ")),
            "if the log-on fails, write the secret anew and nothing else into its place",
        ),
        Ok((Err(error), _)) => Line::fail(
            "secret",
            error.to_string(),
            "let the exporter's user read it: check that the file, variable or credential exists, its owner and its mode",
        ),
        Err(_) => Line::fail(
            "secret",
            "it could not be read",
            "report it: this is a fault of the exporter",
        ),
    }
}
