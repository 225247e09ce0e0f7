//! Every metric family with an `array` label, once: name, help, type, labels, unit, kind. Its source is in each vendor's column.
//!
//! The only place of these names. `render` exposes by it, `METRICS.md` and the `catalogue` sub-command print it, the checks
//! of rules and dashboards compare with it. Sorted by name, the order of exposition. The exporter's own families without an
//! `array` label are in [`super::exporter`].

use crate::model::words;

/// One metric family.
#[derive(Debug)]
pub struct Family {
    /// The name on /metrics.
    pub name: &'static str,
    /// The HELP text.
    pub help: &'static str,
    /// What kind of series it has.
    pub metric_type: MetricType,
    /// Where its values come from and how long they live.
    pub kind: Kind,
    /// Its labels, in the order of exposition.
    pub labels: &'static [&'static str],
    /// The unit in words; empty for counts of nothing in particular, flags and sets of states.
    pub unit: &'static str,
}

words! {
    /// What kind of series a family has.
    MetricType {
        /// A value that goes up and down.
        Gauge = "gauge",
        /// A value that only grows while the exporter runs.
        Counter = "counter",
        /// How many values were at most so large, by bucket; the exporter's own alone, an array's would cost too much.
        Histogram = "histogram",
        /// One sample, 1, whose last label is the present word; exposed as gauge.
        Word = "word",
    }
}

words! {
    /// Where a family's values come from and how long they live.
    Kind {
        /// Stays true when the array is gone, so it stays.
        Fact = "fact",
        /// Was reported by the array at most `stale_after` ago, or is not there.
        Reading = "reading",
        /// About the exporter's own doing.
        Exporter = "exporter",
    }
}

impl MetricType {
    /// The word of the TYPE line.
    #[must_use]
    pub fn exposed(self) -> &'static str {
        match self {
            Self::Gauge | Self::Word => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}

/// The labels of a relationship.
const RELATIONSHIP: &[&str] = &["array", "pair", "relationship", "role"];

/// Declares the families: an id for the code, and the row of the table.
macro_rules! families {
    ($($id:ident { name: $name:literal, metric_type: $type:ident, kind: $kind:ident, labels: $labels:expr, unit: $unit:literal,
        help: $help:literal $(,)? })+) => {
        /// A family by its place in [`FAMILIES`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[expect(missing_docs, reason = "each one's HELP text says it")]
        pub enum FamilyId { $($id),+ }

        impl FamilyId {
            /// Every family, in the order of exposition.
            pub const ALL: &'static [Self] = &[$(Self::$id),+];
        }

        /// Every family, sorted by name.
        pub static FAMILIES: &[Family] = &[$(Family {
            name: $name, help: $help, metric_type: MetricType::$type, kind: Kind::$kind, labels: $labels, unit: $unit,
        }),+];
    };
}

impl FamilyId {
    /// The row of the table.
    #[must_use]
    pub fn family(self) -> &'static Family {
        &FAMILIES[self as usize]
    }
}

families! {
    ArrayClockSkew {
        name: "storage_array_clock_skew_seconds", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "seconds",
        help: "The array's clock minus the exporter's.",
    }
    ArrayDataTimestamp {
        name: "storage_array_data_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: &["array"], unit: "seconds",
        help: "When the array's own copy of the facts was last brought up to date, for a manager that collects from other systems.",
    }
    ArrayInfo {
        name: "storage_array_info", metric_type: Gauge, kind: Fact, labels: &["array", "vendor", "system_name", "system_id", "version"], unit: "",
        help: "Identity of the array; what is not known yet is the empty string. Labels of the configuration are added here alone.",
    }
    ArrayCertificateExpiry {
        name: "storage_array_tls_certificate_expiry_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: &["array"], unit: "seconds",
        help: "When the certificate that the array last presented expires, also if it was refused.",
    }
    ArrayVerificationDisabled {
        name: "storage_array_tls_verification_disabled", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "",
        help: "1 if the array's certificate is not verified (insecure_skip_verify).",
    }
    ArrayUp {
        name: "storage_array_up", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "",
        help: "1 if a poll that got at least one section besides system ended within stale_after.",
    }
    LoginFailures {
        name: "storage_login_failures_total", metric_type: Counter, kind: Exporter, labels: &["array"], unit: "",
        help: "Log-ins that gave no session.",
    }
    Logins {
        name: "storage_logins_total", metric_type: Counter, kind: Exporter, labels: &["array"], unit: "",
        help: "Log-ins sent.",
    }
    PollDuration {
        name: "storage_poll_duration_seconds", metric_type: Gauge, kind: Exporter, labels: &["array", "section"], unit: "seconds",
        help: "Duration of the last attempt of the section.",
    }
    PollFailures {
        name: "storage_poll_failures_total", metric_type: Counter, kind: Exporter, labels: &["array", "section"], unit: "",
        help: "Failed attempts of the section; storage_poll_last_failure says why.",
    }
    PollInterval {
        name: "storage_poll_interval_seconds", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "seconds",
        help: "Configured poll interval.",
    }
    PollLastFailure {
        name: "storage_poll_last_failure", metric_type: Word, kind: Exporter, labels: &["array", "section", "reason"], unit: "",
        help: "Why the last attempt of the section failed; only while it fails, and not of what the exporter does without.",
    }
    PollLastSuccess {
        name: "storage_poll_last_success_timestamp_seconds", metric_type: Gauge, kind: Exporter, labels: &["array", "section"], unit: "seconds",
        help: "When the section last succeeded, also before a restart.",
    }
    PollNext {
        name: "storage_poll_next_timestamp_seconds", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "seconds",
        help: "When the next poll is due; far ahead while a failing array is asked less often or log-ins wait.",
    }
    PollOverruns {
        name: "storage_poll_overruns_total", metric_type: Counter, kind: Exporter, labels: &["array"], unit: "",
        help: "Ticks skipped because a poll was still running.",
    }
    PollStaleAfter {
        name: "storage_poll_stale_after_seconds", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "seconds",
        help: "How long a reading is shown after the array gave it.",
    }
    PollSuccess {
        name: "storage_poll_success", metric_type: Gauge, kind: Exporter, labels: &["array", "section"], unit: "",
        help: "1 if the last attempt of the section succeeded, and not longer than stale_after ago; not there where the exporter does without a right that it never had.",
    }
    Polls {
        name: "storage_polls_total", metric_type: Counter, kind: Exporter, labels: &["array", "section"], unit: "",
        help: "Attempts of the section.",
    }
    DataAtRisk {
        name: "storage_protection_data_at_risk", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "",
        help: "1 if some data is not fully protected.",
    }
    DataAtRiskSince {
        name: "storage_protection_data_at_risk_since_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: &["array"], unit: "seconds",
        help: "Since when the exporter saw that data is at risk; only while that is the array's last word, also while the array is away.",
    }
    MaxDriveFailures {
        name: "storage_protection_max_drive_failures", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "failures",
        help: "Drive failures that the cluster tolerates when all is well.",
    }
    MaxNodeFailures {
        name: "storage_protection_max_node_failures", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "failures",
        help: "Node failures that the cluster tolerates when all is well.",
    }
    RemainingDriveFailures {
        name: "storage_protection_remaining_drive_failures", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "failures",
        help: "Drive failures that the cluster tolerates now.",
    }
    RemainingNodeFailures {
        name: "storage_protection_remaining_node_failures", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "failures",
        help: "Node failures that the cluster tolerates now.",
    }
    Blackout {
        name: "storage_replication_blackout", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 while replication is enabled and its next active time lies ahead.",
    }
    CommonSnapshots {
        name: "storage_replication_common_snapshots", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "snapshots",
        help: "Snapshots that both sides have; at 0 the next synchronisation is a full one.",
    }
    CountedLag {
        name: "storage_replication_counted_lag_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "The lag that is held against the objective: without the time in which it was exempt and that since the recovery point was last read, at most one interval.",
    }
    Enabled {
        name: "storage_replication_enabled", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 if automatic replication is on.",
    }
    HasRecoveryPoint {
        name: "storage_replication_has_recovery_point", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "",
        help: "1 if the target holds a recovery point, 0 if the array says that there never was one.",
    }
    Health {
        name: "storage_replication_health", metric_type: Word, kind: Reading, labels: &["array", "pair", "relationship", "role", "health"], unit: "",
        help: "Health of the relationship in one vocabulary for every vendor.",
    }
    HealthSince {
        name: "storage_replication_health_since_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "When the exporter first saw the present health.",
    }
    JobDeletedBytes {
        name: "storage_replication_job_deleted_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes deleted, in the running job.",
    }
    JobDeletedFiles {
        name: "storage_replication_job_deleted_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files deleted, in the running job.",
    }
    JobProgress {
        name: "storage_replication_job_progress_ratio", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "ratio",
        help: "Progress of the running job, 0 to 1.",
    }
    JobRecentThroughput {
        name: "storage_replication_job_recent_throughput_bytes_per_second", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes per second",
        help: "Throughput of the running job over the last minute.",
    }
    JobRemainingBytes {
        name: "storage_replication_job_remaining_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes left to be processed, in the running job.",
    }
    JobRemainingFiles {
        name: "storage_replication_job_remaining_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files left to be processed, in the running job.",
    }
    JobRemainingSeconds {
        name: "storage_replication_job_remaining_seconds", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "seconds",
        help: "The array's own estimate of the time that the running job needs.",
    }
    JobRunning {
        name: "storage_replication_job_running", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 while a job runs.",
    }
    JobStart {
        name: "storage_replication_job_start_timestamp_seconds", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "seconds",
        help: "When the running job started.",
    }
    JobThroughput {
        name: "storage_replication_job_throughput_bytes_per_second", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes per second",
        help: "Throughput of the running job since its start.",
    }
    JobTotalBytes {
        name: "storage_replication_job_total_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes that the job will process, an estimate that moves, in the running job.",
    }
    JobTotalFiles {
        name: "storage_replication_job_total_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files that the job will process, an estimate that moves, in the running job.",
    }
    JobTransferredBytes {
        name: "storage_replication_job_transferred_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes copied, in the running job.",
    }
    JobTransferredFiles {
        name: "storage_replication_job_transferred_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files copied, in the running job.",
    }
    JobUnchangedBytes {
        name: "storage_replication_job_unchanged_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes not copied because they did not change, in the running job.",
    }
    JobUnchangedFiles {
        name: "storage_replication_job_unchanged_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files not copied because they did not change, in the running job.",
    }
    Lag {
        name: "storage_replication_lag_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "Age of the recovery point by the clock that stamped it; grows also while the array is away.",
    }
    LastJobDuration {
        name: "storage_replication_last_job_duration_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "Duration of the last finished job.",
    }
    LastJobEnd {
        name: "storage_replication_last_job_end_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "When the last finished job ended.",
    }
    LastJobProtected {
        name: "storage_replication_last_job_protected_bytes", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "bytes",
        help: "Size of what the last finished job protects, which is not what it transferred.",
    }
    LastJobResult {
        name: "storage_replication_last_job_result", metric_type: Word, kind: Fact, labels: &["array", "pair", "relationship", "role", "result"], unit: "",
        help: "How the last finished job ended.",
    }
    LastJobTransferred {
        name: "storage_replication_last_job_transferred_bytes", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes transferred by the last finished job, before compression.",
    }
    NextActive {
        name: "storage_replication_next_active_timestamp_seconds", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "seconds",
        help: "When the present blackout ends.",
    }
    NoRecoveryPointSince {
        name: "storage_replication_no_recovery_point_since_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "Since when the exporter saw it accepted and without a recovery point; only while there is none.",
    }
    QueuedSnapshots {
        name: "storage_replication_queued_snapshots", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "snapshots",
        help: "Policy snapshots that wait to be replicated.",
    }
    RecoveryPoint {
        name: "storage_replication_recovery_point_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "The moment whose data the target holds; no sample where there never was one.",
    }
    RelationshipInfo {
        name: "storage_replication_relationship_info", metric_type: Gauge, kind: Fact, labels: &[
            "array", "pair", "relationship", "role", "relationship_id", "mode", "peer_system_id", "source_system", "source_object", "target_system", "target_object",
        ], unit: "",
        help: "What the relationship connects; `pair` is the same text on both sides of one relationship.",
    }
    Relationships {
        name: "storage_replication_relationships", metric_type: Gauge, kind: Fact, labels: &["array", "role"], unit: "",
        help: "Relationships that the array listed at the last successful listing.",
    }
    RestorePoints {
        name: "storage_replication_restore_points", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "points",
        help: "Recovery points kept for the VM.",
    }
    RpoBreach {
        name: "storage_replication_rpo_breach_seconds_total", metric_type: Counter, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "Time with counted lag over the objective while nothing exempts it.",
    }
    RpoExempt {
        name: "storage_replication_rpo_exempt", metric_type: Word, kind: Fact, labels: &["array", "pair", "relationship", "role", "reason"], unit: "",
        help: "Why lag is not held against the objective, as last reported.",
    }
    Rpo {
        name: "storage_replication_rpo_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "The recovery point objective.",
    }
    SnapshotLock {
        name: "storage_replication_snapshot_lock", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 where a lock key guards the target's snapshots.",
    }
    Standing {
        name: "storage_replication_standing", metric_type: Word, kind: Fact, labels: &["array", "pair", "relationship", "role", "standing"], unit: "",
        help: "Whether the relationship is protected, as this array sees it: the verdict that every page and alert shows.",
    }
    StandingSince {
        name: "storage_replication_standing_since_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "When the exporter first saw the present standing and, while it is stopped, the present reason.",
    }
    State {
        name: "storage_replication_state", metric_type: Word, kind: Reading, labels: &["array", "pair", "relationship", "role", "state"], unit: "",
        help: "State of the relationship in the vendor's own word, lower case.",
    }
    TargetWritable {
        name: "storage_replication_target_writable", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 if the target can diverge, so that nothing is protected.",
    }
    UnreplicatedObjects {
        name: "storage_replication_unreplicated_objects", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "",
        help: "Objects with data that nothing replicates: on a K2 array, volume groups with at least one volume. Their names are on the status page.",
    }
    RestriperCoordinator {
        name: "storage_restriper_coordinator_node", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "",
        help: "Id of the node that coordinates the restriper.",
    }
    RestriperElapsed {
        name: "storage_restriper_elapsed_seconds", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "seconds",
        help: "Time since the present phase of the restriper began; only while it runs.",
    }
    RestriperPhase {
        name: "storage_restriper_phase", metric_type: Word, kind: Reading, labels: &["array", "phase"], unit: "",
        help: "Phase of the restriper.",
    }
    RestriperProgress {
        name: "storage_restriper_progress_ratio", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "ratio",
        help: "Progress of the present phase of the restriper, 0 to 1; only while it runs.",
    }
    RestriperState {
        name: "storage_restriper_state", metric_type: Word, kind: Reading, labels: &["array", "state"], unit: "",
        help: "State of the restriper; blocked means that it stopped with required work undone.",
    }
    SeriesDropped {
        name: "storage_series_dropped", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "series",
        help: "Series left out because the array passed max_series.",
    }
    UnknownValueFields {
        name: "storage_unknown_value_fields_total", metric_type: Counter, kind: Exporter, labels: &["array", "field"], unit: "",
        help: "Words, shapes or impossible values in answers that the exporter does not take, by field; each from its first time on.",
    }
    UnknownValues {
        name: "storage_unknown_values_total", metric_type: Counter, kind: Exporter, labels: &["array"], unit: "",
        help: "Words, shapes or impossible values in answers that the exporter does not take.",
    }
}

/// The families that the exporter fills by itself, the same for every vendor, and from what. The source of each other family
/// is in the vendors' own columns.
pub static OF_EVERY_VENDOR: &[(&str, &str)] = &[
    (
        "storage_array_tls_certificate_expiry_timestamp_seconds",
        "TLS handshake",
    ),
    ("storage_array_tls_verification_disabled", "configuration"),
    ("storage_array_up", "polls"),
    ("storage_poll_duration_seconds", "polls"),
    ("storage_poll_failures_total", "polls"),
    ("storage_poll_interval_seconds", "configuration"),
    ("storage_poll_last_failure", "polls"),
    ("storage_poll_last_success_timestamp_seconds", "polls"),
    ("storage_poll_next_timestamp_seconds", "polls"),
    ("storage_poll_overruns_total", "polls"),
    ("storage_poll_stale_after_seconds", "configuration"),
    ("storage_poll_success", "polls"),
    ("storage_polls_total", "polls"),
    ("storage_replication_counted_lag_seconds", "exporter"),
    ("storage_replication_health_since_timestamp_seconds", "exporter"),
    (
        "storage_replication_no_recovery_point_since_timestamp_seconds",
        "exporter",
    ),
    ("storage_replication_rpo_breach_seconds_total", "exporter"),
    ("storage_replication_standing", "exporter"),
    ("storage_replication_standing_since_timestamp_seconds", "exporter"),
    ("storage_series_dropped", "exporter"),
    ("storage_unknown_value_fields_total", "answers"),
    ("storage_unknown_values_total", "answers"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::vendors;

    #[test]
    fn families_are_sorted_by_name_and_unique() {
        assert!(FAMILIES.windows(2).all(|pair| pair[0].name < pair[1].name));
    }

    #[test]
    fn every_family_names_its_unit_as_the_field_does() {
        for family in FAMILIES {
            let name = family.name;
            assert!(name.starts_with("storage_"), "{name}");
            assert_eq!(
                family.metric_type == MetricType::Counter,
                name.ends_with("_total"),
                "{name}"
            );
            assert!(!family.help.is_empty() && family.help.ends_with('.'), "{name}");
            assert_eq!(family.labels.first(), Some(&"array"), "{name}");
            if family.unit == "seconds" {
                assert!(name.trim_end_matches("_total").ends_with("_seconds"), "{name}");
            }
            if family.unit == "bytes" {
                assert!(name.ends_with("_bytes"), "{name}");
            }
        }
    }

    #[test]
    fn every_family_has_a_source_of_its_vendors_or_one_for_all() {
        let mut known: Vec<&str> = OF_EVERY_VENDOR.iter().map(|(name, _)| *name).collect();
        for vendor in vendors::ALL {
            for (name, source) in vendor.sources {
                assert!(!source.is_empty() && !known.contains(name), "{vendor:?}: {name}");
                assert!(FAMILIES.iter().any(|family| family.name == *name), "{vendor:?}: {name}");
            }
        }
        known.extend(
            vendors::ALL
                .iter()
                .flat_map(|vendor| vendor.sources)
                .map(|(name, _)| *name),
        );
        for family in FAMILIES {
            assert!(known.contains(&family.name), "no source of {}", family.name);
        }
    }
}
