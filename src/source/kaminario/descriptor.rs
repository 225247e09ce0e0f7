//! Kaminario K2 / Silk as data: what the rest of the program is told of it. `mod.rs` reads; nothing here acts.

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

/// The replication sessions; they decide which relationships exist.
pub const REPLICATION: Section = Section::new("replication");
/// The snapshots that were replicated last.
pub const RECOVERY_POINTS: Section = Section::new("recovery_points");
/// The history of replication rounds.
pub const ROUNDS: Section = Section::new("rounds");

/// The volume groups that no session replicates.
pub const VOLUME_GROUPS: Section = Section::new("volume_groups");

/// The path before `/api/v2`, behind Silk Flex.
pub const BASE_PATH: &str = "base_path";

static DESCRIPTOR: Descriptor = Descriptor {
    name: "kaminario",
    title: "Kaminario",
    system: "a K2 array",
    port: 443,
    sections: &[
        SectionSpec::new(RECOVERY_POINTS, Some(ANY_ROLE), WITHOUT),
        SectionSpec {
            // One list holds the sessions of both directions.
            lists: Some(&[Role::Source, Role::Target]),
            ..SectionSpec::new(REPLICATION, Some(ANY_ROLE), WITHOUT)
        },
        SectionSpec::new(ROUNDS, Some(ANY_ROLE), WITHOUT),
        SectionSpec::new(Section::SYSTEM, Some(ANY_ROLE), WITHOUT),
        SectionSpec::new(VOLUME_GROUPS, Some(ANY_ROLE), WITHOUT),
    ],
    counted_fields: COUNTED_FIELDS,
    states: &[super::convert::STATES],
    interval: Duration::from_secs(30),
    timeout: Duration::from_secs(10),
    states_objectives: true,
    credentials: &[
        CredentialSpec {
            kind: CredentialKind::Basic,
            only_with: None,
            refused: "try the user and the password in the array's web interface; the user must be a local one or of a directory that \
             the array knows",
            renew: &["# in the array's web interface, as an administrator: set a new password for {user}"],
        },
        CredentialSpec {
            kind: CredentialKind::Token,
            only_with: Some((
                BASE_PATH,
                "an array itself takes no token: use `username` and `password_file`, or set `base_path` for Silk Flex",
            )),
            refused: "make a new app token in Silk Flex and check that `base_path` names the right SDP",
            renew: &["# in Silk Flex, as an administrator: make a new app token"],
        },
    ],
    account: ACCOUNT,
    own_keys: &[OwnKey {
        name: BASE_PATH,
        kind: OwnKind::Path {
            expected: "expected the path before /api/v2, such as \"/rest/sdps/12\"",
            instead_of_url: "for Silk Flex, put it in `base_path`",
            without_credentials: "is for Silk Flex, which needs a token: use `token_file` instead of a user, or remove it",
        },
    }],
    remedies: Remedies {
        no_version: "check in the web interface that the array runs VisionOS 5.8 (REST API 2.2) or newer",
        no_relationships: "if that is not so: check that `url` is the right array (Replication > Sessions lists them)",
        least: ANY_ROLE,
        unsupported: "check that `url` is a K2 array and runs VisionOS 5.8 (REST API 2.2) or newer",
        http_status: "the array refuses the request: look at its own health, or whether it is busy; if it stays, report it with a recording",
        not_the_api: "check that `url` is the management address, and no log-in page, load balancer or proxy",
    },
    sources: column::SOURCES,
    labels: &[
        "current_role",
        "id",
        "local_volume_group",
        "name",
        "remote_replication_session_id",
        "replication_peer_k2array",
        "replication_peer_volume_group",
        "state",
    ],
    left_out: column::LEFT_OUT,
};

/// No document of the vendor's that is public has a command for users, nor has its API.
const ACCOUNT: Account = Account {
    username: "replication-exporter",
    make: &["# in the array's web interface, as an administrator: a user {user} with the role readonly, and no other"],
    grant: &["# in the array's web interface, as an administrator: give {user} the role readonly"],
};

// K2 has roles only, and any role may read everything.
const ANY_ROLE: &str = "a read-only role";
const WITHOUT: &str = "give the user {right}, and no other role";

/// The fields whose unknown values are counted, sorted.
pub(super) const COUNTED_FIELDS: &[&str] = &[
    "bytes_transmitted_logical",
    "common_snapshots_count",
    "creation_time",
    "current_role",
    "current_snapshot",
    "current_snapshot_progress",
    "data_creation_time",
    "duplicate",
    "estimated_remaining_time",
    "generation_number",
    "latest_replicated_snapshot",
    "local_volume_group",
    "name",
    "not_utf8",
    "peer_k2arrays",
    "peer_volume_groups",
    "recovery_point_in_future",
    "remote_replication_session_id",
    "replication_peer_k2array",
    "replication_peer_volume_group",
    "role",
    "round_end",
    "round_start",
    "rounds_cut",
    "rpo",
    "session",
    "snapshot_id",
    "state",
    "stopped",
    "suspend_reason",
    "suspend_reason_code",
    "system_id",
    "system_name",
    "system_time",
    "system_version",
    "volume_group_id",
    "volume_groups",
    "volumes_count",
];
