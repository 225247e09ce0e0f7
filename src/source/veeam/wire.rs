//! What Enterprise Manager sends, as far as it is read: element names as in its schema, the same from 9.5 to 13.1. Unknown
//! elements and attributes are passed over; the order of elements and attributes does not matter. `convert.rs` makes sense
//! of it. The table of a task session names `CreationTime` and `EndTime`; those are the names of filters, the document says
//! `CreationTimeUTC` and `EndTimeUTC`.

use super::xml::Text;
use serde::Deserialize;

/// Every document that is read. Another root, such as a log-in page's, is another kind of document.
#[derive(Debug, Deserialize)]
pub(super) enum Document {
    EnterpriseManager(EnterpriseManager),
    QueryResult(QueryResult),
    SystemSessions(SystemSessions),
    ReplicaTaskSession(TaskSession),
}

/// `GET /api/`.
#[derive(Debug, Deserialize)]
pub(super) struct EnterpriseManager {
    #[serde(rename = "SupportedVersions")]
    pub(super) versions: Option<SupportedVersions>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SupportedVersions {
    #[serde(rename = "SupportedVersion", default)]
    pub(super) list: Vec<SupportedVersion>,
}

#[derive(Debug, Deserialize)]
pub(super) struct SupportedVersion {
    #[serde(rename = "@Name")]
    pub(super) name: Option<String>,
}

/// `GET /api/query?…`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueryResult {
    /// Missing, or without a list, where nothing was found.
    pub(super) entities: Option<Entities>,
    /// References instead of entities were not asked for.
    pub(super) refs: Option<Ignored>,
    #[serde(rename = "PagingInfo")]
    pub(super) paging: Option<PagingInfo>,
}

/// Something that is only there or not.
#[derive(Debug, Deserialize)]
pub(super) struct Ignored {}

#[derive(Debug, Deserialize)]
pub(super) struct Entities {
    #[serde(rename = "$value", default)]
    pub(super) lists: Vec<List>,
}

#[derive(Debug, Deserialize)]
pub(super) enum List {
    ReplicaTaskSessions(TaskSessions),
    ReplicaJobSessions(JobSessions),
    VmReplicaPoints(ReplicaPoints),
    Jobs(Jobs),
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub(super) struct TaskSessions {
    #[serde(rename = "ReplicaTaskSession", default)]
    pub(super) rows: Vec<TaskSession>,
}

#[derive(Debug, Deserialize)]
pub(super) struct JobSessions {
    #[serde(rename = "ReplicaJobSession", default)]
    pub(super) rows: Vec<JobSession>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReplicaPoints {
    #[serde(rename = "VmReplicaPoint", default)]
    pub(super) rows: Vec<ReplicaPoint>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Jobs {
    #[serde(rename = "Job", default)]
    pub(super) rows: Vec<Job>,
}

/// There is no count of rows, and no Next link on the last page.
#[derive(Debug, Deserialize)]
pub(super) struct PagingInfo {
    #[serde(rename = "@PageNum")]
    pub(super) page: Option<String>,
    #[serde(rename = "@PagesCount")]
    pub(super) pages: Option<String>,
}

/// One VM in one run of a replication job.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TaskSession {
    #[serde(rename = "@UID")]
    pub(super) uid: Option<String>,
    /// `VM@time`.
    #[serde(rename = "@Name")]
    pub(super) name: Option<String>,
    /// In every sample, and in no table of fields.
    #[serde(rename = "@VmDisplayName")]
    pub(super) vm_display_name: Option<String>,
    pub(super) links: Option<Links>,
    pub(super) job_session_uid: Option<Text>,
    #[serde(rename = "CreationTimeUTC")]
    pub(super) creation_time: Option<Text>,
    /// Absent while it runs.
    #[serde(rename = "EndTimeUTC")]
    pub(super) end_time: Option<Text>,
    pub(super) state: Option<Text>,
    /// Means nothing before the state is Completed.
    pub(super) result: Option<Text>,
    pub(super) reason: Option<Text>,
    pub(super) total_size: Option<Text>,
}

/// One run of a job.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct JobSession {
    #[serde(rename = "@UID")]
    pub(super) uid: Option<String>,
    pub(super) links: Option<Links>,
    pub(super) job_uid: Option<Text>,
    pub(super) job_name: Option<Text>,
    #[serde(rename = "CreationTimeUTC")]
    pub(super) creation_time: Option<Text>,
    #[serde(rename = "EndTimeUTC")]
    pub(super) end_time: Option<Text>,
    pub(super) state: Option<Text>,
    /// 0 to 100; 0 also in sessions that ended.
    pub(super) progress: Option<Text>,
}

/// A restore point of a replica.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReplicaPoint {
    #[serde(rename = "@UID")]
    pub(super) uid: Option<String>,
    #[serde(rename = "@Name")]
    pub(super) name: Option<String>,
    #[serde(rename = "@VmDisplayName")]
    pub(super) vm_display_name: Option<String>,
    pub(super) links: Option<Links>,
    #[serde(rename = "CreationTimeUTC")]
    pub(super) creation_time: Option<Text>,
    /// Absent in old samples.
    pub(super) vm_name: Option<Text>,
}

/// A job; for Portal Administrators alone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Job {
    #[serde(rename = "@UID")]
    pub(super) uid: Option<String>,
    pub(super) schedule_configured: Option<Text>,
    pub(super) schedule_enabled: Option<Text>,
}

/// `GET /api/systemSessions?format=Entity`; for Portal Administrators alone.
#[derive(Debug, Deserialize)]
pub(super) struct SystemSessions {
    #[serde(rename = "SystemSession", default)]
    pub(super) rows: Vec<SystemSession>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SystemSession {
    pub(super) session_type: Option<Text>,
    #[serde(rename = "EndTimeUTC")]
    pub(super) end_time: Option<Text>,
    pub(super) state: Option<Text>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Links {
    #[serde(rename = "Link", default)]
    pub(super) list: Vec<Link>,
}

/// Some links are actions (`Rel="Failover"`), and hosts are Enterprise Manager's own idea: none is ever followed.
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(rename = "@Rel")]
    pub(super) rel: Option<String>,
    #[serde(rename = "@Type")]
    pub(super) kind: Option<String>,
    #[serde(rename = "@Href")]
    pub(super) href: Option<String>,
    #[serde(rename = "@Name")]
    pub(super) name: Option<String>,
}
