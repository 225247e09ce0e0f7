//! The integration tests: one binary, one module per room.

mod cli;
mod server;
