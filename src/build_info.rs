//! What this build is. `build.rs` fills it in; `--version` and `replication_exporter_build_info` show it.

/// The version of the release.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit, or `unknown`.
pub const REVISION: &str = env!("REVISION");

/// The compiler, as it calls itself.
pub const RUSTC: &str = env!("RUSTC_VERSION");

/// What `--version` prints after the program's name.
pub(crate) const LONG: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (revision ",
    env!("REVISION"),
    ", built by ",
    env!("RUSTC_VERSION"),
    ")"
);
