//! Writes the manual pages and the completions of bash, zsh and fish into a folder, for the packages:
//! `cargo run --example manual -- target/release/manual`. An example, so that the program need not carry what makes them.

use clap::Command;
use clap_complete::{Shell, generate_to};
use flate2::{Compression, write::GzEncoder};
use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::Path,
};

/// What only the page of the program itself says.
const MORE: &str = include_str!("../deploy/manual.roff");

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args_os().nth(1).ok_or("usage: manual FOLDER")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let program = replication_exporter::cli::documented();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut program.clone(), "replication_exporter", folder)?;
    }
    for command in program.get_subcommands() {
        page(command, folder, "")?;
    }
    page(&program, folder, MORE)?;
    Ok(())
}

/// `replication_exporter.1.gz`, or that of a command: `replication_exporter-demo.1.gz`. Without a time in it, so that the same
/// source gives the same bytes.
fn page(command: &Command, folder: &Path, more: &str) -> io::Result<()> {
    let version = format!("replication_exporter {}", env!("CARGO_PKG_VERSION"));
    let manual = clap_mangen::Man::new(command.clone()).source(version);
    let file = fs::File::create(folder.join(manual.get_filename() + ".gz"))?;
    let mut packed = GzEncoder::new(file, Compression::best());
    manual.render(&mut packed)?;
    packed.write_all(more.as_bytes())?;
    packed.finish().map(drop)
}
