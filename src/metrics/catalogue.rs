//! Every metric family with an `array` label, once: name, help, type, labels, unit, kind, and its source per vendor.
//!
//! The only place of these names. `render` exposes by it, `METRICS.md` and the `catalogue` sub-command print it, the checks
//! of rules and dashboards compare with it. Sorted by name, the order of exposition. The exporter's own families without an
//! `array` label are in [`super::exporter`].

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
    /// The field it comes from on a Qumulo cluster; empty if that has none.
    pub qumulo: &'static str,
    /// The field it comes from on a Kaminario K2 / Silk array; empty if that has none.
    pub kaminario: &'static str,
    /// The field it comes from in Veeam Backup Enterprise Manager; empty if that has none.
    pub veeam: &'static str,
}

/// What kind of series a family has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricType {
    /// A value that goes up and down.
    Gauge,
    /// A value that only grows while the exporter runs.
    Counter,
    /// One sample, 1, whose last label is the present word; exposed as gauge.
    Word,
}

/// Where a family's values come from and how long they live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Stays true when the array is gone, so it stays.
    Fact,
    /// Was reported by the array at most `stale_after` ago, or is not there.
    Reading,
    /// About the exporter's own doing.
    Exporter,
}

impl MetricType {
    /// The word of the TYPE line.
    #[must_use]
    pub fn exposed(self) -> &'static str {
        match self {
            Self::Gauge | Self::Word => "gauge",
            Self::Counter => "counter",
        }
    }

    /// The word of the documentation.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Word => "word",
        }
    }
}

impl Kind {
    /// The word of the documentation.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Reading => "reading",
            Self::Exporter => "exporter",
        }
    }
}

/// The labels of a relationship.
const RELATIONSHIP: &[&str] = &["array", "pair", "relationship", "role"];

/// Declares the families: an id for the code, and the row of the table.
macro_rules! families {
    ($($id:ident { name: $name:literal, metric_type: $type:ident, kind: $kind:ident, labels: $labels:expr, unit: $unit:literal,
        help: $help:literal, qumulo: $qumulo:literal, kaminario: $kaminario:literal, veeam: $veeam:literal $(,)? })+) => {
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
            qumulo: $qumulo, kaminario: $kaminario, veeam: $veeam,
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
        qumulo: "`Date` header of /v1/node/state",
        kaminario: "`system_time` of system/state, else the `Date` header",
        veeam: "`Date` header",
    }
    ArrayDataTimestamp {
        name: "storage_array_data_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: &["array"], unit: "seconds",
        help: "When the array's own copy of the facts was last brought up to date, for a manager that collects from other systems.",
        qumulo: "",
        kaminario: "",
        veeam: "end of the newest successful collection, else the newest `EndTimeUTC` of a session",
    }
    ArrayInfo {
        name: "storage_array_info", metric_type: Gauge, kind: Fact, labels: &["array", "vendor", "system_name", "system_id", "version"], unit: "",
        help: "Identity of the array; what is not known yet is the empty string. Labels of the configuration are added here alone.",
        qumulo: "`cluster_name` of /v1/cluster/settings, `cluster_id` of /v1/node/state, `revision_id` of /v1/version",
        kaminario: "`system_name`, `system_id`, `system_version` of system/state",
        veeam: "host of the configured URL, highest `SupportedVersion` of the API; it has no lasting id",
    }
    ArrayCertificateExpiry {
        name: "storage_array_tls_certificate_expiry_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: &["array"], unit: "seconds",
        help: "When the certificate that the array last presented expires, also if it was refused.",
        qumulo: "TLS handshake",
        kaminario: "TLS handshake",
        veeam: "TLS handshake",
    }
    ArrayVerificationDisabled {
        name: "storage_array_tls_verification_disabled", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "",
        help: "1 if the array's certificate is not verified (insecure_skip_verify).",
        qumulo: "configuration",
        kaminario: "configuration",
        veeam: "configuration",
    }
    ArrayUp {
        name: "storage_array_up", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "",
        help: "1 if a poll that got at least one section besides system ended within stale_after.",
        qumulo: "polls",
        kaminario: "polls",
        veeam: "polls",
    }
    LoginFailures {
        name: "storage_login_failures_total", metric_type: Counter, kind: Exporter, labels: &["array"], unit: "",
        help: "Log-ins that gave no session.",
        qumulo: "POST /v1/session/login",
        kaminario: "requests with credentials that were refused",
        veeam: "POST /api/sessionMngr/",
    }
    Logins {
        name: "storage_logins_total", metric_type: Counter, kind: Exporter, labels: &["array"], unit: "",
        help: "Log-ins sent.",
        qumulo: "POST /v1/session/login",
        kaminario: "none: each request carries the credentials",
        veeam: "POST /api/sessionMngr/",
    }
    PollDuration {
        name: "storage_poll_duration_seconds", metric_type: Gauge, kind: Exporter, labels: &["array", "section"], unit: "seconds",
        help: "Duration of the last attempt of the section.",
        qumulo: "polls",
        kaminario: "polls",
        veeam: "polls",
    }
    PollFailures {
        name: "storage_poll_failures_total", metric_type: Counter, kind: Exporter, labels: &["array", "section"], unit: "",
        help: "Failed attempts of the section; storage_poll_last_failure says why.",
        qumulo: "polls",
        kaminario: "polls",
        veeam: "polls",
    }
    PollInterval {
        name: "storage_poll_interval_seconds", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "seconds",
        help: "Configured poll interval.",
        qumulo: "configuration",
        kaminario: "configuration",
        veeam: "configuration",
    }
    PollLastFailure {
        name: "storage_poll_last_failure", metric_type: Word, kind: Exporter, labels: &["array", "section", "reason"], unit: "",
        help: "Why the last attempt of the section failed; only while it fails.",
        qumulo: "polls",
        kaminario: "polls",
        veeam: "polls",
    }
    PollLastSuccess {
        name: "storage_poll_last_success_timestamp_seconds", metric_type: Gauge, kind: Exporter, labels: &["array", "section"], unit: "seconds",
        help: "When the section last succeeded.",
        qumulo: "polls",
        kaminario: "polls",
        veeam: "polls",
    }
    PollOverruns {
        name: "storage_poll_overruns_total", metric_type: Counter, kind: Exporter, labels: &["array"], unit: "",
        help: "Ticks skipped because a poll was still running.",
        qumulo: "polls",
        kaminario: "polls",
        veeam: "polls",
    }
    PollStaleAfter {
        name: "storage_poll_stale_after_seconds", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "seconds",
        help: "How long a reading is shown after the array gave it.",
        qumulo: "configuration",
        kaminario: "configuration",
        veeam: "configuration",
    }
    PollSuccess {
        name: "storage_poll_success", metric_type: Gauge, kind: Exporter, labels: &["array", "section"], unit: "",
        help: "1 if the last attempt of the section succeeded, and not longer than stale_after ago.",
        qumulo: "polls",
        kaminario: "polls",
        veeam: "polls",
    }
    Polls {
        name: "storage_polls_total", metric_type: Counter, kind: Exporter, labels: &["array", "section"], unit: "",
        help: "Attempts of the section.",
        qumulo: "polls",
        kaminario: "polls",
        veeam: "polls",
    }
    DataAtRisk {
        name: "storage_protection_data_at_risk", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "",
        help: "1 if some data is not fully protected.",
        qumulo: "`data_at_risk` of the restriper status",
        kaminario: "",
        veeam: "",
    }
    MaxDriveFailures {
        name: "storage_protection_max_drive_failures", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "failures",
        help: "Drive failures that the cluster tolerates when all is well.",
        qumulo: "`max_drive_failures` of /v1/cluster/protection/status",
        kaminario: "",
        veeam: "",
    }
    MaxNodeFailures {
        name: "storage_protection_max_node_failures", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "failures",
        help: "Node failures that the cluster tolerates when all is well.",
        qumulo: "`max_node_failures` of /v1/cluster/protection/status",
        kaminario: "",
        veeam: "",
    }
    RemainingDriveFailures {
        name: "storage_protection_remaining_drive_failures", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "failures",
        help: "Drive failures that the cluster tolerates now.",
        qumulo: "`remaining_drive_failures` of /v1/cluster/protection/status",
        kaminario: "",
        veeam: "",
    }
    RemainingNodeFailures {
        name: "storage_protection_remaining_node_failures", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "failures",
        help: "Node failures that the cluster tolerates now.",
        qumulo: "`remaining_node_failures` of /v1/cluster/protection/status",
        kaminario: "",
        veeam: "",
    }
    Blackout {
        name: "storage_replication_blackout", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 while replication is enabled and its next active time lies ahead.",
        qumulo: "source status `replication_enabled`, `next_active_time`",
        kaminario: "",
        veeam: "",
    }
    CommonSnapshots {
        name: "storage_replication_common_snapshots", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "snapshots",
        help: "Snapshots that both sides have; at 0 the next synchronisation is a full one.",
        qumulo: "",
        kaminario: "`common_snapshots_count`",
        veeam: "",
    }
    Enabled {
        name: "storage_replication_enabled", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 if automatic replication is on.",
        qumulo: "`replication_enabled`",
        kaminario: "not where `state` is idle or failed_over, `stopped` is true, or a user suspended it",
        veeam: "`ScheduleEnabled` of the job, where the role may read it",
    }
    HasRecoveryPoint {
        name: "storage_replication_has_recovery_point", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "",
        help: "1 if the target holds a recovery point, 0 if the array says that there never was one.",
        qumulo: "`recovery_point`",
        kaminario: "`latest_replicated_snapshot`",
        veeam: "replica points and finished tasks",
    }
    Health {
        name: "storage_replication_health", metric_type: Word, kind: Reading, labels: &["array", "pair", "relationship", "role", "health"], unit: "",
        help: "Health of the relationship in one vocabulary for every vendor.",
        qumulo: "`state`, `replication_enabled`, `error_from_last_job`, `recovery_point`",
        kaminario: "`state`, `stopped`, `suspend_reason_code`, `latest_replicated_snapshot`",
        veeam: "last finished task `Result`, recovery point, the job's schedule",
    }
    HealthSince {
        name: "storage_replication_health_since_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "When the exporter first saw the present health.",
        qumulo: "exporter",
        kaminario: "exporter",
        veeam: "exporter",
    }
    JobDeletedBytes {
        name: "storage_replication_job_deleted_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes deleted, in the running job.",
        qumulo: "`replication_job_status.bytes_deleted`",
        kaminario: "",
        veeam: "",
    }
    JobDeletedFiles {
        name: "storage_replication_job_deleted_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files deleted, in the running job.",
        qumulo: "`replication_job_status.files_deleted`",
        kaminario: "",
        veeam: "",
    }
    JobProgress {
        name: "storage_replication_job_progress_ratio", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "ratio",
        help: "Progress of the running job, 0 to 1.",
        qumulo: "`replication_job_status.percent_complete` / 100",
        kaminario: "`current_snapshot_progress` / 100 while a snapshot is in transfer",
        veeam: "`Progress` of the job session / 100 while it runs",
    }
    JobRecentThroughput {
        name: "storage_replication_job_recent_throughput_bytes_per_second", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes per second",
        help: "Throughput of the running job over the last minute.",
        qumulo: "`replication_job_status.throughput_current`",
        kaminario: "",
        veeam: "",
    }
    JobRemainingBytes {
        name: "storage_replication_job_remaining_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes left to be processed, in the running job.",
        qumulo: "`replication_job_status.bytes_remaining`",
        kaminario: "",
        veeam: "",
    }
    JobRemainingFiles {
        name: "storage_replication_job_remaining_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files left to be processed, in the running job.",
        qumulo: "`replication_job_status.files_remaining`",
        kaminario: "",
        veeam: "",
    }
    JobRemainingSeconds {
        name: "storage_replication_job_remaining_seconds", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "seconds",
        help: "The array's own estimate of the time that the running job needs.",
        qumulo: "`replication_job_status.estimated_seconds_remaining`",
        kaminario: "`estimated_remaining_time`",
        veeam: "",
    }
    JobRunning {
        name: "storage_replication_job_running", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 while a job runs.",
        qumulo: "`job_state`",
        kaminario: "`current_snapshot` or `current_snapshot_id` is not null",
        veeam: "a task with `State` InProgress; one that is Pending does not run",
    }
    JobStart {
        name: "storage_replication_job_start_timestamp_seconds", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "seconds",
        help: "When the running job started.",
        qumulo: "`job_start_time`",
        kaminario: "`round_start` of the round without an end",
        veeam: "`CreationTimeUTC` of the running task",
    }
    JobThroughput {
        name: "storage_replication_job_throughput_bytes_per_second", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes per second",
        help: "Throughput of the running job since its start.",
        qumulo: "`replication_job_status.throughput_overall`",
        kaminario: "",
        veeam: "",
    }
    JobTotalBytes {
        name: "storage_replication_job_total_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes that the job will process, an estimate that moves, in the running job.",
        qumulo: "`replication_job_status.bytes_total`",
        kaminario: "",
        veeam: "",
    }
    JobTotalFiles {
        name: "storage_replication_job_total_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files that the job will process, an estimate that moves, in the running job.",
        qumulo: "`replication_job_status.files_total`",
        kaminario: "",
        veeam: "",
    }
    JobTransferredBytes {
        name: "storage_replication_job_transferred_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes copied, in the running job.",
        qumulo: "`replication_job_status.bytes_transferred`",
        kaminario: "",
        veeam: "",
    }
    JobTransferredFiles {
        name: "storage_replication_job_transferred_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files copied, in the running job.",
        qumulo: "`replication_job_status.files_transferred`",
        kaminario: "",
        veeam: "",
    }
    JobUnchangedBytes {
        name: "storage_replication_job_unchanged_bytes", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes not copied because they did not change, in the running job.",
        qumulo: "`replication_job_status.bytes_unchanged`",
        kaminario: "",
        veeam: "",
    }
    JobUnchangedFiles {
        name: "storage_replication_job_unchanged_files", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "files",
        help: "Files not copied because they did not change, in the running job.",
        qumulo: "`replication_job_status.files_unchanged`",
        kaminario: "",
        veeam: "",
    }
    Lag {
        name: "storage_replication_lag_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "Age of the recovery point by the array's clock; grows also while the array is away.",
        qumulo: "exporter's clock, clock skew, recovery point",
        kaminario: "exporter's clock, clock skew, recovery point",
        veeam: "exporter's clock, clock skew, recovery point",
    }
    LastJobDuration {
        name: "storage_replication_last_job_duration_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "Duration of the last finished job.",
        qumulo: "`duration_of_last_job.nanoseconds` / 10^9",
        kaminario: "`round_end` minus `round_start` of the newest finished round",
        veeam: "`EndTimeUTC` minus `CreationTimeUTC` of the last finished task",
    }
    LastJobEnd {
        name: "storage_replication_last_job_end_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "When the last finished job ended.",
        qumulo: "`last_job.end_time` of an S3 copy",
        kaminario: "`round_end` of the newest finished round",
        veeam: "`EndTimeUTC` of the last finished task",
    }
    LastJobProtected {
        name: "storage_replication_last_job_protected_bytes", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "bytes",
        help: "Size of what the last finished job protects, which is not what it transferred.",
        qumulo: "",
        kaminario: "",
        veeam: "`TotalSize` of the last finished task",
    }
    LastJobResult {
        name: "storage_replication_last_job_result", metric_type: Word, kind: Fact, labels: &["array", "pair", "relationship", "role", "result"], unit: "",
        help: "How the last finished job ended.",
        qumulo: "`error_from_last_job`, `recovery_point`",
        kaminario: "",
        veeam: "`Result` of the last finished task",
    }
    LastJobTransferred {
        name: "storage_replication_last_job_transferred_bytes", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "bytes",
        help: "Bytes transferred by the last finished job, before compression.",
        qumulo: "",
        kaminario: "`bytes_transmitted_logical` of the newest finished round",
        veeam: "",
    }
    NextActive {
        name: "storage_replication_next_active_timestamp_seconds", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "seconds",
        help: "When the present blackout ends.",
        qumulo: "source status `next_active_time`",
        kaminario: "",
        veeam: "",
    }
    QueuedSnapshots {
        name: "storage_replication_queued_snapshots", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "snapshots",
        help: "Policy snapshots that wait to be replicated.",
        qumulo: "source status `queued_snapshot_count`",
        kaminario: "",
        veeam: "",
    }
    RecoveryPoint {
        name: "storage_replication_recovery_point_timestamp_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "The moment whose data the target holds; no sample where there never was one.",
        qumulo: "`recovery_point`: when the last successful job started",
        kaminario: "`data_creation_time` of the snapshot that `latest_replicated_snapshot` names, else its round's `round_start`, else on the source its `creation_time`",
        veeam: "`CreationTimeUTC` of the newest replica point, else of the newest successful task",
    }
    RelationshipInfo {
        name: "storage_replication_relationship_info", metric_type: Gauge, kind: Fact, labels: &[
            "array", "pair", "relationship", "role", "relationship_id", "mode", "peer_system_id", "source_system", "source_object", "target_system", "target_object",
        ], unit: "",
        help: "What the relationship connects; `pair` is the same text on both sides of one relationship.",
        qumulo: "`id`, `replication_mode`, cluster names, root paths",
        kaminario: "`id`, `name`, `local_volume_group`, `replication_peer_volume_group`, `replication_peer_k2array`, `remote_replication_session_id`, by name where known",
        veeam: "job, VM, backup server",
    }
    Relationships {
        name: "storage_replication_relationships", metric_type: Gauge, kind: Fact, labels: &["array", "role"], unit: "",
        help: "Relationships that the array listed at the last successful listing.",
        qumulo: "length of the list",
        kaminario: "sessions by `current_role`",
        veeam: "jobs and VMs with a replica point or a task within lookback",
    }
    RestorePoints {
        name: "storage_replication_restore_points", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "points",
        help: "Recovery points kept for the VM.",
        qumulo: "",
        kaminario: "",
        veeam: "number of replica points of the job and VM",
    }
    RpoBreach {
        name: "storage_replication_rpo_breach_seconds_total", metric_type: Counter, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "Time with lag over the objective while nothing exempts it.",
        qumulo: "exporter",
        kaminario: "exporter",
        veeam: "exporter",
    }
    RpoExempt {
        name: "storage_replication_rpo_exempt", metric_type: Word, kind: Fact, labels: &["array", "pair", "relationship", "role", "reason"], unit: "",
        help: "Why lag is not held against the objective, as last reported.",
        qumulo: "`state`, `replication_enabled`, `next_active_time`",
        kaminario: "`state`, `suspend_reason_code`",
        veeam: "the job's schedule",
    }
    Rpo {
        name: "storage_replication_rpo_seconds", metric_type: Gauge, kind: Fact, labels: RELATIONSHIP, unit: "seconds",
        help: "The recovery point objective.",
        qumulo: "configuration",
        kaminario: "`rpo` of the session, unless overridden",
        veeam: "configuration",
    }
    SnapshotLock {
        name: "storage_replication_snapshot_lock", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 where a lock key guards the target's snapshots.",
        qumulo: "target status `lock_key`",
        kaminario: "",
        veeam: "",
    }
    State {
        name: "storage_replication_state", metric_type: Word, kind: Reading, labels: &["array", "pair", "relationship", "role", "state"], unit: "",
        help: "State of the relationship in the vendor's own word, lower case.",
        qumulo: "`state`",
        kaminario: "`state`",
        veeam: "`State` of the newest task",
    }
    TargetWritable {
        name: "storage_replication_target_writable", metric_type: Gauge, kind: Reading, labels: RELATIONSHIP, unit: "",
        help: "1 if the target can diverge, so that nothing is protected.",
        qumulo: "`target_root_read_only` is false",
        kaminario: "`state` is failed_over; else 0 on the target, not known on the source",
        veeam: "",
    }
    RestriperCoordinator {
        name: "storage_restriper_coordinator_node", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "",
        help: "Id of the node that coordinates the restriper.",
        qumulo: "`coordinator_node`",
        kaminario: "",
        veeam: "",
    }
    RestriperElapsed {
        name: "storage_restriper_elapsed_seconds", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "seconds",
        help: "Time since the present phase of the restriper began; only while it runs.",
        qumulo: "`elapsed_seconds`",
        kaminario: "",
        veeam: "",
    }
    RestriperPhase {
        name: "storage_restriper_phase", metric_type: Word, kind: Reading, labels: &["array", "phase"], unit: "",
        help: "Phase of the restriper.",
        qumulo: "`phase`",
        kaminario: "",
        veeam: "",
    }
    RestriperProgress {
        name: "storage_restriper_progress_ratio", metric_type: Gauge, kind: Reading, labels: &["array"], unit: "ratio",
        help: "Progress of the present phase of the restriper, 0 to 1; only while it runs.",
        qumulo: "`percent_complete` / 100",
        kaminario: "",
        veeam: "",
    }
    RestriperState {
        name: "storage_restriper_state", metric_type: Word, kind: Reading, labels: &["array", "state"], unit: "",
        help: "State of the restriper; blocked means that it stopped with required work undone.",
        qumulo: "`state` and `blocked_reason`, or the deprecated `status`",
        kaminario: "",
        veeam: "",
    }
    SeriesDropped {
        name: "storage_series_dropped", metric_type: Gauge, kind: Exporter, labels: &["array"], unit: "series",
        help: "Series left out because the array passed max_series.",
        qumulo: "exporter",
        kaminario: "exporter",
        veeam: "exporter",
    }
    UnknownValueFields {
        name: "storage_unknown_value_fields_total", metric_type: Counter, kind: Exporter, labels: &["array", "field"], unit: "",
        help: "Words, shapes or impossible values in answers that the exporter does not take, by field; each from its first time on.",
        qumulo: "answers",
        kaminario: "answers",
        veeam: "answers",
    }
    UnknownValues {
        name: "storage_unknown_values_total", metric_type: Counter, kind: Exporter, labels: &["array"], unit: "",
        help: "Words, shapes or impossible values in answers that the exporter does not take.",
        qumulo: "answers",
        kaminario: "answers",
        veeam: "answers",
    }
}

/// A field of a vendor's answer that is deliberately not a metric.
#[derive(Debug)]
pub struct LeftOut {
    /// The vendor's name.
    pub vendor: &'static str,
    /// Where the field is.
    pub object: &'static str,
    /// The field.
    pub field: &'static str,
    /// Why it is left out.
    pub reason: &'static str,
}

/// Declares the fields that are left out, grouped by vendor and object.
macro_rules! left_out {
    ($($vendor:literal $object:literal { $($field:literal: $reason:literal),+ $(,)? })+) => {
        /// Every field of the documented status objects that is no metric, with the reason.
        pub static LEFT_OUT: &[LeftOut] = &[$($(LeftOut {
            vendor: $vendor, object: $object, field: $field, reason: $reason,
        }),+),+];
    };
}

left_out! {
    "qumulo" "source and target relationship status" {
        "end_reason": "free text; logged and shown on the status page",
        "error_from_last_job": "free text; logged and shown on the status page, counted as the last job's result",
        "source_cluster_uuid": "the relationship's id joins both sides",
        "target_cluster_uuid": "the relationship's id joins both sides",
        "source_root_read_only": "says who may write at the source, not how well it is protected",
        "source_address": "an address of the transport, not of the relationship; it changes",
        "source_port": "an address of the transport, not of the relationship",
        "target_root_id": "a file id; the path is the name that people use",
        "recovery_point_snapshot": "its moment is the recovery point; the rest is the snapshot's own name and life",
    }
    "qumulo" "source relationship status" {
        "target_address": "an address of the transport, not of the relationship; it changes",
        "target_port": "an address of the transport, not of the relationship",
        "map_local_ids_to_nfs_ids": "a setting that is not about protection",
        "blackout_windows": "a schedule; whether one is open now is storage_replication_blackout",
        "blackout_window_timezone": "a schedule; whether a window is open now is storage_replication_blackout",
        "snapshot_policies": "a schedule; what waits is storage_replication_queued_snapshots",
        "source_root_id": "a file id; the path is the name that people use",
        "replicating_snapshot": "the snapshot in transfer; its job is in the job families",
    }
    "qumulo" "restriper status" {
        "blocked_reason": "free text; logged and shown on the status page, counted as the restriper's state",
        "estimated_seconds_left": "only in the deprecated answer, and 0 in every recorded one",
    }
    "qumulo" "protection status" {
        "blocks_per_stripe": "the encoding, which changes only by an administrator's hand",
        "data_blocks_per_stripe": "the encoding, which changes only by an administrator's hand",
        "max_drive_spares": "deprecated by the vendor",
        "pending_configuration": "the change itself shows as restriper phase transcode",
        "protection_system_type": "a property of the platform",
    }
    "kaminario" "replication session" {
        "external_retention_policy": "a setting of the other array; what both still have is storage_replication_common_snapshots",
        "next_snapshot": "a queued snapshot, not how far the target is behind",
        "primary": "which side it was created on; the direction is the label role",
        "remote_replication_session_name": "the other array's name for it; pair joins both sides, whatever they are called",
        "replication_rpo_history": "a reference to the rounds, which are read whole",
        "restored_snapshot": "the snapshot of a failover, which shows as state failed_over",
        "retention_policy": "a setting; a snapshot that it has removed keeps its recovery point",
        "suspend_reason": "free text; logged and shown on the status page, its code is counted in the health",
        "target_exposure": "how hosts see the target, not how well it is protected; its words changed between versions",
    }
    "kaminario" "replication round" {
        "bytes_transmitted_physical": "what compression made of the logical bytes",
        "generation_number": "joins a round and its snapshot",
        "target_rpo": "the session's rpo at that time",
    }
    "veeam" "ReplicaTaskSession" {
        "UID": "the id of a run of one VM; it tells rows apart that are read twice",
        "Name": "the VM and a time; VmDisplayName is the VM alone",
        "JobSessionUid": "joins the task to its job",
        "Reason": "free text with names in it; logged and shown on the status page, counted as the last job's result",
        "Links": "the backup server is a label; the point that the task made joins the two; the rest is addresses",
    }
    "veeam" "ReplicaJobSession" {
        "UID": "the id of a run; joins tasks to their job",
        "Name": "the job and a time; JobName is the job alone",
        "JobType": "Replica in every session that is read",
        "Result": "the worst of its VMs; each VM has its own, from its task",
        "FailureMessage": "free text; each VM's task has its own",
        "IsRetry": "a retry is a run of the VMs that failed; their tasks tell what became of them",
        "CreationTimeUTC": "each VM's task has its own",
        "State": "each VM's task has its own; says only whether the progress is of the present",
    }
    "veeam" "VmReplicaPoint" {
        "UID": "the id of a point; the task that made it names it",
        "Name": "the VM and a time; VmDisplayName is the VM alone",
        "VmName": "the VM by its other name; joins points to tasks",
        "Algorithm": "how the point is stored, not how well it protects",
        "PointType": "Snapshot in every replica",
        "Links": "the backup server and the job's name join points to tasks; the others are actions and addresses",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn every_family_has_a_source() {
        for family in FAMILIES {
            let sources = [family.qumulo, family.kaminario, family.veeam];
            assert!(sources.iter().any(|source| !source.is_empty()), "{}", family.name);
        }
    }

    /// What becomes a label, or part of one, of a relationship or the array.
    const LABELS: &[&str] = &[
        "id",
        "source_cluster_name",
        "source_root_path",
        "target_cluster_name",
        "target_root_path",
        "replication_mode",
    ];

    #[test]
    fn every_field_of_the_documented_status_is_a_metric_or_left_out_with_a_reason() {
        let schema = include_str!("../../tests/payloads/qumulo/schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).expect("JSON");
        let mut checked = 0;
        for path in [
            "/v2/replication/source-relationships/status/",
            "/v2/replication/target-relationships/status/",
            "/v1/cluster/protection/restriper/status",
            "/v1/cluster/restriper/status",
            "/v1/cluster/protection/status",
        ] {
            let answer = &schema[format!("GET {path}")];
            let object = if answer["type"] == "array" {
                &answer["items"]
            } else {
                answer
            };
            for field in object["properties"].as_object().expect("properties").keys() {
                let is_source = FAMILIES.iter().any(|family| family.qumulo.contains(field.as_str()));
                let is_left_out = LEFT_OUT
                    .iter()
                    .any(|left| left.vendor == "qumulo" && left.field == field);
                assert!(
                    is_source || is_left_out || LABELS.contains(&field.as_str()),
                    "{path}: {field}"
                );
                checked += 1;
            }
        }
        assert!(checked > 60, "{checked}");
    }
}
