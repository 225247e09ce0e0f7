//! How it is proved who asks: exactly one kind of credentials, from exactly one place. Says where secrets are; reads none.

use crate::config::{
    Credentials, SecretRef, Vendor,
    checked::Checked,
    findings::{Findings, Setting},
    key_path::KeyPath,
    raw::{RawCredentials, Secret},
    vendor::CredentialKind,
};
use secrecy::ExposeSecret;

/// The credentials of one array, with the place of the key that refers to the secret.
pub(super) fn resolve(
    findings: &mut Findings<'_>,
    vendor: Vendor,
    array: &KeyPath,
    raw: RawCredentials,
) -> Option<(Credentials, KeyPath)> {
    let tokens = references(
        findings,
        array,
        ["token", "token_file", "token_env", "token_credential"],
        (raw.token, raw.token_file, raw.token_env, raw.token_credential),
    );
    let passwords = references(
        findings,
        array,
        ["password", "password_file", "password_env", "password_credential"],
        (
            raw.password,
            raw.password_file,
            raw.password_env,
            raw.password_credential,
        ),
    );
    let username = findings.read(array, "username", raw.username);
    check_username(findings, vendor, &username);

    if let Some(token) = tokens.first() {
        if !takes(vendor, &[CredentialKind::Token]) {
            let message = format!("{} has no tokens: use `username` and `password_file`", vendor.system);
            findings.problem(&token.at, message);
            return None;
        }
        if username.is_written() || !passwords.is_empty() {
            let message = "a token and a user are both set: keep one of the two";
            findings.problem(&token.at, message);
        }
        let (reference, at) = only(findings, tokens)?;
        return Some((Credentials::Token(reference), at));
    }
    match (username, passwords.is_empty()) {
        (Setting::Unset, true) => {
            let ways = vendor.credentials.iter().filter(|way| way.only_with.is_none());
            let ways: Vec<&str> = ways.map(|way| keys_of(way.kind)).collect();
            findings.problem(array, format!("credentials are missing: set {}", ways.join(", or ")));
            None
        }
        (Setting::Unset, false) => {
            let message = "`username` is missing: a password needs one";
            findings.problem(&passwords[0].at, message);
            None
        }
        (Setting::Set(_, at), true) => {
            let message = "a password is missing: set `password_file`, `password_env` or `password_credential`";
            findings.problem(&at, message);
            None
        }
        (Setting::Set(username, _), false) => {
            let (password, at) = only(findings, passwords)?;
            Some((Credentials::Password { username, password }, at))
        }
        (Setting::Unusable, _) => None,
    }
}

fn takes(vendor: Vendor, kinds: &[CredentialKind]) -> bool {
    vendor.credentials.iter().any(|way| kinds.contains(&way.kind))
}

fn keys_of(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Token => "`token_file`",
        CredentialKind::Password | CredentialKind::Basic => "`username` and `password_file`",
    }
}

/// A key that refers to a secret; without a reference where its value is no good, which is told already.
struct Reference {
    at: KeyPath,
    secret: Option<SecretRef>,
}

/// The four ways to give a secret, as they are written.
type Written = (
    Option<Checked<Secret>>,
    Option<Checked<String>>,
    Option<Checked<String>>,
    Option<Checked<String>>,
);

/// Those of the four ways that are written.
fn references(findings: &mut Findings<'_>, array: &KeyPath, keys: [&str; 4], written: Written) -> Vec<Reference> {
    let [inline, file, variable, credential] = keys;
    if written.0.is_some() {
        let message = format!("is written in the configuration itself: rather use `{file}`");
        findings.warning(&array.key(inline), message);
    }
    let directory = findings.beside_the_file("");
    let references = [
        reference(findings, array, inline, written.0, |Secret(secret)| {
            let some = !secret.expose_secret().is_empty();
            some.then_some(SecretRef::Inline(secret)).ok_or("is empty")
        }),
        reference(findings, array, file, written.1, |path| {
            let some = !path.is_empty();
            let path = directory.join(path);
            some.then_some(SecretRef::File(path))
                .ok_or("is empty: write the path of a file")
        }),
        reference(findings, array, variable, written.2, |name| {
            let usable = !name.is_empty() && !name.contains(['=', '\0']);
            let message = "is no name of an environment variable";
            usable.then_some(SecretRef::Environment(name)).ok_or(message)
        }),
        reference(findings, array, credential, written.3, |name| {
            let usable = !matches!(name.as_str(), "" | "." | "..") && !name.contains(['/', '\0']);
            let message = "is no name of a systemd credential: that holds no / and is not empty";
            usable.then_some(SecretRef::Credential(name)).ok_or(message)
        }),
    ];
    references.into_iter().flatten().collect()
}

fn reference<T>(
    findings: &mut Findings<'_>,
    array: &KeyPath,
    key: &str,
    written: Option<Checked<T>>,
    make: impl FnOnce(T) -> Result<SecretRef, &'static str>,
) -> Option<Reference> {
    let secret = match findings.read(array, key, written) {
        Setting::Unset => return None,
        Setting::Unusable => None,
        Setting::Set(value, at) => make(value).map_err(|message| findings.problem(&at, message)).ok(),
    };
    let at = array.key(key);
    Some(Reference { at, secret })
}

/// The one reference; each further one is a problem.
fn only(findings: &mut Findings<'_>, references: Vec<Reference>) -> Option<(SecretRef, KeyPath)> {
    let mut references = references.into_iter();
    let first = references.next()?;
    for further in references {
        findings.problem(
            &further.at,
            "the same secret is given in another way too: keep one of them",
        );
    }
    first.secret.map(|secret| (secret, first.at))
}

fn check_username(findings: &mut Findings<'_>, vendor: Vendor, username: &Setting<String>) {
    let Setting::Set(username, at) = username else {
        return;
    };
    if username.is_empty() {
        findings.problem(at, "is empty");
    }
    if username.chars().any(char::is_control) {
        let message = "holds a control character: a backslash between double quotes begins an escape (\\n is the end of \
                       a line): write it twice, or put the name between single quotes";
        findings.problem(at, message);
    }
    if takes(vendor, &[CredentialKind::Basic]) && username.contains(':') {
        findings.problem(at, "must hold no colon: the log-on cannot carry one");
    }
}
