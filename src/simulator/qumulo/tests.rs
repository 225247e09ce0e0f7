//! The rules of the simulated clusters, asked without a network. The types of every answer are checked against
//! `tests/payloads/qumulo/schema.json`, which restates the vendor's types.

use super::{Blueprint, arrays};
use crate::{
    model::Timestamp,
    simulator::{
        device::{Pace, Request, Stage},
        dice::Dice,
        fault::{FaultBoard, FaultKind},
        scenario,
    },
};
use bytes::Bytes;
use hyper::{HeaderMap, Method, header::AUTHORIZATION};
use serde_json::{Value, json};
use std::{cell::Cell, collections::BTreeSet, sync::Arc};

const SOURCES: &str = "/v2/replication/source-relationships/status/";
const TARGETS: &str = "/v2/replication/target-relationships/status/";
const RESTRIPER: &str = "/v1/cluster/protection/restriper/status";
const PROTECTION: &str = "/v1/cluster/protection/status";
const SOURCE: usize = 0;
const TARGET: usize = 1;

/// A pair of clusters, asked as the administrator unless a test says otherwise.
struct Pair {
    clusters: Vec<Blueprint>,
    faults: Arc<FaultBoard>,
    now: Cell<Timestamp>,
}

fn start() -> Timestamp {
    Timestamp::parse_rfc3339("2026-03-01T10:00:00.123456789Z").expect("a time")
}

impl Pair {
    fn new(scenario: &str, relationships: usize) -> Self {
        let faults = Arc::new(FaultBoard::new(&[], start()));
        let stage = Stage {
            start: start(),
            pace: Pace(1.0),
            dice: Dice::new(1),
            scenario: scenario::named(scenario).expect("a scenario"),
            arrays: 2,
            relationships,
            faults: Arc::clone(&faults),
        };
        Self {
            clusters: arrays(&stage),
            faults,
            now: Cell::new(start()),
        }
    }

    fn wait(&self, seconds: f64) {
        self.now.set(self.now.get().plus_seconds(seconds));
    }

    fn fail(&self, cluster: usize, kind: FaultKind) {
        self.faults.set(&self.clusters[cluster].name, kind, self.now.get());
    }

    fn ask(&self, cluster: usize, method: Method, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().expect("a header"));
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: Bytes::from(body.to_string()),
        };
        let answer = self.clusters[cluster].device.answer(&request, self.now.get());
        let body = if answer.body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&answer.body).expect("JSON")
        };
        (answer.status.as_u16(), body)
    }

    fn log_in(&self, cluster: usize) -> String {
        let (user, password) = self.clusters[cluster].credentials.admin.clone().expect("an admin");
        let body = json!({ "username": user, "password": password });
        let (status, body) = self.ask(cluster, Method::POST, "/v1/session/login", None, &body);
        assert_eq!(status, 200);
        body["bearer_token"].as_str().expect("a token").to_owned()
    }

    fn get(&self, cluster: usize, path: &str) -> Value {
        let (status, body) = self.ask(cluster, Method::GET, path, Some(&self.log_in(cluster)), &Value::Null);
        assert_eq!(status, 200, "{path}");
        body
    }

    fn change(&self, cluster: usize, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let path = format!("/v2/replication/{path}");
        self.ask(cluster, method, &path, Some(&self.log_in(cluster)), body)
    }

    fn post(&self, cluster: usize, path: &str) -> (u16, Value) {
        self.change(cluster, Method::POST, path, &Value::Null)
    }

    /// The id of the relationship of this directory.
    fn id(&self, name: &str) -> String {
        let all = [SOURCE, TARGET].map(|cluster| [self.get(cluster, SOURCES), self.get(cluster, TARGETS)]);
        let all = all.iter().flatten().filter_map(Value::as_array).flatten();
        let found = all
            .map(|it| (it["source_root_path"].as_str(), &it["id"]))
            .find(|(path, _)| path.is_some_and(|path| path.split('/').any(|part| part == name)));
        found.and_then(|(_, id)| id.as_str()).expect(name).to_owned()
    }

    fn source(&self, name: &str) -> Value {
        let id = self.id(name);
        self.get(SOURCE, &format!("/v2/replication/source-relationships/{id}/status"))
    }

    fn target(&self, name: &str) -> Value {
        let id = self.id(name);
        self.get(TARGET, &format!("/v2/replication/target-relationships/{id}/status"))
    }
}

/// What is wrong with `value` by `schema`, if anything: a small cut of JSON Schema, with `form` for texts, and where
/// nothing is allowed that is not named.
fn fault(schema: &Value, value: &Value, at: &str) -> Option<String> {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let allowed = &schema["type"];
    if allowed != kind && !allowed.as_array().is_some_and(|kinds| kinds.contains(&json!(kind))) {
        return Some(format!("{at}: {kind} instead of {allowed}"));
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return Some(format!("{at}: {value} is none of the vendor's words"));
    }
    match value {
        Value::String(text) => {
            let fits = match schema["form"].as_str() {
                Some("digits") => !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()),
                Some("time or empty") => {
                    text.is_empty() || (text.ends_with('Z') && Timestamp::parse_rfc3339(text).is_some())
                }
                Some("uuid") => text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4,
                _ => true,
            };
            (!fits).then(|| format!("{at}: {text:?} is not of the form {}", schema["form"]))
        }
        Value::Array(items) => items
            .iter()
            .find_map(|item| fault(&schema["items"], item, &format!("{at}[]"))),
        Value::Object(fields) => {
            let required = schema["required"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let missing = required
                .filter(|name| !fields.contains_key(*name))
                .map(|name| format!("{at}.{name} is missing"));
            let unknown = fields
                .iter()
                .filter_map(|(name, value)| match &schema["properties"][name] {
                    Value::Null => Some(format!("{at}.{name} is not the vendor's")),
                    schema => fault(schema, value, &format!("{at}.{name}")),
                });
            missing.chain(unknown).next()
        }
        _ => None,
    }
}

#[test]
fn every_answer_has_the_vendors_types() {
    let schema: Value = serde_json::from_str(include_str!("../../../tests/payloads/qumulo/schema.json")).expect("JSON");
    let pair = Pair::new("default", 20);
    let mut phases = BTreeSet::new();
    let mut job_states = BTreeSet::new();
    for minutes in [0.0, 3.0, 17.5, 7.0, 5.0, 20.0, 40.0, 600.0] {
        pair.wait(60.0 * minutes);
        for cluster in [SOURCE, TARGET] {
            let known = schema.as_object().expect("an object");
            for (name, schema) in known.iter().filter(|(name, _)| name.starts_with("GET ")) {
                let ids: Vec<String> = match name.split_once("{id}") {
                    None => vec![name["GET ".len()..].to_owned()],
                    Some((before, after)) => {
                        let list = if name.contains("/source-") { SOURCES } else { TARGETS };
                        let list = pair.get(cluster, list);
                        let ids = list
                            .as_array()
                            .expect("a list")
                            .iter()
                            .filter_map(|it| it["id"].as_str());
                        ids.map(|id| format!("{}{id}{after}", &before["GET ".len()..]))
                            .collect()
                    }
                };
                assert!(!ids.is_empty(), "{name}");
                for path in ids {
                    let answer = pair.get(cluster, &path);
                    assert_eq!(fault(schema, &answer, name), None);
                    phases.extend(answer["phase"].as_str().map(str::to_owned));
                    job_states.extend(answer["job_state"].as_str().map(str::to_owned));
                }
            }
        }
    }
    // The check is worth something only if it saw the interesting answers.
    assert_eq!(
        phases.into_iter().collect::<Vec<_>>(),
        ["", "PLANNING", "REBALANCE", "REPROTECT"]
    );
    assert_eq!(job_states.len(), 2);
    let (status, refusal) = pair.ask(SOURCE, Method::GET, SOURCES, None, &Value::Null);
    assert_eq!((status, fault(&schema["error"], &refusal, "error")), (401, None));
}

#[test]
fn the_schema_check_sees_a_wrong_type() {
    let schema = json!({"type": "object", "required": ["a"], "properties": {"a": {"type": ["string", "null"], "form": "digits"}}});
    for good in [json!({"a": "1"}), json!({ "a": null })] {
        assert_eq!(fault(&schema, &good, ""), None);
    }
    for bad in [
        json!({"a": 1}),
        json!({}),
        json!({"a": "1", "b": 1}),
        json!({"a": "x"}),
        json!([]),
    ] {
        assert!(fault(&schema, &bad, "").is_some(), "{bad}");
    }
}

#[test]
fn a_session_lasts_ten_hours_and_a_restart_ends_it() {
    let pair = Pair::new("default", 3);
    let token = pair.log_in(SOURCE);
    let ask = || pair.ask(SOURCE, Method::GET, SOURCES, Some(&token), &Value::Null).0;
    pair.wait(35_999.0);
    assert_eq!(ask(), 200);
    pair.wait(2.0);
    assert_eq!(ask(), 401);
    let token = pair.log_in(SOURCE);
    pair.clusters[SOURCE].device.expire_sessions();
    assert_eq!(
        pair.ask(SOURCE, Method::GET, SOURCES, Some(&token), &Value::Null).0,
        401
    );
}

#[test]
fn who_cannot_prove_it_is_refused() {
    let pair = Pair::new("default", 3);
    let wrong = json!({ "username": "monitor", "password": "wrong" });
    assert_eq!(pair.ask(SOURCE, Method::POST, "/v1/session/login", None, &wrong).0, 401);
    assert_eq!(
        pair.ask(SOURCE, Method::POST, "/v1/session/login", None, &json!("no"))
            .0,
        400
    );
    for token in [None, Some("x"), Some("access-v1:")] {
        assert_eq!(pair.ask(SOURCE, Method::GET, SOURCES, token, &Value::Null).0, 401);
        assert_eq!(pair.ask(SOURCE, Method::GET, "/v1/version", token, &Value::Null).0, 200);
    }
    let token = pair.clusters[SOURCE].credentials.token.clone();
    assert_eq!(
        pair.ask(SOURCE, Method::GET, SOURCES, token.as_deref(), &Value::Null).0,
        200
    );
    assert_eq!(
        pair.ask(TARGET, Method::GET, SOURCES, token.as_deref(), &Value::Null).0,
        401,
        "another cluster's"
    );
    pair.fail(SOURCE, FaultKind::Auth);
    assert_eq!(
        pair.ask(SOURCE, Method::GET, SOURCES, token.as_deref(), &Value::Null).0,
        401
    );
}

#[test]
fn the_monitor_may_read_and_may_change_nothing() {
    let pair = Pair::new("default", 3);
    let id = pair.id("home");
    let token = pair.clusters[TARGET].credentials.token.clone();
    let ask = |method, path: &str| pair.ask(TARGET, method, path, token.as_deref(), &json!({})).0;
    for path in [
        SOURCES,
        TARGETS,
        RESTRIPER,
        PROTECTION,
        "/v3/replication/object-relationships/status/",
    ] {
        assert_eq!(ask(Method::GET, path), 200, "{path}");
    }
    assert_eq!(ask(Method::GET, "/v1/time/status"), 403);
    assert_eq!(
        ask(
            Method::POST,
            &format!("/v2/replication/target-relationships/{id}/make-writable")
        ),
        403
    );
    assert_eq!(
        ask(Method::DELETE, &format!("/v2/replication/source-relationships/{id}")),
        403
    );
}

#[test]
fn one_missing_right_refuses_only_what_needs_it() {
    let pair = Pair::new("default", 3);
    pair.fail(SOURCE, FaultKind::Forbid("PRIVILEGE_CLUSTER_READ".to_owned()));
    let token = pair.log_in(SOURCE);
    let ask = |path| pair.ask(SOURCE, Method::GET, path, Some(&token), &Value::Null).0;
    assert_eq!([ask(RESTRIPER), ask(PROTECTION), ask(SOURCES)], [403, 403, 200]);
}

#[test]
fn old_firmware_has_only_the_old_restriper_path() {
    let pair = Pair::new("data-at-risk", 3);
    pair.fail(TARGET, FaultKind::NoNewRestriper);
    let token = pair.log_in(TARGET);
    assert_eq!(
        pair.ask(TARGET, Method::GET, RESTRIPER, Some(&token), &Value::Null).0,
        404
    );
    assert_eq!(pair.get(TARGET, "/v1/cluster/restriper/status")["data_at_risk"], true);
}

#[test]
fn a_path_is_exact_and_so_is_its_method() {
    let pair = Pair::new("default", 3);
    let ask = |method, path| {
        pair.ask(SOURCE, method, path, Some(&pair.log_in(SOURCE)), &Value::Null)
            .0
    };
    assert_eq!(ask(Method::GET, "/v2/replication/source-relationships/status"), 404);
    assert_eq!(ask(Method::GET, "/v1/cluster/protection/restriper/status/"), 404);
    assert_eq!(
        ask(Method::GET, "/v2/replication/source-relationships/none/status"),
        404
    );
    assert_eq!(ask(Method::POST, SOURCES), 405);
    assert_eq!(ask(Method::GET, "/v1/session/login"), 405);
}

#[test]
fn both_sides_agree_on_every_recovery_point() {
    let pair = Pair::new("default", 16);
    pair.wait(3600.0);
    let targets = pair.get(TARGET, TARGETS);
    let point = |it: &Value| (it["id"].clone(), it["recovery_point"].clone());
    let seen: Vec<(Value, Value)> = targets.as_array().expect("a list").iter().map(point).collect();
    let sources = pair.get(SOURCE, SOURCES);
    let sources = sources.as_array().expect("a list");
    assert!(sources.len() > 10);
    for it in sources {
        assert!(seen.contains(&point(it)), "{it}");
    }
}

#[test]
fn the_default_cast_has_every_situation() {
    let pair = Pair::new("default", 16);
    assert_eq!(pair.source("home")["replication_mode"], "REPLICATION_CONTINUOUS");
    assert_eq!(
        pair.source("projects")["replication_mode"],
        "REPLICATION_SNAPSHOT_POLICY"
    );
    assert_eq!(
        pair.source("media")["replication_mode"],
        "REPLICATION_SNAPSHOT_POLICY_WITH_CONTINUOUS"
    );
    let next = pair.source("nightly")["next_active_time"]
        .as_str()
        .and_then(Timestamp::parse_rfc3339);
    assert!(next.expect("a time") > start());
    assert_ne!(pair.source("flaky")["error_from_last_job"], "");
    let first = pair.source("archive");
    assert_eq!(
        (&first["recovery_point"], &first["job_state"]),
        (&json!(""), &json!("REPLICATION_RUNNING"))
    );
    assert_eq!(first["duration_of_last_job"], Value::Null);
    assert_eq!(pair.target("old-site")["state"], "ENDED");
    assert_eq!(pair.source("new-team")["state"], "AWAITING_AUTHORIZATION");
    assert_eq!(pair.source("scratch")["replication_enabled"], false);
    assert!(pair.target("vault")["lock_key"].is_string());
    assert_eq!(
        pair.source("render")["source_root_id"],
        "108277887094502708403226279939"
    );
    assert_eq!(pair.get(TARGET, SOURCES).as_array().map(Vec::len), Some(1));
    assert_eq!(pair.target("dr-test")["target_root_read_only"], false);
    let listed = pair.get(SOURCE, SOURCES).to_string();
    assert!(
        !listed.contains("old-site"),
        "an ended relationship is listed by its target only"
    );
    pair.wait(3600.0);
    assert_eq!(pair.source("flaky")["error_from_last_job"], "");
}

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

#[test]
fn a_failed_drive_takes_fault_tolerance_until_data_is_reprotected() {
    let pair = Pair::new("data-at-risk", 3);
    assert_eq!(pair.get(SOURCE, RESTRIPER)["data_at_risk"], false, "the other cluster");
    let remaining = || pair.get(TARGET, PROTECTION)["remaining_drive_failures"].clone();
    assert_eq!(pair.get(TARGET, RESTRIPER)["data_at_risk"], true);
    assert_eq!(remaining(), 1);
    pair.wait(1260.0);
    let restriper = pair.get(TARGET, RESTRIPER);
    assert_eq!(
        (&restriper["phase"], &restriper["data_at_risk"]),
        (&json!("REBALANCE"), &json!(false))
    );
    assert_eq!(remaining(), 2);
}

#[test]
fn a_lost_source_stops_the_recovery_points_of_the_target() {
    let pair = Pair::new("source-lost", 1);
    pair.wait(400.0);
    let point = pair.target("home")["recovery_point"].clone();
    pair.wait(36_000.0);
    assert_eq!(pair.target("home")["recovery_point"], point);
    assert!(pair.faults.has("nyc-prod", &FaultKind::Down, pair.now.get()));
}

#[test]
fn a_skewed_source_stamps_recovery_points_with_its_own_clock() {
    let pair = Pair::new("default", 1);
    let point = |value: &Value| {
        value["recovery_point"]
            .as_str()
            .and_then(Timestamp::parse_rfc3339)
            .expect("a time")
    };
    let before = point(&pair.target("home"));
    pair.fail(SOURCE, FaultKind::ClockSkew(86_400.0));
    assert_eq!(point(&pair.target("home")), before.plus_seconds(86_400.0));
    assert_eq!(point(&pair.source("home")), before.plus_seconds(86_400.0));
    assert_eq!(pair.get(TARGET, "/v1/time/status")["time"], pair.now.get().to_string());
}

#[test]
fn there_are_as_many_relationships_as_asked_for() {
    let pair = Pair::new("default", 500);
    let count = |list: &str| pair.get(TARGET, list).as_array().map_or(0, Vec::len);
    assert_eq!(count(TARGETS) + count(SOURCES), 500);
    let same = Pair::new("default", 500);
    assert_eq!(pair.get(TARGET, TARGETS), same.get(TARGET, TARGETS));
}
