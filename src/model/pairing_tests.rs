//! Tests of pairing: which views become one row, and how the row stands, scene by scene.

use super::*;
use crate::model::{Health, RecoveryPoint, verdict::tests::view};
use Exemption::{FailedOver, Paused};
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

/// What is to be seen, the views, how the pair stands. A view is its role (`source`, `target`, `observer`; with `-` it is
/// silent), how it stands, and what else is special: counted lag and objective in seconds, an exemption, no lag.
type Scene = (&'static str, &'static [&'static str], Standing);

#[rustfmt::skip]
const SCENES: &[Scene] = &[
    ("both are well", &["source protected", "target protected"], Protected),
    ("both are behind", &["source behind lag=4000", "target behind lag=4000"], Behind),
    ("the source is lost, the target within its objective", &["-source protected", "target protected"], Protected),
    ("the source is lost, its last point grows old on the target", &["-source behind lag=4000", "target behind lag=4000"], Behind),
    ("a pause that the target knows nothing of", &["source stopped paused", "target protected"], Stopped),
    ("the paused source is lost: a pause may end unseen", &["-source stopped paused", "target protected"], Protected),
    ("the same later: the clock of a silent pause stands still", &["-source stopped paused", "target behind lag=4000"], Behind),
    ("both are lost while paused", &["-source stopped paused", "-target stopped paused"], Stopped),
    ("a failover: the source fails, the target is disconnected", &["source failing", "target stopped failed_over"], Stopped),
    ("a failed over target is lost: its failover goes on", &["source failing lag=4000", "-target stopped failed_over"], Stopped),
    ("the same, until the source says that it is protected", &["source protected", "-target stopped failed_over"], Protected),
    ("a failover while nobody speaks", &["-source protected", "-target stopped failed_over"], Stopped),
    ("the first copy never works", &["source no_copy never", "target no_copy never"], NoCopy),
    ("a blackout longer than the objective, unknown to the target", &["source protected blackout", "target behind lag=7200"], Protected),
    ("the same, and the source is silent", &["-source protected blackout", "target behind lag=7200"], Protected),
    ("after a restart only facts are there", &["-source behind lag=4000", "-target behind lag=4000"], Behind),
    ("the target's objective is wider", &["source behind lag=7200", "target protected lag=7200 rpo=14400"], Behind),
    ("the target's objective is stricter", &["source protected lag=7200 rpo=14400", "target behind lag=7200"], Behind),
    ("the target has no objective", &["source behind lag=4000", "target unjudged lag=4000 rpo=none"], Behind),
    ("the same, and the source is lost", &["-source protected", "target unjudged rpo=none"], Protected),
    ("the same, over the source's objective", &["-source behind lag=4000", "target unjudged lag=4000 rpo=none"], Behind),
    ("during a swap of roles both say failed over", &["target stopped failed_over", "source stopped failed_over"], Stopped),
    ("of a swap only the new source has heard", &["source protected", "target stopped failed_over"], Stopped),
    ("an observer alone", &["observer protected"], Protected),
    ("an observer of a failed task", &["observer failing"], Failing),
    ("a copy that runs once, done long ago", &["source protected lag=60000000 rpo=none"], Protected),
    ("a point in the future, polled on one side", &["target unknown"], Unknown),
    ("no side has an objective", &["source unjudged rpo=none", "target unjudged rpo=none"], Unjudged),
    ("the source hangs from the start on, the target does not know", &["target unknown never"], Unknown),
    ("up, but its listing fails since it was paused", &["-source stopped paused", "target behind lag=7200"], Behind),
    ("far behind, then paused", &["source stopped paused lag=40000", "target stopped paused lag=40000"], Stopped),
    ("not authorized after a reversal, with an old copy", &["source stopped pending", "target stopped pending"], Stopped),
    ("the target holds less than the source believes", &["source protected", "target behind lag=9000"], Protected),
    ("no copy by the source after a reset, the target holds one", &["source no_copy never", "target protected"], Protected),
    ("paused before its first copy", &["source stopped paused never", "target stopped paused never"], Stopped),
    ("first seen inside a blackout it begins at nothing", &["source protected blackout lag=0", "target behind lag=7300"], Protected),
    ("an unknown word on one side", &["source unknown", "target protected"], Protected),
    ("the lost side had failed", &["-source failing", "target protected"], Protected),
    ("the target is lost", &["source protected", "-target protected"], Protected),
    ("the source knows that an old snapshot was shipped", &["source behind lag=36000", "target protected"], Behind),
    ("failing on one side", &["source failing", "target protected"], Failing),
    ("a remnant of what was ended on the other side", &["target stopped ended"], Stopped),
];

fn views(written: &[&str]) -> Vec<View> {
    written.iter().map(|text| written_view(text)).collect()
}

fn written_view(text: &str) -> View {
    let mut words = text.split(' ');
    let (role, standing) = (words.next().expect("a role"), words.next().expect("a standing"));
    let role_is = |role: &&Role| text.trim_start_matches('-').starts_with(role.word());
    let stands = |it: &&Standing| it.word() == standing;
    let mut view = side(
        *Role::ALL.iter().find(role_is).expect("a role"),
        *Standing::ALL.iter().find(stands).expect("a standing"),
    );
    for word in words {
        view = match word.split_once('=') {
            Some(("lag", seconds)) => counted(seconds.parse().expect("seconds"), view),
            Some((_, seconds)) => objective(seconds.parse().ok(), view),
            None if word == "never" => never(view),
            None => exempt(*Exemption::ALL.iter().find(|it| it.word() == word).expect(word), view),
        };
    }
    if role.starts_with('-') { silent(view) } else { view }
}

#[test]
fn every_scene_stands_as_the_one_verdict_says() {
    for (scene, written, standing) in SCENES {
        let mut reversed = views(written);
        reversed.reverse();
        assert_eq!(pair(views(written)).standing, *standing, "{scene}");
        assert_eq!(pair(reversed).standing, *standing, "{scene}, in the other order");
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
