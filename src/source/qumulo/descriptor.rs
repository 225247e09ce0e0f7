//! Qumulo Core as data: what the rest of the program is told of it. `mod.rs` reads; nothing here acts.

use super::column;
use crate::{
    config::vendor::{Account, CredentialKind, CredentialSpec, Descriptor, Remedies, SectionSpec, Vendor},
    model::{Role, Section},
};
use std::time::Duration;

/// The handle of this vendor.
pub const VENDOR: Vendor = Vendor::new(&DESCRIPTOR);

/// Where this cluster is the source.
pub const REPLICATION_SOURCE: Section = Section::new("replication_source");
/// Where this cluster is the target.
pub const REPLICATION_TARGET: Section = Section::new("replication_target");
/// Copies to and from object stores.
pub const REPLICATION_OBJECT: Section = Section::new("replication_object");
/// The restriper and data at risk.
pub const RESTRIPER: Section = Section::new("restriper");
/// Fault tolerance.
pub const PROTECTION: Section = Section::new("protection");

static DESCRIPTOR: Descriptor = Descriptor {
    name: "qumulo",
    title: "Qumulo",
    system: "a Qumulo cluster",
    port: 8000,
    sections: &[
        SectionSpec::new(PROTECTION, Some(CLUSTER_READ), WITHOUT),
        SectionSpec {
            // A copy is of either role, so that there is none of one says nothing.
            lists: Some(&[]),
            ..SectionSpec::new(REPLICATION_OBJECT, Some("PRIVILEGE_REPLICATION_OBJECT_READ"), WITHOUT)
        },
        SectionSpec {
            lists: Some(&[Role::Source]),
            ..SectionSpec::new(REPLICATION_SOURCE, Some("PRIVILEGE_REPLICATION_SOURCE_READ"), WITHOUT)
        },
        SectionSpec {
            lists: Some(&[Role::Target]),
            ..SectionSpec::new(REPLICATION_TARGET, Some("PRIVILEGE_REPLICATION_TARGET_READ"), WITHOUT)
        },
        SectionSpec::new(RESTRIPER, Some(CLUSTER_READ), WITHOUT),
        // Identity and version are answered without credentials.
        SectionSpec::new(
            Section::SYSTEM,
            None,
            "look who answers at this address: this needs no right",
        ),
    ],
    counted_fields: COUNTED_FIELDS,
    states: &[super::convert::STATES, super::object::STATES],
    interval: Duration::from_secs(30),
    timeout: Duration::from_secs(10),
    states_objectives: false,
    credentials: &[
        CredentialSpec {
            kind: CredentialKind::Token,
            only_with: None,
            refused: "make a new token (`qq auth_create_access_token USER`) and put it into the token's file; a disabled, deleted or \
             expired token is refused so too",
            renew: &[LOG_IN, TOKEN],
        },
        CredentialSpec {
            kind: CredentialKind::Password,
            only_with: None,
            refused: "try the user and the password in the cluster's web interface; put the right ones into the configuration and the \
             password's file",
            renew: &[
                LOG_IN,
                "qq --host {host} --port {port} auth_set_password --id '{user}'    # asks for it; a user of a directory has it there",
            ],
        },
    ],
    account: ACCOUNT,
    own_keys: &[],
    remedies: Remedies {
        no_version: "check in the web interface that the cluster runs Core 5 or newer",
        no_relationships: "if that is not so: check that `url` is the right cluster (Cluster > Replication lists them)",
        least: "the READ privileges of replication and of the cluster, or the role Observers",
        unsupported: "Core is older than this API: upgrade it, or leave the section out of `sections`; with several `urls`, they may be \
             different clusters",
        http_status: "look at the cluster's own health (quorum, a restart); if it stays, report it with a recording",
        not_the_api: "check that `url` is the API (port 8000), and no log-in page, load balancer or proxy",
    },
    sources: column::SOURCES,
    labels: LABELS,
    left_out: column::LEFT_OUT,
};

const CLUSTER_READ: &str = "PRIVILEGE_CLUSTER_READ";
const WITHOUT: &str = "add {right} to the user's role (`qq auth_modify_role -r ROLE -G {right}`), or leave `{section}` out of \
                       `sections`; never grant a WRITE privilege";

/// In the words of `qq` of the package qumulo-api 7.10.
const ACCOUNT: Account = Account {
    username: "replication-exporter",
    make: &[
        LOG_IN,
        "qq --host {host} --port {port} auth_add_user --name {user}    # asks for a password: a long one that nobody keeps",
        "qq --host {host} --port {port} auth_create_role -r replication-exporter -d 'Reads replication and protection'",
        "qq --host {host} --port {port} auth_modify_role -r replication-exporter -G {rights}",
        "qq --host {host} --port {port} auth_assign_role -r replication-exporter -t local:{user}",
        TOKEN,
    ],
    grant: &[
        LOG_IN,
        "qq --host {host} --port {port} auth_modify_role -r replication-exporter -G {rights}    # -r: the role of the exporter's user",
    ],
};
const LOG_IN: &str = "qq --host {host} --port {port} login -u admin    # qq: pip install qumulo-api";
const TOKEN: &str = "qq --host {host} --port {port} auth_create_access_token local:{user}    # its bearer_token is the \
                     secret, and is shown once; a user has two at most";

/// Wire fields that become a label, or a part of one.
const LABELS: &[&str] = &[
    "bucket",
    "direction",
    "id",
    "local_directory_path",
    "object_folder",
    "object_store_address",
    "replication_mode",
    "source_cluster_name",
    "source_cluster_uuid",
    "source_root_path",
    "state",
    "target_cluster_name",
    "target_cluster_uuid",
    "target_root_path",
];

/// The fields whose unknown values are counted, sorted.
pub(super) const COUNTED_FIELDS: &[&str] = &[
    "blocked_reason",
    "bucket",
    "bytes_deleted",
    "bytes_remaining",
    "bytes_total",
    "bytes_transferred",
    "bytes_unchanged",
    "cluster_id",
    "cluster_name",
    "coordinator_node",
    "current_job",
    "data_at_risk",
    "direction",
    "duplicate",
    "duration_of_last_job",
    "elapsed_seconds",
    "end_reason",
    "end_time",
    "error",
    "error_from_last_job",
    "estimated_end_time",
    "estimated_seconds_remaining",
    "files_deleted",
    "files_remaining",
    "files_total",
    "files_transferred",
    "files_unchanged",
    "job_progress",
    "job_start_time",
    "job_state",
    "last_job",
    "local_directory_path",
    "lock_key",
    "max_drive_failures",
    "max_node_failures",
    "next_active_time",
    "not_utf8",
    "object_folder",
    "object_store_address",
    "percent_complete",
    "phase",
    "queued_snapshot_count",
    "recovery_point",
    "recovery_point_in_future",
    "recovery_point_snapshot",
    "remaining_drive_failures",
    "remaining_node_failures",
    "replication_enabled",
    "replication_job_status",
    "replication_mode",
    "restriper_state",
    "revision_id",
    "source_cluster_name",
    "source_cluster_uuid",
    "source_root_path",
    "start_time",
    "state",
    "target_cluster_name",
    "target_cluster_uuid",
    "target_root_path",
    "target_root_read_only",
    "throughput_current",
    "throughput_overall",
];
