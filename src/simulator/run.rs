//! The sub-command `simulate`: starts the arrays, says where they are and how to log in, and serves until told to stop.
//! The credentials it prints are made up by the simulator and open nothing else.

use super::{SimulateArgs, Simulation, write_config};
use crate::clock::Clock;
use anyhow::Context as _;
use std::{
    io::{self, Write},
    path::Path,
};

/// Simulates until SIGINT or SIGTERM.
pub async fn run(args: SimulateArgs) -> anyhow::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let config_out = args.config_out.as_deref();
    let options = args.world.options(1.0);
    let wrote = |file: &Path| format!("writing {}", file.display());
    let simulation = if let Some(folder) = &args.replay {
        let replay = super::replay::replay(folder, &options, Clock::host()).await?;
        if let Some(file) = config_out {
            replay.write_config(file).with_context(|| wrote(file))?;
        }
        if let Some(at) = replay.recorded_at() {
            writeln!(io::stdout().lock(), "recorded: {at}")?;
        }
        replay.simulation
    } else {
        let simulation = super::start(options, Clock::host()).await?;
        if let Some(file) = config_out {
            write_config(file, &simulation).with_context(|| wrote(file))?;
        }
        simulation
    };
    describe(&simulation, config_out, &mut io::stdout().lock())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    simulation.shutdown().await;
    Ok(())
}

/// Says where the arrays are and how to log in. Where a configuration was written, the secrets are in the files beside it.
fn describe(simulation: &Simulation, config: Option<&Path>, out: &mut impl Write) -> io::Result<()> {
    for array in simulation.arrays() {
        let credentials = array.credentials();
        write!(out, "{} {} {}", array.vendor().name(), array.name(), array.url())?;
        write!(out, "  user {}", credentials.username)?;
        if config.is_none() {
            write!(out, " password {}", credentials.password)?;
            if let Some(token) = &credentials.token {
                write!(out, " token {token}")?;
            }
            if let Some((user, password)) = &credentials.admin {
                write!(out, "  user {user} password {password}")?;
            }
        }
        writeln!(out)?;
    }
    match config {
        Some(file) => writeln!(out, "configuration: {}", file.display())?,
        None => write!(out, "{}", simulation.ca_pem())?,
    }
    out.flush()
}
