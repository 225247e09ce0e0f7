//! From the model to the text of /metrics: the catalogue of names, the rendering of one array, and the page.

pub mod catalogue;
pub mod document;
pub mod exporter;
pub mod exposition;
mod http;
pub mod own;
pub mod page;
pub mod render;
pub mod segment;
pub mod text;
mod words;

pub use exposition::{Exposition, Inventory, Selection, UnknownArray};
pub use http::HttpMetrics;
