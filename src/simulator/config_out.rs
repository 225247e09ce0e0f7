//! Writes a ready configuration of the exporter for a simulation, with the CA and the secrets as files beside it. Knows the
//! documented keys of the configuration, not the code that reads them. Called by `run.rs` and by `demo`.
//!
//! Beside the configuration: `ca.pem`; per array `NAME.token` or `NAME.password`; and `NAME.admin-password`, the password of
//! the user `admin`, with which the simulation (and nothing else) can be driven by hand, a failover for example.

use super::{SimulatedArray, Simulation, vendors};
use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Writes the configuration to `file`, and what it names into the same folder, which is made if it is not there.
pub fn write_config(file: &Path, simulation: &Simulation) -> io::Result<()> {
    let (folder, ca) = prepare(file, simulation)?;
    let mut text =
        String::from("# Written by replication_exporter simulate: its arrays, their CA and their secrets.\n");
    for (index, array) in simulation.arrays().iter().enumerate() {
        let mut section = Section::of(array, &ca);
        let (name, credentials) = (array.name(), array.credentials());
        // Every second array is logged in to with user and password, so that both ways are used.
        if let Some(token) = credentials.token.as_ref().filter(|_| index % 2 == 0) {
            section.text("token_file", &secret(&folder, name, "token", token)?);
        } else {
            section.text("username", &credentials.username);
            section.text(
                "password_file",
                &secret(&folder, name, "password", &credentials.password)?,
            );
        }
        if let Some((_, password)) = &credentials.admin {
            secret(&folder, name, "admin-password", password)?;
        }
        if let Some(simulated) = vendors::of(array.vendor()) {
            let period = |nominal: f64| quoted(&duration(nominal / simulation.speed()));
            section.line("rpo", &period(simulated.rpo));
            let overrides = simulated.rpo_overrides.iter();
            section.list(
                "rpo_overrides",
                overrides.map(|(glob, rpo)| format!("{{ relationship = {}, rpo = {} }}", quoted(glob), period(*rpo))),
            );
        }
        text += &section.0;
    }
    fs::write(file, text)
}

/// The folder of `file`, there and absolute, so that a configuration in it works from anywhere; and the CA in it.
pub(super) fn prepare(file: &Path, simulation: &Simulation) -> io::Result<(PathBuf, String)> {
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    let ca = folder.join("ca.pem");
    fs::write(&ca, simulation.ca_pem())?;
    let ca = ca.to_string_lossy().into_owned();
    Ok((folder, ca))
}

/// The section of one array, as it is written.
pub(super) struct Section(pub(super) String);

impl Section {
    /// Where the array is, and whom to trust.
    pub(super) fn of(array: &SimulatedArray, ca: &str) -> Self {
        let mut section = Self(format!("\n[[{}]]\n", array.vendor().name()));
        section.text("name", array.name());
        section.text("url", &array.url());
        section.text("ca_file", ca);
        section
    }

    pub(super) fn text(&mut self, key: &str, value: &str) {
        self.line(key, &quoted(value));
    }

    /// A list that is not written where it is empty.
    pub(super) fn list(&mut self, key: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        if !items.is_empty() {
            self.line(key, &format!("[{}]", items.join(", ")));
        }
    }

    pub(super) fn line(&mut self, key: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }
}

/// Writes a secret for its owner's eyes only.
pub(super) fn secret(folder: &Path, array: &str, kind: &str, text: &str) -> io::Result<String> {
    let path = folder.join(format!("{array}.{kind}"));
    // A left-over file keeps its mode when it is truncated, so it has to go first.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    writeln!(file, "{text}")?;
    Ok(path.to_string_lossy().into_owned())
}

/// A TOML string: JSON's escapes are TOML's too.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A duration of whole milliseconds, at least one.
pub(super) fn duration(seconds: f64) -> String {
    if seconds >= 1.0 && (seconds - seconds.round()).abs() < 1e-9 {
        format!("{seconds:.0}s")
    } else {
        format!("{:.0}ms", (seconds * 1000.0).round().max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_whole() {
        assert_eq!(duration(3600.0), "3600s");
        assert_eq!(duration(3600.0 / 7.0), "514286ms");
        assert_eq!(duration(0.000_01), "1ms");
    }

    #[test]
    fn a_quote_in_a_path_is_escaped() {
        assert_eq!(quoted(r#"a"b\c"#), r#""a\"b\\c""#);
    }
}
