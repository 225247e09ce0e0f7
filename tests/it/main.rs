//! The integration tests: one binary, one module per room.
//! The one integration binary: rules that need the parts together, over real sockets.
mod config;
mod server;
