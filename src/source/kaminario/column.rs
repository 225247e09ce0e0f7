//! What each metric family comes from here, and which fields are no metric at all, with the reason. Data only: the
//! vendor's descriptor holds it, `METRICS.md` is made from it, and the conformance test compares it with the page.

use crate::config::vendor::LeftOut;

/// A family's name, and the field that it comes from. A family that is not here is not there.
pub(super) const SOURCES: &[(&str, &str)] = &[
    (
        "storage_array_clock_skew_seconds",
        "`system_time` of system/state, else the `Date` header",
    ),
    (
        "storage_array_info",
        "`system_name`, `system_id`, `system_version` of system/state",
    ),
    (
        "storage_login_failures_total",
        "requests with credentials that were refused",
    ),
    ("storage_logins_total", "none: each request carries the credentials"),
    ("storage_replication_common_snapshots", "`common_snapshots_count`"),
    (
        "storage_replication_enabled",
        "not where `state` is idle or failed_over, `stopped` is true, or a user suspended it",
    ),
    ("storage_replication_has_recovery_point", "`latest_replicated_snapshot`"),
    (
        "storage_replication_health",
        "`state`, `stopped`, `suspend_reason_code`, `latest_replicated_snapshot`",
    ),
    (
        "storage_replication_job_progress_ratio",
        "`current_snapshot_progress` / 100 while a snapshot is in transfer",
    ),
    (
        "storage_replication_job_remaining_seconds",
        "`estimated_remaining_time`",
    ),
    (
        "storage_replication_job_running",
        "`current_snapshot` or `current_snapshot_id` is not null",
    ),
    (
        "storage_replication_job_start_timestamp_seconds",
        "`round_start` of the round without an end",
    ),
    (
        "storage_replication_lag_seconds",
        "exporter's clock (on the source with the array's skew), recovery point",
    ),
    (
        "storage_replication_last_job_duration_seconds",
        "`round_end` minus `round_start` of the newest finished round",
    ),
    (
        "storage_replication_last_job_end_timestamp_seconds",
        "`round_end` of the newest finished round",
    ),
    (
        "storage_replication_last_job_transferred_bytes",
        "`bytes_transmitted_logical` of the newest finished round",
    ),
    (
        "storage_replication_recovery_point_timestamp_seconds",
        "`data_creation_time` of the snapshot that `latest_replicated_snapshot` names, else its round's `round_start`, else on the source its `creation_time`",
    ),
    (
        "storage_replication_relationship_info",
        "`id`, `name`, `local_volume_group`, `replication_peer_volume_group`, `replication_peer_k2array`, `remote_replication_session_id`, by name where known",
    ),
    ("storage_replication_relationships", "sessions by `current_role`"),
    ("storage_replication_rpo_exempt", "`state`, `suspend_reason_code`"),
    (
        "storage_replication_rpo_seconds",
        "`rpo` of the session, unless overridden",
    ),
    ("storage_replication_state", "`state`"),
    (
        "storage_replication_target_writable",
        "`state` is failed_over; else 0 on the target, not known on the source",
    ),
    (
        "storage_replication_unreplicated_objects",
        "volume_groups with a `volumes_count` above 0 that are no session's `local_volume_group`",
    ),
];

/// Every field of the documented status objects that is no metric and no label.
pub(super) const LEFT_OUT: &[LeftOut] = &[
    LeftOut {
        object: "replication session",
        field: "external_retention_policy",
        reason: "a setting of the other array; what both still have is storage_replication_common_snapshots",
    },
    LeftOut {
        object: "replication session",
        field: "next_snapshot",
        reason: "a queued snapshot, not how far the target is behind",
    },
    LeftOut {
        object: "replication session",
        field: "primary",
        reason: "which side it was created on; the direction is the label role",
    },
    LeftOut {
        object: "replication session",
        field: "remote_replication_session_name",
        reason: "the other array's name for it; pair joins both sides, whatever they are called",
    },
    LeftOut {
        object: "replication session",
        field: "replication_rpo_history",
        reason: "a reference to the rounds, which are read whole",
    },
    LeftOut {
        object: "replication session",
        field: "restored_snapshot",
        reason: "the snapshot of a failover, which shows as state failed_over",
    },
    LeftOut {
        object: "replication session",
        field: "retention_policy",
        reason: "a setting; a snapshot that it has removed keeps its recovery point",
    },
    LeftOut {
        object: "replication session",
        field: "suspend_reason",
        reason: "free text; logged and shown on the status page, its code is counted in the health",
    },
    LeftOut {
        object: "replication session",
        field: "target_exposure",
        reason: "how hosts see the target, not how well it is protected; its words changed between versions",
    },
    LeftOut {
        object: "replication round",
        field: "bytes_transmitted_physical",
        reason: "what compression made of the logical bytes",
    },
    LeftOut {
        object: "replication round",
        field: "generation_number",
        reason: "joins a round and its snapshot",
    },
    LeftOut {
        object: "replication round",
        field: "target_rpo",
        reason: "the session's rpo at that time",
    },
    LeftOut {
        object: "every list",
        field: "hits",
        reason: "the envelope of the objects",
    },
    LeftOut {
        object: "every list",
        field: "total",
        reason: "the envelope of the objects",
    },
    LeftOut {
        object: "every list",
        field: "limit",
        reason: "the envelope of the objects",
    },
    LeftOut {
        object: "every list",
        field: "offset",
        reason: "the envelope of the objects",
    },
    LeftOut {
        object: "reference",
        field: "ref",
        reason: "the path of an object; its id joins it to its session",
    },
    LeftOut {
        object: "peer array",
        field: "bandwidth_limit",
        reason: "how the peer is reached and how fast, not how far behind it is",
    },
    LeftOut {
        object: "peer array",
        field: "mgmt_connectivity_state",
        reason: "how the peer is reached and how fast, not how far behind it is",
    },
    LeftOut {
        object: "peer array",
        field: "mgmt_host",
        reason: "how the peer is reached and how fast, not how far behind it is",
    },
    LeftOut {
        object: "peer array",
        field: "system_connectivity_type",
        reason: "how the peer is reached and how fast, not how far behind it is",
    },
    LeftOut {
        object: "peer array",
        field: "username",
        reason: "how the peer is reached and how fast, not how far behind it is",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_allocated",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_allocated_snapshots_and_views",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_allocated_volumes",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_free",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_physical",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_provisioned",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_provisioned_snapshots",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_provisioned_views",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_provisioned_volumes",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_reserved",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "array and peer array",
        field: "capacity_total",
        reason: "capacity, not protection",
    },
    LeftOut {
        object: "system state",
        field: "current_user_role",
        reason: "the exporter's own user and the versions of other protocols",
    },
    LeftOut {
        object: "system state",
        field: "rest_api_version",
        reason: "the exporter's own user and the versions of other protocols",
    },
    LeftOut {
        object: "system state",
        field: "replication_min_protocol_version",
        reason: "the exporter's own user and the versions of other protocols",
    },
    LeftOut {
        object: "system state",
        field: "replication_protocol_version",
        reason: "the exporter's own user and the versions of other protocols",
    },
    LeftOut {
        object: "system state",
        field: "sra_protocol_version",
        reason: "the exporter's own user and the versions of other protocols",
    },
    LeftOut {
        object: "system state",
        field: "is_system_functionality_degraded",
        reason: "the state of the array itself, which its own monitoring tells",
    },
    LeftOut {
        object: "system state",
        field: "last_online_time",
        reason: "the state of the array itself, which its own monitoring tells",
    },
    LeftOut {
        object: "system state",
        field: "next_state",
        reason: "the state of the array itself, which its own monitoring tells",
    },
    LeftOut {
        object: "system state",
        field: "iscsi_qualified_target_name",
        reason: "a name or a default, not how well anything is protected",
    },
    LeftOut {
        object: "system state",
        field: "replication_default_target_exposure",
        reason: "a name or a default, not how well anything is protected",
    },
    LeftOut {
        object: "system state",
        field: "system_tz",
        reason: "a name or a default, not how well anything is protected",
    },
    LeftOut {
        object: "system state",
        field: "system_tz_short",
        reason: "a name or a default, not how well anything is protected",
    },
    LeftOut {
        object: "volume group",
        field: "capacity_policy",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "capacity_state",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "logical_capacity",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "mapped_hosts_count",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "quota",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "snapshots_logical_capacity",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "snapshots_overhead_state",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "volumes_count",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "volumes_logical_capacity",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "volumes_provisioned_capacity",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "views_count",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "volsnaps_provisioned_capacity",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "is_dedup",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "is_default",
        reason: "capacity and hosts, not protection",
    },
    LeftOut {
        object: "volume group",
        field: "last_restored_from",
        reason: "local snapshots and restores, not replication",
    },
    LeftOut {
        object: "volume group",
        field: "last_restored_time",
        reason: "local snapshots and restores, not replication",
    },
    LeftOut {
        object: "volume group",
        field: "last_snapshot_creation_time",
        reason: "local snapshots and restores, not replication",
    },
    LeftOut {
        object: "volume group",
        field: "snapshots_count",
        reason: "local snapshots and restores, not replication",
    },
    LeftOut {
        object: "peer volume group",
        field: "fullname",
        reason: "joins the peer's group to a session, as the session itself does",
    },
    LeftOut {
        object: "peer volume group",
        field: "remote_volume_group_id",
        reason: "joins the peer's group to a session, as the session itself does",
    },
    LeftOut {
        object: "peer volume group",
        field: "replication_session_id",
        reason: "joins the peer's group to a session, as the session itself does",
    },
    LeftOut {
        object: "snapshot",
        field: "description",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "is_application_consistent",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "is_auto_deleteable",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "is_deleted",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "is_exist_on_peer",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "is_exposable",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "is_external",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "is_originating_from_peer",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "iscsi_tgt_converted_name",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "last_exposed_time",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "replication_session",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "short_name",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "source",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "triggered_by",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "volume_group",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "snapshot",
        field: "wwn",
        reason: "what the snapshot is besides its moment",
    },
    LeftOut {
        object: "replication round",
        field: "role",
        reason: "joins a round to its session and role",
    },
    LeftOut {
        object: "replication round",
        field: "session",
        reason: "joins a round to its session and role",
    },
];
