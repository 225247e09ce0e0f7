//! The integration tests: one binary, one module per room.

mod cli;
mod config;
mod conformance;
mod daemon;
mod day;
mod doctor;
mod floors;
mod init;
mod kaminario;
mod lab;
mod matrix;
mod names;
mod once;
mod port;
mod process;
mod qumulo;
mod recording;
mod reload;
mod scene;
mod series;
mod server;
mod tape;
mod unfriendly;
mod veeam;
mod web_config;
