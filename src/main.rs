//! The program. Everything is in the library; `cli` decides what runs.

use std::process::ExitCode;

fn main() -> ExitCode {
    replication_exporter::cli::run(std::env::args_os())
}
