//! The integration tests: one binary, one module per room.

mod config;
mod daemon;
mod lab;
mod process;
mod qumulo;
mod reload;
mod server;
