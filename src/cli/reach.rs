//! Where a shared flag has an effect. Elsewhere it is refused, its variable is ignored, and help does not show it: a flag that
//! is accepted and does nothing is a promise that is not kept.

use clap::{
    Arg, ArgMatches, Command,
    builder::{OsStr, Resettable},
    error::ErrorKind,
    parser::ValueSource,
};
use std::ffi::OsString;

/// Whether a flag has an effect on a command; `None` is the daemon.
fn acts(flag: &str, command: Option<&str>) -> bool {
    match flag {
        "log.level" | "log.format" => command != Some("catalogue"),
        "config.file" => matches!(command, None | Some("once" | "doctor")),
        "config.check" => command.is_none(),
        "web.listen-address" => matches!(command, None | Some("demo" | "healthcheck")),
        // Of what polls and serves.
        _ => matches!(command, None | Some("demo")),
    }
}

fn is_idle(flag: &Arg, command: Option<&str>) -> bool {
    flag.is_global_set() && flag.get_long().is_some_and(|name| !acts(name, command))
}

/// The command line for these arguments: of the flags that have no effect on their command, neither help nor variables.
pub(super) fn tailored(cli: Command, arguments: &[OsString]) -> Command {
    let command = command_in(&cli, arguments);
    cli.mut_args(|flag| {
        if is_idle(&flag, command.as_deref()) {
            flag.hide(true).env(Resettable::<OsStr>::Reset)
        } else {
            flag
        }
    })
}

/// A command without the shared flags that have no effect on it.
pub(super) fn without_idle(command: Command) -> Command {
    let name = command.get_name().to_owned();
    command.mut_args(|flag| {
        if is_idle(&flag, Some(&name)) {
            flag.hide(true)
        } else {
            flag
        }
    })
}

/// The name of the command, found without looking at what else is right or wrong.
fn command_in(cli: &Command, arguments: &[OsString]) -> Option<String> {
    let lenient = cli
        .clone()
        .mut_args(|flag| {
            let flag = flag.env(Resettable::<OsStr>::Reset);
            if flag.get_action().takes_values() {
                flag.value_parser(clap::value_parser!(OsString))
            } else {
                flag
            }
        })
        .disable_help_flag(true)
        .disable_version_flag(true)
        .ignore_errors(true);
    let matches = lenient.try_get_matches_from(arguments).ok()?;
    matches.subcommand_name().map(str::to_owned)
}

/// An error if a flag was given that has no effect on the command.
pub(super) fn check(cli: &mut Command, matches: &ArgMatches) -> Result<(), clap::Error> {
    let command = matches.subcommand_name();
    let given = |flag: &Arg| matches.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine);
    let idle = cli.get_arguments().find(|flag| is_idle(flag, command) && given(flag));
    let Some(name) = idle.and_then(Arg::get_long) else {
        return Ok(());
    };
    let message = format!("--{name} has no effect on {}", command.unwrap_or("the daemon"));
    Err(cli.error(ErrorKind::ArgumentConflict, message))
}

#[cfg(test)]
mod tests {
    use super::super::{Cli, parse};
    use super::*;
    use clap::CommandFactory;

    const COMMANDS: [&str; 8] = [
        "",
        "demo",
        "simulate",
        "once",
        "doctor",
        "init",
        "healthcheck",
        "catalogue",
    ];

    /// What has to follow a command.
    fn argument(command: &str) -> &'static str {
        if command == "init" { "https://a.example" } else { "" }
    }

    fn flags() -> Vec<(String, String)> {
        let cli = Cli::command();
        let shared = cli.get_arguments().filter(|flag| flag.is_global_set());
        let line = |flag: &Arg| {
            let name = flag.get_long().expect("a long name").to_owned();
            let value = match name.as_str() {
                "log.level" | "log.format" => ["=debug", "=json"][usize::from(name == "log.format")],
                "web.listen-address" => "=:1",
                "config.auto-reload-interval" => "=1m",
                "web.external-url" | "web.dashboard-url" | "web.runbook-url" => "=http://a.example/x",
                _ if !flag.get_action().takes_values() => "",
                _ => "=1",
            };
            (format!("--{name}{value}"), name)
        };
        shared.map(line).collect()
    }

    #[test]
    fn a_flag_is_accepted_where_it_acts_before_and_after_the_command_and_refused_elsewhere() {
        let mut refused = 0;
        for (flag, name) in flags() {
            for command in COMMANDS {
                let acts = acts(&name, (!command.is_empty()).then_some(command));
                let argument = argument(command);
                for line in [
                    format!("x {flag} {command} {argument}"),
                    format!("x {command} {flag} {argument}"),
                ] {
                    match parse(line.split_whitespace().map(OsString::from)) {
                        Ok(_) => assert!(acts, "{line}"),
                        Err(error) => {
                            assert!(!acts, "{line}: {error}");
                            assert!(
                                error
                                    .to_string()
                                    .contains(&format!("--{name} has no effect on {command}"))
                            );
                            assert_eq!(error.exit_code(), 2);
                            refused += 1;
                        }
                    }
                }
            }
        }
        assert!(refused > 80, "{refused}");
    }

    #[test]
    fn help_shows_a_flag_only_where_it_acts() {
        for command in COMMANDS {
            let line = format!("x {command} --help");
            let help = parse(line.split_whitespace().map(OsString::from)).expect_err("help");
            let help = help.to_string();
            for (_, name) in flags() {
                let acts = acts(&name, (!command.is_empty()).then_some(command));
                assert_eq!(
                    help.contains(&format!("--{name} ")) || help.contains(&format!("--{name}\n")),
                    acts,
                    "{line}: {name}"
                );
            }
        }
    }

    #[test]
    fn wrong_arguments_do_not_hide_the_command() {
        for line in [
            "x demo --nonsense",
            "x --web.max-requests=x demo --help",
            "x --log.level debug demo",
        ] {
            let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            assert_eq!(
                command_in(&Cli::command(), &arguments).as_deref(),
                Some("demo"),
                "{line}"
            );
        }
    }
}
