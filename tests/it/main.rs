//! The integration tests: one binary, one module per room.

mod cli;
mod config;
mod daemon;
mod lab;
mod process;
mod qumulo;
mod reload;
mod server;
mod web_config;
