//! What to do about a failure, by vendor, section and reason: sentences for the operator, data only.

use crate::{
    config::{Credentials, Vendor},
    model::Section,
    source::{Reason, rights},
};

/// What to do about a section that fails for `reason`; `None`: about the array as a whole.
pub(super) fn advice(vendor: Vendor, section: Option<Section>, reason: Reason) -> String {
    match (reason, section) {
        (Reason::Forbidden, Some(section)) => missing_right(vendor, section),
        (Reason::Forbidden, None) => format!("give the user what it needs to read: {}", least(vendor)),
        (Reason::Unsupported, _) => old_software(vendor).to_owned(),
        (Reason::HttpStatus, _) => http_status(vendor).to_owned(),
        (reason, _) => anywhere(vendor, reason).to_owned(),
    }
}

/// What to do about credentials that are refused.
pub(super) fn log_on(vendor: Vendor, credentials: &Credentials) -> &'static str {
    match (vendor, credentials) {
        (Vendor::Qumulo, Credentials::Token(_)) => {
            "make a new token (`qq auth_create_access_token USER`) and put it into the token's file; a disabled, deleted or \
             expired token is refused so too"
        }
        (Vendor::Qumulo, Credentials::Password { .. }) => {
            "try the user and the password in the cluster's web interface; put the right ones into the configuration and the \
             password's file"
        }
        (Vendor::Kaminario, Credentials::Token(_)) => {
            "make a new app token in Silk Flex and check that `base_path` names the right SDP"
        }
        (Vendor::Kaminario, Credentials::Password { .. }) => {
            "try the user and the password in the array's web interface; the user must be a local one or of a directory that \
             the array knows"
        }
        (Vendor::Veeam, _) => {
            "try the user and the password in Enterprise Manager's web interface; write the user as DOMAIN\\user or \
             user@domain, and give it a role under Configuration, Roles"
        }
    }
}

/// What to do where no version is told.
pub(super) fn version(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Qumulo => "check in the web interface that the cluster runs Core 5 or newer",
        Vendor::Kaminario => "check in the web interface that the array runs VisionOS 5.8 (REST API 2.2) or newer",
        Vendor::Veeam => "check that Enterprise Manager is version 10 or newer",
    }
}

/// What to check where nothing is replicated.
pub(super) fn no_relationships(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Qumulo => "if that is not so: check that `url` is the right cluster (Cluster > Replication lists them)",
        Vendor::Kaminario => {
            "if that is not so: check that `url` is the right array (Replication > Sessions lists them)"
        }
        Vendor::Veeam => {
            "if that is not so: the user's restore scope may hide VMs, or Enterprise Manager has not collected from its backup \
             servers; a first reading may also take several polls"
        }
    }
}

fn missing_right(vendor: Vendor, section: Section) -> String {
    let right = rights::needed(vendor, section);
    match vendor {
        Vendor::Qumulo => format!(
            "add {} to the user's role (`qq auth_modify_role -r ROLE -G {}`), or leave `{section}` out of `sections`; never \
             grant a WRITE privilege",
            right.name, right.name
        ),
        Vendor::Kaminario => format!("give the user {}, and no other role", right.name),
        Vendor::Veeam if right.optional => format!(
            "fine as it is: without {} only next runs are not known; to silence this, leave `{section}` out of `sections`",
            right.name
        ),
        Vendor::Veeam => format!("give the user the role {} (Configuration, Roles)", right.name),
    }
}

fn least(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Qumulo => "the READ privileges of replication and of the cluster, or the role Observers",
        Vendor::Kaminario => "a read-only role",
        Vendor::Veeam => "the role Portal User",
    }
}

fn old_software(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Qumulo => {
            "Core is older than this API: upgrade it, or leave the section out of `sections`; with several `urls`, they may be \
             different clusters"
        }
        Vendor::Kaminario => "check that `url` is a K2 array and runs VisionOS 5.8 (REST API 2.2) or newer",
        Vendor::Veeam => {
            "check that `url` is Enterprise Manager (port 9398), not the backup server (9419), and is version 10 or newer"
        }
    }
}

fn http_status(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Qumulo => {
            "look at the cluster's own health (quorum, a restart); if it stays, report it with a recording"
        }
        Vendor::Kaminario => {
            "the array refuses the request: look at its own health, or whether it is busy; if it stays, report it with a recording"
        }
        Vendor::Veeam => "look at Enterprise Manager's service and its log; if it stays, report it with a recording",
    }
}

fn port(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Qumulo => "check that `url` is the API (port 8000), and no log-in page, load balancer or proxy",
        Vendor::Kaminario => "check that `url` is the management address, and no log-in page, load balancer or proxy",
        Vendor::Veeam => "check that `url` is the API (port 9398), and no log-in page (9443), load balancer or proxy",
    }
}

fn anywhere(vendor: Vendor, reason: Reason) -> &'static str {
    match reason {
        Reason::Auth => "only this path refuses the credentials: the user's right to it is missing",
        Reason::BodyTooLarge => "raise `max_body`; or something else answers at this address",
        Reason::Connect => "the connection broke: look for a restart of the array, a firewall or a proxy in between",
        Reason::ContentType => port(vendor),
        Reason::Internal => "report it: this is a fault of the exporter",
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

    #[test]
    fn every_failure_of_every_section_of_every_vendor_has_a_remedy() {
        for &vendor in Vendor::ALL {
            for &section in vendor.sections() {
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
        for &vendor in Vendor::ALL {
            for &section in vendor.sections() {
                let advice = advice(vendor, Some(section), Reason::Forbidden);
                assert!(advice.contains(rights::needed(vendor, section).name), "{advice}");
            }
        }
    }
}
