//! The configuration: the file as written, its environment overrides, and what they resolve to.
//!
//! Everything is checked here, all problems at once, each with file, line and key and without the value. Holds no client
//! and asks no array.

pub mod array;
pub mod secret;
pub mod vendor;

pub use array::{ArrayConfig, Credentials, Extra, Polling, Trust};
pub use secret::{SecretError, SecretRef};
pub use vendor::Vendor;
