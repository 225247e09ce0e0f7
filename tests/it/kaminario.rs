//! The Kaminario source against the simulated pair: a failover drill, as an operator drives and watches it.

use crate::lab::{Lab, Observed, assert_documented, client};
use replication_exporter::{
    simulator::{FaultKind, Options},
    source::kaminario::{self, Kaminario},
};

const HERE: &str = "k2-ams";
const THERE: &str = "k2-fra";

fn observe(lab: &Lab, name: &str) -> Observed<Kaminario> {
    lab.observe(name, |config, trust, slot| {
        let session = kaminario::Kaminario::connect(config, trust, slot.logins()).expect("a session");
        Kaminario::new(config, session)
    })
}

/// A label of the info series of a session.
fn info(lab: &Lab, array: &str, session: &str, label: &str) -> String {
    let text = lab.text();
    let line = text.lines().find(|line| {
        line.starts_with(&format!("storage_replication_relationship_info{{array=\"{array}\""))
            && line.contains(&format!("relationship=\"{session}\""))
    });
    let (_, rest) = line
        .expect("an info series")
        .split_once(&format!("{label}=\""))
        .expect("the label");
    rest.split('"').next().expect("its text").to_owned()
}

/// What an operator watches of one side: state, health, role, writable.
fn view(lab: &Lab, array: &str, session: &str) -> (String, String, String, Option<f64>) {
    let labels = [("array", array), ("relationship", session)];
    (
        lab.state("storage_replication_state", "state", &labels)
            .expect("a state"),
        lab.state("storage_replication_health", "health", &labels)
            .expect("a health"),
        info(lab, array, session, "role"),
        lab.value("storage_replication_target_writable", &labels),
    )
}

/// Changes a session's state, as somebody with curl would.
pub(crate) async fn change(lab: &Lab, array: &str, id: &str, state: &str) {
    let simulated = lab.array(array);
    let (user, password) = simulated.credentials().admin.clone().expect("an admin");
    let request = client(lab)
        .patch(format!("{}/api/v2/replication/sessions/{id}", simulated.url()))
        .basic_auth(user, Some(password))
        .header("Content-Type", "application/json")
        .body(format!(r#"{{"state":"{state}"}}"#));
    let status = request.send().await.expect("an answer").status();
    assert!(status.is_success(), "{array}: {state}: {status}");
}

async fn poll_both(lab: &Lab, arrays: &mut [Observed<Kaminario>; 2]) {
    for array in arrays {
        array.poll().await;
    }
    lab.pass(30).await;
}

#[tokio::test]
async fn a_failover_and_the_way_back_are_watched_from_both_sides() {
    let lab = Lab::start(replication_exporter::source::kaminario::VENDOR, Options::default()).await;
    let mut arrays = [observe(&lab, HERE), observe(&lab, THERE)];
    poll_both(&lab, &mut arrays).await;
    let (here, there) = ("erp", "remote_erp");
    let pair = info(&lab, HERE, here, "pair");
    assert_eq!(
        pair,
        info(&lab, THERE, there, "pair"),
        "one relationship, seen from both sides"
    );
    assert_eq!(view(&lab, HERE, here).1, "ok");
    assert_eq!(view(&lab, THERE, there).1, "ok");
    let recovery_point = |array, session| {
        let labels = [("array", array), ("relationship", session)];
        lab.value("storage_replication_recovery_point_timestamp_seconds", &labels)
    };

    change(&lab, THERE, &info(&lab, THERE, there, "relationship_id"), "failed_over").await;
    for _ in 0..10 {
        poll_both(&lab, &mut arrays).await;
    }
    let failed_over = view(&lab, THERE, there);
    assert_eq!(
        (&*failed_over.0, &*failed_over.1, failed_over.3),
        ("failed_over", "failed_over", Some(1.0))
    );
    assert_eq!(view(&lab, HERE, here).0, "suspended", "the old source follows");
    let at_failover = recovery_point(THERE, there).expect("a recovery point");
    let lag = [("array", THERE), ("relationship", there)];
    assert!(
        lab.value("storage_replication_lag_seconds", &lag).expect("a lag") > 250.0,
        "it grows meanwhile"
    );

    change(&lab, THERE, &info(&lab, THERE, there, "relationship_id"), "in_sync").await;
    for _ in 0..40 {
        poll_both(&lab, &mut arrays).await;
    }
    let (now_source, now_target) = (view(&lab, THERE, there), view(&lab, HERE, here));
    assert_eq!(
        (&*now_source.1, &*now_source.2),
        ("ok", "source"),
        "the direction is reversed"
    );
    assert_eq!((&*now_target.1, &*now_target.2), ("ok", "target"));
    assert_eq!(
        info(&lab, THERE, there, "pair"),
        pair,
        "it is the same relationship still"
    );
    assert_eq!(info(&lab, HERE, here, "pair"), pair);
    assert!(recovery_point(THERE, there).expect("a recovery point") > at_failover);
    for name in [HERE, THERE] {
        assert!(!lab.text().contains(&format!(
            "storage_poll_success{{array=\"{name}\",section=\"replication\"}} 0"
        )));
    }
}

#[tokio::test]
async fn an_array_that_is_lost_keeps_its_facts_and_its_lag_grows() {
    let lab = Lab::start(replication_exporter::source::kaminario::VENDOR, Options::default()).await;
    let mut array = observe(&lab, HERE);
    array.poll().await;
    let labels = [("array", HERE), ("relationship", "erp")];
    let lag = lab.value("storage_replication_lag_seconds", &labels).expect("a lag");
    lab.simulation.set_fault(HERE, FaultKind::Down);
    for _ in 0..4 {
        lab.pass(30).await;
        array.poll().await;
    }
    let grown = lab.value("storage_replication_lag_seconds", &labels).expect("a lag") - lag;
    assert!((120.0..121.5).contains(&grown), "it grew by {grown} s in 120 s");
    assert_eq!(lab.state("storage_replication_state", "state", &labels), None);
    assert_eq!(lab.value("storage_array_up", &[("array", HERE)]), Some(0.0));
    assert_eq!(
        lab.value("storage_replication_rpo_seconds", &labels)
            .map(|rpo| rpo > 0.0),
        Some(true)
    );
}

#[tokio::test]
async fn only_what_is_documented_is_sent_and_one_request_at_a_time() {
    let lab = Lab::start(replication_exporter::source::kaminario::VENDOR, Options::default()).await;
    let mut array = observe(&lab, HERE);
    for _ in 0..3 {
        array.poll().await;
        lab.pass(30).await;
    }
    assert_documented(lab.array(HERE));
    assert_eq!(lab.array(HERE).log().most_in_flight(), 1);
}
