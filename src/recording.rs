//! The form of a recording on disk: a folder per array, in it `array.json` and a file per body. Holds no I/O on arrays and no
//! scrubbing: `source::record` writes recordings, `simulator::replay` serves them.
//!
//! A recording never holds a secret. The form is not stable between versions: it is for reporting faults.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the file that describes an array.
pub const MANIFEST: &str = "array.json";

/// What one array was asked and answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedArray {
    /// Its name in the configuration, or a made-up one.
    pub name: String,
    /// The name of its section in the configuration.
    pub vendor: String,
    /// The exporter's version.
    pub exporter: String,
    /// Whether a token was configured; else user and password.
    pub by_token: bool,
    /// The keys of the configuration that only its vendor has, as they would be written.
    #[serde(default)]
    pub own_keys: BTreeMap<String, String>,
    /// The sections that were to be read.
    pub sections: Vec<String>,
    /// The objective where the array itself says none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rpo_seconds: Option<f64>,
    /// Exceptions from it; left out where names are made up.
    #[serde(default)]
    pub rpo_overrides: Vec<RecordedOverride>,
    /// Its requests, in the order of their answers.
    pub requests: Vec<RecordedRequest>,
}

/// An objective and the globs of what it is for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedOverride {
    /// Key and glob, as in the configuration.
    pub globs: Vec<(String, String)>,
    /// The objective; none: there is none.
    pub rpo_seconds: Option<f64>,
}

/// One request and what came back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RecordedRequest {
    /// Always GET: a log-on and a log-off are not recorded.
    pub method: String,
    /// With its query.
    pub path: String,
    /// When its answer came, in Unix seconds of the exporter's clock.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<f64>,
    /// The status; none if there was no answer that could be used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// The reason, where there was no answer that could be used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<String>,
    /// The content type.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content_type: Option<String>,
    /// The array's clock minus the exporter's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub clock_skew_seconds: Option<f64>,
    /// The file with the body; none if there was none, or it was not kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<String>,
}
