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
    let folder = prepare(file)?;
    let ca = folder.join("ca.pem");
    fs::write(&ca, simulation.ca_pem())?;
    let mut text =
        String::from("# Written by replication_exporter simulate: its arrays, their CA and their secrets.\n");
    for (index, array) in simulation.arrays().iter().enumerate() {
        // Every second array is logged in to with user and password, so that both ways are used.
        let by_token = index % 2 == 0;
        text.push_str(&section(array, by_token, &folder, &ca, simulation.speed())?);
    }
    fs::write(file, text)
}

/// The folder of `file`, there and absolute, so that a configuration in it works from anywhere.
pub(super) fn prepare(file: &Path) -> io::Result<PathBuf> {
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    folder.canonicalize()
}

/// The section of one array; its secrets are written on the way.
fn section(array: &SimulatedArray, by_token: bool, folder: &Path, ca: &Path, speed: f64) -> io::Result<String> {
    let name = array.name();
    let credentials = array.credentials();
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{key} = {value}");
    };
    line("name", &quoted(name));
    line("url", &quoted(&array.url()));
    if let Some(token) = credentials.token.as_ref().filter(|_| by_token) {
        let path = secret(folder, name, "token", token)?;
        line("token_file", &quoted(&path.to_string_lossy()));
    } else {
        let path = secret(folder, name, "password", &credentials.password)?;
        line("username", &quoted(&credentials.username));
        line("password_file", &quoted(&path.to_string_lossy()));
    }
    line("ca_file", &quoted(&ca.to_string_lossy()));
    if let Some(simulated) = vendors::of(array.vendor()) {
        line("rpo", &quoted(&duration(simulated.rpo / speed)));
        let overrides: Vec<String> = simulated
            .rpo_overrides
            .iter()
            .map(|(glob, rpo)| {
                let rpo = quoted(&duration(rpo / speed));
                format!("{{ relationship = {}, rpo = {rpo} }}", quoted(glob))
            })
            .collect();
        if !overrides.is_empty() {
            line("rpo_overrides", &format!("[{}]", overrides.join(", ")));
        }
    }
    if let Some((_, password)) = &credentials.admin {
        secret(folder, name, "admin-password", password)?;
    }
    Ok(format!("\n[[{}]]\n{text}", array.vendor().name()))
}

/// Writes a secret for its owner's eyes only.
pub(super) fn secret(folder: &Path, array: &str, kind: &str, text: &str) -> io::Result<PathBuf> {
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
    Ok(path)
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
