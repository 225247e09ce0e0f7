//! Tests of when two sides contradict each other.

use super::*;
use crate::model::{Health, RecoveryPoint, Standing, verdict::tests::view};

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn now() -> Timestamp {
    at("2026-11-21T15:54:11Z")
}

fn source(health: Health) -> View {
    view(health)
}

fn target(health: Health) -> View {
    let mut view = view(health);
    view.array = "ams".into();
    view.key.role = Role::Target;
    view
}

fn pair(views: Vec<View>) -> Pair {
    Pair::all(views, now()).remove(0)
}

fn about(pair: &Pair) -> Vec<About> {
    pair.disagreements.iter().map(|said| said.about).collect()
}

#[test]
fn two_healths_are_a_disagreement_once_both_arrays_were_asked_again() {
    let mut failed = target(Health::Failed);
    let disagreeing = pair(vec![source(Health::Ok), failed.clone()]);
    assert_eq!(about(&disagreeing), [About::Health]);
    assert_eq!(
        disagreeing.disagreements[0].text,
        "nyc (source) says ok (established); ams (target) says failed (established)"
    );
    // It failed 10 s before the source was last asked, at an interval of 30 s: the source may not know.
    failed.lasting.health = Some((Health::Failed, at("2026-11-21T15:53:51Z")));
    assert_eq!(about(&pair(vec![source(Health::Ok), failed])), []);
}

#[test]
fn a_pause_of_the_source_need_not_be_known_to_the_target() {
    for quiet in [Health::Ok, Health::Initializing] {
        assert_eq!(about(&pair(vec![source(Health::Paused), target(quiet)])), []);
    }
    let others = [(Health::Paused, Health::Failed), (Health::Ok, Health::Paused)];
    for (a, b) in others {
        assert_eq!(about(&pair(vec![source(a), target(b)])), [About::Health], "{a:?} {b:?}");
    }
}

#[test]
fn two_recovery_points_are_a_disagreement_once_the_older_one_was_read_again() {
    let mut newer = source(Health::Ok);
    newer.lasting.recovery_point = RecoveryPoint::At(at("2026-11-21T15:00:00Z"));
    newer.lasting.recovery_point_seen = Some(at("2026-11-21T15:53:50Z"));
    let older = target(Health::Ok);
    assert_eq!(
        about(&pair(vec![newer.clone(), older.clone()])),
        [],
        "the other array may not have been asked since"
    );
    newer.lasting.recovery_point_seen = Some(at("2026-11-21T15:50:00Z"));
    let disagreeing = pair(vec![newer.clone(), older.clone()]);
    assert_eq!(about(&disagreeing), [About::RecoveryPoint]);
    assert_eq!(
        disagreeing.disagreements[0].text,
        "nyc (source) says recovery point 15:00:00Z; ams (target) says 14:02:11Z"
    );
    let mut expired = older;
    expired.lasting.recovery_point_read = None;
    assert_eq!(
        about(&pair(vec![newer, expired])),
        [],
        "what was not read lately is not compared"
    );
}

#[test]
fn recovery_points_within_the_poll_intervals_agree() {
    let mut near = target(Health::Ok);
    near.lasting.recovery_point = RecoveryPoint::At(at("2026-11-21T14:03:11Z"));
    assert_eq!(about(&pair(vec![source(Health::Ok), near])), []);
}

#[test]
fn a_writable_target_of_a_relationship_that_replicates_is_a_disagreement() {
    let mut writable = target(Health::Ok);
    if let Some(present) = &mut writable.present {
        present.readings.target_writable = Some(true);
    }
    let disagreeing = pair(vec![source(Health::Ok), writable.clone()]);
    assert_eq!(about(&disagreeing), [About::TargetWritable]);
    assert_eq!(
        disagreeing.disagreements[0].text,
        "ams (target) says that the target is writable; nyc (source) says that it replicates: ok (established)"
    );
}

#[test]
fn a_failover_is_its_own_explanation() {
    let mut failed_over = target(Health::FailedOver);
    failed_over.lasting.standing.0 = Standing::Stopped;
    failed_over.lasting.exemption = Exemption::FailedOver;
    failed_over.lasting.recovery_point = RecoveryPoint::At(at("2026-11-20T15:00:00Z"));
    if let Some(present) = &mut failed_over.present {
        present.readings.target_writable = Some(true);
    }
    let mut suspended = source(Health::Failed);
    suspended.lasting.standing.0 = Standing::Failing;
    for views in [
        vec![suspended.clone(), failed_over.clone()],
        vec![source(Health::Ok), failed_over],
    ] {
        let drill = pair(views);
        assert_eq!(drill.standing, Standing::Stopped);
        assert_eq!(about(&drill), []);
    }
}

#[test]
fn two_sources_are_a_disagreement() {
    let mut other = source(Health::Ok);
    other.array = "ams".into();
    assert_eq!(about(&pair(vec![source(Health::Ok), other])), [About::Role]);
}

#[test]
fn who_says_nothing_contradicts_nobody() {
    let mut silent = target(Health::Failed);
    silent.present = None;
    assert_eq!(about(&pair(vec![source(Health::Ok), silent])), []);
}
