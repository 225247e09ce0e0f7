//! The HTTP server: `/metrics`, the status page and the same as JSON, health.
//!
//! What it serves is behind [`Exposition`](crate::metrics::Exposition); it never polls, waits for no array and holds no lock across I/O. `app` binds
//! the addresses with [`bind`] and runs [`serve`] over a [`router()`].

pub mod accept;
mod body;
mod discovery;
mod encoding;
mod gzip;
mod lifecycle;
pub mod listen;
mod plain;
mod protect;
mod routes;
mod scrape;
mod shares;
mod site;
mod status;
mod tally;
pub mod tls;
pub mod web;
mod web_config;

pub use accept::{Acceptor, Limits, Plain, serve};
pub use listen::{BindError, bind};
pub use routes::{Offer, router};
pub use tls::TlsOrPlain;
pub use web::Web;
