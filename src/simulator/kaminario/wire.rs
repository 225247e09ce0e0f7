//! The JSON of the API, as the array words it: references to objects of its own, epoch seconds, null where there is nothing.
//! Reads the world, changes nothing. Called by `routes.rs` and `operations.rs`.

use super::{
    session::{COMMON, Quirk, Round, Session, State},
    world::World,
};
use crate::{
    model::Timestamp,
    simulator::{accounts::Role, device::Answer, fault::FaultKind, refusal::Refusal},
};
use hyper::{StatusCode, header::WWW_AUTHENTICATE};
use serde_json::{Value, json};

/// The id of the only peer of each array.
pub(crate) const PEER: u64 = 1;

/// `system/state`.
pub(crate) fn state(world: &World, array: usize, role: Role) -> Value {
    let it = &world.arrays[array];
    json!({
        "current_user_role": if role == Role::Admin { "admin" } else { "readonly" },
        "id": 1,
        "is_system_functionality_degraded": false,
        "iscsi_qualified_target_name": format!("iqn.2009-01.com.kaminario:storage.k2.{}", 54_645 + array),
        "last_online_time": world.shown_by(array, world.site.start) - 86_400.0,
        "next_state": "None",
        "replication_default_target_exposure": "unmapped",
        "replication_min_protocol_version": 1,
        "replication_protocol_version": 2,
        "rest_api_version": "2.2.0",
        "sra_protocol_version": "1.2",
        "state": "ONLINE",
        "system_connectivity_type": "FC",
        "system_id": it.system_id,
        "system_name": world.site.names[array],
        "system_time": world.shown_by(array, world.site.now),
        "system_tz": "Europe/Amsterdam",
        "system_tz_short": "CET",
        "system_version": "7.4.22.15",
    })
}

pub(crate) fn sessions(world: &World, array: usize) -> Vec<Value> {
    world.listed(array).map(|it| session(world, array, it)).collect()
}

/// One session as one of its arrays tells it.
pub(crate) fn session(world: &World, array: usize, it: &Session) -> Value {
    let peer = 1 - array;
    let is_source = it.source == array;
    let progress = it.progress();
    let latest = it.finished.back();
    let current = it.running.as_ref().map(|round| snapshot_id(array, it, round));
    let percent = match progress {
        Some((percent, _)) => percent.floor(),
        // What is left over between rounds differs by side; no document says why.
        None => {
            if is_source && latest.is_some() {
                100.0
            } else {
                0.0
            }
        }
    };
    let whole = |value: f64| {
        if it.quirk == Quirk::LooseTypes {
            json!(value)
        } else {
            json!(integer(value))
        }
    };
    let mut session = json!({
        "common_snapshots_count": whole(it.finished.len().min(COMMON) as f64),
        "current_role": if is_source { "source" } else { "target" },
        // Documented as a string; its siblings are references.
        "current_snapshot": current.map(|id| if is_source { reference("/snapshots", id) } else { json!(format!("snapshot {id}")) }),
        "current_snapshot_progress": whole(percent),
        "estimated_remaining_time": progress.map(|(_, left)| whole(left.ceil())),
        "external_retention_policy": reference("/retention_policies", 6),
        "id": it.ids[array],
        "latest_replicated_snapshot": latest.map(|round| reference("/snapshots", snapshot_id(array, it, round))),
        "local_volume_group": reference("/volume_groups", it.volume_groups[array].id),
        "name": it.names[array],
        "next_snapshot": null,
        "primary": it.primary == array,
        "remote_replication_session_id": it.ids[peer],
        "remote_replication_session_name": it.names[peer],
        "replication_peer_k2array": reference("/replication/peer_k2arrays", PEER),
        "replication_peer_volume_group": reference("/replication/peer_volume_groups", it.ids[array]),
        "replication_rpo_history": reference("/replication/rpo_history", it.ids[array]),
        "restored_snapshot": null,
        "retention_policy": reference("/retention_policies", 5),
        "rpo": whole(it.rpo),
        "state": it.states[array].word(),
        "stopped": it.states[array] == State::Idle,
        "suspend_reason": it.suspends[array].text(),
        "suspend_reason_code": it.suspends[array].code(),
        "target_exposure": it.exposure,
    });
    if it.restored && !is_source {
        session["restored_snapshot"] = session["latest_replicated_snapshot"].clone();
    }
    if it.quirk == Quirk::LooseTypes {
        session["stopped"] = Value::Null;
        session["retention_policy"] = Value::Null;
    }
    if array == 1 {
        // Only newer arrays have these.
        session["generation_number"] = json!(it.generation);
        session["current_snapshot_id"] = json!(current);
    }
    if !world
        .sessions
        .iter()
        .any(|each| each.number == it.number && !each.removed[peer])
    {
        session["remote_replication_session_id"] = Value::Null;
    }
    session
}

/// The rounds of all sessions, newest first; a running one has no end.
pub(crate) fn rounds(world: &World, array: usize) -> Vec<Value> {
    let mut rows: Vec<(Timestamp, Value)> = Vec::new();
    for it in world.listed(array) {
        for (round, has_ended) in it
            .finished
            .iter()
            .map(|round| (round, true))
            .chain(it.running.iter().map(|round| (round, false)))
        {
            let is_source = round.source == array;
            let sent = |bytes: u64| if has_ended { bytes } else { 0 };
            rows.push((
                round.start,
                json!({
                    "bytes_transmitted_logical": sent(round.logical),
                    "bytes_transmitted_physical": sent(round.physical),
                    "generation_number": round.generation,
                    "role": if is_source { "source" } else { "target" },
                    "round_end": if has_ended { integer(world.shown_by(array, round.end)) } else { 0 },
                    "round_start": integer(world.shown_by(array, round.start)),
                    "session": reference("/replication/sessions", it.ids[array]),
                    "target_rpo": integer(it.rpo),
                }),
            ));
        }
    }
    rows.sort_by_key(|(start, _)| std::cmp::Reverse(*start));
    rows.into_iter().map(|(_, row)| row).collect()
}

/// What retention has left of the replicated snapshots, and on the source the one in transfer.
pub(crate) fn snapshots(world: &World, array: usize) -> Vec<Value> {
    let mut snapshots = Vec::new();
    for it in world.listed(array) {
        let kept = it.finished.iter().rev().take(COMMON).map(|round| (round, true));
        let gone = usize::from(it.quirk == Quirk::SnapshotGone);
        let running = it
            .running
            .iter()
            .filter(|round| round.source == array)
            .map(|round| (round, false));
        for (round, has_arrived) in kept.skip(gone).chain(running) {
            snapshots.push(snapshot(world, array, it, round, has_arrived));
        }
    }
    snapshots
}

fn snapshot(world: &World, array: usize, it: &Session, round: &Round, has_arrived: bool) -> Value {
    let is_source = round.source == array;
    let id = snapshot_id(array, it, round);
    let group = &it.volume_groups[array];
    let short_name = format!("REP_{}", round.generation);
    // On the target an object is made when its data has arrived; whose moment the data is, is another field.
    let created = if is_source { round.start } else { round.end };
    let data_time = (!is_source && it.quirk != Quirk::NoDataTime).then(|| world.shown_by(array, round.start));
    json!({
        "creation_time": world.shown_by(array, created),
        "data_creation_time": data_time,
        "description": null,
        "generation_number": round.generation,
        "id": id,
        "is_application_consistent": null,
        "is_auto_deleteable": true,
        "is_deleted": false,
        "is_exist_on_peer": has_arrived,
        "is_exposable": false,
        "is_external": null,
        "is_originating_from_peer": if is_source { Value::Null } else { json!(true) },
        "iscsi_tgt_converted_name": format!("{}:{short_name}", group.name),
        "last_exposed_time": null,
        "name": format!("{}:{short_name}", group.name),
        "replication_session": reference("/replication/sessions", it.ids[array]),
        "retention_policy": reference("/retention_policies", 5),
        "short_name": short_name,
        "source": reference("/volume_groups", group.id),
        "triggered_by": "Replication_API",
        "volsnaps_provisioned_capacity": 1.717_986_918_4e10,
        "volume_group": reference("/volume_groups", group.id),
        "wwn": null,
    })
}

pub(crate) fn volume_groups(world: &World, array: usize) -> Vec<Value> {
    let mut groups: Vec<Value> = world
        .listed(array)
        .map(|it| {
            let mut group = volume_group(it.volume_groups[array].id, &it.volume_groups[array].name);
            group["replication_session"] = reference("/replication/sessions", it.ids[array]);
            group["replication_peer_volume_group"] = reference("/replication/peer_volume_groups", it.ids[array]);
            group["replication_rpo_history"] = reference("/replication/rpo_history", it.ids[array]);
            group["snapshots_count"] = json!(it.finished.len().min(COMMON));
            group["last_snapshot_creation_time"] = json!(
                it.finished
                    .back()
                    .map(|round| integer(world.shown_by(array, round.start)))
            );
            group
        })
        .collect();
    groups.extend(
        world.arrays[array]
            .unprotected
            .iter()
            .map(|it| volume_group(it.id, &it.name)),
    );
    groups
}

fn volume_group(id: u64, name: &str) -> Value {
    json!({
        "capacity_policy": null,
        "capacity_state": "ok",
        "creation_time": 1_470_296_567.234_391,
        "description": null,
        "id": id,
        "is_dedup": false,
        "is_default": false,
        "iscsi_tgt_converted_name": name.replace('_', "."),
        "last_restored_from": null,
        "last_restored_time": null,
        "last_snapshot_creation_time": null,
        "logical_capacity": 0.0,
        "mapped_hosts_count": 1,
        "name": name,
        "quota": null,
        "replication_peer_volume_group": null,
        "replication_rpo_history": null,
        "replication_session": null,
        "snapshots_count": 0,
        "snapshots_logical_capacity": 0,
        "snapshots_overhead_state": "ok",
        "views_count": 0,
        "volumes_count": 8,
        "volumes_logical_capacity": 0,
        "volumes_provisioned_capacity": 21_474_836_480_u64,
    })
}

pub(crate) fn peer_arrays(world: &World, array: usize) -> Vec<Value> {
    let peer = &world.arrays[1 - array];
    let is_down = world.site.since(1 - array, &FaultKind::Down, world.site.now).is_some();
    vec![json!({
        "bandwidth_limit": 40_000,
        "capacity_allocated": 0,
        "capacity_allocated_snapshots_and_views": 0,
        "capacity_allocated_volumes": 0,
        "capacity_free": 3_233_943_552_u64,
        "capacity_physical": 0,
        "capacity_provisioned": 94_371_840,
        "capacity_provisioned_snapshots": 10_485_760,
        "capacity_provisioned_views": 0,
        "capacity_provisioned_volumes": 83_886_080,
        "capacity_reserved": 0,
        "capacity_total": 3_233_943_552_u64,
        "id": PEER,
        // Only `ok` is documented.
        "mgmt_connectivity_state": if is_down { "disconnected" } else { "ok" },
        "mgmt_host": format!("172.16.50.{}", 2 + array),
        "name": world.site.names[1 - array],
        "system_id": peer.system_id,
        "username": "replication",
    })]
}

pub(crate) fn peer_volume_groups(world: &World, array: usize) -> Vec<Value> {
    let peer = 1 - array;
    let group = |it: &Session| {
        json!({
            "capacity_state": "ok",
            "fullname": format!("{}_{}", world.arrays[peer].system_id, it.volume_groups[peer].name),
            "id": it.ids[array],
            "local_volume_group": reference("/volume_groups", it.volume_groups[array].id),
            "logical_capacity": 98_893_080,
            "name": it.volume_groups[peer].name,
            "remote_volume_group_id": it.volume_groups[peer].id,
            "replication_peer_k2array": reference("/replication/peer_k2arrays", PEER),
            "replication_session": reference("/replication/sessions", it.ids[array]),
            "replication_session_id": it.ids[array],
            "snapshots_logical_capacity": 30_012_444,
            "volumes_logical_capacity": 68_880_636,
        })
    };
    world.listed(array).map(group).collect()
}

pub(crate) fn retention_policies() -> Vec<Value> {
    let policy = |id: u64, name: &str, snapshots: usize, days: u64| {
        json!({
            "days": days, "hours": 0, "id": id, "name": name, "num_snapshots": snapshots,
            "snapshots_usage_count": 179, "weeks": 0,
        })
    };
    vec![
        policy(5, "Replication_Retention", COMMON, 0),
        policy(6, "Best_Effort_Retention", 0, 1),
    ]
}

/// Bytes per second over the last 5 seconds.
pub(crate) fn throughput(world: &World, array: usize) -> Vec<Value> {
    let (mut incoming, mut outgoing) = (0.0, 0.0);
    for round in world.listed(array).filter_map(|it| it.running.as_ref()) {
        let rate = round.logical as f64 / round.end.seconds_since(round.start).max(1.0);
        *(if round.source == array {
            &mut outgoing
        } else {
            &mut incoming
        }) += rate;
    }
    vec![json!({
        "logical_in": integer(incoming),
        "logical_out": integer(outgoing),
        "physical_in": integer(incoming / 3.0),
        "physical_out": integer(outgoing / 3.0),
        "resolution": 5,
        "timestamp": integer(world.shown_by(array, world.site.now)),
    })]
}

/// `{"error_msg": "..."}`, as the vendor's own clients read it.
pub(crate) fn refused(refusal: &Refusal) -> Answer {
    if *refusal == Refusal::TooMany {
        return Answer::empty(refusal.status());
    }
    let answer = Answer::json(refusal.status(), &json!({ "error_msg": refusal.to_string() }));
    if refusal.status() == StatusCode::UNAUTHORIZED {
        // Clients that wait for a challenge before they send a password find this one.
        return answer.with_header(WWW_AUTHENTICATE, "Basic realm=\"K2\"");
    }
    answer
}

/// Local to the array, like every id.
fn snapshot_id(array: usize, it: &Session, round: &Round) -> u64 {
    (it.ids[array] * 100_000 + round.generation) * 2 + array as u64
}

fn reference(parent: &str, id: u64) -> Value {
    json!({ "ref": format!("{parent}/{id}") })
}

#[expect(clippy::cast_possible_truncation, reason = "seconds and bytes, far below 2^63")]
fn integer(value: f64) -> i64 {
    value.floor() as i64
}
