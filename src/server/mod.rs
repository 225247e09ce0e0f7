//! The HTTP server: `/metrics`, the status page and the same as JSON, health.
//!
//! What it serves is behind [`Exposition`](crate::metrics::Exposition); it never polls, waits for no array and holds no lock across I/O. `app` binds
//! the addresses with [`bind`] and runs [`serve`] over a [`router()`].

pub mod accept;
mod body;
pub mod discovery;
mod encoding;
mod filter;
mod gzip;
pub mod lifecycle;
pub mod listen;
#[cfg(test)]
mod overview_fixture;
pub mod protect;
pub mod routes;
mod scrape;
mod shown;
mod status;
mod status_json;
mod status_page;
pub mod tls;
pub mod web;
mod web_config;

pub use accept::{Acceptor, Limits, Plain, serve};
pub use discovery::{ExternalUrl, discovery};
pub use lifecycle::lifecycle;
pub use listen::{BindError, ListenAddress, bind};
pub use protect::protect;
pub use routes::router;
pub use tls::TlsOrPlain;
pub use web::Web;
