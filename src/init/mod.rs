//! The sub-command `init`: asks an address who it is, without credentials, and writes a commented section of the
//! configuration for it, with the commands that make the account. `section.rs` is the text.
//!
//! What it finds below HTTP is `doctor`'s; who answers is `source::introduction`'s.

mod section;

use crate::{
    clock::Clock,
    config::{self, Trust, Vendor},
    doctor::{Line, Report, findings, transport},
    exit::Failure,
    source::{
        Error,
        introduction::{self, Introduced, says_nothing},
        probe::Probe,
        trust::TrustStore,
        vendors,
    },
};
use anyhow::{Context, anyhow};
use reqwest::Url;
use section::Doubt;
use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long each step may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The flags of `init`.
#[derive(Clone, Debug, clap::Args)]
pub struct InitArgs {
    /// Where the array's API is
    #[arg(
        value_name = "URL",
        help = "Where the array's API is, such as https://nyc-prod.example.com:8000"
    )]
    pub url: String,
    /// The `array` label [default: the name that the array gives itself]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Write the section into this new file instead of printing it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Asks, and writes what it found.
pub async fn run(arguments: InitArgs) -> Result<(), Failure> {
    // Not echoed: somebody may have written a password into it.
    let url = config::address(&arguments.url, None)
        .map_err(|message| Failure::Configuration(anyhow!("the address {message}")))?;
    let clock = Clock::host();
    let store = TrustStore::default();
    let (trust, doubt, mut lines) = reach(&url, &store, clock).await?;
    let introduced = introduction::ask(&url, &trust, &store, clock, PATIENCE)
        .await
        .map_err(|others| nobody(&url, &others))?;
    lines.extend(who(&introduced));
    let name = section::name(arguments.name, &introduced).map_err(Failure::Configuration)?;
    let report = Report {
        array: name,
        vendor: introduced.array.vendor.name(),
        lines,
        commands: Vec::new(),
    };
    let text = section::text(&report, &introduced.array, doubt.as_ref(), clock.now());
    match &arguments.out {
        Some(file) => write_new(file, &text)?,
        None => std::io::stdout().write_all(text.as_bytes()).map_err(Failure::runtime)?,
    }
    Ok(())
}

/// How far one gets below HTTP, and what the array can be trusted by: the system's authorities where they do, else the key
/// that it has now. Nothing is sent but handshakes.
async fn reach(url: &Url, store: &TrustStore, clock: Clock) -> Result<(Trust, Option<Doubt>, Vec<Line>), Failure> {
    let anybody = Trust {
        insecure_skip_verify: true,
        ..Trust::default()
    };
    let probe = Probe::of(url, &anybody, store, PATIENCE).await;
    let mut trust = Trust::default();
    let mut doubt = None;
    let certificate = probe.tls.as_ref().and_then(|tls| tls.certificate.as_ref());
    if let Some(certificate) = certificate.filter(|_| probe.is_through()) {
        let verified = Probe::of(url, &trust, store, PATIENCE).await;
        if let Some(Err(failure)) = verified.tls.map(|tls| tls.verdict) {
            trust.pin_sha256 = Some(certificate.key_sha256);
            doubt = Some(Doubt {
                why: failure.to_string(),
                pin: certificate.pin(),
            });
        }
    }
    let lines = transport::lines(url, &probe, &trust, clock.now());
    if probe.is_through() {
        return Ok((trust, doubt, lines));
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("\n  {line}")).collect();
    Err(Failure::Runtime(anyhow!(
        "nothing can be asked at {url}{}",
        lines.concat()
    )))
}

fn who(introduced: &Introduced) -> Vec<Line> {
    let Introduced { array, system } = introduced;
    if says_nothing(system) {
        let taken = format!(
            "taken for {}: it says nothing without credentials, and asks for them as one does",
            array.vendor.system
        );
        let remedy = "nothing else is known of it: `doctor` tells name and version once there is a secret";
        return vec![
            Line::warn("system", taken, remedy),
            findings::clock(system.clock_skew_seconds),
        ];
    }
    findings::identity(system.clone(), array.vendor)
}

/// No known system answers.
fn nobody(url: &Url, others: &[(Vendor, Error)]) -> Failure {
    let asked = others
        .iter()
        .map(|(vendor, error)| format!("\n  asked as {}: {error}", vendor.system));
    let ports = vendors::ALL
        .iter()
        .map(|vendor| format!("{} of {}", vendor.port, vendor.system));
    Failure::Runtime(anyhow!(
        "nothing at {url} answers as a system that this exporter knows{}\n  -> check host and port: the APIs are at ports {}, unless \
         somebody moved them",
        asked.collect::<String>(),
        ports.collect::<Vec<_>>().join(", ")
    ))
}

fn write_new(file: &Path, text: &str) -> Result<(), Failure> {
    let told = || file.display().to_string();
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .with_context(told)
        .map_err(Failure::Configuration)?;
    out.write_all(text.as_bytes())
        .with_context(told)
        .map_err(Failure::Runtime)
}
