//! The flags that commands share. A new one is a field here, and where it acts is said in `cli`; nothing else in the program reads arguments or
//! `REPLICATION_EXPORTER_…` variables (the configuration's `REPLICATION_EXPORTER__POLL__…` are `config`'s).

mod base_url;
mod listen_address;

pub use base_url::BaseUrl;
pub use listen_address::ListenAddress;

use crate::{
    logging::{LogFilter, LogFormat},
    model::duration,
    shard::{Shard, ShardError},
};
use clap::{Args, builder::BoolishValueParser};
use std::{num::NonZeroU32, path::PathBuf, time::Duration};

/// The exporter's port.
const PORT: u16 = 10094;

/// What the command line and its environment say.
#[derive(Args, Clone, Debug)]
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

    /// Look for a changed configuration this often, and reload it; without, only SIGHUP and /-/reload do
    #[arg(
        long = "config.auto-reload-interval",
        env = "REPLICATION_EXPORTER_CONFIG_AUTO_RELOAD_INTERVAL",
        value_name = "DURATION",
        value_parser = duration::parse,
        global = true
    )]
    pub auto_reload_interval: Option<Duration>,

    /// Where to listen; may be repeated.
    #[arg(
        long = "web.listen-address",
        env = "REPLICATION_EXPORTER_WEB_LISTEN_ADDRESS",
        value_name = "[HOST]:PORT",
        help = "Where to listen; may be repeated. Without a host: on every address [default: :10094; demo: 127.0.0.1:10094]",
        value_delimiter = ',',
        global = true
    )]
    pub listen_addresses: Vec<ListenAddress>,

    /// TLS, basic authentication and headers: a file in exporter-toolkit's schema
    #[arg(
        long = "web.config.file",
        env = "REPLICATION_EXPORTER_WEB_CONFIG_FILE",
        value_name = "FILE",
        global = true
    )]
    pub web_config_file: Option<PathBuf>,

    /// How many scrapes and pages to answer at a time; 0: no limit
    #[arg(
        long = "web.max-requests",
        env = "REPLICATION_EXPORTER_WEB_MAX_REQUESTS",
        value_name = "N",
        default_value_t = 40,
        global = true
    )]
    pub max_requests: usize,

    /// Reload on POST or PUT to /-/reload
    #[arg(
        long = "web.enable-lifecycle",
        env = "REPLICATION_EXPORTER_WEB_ENABLE_LIFECYCLE",
        value_parser = BoolishValueParser::new(),
        global = true
    )]
    pub enable_lifecycle: bool,

    /// The URL at which Prometheus and people reach this exporter, perhaps with a path; without, /sd says the Host header of
    /// the request
    #[arg(
        long = "web.external-url",
        env = "REPLICATION_EXPORTER_WEB_EXTERNAL_URL",
        value_name = "URL",
        global = true
    )]
    pub external_url: Option<BaseUrl>,

    /// Base of links to the dashboards; without, the pages link to none
    #[arg(
        long = "web.dashboard-url",
        env = "REPLICATION_EXPORTER_WEB_DASHBOARD_URL",
        value_name = "URL",
        global = true
    )]
    pub dashboard_url: Option<BaseUrl>,

    /// Base of links to the runbooks; without, the pages link to none
    #[arg(
        long = "web.runbook-url",
        env = "REPLICATION_EXPORTER_WEB_RUNBOOK_URL",
        value_name = "URL",
        global = true
    )]
    pub runbook_url: Option<BaseUrl>,

    /// Which of the processes that share the configuration this is, from 0 [default: the ordinal at the end of $HOSTNAME]
    #[arg(
        long = "shard.index",
        env = "REPLICATION_EXPORTER_SHARD_INDEX",
        value_name = "N",
        global = true
    )]
    pub shard_index: Option<u32>,

    /// How many processes share the configuration, each polling its own part of the arrays
    #[arg(
        long = "shard.count",
        env = "REPLICATION_EXPORTER_SHARD_COUNT",
        value_name = "N",
        global = true
    )]
    pub shard_count: Option<NonZeroU32>,

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

    /// How a log line looks: logfmt or json
    #[arg(
        long = "log.format",
        env = "REPLICATION_EXPORTER_LOG_FORMAT",
        value_enum,
        value_name = "FORMAT",
        default_value_t = LogFormat::Logfmt,
        hide_possible_values = true,
        global = true
    )]
    pub log_format: LogFormat,
}

/// Bases of links; `None`: no links.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// This exporter, from outside.
    pub external: Option<BaseUrl>,
    /// The dashboards.
    pub dashboard: Option<BaseUrl>,
    /// The runbooks.
    pub runbook: Option<BaseUrl>,
}

impl Settings {
    /// What pages and /sd link to.
    #[must_use]
    pub fn links(&self) -> Links {
        Links {
            external: self.external_url.clone(),
            dashboard: self.dashboard_url.clone(),
            runbook: self.runbook_url.clone(),
        }
    }

    /// Where to listen: what was asked for, else every address, port 10094.
    #[must_use]
    pub fn listen(&self) -> Vec<ListenAddress> {
        if self.listen_addresses.is_empty() {
            vec![ListenAddress::everywhere(PORT)]
        } else {
            self.listen_addresses.clone()
        }
    }

    /// Which part of the arrays is this process's. The host's name is the one of the environment.
    pub fn shard(&self) -> Result<Shard, ShardError> {
        let hostname = std::env::var("HOSTNAME").ok();
        Shard::new(self.shard_index, self.shard_count, hostname.as_deref())
    }

    /// The same, but on loopback unless an address was asked for.
    #[must_use]
    pub fn listening_on_loopback(mut self) -> Self {
        if self.listen_addresses.is_empty() {
            self.listen_addresses.push(ListenAddress::loopback(PORT));
        }
        self
    }
}
