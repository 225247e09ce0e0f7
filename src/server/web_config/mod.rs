//! The file of `--web.config.file`, in exporter-toolkit's schema: TLS, client certificates, basic authentication, headers
//! and a rate limit.
//!
//! Everything is checked here, all problems at once, each with file, line and key and without the value. Unlike in the
//! toolkit, a key or a value that has no effect here is an error: it could be one that somebody relies on. What is done
//! with the outcome is in [`super::web`], [`super::protect`] and [`super::tls`].
//!
//! Schema: <https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md>

mod client_certificates;
mod headers;
mod pem;
mod rate;
mod table;
mod tls;
mod users;
mod yaml;

pub(super) use rate::RateLimit;
pub(super) use users::Users;

use crate::config::{Problem, Problems, file::read_small, key_path::KeyPath, problem::Place};
use axum::http::HeaderMap;
use sha2::{Digest, Sha256};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use table::{Findings, Table};

/// More than anybody writes: a thousand users are 80 kB.
const LARGEST: u64 = 1024 * 1024;

/// What the file asks for, usable as it is. Without the flag: nothing at all.
#[derive(Default)]
pub(super) struct WebConfig {
    /// `None`: plain HTTP.
    pub(super) tls: Option<Arc<rustls::ServerConfig>>,
    /// Empty: no authentication.
    pub(super) users: Users,
    /// For every answer.
    pub(super) headers: HeaderMap,
    /// `None`: no limit.
    pub(super) rate: Option<RateLimit>,
    /// What is switched on.
    pub(super) protections: Protections,
}

/// Which protections are on. They never change in a running server: a file that is half written would open it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Protections {
    pub(super) tls: bool,
    pub(super) client_certificates: tls::ClientAuth,
    pub(super) allowed_sans: bool,
    pub(super) users: bool,
}

/// A digest of everything that was read, the reasons why something could not be included. Equal ones mean the same outcome.
pub(super) type Fingerprint = [u8; 32];

/// Reads and checks the file and every file that it names.
pub(super) fn load(file: &Path) -> (Fingerprint, Result<WebConfig, Problems>) {
    let mut files = Files(Sha256::new());
    let result = read(file, &mut files);
    (files.0.finalize().into(), result)
}

/// Reads small files, and what it read into the fingerprint.
struct Files(Sha256);

impl Files {
    fn read(&mut self, path: &Path) -> Result<Vec<u8>, String> {
        let result = read_small(path, LARGEST).map_err(|unread| unread.to_string());
        let (content, reason) = match &result {
            Ok(content) => (content.as_slice(), ""),
            Err(reason) => (&[][..], reason.as_str()),
        };
        for part in [content, reason.as_bytes()] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
        result
    }
}

fn read(file: &Path, files: &mut Files) -> Result<WebConfig, Problems> {
    let whole = |message: String| Problem::with_file(file.to_owned(), message);
    let bytes = files
        .read(file)
        .map_err(|reason| whole(format!("the web configuration cannot be read: {reason}")))?;
    let text = String::from_utf8(bytes).map_err(|_| whole("is not UTF-8".to_owned()))?;
    let document = yaml::parse(&text).map_err(|error| {
        let place = Place::File {
            file: file.to_owned(),
            line: error.line,
        };
        Problem::new(place, KeyPath::root(), error.message)
    })?;
    let mut findings = Findings {
        file: PathBuf::from(file),
        problems: vec![],
    };
    let config = resolve(document, files, &mut findings);
    if findings.problems.is_empty() {
        Ok(config)
    } else {
        Err(findings.problems.into())
    }
}

fn resolve(document: yaml::Node, files: &mut Files, findings: &mut Findings) -> WebConfig {
    let mut root = Table::root(document, findings);
    let mut config = WebConfig::default();
    if let Some(section) = section(&mut root, "tls_server_config", findings) {
        let tls = tls::read(section, files, findings);
        config.protections.tls = true;
        config.protections.client_certificates = tls.client_auth;
        config.protections.allowed_sans = tls.allowed_sans;
        config.tls = tls.server;
    }
    if let Some(section) = section(&mut root, "http_server_config", findings) {
        config.headers = headers::read(section, findings);
    }
    if let Some(section) = section(&mut root, "basic_auth_users", findings) {
        config.users = users::read(section, findings);
        config.protections.users = true;
    }
    if let Some(section) = section(&mut root, "rate_limit", findings) {
        config.rate = rate::read(section, findings);
    }
    root.finish(findings);
    config
}

/// A section with at least one key.
fn section(root: &mut Table, name: &'static str, findings: &mut Findings) -> Option<Table> {
    root.take(name)?.table(findings).filter(|table| !table.is_empty())
}
