//! The sub-command `demo`: simulated arrays on loopback and the exporter against them, with no array and no configuration.
//!
//! The same parts as the daemon: the simulator writes a configuration into a folder of its own, and the daemon loads it.

use crate::{
    app,
    clock::Clock,
    exit::Failure,
    fleet::ConfigSource,
    server::Web,
    settings::{ListenAddress, Settings},
    simulator::{self, Simulation, WorldArgs},
};
use anyhow::Context;
use std::{
    io::{self, Write},
    net::SocketAddr,
    path::Path,
};

/// How much faster than real the demo's world lives, unless told otherwise: an hour passes in two minutes.
pub const SPEED: f64 = 30.0;

/// Runs until SIGTERM or SIGINT.
pub async fn run(settings: Settings, arguments: WorldArgs) -> Result<(), Failure> {
    let settings = settings.listening_on_loopback();
    let stop = app::stop_on_signals().map_err(Failure::runtime)?;
    let simulation = simulator::start(arguments.options(SPEED), Clock::host())
        .await
        .map_err(Failure::runtime)?;
    let folder = tempfile::Builder::new()
        .prefix("replication_exporter-demo-")
        .tempdir()
        .map_err(Failure::runtime)?;
    let config_file = folder.path().join("config.toml");
    write_config(&config_file, &simulation).map_err(Failure::Runtime)?;
    let source = ConfigSource {
        file: config_file.clone(),
        // The environment is the daemon's: nothing in it is about the demo.
        environment: Vec::new(),
        shard: settings.shard().map_err(Failure::configuration)?,
    };
    let welcome = |bound: &[SocketAddr]| {
        // A closed output is nothing to fail for.
        let _ = say_where_to_look(bound, &settings, &config_file, &simulation);
    };
    let result = app::serve(source, &settings, stop, welcome).await;
    simulation.shutdown().await;
    result
}

/// The configuration of the simulated arrays, polled often enough to watch.
fn write_config(file: &Path, simulation: &Simulation) -> anyhow::Result<()> {
    simulator::write_config(file, simulation).context("writing the demo's configuration")?;
    let arrays = std::fs::read_to_string(file)?;
    // Enterprise Manager's history is long and comes in pages: its first reading takes more than a second, and none of the
    // demo's needs more than two hours of it.
    let arrays = arrays.replace(
        "[[veeam]]\n",
        "[[veeam]]\ninterval = \"4s\"\ntimeout = \"3s\"\nlookback = \"2h\"\n",
    );
    let state_file = file.with_file_name("facts.json");
    let state_file = toml::Value::from(state_file.to_string_lossy().as_ref());
    let poll = format!("[poll]\ninterval = \"2s\"\ntimeout = \"1s\"\nstate_file = {state_file}\n\n");
    std::fs::write(file, poll + &arrays).context("writing the demo's configuration")
}

fn say_where_to_look(
    bound: &[SocketAddr],
    settings: &Settings,
    config_file: &Path,
    simulation: &Simulation,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let first = bound.first().copied().map(ListenAddress::from);
    let address = first.map(|address| address.reachable()).unwrap_or_default();
    let is_tls = Web::open(settings.web_config_file.as_deref()).is_ok_and(|web| web.is_tls());
    let scheme = if is_tls { "https" } else { "http" };
    writeln!(
        out,
        "Everything below is simulated; an hour of its world passes in {:.0} s.\n",
        3600.0 / simulation.speed()
    )?;
    writeln!(out, "  status page   {scheme}://{address}/")?;
    writeln!(out, "  metrics       {scheme}://{address}/metrics")?;
    writeln!(out, "  configuration {}\n", config_file.display())?;
    for array in simulation.arrays() {
        writeln!(
            out,
            "  {:<10} {:<16} {}",
            array.vendor().name(),
            array.name(),
            array.url()
        )?;
    }
    writeln!(
        out,
        "\nThe folder of the configuration holds the CA and each array's credentials. Ctrl-C ends it all."
    )?;
    out.flush()
}
