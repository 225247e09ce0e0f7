//! The rules: what the file as written must keep to, and the arrays that it then means.
//!
//! One file per concern. Every rule runs over every array, so that all problems are told at once. Reads certificates, and
//! nothing else outside the configuration file; secrets are only referred to here.

mod address;
mod credentials;
mod identity;
mod objective;
mod polling;
mod trust;

use super::{
    Config, Credentials, SecretPlace, SecretRef, Vendor,
    array::{ArrayConfig, Extra},
    checked::Checked,
    environment::Environment,
    findings::{Findings, Setting},
    key_path::KeyPath,
    quantity::Period,
    raw::{RawArray, RawConfig, RawPoll, UnknownKeys},
};
use address::AddressSettings;
use identity::Names;
use polling::PollingSettings;
use std::{path::PathBuf, time::Duration};

/// How far back a Veeam task proves that its relationship exists, where nothing says otherwise.
const DEFAULT_LOOKBACK: Duration = Duration::from_hours(30 * 24);

/// What the file means, for what it is worth: only without problems is it to be used.
pub(super) fn resolve(findings: &mut Findings<'_>, environment: &Environment, raw: RawConfig) -> Config {
    let root = KeyPath::root();
    findings.unknown_keys(&root, &raw.unknown, &RawConfig::keys());
    let raw_poll = findings.read(&root, "poll", raw.poll).value().unwrap_or_default();
    let (poll, state_file) = resolve_poll(findings, environment, raw_poll);

    let mut config = Config {
        state_file,
        ..Config::default()
    };
    let mut names = Names::new();
    let vendors = [
        (Vendor::Qumulo, raw.qumulo),
        (Vendor::Kaminario, raw.kaminario),
        (Vendor::Veeam, raw.veeam),
    ];
    let mut written = false;
    for (vendor, arrays) in vendors {
        written |= arrays.is_some();
        for (array, at) in read_arrays(findings, vendor, arrays) {
            if let Some((array, secret)) = resolve_array(findings, vendor, &at, array, &poll, &mut names) {
                config.arrays.push(array);
                config.secrets.push(secret);
            }
        }
    }
    if !written {
        findings.warning(
            &root,
            "no array is configured: add [[qumulo]], [[kaminario]] or [[veeam]]",
        );
    }
    config
}

fn resolve_poll(
    findings: &mut Findings<'_>,
    environment: &Environment,
    raw: RawPoll,
) -> (PollingSettings, Option<PathBuf>) {
    let at = KeyPath::root().key("poll");
    findings.unknown_keys(&at, &raw.unknown, &RawPoll::keys());
    let settings = PollingSettings::read(findings, &at, raw.polling);
    let state_file = match findings.read(&at, "state_file", raw.state_file) {
        Setting::Set(path, at) if path.is_empty() || path.ends_with('/') => {
            findings.problem(&at, "expected the path of a file");
            None
        }
        Setting::Set(path, _) => Some(findings.beside_the_file(&path)),
        Setting::Unusable => None,
        Setting::Unset => {
            let by_systemd = environment.state_directory();
            if by_systemd.is_none() {
                let message = "is not set, and neither is $STATE_DIRECTORY: a restart loses the recovery points of \
                               arrays that are away, how long each health has lasted, and the breach counters";
                findings.warning(&at.key("state_file"), message);
            }
            by_systemd.map(|directory| directory.join("facts.json"))
        }
    };
    (settings, state_file)
}

/// The tables of one vendor.
fn read_arrays(
    findings: &mut Findings<'_>,
    vendor: Vendor,
    written: Option<Checked<Vec<Checked<RawArray>>>>,
) -> Vec<(RawArray, KeyPath)> {
    let at = KeyPath::root().key(vendor.name());
    match written {
        None => vec![],
        Some(Checked::Good(arrays)) => findings.elements(&at, arrays),
        Some(Checked::Bad(_)) => {
            let message = format!("write each array as [[{}]], with double brackets", vendor.name());
            findings.problem(&at, message);
            vec![]
        }
    }
}

fn resolve_array(
    findings: &mut Findings<'_>,
    vendor: Vendor,
    at: &KeyPath,
    raw: RawArray,
    poll: &PollingSettings,
    names: &mut Names,
) -> Option<(ArrayConfig, SecretPlace)> {
    unknown_array_keys(findings, at, raw.unknown);
    let name = findings.read(at, "name", raw.name);
    let name = identity::name(findings, at, name, names);
    let labels = findings.read(at, "labels", raw.labels);
    let labels = identity::labels(findings, labels);
    let sections = findings.read(at, "sections", raw.sections);
    let sections = identity::sections(findings, vendor, sections);

    let address = AddressSettings::read(findings, at, raw.url, raw.urls, raw.allow_plaintext);
    let urls = address::urls(findings, vendor, at, address);
    let base_path = findings.read(at, "base_path", raw.base_path);
    let has_base_path = base_path.is_written();
    let base_path = address::base_path(findings, vendor, base_path);
    let credentials = credentials::resolve(findings, vendor, at, raw.credentials);
    if vendor == Vendor::Kaminario
        && let Some((credentials, key)) = &credentials
    {
        credentials_suit_base_path(findings, at, credentials, key, has_base_path);
    }
    let trust = trust::resolve(findings, at, raw.trust);

    let rpo = findings.read(at, "rpo", raw.rpo);
    let overrides = findings.read(at, "rpo_overrides", raw.rpo_overrides);
    let objective = objective::resolve(findings, rpo, overrides);
    let polling = PollingSettings::read(findings, at, raw.polling).over(poll);
    let polling = polling.resolve(findings, vendor);
    let lookback = findings.read(at, "lookback", raw.lookback);
    let lookback = resolve_lookback(findings, vendor, lookback);

    let (credentials, secret_key) = credentials?;
    let secret = SecretPlace {
        place: findings.place(&secret_key),
        key: secret_key,
        reference: secret_of(&credentials).clone(),
    };
    let array = ArrayConfig {
        name: name?,
        vendor,
        urls,
        credentials,
        trust,
        polling,
        sections,
        labels,
        objective,
        extra: Extra { base_path, lookback },
    };
    Some((array, secret))
}

/// Unknown keys, and the one key of `[poll]` that is not an array's.
fn unknown_array_keys(findings: &mut Findings<'_>, at: &KeyPath, mut unknown: UnknownKeys) {
    let written = unknown.0.len();
    unknown.0.retain(|key| key != "state_file");
    if unknown.0.len() < written {
        findings.problem(&at.key("state_file"), "is one for all arrays: move it to [poll]");
    }
    findings.unknown_keys(at, &unknown, &RawArray::keys());
}

/// Silk Flex takes a token and is reached below a path; an array itself takes a user and has no path.
fn credentials_suit_base_path(
    findings: &mut Findings<'_>,
    at: &KeyPath,
    credentials: &Credentials,
    secret_key: &KeyPath,
    has_base_path: bool,
) {
    match (credentials, has_base_path) {
        (Credentials::Token(_), false) => findings.problem(
            secret_key,
            "an array itself takes no token: use `username` and `password_file`, or set `base_path` for Silk Flex",
        ),
        (Credentials::Password { .. }, true) => findings.problem(
            &at.key("base_path"),
            "is for Silk Flex, which needs a token: use `token_file` instead of a user, or remove it",
        ),
        _ => {}
    }
}

fn resolve_lookback(findings: &mut Findings<'_>, vendor: Vendor, setting: Setting<Period>) -> Option<Duration> {
    if vendor == Vendor::Veeam {
        return Some(setting.value().map_or(DEFAULT_LOOKBACK, |Period(lookback)| lookback));
    }
    if let Setting::Set(_, at) = setting {
        findings.problem(&at, "only [[veeam]] has this key: remove it");
    }
    None
}

fn secret_of(credentials: &Credentials) -> &SecretRef {
    match credentials {
        Credentials::Token(reference)
        | Credentials::Password {
            password: reference, ..
        } => reference,
    }
}
