//! The integration tests: one binary, one module per room.

mod cli;
mod config;
mod daemon;
mod doctor;
mod lab;
mod once;
mod process;
mod qumulo;
mod recording;
mod reload;
mod scene;
mod server;
mod web_config;
