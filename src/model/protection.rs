//! How well a cluster's data is protected, and the work that restores protection.

use super::{
    Ratio, Span,
    shown::{MESSAGE, shown},
    words,
};
use serde::Serialize;

/// Fault tolerance of a cluster: what may still fail now, and what could fail when all is well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct Protection {
    pub remaining_node_failures: Option<u64>,
    pub remaining_drive_failures: Option<u64>,
    pub max_node_failures: Option<u64>,
    pub max_drive_failures: Option<u64>,
}

/// The restriper: the background work that re-protects, rebalances and re-encodes data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Restriper {
    /// What it does.
    pub state: RestriperState,
    /// Which phase it is in.
    pub phase: RestriperPhase,
    /// Whether any data is not fully protected; `None` if the answer did not say.
    pub data_at_risk: Option<bool>,
    /// Progress of the present phase; only while running.
    #[serde(rename = "progress_ratio")]
    pub progress: Option<Ratio>,
    /// Seconds since the present phase began; only while running.
    pub elapsed_seconds: Option<f64>,
    /// The node that coordinates the work.
    pub coordinator_node: Option<u64>,
    /// Why required work was not done; free text for people, empty if it was.
    pub blocked_reason: String,
}

impl Protection {
    /// What may still fail, for people: `1 of 2 nodes, 2 of 3 drives`.
    #[must_use]
    pub fn may_still_fail(&self) -> Option<String> {
        let part = |remaining: Option<u64>, max: Option<u64>, what: &str| match (remaining?, max) {
            (remaining, Some(max)) => Some(format!("{remaining} of {max} {what}")),
            (remaining, None) => Some(format!("{remaining} {what}")),
        };
        let parts = [
            part(self.remaining_node_failures, self.max_node_failures, "nodes"),
            part(self.remaining_drive_failures, self.max_drive_failures, "drives"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

impl Restriper {
    /// What it does, for people: `running, reprotect, 12 %, for 1 m`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let mut text = self.state.word().replace('_', " ");
        if self.phase != RestriperPhase::None {
            text = format!("{text}, {}", self.phase.word().replace('_', " "));
        }
        if let Some(progress) = self.progress {
            text = format!("{text}, {:.0} %", (progress.get() * 100.0).floor());
        }
        if let Some(elapsed) = self.elapsed_seconds {
            text = format!("{text}, for {}", Span::from_seconds(elapsed));
        }
        if !self.blocked_reason.is_empty() {
            text = format!("{text}: {}", shown(&self.blocked_reason, MESSAGE));
        }
        text
    }
}

words! {
    /// What the restriper does.
    RestriperState {
        /// There was nothing to do yet.
        NotStarted = "not_started",
        /// It works.
        Running = "running",
        /// It completed all required work.
        Finished = "finished",
        /// It stopped with required work undone.
        Blocked = "blocked",
        /// A word that the exporter does not know.
        Unknown = "unknown",
    }
}

words! {
    /// The phase of a running restriper.
    RestriperPhase {
        /// Not running.
        None = "none",
        /// Working out what to do.
        Planning = "planning",
        /// Restoring full protection: the urgent one.
        Reprotect = "reprotect",
        /// Evening out space.
        Rebalance = "rebalance",
        /// Evening out space, in partitions.
        PartitionedRebalance = "partitioned_rebalance",
        /// Re-encoding for another protection level.
        Transcode = "transcode",
        /// A word that the exporter does not know.
        Unknown = "unknown",
    }
}
