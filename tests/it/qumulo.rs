//! The Qumulo source against the simulated pair, from the wire to the text of /metrics.

use crate::lab::{Lab, Observed, assert_documented, client};
use replication_exporter::{
    simulator::{FaultKind, Options},
    source::qumulo::{self, Qumulo},
};

const SOURCE: &str = "nyc-prod";
const TARGET: &str = "sfo-dr";
const LAG: &str = "storage_replication_lag_seconds";

async fn lab() -> Lab {
    Lab::start(replication_exporter::source::qumulo::VENDOR, Options::default()).await
}

fn observe(lab: &Lab, name: &str) -> Observed<Qumulo> {
    lab.observe(name, |config, trust, slot| {
        let session = qumulo::Qumulo::connect(config, trust, slot.logins()).expect("a session");
        Qumulo::new(config, session)
    })
}

/// The labels of the relationship of a path, as the source sees it.
fn home() -> [(&'static str, &'static str); 2] {
    [
        ("relationship", "nyc-prod:/home->sfo-dr:/replicas/home"),
        ("array", SOURCE),
    ]
}

#[tokio::test]
async fn lag_saw_tooths_as_jobs_complete() {
    let lab = lab().await;
    let mut array = observe(&lab, SOURCE);
    let mut lags = Vec::new();
    for _ in 0..60 {
        array.poll().await;
        lags.push(lab.value(LAG, &home()).expect("a lag"));
        lab.pass(30).await;
    }
    let grew = lags.windows(2).filter(|pair| pair[1] > pair[0]).count();
    let fell = lags.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(grew > fell && fell >= 3, "{lags:?}");
    assert!(lags.iter().all(|lag| *lag >= 0.0), "{lags:?}");
}

#[tokio::test]
async fn a_relationship_deleted_on_the_cluster_is_gone_from_the_next_page() {
    let lab = lab().await;
    let mut array = observe(&lab, SOURCE);
    array.poll().await;
    let before = lab.value(
        "storage_replication_relationships",
        &[("array", SOURCE), ("role", "source")],
    );
    let id = relationship_id(&lab, "nyc-prod:/home->sfo-dr:/replicas/home");
    let path = format!("/v2/replication/source-relationships/{id}");
    Admin::of(&lab, SOURCE).await.send("DELETE", &path).await;
    array.poll().await;
    assert!(!lab.text().contains(&id), "nothing of it is left");
    let after = lab.value(
        "storage_replication_relationships",
        &[("array", SOURCE), ("role", "source")],
    );
    assert_eq!(after, before.map(|count| count - 1.0));
}

#[tokio::test]
async fn a_cluster_without_relationships_has_zero_of_them() {
    let lab = Lab::start(
        replication_exporter::source::qumulo::VENDOR,
        Options {
            relationships: 0,
            ..Options::default()
        },
    )
    .await;
    for array in [SOURCE, TARGET] {
        observe(&lab, array).poll().await;
    }
    let counts = |array| {
        ["source", "target"]
            .map(|role| lab.value("storage_replication_relationships", &[("array", array), ("role", role)]))
    };
    assert_eq!(counts(TARGET), [Some(0.0), Some(0.0)], "0 is a sample");
    assert_eq!(counts(SOURCE), [Some(1.0), Some(0.0)], "its copy to an object store");
}

#[tokio::test]
async fn a_stopped_cluster_keeps_its_facts_and_loses_its_readings() {
    let lab = lab().await;
    let mut array = observe(&lab, SOURCE);
    array.poll().await;
    let recovery_point = lab.value("storage_replication_recovery_point_timestamp_seconds", &home());
    let lag = lab.value(LAG, &home()).expect("a lag");
    assert!(recovery_point.is_some());
    lab.simulation.set_fault(SOURCE, FaultKind::Down);
    for _ in 0..3 {
        lab.pass(31).await;
        array.poll().await;
    }
    assert_eq!(lab.value("storage_array_up", &[("array", SOURCE)]), Some(0.0));
    assert_eq!(lab.state("storage_replication_health", "health", &home()), None);
    assert_eq!(lab.value("storage_protection_data_at_risk", &[("array", SOURCE)]), None);
    assert_eq!(
        lab.value("storage_replication_recovery_point_timestamp_seconds", &home()),
        recovery_point
    );
    let grown = lab.value(LAG, &home()).expect("a lag") - lag;
    assert!((93.0..94.5).contains(&grown), "it grew by {grown} s in 93 s");
    let failures = [("array", SOURCE), ("section", "replication_source")];
    assert_eq!(lab.value("storage_poll_failures_total", &failures), Some(3.0));
    assert_eq!(
        lab.state("storage_poll_last_failure", "reason", &failures),
        Some("connect".into())
    );
}

#[tokio::test]
async fn a_refused_restriper_leaves_replication_untouched_and_has_no_value() {
    let lab = lab().await;
    lab.simulation
        .set_fault(SOURCE, FaultKind::Forbid("PRIVILEGE_CLUSTER_READ".into()));
    let mut array = observe(&lab, SOURCE);
    array.poll().await;
    assert_eq!(
        lab.state("storage_replication_health", "health", &home()),
        Some("ok".into())
    );
    assert!(
        !lab.text().contains("\nstorage_protection_data_at_risk{"),
        "neither 0 nor 1"
    );
    let failures = [("array", SOURCE), ("section", "restriper")];
    assert_eq!(lab.value("storage_poll_failures_total", &failures), Some(1.0));
    assert_eq!(
        lab.state("storage_poll_last_failure", "reason", &failures),
        Some("forbidden".into())
    );
    assert_eq!(lab.value("storage_array_up", &[("array", SOURCE)]), Some(1.0));
}

#[tokio::test]
async fn old_firmware_is_read_by_the_deprecated_path() {
    let lab = lab().await;
    lab.simulation.set_fault(SOURCE, FaultKind::NoNewRestriper);
    let mut array = observe(&lab, SOURCE);
    array.poll().await;
    array.poll().await;
    assert_eq!(
        lab.value("storage_protection_data_at_risk", &[("array", SOURCE)]),
        Some(0.0)
    );
    let log = lab.array(SOURCE).log();
    assert_eq!(
        log.count("GET", "/v1/cluster/protection/restriper/status"),
        1,
        "the 404 is remembered"
    );
    assert_eq!(log.count("GET", "/v1/cluster/restriper/status"), 2);
}

#[tokio::test]
async fn a_drive_failure_is_data_at_risk_until_it_is_reprotected() {
    let lab = lab().await;
    let mut array = observe(&lab, TARGET);
    let mut told = Vec::new();
    for _ in 0..120 {
        array.poll().await;
        let at_risk = lab.value("storage_protection_data_at_risk", &[("array", TARGET)]);
        let phase = lab.state("storage_restriper_phase", "phase", &[("array", TARGET)]);
        let now = (at_risk.expect("a value"), phase.expect("a phase"));
        if told.last() != Some(&now) {
            told.push(now);
        }
        lab.pass(60).await;
    }
    assert!(told.contains(&(1.0, "reprotect".into())), "{told:?}");
    assert!(told.contains(&(0.0, "rebalance".into())), "{told:?}");
    assert_eq!(told.last(), Some(&(0.0, "none".into())), "{told:?}");
}

#[tokio::test]
async fn a_make_writable_is_watched_from_end_to_end() {
    let lab = lab().await;
    let mut array = observe(&lab, TARGET);
    array.poll().await;
    let name = "nyc-prod:/home->sfo-dr:/replicas/home";
    let labels = [("relationship", name), ("array", TARGET), ("role", "target")];
    let id = relationship_id(&lab, name);
    let admin = Admin::of(&lab, TARGET).await;
    let mut course = Vec::new();
    let mut watch = |lab: &Lab| {
        let state = lab
            .state("storage_replication_state", "state", &labels)
            .expect("a state");
        let health = lab
            .state("storage_replication_health", "health", &labels)
            .expect("a health");
        let writable = lab.value("storage_replication_target_writable", &labels);
        let now = (state, health, writable);
        if course.last() != Some(&now) {
            course.push(now);
        }
    };
    watch(&lab);
    for operation in ["make-writable", "reconnect"] {
        admin
            .send(
                "POST",
                &format!("/v2/replication/target-relationships/{id}/{operation}"),
            )
            .await;
        for _ in 0..120 {
            array.poll().await;
            watch(&lab);
            lab.pass(30).await;
        }
    }
    let seen: Vec<(&str, &str, Option<f64>)> = course
        .iter()
        .map(|(state, health, writable)| (state.as_str(), health.as_str(), *writable))
        .collect();
    assert_eq!(
        seen,
        [
            ("established", "ok", Some(0.0)),
            ("disconnecting", "failed_over", Some(0.0)),
            ("disconnected", "failed_over", Some(1.0)),
            ("reconnecting", "transition", Some(0.0)),
            ("established", "ok", Some(0.0)),
        ]
    );
}

#[tokio::test]
async fn pair_is_the_same_text_on_both_sides() {
    let lab = lab().await;
    let (mut source, mut target) = (observe(&lab, SOURCE), observe(&lab, TARGET));
    source.poll().await;
    target.poll().await;
    let text = lab.text();
    let info = |array: &str| {
        let line = text.lines().find(|line| {
            line.starts_with(&format!("storage_replication_relationship_info{{array=\"{array}\""))
                && line.contains("/home->")
        });
        let (_, rest) = line.expect("an info series").split_once("pair=\"").expect("a pair");
        rest.split('"').next().expect("its text").to_owned()
    };
    let id = relationship_id(&lab, "nyc-prod:/home->sfo-dr:/replicas/home");
    assert!(!id.is_empty());
    assert_eq!((info(SOURCE), info(TARGET)), (id.clone(), id));
}

#[tokio::test]
async fn an_empty_recovery_point_is_no_timestamp() {
    let lab = lab().await;
    let mut array = observe(&lab, SOURCE);
    array.poll().await;
    let archive = [
        ("relationship", "nyc-prod:/archive->sfo-dr:/replicas/archive"),
        ("array", SOURCE),
    ];
    assert_eq!(lab.value("storage_replication_has_recovery_point", &archive), Some(0.0));
    assert_eq!(
        lab.value("storage_replication_recovery_point_timestamp_seconds", &archive),
        None
    );
    assert_eq!(lab.value(LAG, &archive), None);
    assert_eq!(
        lab.state("storage_replication_health", "health", &archive),
        Some("initializing".into())
    );
}

#[tokio::test]
async fn a_poll_costs_a_fixed_number_of_requests_and_sends_what_is_documented() {
    for relationships in [1, 200] {
        let lab = Lab::start(
            replication_exporter::source::qumulo::VENDOR,
            Options {
                relationships,
                ..Options::default()
            },
        )
        .await;
        let mut array = observe(&lab, TARGET);
        array.poll().await;
        let before = lab.array(TARGET).log().total();
        array.poll().await;
        assert_eq!(
            lab.array(TARGET).log().total() - before,
            8,
            "with {relationships} relationships"
        );
        assert_documented(lab.array(TARGET));
    }
}

#[tokio::test]
async fn a_session_that_expires_costs_one_log_in_and_no_gap() {
    let lab = lab().await;
    let mut arrays: Vec<Observed<Qumulo>> = [SOURCE, TARGET].iter().map(|name| observe(&lab, name)).collect();
    for array in &mut arrays {
        array.poll().await;
    }
    let logins = |lab: &Lab| -> u64 {
        [SOURCE, TARGET]
            .iter()
            .map(|name| lab.array(name).log().count("POST", "/v1/session/login"))
            .sum()
    };
    assert_eq!(logins(&lab), 1, "one of the two has a password, the other a token");
    for name in [SOURCE, TARGET] {
        lab.array(name).expire_sessions();
    }
    for array in &mut arrays {
        array.poll().await;
    }
    assert_eq!(logins(&lab), 2);
    for name in [SOURCE, TARGET] {
        let success = [("array", name), ("section", "replication_source")];
        assert_eq!(lab.value("storage_poll_success", &success), Some(1.0));
    }
}

/// The id of a relationship, which is its `pair`, read off /metrics.
pub(crate) fn relationship_id(lab: &Lab, relationship: &str) -> String {
    let text = lab.text();
    let line = text
        .lines()
        .find(|line| line.starts_with(LAG) && line.contains(relationship))
        .expect("its lag");
    let (_, rest) = line.split_once("pair=\"").expect("an id");
    rest.split('"').next().expect("its text").to_owned()
}

/// A user who may change things, as somebody with curl would.
pub(crate) struct Admin {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Admin {
    pub(crate) async fn of(lab: &Lab, array: &str) -> Self {
        let client = client(lab);
        let simulated = lab.array(array);
        let url = simulated.url();
        let (username, password) = simulated.credentials().admin.clone().expect("an admin");
        let body = format!(r#"{{"username":"{username}","password":"{password}"}}"#);
        let request = client
            .post(format!("{url}/v1/session/login"))
            .header("Content-Type", "application/json")
            .body(body);
        let answer = request.send().await.expect("an answer").bytes().await.expect("a body");
        let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
        let token = answer["bearer_token"].as_str().expect("a token").to_owned();
        Self { client, url, token }
    }

    pub(crate) async fn send(&self, method: &str, path: &str) {
        let method = method.parse().expect("a method");
        let request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token);
        let status = request.send().await.expect("an answer").status();
        assert!(status.is_success(), "{path}: {status}");
    }
}
