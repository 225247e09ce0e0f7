//! The rules of the simulated K2 arrays, asked without a network.

use super::*;
use crate::{
    model::Timestamp,
    simulator::{
        Fault,
        device::{Answer, Blueprint, Pace, Request, Stage},
        dice::Dice,
        fault::{FaultBoard, FaultKind},
        scenario::SCENARIOS,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::{HeaderMap, Method, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};
use std::sync::Arc;

const SESSIONS: &str = "/api/v2/replication/sessions";

struct Pair {
    arrays: Vec<Blueprint>,
    start: Timestamp,
    faults: Arc<FaultBoard>,
}

fn pair(relationships: usize, faults: &[Fault]) -> Pair {
    let start = Timestamp::parse_rfc3339("2026-03-01T10:00:00Z").expect("a time");
    let faults = Arc::new(FaultBoard::new(faults, start));
    let stage = Stage {
        vendor: crate::source::kaminario::VENDOR,
        start,
        pace: Pace(1.0),
        dice: Dice::new(1),
        scenario: &SCENARIOS[0],
        arrays: 2,
        relationships,
        faults: Arc::clone(&faults),
    };
    Pair {
        arrays: (SIMULATED.arrays)(&stage),
        start,
        faults,
    }
}

impl Pair {
    fn ask(&self, array: usize, user: &str, method: Method, target: &str, body: &Value, seconds: f64) -> Answer {
        let credentials = &self.arrays[array].credentials;
        let (admin, password) = credentials.admin.as_ref().expect("an administrator");
        let password = if user == admin { password } else { &credentials.password };
        let mut headers = HeaderMap::new();
        let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        headers.insert(AUTHORIZATION, basic.parse().expect("a value"));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.to_string().into(),
        };
        self.arrays[array]
            .device
            .answer(&request, self.start.plus_seconds(seconds))
    }

    fn get(&self, array: usize, target: &str, seconds: f64) -> Value {
        let answer = self.ask(array, "monitor", Method::GET, target, &Value::Null, seconds);
        assert_eq!(answer.status, StatusCode::OK, "{target}");
        serde_json::from_slice(&answer.body).expect("JSON")
    }

    fn session(&self, array: usize, id: u64, seconds: f64) -> Value {
        self.get(array, &format!("{SESSIONS}/{id}"), seconds)
    }

    fn patch(&self, array: usize, id: u64, state: &str, seconds: f64) -> StatusCode {
        let target = format!("{SESSIONS}/{id}");
        let body = json!({ "state": state });
        self.ask(array, "admin", Method::PATCH, &target, &body, seconds).status
    }
}

fn status(answer: &Answer) -> u16 {
    answer.status.as_u16()
}

#[test]
fn every_request_needs_credentials_and_every_change_the_right() {
    let pair = pair(3, &[]);
    let answer = pair.ask(0, "stranger", Method::GET, SESSIONS, &Value::Null, 0.0);
    assert_eq!(status(&answer), 401);
    assert_eq!(answer.headers["www-authenticate"], "Basic realm=\"K2\"");
    let message: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert!(message["error_msg"].is_string());
    let target = format!("{SESSIONS}/1");
    for (method, expected) in [(Method::PATCH, 403), (Method::DELETE, 403), (Method::PUT, 403)] {
        let answer = pair.ask(0, "monitor", method, &target, &json!({ "state": "suspended" }), 0.0);
        assert_eq!(status(&answer), expected);
    }
    let answer = pair.ask(0, "admin", Method::DELETE, "/api/v2/system/state", &Value::Null, 0.0);
    assert_eq!(status(&answer), 405);
    let answer = pair.ask(0, "admin", Method::GET, "/api/v2/nonsense", &Value::Null, 0.0);
    assert_eq!(status(&answer), 404);
}

#[test]
fn a_list_is_cut_at_a_hundred_and_has_no_order_of_its_own() {
    let pair = pair(130, &[]);
    let list = pair.get(0, SESSIONS, 0.0);
    assert_eq!(
        (list["hits"].as_array().map(Vec::len), &list["total"]),
        (Some(100), &json!(130))
    );
    assert_eq!((&list["limit"], &list["offset"]), (&json!(100), &json!(0)));
    let ids = |list: &Value| -> Vec<u64> {
        let hits = list["hits"].as_array().expect("hits");
        hits.iter().map(|hit| hit["id"].as_u64().expect("an id")).collect()
    };
    assert!(!ids(&list).is_sorted());
    let sorted = pair.get(
        0,
        &format!("{SESSIONS}?__sort=id&__limit=50&__offset=100&__fields=id,state"),
        0.0,
    );
    assert_eq!(ids(&sorted), (101..=130).collect::<Vec<_>>());
    assert_eq!(sorted["hits"][0].as_object().map(serde_json::Map::len), Some(2));
    let none = pair.get(0, &format!("{SESSIONS}?__limit=0"), 0.0);
    assert_eq!((&none["hits"], &none["total"]), (&json!([]), &json!(130)));
    let history = pair.get(0, "/api/v2/replication/rpo_history", 0.0);
    assert_eq!(history["hits"].as_array().map(Vec::len), Some(100));
    assert!(history.get("limit").is_none() && history.get("offset").is_none());
}

#[test]
fn filters_choose_by_value_list_and_reference() {
    let pair = pair(12, &[]);
    let count = |filter: &str| pair.get(0, &format!("{SESSIONS}?{filter}"), 0.0)["total"].clone();
    assert_eq!(count("id__in=1,2,99"), json!(2));
    assert_eq!(count("id__m_eq=1,2"), json!(2));
    assert_eq!(count("local_volume_group.ref=%2Fvolume_groups%2F5101"), json!(1));
    assert_eq!(
        count("local_volume_group.ref__in=/volume_groups/5101,/volume_groups/5102"),
        json!(2)
    );
    assert_eq!(count("state__neq=in_sync"), json!(4));
    assert_eq!(count("primary=False"), json!(1));
    assert_eq!(count("rpo__gte=900&name__contains=a"), json!(2));
    let refuse = |filter: &str| {
        status(&pair.ask(
            0,
            "monitor",
            Method::GET,
            &format!("{SESSIONS}?{filter}"),
            &Value::Null,
            0.0,
        ))
    };
    assert_eq!(
        (refuse("nonsense=1"), refuse("id__like=1"), refuse("__limit=x")),
        (400, 400, 400)
    );
}

#[test]
fn rounds_begin_every_half_objective_and_the_copy_arrives_after_its_data() {
    let pair = pair(1, &[]);
    let before = pair.session(1, 2, 0.0);
    let after = pair.session(1, 2, 400.0);
    assert_ne!(
        before["latest_replicated_snapshot"],
        after["latest_replicated_snapshot"]
    );
    assert!(after["generation_number"].as_u64() > before["generation_number"].as_u64());
    let path = after["latest_replicated_snapshot"]["ref"]
        .as_str()
        .expect("a reference");
    let snapshot = pair.get(1, &format!("/api/v2{path}"), 400.0);
    let (data, copy) = (
        snapshot["data_creation_time"].as_f64(),
        snapshot["creation_time"].as_f64(),
    );
    assert!(data < copy, "{data:?} {copy:?}");
    let rows = pair.get(1, "/api/v2/replication/rpo_history?__limit=9999", 400.0);
    for row in rows["hits"].as_array().expect("rows") {
        assert_eq!(row["round_start"].as_u64().expect("a start") % 150, 0);
        assert_eq!((&row["role"], &row["target_rpo"]), (&json!("target"), &json!(300)));
    }
}

#[test]
fn a_running_round_has_no_end_and_its_progress_grows() {
    let pair = pair(4, &[]);
    // The initial copy of the fourth, which takes days.
    let early = pair.session(0, 4, 0.0);
    let late = pair.session(0, 4, 86_400.0);
    assert!(early["current_snapshot"]["ref"].is_string() && early["latest_replicated_snapshot"].is_null());
    assert!(late["current_snapshot_progress"].as_u64() > early["current_snapshot_progress"].as_u64());
    assert!(late["estimated_remaining_time"].as_u64() < early["estimated_remaining_time"].as_u64());
    let rows = pair.get(0, "/api/v2/replication/rpo_history/4", 86_400.0);
    assert_eq!((&rows["total"], &rows["hits"][0]["round_end"]), (&json!(1), &json!(0)));
}

#[test]
fn suspending_is_asynchronous_and_guarded_and_the_other_side_follows() {
    let pair = pair(1, &[]);
    assert_eq!(pair.patch(0, 1, "idle", 0.0), 400, "only from suspended");
    assert_eq!(pair.patch(0, 1, "failed_over", 0.0), 400, "not at the source");
    assert_eq!(pair.patch(0, 1, "suspended", 0.0), 200);
    let states = |seconds| {
        [
            pair.session(0, 1, seconds)["state"].clone(),
            pair.session(1, 2, seconds)["state"].clone(),
        ]
    };
    assert_eq!(states(1.0), ["in_sync", "in_sync"]);
    assert_eq!(states(10.0), ["suspended", "in_sync"]);
    assert_eq!(states(20.0), ["suspended", "suspended"]);
    let latest = pair.session(0, 1, 20.0)["latest_replicated_snapshot"].clone();
    assert_eq!(
        pair.session(0, 1, 5_000.0)["latest_replicated_snapshot"],
        latest,
        "nothing is replicated"
    );
    let target = format!("{SESSIONS}/1");
    let delete = |seconds| status(&pair.ask(0, "admin", Method::DELETE, &target, &Value::Null, seconds));
    assert_eq!(delete(5_000.0), 400, "only when idle");
    assert_eq!(pair.patch(0, 1, "idle", 5_000.0), 200);
    assert_eq!(delete(5_100.0), 204);
    let orphan = pair.session(1, 2, 5_100.0);
    assert!(orphan["remote_replication_session_id"].is_null() && orphan["stopped"] == json!(true));
}

#[test]
fn a_failover_suspends_the_source_and_in_sync_reverses_the_direction() {
    let pair = pair(1, &[]);
    assert_eq!(pair.patch(1, 2, "failed_over", 0.0), 200);
    let (there, here) = (pair.session(1, 2, 30.0), pair.session(0, 1, 30.0));
    assert_eq!(
        (&there["state"], &there["current_role"]),
        (&json!("failed_over"), &json!("target"))
    );
    assert_eq!(there["restored_snapshot"], there["latest_replicated_snapshot"]);
    assert_eq!(
        (&here["state"], &here["suspend_reason_code"]),
        (&json!("suspended"), &json!("peer_failed_over"))
    );
    assert_eq!(pair.patch(0, 1, "in_sync", 30.0), 400, "the other side decides");
    assert_eq!(pair.patch(1, 2, "in_sync", 30.0), 200);
    let (there, here) = (pair.session(1, 2, 1_000.0), pair.session(0, 1, 1_000.0));
    assert_eq!(
        (&there["state"], &there["current_role"]),
        (&json!("in_sync"), &json!("source"))
    );
    assert_eq!(
        (&here["state"], &here["current_role"]),
        (&json!("in_sync"), &json!("target"))
    );
    assert!(here["latest_replicated_snapshot"]["ref"].is_string());
}

#[test]
fn rounds_stand_still_while_an_array_is_down() {
    let pair = pair(1, &[]);
    pair.faults
        .set("k2-ams", FaultKind::Down, pair.start.plus_seconds(10.0));
    let before = pair.session(1, 2, 20.0);
    let after = pair.session(1, 2, 3_600.0);
    assert_eq!(
        before["latest_replicated_snapshot"],
        after["latest_replicated_snapshot"]
    );
    assert_eq!(after["current_snapshot"], Value::Null);
}

#[test]
fn faults_look_as_they_do_in_the_field() {
    let pair = pair(1, &[]);
    let ask = || pair.ask(0, "monitor", Method::GET, SESSIONS, &Value::Null, 0.0);
    pair.faults.set("k2-ams", FaultKind::Bursts, pair.start);
    let statuses: Vec<u16> = (0..7).map(|_| status(&ask())).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
    pair.faults.clear("k2-ams");
    pair.faults.set("k2-ams", FaultKind::Busy, pair.start);
    let busy = ask();
    assert_eq!(status(&busy), 400);
    assert!(String::from_utf8_lossy(&busy.body).contains("MC_ERR_BUSY"));
    pair.faults.clear("k2-ams");
    pair.faults.set(
        "k2-ams",
        FaultKind::Forbid("replication/sessions".to_owned()),
        pair.start,
    );
    assert_eq!(status(&ask()), 403);
    pair.faults.clear("k2-ams");
    pair.faults.set("", FaultKind::Auth, pair.start);
    assert_eq!(status(&ask()), 401);
}

#[test]
fn the_objective_is_shortened_by_the_pace_and_stays_whole() {
    for (seconds, shortened) in [(300.0, "300"), (2.5, "2"), (0.01, "2"), (7.0, "8")] {
        assert_eq!(cast::shortened(seconds).to_string(), shortened);
    }
}
