//! How the world lives by itself.

use super::{PROTECTION, Pair, RESTRIPER, SOURCE, SOURCES, TARGET, TARGETS, start};
use crate::{model::Timestamp, simulator::fault::FaultKind};
use serde_json::{Value, json};

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

#[test]
fn ordinary_relationships_keep_an_objective_of_an_hour_unless_they_lag() {
    let worst = |scenario| {
        let pair = Pair::new(scenario, 3);
        let mut worst = 0.0_f64;
        for _ in 0..40 {
            for name in ["home", "projects", "media"] {
                let point = pair.target(name)["recovery_point"]
                    .as_str()
                    .and_then(Timestamp::parse_rfc3339);
                worst = worst.max(pair.now.get().seconds_since(point.expect("a recovery point")));
            }
            pair.wait(300.0);
        }
        worst
    };
    let (usual, lagging) = (worst("default"), worst("lagging"));
    assert!(usual < 3000.0, "{usual}");
    assert!(lagging > 7200.0, "{lagging}");
}
