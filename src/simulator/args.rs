//! The flags of `simulate`; those of the world are `demo`'s too. Only reads them; `run.rs` acts on them.

use super::{Fault, Options, SCENARIOS, Scenario, scenario::named};
use std::{net::SocketAddr, path::PathBuf};

/// Flags of `simulate`.
#[derive(Clone, Debug, clap::Args)]
pub struct SimulateArgs {
    /// The world.
    #[command(flatten)]
    pub world: WorldArgs,
    /// Writes a ready configuration for the simulated arrays, with the CA and the secrets as files beside it.
    #[arg(long = "config.out", value_name = "FILE")]
    pub config_out: Option<PathBuf>,
    /// Serves the answers in this folder, which `once --record` wrote, instead of a simulated world.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["scenario", "speed", "seed", "arrays", "relationships"])]
    pub replay: Option<PathBuf>,
}

/// Flags of the simulated world.
#[derive(Clone, Debug, clap::Args)]
pub struct WorldArgs {
    /// Where the first array listens; the next ones on the ports above. Port 0: any free ones.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:10100")]
    pub listen: SocketAddr,
    /// The story: default, lagging, data-at-risk or source-lost.
    #[arg(long, value_name = "NAME", default_value = "default", value_parser = scenario_by_name)]
    pub scenario: &'static Scenario,
    /// Shortens the world's periods (policies, jobs, windows, outages) and the objectives, never its clock [default: 1;
    /// demo: 30].
    #[arg(long, value_name = "N")]
    pub speed: Option<f64>,
    /// The world's chance: the same seed, the same world.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Arrays of each vendor.
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub arrays: usize,
    /// Relationships of each pair of arrays.
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub relationships: usize,
    /// What goes wrong.
    #[arg(long = "fault", value_name = "KIND[:ARRAY][@TIME]", long_help = super::fault::help())]
    pub faults: Vec<Fault>,
}

impl WorldArgs {
    /// The simulation that these flags ask for; `speed` where they do not say.
    #[must_use]
    pub fn options(&self, speed: f64) -> Options {
        Options {
            listen: self.listen.ip(),
            port: self.listen.port(),
            arrays: self.arrays,
            scenario: self.scenario,
            speed: self.speed.unwrap_or(speed),
            seed: self.seed,
            relationships: self.relationships,
            faults: self.faults.clone(),
            ..Options::default()
        }
    }
}

fn scenario_by_name(name: &str) -> Result<&'static Scenario, String> {
    named(name).ok_or_else(|| {
        let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        format!("one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        args: SimulateArgs,
    }

    #[test]
    fn every_flag_is_read() {
        let line = "x --listen 127.0.0.1:0 --scenario lagging --speed 60 --seed 7 --arrays 4 --relationships 3 --fault down:a@1m --fault html --config.out /tmp/c.toml";
        let args = Command::try_parse_from(line.split(' ')).expect("flags").args;
        assert_eq!(args.config_out, Some(PathBuf::from("/tmp/c.toml")));
        let options = args.world.options(1.0);
        assert_eq!(options.scenario.name, "lagging");
        assert_eq!(
            (options.port, options.seed, options.arrays, options.relationships),
            (0, 7, 4, 3)
        );
        assert!((options.speed - 60.0).abs() < 1e-9);
        assert_eq!(options.faults.len(), 2);
    }

    #[test]
    fn an_unknown_scenario_is_refused() {
        assert!(Command::try_parse_from(["x", "--scenario", "nonsense"]).is_err());
    }

    #[test]
    fn the_help_names_every_scenario() {
        let help = <Command as clap::CommandFactory>::command()
            .render_long_help()
            .to_string();
        for scenario in SCENARIOS {
            assert!(help.contains(scenario.name), "{}", scenario.name);
        }
    }
}
