//! One array as the configuration resolves it: every default applied, every reference checked. Pollers, sources and the
//! store read these; only this folder makes them.

use super::{authorities::Authorities, secret::SecretRef, vendor::Vendor};
use crate::model::{Objective, Section, Terms};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A storage system to poll.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrayConfig {
    /// The `array` label, unique over all vendors.
    pub name: Arc<str>,
    /// Which API it speaks.
    pub vendor: Vendor,
    /// Addresses of one and the same system, tried in order; never empty. Without a trailing slash, user or query.
    pub urls: Vec<reqwest::Url>,
    /// How it is proved who asks.
    pub credentials: Credentials,
    /// How it is proved who answers.
    pub trust: Trust,
    /// When and how much.
    pub polling: Polling,
    /// The sections to read: all of the vendor's, or those chosen.
    pub sections: Vec<Section>,
    /// Labels added to `storage_array_info`.
    pub labels: BTreeMap<String, String>,
    /// The recovery point objectives.
    pub objective: Objective,
    /// Keys that only one vendor has.
    pub extra: Extra,
}

impl ArrayConfig {
    /// An address that nothing is configured of yet: for asking who answers there. It has no credentials that could be sent.
    #[must_use]
    pub fn unconfigured(vendor: Vendor, url: reqwest::Url, trust: Trust, timeout: Duration) -> Self {
        Self {
            name: url.host_str().unwrap_or_default().into(),
            vendor,
            urls: vec![url],
            credentials: Credentials::Token(SecretRef::Inline(String::new().into())),
            trust,
            polling: Polling {
                interval: vendor.interval,
                timeout,
                stale_after: vendor.interval * 3,
                forget_after: None,
                max_body: 1024 * 1024,
                max_series: 0,
            },
            sections: vec![Section::SYSTEM],
            labels: BTreeMap::new(),
            objective: Objective::default(),
            extra: Extra::default(),
        }
    }

    /// What its relationships are judged by.
    #[must_use]
    pub fn terms(&self) -> Terms<'_> {
        Terms {
            objective: &self.objective,
            interval_seconds: self.polling.interval.as_secs_f64(),
        }
    }
}

/// How it is proved who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A long-lived token.
    Token(SecretRef),
    /// A user and a password.
    Password {
        /// The user; not a secret.
        username: String,
        /// Where the password is.
        password: SecretRef,
    },
}

/// How it is proved who answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Authorities to trust instead of the system's.
    pub ca_file: Option<Authorities>,
    /// SHA-256 of the leaf's public key (`SubjectPublicKeyInfo`); replaces chain, name and expiry.
    pub pin_sha256: Option<[u8; 32]>,
    /// The name that the certificate must have, where it is not the URL's host.
    pub server_name: Option<String>,
    /// Accept anything. Exported as a metric and warned about.
    pub insecure_skip_verify: bool,
}

/// The series that every relationship has: its info, standing, since when that is, and its exemption.
pub(crate) const LEAST_SERIES: usize = 4;

/// When and how much an array is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polling {
    /// From the start of one poll to the start of the next.
    pub interval: Duration,
    /// For one request, from the first byte sent to the last one read.
    pub timeout: Duration,
    /// How long a reading may be shown after the array gave it.
    pub stale_after: Duration,
    /// How long facts outlive an array that stays away; `None`: for ever.
    pub forget_after: Option<Duration>,
    /// The largest answer, in decompressed bytes.
    pub max_body: u64,
    /// The most series of this array.
    pub max_series: usize,
}

impl Polling {
    /// How long one poll may take before it gives up by itself.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.interval.mul_f64(0.9)
    }

    /// The most relationships of a section of which more is kept than their number: one more than `max_series` has room for.
    #[must_use]
    pub fn most_relationships(&self) -> usize {
        self.max_series / LEAST_SERIES + 1
    }

    /// How often what grows by itself (the lag) is brought up to date.
    #[must_use]
    pub fn refresh(&self) -> Duration {
        self.interval.min(Duration::from_secs(15))
    }
}

/// Keys that only one vendor has, as its descriptor declares them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra(BTreeMap<&'static str, ExtraValue>);

/// The value of such a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtraValue {
    /// A path, normalised to `/a/b`.
    Path(String),
    /// A duration.
    Period(Duration),
}

impl Extra {
    /// Sets one.
    pub fn set(&mut self, key: &'static str, value: ExtraValue) {
        self.0.insert(key, value);
    }

    /// Every key, with its value as it would be written.
    #[must_use]
    pub fn written(&self) -> BTreeMap<String, String> {
        let text = |value: &ExtraValue| match value {
            ExtraValue::Path(path) => path.clone(),
            ExtraValue::Period(period) => format!("{}ms", period.as_millis()),
        };
        self.0
            .iter()
            .map(|(key, value)| ((*key).to_owned(), text(value)))
            .collect()
    }

    /// The path under `key`.
    #[must_use]
    pub fn path(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            ExtraValue::Path(path) => Some(path),
            ExtraValue::Period(_) => None,
        }
    }

    /// The duration under `key`.
    #[must_use]
    pub fn period(&self, key: &str) -> Option<Duration> {
        match self.0.get(key)? {
            ExtraValue::Period(period) => Some(*period),
            ExtraValue::Path(_) => None,
        }
    }
}
