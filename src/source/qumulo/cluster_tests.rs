use super::{super::payloads::*, *};
use crate::{model::Field, source::lenient::parse};

fn restriper_of(payload: &[u8]) -> Result<SectionReport, String> {
    restriper(parse(payload)?)
}

fn read_restriper(payload: &[u8]) -> Restriper {
    restriper_of(payload).expect("a report").restriper.expect("a restriper")
}

fn read_protection(payload: &[u8]) -> Result<SectionReport, String> {
    protection(parse(payload)?)
}

#[test]
fn the_cluster_is_known_by_its_id_and_the_last_word_of_its_revision() {
    let read = |node: &[u8], version: &[u8]| {
        system(
            parse(node).expect("JSON"),
            parse(CLUSTER_SETTINGS).expect("JSON"),
            parse(version).expect("JSON"),
            Some(1.5),
        )
    };
    let report = read(NODE_STATE, VERSION);
    assert_eq!(counted(&report), []);
    let found = report.system.expect("a system");
    assert_eq!(found.id, Field::Is("5b2f7d1c-9a44-4c0e-8d36-0f6b1f2a7c11".to_owned()));
    assert_eq!(found.name, Field::Is("osl-media".to_owned()));
    assert_eq!(found.version, Field::Is("7.8.0".to_owned()));
    assert_eq!(found.clock_skew_seconds, Some(1.5));
    let silent = read(b"{}", b"{}");
    assert_eq!(
        silent.system.as_ref().map(|system| system.id.clone()),
        Some(Field::Silent)
    );
    assert_eq!(counted(&silent), [("cluster_id", 1), ("revision_id", 1)]);
}

#[test]
fn a_running_restriper_has_phase_progress_and_age() {
    let report = restriper_of(RESTRIPER).expect("a report");
    assert_eq!(counted(&report), []);
    let restriper = report.restriper.expect("a restriper");
    assert_eq!(restriper.state, RestriperState::Running);
    assert_eq!(restriper.phase, RestriperPhase::Reprotect);
    assert_eq!(restriper.data_at_risk, Some(true));
    assert_eq!(restriper.progress.map(Ratio::get), Some(0.125));
    assert_eq!(restriper.elapsed_seconds, Some(4210.0));
    assert_eq!(restriper.coordinator_node, Some(4));
}

#[test]
fn an_idle_restriper_has_neither_progress_nor_age() {
    let restriper = read_restriper(OLD_RESTRIPER);
    assert_eq!(restriper.state, RestriperState::NotStarted);
    assert_eq!(restriper.phase, RestriperPhase::None);
    assert_eq!((restriper.progress, restriper.elapsed_seconds), (None, None));
    assert_eq!(restriper.data_at_risk, Some(false));
}

#[test]
fn blocked_is_finished_with_a_reason_or_the_old_word() {
    let finished = edited(RESTRIPER, "\"RUNNING\"", "\"FINISHED\"");
    assert_eq!(read_restriper(&finished).state, RestriperState::Finished);
    let blocked = edited(
        &finished,
        "\"blocked_reason\": \"\"",
        "\"blocked_reason\": \"no space\"",
    );
    assert_eq!(read_restriper(&blocked).state, RestriperState::Blocked);
    assert_eq!(read_restriper(&blocked).blocked_reason, "no space");
    let old = edited(OLD_RESTRIPER, "NOT_RUNNING", "BLOCKED");
    assert_eq!(read_restriper(&old).state, RestriperState::Blocked);
    // Whether it finished cannot be told.
    let renamed = edited(&finished, "blocked_reason", "why");
    assert_eq!(read_restriper(&renamed).state, RestriperState::Unknown);
}

#[test]
fn silence_about_data_at_risk_is_never_safety() {
    let report = restriper_of(&edited(RESTRIPER, "data_at_risk", "at_risk")).expect("a report");
    assert_eq!(counted(&report), [("data_at_risk", 1)]);
    assert_eq!(report.restriper.and_then(|restriper| restriper.data_at_risk), None);
    for other in ["{}", "[]", "null", "\"RUNNING\"", "{\"error\": 1}"] {
        assert!(restriper_of(other.as_bytes()).is_err(), "{other}");
    }
}

#[test]
fn unknown_words_are_unknown_and_counted() {
    let odd = edited(&edited(RESTRIPER, "REPROTECT", "JUGGLE"), "\"RUNNING\"", "\"DANCING\"");
    let report = restriper_of(&odd).expect("a report");
    assert_eq!(counted(&report), [("phase", 1), ("restriper_state", 1)]);
}

#[test]
fn fault_tolerance_is_as_given() {
    let report = read_protection(PROTECTION).expect("a report");
    assert_eq!(
        report.protection,
        Some(Protection {
            remaining_node_failures: Some(0),
            remaining_drive_failures: Some(1),
            max_node_failures: Some(1),
            max_drive_failures: Some(2),
        })
    );
    assert!(read_protection(b"{}").is_err());
    let partly = read_protection(&edited(
        PROTECTION,
        "\"remaining_node_failures\": 0",
        "\"remaining_node_failures\": -1",
    ));
    assert_eq!(counted(&partly.expect("a report")), [("remaining_node_failures", 1)]);
}

#[test]
fn no_damage_to_an_answer_makes_it_panic() {
    survives_damage(RESTRIPER, restriper_of);
    survives_damage(OLD_RESTRIPER, restriper_of);
    survives_damage(PROTECTION, read_protection);
    survives_damage(NODE_STATE, |payload| {
        Ok(system(
            parse(payload)?,
            ClusterSettings::default(),
            Version::default(),
            None,
        ))
    });
}
