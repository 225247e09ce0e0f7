//! The recorded shapes that this folder's tests read, and what every converter must survive. Tests only.

use crate::{
    model::{SectionReport, Timestamp},
    source::damage,
};

pub(super) use crate::source::damage::edited;

macro_rules! payload {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/payloads/qumulo/7.8.0/", $name, ".json"))
    };
}

pub(super) const NODE_STATE: &[u8] = payload!("node_state");
pub(super) const CLUSTER_SETTINGS: &[u8] = payload!("cluster_settings");
pub(super) const VERSION: &[u8] = payload!("version");
pub(super) const SOURCE: &[u8] = payload!("source_relationships_status");
pub(super) const TARGET: &[u8] = payload!("target_relationships_status");
pub(super) const OBJECT: &[u8] = payload!("object_relationships_status");
pub(super) const RESTRIPER: &[u8] = payload!("restriper_status");
pub(super) const OLD_RESTRIPER: &[u8] = payload!("restriper_status_old");
pub(super) const PROTECTION: &[u8] = payload!("protection_status");

/// The moment at which the payloads were made.
pub(super) fn now() -> Timestamp {
    at("2026-02-20T10:00:00Z")
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

/// Counts of unknown values, by field.
pub(super) fn counted(report: &SectionReport) -> Vec<(&'static str, u64)> {
    report.unknown_values.iter().collect()
}

/// No damage to `payload` makes it panic or lie.
pub(super) fn survives_damage(payload: &[u8], read: impl Fn(&[u8]) -> Result<SectionReport, String>) {
    damage::survives(payload, b"\"-}\xff", super::VENDOR.counted_fields, |damaged| {
        read(damaged).map(|report| report.unknown_values)
    });
}
