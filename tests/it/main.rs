//! The integration tests: one binary, one module per room.

mod config;
mod lab;
mod qumulo;
mod server;
mod web_config;
