//! The payloads that this folder's tests read, made in the shapes of the vendor's documentation, and what every converter
//! must survive. Tests only.

use super::{convert, names::Names, wire::List};
use crate::{
    model::{SectionReport, Timestamp},
    source::lenient::parse,
};

macro_rules! payload {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/payloads/kaminario/7.4/", $name, ".json"))
    };
}

pub(super) const STATE: &[u8] = payload!("system_state");
pub(super) const SESSIONS: &[u8] = payload!("sessions");
pub(super) const SNAPSHOTS: &[u8] = payload!("snapshots");
pub(super) const ROUNDS: &[u8] = payload!("rpo_history");
pub(super) const PEER_ARRAYS: &[u8] = payload!("peer_k2arrays");
pub(super) const VOLUME_GROUPS: &[u8] = payload!("volume_groups");
pub(super) const PEER_VOLUME_GROUPS: &[u8] = payload!("peer_volume_groups");

pub(super) fn at(seconds: f64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).expect("a time")
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

/// The names that the payloads give.
pub(super) fn names() -> Names {
    let mut names = Names::default();
    "k2-osl".clone_into(&mut names.own_name);
    "d701".clone_into(&mut names.own_system_id);
    let read = |payload| parse::<List<_>>(payload).expect("a list").hits;
    names.set_peers(read(PEER_ARRAYS));
    names.set_volume_groups(read(VOLUME_GROUPS));
    names.set_peer_volume_groups(read(PEER_VOLUME_GROUPS));
    names
}

/// Reads a page of sessions.
pub(super) fn read(payload: &[u8]) -> Result<(SectionReport, Vec<convert::Listed>), String> {
    let list: List<_> = parse(payload)?;
    convert::sessions(list.hits, &names())
}

/// The first `count` objects of a list, on one line: damage is tried at each byte.
pub(super) fn first(payload: &[u8], count: usize) -> Vec<u8> {
    let mut list: serde_json::Value = serde_json::from_slice(payload).expect("JSON");
    list["hits"].as_array_mut().expect("hits").truncate(count);
    list.to_string().into_bytes()
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
