//! What each metric family comes from here, and which fields are no metric at all, with the reason. Data only: the
//! vendor's descriptor holds it, `METRICS.md` is made from it, and the conformance test compares it with the page.

use crate::config::vendor::{left_out, sources};

sources! {
    "storage_array_clock_skew_seconds" => "`system_time` of system/state, else the `Date` header",
    "storage_array_info" => "`system_name`, `system_id`, `system_version` of system/state",
    "storage_login_failures_total" => "requests with credentials that were refused",
    "storage_logins_total" => "none: each request carries the credentials",
    "storage_replication_common_snapshots" => "`common_snapshots_count`",
    "storage_replication_enabled" => "not where `state` is idle or failed_over, `stopped` is true, or a user suspended it",
    "storage_replication_has_recovery_point" => "`latest_replicated_snapshot`",
    "storage_replication_health" => "`state`, `stopped`, `suspend_reason_code`, `latest_replicated_snapshot`",
    "storage_replication_job_progress_ratio" => "`current_snapshot_progress` / 100 while a snapshot is in transfer",
    "storage_replication_job_remaining_seconds" => "`estimated_remaining_time`",
    "storage_replication_job_running" => "`current_snapshot` or `current_snapshot_id` is not null",
    "storage_replication_job_start_timestamp_seconds" => "`round_start` of the round without an end",
    "storage_replication_lag_seconds" => "exporter's clock (on the source with the array's skew), recovery point",
    "storage_replication_last_job_duration_seconds" => "`round_end` minus `round_start` of the newest finished round",
    "storage_replication_last_job_end_timestamp_seconds" => "`round_end` of the newest finished round",
    "storage_replication_last_job_transferred_bytes" => "`bytes_transmitted_logical` of the newest finished round",
    "storage_replication_recovery_point_timestamp_seconds" => "`data_creation_time` of the snapshot that `latest_replicated_snapshot` names, else its round's `round_start`, else on the source its `creation_time`",
    "storage_replication_relationship_info" => "`id`, `name`, `local_volume_group`, `replication_peer_volume_group`, `replication_peer_k2array`, `remote_replication_session_id`, by name where known",
    "storage_replication_relationships" => "sessions by `current_role`",
    "storage_replication_rpo_exempt" => "`state`, `suspend_reason_code`",
    "storage_replication_rpo_seconds" => "`rpo` of the session, unless overridden",
    "storage_replication_state" => "`state`",
    "storage_replication_target_writable" => "`state` is failed_over; else 0 on the target, not known on the source",
    "storage_replication_unreplicated_objects" => "volume_groups with a `volumes_count` above 0 that are no session's `local_volume_group`",
}

left_out! {
    "replication session" {
        "external_retention_policy" => "a setting of the other array; what both still have is storage_replication_common_snapshots",
        "next_snapshot" => "a queued snapshot, not how far the target is behind",
        "primary" => "which side it was created on; the direction is the label role",
        "remote_replication_session_name" => "the other array's name for it; pair joins both sides, whatever they are called",
        "replication_rpo_history" => "a reference to the rounds, which are read whole",
        "restored_snapshot" => "the snapshot of a failover, which shows as state failed_over",
        "retention_policy" => "a setting; a snapshot that it has removed keeps its recovery point",
        "suspend_reason" => "free text; logged and shown on the status page, its code is counted in the health",
        "target_exposure" => "how hosts see the target, not how well it is protected; its words changed between versions",
    }
    "replication round" {
        "bytes_transmitted_physical" => "what compression made of the logical bytes",
        "generation_number" => "joins a round and its snapshot",
        "target_rpo" => "the session's rpo at that time",
    }
    "every list" {
        "hits", "total", "limit", "offset" => "the envelope of the objects",
    }
    "reference" {
        "ref" => "the path of an object; its id joins it to its session",
    }
    "peer array" {
        "bandwidth_limit", "mgmt_connectivity_state", "mgmt_host", "system_connectivity_type", "username"
            => "how the peer is reached and how fast, not how far behind it is",
    }
    "array and peer array" {
        "capacity_allocated", "capacity_allocated_snapshots_and_views", "capacity_allocated_volumes",
        "capacity_free", "capacity_physical", "capacity_provisioned", "capacity_provisioned_snapshots",
        "capacity_provisioned_views", "capacity_provisioned_volumes", "capacity_reserved", "capacity_total"
            => "capacity, not protection",
    }
    "system state" {
        "current_user_role", "rest_api_version", "replication_min_protocol_version", "replication_protocol_version",
        "sra_protocol_version" => "the exporter's own user and the versions of other protocols",
        "is_system_functionality_degraded", "last_online_time", "next_state" => "the state of the array itself, which its own monitoring tells",
        "iscsi_qualified_target_name", "replication_default_target_exposure", "system_tz", "system_tz_short"
            => "a name or a default, not how well anything is protected",
    }
    "volume group" {
        "capacity_policy", "capacity_state", "logical_capacity", "mapped_hosts_count", "quota",
        "snapshots_logical_capacity", "snapshots_overhead_state", "volumes_count", "volumes_logical_capacity",
        "volumes_provisioned_capacity", "views_count", "volsnaps_provisioned_capacity", "is_dedup", "is_default"
            => "capacity and hosts, not protection",
        "last_restored_from", "last_restored_time", "last_snapshot_creation_time", "snapshots_count"
            => "local snapshots and restores, not replication",
    }
    "peer volume group" {
        "fullname", "remote_volume_group_id", "replication_session_id" => "joins the peer's group to a session, as the session itself does",
    }
    "snapshot" {
        "description", "is_application_consistent", "is_auto_deleteable", "is_deleted", "is_exist_on_peer",
        "is_exposable", "is_external", "is_originating_from_peer", "iscsi_tgt_converted_name", "last_exposed_time",
        "replication_session", "short_name", "source", "triggered_by", "volume_group", "wwn"
            => "what the snapshot is besides its moment",
    }
    "replication round" {
        "role", "session" => "joins a round to its session and role",
    }
}
