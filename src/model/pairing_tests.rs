//! Tests of pairing: which views become one row, which view decides, and when two sides contradict each other.

use super::*;
use crate::model::{RecoveryPoint, verdict::tests::view};

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
    let mut pairs = Pair::all(views, now());
    assert_eq!(pairs.len(), 1);
    pairs.remove(0)
}

fn about(pair: &Pair) -> Vec<About> {
    pair.disagreements.iter().map(|said| said.about).collect()
}

#[test]
fn both_sides_are_one_row_and_the_source_comes_first() {
    let pair = pair(vec![target(Health::Ok), source(Health::Ok)]);
    let arrays: Vec<&str> = pair.views.iter().map(|view| &*view.array).collect();
    assert_eq!(arrays, ["nyc", "ams"]);
    assert_eq!(about(&pair), []);
}

#[test]
fn another_vendors_or_an_empty_pair_text_joins_nothing() {
    let mut other_vendor = target(Health::Ok);
    other_vendor.vendor = "kaminario";
    let mut nameless = [source(Health::Ok), target(Health::Ok)];
    for view in &mut nameless {
        view.description.pair.clear();
    }
    let mut views = vec![source(Health::Ok), other_vendor];
    views.extend(nameless);
    assert_eq!(Pair::all(views, now()).len(), 4);
}

#[test]
fn the_worse_side_decides_and_the_silent_one_does_not() {
    let broken = pair(vec![source(Health::Ok), target(Health::Failed)]);
    assert_eq!((broken.standing, &*broken.lead().array), (Standing::Broken, "ams"));
    let mut silent = target(Health::Failed);
    silent.present = None;
    let fine = pair(vec![source(Health::Ok), silent.clone()]);
    assert_eq!((fine.standing, &*fine.lead().array), (Standing::Fine, "nyc"));
    assert_eq!(about(&fine), [], "nobody contradicts who says nothing");
    let mut silent_source = source(Health::Ok);
    silent_source.present = None;
    assert_eq!(pair(vec![silent_source, silent]).standing, Standing::Unknown);
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
    assert_eq!(
        about(&pair(vec![source(Health::FailedOver), writable])),
        [About::Health]
    );
}

#[test]
fn the_worst_comes_first() {
    let named = |name: &str, health: Health, lag: f64| {
        let mut view = source(health);
        view.description.pair = name.into();
        view.description.relationship = name.into();
        view.lasting.lag_seconds = Some(lag);
        view.lasting.objective_seconds = Some(100.0);
        view
    };
    let mut silent = named("silent", Health::Failed, 1.0);
    silent.present = None;
    let views = vec![
        named("fine", Health::Ok, 1.0),
        named("nearly late", Health::Ok, 99.0),
        named("late", Health::Ok, 101.0),
        named("very late", Health::Ok, 1000.0),
        named("paused", Health::Paused, 1.0),
        silent,
        named("failed", Health::Failed, 1.0),
    ];
    let order = |views: Vec<View>| -> Vec<String> {
        let pairs = Pair::all(views, now());
        pairs
            .iter()
            .map(|pair| pair.lead().description.relationship.clone())
            .collect()
    };
    let expected = ["failed", "very late", "late", "silent", "paused", "nearly late", "fine"];
    assert_eq!(order(views.clone()), expected);
    assert_eq!(
        order(views.into_iter().rev().collect()),
        expected,
        "in whatever order the arrays are read"
    );
}
