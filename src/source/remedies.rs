//! What to do about a failure, by vendor, section and reason: sentences for the operator. What is a vendor's own is in its
//! descriptor. `doctor` and the status page show them.

use super::Reason;
use crate::{
    config::{
        ArrayConfig, Credentials, Vendor,
        vendor::{CredentialKind, CredentialSpec},
    },
    model::Section,
};
use std::collections::BTreeSet;

/// What to do about a section that fails for `reason`; `None`: about the array as a whole.
pub(crate) fn advice(vendor: Vendor, section: Option<Section>, reason: Reason) -> String {
    match (reason, section) {
        (Reason::Forbidden, Some(section)) => missing_right(vendor, section),
        (Reason::Forbidden, None) => format!("give the user what it needs to read: {}", vendor.remedies.least),
        (Reason::Unsupported, _) => vendor.remedies.unsupported.to_owned(),
        (Reason::HttpStatus, _) => vendor.remedies.http_status.to_owned(),
        (reason, _) => anywhere(vendor, reason).to_owned(),
    }
}

/// What to do about credentials that are refused.
pub(crate) fn log_on(vendor: Vendor, credentials: &Credentials) -> &'static str {
    way(vendor, credentials).map_or("try them in its web interface", |way| way.refused)
}

fn way(vendor: Vendor, credentials: &Credentials) -> Option<&'static CredentialSpec> {
    let is_token = matches!(credentials, Credentials::Token(_));
    let mut ways = vendor.credentials.iter();
    ways.find(|way| (way.kind == CredentialKind::Token) == is_token)
}

/// The commands that make the account of an array, for everything that its vendor's sections need.
pub(crate) fn make(array: &ArrayConfig) -> Vec<String> {
    let rights = rights(array.vendor, array.vendor.sections());
    commands(array.vendor.account.make, array, &rights)
}

/// The commands that give it what these sections lack.
pub(crate) fn grant(array: &ArrayConfig, sections: Vec<Section>) -> Vec<String> {
    let rights = rights(array.vendor, sections);
    if rights.is_empty() {
        return Vec::new();
    }
    commands(array.vendor.account.grant, array, &rights)
}

/// The commands that give it a new secret.
pub(crate) fn renew(array: &ArrayConfig) -> Vec<String> {
    let way = way(array.vendor, &array.credentials);
    commands(way.map_or(&[], |way| way.renew), array, &[])
}

fn commands(lines: &[&str], array: &ArrayConfig, rights: &[&str]) -> Vec<String> {
    let url = &array.urls[0];
    let port = url.port_or_known_default().unwrap_or_default().to_string();
    let user = match &array.credentials {
        Credentials::Password { username, .. } => username,
        Credentials::Token(_) => array.vendor.account.username,
    };
    let filled = lines.iter().map(|line| {
        line.replace("{host}", url.host_str().unwrap_or_default())
            .replace("{port}", &port)
            .replace("{user}", user)
            .replace("{rights}", &rights.join(" "))
    });
    filled.collect()
}

/// Each right once, without what the exporter does without.
fn rights(vendor: Vendor, sections: Vec<Section>) -> Vec<&'static str> {
    let specs = sections.into_iter().filter_map(|section| vendor.section(section));
    let rights: BTreeSet<&str> = specs
        .filter(|spec| !spec.is_optional)
        .filter_map(|spec| spec.right)
        .collect();
    rights.into_iter().collect()
}

fn missing_right(vendor: Vendor, section: Section) -> String {
    let Some(spec) = vendor.section(section) else {
        return format!("leave `{section}` out of `sections`");
    };
    spec.without
        .replace("{right}", spec.right.unwrap_or("no right"))
        .replace("{section}", section.name())
}

fn anywhere(vendor: Vendor, reason: Reason) -> &'static str {
    match reason {
        Reason::Auth => "only this path refuses the credentials: the user's right to it is missing",
        Reason::BodyTooLarge => "raise `max_body`; or something else answers at this address",
        Reason::Connect => "the connection broke: look for a restart of the array, a firewall or a proxy in between",
        Reason::ContentType => vendor.remedies.not_the_api,
        Reason::Internal => "do what the message says; if it says nothing, report it: this is a fault of the exporter",
        Reason::Parse => "report it with the folder that `once --record DIR --scrub` writes",
        Reason::Redirect => "a redirect is never followed: put the address that it leads to into `url`",
        Reason::Throttled => "the array asks for patience: poll it less often (`interval`), and look who else asks it",
        Reason::Timeout => "raise `timeout` (and `interval`), or look why the array is slow",
        Reason::Tls => "see the line of tls above",
        Reason::Forbidden | Reason::HttpStatus | Reason::Unsupported => "see the documentation of this reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Trust,
        source::{qumulo, vendors},
    };
    use std::time::Duration;

    #[test]
    fn every_failure_of_every_section_of_every_vendor_has_a_remedy() {
        for &vendor in vendors::ALL {
            for section in vendor.sections() {
                for &reason in Reason::ALL {
                    let advice = advice(vendor, Some(section), reason);
                    assert!(advice.len() > 20, "{vendor:?} {section} {reason}: {advice}");
                    assert!(!advice.starts_with("see the documentation"), "{reason}");
                }
            }
        }
    }

    #[test]
    fn a_missing_right_is_named() {
        for &vendor in vendors::ALL {
            for section in vendor.sections() {
                let advice = advice(vendor, Some(section), Reason::Forbidden);
                let right = vendor.section(section).and_then(|spec| spec.right).unwrap_or_default();
                assert!(advice.contains(right) && !advice.contains('{'), "{advice}");
            }
        }
    }

    #[test]
    fn an_accounts_commands_name_the_address_and_every_right() {
        for &vendor in vendors::ALL {
            let array = array(vendor);
            let mut all = [make(&array), grant(&array, vendor.sections())].concat();
            for way in vendor.credentials {
                all.extend(commands(way.renew, &array, &[]));
                assert!(!way.renew.is_empty(), "{vendor:?}");
            }
            let gaps = ["{host}", "{port}", "{user}", "{rights}"];
            let gap = all.iter().find(|line| gaps.iter().any(|gap| line.contains(gap)));
            assert_eq!(gap, None, "{vendor:?}");
            assert!(grant(&array, Vec::new()).is_empty());
        }
        let made = make(&array(qumulo::VENDOR)).join("\n");
        for spec in qumulo::VENDOR.sections {
            assert!(made.contains(spec.right.unwrap_or_default()), "{made}");
        }
        assert!(made.contains("--host a.example --port 8000 "), "{made}");
        assert!(!made.contains("WRITE"), "{made}");
    }

    fn array(vendor: Vendor) -> ArrayConfig {
        let url = "https://a.example:8000".parse().expect("a URL");
        ArrayConfig::unconfigured(vendor, url, Trust::default(), Duration::from_secs(1))
    }
}
