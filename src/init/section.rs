//! The text that `init` writes: what was found, the commands that make the account, and the section. Pure.

use crate::{
    config::{ArrayConfig, is_name, is_name_sign, vendor::CredentialKind},
    doctor::Report,
    model::Timestamp,
    source::{introduction::Introduced, remedies},
};
use anyhow::{Result, ensure};
use std::fmt::Write as _;

/// Why the certificate had to be taken on trust, and the key to pin.
#[derive(Debug)]
pub(super) struct Doubt {
    pub(super) why: String,
    pub(super) pin: String,
}

/// The name that is asked for, else what the array calls itself, else its host, in the letters that a name may have.
pub(super) fn name(asked: Option<String>, introduced: &Introduced) -> Result<String> {
    if let Some(name) = asked {
        ensure!(
            is_name(&name),
            "--name takes letters, digits, `.`, `_` and `-`, and begins with a letter or digit"
        );
        return Ok(name);
    }
    let said = introduced.system.name.clone().value().unwrap_or_default();
    let mended = |text: &str| {
        let text: String = text
            .chars()
            .map(|sign| if is_name_sign(sign) { sign } else { '-' })
            .collect();
        text.trim_matches(|sign: char| !sign.is_ascii_alphanumeric()).to_owned()
    };
    let names = [mended(&said), mended(&introduced.array.name), "array".to_owned()];
    Ok(names.into_iter().find(|name| !name.is_empty()).unwrap_or_default())
}

/// The section of `report.array`, with everything that is known so far.
pub(super) fn text(report: &Report, array: &ArrayConfig, doubt: Option<&Doubt>, at: Timestamp) -> String {
    let (name, vendor) = (&report.array, array.vendor);
    let mut text = format!(
        "# Asked without credentials on {}:\n{}#\n# 1. Make an account that can only read:\n",
        at.to_rfc3339_seconds(),
        commented(report.to_string().trim_end())
    );
    for command in remedies::make(array) {
        text.push_str(&commented(&format!("  {command}")));
    }
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "# 2. Put its secret into the file named below, which only the exporter's user may read.\n\
         # 3. replication_exporter doctor --array {name}\n\n[[{}]]\nname = \"{name}\"\nurl = {}\n",
        vendor.name(),
        toml::Value::from(address(array))
    );
    if array.urls[0].scheme() == "http" {
        text.push_str("allow_plaintext = true    # the secret goes over the network in the clear: rather use https\n");
    }
    let is_token = vendor
        .credentials
        .first()
        .is_some_and(|way| way.kind == CredentialKind::Token);
    let (key, ending) = if is_token {
        ("token", "token")
    } else {
        ("password", "password")
    };
    if !is_token {
        let _ = writeln!(text, "username = {}", toml::Value::from(vendor.account.username));
    }
    let _ = writeln!(
        text,
        "{key}_file = \"{name}.{ending}\"    # beside this file; or {key}_credential of systemd, or {key}_env"
    );
    if let Some(Doubt { why, pin }) = doubt {
        let _ = write!(
            text,
            "# The key that answered just now, because {why}.\n# Compare it on the array before you trust it (docs/security.md: how); or use ca_file, with the authority that signed the certificate.\n\
             pin_sha256 = \"{pin}\"\n"
        );
    }
    let unsaid = if vendor.states_objectives {
        ", where the array itself says none"
    } else {
        ""
    };
    let _ = writeln!(
        text,
        "#rpo = \"1h\"    # the objective{unsaid}; without one a relationship is `unjudged`"
    );
    text
}

/// As it was asked, without the slash that a URL ends in.
fn address(array: &ArrayConfig) -> &str {
    array.urls[0].as_str().trim_end_matches('/')
}

fn commented(text: &str) -> String {
    text.lines()
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Trust,
        model::{Field, SystemReport},
        source::vendors,
    };
    use std::time::Duration;

    fn introduced(said: &str) -> Introduced {
        let url = "https://[2001:db8::1]:8000".parse().expect("a URL");
        Introduced {
            array: ArrayConfig::unconfigured(vendors::ALL[0], url, Trust::default(), Duration::from_secs(1)),
            system: SystemReport {
                name: Field::Is(said.to_owned()),
                ..SystemReport::default()
            },
        }
    }

    #[test]
    fn what_an_array_calls_itself_becomes_a_name() {
        for (said, expected) in [
            ("nyc-prod", "nyc-prod"),
            (" NYC prod\n[[x]]", "NYC-prod---x"),
            ("", "2001-db8--1"),
            ("дом", "2001-db8--1"),
        ] {
            let name = name(None, &introduced(said)).expect("a name");
            assert_eq!(name, expected, "{said}");
            assert!(is_name(&name));
        }
        assert_eq!(name(Some("mine".to_owned()), &introduced("x")).expect("a name"), "mine");
        assert!(name(Some("a\"b".to_owned()), &introduced("x")).is_err());
    }
}
