//! The configuration: the file as written, its environment overrides, and what they resolve to.
//!
//! Everything is checked here, all problems at once, each with file, line and key and without the value. Holds no client
//! and asks no array. Order, the later wins: defaults, vendor defaults, `[poll]` in the file, `[poll]` in the
//! environment, the array's own keys.

pub mod array;
pub(crate) mod authorities;
mod check;
mod checked;
mod environment;
pub(crate) mod file;
pub(crate) mod findings;
pub(crate) mod key_path;
pub mod problem;
mod quantity;
mod raw;
pub mod secret;
pub mod vendor;

pub(crate) use array::LEAST_SERIES;
pub use array::{ArrayConfig, Credentials, Extra, ExtraValue, Polling, Trust};
pub use authorities::Authorities;
pub use check::{address, is_name, is_name_sign};
pub use problem::{Problem, Problems};
pub use secret::{SecretError, SecretRef};
pub use vendor::Vendor;

use environment::Environment;
use figment::{Figment, providers::Serialized};
use findings::Findings;
use key_path::{KeyPath, Lines, line_at};
use problem::Place;
use raw::RawConfig;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};
use toml::de::{DeTable, Deserializer};

/// What the configuration resolves to: usable as it is.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Every array, in the order of the list of vendors and of the file. May be empty.
    pub arrays: Vec<ArrayConfig>,
    /// Where facts outlive a restart; `None`: nowhere.
    pub state_file: Option<PathBuf>,
    /// What works, and should be logged; each with file, line and key.
    pub warnings: Vec<String>,
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    secrets: Vec<SecretPlace>,
}

impl Config {
    /// Leaves the arrays out that are not to be kept, and their secrets.
    pub fn retain(&mut self, keep: impl Fn(&ArrayConfig) -> bool) {
        let mut kept = self.arrays.iter().map(&keep).collect::<Vec<bool>>().into_iter();
        // A secret for each array, in the same order.
        self.secrets.retain(|_| kept.next().unwrap_or(false));
        self.arrays.retain(keep);
    }
}

/// Where an array's secret is, and which key says so.
#[derive(Clone, Debug)]
struct SecretPlace {
    place: Place,
    key: KeyPath,
    reference: SecretRef,
}

/// Reads and checks the configuration file, in which each of `vendors` has its section. `environment` is all of it, as
/// `std::env::vars_os()` gives it.
pub fn load<K, V>(
    path: &Path,
    environment: impl IntoIterator<Item = (K, V)>,
    vendors: &[Vendor],
) -> Result<Config, Problems>
where
    K: Into<OsString>,
    V: Into<OsString>,
{
    let environment = Environment::new(environment);
    let text = read(path)?;
    let (root, errors) = DeTable::parse_recoverable(&text);
    if !errors.is_empty() {
        let problems: Vec<Problem> = errors.iter().map(|error| syntax(path, &text, error)).collect();
        return Err(problems.into());
    }
    let lines = Lines::of(&text, root.get_ref());
    // The same parse goes on to figment. Its own TOML provider has an older parser, whose errors quote the source line.
    let table = toml::Table::deserialize(Deserializer::from(root)).map_err(|error| syntax(path, &text, &error))?;
    let raw: RawConfig = Figment::from(Serialized::defaults(table))
        .merge(&environment)
        .extract()
        .map_err(|_| Problem::with_file(path.to_owned(), "cannot be merged with the environment"))?;

    let mut findings = Findings::new(path, &lines, &environment);
    findings.variables();
    let mut config = check::resolve(&mut findings, &environment, vendors, raw);
    if !findings.problems.is_empty() {
        return Err(findings.problems.into());
    }
    config.digest = Sha256::digest(&text).into();
    config.warnings = Problems::from(findings.warnings)
        .iter()
        .map(Problem::to_string)
        .collect();
    Ok(config)
}

/// What is odd about secrets that can be read, and whether others may read them; never what they are.
#[must_use]
pub fn odd_secrets(config: &Config) -> Vec<Problem> {
    let odd = config.secrets.iter().flat_map(|secret| {
        let oddities = secret.reference.oddities();
        oddities
            .into_iter()
            .map(|odd| Problem::new(secret.place.clone(), secret.key.clone(), format!("the secret {odd}")))
    });
    odd.collect()
}

/// Reads every secret that the configuration refers to; a problem for each that cannot be.
#[must_use]
pub fn check_secrets(config: &Config) -> Vec<Problem> {
    config
        .secrets
        .iter()
        .filter_map(|secret| {
            let error = secret.reference.read().err()?;
            Some(Problem::new(
                secret.place.clone(),
                secret.key.clone(),
                error.to_string(),
            ))
        })
        .collect()
}

fn read(path: &Path) -> Result<String, Problem> {
    let problem = |message: String| Problem::with_file(path.to_owned(), message);
    let bytes = std::fs::read(path).map_err(|error| {
        problem(format!(
            "the configuration file cannot be read: {}",
            file::reason(&error)
        ))
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let line = line_at(error.as_bytes(), error.utf8_error().valid_up_to());
        let file = path.to_owned();
        Problem::new(Place::File { file, line }, KeyPath::root(), "is not UTF-8")
    })
}

/// A file that is no TOML. Only the parser's message is told: its `Display` quotes the line, with any secret in it.
fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Problem {
    let line = error.span().map_or(0, |span| line_at(text.as_bytes(), span.start));
    let file = path.to_owned();
    let at_backslash = error.span().is_some_and(|span| {
        let around = span.start.saturating_sub(2)..span.end.saturating_add(1).min(text.len());
        text.as_bytes().get(around).is_some_and(|bytes| bytes.contains(&b'\\'))
    });
    let hint = if at_backslash {
        "; a backslash between double quotes begins an escape: write it twice, or put the text between single quotes"
    } else {
        ""
    };
    let message = format!("is not TOML: {}{hint}", error.message().replace('\n', ", "));
    Problem::new(Place::File { file, line }, KeyPath::root(), message)
}

#[cfg(test)]
mod tests;
