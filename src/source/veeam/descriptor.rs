//! Veeam Backup Enterprise Manager as data: what the rest of the program is told of it. `mod.rs` reads; nothing here acts.

use super::column;
use crate::{
    config::vendor::{
        Account, CredentialKind, CredentialSpec, Descriptor, OwnKey, OwnKind, Remedies, SectionSpec, Vendor,
    },
    model::{Role, Section},
};
use std::time::Duration;

/// The handle of this vendor.
pub const VENDOR: Vendor = Vendor::new(&DESCRIPTOR);

/// Replica task sessions, one per VM and run.
pub const TASKS: Section = Section::new("tasks");
/// Replica job sessions.
pub const SESSIONS: Section = Section::new("sessions");
/// The replica points of every VM.
pub const RECOVERY_POINTS: Section = Section::new("recovery_points");
/// The jobs themselves, where the role may read them.
pub const JOBS: Section = Section::new("jobs");

/// How far back a task proves that its relationship exists.
pub const LOOKBACK: &str = "lookback";

/// How often all points, jobs and collections are read.
pub(super) const RECOVERY_POINTS_PERIOD: Duration = Duration::from_mins(15);

static DESCRIPTOR: Descriptor = Descriptor {
    name: "veeam",
    title: "Veeam",
    system: "Enterprise Manager",
    port: 9398,
    sections: &[
        SectionSpec {
            is_optional: true,
            period: Some(RECOVERY_POINTS_PERIOD),
            ..SectionSpec::new(
                JOBS,
                Some("Portal Administrator"),
                "fine as it is, but without {right} nobody sees whether a job is switched off: a relationship of such a job is \
                 `behind` instead of `stopped`, and alerts; give {right}, or leave `{section}` out of `sections` to silence this",
            )
        },
        SectionSpec {
            // Where no tasks are asked for, the points alone tell what exists.
            lists: Some(&[Role::Observer]),
            period: Some(RECOVERY_POINTS_PERIOD),
            ..SectionSpec::new(RECOVERY_POINTS, Some(PORTAL_USER), WITHOUT)
        },
        SectionSpec::new(SESSIONS, Some(PORTAL_USER), WITHOUT),
        SectionSpec::new(Section::SYSTEM, Some(PORTAL_USER), WITHOUT),
        SectionSpec {
            lists: Some(&[Role::Observer]),
            ..SectionSpec::new(TASKS, Some(PORTAL_USER), WITHOUT)
        },
    ],
    counted_fields: COUNTED_FIELDS,
    states: &[super::convert::STATES, super::convert::RETIRED],
    interval: Duration::from_mins(2),
    timeout: Duration::from_mins(1),
    states_objectives: false,
    credentials: &[CredentialSpec {
        kind: CredentialKind::Basic,
        only_with: None,
        refused: "try the user and the password in Enterprise Manager's web interface; write the user as DOMAIN\\user or \
             user@domain, and give it a role under Configuration, Roles",
        renew: &["# in the directory, or on the host of Enterprise Manager: set a new password for {user}"],
    }],
    account: ACCOUNT,
    own_keys: &[OwnKey {
        name: LOOKBACK,
        kind: OwnKind::Period(Duration::from_hours(30 * 24)),
    }],
    remedies: Remedies {
        no_version: "check that Enterprise Manager is version 10 or newer",
        no_relationships: "if that is not so: the user's restore scope may hide VMs, or Enterprise Manager has not collected from its backup \
             servers; a first reading may also take several polls",
        least: "the role Portal User",
        unsupported: "check that `url` is Enterprise Manager (port 9398), not the backup server (9419), and is version 10 or newer",
        http_status: "look at Enterprise Manager's service and its log; if it stays, report it with a recording",
        not_the_api: "check that `url` is the API (port 9398), and no log-in page (9443), load balancer or proxy",
    },
    sources: column::SOURCES,
    labels: &["JobName", "JobUid", "VmDisplayName"],
    left_out: column::LEFT_OUT,
};

/// Enterprise Manager has no commands but its API. The role's UID is that of the vendor's documentation, the same from 9.0 to
/// 13.1; all virtual machines, because lists end at the restore scope.
const ACCOUNT: Account = Account {
    username: "EXAMPLE\\replication-exporter",
    make: &[
        "# first the user, in the directory or on the host of Enterprise Manager, EXAMPLE: net user replication-exporter * /add",
        "# its role {rights}: in the web interface under Configuration, Roles; or by the API, where em.pem is its certificate",
        "SESSION=$(curl -s --cacert em.pem -u 'EXAMPLE\\admin' -X POST -d '' -o /dev/null -D - 'https://{host}:{port}/api/sessionMngr/?v=latest' \
         | tr -d '\\r' | sed -n 's/^X-RestSvcSessionId: //Ip')",
        "curl --cacert em.pem -H \"X-RestSvcSessionId: $SESSION\" -H 'Content-Type: application/json' -d '{\"AccountType\": \"User\", \
         \"AccountName\": \"EXAMPLE\\\\replication-exporter\", \"Roles\": {\"EnterpriseRoles\": [{\"EnterpriseRoleUid\": \
         \"urn:veeam:EnterpriseRole:d19a3d33-cb77-4ffe-94e6-001432483a4e\"}]}, \"AllowRestoreAllVms\": true}' \
         https://{host}:{port}/api/security/accounts",
    ],
    grant: &["# in its web interface, Configuration, Roles: give {user} the role {rights}"],
};

const PORTAL_USER: &str = "Portal User";
const WITHOUT: &str = "give the user the role {right} (Configuration, Roles)";

/// The fields whose unknown values are counted, sorted.
pub(super) const COUNTED_FIELDS: &[&str] = &[
    "creation_time",
    "duplicate",
    "end_time",
    "job_name",
    "job_session_uid",
    "job_uid",
    "not_utf8",
    "progress",
    "reason",
    "recovery_point_in_future",
    "replica_point",
    "result",
    "schedule_configured",
    "schedule_enabled",
    "state",
    "supported_versions",
    "time_zone",
    "total_size",
    "uid",
    "vm_display_name",
];
