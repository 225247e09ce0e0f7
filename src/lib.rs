//! A Prometheus exporter for storage replication: state, progress, recovery point and its lag against the objective, and
//! data at risk, of Qumulo clusters, Kaminario K2 / Silk arrays and Veeam Backup Enterprise Manager.
//!
//! Data flows one way: `config` names the arrays, a `source` per vendor reads them, the `model` is what it found, a poller
//! per array hands it to the `store`, and `metrics` renders it as text that the `server` serves. No scrape touches an array.

pub mod app;
pub mod build_info;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod exit;
pub mod facts_file;
pub mod fleet;
pub mod healthcheck;
pub mod init;
pub mod logging;
pub mod metrics;
pub mod model;
pub mod once;
pub mod poller;
pub mod recording;
pub mod reload;
pub mod server;
pub mod settings;
pub mod shard;
pub mod simulator;
pub mod source;
pub mod state;
pub mod store;
pub mod systemd;
