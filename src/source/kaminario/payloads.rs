//! The payloads that this folder's tests read, made in the shapes of the vendor's documentation, and what every converter
//! must survive. Tests only.

use super::{convert, names::Names, wire::List};
use crate::{
    model::{SectionReport, Timestamp},
    source::{damage, lenient::parse},
};

pub(super) use crate::source::damage::edited;

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
    names.set_volume_groups(&read(VOLUME_GROUPS));
    names.set_peer_volume_groups(&read(PEER_VOLUME_GROUPS));
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

/// No damage to `payload` makes it panic or lie.
pub(super) fn survives_damage(payload: &[u8], read: impl Fn(&[u8]) -> Result<SectionReport, String>) {
    damage::survives(payload, b"\"-}\xff", super::VENDOR.counted_fields, |damaged| {
        read(damaged).map(|report| report.unknown_values)
    });
}
