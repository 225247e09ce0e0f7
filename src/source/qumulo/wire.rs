//! What a Qumulo cluster sends, field by field. Mirrors the vendor and never leaves this folder.
//!
//! Times and errors are `""` where there is nothing, objects are null, counters are strings, snapshot ids and percentages
//! are numbers (recorded from Core 7.8.0; the schemas are in the cluster's own `/openapi.json`).

use crate::{
    model::Timestamp,
    source::lenient::{Lenient, Nanoseconds, nested},
};
use serde::Deserialize;

/// `GET /v1/node/state`; the id is `""` on a node that belongs to no cluster.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct NodeState {
    pub(super) cluster_id: Lenient<String>,
}

/// `GET /v1/cluster/settings`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ClusterSettings {
    pub(super) cluster_name: Lenient<String>,
}

/// `GET /v1/version`; the revision is such as `Qumulo Core 7.8.0`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Version {
    pub(super) revision_id: Lenient<String>,
}

/// One relationship of `GET /v2/replication/{source,target}-relationships/status/`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RelationshipStatus {
    pub(super) id: Lenient<String>,
    pub(super) state: Lenient<String>,
    pub(super) end_reason: Lenient<String>,
    pub(super) source_cluster_name: Lenient<String>,
    pub(super) source_root_path: Lenient<String>,
    pub(super) target_cluster_name: Lenient<String>,
    pub(super) source_cluster_uuid: Lenient<String>,
    pub(super) target_cluster_uuid: Lenient<String>,
    pub(super) target_root_path: Lenient<String>,
    pub(super) target_root_read_only: Lenient<bool>,
    pub(super) job_state: Lenient<String>,
    pub(super) job_start_time: Lenient<Timestamp>,
    /// When the last successful job began.
    pub(super) recovery_point: Lenient<Timestamp>,
    /// What that job shipped; on the target its own copy.
    #[serde(deserialize_with = "nested")]
    pub(super) recovery_point_snapshot: Lenient<Snapshot>,
    pub(super) error_from_last_job: Lenient<String>,
    #[serde(deserialize_with = "nested")]
    pub(super) duration_of_last_job: Lenient<Duration>,
    pub(super) replication_enabled: Lenient<bool>,
    #[serde(deserialize_with = "nested")]
    pub(super) replication_job_status: Lenient<JobStatus>,
    /// Source side only, like the next two.
    pub(super) replication_mode: Lenient<String>,
    pub(super) next_active_time: Lenient<Timestamp>,
    pub(super) queued_snapshot_count: Lenient<u64>,
    /// Target side only, since Core 6.1.1.
    pub(super) lock_key: Lenient<String>,
}

/// A snapshot, as far as it is needed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Snapshot {
    pub(super) timestamp: Lenient<Timestamp>,
}

/// `{"nanoseconds": "51844430"}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Duration {
    pub(super) nanoseconds: Lenient<Nanoseconds>,
}

/// The progress of a running job. The copies to object stores have neither the deleted counts nor the estimate.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct JobStatus {
    pub(super) percent_complete: Lenient<f64>,
    pub(super) estimated_seconds_remaining: Lenient<f64>,
    pub(super) bytes_transferred: Lenient<u64>,
    pub(super) bytes_unchanged: Lenient<u64>,
    pub(super) bytes_remaining: Lenient<u64>,
    pub(super) bytes_deleted: Lenient<u64>,
    pub(super) bytes_total: Lenient<u64>,
    pub(super) files_transferred: Lenient<u64>,
    pub(super) files_unchanged: Lenient<u64>,
    pub(super) files_remaining: Lenient<u64>,
    pub(super) files_deleted: Lenient<u64>,
    pub(super) files_total: Lenient<u64>,
    pub(super) throughput_overall: Lenient<f64>,
    pub(super) throughput_current: Lenient<f64>,
}

/// `GET /v1/cluster/protection/restriper/status` (`state`), or before Core 5.3.4 `GET /v1/cluster/restriper/status`
/// (`status`). The rest is the same.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RestriperStatus {
    pub(super) state: Lenient<String>,
    pub(super) status: Lenient<String>,
    pub(super) phase: Lenient<String>,
    pub(super) blocked_reason: Lenient<String>,
    pub(super) data_at_risk: Lenient<bool>,
    pub(super) elapsed_seconds: Lenient<f64>,
    pub(super) percent_complete: Lenient<f64>,
    pub(super) coordinator_node: Lenient<u64>,
}

/// `GET /v1/cluster/protection/status`.
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProtectionStatus {
    pub(super) max_node_failures: Lenient<u64>,
    pub(super) max_drive_failures: Lenient<u64>,
    pub(super) remaining_node_failures: Lenient<u64>,
    pub(super) remaining_drive_failures: Lenient<u64>,
}

/// One copy of `GET /v3/replication/object-relationships/status/`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ObjectStatus {
    pub(super) id: Lenient<String>,
    pub(super) direction: Lenient<String>,
    pub(super) local_directory_path: Lenient<String>,
    /// What the path was called before v3.
    pub(super) source_directory_path: Lenient<String>,
    pub(super) object_store_address: Lenient<String>,
    pub(super) bucket: Lenient<String>,
    pub(super) object_folder: Lenient<String>,
    pub(super) state: Lenient<String>,
    #[serde(deserialize_with = "nested")]
    pub(super) current_job: Lenient<CurrentObjectJob>,
    #[serde(deserialize_with = "nested")]
    pub(super) last_job: Lenient<LastObjectJob>,
}

/// A copy that runs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CurrentObjectJob {
    pub(super) start_time: Lenient<Timestamp>,
    pub(super) estimated_end_time: Lenient<Timestamp>,
    #[serde(deserialize_with = "nested")]
    pub(super) job_progress: Lenient<JobStatus>,
}

/// The copy that ended last.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LastObjectJob {
    pub(super) start_time: Lenient<Timestamp>,
    pub(super) end_time: Lenient<Timestamp>,
    pub(super) error: Lenient<String>,
}

/// What an error says: `{"error_class": "…_error", "description": "…", "stack": […], …}`; all of it optional.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody {
    pub(super) error_class: Lenient<String>,
    pub(super) description: Lenient<String>,
}

/// The answer to a log-in.
#[derive(Deserialize)]
pub(super) struct LoggedIn {
    pub(super) bearer_token: String,
}
