//! The rules: what the file as written must keep to, and the arrays that it then means.
//!
//! One file per concern. Every rule runs over every array, so that all problems are told at once. Reads certificates, and
//! nothing else outside the configuration file; secrets are only referred to here.

mod address;
mod credentials;
mod identity;
mod objective;
mod own;
mod polling;
mod trust;

use super::{
    Config, Credentials, SecretPlace, SecretRef, Vendor,
    array::ArrayConfig,
    checked::Checked,
    environment::Environment,
    findings::{Findings, Setting},
    key_path::KeyPath,
    raw::{OtherKeys, RawArray, RawConfig, RawPoll},
};
use address::AddressSettings;
pub use address::address;
use identity::Names;
pub use identity::{is_name, is_name_sign};
use polling::PollingSettings;
use std::path::PathBuf;

/// What the file means, for what it is worth: only without problems is it to be used.
pub(super) fn resolve(
    findings: &mut Findings<'_>,
    environment: &Environment,
    vendors: &[Vendor],
    mut raw: RawConfig,
) -> Config {
    let root = KeyPath::root();
    let written: Vec<_> = vendors
        .iter()
        .map(|vendor| (*vendor, raw.others.take(vendor.name())))
        .collect();
    let mut known = RawConfig::keys();
    known.extend(vendors.iter().map(|vendor| vendor.name()));
    findings.unknown_keys(&root, &raw.others, &known);
    let raw_poll = findings.read(&root, "poll", raw.poll).value().unwrap_or_default();
    let (poll, state_file) = resolve_poll(findings, environment, raw_poll);

    let mut config = Config {
        state_file,
        ..Config::default()
    };
    let mut names = Names::new();
    if written.iter().all(|(_, arrays)| arrays.is_none()) {
        let message = format!("no array is configured: add {}", own::sections_of(vendors));
        findings.warning(&root, message);
    }
    for (vendor, arrays) in written {
        let Some(arrays) = arrays else { continue };
        for (array, at) in read_arrays(findings, vendor, arrays.read()) {
            if let Some((array, secret)) = resolve_array(findings, (vendor, vendors), &at, array, &poll, &mut names) {
                config.arrays.push(array);
                config.secrets.push(secret);
            }
        }
    }
    config
}

fn resolve_poll(
    findings: &mut Findings<'_>,
    environment: &Environment,
    raw: RawPoll,
) -> (PollingSettings, Option<PathBuf>) {
    let at = KeyPath::root().key("poll");
    findings.unknown_keys(&at, &raw.others, &RawPoll::keys());
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
    written: Checked<Vec<Checked<RawArray>>>,
) -> Vec<(RawArray, KeyPath)> {
    let at = KeyPath::root().key(vendor.name());
    match written {
        Checked::Good(arrays) => findings.elements(&at, arrays),
        Checked::Bad(_) => {
            let message = format!("write each array as [[{}]], with double brackets", vendor.name());
            findings.problem(&at, message);
            vec![]
        }
    }
}

fn resolve_array(
    findings: &mut Findings<'_>,
    (vendor, vendors): (Vendor, &[Vendor]),
    at: &KeyPath,
    mut raw: RawArray,
    poll: &PollingSettings,
    names: &mut Names,
) -> Option<(ArrayConfig, SecretPlace)> {
    let own = own::read(findings, (vendor, vendors), at, &mut raw.others);
    unknown_array_keys(findings, vendor, at, raw.others);
    let name = findings.read(at, "name", raw.name);
    let name = identity::name(findings, at, name, names);
    let labels = findings.read(at, "labels", raw.labels);
    let labels = identity::labels(findings, labels);
    let sections = findings.read(at, "sections", raw.sections);
    let sections = identity::sections(findings, vendor, sections);

    let address = AddressSettings::read(findings, at, raw.url, raw.urls, raw.allow_plaintext);
    let urls = address::urls(findings, vendor, at, address);
    let credentials = credentials::resolve(findings, vendor, at, raw.credentials);
    if let Some((credentials, key)) = &credentials {
        own::suit(findings, vendor, at, (credentials, key), &own);
    }
    let trust = trust::resolve(findings, at, raw.trust);

    let polling = PollingSettings::read(findings, at, raw.polling).over(poll);
    let polling = polling.resolve(findings, vendor);
    let rpo = findings.read(at, "rpo", raw.rpo);
    let overrides = findings.read(at, "rpo_overrides", raw.rpo_overrides);
    let objective = objective::resolve(findings, (vendor, polling.interval), at, rpo, overrides);

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
        extra: own.values,
    };
    Some((array, secret))
}

/// Unknown keys, and the one key of `[poll]` that is not an array's.
fn unknown_array_keys(findings: &mut Findings<'_>, vendor: Vendor, at: &KeyPath, mut unknown: OtherKeys) {
    if unknown.take("state_file").is_some() {
        findings.problem(&at.key("state_file"), "is one for all arrays: move it to [poll]");
    }
    let mut known = RawArray::keys();
    known.extend(vendor.own_keys.iter().map(|key| key.name));
    findings.unknown_keys(at, &unknown, &known);
}

fn secret_of(credentials: &Credentials) -> &SecretRef {
    match credentials {
        Credentials::Token(reference)
        | Credentials::Password {
            password: reference, ..
        } => reference,
    }
}
