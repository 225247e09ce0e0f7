//! What each metric family comes from here, and which fields are no metric at all, with the reason. Data only: the
//! vendor's descriptor holds it, `METRICS.md` is made from it, and the conformance test compares it with the page.

use crate::config::vendor::LeftOut;

/// A family's name, and the field that it comes from. A family that is not here is not there.
pub(super) const SOURCES: &[(&str, &str)] = &[
    ("storage_array_clock_skew_seconds", "`Date` header"),
    (
        "storage_array_data_timestamp_seconds",
        "end of the newest successful collection, else the newest `EndTimeUTC` of a session",
    ),
    (
        "storage_array_info",
        "host of the configured URL, highest `SupportedVersion` of the API; it has no lasting id",
    ),
    ("storage_login_failures_total", "POST /api/sessionMngr/"),
    ("storage_logins_total", "POST /api/sessionMngr/"),
    (
        "storage_replication_enabled",
        "`ScheduleEnabled` of the job, where the role may read it",
    ),
    (
        "storage_replication_has_recovery_point",
        "replica points and finished tasks",
    ),
    (
        "storage_replication_health",
        "last finished task `Result`, recovery point, the job's schedule",
    ),
    (
        "storage_replication_job_progress_ratio",
        "`Progress` of the job session / 100 while it runs",
    ),
    (
        "storage_replication_job_running",
        "a task with `State` InProgress; one that is Pending does not run",
    ),
    (
        "storage_replication_job_start_timestamp_seconds",
        "`CreationTimeUTC` of the running task",
    ),
    ("storage_replication_lag_seconds", "exporter's clock, recovery point"),
    (
        "storage_replication_last_job_duration_seconds",
        "`EndTimeUTC` minus `CreationTimeUTC` of the last finished task",
    ),
    (
        "storage_replication_last_job_end_timestamp_seconds",
        "`EndTimeUTC` of the last finished task",
    ),
    (
        "storage_replication_last_job_protected_bytes",
        "`TotalSize` of the last finished task",
    ),
    (
        "storage_replication_last_job_result",
        "`Result` of the last finished task",
    ),
    (
        "storage_replication_recovery_point_timestamp_seconds",
        "`CreationTimeUTC` of the newest replica point, else of the newest successful task",
    ),
    ("storage_replication_relationship_info", "job, VM, backup server"),
    (
        "storage_replication_relationships",
        "jobs and VMs with a replica point or a task within lookback",
    ),
    (
        "storage_replication_restore_points",
        "number of replica points of the job and VM",
    ),
    ("storage_replication_rpo_exempt", "the job's schedule"),
    ("storage_replication_rpo_seconds", "configuration"),
    (
        "storage_replication_state",
        "`State` of the newest task; `retired` where its job has run without the VM for over a day",
    ),
];

/// Every field of the documented status objects that is no metric and no label.
pub(super) const LEFT_OUT: &[LeftOut] = &[
    LeftOut {
        object: "ReplicaTaskSession",
        field: "UID",
        reason: "the id of a run of one VM; it tells rows apart that are read twice",
    },
    LeftOut {
        object: "ReplicaTaskSession",
        field: "Name",
        reason: "the VM and a time; VmDisplayName is the VM alone",
    },
    LeftOut {
        object: "ReplicaTaskSession",
        field: "JobSessionUid",
        reason: "joins the task to its job",
    },
    LeftOut {
        object: "ReplicaTaskSession",
        field: "Reason",
        reason: "free text with names in it; logged and shown on the status page, counted as the last job's result",
    },
    LeftOut {
        object: "ReplicaTaskSession",
        field: "Links",
        reason: "the backup server is a label; the point that the task made joins the two; the rest is addresses",
    },
    LeftOut {
        object: "ReplicaJobSession",
        field: "UID",
        reason: "the id of a run; joins tasks to their job",
    },
    LeftOut {
        object: "ReplicaJobSession",
        field: "Name",
        reason: "the job and a time; JobName is the job alone",
    },
    LeftOut {
        object: "ReplicaJobSession",
        field: "JobType",
        reason: "Replica in every session that is read",
    },
    LeftOut {
        object: "ReplicaJobSession",
        field: "Result",
        reason: "the worst of its VMs; each VM has its own, from its task",
    },
    LeftOut {
        object: "ReplicaJobSession",
        field: "FailureMessage",
        reason: "free text; each VM's task has its own",
    },
    LeftOut {
        object: "ReplicaJobSession",
        field: "IsRetry",
        reason: "a retry is a run of the VMs that failed; their tasks tell what became of them",
    },
    LeftOut {
        object: "ReplicaJobSession",
        field: "CreationTimeUTC",
        reason: "each VM's task has its own",
    },
    LeftOut {
        object: "ReplicaJobSession",
        field: "State",
        reason: "each VM's task has its own; says only whether the progress is of the present",
    },
    LeftOut {
        object: "VmReplicaPoint",
        field: "UID",
        reason: "the id of a point; the task that made it names it",
    },
    LeftOut {
        object: "VmReplicaPoint",
        field: "Name",
        reason: "the VM and a time; VmDisplayName is the VM alone",
    },
    LeftOut {
        object: "VmReplicaPoint",
        field: "VmName",
        reason: "the VM by its other name; joins points to tasks",
    },
    LeftOut {
        object: "VmReplicaPoint",
        field: "Algorithm",
        reason: "how the point is stored, not how well it protects",
    },
    LeftOut {
        object: "VmReplicaPoint",
        field: "PointType",
        reason: "Snapshot in every replica",
    },
    LeftOut {
        object: "VmReplicaPoint",
        field: "Links",
        reason: "the backup server and the job's name join points to tasks; the others are actions and addresses",
    },
    LeftOut {
        object: "link",
        field: "Href",
        reason: "where it leads; none is followed",
    },
    LeftOut {
        object: "link",
        field: "Rel",
        reason: "where it leads; none is followed",
    },
    LeftOut {
        object: "link",
        field: "Type",
        reason: "where it leads; none is followed",
    },
    LeftOut {
        object: "page of a query",
        field: "PageNum",
        reason: "the envelope of the rows",
    },
    LeftOut {
        object: "page of a query",
        field: "PageSize",
        reason: "the envelope of the rows",
    },
    LeftOut {
        object: "page of a query",
        field: "PagesCount",
        reason: "the envelope of the rows",
    },
    LeftOut {
        object: "error",
        field: "FirstChanceExceptionMessage",
        reason: "free text; logged and shown on the status page",
    },
    LeftOut {
        object: "error",
        field: "Message",
        reason: "free text; logged and shown on the status page",
    },
    LeftOut {
        object: "error",
        field: "StatusCode",
        reason: "free text; logged and shown on the status page",
    },
];
