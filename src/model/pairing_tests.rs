//! Tests of pairing: which views become one row, and how the row stands, scene by scene.

use super::*;
use crate::model::{Health, RecoveryPoint, verdict::tests::view};
use Exemption::{Blackout, Ended, FailedOver, Paused, Pending};
use Standing::{Behind, Failing, NoCopy, Protected, Stopped, Unjudged, Unknown};

const HOUR: f64 = 3600.0;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn now() -> Timestamp {
    at("2026-11-21T15:54:11Z")
}

/// A side that speaks, with a counted lag of 10 minutes under an objective of an hour.
fn side(role: Role, standing: Standing) -> View {
    let mut view = view(Health::Ok);
    if role == Role::Target {
        view.array = "ams".into();
    }
    view.key.role = role;
    view.lasting.standing = (standing, now().plus_seconds(-HOUR));
    counted(600.0, objective(Some(HOUR), view))
}

fn source(standing: Standing) -> View {
    side(Role::Source, standing)
}

fn target(standing: Standing) -> View {
    side(Role::Target, standing)
}

fn counted(seconds: f64, mut view: View) -> View {
    view.lasting.counted_lag_seconds = Some(seconds);
    view
}

fn objective(seconds: Option<f64>, mut view: View) -> View {
    view.lasting.objective_seconds = seconds;
    view
}

fn exempt(exemption: Exemption, mut view: View) -> View {
    view.lasting.exemption = exemption;
    view
}

fn never(mut view: View) -> View {
    view.lasting.recovery_point = RecoveryPoint::Never;
    view.lasting.counted_lag_seconds = None;
    view
}

fn silent(mut view: View) -> View {
    view.present = None;
    view
}

fn paused(view: View) -> View {
    exempt(Paused, view)
}

fn pair(views: Vec<View>) -> Pair {
    let mut pairs = Pair::all(views, now());
    assert_eq!(pairs.len(), 1);
    pairs.remove(0)
}

/// What is to be seen, the views, how the pair stands.
fn scenes() -> Vec<(&'static str, Vec<View>, Standing)> {
    let failed_over = |view: View| exempt(FailedOver, view);
    let late = 4000.0;
    vec![
        ("both are well", vec![source(Protected), target(Protected)], Protected),
        (
            "both are behind",
            vec![counted(late, source(Behind)), counted(late, target(Behind))],
            Behind,
        ),
        (
            "the source is lost and the target is within its objective",
            vec![silent(source(Protected)), target(Protected)],
            Protected,
        ),
        (
            "the source is lost and its last point grows old on the target",
            vec![counted(late, silent(source(Behind))), counted(late, target(Behind))],
            Behind,
        ),
        (
            "a pause that the target knows nothing of",
            vec![paused(source(Stopped)), target(Protected)],
            Stopped,
        ),
        (
            "the paused source is lost: a pause may end unseen",
            vec![silent(paused(source(Stopped))), target(Protected)],
            Protected,
        ),
        (
            "the same, an hour later: the clock of the silent pause stands still",
            vec![silent(paused(source(Stopped))), counted(late, target(Behind))],
            Behind,
        ),
        (
            "both are lost while paused",
            vec![silent(paused(source(Stopped))), silent(paused(target(Stopped)))],
            Stopped,
        ),
        (
            "a failover: the source fails, the target is disconnected",
            vec![source(Failing), failed_over(target(Stopped))],
            Stopped,
        ),
        (
            "a failed over target is lost: its failover goes on",
            vec![counted(late, source(Failing)), silent(failed_over(target(Stopped)))],
            Stopped,
        ),
        (
            "the same, until the source says that it is protected",
            vec![source(Protected), silent(failed_over(target(Stopped)))],
            Protected,
        ),
        (
            "a failover while nobody speaks",
            vec![silent(source(Protected)), silent(failed_over(target(Stopped)))],
            Stopped,
        ),
        (
            "the first copy never works",
            vec![never(source(NoCopy)), never(target(NoCopy))],
            NoCopy,
        ),
        (
            "a blackout longer than the objective, which the target does not know",
            vec![exempt(Blackout, source(Protected)), counted(2.0 * HOUR, target(Behind))],
            Protected,
        ),
        (
            "the same, and the source is silent",
            vec![
                silent(exempt(Blackout, source(Protected))),
                counted(2.0 * HOUR, target(Behind)),
            ],
            Protected,
        ),
        (
            "after a restart only facts are there",
            vec![
                silent(counted(late, source(Behind))),
                silent(counted(late, target(Behind))),
            ],
            Behind,
        ),
        (
            "the target's objective is wider: the strictest counts",
            vec![
                counted(2.0 * HOUR, source(Behind)),
                objective(Some(4.0 * HOUR), counted(2.0 * HOUR, target(Protected))),
            ],
            Behind,
        ),
        (
            "the target's objective is stricter: the strictest counts",
            vec![
                objective(Some(4.0 * HOUR), counted(2.0 * HOUR, source(Protected))),
                counted(2.0 * HOUR, target(Behind)),
            ],
            Behind,
        ),
        (
            "the target has no objective",
            vec![
                counted(late, source(Behind)),
                objective(None, counted(late, target(Unjudged))),
            ],
            Behind,
        ),
        (
            "the target has no objective, and the source is lost",
            vec![silent(source(Protected)), objective(None, target(Unjudged))],
            Protected,
        ),
        (
            "the same, and the lag is over the source's objective",
            vec![
                silent(counted(late, source(Behind))),
                objective(None, counted(late, target(Unjudged))),
            ],
            Behind,
        ),
        (
            "during a swap of roles both say failed over",
            vec![failed_over(target(Stopped)), failed_over(source(Stopped))],
            Stopped,
        ),
        (
            "of a swap only the new source has heard",
            vec![source(Protected), failed_over(target(Stopped))],
            Stopped,
        ),
        ("an observer alone", vec![side(Role::Observer, Protected)], Protected),
        (
            "an observer of a failed task",
            vec![side(Role::Observer, Failing)],
            Failing,
        ),
        (
            "a copy that runs once, done long ago",
            vec![objective(None, counted(6e7, source(Protected)))],
            Protected,
        ),
        (
            "a point in the future, polled on one side",
            vec![target(Unknown)],
            Unknown,
        ),
        (
            "no side has an objective",
            vec![objective(None, source(Unjudged)), objective(None, target(Unjudged))],
            Unjudged,
        ),
        (
            "the source hangs from the start on, the target does not know",
            vec![never_known(target(Unknown))],
            Unknown,
        ),
        (
            "an array that is up, whose listing fails since it was paused",
            vec![silent(paused(source(Stopped))), counted(2.0 * HOUR, target(Behind))],
            Behind,
        ),
        (
            "far behind, then paused by a person",
            vec![
                paused(counted(40_000.0, source(Stopped))),
                paused(counted(40_000.0, target(Stopped))),
            ],
            Stopped,
        ),
        (
            "not authorized after a reversal, with an old copy",
            vec![exempt(Pending, source(Stopped)), exempt(Pending, target(Stopped))],
            Stopped,
        ),
        (
            "the target holds less than the source believes: the source's lag counts",
            vec![source(Protected), counted(9000.0, target(Behind))],
            Protected,
        ),
        (
            "the source says no copy after a reset, the target still holds one",
            vec![never(source(NoCopy)), target(Protected)],
            Protected,
        ),
        (
            "a paused relationship without a first copy",
            vec![never(paused(source(Stopped))), never(paused(target(Stopped)))],
            Stopped,
        ),
        (
            "first seen inside a blackout it begins at nothing",
            vec![
                exempt(Blackout, counted(0.0, source(Protected))),
                counted(7300.0, target(Behind)),
            ],
            Protected,
        ),
        (
            "a word that is not known on one side, the other is protected",
            vec![source(Unknown), target(Protected)],
            Protected,
        ),
        (
            "the lost side had failed, the other is protected",
            vec![silent(source(Failing)), target(Protected)],
            Protected,
        ),
        (
            "the target is lost, the source is protected",
            vec![source(Protected), silent(target(Protected))],
            Protected,
        ),
        (
            "the source knows that an old snapshot was shipped, the target only when",
            vec![counted(36_000.0, source(Behind)), target(Protected)],
            Behind,
        ),
        (
            "failing on one side is failing, though the other is protected",
            vec![source(Failing), target(Protected)],
            Failing,
        ),
        (
            "a remnant of what was ended on the other side",
            vec![exempt(Ended, target(Stopped))],
            Stopped,
        ),
    ]
}

fn never_known(mut view: View) -> View {
    view.lasting.recovery_point = RecoveryPoint::Unknown;
    view.lasting.counted_lag_seconds = None;
    view
}

#[test]
fn every_scene_stands_as_the_one_verdict_says() {
    for (scene, views, standing) in scenes() {
        let mut reversed = views.clone();
        reversed.reverse();
        assert_eq!(pair(views).standing, standing, "{scene}");
        assert_eq!(pair(reversed).standing, standing, "{scene}, in the other order");
    }
}

#[test]
fn the_reason_of_a_stop_is_the_first_in_order() {
    let paused_and_failed_over = pair(vec![paused(source(Stopped)), exempt(FailedOver, target(Stopped))]);
    assert_eq!(paused_and_failed_over.stopped, Some(FailedOver));
    assert_eq!(&*paused_and_failed_over.lead().array, "ams");
    assert_eq!(pair(vec![source(Protected), target(Protected)]).stopped, None);
}

#[test]
fn what_is_shown_belongs_to_the_counted_lag() {
    let (older, newer) = (at("2026-11-21T12:00:00Z"), at("2026-11-21T15:00:00Z"));
    let mut views = [counted(14_000.0, source(Behind)), target(Protected)];
    views[0].lasting.recovery_point = RecoveryPoint::At(older);
    views[1].lasting.recovery_point = RecoveryPoint::At(newer);
    let by_the_source = pair(views.to_vec());
    assert_eq!(by_the_source.recovery_point, Some(older));
    assert_eq!(by_the_source.counted_lag_seconds, Some(14_000.0));
    views[0].present = None;
    let by_the_least = pair(views.to_vec());
    assert_eq!(by_the_least.recovery_point, Some(newer));
    assert_eq!(by_the_least.counted_lag_seconds, Some(600.0));
}

#[test]
fn it_stands_so_since_the_first_of_those_that_say_so() {
    let since = |minutes: f64, mut view: View| {
        view.lasting.standing.1 = now().plus_seconds(-60.0 * minutes);
        view
    };
    let ago = |pair: &Pair| pair.since.map(|since| now().seconds_since(since) / 60.0);
    let both = pair(vec![since(5.0, source(Protected)), since(9.0, target(Protected))]);
    assert_eq!(ago(&both), Some(9.0));
    let one = pair(vec![since(5.0, source(Failing)), since(9.0, target(Protected))]);
    assert_eq!(ago(&one), Some(5.0));
    let unheard = exempt(FailedOver, silent(since(9.0, target(Stopped))));
    assert_eq!(ago(&pair(vec![since(5.0, source(Failing)), unheard])), Some(9.0));
}

#[test]
fn time_in_breach_is_the_least_of_the_views_and_none_while_stopped() {
    let breach = |seconds: f64, mut view: View| {
        view.lasting.breach_seconds = seconds;
        view
    };
    let running = pair(vec![breach(70.0, source(Protected)), breach(50.0, target(Protected))]);
    assert_eq!(running.breach_seconds, Some(50.0));
    let without = objective(None, breach(0.0, target(Unjudged)));
    assert_eq!(
        pair(vec![breach(70.0, source(Protected)), without]).breach_seconds,
        Some(70.0)
    );
    let stopped = pair(vec![breach(70.0, paused(source(Stopped)))]);
    assert_eq!(stopped.breach_seconds, None);
}

#[test]
fn both_sides_are_one_row_and_the_source_comes_first() {
    let pair = pair(vec![target(Protected), source(Protected)]);
    let arrays: Vec<&str> = pair.views.iter().map(|view| &*view.array).collect();
    assert_eq!(arrays, ["nyc", "ams"]);
}

#[test]
fn another_vendors_or_an_empty_pair_text_joins_nothing() {
    let mut other_vendor = target(Protected);
    other_vendor.vendor = "kaminario";
    let mut nameless = [source(Protected), target(Protected)];
    for view in &mut nameless {
        view.description.pair.clear();
    }
    let mut views = vec![source(Protected), other_vendor];
    views.extend(nameless);
    assert_eq!(Pair::all(views, now()).len(), 4);
}

#[test]
fn the_worst_comes_first() {
    let named = |name: &str, mut view: View| {
        view.description.pair = name.into();
        view.description.relationship = name.into();
        view
    };
    let views = vec![
        named("well", source(Protected)),
        named("nearly late", counted(3599.0, source(Protected))),
        named("late", counted(3601.0, source(Behind))),
        named("very late", counted(9000.0, source(Behind))),
        named("paused", paused(source(Stopped))),
        named("unknown", source(Unknown)),
        named("failing", source(Failing)),
        named("no objective", objective(None, source(Unjudged))),
        named("empty", never(source(NoCopy))),
    ];
    let order = |views: Vec<View>| -> Vec<String> {
        let pairs = Pair::all(views, now());
        pairs
            .iter()
            .map(|pair| pair.lead().description.relationship.clone())
            .collect()
    };
    let expected = [
        "empty",
        "very late",
        "late",
        "failing",
        "unknown",
        "no objective",
        "paused",
        "nearly late",
        "well",
    ];
    assert_eq!(order(views.clone()), expected);
    assert_eq!(
        order(views.into_iter().rev().collect()),
        expected,
        "in whatever order the arrays are read"
    );
}
