//! The rules of the simulated clusters, asked without a network. This file holds the pair of clusters that the tests ask;
//! the rules are in the files below.

mod access;
mod life;
mod operations;
mod schema;

use super::SIMULATED;
use crate::{
    model::Timestamp,
    simulator::{
        device::{Blueprint, Pace, Request, Stage},
        dice::Dice,
        fault::{FaultBoard, FaultKind},
        scenario,
    },
};
use bytes::Bytes;
use hyper::{HeaderMap, Method, header::AUTHORIZATION};
use serde_json::{Value, json};
use std::{cell::Cell, sync::Arc};

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
            vendor: crate::source::qumulo::VENDOR,
            start: start(),
            pace: Pace(1.0),
            dice: Dice::new(1),
            scenario: scenario::named(scenario).expect("a scenario"),
            arrays: 2,
            relationships,
            faults: Arc::clone(&faults),
        };
        Self {
            clusters: (SIMULATED.arrays)(&stage),
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
