//! Keys that only one vendor has, as its descriptor declares them, and what must hold between them and the rest.

use crate::config::{
    Credentials, Extra, ExtraValue, Vendor,
    checked::Checked,
    findings::Findings,
    key_path::KeyPath,
    quantity::Period,
    raw::OtherKeys,
    vendor::{CredentialKind, OwnKind},
};

/// The own keys of one array.
#[derive(Default)]
pub(super) struct Own {
    /// What they mean.
    pub(super) values: Extra,
    /// Which are written, whatever their value.
    written: Vec<&'static str>,
}

/// Takes the own keys out of `others`. Those of another vendor are told as that, and not as unknown.
pub(super) fn read(
    findings: &mut Findings<'_>,
    (vendor, vendors): (Vendor, &[Vendor]),
    array: &KeyPath,
    others: &mut OtherKeys,
) -> Own {
    let mut own = Own::default();
    for key in vendors.iter().flat_map(|each| each.own_keys) {
        let at = array.key(key.name);
        let written = others.take(key.name);
        if vendor.own_key(key.name).is_none() {
            if written.is_some() {
                let theirs: Vec<Vendor> = vendors
                    .iter()
                    .copied()
                    .filter(|each| each.own_key(key.name).is_some())
                    .collect();
                findings.problem(&at, format!("only {} has this key: remove it", sections_of(&theirs)));
            }
            continue;
        }
        if written.is_some() {
            own.written.push(key.name);
        }
        let value = match &key.kind {
            OwnKind::Period(default) => {
                let written: Option<Checked<Period>> = written.map(|value| value.read());
                let set = written.and_then(|written| findings.good(&at, written));
                Some(ExtraValue::Period(set.map_or(*default, |Period(period)| period)))
            }
            OwnKind::Path { expected, .. } => {
                let written: Option<Checked<String>> = written.map(|value| value.read());
                let text = written.and_then(|written| findings.good(&at, written));
                text.and_then(|text| {
                    let path = path(&text);
                    if path.is_none() {
                        findings.problem(&at, *expected);
                    }
                    path
                })
                .map(ExtraValue::Path)
            }
        };
        if let Some(value) = value {
            own.values.set(key.name, value);
        }
    }
    own
}

/// Credentials that need an own key have it, and none has it that does not.
pub(super) fn suit(
    findings: &mut Findings<'_>,
    vendor: Vendor,
    array: &KeyPath,
    (credentials, secret_key): (&Credentials, &KeyPath),
    own: &Own,
) {
    let is_used =
        |kind: CredentialKind| (kind == CredentialKind::Token) == matches!(credentials, Credentials::Token(_));
    let needed = vendor
        .credentials
        .iter()
        .find(|way| is_used(way.kind))
        .and_then(|way| way.only_with);
    if let Some((key, message)) = needed
        && !own.written.contains(&key)
    {
        findings.problem(secret_key, message);
    }
    for key in vendor.own_keys {
        if let OwnKind::Path {
            without_credentials, ..
        } = key.kind
            && needed.is_none_or(|(needed, _)| needed != key.name)
            && own.written.contains(&key.name)
        {
            findings.problem(&array.key(key.name), without_credentials);
        }
    }
}

/// What to do with a path in `url`, where the vendor has a key for it.
pub(super) fn instead_of_path(vendor: Vendor) -> Option<&'static str> {
    vendor.own_keys.iter().find_map(|key| match key.kind {
        OwnKind::Path { instead_of_url, .. } => Some(instead_of_url),
        OwnKind::Period(_) => None,
    })
}

/// `[[a]], [[b]] or [[c]]`.
pub(super) fn sections_of(vendors: &[Vendor]) -> String {
    let names: Vec<String> = vendors.iter().map(|vendor| format!("[[{}]]", vendor.name())).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// A path, normalised to `/a/b`.
fn path(text: &str) -> Option<String> {
    let path = text.strip_suffix('/').unwrap_or(text);
    let segment = |segment: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '~');
        !segment.is_empty() && !segment.chars().all(|c| c == '.') && segment.chars().all(plain)
    };
    let rest = path.strip_prefix('/')?;
    rest.split('/').all(segment).then(|| path.to_owned())
}
