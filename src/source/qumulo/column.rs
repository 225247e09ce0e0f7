//! What each metric family comes from here, and which fields are no metric at all, with the reason. Data only: the
//! vendor's descriptor holds it, `METRICS.md` is made from it, and the conformance test compares it with the page.

use crate::config::vendor::{left_out, sources};

sources! {
    "storage_array_clock_skew_seconds" => "`Date` header of /v1/node/state",
    "storage_array_info" => "`cluster_name` of /v1/cluster/settings, `cluster_id` of /v1/node/state, `revision_id` of /v1/version",
    "storage_login_failures_total" => "POST /v1/session/login",
    "storage_logins_total" => "POST /v1/session/login",
    "storage_protection_data_at_risk" => "`data_at_risk` of the restriper status",
    "storage_protection_data_at_risk_since_timestamp_seconds" => "exporter",
    "storage_protection_max_drive_failures" => "`max_drive_failures` of /v1/cluster/protection/status",
    "storage_protection_max_node_failures" => "`max_node_failures` of /v1/cluster/protection/status",
    "storage_protection_remaining_drive_failures" => "`remaining_drive_failures` of /v1/cluster/protection/status",
    "storage_protection_remaining_node_failures" => "`remaining_node_failures` of /v1/cluster/protection/status",
    "storage_replication_blackout" => "source status `replication_enabled`, `next_active_time`",
    "storage_replication_enabled" => "`replication_enabled`",
    "storage_replication_has_recovery_point" => "`recovery_point`",
    "storage_replication_health" => "`state`, `replication_enabled`, `error_from_last_job`, `recovery_point`",
    "storage_replication_job_deleted_bytes" => "`replication_job_status.bytes_deleted`",
    "storage_replication_job_deleted_files" => "`replication_job_status.files_deleted`",
    "storage_replication_job_progress_ratio" => "`replication_job_status.percent_complete` / 100",
    "storage_replication_job_recent_throughput_bytes_per_second" => "`replication_job_status.throughput_current`",
    "storage_replication_job_remaining_bytes" => "`replication_job_status.bytes_remaining`",
    "storage_replication_job_remaining_files" => "`replication_job_status.files_remaining`",
    "storage_replication_job_remaining_seconds" => "`replication_job_status.estimated_seconds_remaining`",
    "storage_replication_job_running" => "`job_state`",
    "storage_replication_job_start_timestamp_seconds" => "`job_start_time`",
    "storage_replication_job_throughput_bytes_per_second" => "`replication_job_status.throughput_overall`",
    "storage_replication_job_total_bytes" => "`replication_job_status.bytes_total`",
    "storage_replication_job_total_files" => "`replication_job_status.files_total`",
    "storage_replication_job_transferred_bytes" => "`replication_job_status.bytes_transferred`",
    "storage_replication_job_transferred_files" => "`replication_job_status.files_transferred`",
    "storage_replication_job_unchanged_bytes" => "`replication_job_status.bytes_unchanged`",
    "storage_replication_job_unchanged_files" => "`replication_job_status.files_unchanged`",
    "storage_replication_lag_seconds" => "exporter's clock (on the source with the array's skew), recovery point",
    "storage_replication_last_job_duration_seconds" => "`duration_of_last_job.nanoseconds` / 10^9",
    "storage_replication_last_job_end_timestamp_seconds" => "`last_job.end_time` of an S3 copy",
    "storage_replication_last_job_result" => "`error_from_last_job`, `recovery_point`",
    "storage_replication_next_active_timestamp_seconds" => "source status `next_active_time`",
    "storage_replication_queued_snapshots" => "source status `queued_snapshot_count`",
    "storage_replication_recovery_point_timestamp_seconds" => "`recovery_point` (when the last successful job started), or on the source the `timestamp` of `recovery_point_snapshot` where that is older",
    "storage_replication_relationship_info" => "`id`, `replication_mode`, cluster names, root paths",
    "storage_replication_relationships" => "length of the list",
    "storage_replication_rpo_exempt" => "`state`, `replication_enabled`, `next_active_time`",
    "storage_replication_rpo_seconds" => "configuration",
    "storage_replication_snapshot_lock" => "target status `lock_key`",
    "storage_replication_state" => "`state`",
    "storage_replication_target_writable" => "`target_root_read_only` is false",
    "storage_restriper_coordinator_node" => "`coordinator_node`",
    "storage_restriper_elapsed_seconds" => "`elapsed_seconds`",
    "storage_restriper_phase" => "`phase`",
    "storage_restriper_progress_ratio" => "`percent_complete` / 100",
    "storage_restriper_state" => "`state` and `blocked_reason`, or the deprecated `status`",
}

left_out! {
    "source and target relationship status" {
        "end_reason" => "free text; logged and shown on the status page",
        "source_root_read_only" => "says who may write at the source, not how well it is protected",
        "source_address" => "an address of the transport, not of the relationship; it changes",
        "source_port" => "an address of the transport, not of the relationship",
        "target_root_id" => "a file id; the path is the name that people use",
        "recovery_point_snapshot"
            => "its `timestamp` is read on the source; the rest is the snapshot's own name and life, on the target of its own copy",
    }
    "source relationship status" {
        "target_address" => "an address of the transport, not of the relationship; it changes",
        "target_port" => "an address of the transport, not of the relationship",
        "map_local_ids_to_nfs_ids" => "a setting that is not about protection",
        "blackout_windows" => "a schedule; whether one is open now is storage_replication_blackout",
        "blackout_window_timezone" => "a schedule; whether a window is open now is storage_replication_blackout",
        "snapshot_policies" => "a schedule; what waits is storage_replication_queued_snapshots",
        "source_root_id" => "a file id; the path is the name that people use",
        "replicating_snapshot" => "the snapshot in transfer; its job is in the job families",
    }
    "restriper status" {
        "estimated_seconds_left" => "only in the deprecated answer, and 0 in every recorded one",
    }
    "protection status" {
        "blocks_per_stripe", "data_blocks_per_stripe" => "the encoding, which changes only by an administrator's hand",
        "max_drive_spares" => "deprecated by the vendor",
        "pending_configuration" => "the change itself shows as restriper phase transcode",
        "protection_system_type" => "a property of the platform",
    }
    "copy to or from an object store" {
        "access_key_id", "bucket_style", "ca_certificate", "port", "region" => "how the store is reached, not how far the copy is",
        "local_directory_id" => "a file id; the path is the name that people use",
        "current_job" => "the job itself; its fields are in the job families",
        "error" => "free text; logged and shown on the status page, counted as the last job's result",
        "start_time" => "the start of the last good job is the recovery point",
    }
    "version" {
        "build_date", "build_id", "flavor" => "the revision says which software it is",
    }
    "node state" {
        "node_id" => "which node answers, not which cluster",
    }
    "snapshot of a relationship" {
        "created_by_policy", "directory_name", "expiration", "in_delete", "name", "source_file_id",
        "target_expiration", "timestamp" => "what the snapshot is besides its time",
    }
    "blackout window" {
        "end_hour", "end_minute", "on_days", "start_hour", "start_minute"
            => "a schedule; whether a window is open now is storage_replication_blackout",
    }
}
