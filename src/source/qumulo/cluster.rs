//! The cluster itself: who it is, what its restriper does, how much may still fail. Pure functions from the wire to the
//! model; `mod.rs` calls them. Replication is `convert.rs`'s.

use super::wire::{ClusterSettings, NodeState, ProtectionStatus, RestriperStatus, Version};
use crate::{
    model::{Protection, Ratio, Restriper, RestriperPhase, RestriperState, SectionReport, SystemReport, UnknownValues},
    source::lenient::{Lenient, not_negative},
};

/// Who the cluster is. The name is neither unique nor lasting: the id is.
pub(super) fn system(
    node: NodeState,
    settings: ClusterSettings,
    version: Version,
    clock_skew_seconds: Option<f64>,
) -> SectionReport {
    let mut unknown = UnknownValues::default();
    let system = SystemReport {
        id: node.cluster_id.fact("cluster_id", &mut unknown),
        name: settings.cluster_name.fact("cluster_name", &mut unknown),
        version: version
            .revision_id
            .and_then(|revision| revision.split_whitespace().last().map(str::to_owned))
            .fact("revision_id", &mut unknown),
        clock_skew_seconds,
    };
    SectionReport {
        system: Some(system),
        unknown_values: unknown,
        ..SectionReport::default()
    }
}

/// What the restriper does, from the new or the old answer. Neither a state nor data at risk: it is another document.
pub(super) fn restriper(status: RestriperStatus) -> Result<SectionReport, String> {
    if status.state.is_absent() && status.status.is_absent() {
        return Err("the answer holds neither state nor status of a restriper".to_owned());
    }
    let mut unknown = UnknownValues::default();
    let blocked_reason = status.blocked_reason.fact("blocked_reason", &mut unknown);
    let blocked_reason = match blocked_reason {
        crate::model::Field::Is(text) => Some(text),
        crate::model::Field::Never => Some(String::new()),
        crate::model::Field::Silent => None,
    };
    let state = restriper_state(status.state, status.status, blocked_reason.as_deref(), &mut unknown);
    let running = state == RestriperState::Running;
    let restriper = Restriper {
        state,
        phase: phase(status.phase, &mut unknown),
        data_at_risk: status.data_at_risk.reading("data_at_risk", &mut unknown),
        // Both are 0 while nothing runs, which is no progress of anything.
        progress: status
            .percent_complete
            .and_then(Ratio::from_percent)
            .reading("percent_complete", &mut unknown)
            .filter(|_| running),
        elapsed_seconds: status
            .elapsed_seconds
            .and_then(not_negative)
            .reading("elapsed_seconds", &mut unknown)
            .filter(|_| running),
        coordinator_node: status.coordinator_node.reading("coordinator_node", &mut unknown),
        blocked_reason: blocked_reason.unwrap_or_default(),
    };
    Ok(SectionReport {
        restriper: Some(restriper),
        unknown_values: unknown,
        ..SectionReport::default()
    })
}

/// The new API has no blocked state: it is `FINISHED` with a reason. The old one has, and calls idle `NOT_RUNNING`.
fn restriper_state(
    new: Lenient<String>,
    old: Lenient<String>,
    blocked_reason: Option<&str>,
    unknown: &mut UnknownValues,
) -> RestriperState {
    let word = if new.is_absent() { old } else { new };
    let Some(word) = word.reading("restriper_state", unknown) else {
        return RestriperState::Unknown;
    };
    match (word.as_str(), blocked_reason) {
        ("RUNNING", _) => RestriperState::Running,
        ("NOT_STARTED" | "NOT_RUNNING", _) => RestriperState::NotStarted,
        ("FINISHED", Some("")) => RestriperState::Finished,
        ("FINISHED", Some(_)) | ("BLOCKED", _) => RestriperState::Blocked,
        // Whether it is blocked cannot be told, which is counted already.
        ("FINISHED", None) => RestriperState::Unknown,
        _ => {
            unknown.count("restriper_state");
            RestriperState::Unknown
        }
    }
}

fn phase(word: Lenient<String>, unknown: &mut UnknownValues) -> RestriperPhase {
    let word = match word {
        // Its own documentation says "empty otherwise".
        Lenient::Empty => return RestriperPhase::None,
        word => word.reading("phase", unknown),
    };
    match word.as_deref() {
        Some("PLANNING") => RestriperPhase::Planning,
        Some("REPROTECT") => RestriperPhase::Reprotect,
        Some("REBALANCE") => RestriperPhase::Rebalance,
        Some("PARTITIONED_REBALANCE") => RestriperPhase::PartitionedRebalance,
        Some("TRANSCODE") => RestriperPhase::Transcode,
        Some(_) => {
            unknown.count("phase");
            RestriperPhase::Unknown
        }
        None => RestriperPhase::Unknown,
    }
}

/// Fault tolerance, as given: an object-backed cluster says at most 0 and remaining 1 (recorded from Core 7.8.0).
pub(super) fn protection(status: ProtectionStatus) -> Result<SectionReport, String> {
    let mut unknown = UnknownValues::default();
    let protection = Protection {
        remaining_node_failures: status
            .remaining_node_failures
            .reading("remaining_node_failures", &mut unknown),
        remaining_drive_failures: status
            .remaining_drive_failures
            .reading("remaining_drive_failures", &mut unknown),
        max_node_failures: status.max_node_failures.reading("max_node_failures", &mut unknown),
        max_drive_failures: status.max_drive_failures.reading("max_drive_failures", &mut unknown),
    };
    if protection == Protection::default() {
        return Err("the answer holds no fault tolerance".to_owned());
    }
    Ok(SectionReport {
        protection: Some(protection),
        unknown_values: unknown,
        ..SectionReport::default()
    })
}

#[cfg(test)]
#[path = "cluster_tests.rs"]
mod tests;
