//! The JSON of the API, as the cluster words it: counters as strings, percentages as numbers, "" where there is no time,
//! null where there is no object. Reads the world, changes nothing. Called by `routes.rs` and `operations.rs`.

use super::{
    access::{self, Identity},
    job::Job,
    plan::Blackout,
    protection::Restriper,
    relationship::{Relationship, Snapshot, State},
    world::World,
};
use crate::{
    model::Timestamp,
    simulator::{
        accounts::Role,
        device::Answer,
        refusal::Refusal,
        world::{Call, Site},
    },
};
use serde_json::{Value, json};

/// The port of replication between clusters.
const REPLICATION_PORT: u16 = 3712;
const NODES: u64 = 4;

/// The status of a relationship as its source tells it.
pub(crate) fn source_status(world: &World, it: &Relationship) -> Value {
    let mut status = common(world, it, it.source);
    let policy = it.job.as_ref();
    merge(&mut status, source_configuration(world, it));
    merge(
        &mut status,
        json!({
            "next_active_time": time(it.next_active().map(|at| world.site.shown_by(it.source, at))),
            "queued_snapshot_count": it.queue.len(),
            "replicating_snapshot": policy.map(|job| snapshot(world, it, &job.snapshot, it.source)),
        }),
    );
    if it.state == State::AwaitingAuthorization {
        // The source learns who its target is when the target answers.
        merge(
            &mut status,
            json!({ "target_cluster_name": "", "target_cluster_uuid": "" }),
        );
    }
    status
}

/// The status of a relationship as its target tells it.
pub(crate) fn target_status(world: &World, it: &Relationship) -> Value {
    let mut status = common(world, it, it.target());
    let known = !matches!(it.state, State::Ended | State::AwaitingAuthorization);
    merge(
        &mut status,
        json!({
            "source_address": known.then_some(&world.clusters[it.source].address),
            "source_port": known.then_some(REPLICATION_PORT),
            "target_root_id": it.root_ids[it.target()],
            "lock_key": it.lock_keys[it.target()],
        }),
    );
    status
}

/// The configuration of a relationship, which only its source has.
pub(crate) fn source_relationship(world: &World, it: &Relationship) -> Value {
    let mut relationship = source_configuration(world, it);
    merge(
        &mut relationship,
        json!({
            "id": it.id,
            "replication_enabled": it.enabled,
            "source_root_read_only": it.source_read_only,
        }),
    );
    relationship
}

fn source_configuration(world: &World, it: &Relationship) -> Value {
    let policies: Vec<Value> = (it.plan.policy_seconds.iter())
        .map(|_| json!({ "id": 1 + it.number % 1000, "target_expiration": "5days" }))
        .collect();
    let blackout = it.plan.blackout.as_ref();
    json!({
        "target_address": world.clusters[it.target()].address,
        "target_port": REPLICATION_PORT,
        "source_root_id": it.root_ids[it.source],
        "map_local_ids_to_nfs_ids": it.map_local_ids,
        "replication_mode": it.plan.mode(),
        "blackout_window_timezone": "UTC",
        "blackout_windows": blackout.map(|it| window(it, world.site.now)).into_iter().collect::<Vec<_>>(),
        "snapshot_policies": policies,
    })
}

/// What both sides tell.
fn common(world: &World, it: &Relationship, teller: usize) -> Value {
    let (source, target) = (it.source, it.target());
    // Recovery points are moments of the source's clock; a job's start is one of the teller's.
    let point = it
        .recovery
        .as_ref()
        .map(|recovery| world.site.shown_by(it.source, recovery.point));
    let start = it.job.as_ref().map(|job| world.site.shown_by(teller, job.start));
    let job_state = ["REPLICATION_NOT_RUNNING", "REPLICATION_RUNNING"][usize::from(it.job.is_some())];
    json!({
        "id": it.id,
        "state": it.state.word(),
        "end_reason": it.end_reason,
        "source_cluster_name": world.site.names[source],
        "source_cluster_uuid": world.clusters[source].uuid,
        "source_root_path": it.paths[it.source],
        "source_root_read_only": it.source_read_only,
        "target_cluster_name": world.site.names[target],
        "target_cluster_uuid": world.clusters[target].uuid,
        "target_root_path": it.paths[it.target()],
        "target_root_read_only": it.target_read_only(),
        "job_state": job_state,
        "job_start_time": time(start),
        "recovery_point": time(point),
        "error_from_last_job": it.errors[teller],
        "duration_of_last_job": it.last_duration.map(|seconds| json!({ "nanoseconds": nanoseconds(seconds) })),
        "replication_enabled": it.enabled,
        "replication_job_status": it.job.as_ref().map(|job| job_status(job, world.site.now)),
        "recovery_point_snapshot":
            it.recovery.as_ref().map(|recovery| snapshot(world, it, &recovery.snapshot, teller)),
    })
}

fn job_status(job: &Job, now: Timestamp) -> Value {
    let (bytes, files) = (job.bytes(now), job.files(now));
    let elapsed = now.seconds_since(job.start).max(0.0);
    let progress = job.progress(now);
    // The cluster has no estimate until it has seen a part of the tree.
    let left = (progress > 0.02).then(|| whole(job.length - elapsed));
    let rate = if elapsed > 0.0 {
        bytes.transferred as f64 / elapsed
    } else {
        0.0
    };
    json!({
        "percent_complete": 100.0 * progress,
        "estimated_seconds_remaining": left,
        "bytes_transferred": bytes.transferred.to_string(),
        "bytes_unchanged": bytes.unchanged.to_string(),
        "bytes_remaining": bytes.remaining.to_string(),
        "bytes_deleted": bytes.deleted.to_string(),
        "bytes_total": bytes.total.to_string(),
        "files_transferred": files.transferred.to_string(),
        "files_unchanged": files.unchanged.to_string(),
        "files_remaining": files.remaining.to_string(),
        "files_deleted": files.deleted.to_string(),
        "files_total": files.total.to_string(),
        "throughput_overall": whole(rate),
        "throughput_current": whole(rate * 0.97),
    })
}

fn snapshot(world: &World, it: &Relationship, snapshot: &Snapshot, teller: usize) -> Value {
    let taken = world.site.shown_by(it.source, snapshot.taken);
    let name = if snapshot.by_policy {
        "half-hourly".to_owned()
    } else if teller == it.source {
        format!("replication_to_{}", world.site.names[it.target()])
    } else if it.state == State::Disconnected {
        format!("revert_to_{}_for_{}", snapshot.id, world.site.names[it.source])
    } else {
        format!("replication_from_{}", world.site.names[it.source])
    };
    json!({
        "id": snapshot.id,
        "name": name,
        "timestamp": time(Some(taken)),
        "directory_name": format!("{}_{name}", snapshot.id),
        "source_file_id": it.root_ids[teller],
        "created_by_policy": snapshot.by_policy,
        "expiration": time(snapshot.by_policy.then(|| taken.plus_seconds(5.0 * 86_400.0))),
        "in_delete": false,
    })
}

/// The present or the next window, to the minute as the API has it.
fn window(blackout: &Blackout, now: Timestamp) -> Value {
    let start = blackout.latest_start(now);
    let end = start.plus_seconds(blackout.length);
    let (start, end) = (hour_and_minute(start), hour_and_minute(end));
    json!({
        "start_hour": start.0, "start_minute": start.1,
        "end_hour": end.0, "end_minute": end.1,
        "on_days": ["EVERY_DAY"],
    })
}

/// The restriper, by the present API.
pub(crate) fn restriper(world: &World, cluster: usize) -> Value {
    let condition = world.protection_of(cluster);
    let (state, phase, elapsed, progress) = match condition.restriper {
        Restriper::NotStarted => ("NOT_STARTED", "", 0.0, 0.0),
        Restriper::Finished => ("FINISHED", "", 0.0, 0.0),
        Restriper::Running {
            phase,
            elapsed,
            progress,
        } => ("RUNNING", phase, elapsed, progress),
    };
    json!({
        "state": state,
        "phase": phase,
        "blocked_reason": "",
        "data_at_risk": condition.data_at_risk,
        "elapsed_seconds": elapsed.floor(),
        "percent_complete": (100.0 * progress).floor(),
        "coordinator_node": 1,
    })
}

/// The restriper, by the API that was there before Core 5.3.4 and still is.
pub(crate) fn old_restriper(world: &World, cluster: usize) -> Value {
    let mut status = restriper(world, cluster);
    let running = matches!(world.protection_of(cluster).restriper, Restriper::Running { .. });
    if let Some(fields) = status.as_object_mut() {
        fields.remove("state");
    }
    merge(
        &mut status,
        json!({
            "status": if running { "RUNNING" } else { "NOT_RUNNING" },
            "estimated_seconds_left": 0,
        }),
    );
    status
}

/// Fault tolerance: 6+2 over four nodes. A failed drive takes one drive's worth of it, and with that any whole node's.
pub(crate) fn protection(world: &World, cluster: usize) -> Value {
    let failed = u64::from(world.protection_of(cluster).data_at_risk);
    json!({
        "blocks_per_stripe": 8,
        "data_blocks_per_stripe": 6,
        "max_drive_failures": 2,
        "max_drive_spares": 6,
        "max_node_failures": 1,
        "remaining_drive_failures": 2 - failed,
        "remaining_node_failures": 1 - failed,
        "pending_configuration": null,
        "protection_system_type": "PROTECTION_SYSTEM_TYPE_EC",
    })
}

pub(crate) fn nodes(world: &World, cluster: usize) -> Value {
    let name = &world.site.names[cluster];
    let node = |id: u64| {
        let mac = format!("02:00:00:00:{:02x}:{id:02x}", name.len());
        json!({
            "id": id,
            "label": mac,
            "mac_address": mac,
            "model_number": "C192T",
            "node_name": format!("{name}-{id}"),
            "node_status": "online",
            "serial_number": format!("SIM{id:09}"),
            "uuid": world.site.dice.uuid(name, id),
        })
    };
    (1..=NODES).map(node).collect()
}

pub(crate) fn version(_: &World, _: usize) -> Value {
    json!({
        "revision_id": "Qumulo Core 7.8.0",
        "build_id": "341775.1.14",
        "flavor": "release",
        "build_date": "2026-02-07T02:28:15Z",
    })
}

pub(crate) fn node_state(world: &World, cluster: usize) -> Value {
    json!({ "node_id": 1, "state": "ACTIVE", "cluster_id": world.clusters[cluster].uuid })
}

pub(crate) fn settings(world: &World, cluster: usize) -> Value {
    json!({ "cluster_name": world.site.names[cluster] })
}

pub(crate) fn time_status(world: &World, cluster: usize) -> Value {
    json!({
        "config": { "use_ad_for_primary": false, "ntp_servers": ["0.qumulo.pool.ntp.org"] },
        "time": time(Some(world.site.shown_by(cluster, world.site.now))),
        "status": "TIME_SYNCHRONIZING",
    })
}

pub(crate) fn who_am_i(site: &Site, identity: &Identity<'_>, call: &Call<'_>) -> Value {
    let account = identity.account;
    let number = if account.role == Role::Admin { "500" } else { "1000" };
    let mut user = json!({
        "id": number,
        "name": account.name,
        "primary_group": "513",
        "sid": format!("S-1-5-21-1-2-3-{number}"),
        "uid": number,
        "home_directory": null,
        "can_change_password": true,
        "privileges": access::privileges(account, call),
    });
    if identity.by_access_token {
        let id = &site
            .dice
            .hex(&format!("{} {} token id", site.names[call.array], account.name), 0)[..20];
        merge(&mut user, json!({ "access_token_id": id }));
    }
    user
}

/// The shape of an error is documented; the classes are in the vendor's style.
pub(crate) fn refused(refusal: &Refusal) -> Answer {
    let class = match refusal {
        Refusal::Unauthenticated => "auth_invalid_credentials_error",
        Refusal::Forbidden(_) => "auth_not_authorized_error",
        Refusal::NotFound(_) => "rest_not_found_error",
        Refusal::Method => "rest_method_not_allowed_error",
        Refusal::Conflict(_) => "replication_invalid_state_error",
        _ => "rest_invalid_request_error",
    };
    let body = json!({
        "module": "/simulator/rest",
        "error_class": class,
        "description": refusal.to_string(),
        "stack": [],
        "user_visible": true,
    });
    Answer::json(refusal.status(), &body)
}

/// The one copy to an object store, of the first cluster: finished an hour before the start, and not run since.
pub(crate) fn object_copies(world: &World, cluster: usize) -> Value {
    if cluster != 0 {
        return json!([]);
    }
    let at = |nominal: f64| {
        let at = world.site.start.plus_seconds(world.site.pace.seconds(nominal));
        time(Some(world.site.shown_by(cluster, at)))
    };
    json!([{
        "id": world.site.dice.uuid("object copy", 0),
        "direction": "COPY_TO_OBJECT",
        "local_directory_id": "62",
        "local_directory_path": "/projects/",
        "object_store_address": "s3.us-west-2.amazonaws.com",
        "port": 443,
        "ca_certificate": null,
        "bucket": "cold-storage",
        "bucket_style": "BUCKET_STYLE_VIRTUAL_HOSTED",
        "object_folder": "projects/",
        "region": "us-west-2",
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "state": "REPLICATION_NOT_RUNNING",
        "current_job": null,
        "last_job": { "start_time": at(-7200.0), "end_time": at(-3600.0), "error": "" },
    }])
}

/// RFC 3339 with the fraction's trailing zeros dropped, or "" where there is no time.
fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

fn hour_and_minute(at: Timestamp) -> (u64, u64) {
    // Of the day, UTC: clusters of the simulation keep their windows in UTC.
    let minutes = whole(at.unix_seconds() / 60.0).parse::<u64>().unwrap_or_default() % 1440;
    (minutes / 60, minutes % 60)
}

fn nanoseconds(seconds: f64) -> String {
    whole(seconds * 1e9)
}

/// A number without its fraction, in digits; never negative.
fn whole(number: f64) -> String {
    format!("{:.0}", number.max(0.0).floor())
}

/// Adds the fields of `more` to `object`.
fn merge(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}
