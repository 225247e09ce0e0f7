//! What a person is told of a state file that another process keeps: `doctor` and `--config.check`. Reads it, takes nothing.
//! Blocks.

use super::{parse, place};
use std::{fs, io, path::Path};

/// What can be said of the file, or what is wrong: the problem and what to do about it.
pub fn inspect(path: &Path) -> Result<String, (String, &'static str)> {
    let name = path.display();
    let keeper = if place::Lock::is_taken(path) {
        "a running exporter keeps it"
    } else {
        if let Err(error) = place::is_writable(path) {
            return Err((
                format!("{name}: its folder cannot be written: {error}"),
                "make the folder, and let the exporter's user write in it: facts would not survive a restart",
            ));
        }
        "no exporter has it open"
    };
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(format!("{name}: not written yet; {keeper}"));
        }
        Err(error) => {
            return Err((
                format!("{name}: cannot be read: {error}"),
                "let the exporter's user read it, and run this as that user",
            ));
        }
    };
    match parse(&bytes) {
        Ok(document) => {
            let departed = match document.departed.len() {
                0 => String::new(),
                some => format!(", and of {some} that left the configuration"),
            };
            Ok(format!(
                "{name}: facts of {} arrays{departed}; {keeper}",
                document.arrays.len()
            ))
        }
        Err(problem) => Err((
            format!("{name}: is damaged or of another version: {problem}"),
            "restore it from a backup, or leave it: the exporter moves it aside and starts without former facts",
        )),
    }
}
