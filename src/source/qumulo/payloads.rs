//! The recorded shapes that this folder's tests read, and what every converter must survive. Tests only.

use crate::model::{SectionReport, Timestamp};

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

/// The payload with `from` replaced by `to`, which must occur.
pub(super) fn edited(payload: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(payload).expect("UTF-8");
    assert!(text.contains(from), "{from}");
    text.replace(from, to).into_bytes()
}

/// Counts of unknown values, by field.
pub(super) fn counted(report: &SectionReport) -> Vec<(&'static str, u64)> {
    report.unknown_values.iter().collect()
}

/// Reads every prefix of `payload`, and the payload with each byte changed. None may panic; no prefix may be taken for an
/// answer; what is counted must be in the list of fields that start at 0.
pub(super) fn survives_damage(payload: &[u8], read: impl Fn(&[u8]) -> Result<SectionReport, String>) {
    let end = payload.trim_ascii_end().len();
    for cut in 0..end {
        assert!(read(&payload[..cut]).is_err(), "a prefix of {cut} bytes is no answer");
    }
    let mut damaged = payload.to_vec();
    for position in 0..end {
        for byte in *b"\"-}\xff" {
            damaged[position] = byte;
            if let Ok(report) = read(&damaged) {
                for (field, _) in report.unknown_values.iter() {
                    assert!(super::COUNTED_FIELDS.contains(&field), "{field}");
                }
            }
        }
        damaged[position] = payload[position];
    }
}
