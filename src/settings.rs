//! The flags that every command shares. A new one is a field here; nothing else in the program reads arguments or
//! `REPLICATION_EXPORTER_…` variables (the configuration's `REPLICATION_EXPORTER__POLL__…` are `config`'s).

use crate::{
    logging::{LogFilter, LogFormat},
    server::ListenAddress,
};
use clap::{Args, builder::BoolishValueParser};
use std::path::PathBuf;

/// What the command line and its environment say.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Flags of every command")]
pub struct Settings {
    /// The configuration file
    #[arg(
        long = "config.file",
        env = "REPLICATION_EXPORTER_CONFIG_FILE",
        value_name = "FILE",
        default_value = "/etc/replication_exporter/config.toml",
        global = true
    )]
    pub config_file: PathBuf,

    /// Check the configuration, print every problem with its place, and exit
    #[arg(
        long = "config.check",
        env = "REPLICATION_EXPORTER_CONFIG_CHECK",
        value_parser = BoolishValueParser::new(),
        global = true
    )]
    pub config_check: bool,

    /// Where to listen; may be repeated. Without a host: on every address
    #[arg(
        long = "web.listen-address",
        env = "REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS",
        value_name = "[HOST]:PORT",
        default_value = ":10094",
        value_delimiter = ',',
        global = true
    )]
    pub listen_addresses: Vec<ListenAddress>,

    /// How many scrapes and pages to answer at a time; 0: no limit
    #[arg(
        long = "web.max-requests",
        env = "REPLICATION_EXPORTER_WEB_MAX_REQUESTS",
        value_name = "N",
        default_value_t = 40,
        global = true
    )]
    pub max_requests: usize,

    /// What to log: a level, or directives.
    #[arg(
        help = "off, error, warn, info, debug, trace, or directives such as info,replication_exporter::poller=debug",
        long = "log.level",
        env = "REPLICATION_EXPORTER_LOG_LEVEL",
        value_name = "LEVEL",
        default_value = "info",
        global = true
    )]
    pub log_level: LogFilter,

    /// How a log line looks
    #[arg(
        long = "log.format",
        env = "REPLICATION_EXPORTER_LOG_FORMAT",
        value_enum,
        default_value_t = LogFormat::Logfmt,
        global = true
    )]
    pub log_format: LogFormat,
}
