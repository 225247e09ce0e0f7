//! A replication job: the running one with its progress, and the outcome of the last one.

use super::{Field, Ratio, Timestamp, words};
use serde::Serialize;

/// A running job. Fields are `None` where the array did not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names say it all, units included")]
pub struct Job {
    pub start: Option<Timestamp>,
    #[serde(rename = "progress_ratio")]
    pub progress: Option<Ratio>,
    /// The array's own estimate of the time left.
    pub remaining_seconds: Option<f64>,
    pub bytes: Amounts,
    pub files: Amounts,
    /// Since the job's start.
    pub throughput_bytes_per_second: Option<f64>,
    /// Over the last minute.
    pub recent_throughput_bytes_per_second: Option<f64>,
}

/// Counts of bytes or files in a running job. They restart with each job, and `total` is an estimate that moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct Amounts {
    pub transferred: Option<u64>,
    pub unchanged: Option<u64>,
    pub remaining: Option<u64>,
    pub deleted: Option<u64>,
    pub total: Option<u64>,
}

/// What an answer says about the last finished job: facts, so each field is a [`Field`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the names say it all, units included")]
pub struct LastJob {
    pub result: Field<JobResult>,
    pub duration_seconds: Field<f64>,
    pub end: Field<Timestamp>,
    pub transferred_bytes: Field<u64>,
    pub protected_bytes: Field<u64>,
}

words! {
    /// How the last finished job ended.
    JobResult {
        /// No job has finished yet.
        None = "none",
        /// It did what it should.
        Success = "success",
        /// It did, with remarks.
        Warning = "warning",
        /// It did not.
        Failed = "failed",
        /// A word that the exporter does not know.
        Unknown = "unknown",
    }
}
