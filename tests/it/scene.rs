//! Simulated arrays with their configuration on disk, for tests of commands: in the process, or as a program of its own.

use crate::lab::Watched;
use replication_exporter::{
    clock::Clock,
    config::{self, ArrayConfig},
    simulator::{self, Options},
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

/// Simulated arrays and the folder of their configuration.
pub(crate) struct Scene {
    pub(crate) simulation: Watched,
    pub(crate) folder: tempfile::TempDir,
}

impl Scene {
    /// A pair of clusters that replicate to each other.
    pub(crate) async fn start() -> Self {
        Self::of(vec![replication_exporter::source::qumulo::VENDOR]).await
    }

    /// Arrays of these vendors.
    pub(crate) async fn of(vendors: Vec<config::Vendor>) -> Self {
        Self::with(Options {
            vendors,
            ..Options::default()
        })
        .await
    }

    /// Such a world.
    pub(crate) async fn with(options: Options) -> Self {
        let simulation = Watched::start(options, Clock::host()).await;
        let folder = tempfile::tempdir().expect("a folder");
        simulator::write_config(&folder.path().join("config.toml"), &simulation).expect("a configuration");
        Self { simulation, folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The configuration of one array, for a test to change.
    pub(crate) fn array(&self, name: &str) -> ArrayConfig {
        let mut arrays = arrays(&self.path("config.toml"));
        arrays.retain(|array| *array.name == *name);
        Arc::unwrap_or_clone(arrays.pop().expect("an array"))
    }

    /// Runs the program with this scene's configuration.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        run(&self.path("config.toml"), arguments).await
    }
}

pub(crate) fn arrays(config: &Path) -> Vec<Arc<ArrayConfig>> {
    let config = config::load(
        config,
        std::iter::empty::<(OsString, OsString)>(),
        replication_exporter::source::vendors::ALL,
    )
    .expect("a valid configuration");
    config.arrays.into_iter().map(Arc::new).collect()
}

/// Runs the program with this configuration.
pub(crate) async fn run(config: &Path, arguments: &[&str]) -> Output {
    let config = config.to_str().expect("UTF-8");
    program(&[arguments, &["--config.file", config]].concat()).await
}

/// Runs the program with these arguments alone, off the threads that serve the simulation.
pub(crate) async fn program(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replication_exporter"));
    command.env_clear().args(arguments);
    tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("no panic")
        .expect("it starts")
}

pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}
