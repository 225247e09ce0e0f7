//! What an administrator can do, and what the clusters refuse.

use super::{Pair, SOURCE, TARGET, TARGETS};
use hyper::Method;
use serde_json::{Value, json};

#[test]
fn a_failover_goes_there_and_back() {
    let pair = Pair::new("default", 3);
    let id = pair.id("home");
    let (status, body) = pair.post(TARGET, &format!("target-relationships/{id}/make-writable"));
    assert_eq!((status, &body["state"]), (200, &json!("DISCONNECTING")));
    assert_eq!(pair.source("home")["state"], "DISCONNECTING");
    pair.wait(121.0);
    let target = pair.target("home");
    assert_eq!(
        (&target["state"], &target["target_root_read_only"]),
        (&json!("DISCONNECTED"), &json!(false))
    );
    assert_eq!(target["replication_enabled"], true);
    let point = target["recovery_point"].clone();
    pair.wait(3600.0);
    assert_eq!(
        pair.target("home")["recovery_point"],
        point,
        "nothing replicates while disconnected"
    );
    assert_eq!(
        pair.post(TARGET, &format!("target-relationships/{id}/make-writable")).0,
        400
    );
    let (status, body) = pair.post(TARGET, &format!("target-relationships/{id}/reconnect"));
    assert_eq!((status, &body["state"]), (200, &json!("RECONNECTING")));
    assert_eq!(body["target_root_read_only"], true);
    pair.wait(181.0);
    assert_eq!(pair.target("home")["state"], "ESTABLISHED");
    pair.wait(3600.0);
    assert_ne!(pair.target("home")["recovery_point"], point);
}

#[test]
fn a_reversal_swaps_the_sides_and_keeps_the_id() {
    let pair = Pair::new("default", 16);
    let id = pair.id("vault");
    let reverse = json!({ "target_relationship_id": id, "source_address": "10.20.0.11" });
    let path = "source-relationships/reverse-target-relationship";
    assert_eq!(
        pair.change(TARGET, Method::POST, path, &reverse).0,
        400,
        "only when disconnected"
    );
    assert_eq!(
        pair.post(TARGET, &format!("target-relationships/{id}/make-writable")).0,
        200
    );
    pair.wait(121.0);
    assert_eq!(pair.change(TARGET, Method::POST, path, &reverse).0, 200);
    let new_target = format!("/v2/replication/target-relationships/{id}/status");
    let status = pair.get(SOURCE, &new_target);
    assert_eq!(
        (&status["state"], &status["lock_key"]),
        (&json!("DISCONNECTED"), &Value::Null)
    );
    assert_eq!(status["source_cluster_name"], "sfo-dr");
    let (_, body) = pair.post(SOURCE, &format!("target-relationships/{id}/reconnect"));
    assert_eq!(body["state"], "REESTABLISHING");
    pair.wait(181.0);
    assert_eq!(pair.get(SOURCE, &new_target)["state"], "ESTABLISHED");
}

#[test]
fn what_never_replicated_cannot_be_made_writable() {
    let pair = Pair::new("default", 16);
    let id = pair.id("archive");
    assert_eq!(
        pair.post(TARGET, &format!("target-relationships/{id}/make-writable")).0,
        400
    );
    assert_eq!(pair.target("archive")["state"], "ESTABLISHED");
}

#[test]
fn a_deleted_source_leaves_a_remnant_until_that_is_deleted_too() {
    let pair = Pair::new("default", 3);
    let id = pair.id("home");
    let path = format!("source-relationships/{id}");
    assert_eq!(pair.change(SOURCE, Method::DELETE, &path, &Value::Null).0, 200);
    assert_eq!(pair.change(SOURCE, Method::DELETE, &path, &Value::Null).0, 404);
    let remnant = pair.target("home");
    assert_eq!(remnant["state"], "ENDED");
    assert_ne!(remnant["end_reason"], "");
    assert_eq!(pair.post(TARGET, &format!("target-relationships/{id}/delete")).0, 200);
    assert!(!pair.get(TARGET, TARGETS).to_string().contains(&id));
}

#[test]
fn the_other_operations_do_what_they_say() {
    let pair = Pair::new("default", 16);
    let id = pair.id("new-team");
    assert_eq!(
        pair.post(TARGET, &format!("target-relationships/{id}/authorize")).1["state"],
        "ESTABLISHED"
    );
    let id = pair.id("scratch");
    pair.wait(3600.0);
    assert_eq!(pair.source("scratch")["job_state"], "REPLICATION_NOT_RUNNING");
    assert_eq!(
        pair.post(SOURCE, &format!("source-relationships/{id}/replicate")).0,
        202
    );
    assert_eq!(pair.source("scratch")["job_state"], "REPLICATION_RUNNING");
    assert_eq!(
        pair.post(SOURCE, &format!("source-relationships/{id}/abort-replication"))
            .0,
        200
    );
    assert_ne!(pair.source("scratch")["error_from_last_job"], "");
    assert_eq!(
        pair.post(SOURCE, &format!("source-relationships/{id}/dismiss-error")).0,
        200
    );
    assert_eq!(pair.source("scratch")["error_from_last_job"], "");
    assert_ne!(
        pair.target("scratch")["error_from_last_job"],
        "",
        "each side dismisses its own"
    );
    let on = json!({ "replication_enabled": true });
    let (status, body) = pair.change(SOURCE, Method::PATCH, &format!("source-relationships/{id}"), &on);
    assert_eq!((status, &body["replication_enabled"]), (200, &json!(true)));
    pair.wait(61.0);
    assert_eq!(pair.source("scratch")["job_state"], "REPLICATION_RUNNING");
}
