//! The one integration binary: rules that need the parts together, over real sockets.

mod server;
