//! The integration tests: one binary, one module per room.

mod config;
mod doctor;
mod lab;
mod once;
mod qumulo;
mod recording;
mod scene;
mod server;
