//! The command line: sub-commands and what each calls. Exit status 0: fine, 1: failed at run time, 2: wrong usage or
//! configuration. No logic of its own; `main` calls [`run`].

mod reach;

use crate::{
    app, build_info, demo,
    doctor::{self, DoctorArgs},
    exit::Failure,
    healthcheck,
    init::{self, InitArgs},
    logging,
    metrics::document,
    once::{self, OnceArgs},
    settings::Settings,
    simulator::{self, SimulateArgs, WorldArgs},
};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::{ffi::OsString, future::Future, io::Write, process::ExitCode, time::Duration};

/// Threads for what blocks: name look-ups, compression, password hashes. They exist only while needed, and there must be
/// more of them than arrays whose look-up hangs.
const MAX_BLOCKING_THREADS: usize = 4096;

/// How long a hung look-up may delay the exit.
const BLOCKING_SHUTDOWN: Duration = Duration::from_millis(500);

/// Prometheus exporter for storage replication: state, progress, recovery point lag and data at risk. Without a command it
/// runs the daemon.
#[derive(Parser, Debug)]
#[command(name = "replication_exporter", version = build_info::LONG)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run against simulated arrays of every vendor: the whole product with no array and no configuration
    Demo(WorldArgs),
    /// Run only the simulated arrays
    Simulate(SimulateArgs),
    /// Poll every array once and print what /metrics would say of them
    Once(OnceArgs),
    /// Check every array live, from its name to its rights, and say what to do about what fails
    Doctor(DoctorArgs),
    /// Ask an address who it is, and write a section of the configuration for it
    Init(InitArgs),
    /// Ask the running daemon whether it is alive
    Healthcheck {
        /// Ask whether it is ready: whether every array was attempted once
        #[arg(long)]
        ready: bool,
    },
    /// Print every metric family
    Catalogue {
        /// How to print it
        #[arg(long, value_enum, default_value_t = CatalogueFormat::Markdown)]
        format: CatalogueFormat,
    },
}

/// How the catalogue is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CatalogueFormat {
    /// A table for people.
    Markdown,
    /// For programs.
    Json,
}

/// What stands below the flags.
const VARIABLES: &str =
    "Each of these flags is also a variable: REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS for --web.listen-address.";

/// The definition as it is shown: its shared flags by group, without the variables that follow from their names.
fn shown() -> clap::Command {
    let cli = Cli::command().after_help(VARIABLES);
    cli.mut_args(|flag| match heading(flag.get_long().unwrap_or_default()) {
        Some(heading) => flag.help_heading(heading).hide_env(true),
        None => flag,
    })
}

/// The group of a shared flag.
fn heading(flag: &str) -> Option<&'static str> {
    match flag.split_once('.')?.0 {
        "config" => Some("Configuration"),
        "web" => Some("Web"),
        "shard" => Some("Shards"),
        "log" => Some("Log"),
        _ => None,
    }
}

/// The definition, each command with its own flags and those that act on it: for the manual and the completions.
#[must_use]
pub fn documented() -> clap::Command {
    let mut cli = shown().disable_help_subcommand(true);
    cli.build();
    cli.mut_subcommands(reach::without_idle)
}

/// Does what the arguments (the program's name first) ask for.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version arrive here too, with status 0. A closed output is nothing to fail for.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    logging::init(&cli.settings.log_level, cli.settings.log_format);
    match dispatch(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "replication_exporter: {failure}");
            failure.exit_code()
        }
    }
}

fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut command = reach::tailored(shown(), &arguments);
    let matches = command.try_get_matches_from_mut(&arguments)?;
    reach::check(&mut command, &matches)?;
    Cli::from_arg_matches(&matches)
}

fn dispatch(cli: Cli) -> Result<(), Failure> {
    let settings = cli.settings;
    match cli.command {
        None if settings.config_check => app::check(&settings),
        None => block_on(app::run(settings)),
        Some(Command::Demo(arguments)) => block_on(demo::run(settings, arguments)),
        Some(Command::Simulate(arguments)) => block_on(simulate(arguments)),
        Some(Command::Once(arguments)) => block_on(once::run(settings, arguments)),
        Some(Command::Doctor(arguments)) => block_on(doctor::run(settings, arguments)),
        Some(Command::Init(arguments)) => block_on(init::run(arguments)),
        Some(Command::Healthcheck { ready }) => block_on(healthcheck::run(settings, ready)),
        Some(Command::Catalogue { format }) => print_catalogue(format),
    }
}

async fn simulate(arguments: SimulateArgs) -> Result<(), Failure> {
    simulator::run(arguments).await.map_err(Failure::Runtime)
}

fn print_catalogue(format: CatalogueFormat) -> Result<(), Failure> {
    let text = match format {
        CatalogueFormat::Markdown => document::markdown(),
        CatalogueFormat::Json => format!("{:#}\n", document::json()),
    };
    std::io::stdout().write_all(text.as_bytes()).map_err(Failure::runtime)
}

fn block_on(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .build()
        .map_err(Failure::runtime)?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(BLOCKING_SHUTDOWN);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logging::LogFormat;

    fn parsed(line: &str) -> Result<Cli, clap::Error> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_are_accepted_before_and_after_a_command() {
        for line in [
            "x --web.config.file=/a --web.listen-address :1 --web.listen-address :2 --web.max-requests 3 --log.format=json demo",
            "x demo --web.config.file=/a --web.listen-address :1 --web.listen-address :2 --web.max-requests 3 --log.format=json",
            "x --web.config.file=/a --web.listen-address :1,:2 demo --web.max-requests 3 --log.format json",
        ] {
            let settings = parsed(line).expect(line).settings;
            assert_eq!(settings.web_config_file.as_deref(), Some("/a".as_ref()), "{line}");
            assert_eq!(settings.listen_addresses.len(), 2, "{line}");
            assert_eq!(settings.max_requests, 3, "{line}");
            assert_eq!(settings.log_format, LogFormat::Json, "{line}");
        }
    }

    #[test]
    fn the_defaults_are_those_of_the_documentation() {
        let settings = parsed("x").expect("no flag is needed").settings;
        assert_eq!(
            settings.config_file.to_str(),
            Some("/etc/replication_exporter/config.toml")
        );
        assert_eq!(settings.listen()[0].to_string(), ":10094");
        assert_eq!(settings.max_requests, 40);
        assert!(!settings.config_check);
    }

    #[test]
    fn wrong_usage_is_status_2() {
        for line in [
            "x nonsense",
            "x --nonsense",
            "x --log.level=inof",
            "x --web.listen-address=10094",
            "x --config.check healthcheck",
            "x catalogue --format=xml",
        ] {
            assert_eq!(parsed(line).expect_err(line).exit_code(), 2, "{line}");
        }
        assert_eq!(parsed("x --version").expect_err("shown").exit_code(), 0);
    }

    #[test]
    fn every_shared_flag_has_a_variable_of_its_name() {
        let cli = Cli::command();
        let mut seen = 0;
        for flag in cli.get_arguments().filter(|argument| argument.is_global_set()) {
            let Some(name) = flag.get_long().filter(|name| name.contains('.')) else {
                continue;
            };
            let variable = format!("REPLICATION_EXPORTER_{}", name.to_uppercase().replace(['.', '-'], "_"));
            assert!(heading(name).is_some(), "help has no group for {name}");
            assert_eq!(flag.get_env().and_then(|value| value.to_str()), Some(variable.as_str()));
            seen += 1;
        }
        assert!(seen >= 6, "{seen}");
    }
}
