//! What each metric family comes from here, and which fields are no metric at all, with the reason. Data only: the
//! vendor's descriptor holds it, `METRICS.md` is made from it, and the conformance test compares it with the page.

use crate::config::vendor::{left_out, sources};

sources! {
    "storage_array_clock_skew_seconds" => "`Date` header",
    "storage_array_data_timestamp_seconds" => "end of the newest successful collection, else the newest `EndTimeUTC` of a session",
    "storage_array_info" => "host of the configured URL, highest `SupportedVersion` of the API; it has no lasting id",
    "storage_login_failures_total" => "POST /api/sessionMngr/",
    "storage_logins_total" => "POST /api/sessionMngr/",
    "storage_replication_enabled" => "`ScheduleEnabled` of the job, where the role may read it",
    "storage_replication_has_recovery_point" => "replica points and finished tasks",
    "storage_replication_health" => "last finished task `Result`, recovery point, the job's schedule",
    "storage_replication_job_progress_ratio" => "`Progress` of the job session / 100 while it runs",
    "storage_replication_job_running" => "a task with `State` InProgress; one that is Pending does not run",
    "storage_replication_job_start_timestamp_seconds" => "`CreationTimeUTC` of the running task",
    "storage_replication_lag_seconds" => "exporter's clock, recovery point",
    "storage_replication_last_job_duration_seconds" => "`EndTimeUTC` minus `CreationTimeUTC` of the last finished task",
    "storage_replication_last_job_end_timestamp_seconds" => "`EndTimeUTC` of the last finished task",
    "storage_replication_last_job_protected_bytes" => "`TotalSize` of the last finished task",
    "storage_replication_last_job_result" => "`Result` of the last finished task",
    "storage_replication_recovery_point_timestamp_seconds" => "`CreationTimeUTC` of the newest replica point, else of the newest successful task",
    "storage_replication_relationship_info" => "job, VM, backup server",
    "storage_replication_relationships" => "jobs and VMs with a replica point or a task within lookback",
    "storage_replication_restore_points" => "number of replica points of the job and VM",
    "storage_replication_rpo_exempt" => "the job's schedule",
    "storage_replication_rpo_seconds" => "configuration",
    "storage_replication_state" => "`State` of the newest task; `retired` where its job has run without the VM for over a day",
}

left_out! {
    "ReplicaTaskSession" {
        "Href", "Type" => "its own address and kind",
        "UID" => "the id of a run of one VM; it tells rows apart that are read twice",
        "Name" => "the VM and a time; VmDisplayName is the VM alone",
        "JobSessionUid" => "joins the task to its job",
        "Reason" => "free text with names in it; logged and shown on the status page, counted as the last job's result",
        "Links" => "the backup server is a label; the point that the task made joins the two; the rest is addresses",
    }
    "ReplicaJobSession" {
        "Href", "Type" => "its own address and kind",
        "UID" => "the id of a run; joins tasks to their job",
        "Name" => "the job and a time; JobName is the job alone",
        "JobType" => "Replica in every session that is read",
        "Result" => "the worst of its VMs; each VM has its own, from its task",
        "FailureMessage" => "free text; each VM's task has its own",
        "IsRetry" => "a retry is a run of the VMs that failed; their tasks tell what became of them",
        "CreationTimeUTC" => "each VM's task has its own",
        "State" => "each VM's task has its own; says only whether the progress is of the present",
    }
    "VmReplicaPoint" {
        "Href", "Type" => "its own address and kind",
        "UID" => "the id of a point; the task that made it names it",
        "Name" => "the VM and a time; VmDisplayName is the VM alone",
        "VmName" => "the VM by its other name; joins points to tasks",
        "Algorithm" => "how the point is stored, not how well it protects",
        "PointType" => "Snapshot in every replica",
        "Links" => "the backup server and the job's name join points to tasks; the others are actions and addresses",
    }
    "link" {
        "Href", "Rel", "Type" => "where it leads; none is followed",
    }
    "page of a query" {
        "PageNum", "PageSize", "PagesCount" => "the envelope of the rows",
    }
    "error" {
        "FirstChanceExceptionMessage", "Message", "StatusCode" => "free text; logged and shown on the status page",
    }
}
