//! The integration tests: one binary, one module per room.

mod config;
mod lab;
mod process;
mod qumulo;
mod server;
