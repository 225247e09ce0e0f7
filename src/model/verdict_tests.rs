//! Tests of verdicts: each sentence as an operator reads it, and what must hold of all of them.

use super::*;
use crate::model::{
    Description, History, Job, LastJobFacts, Lasting, Mode, Present, Ratio, Readings, RelationshipKey, Role, StateWord,
};
use proptest::prelude::*;

const HOUR: f64 = 3600.0;
const MINUTE: f64 = 60.0;
const STATES: &[&str] = &["established", "unknown"];

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn now() -> Timestamp {
    at("2026-11-21T15:54:11Z")
}

/// A relationship that does what it should: 14:02:11Z, 1 h 52 m old.
pub(crate) fn view(health: Health) -> View {
    let recovery_point = at("2026-11-21T14:02:11Z");
    View {
        array: "nyc".into(),
        vendor: "qumulo",
        key: RelationshipKey::new("id", Role::Source),
        description: Description {
            relationship: "nyc:/home->ams:/home".into(),
            pair: "id".into(),
            mode: Mode::Continuous,
            peer_system_id: String::new(),
            source_system: "nyc".into(),
            source_object: "/home".into(),
            target_system: "ams".into(),
            target_object: "/home".into(),
        },
        interval_seconds: 30.0,
        read_at: Some(at("2026-11-21T15:54:01Z")),
        lasting: Lasting {
            standing: (Standing::Protected, at("2026-11-21T12:00:00Z")),
            recovery_point_in_future: None,
            no_recovery_point_since: None,
            counted_lag_seconds: Some(now().seconds_since(recovery_point)),
            recovery_point: RecoveryPoint::At(recovery_point),
            recovery_point_seen: Some(at("2026-11-21T14:30:00Z")),
            recovery_point_read: Some(at("2026-11-21T15:54:01Z")),
            lag_seconds: Some(now().seconds_since(recovery_point)),
            objective_seconds: Some(24.0 * HOUR),
            exemption: Exemption::None,
            blackout_until: None,
            breach_seconds: 0.0,
            health: Some((health, at("2026-11-21T12:00:00Z"))),
            last_job: LastJobFacts::default(),
            history: History::default(),
        },
        present: Some(Present {
            health,
            readings: Readings {
                state: Some(StateWord::among(STATES, "established")),
                ..Readings::default()
            },
        }),
    }
}

fn readings(view: &mut View) -> &mut Readings {
    &mut view.present.as_mut().expect("readings").readings
}

/// The same, seen as `standing`.
pub(crate) fn standing(standing: Standing, health: Health) -> View {
    let mut view = view(health);
    view.lasting.standing.0 = standing;
    view
}

fn why(view: View) -> String {
    pair(vec![view]).why
}

fn pair(views: Vec<View>) -> Pair {
    Pair::all(views, now()).remove(0)
}

#[test]
fn late_with_a_job_says_where_lag_will_peak() {
    let mut view = standing(Standing::Behind, Health::Ok);
    view.lasting.objective_seconds = Some(HOUR);
    readings(&mut view).job_running = Some(true);
    readings(&mut view).job = Some(Job {
        start: Some(at("2026-11-21T13:10:00Z")),
        progress: Ratio::from_percent(37.9),
        remaining_seconds: Some(40.0 * MINUTE),
        ..Job::default()
    });
    assert_eq!(
        why(view),
        "recovery point 14:02:11Z is 1 h 52 m old; objective 1 h; \
         job running since 13:10Z, 37 %, about 40 m left, so lag will peak near 2 h 32 m"
    );
}

#[test]
fn late_without_a_job_says_that_none_runs() {
    let mut view = standing(Standing::Behind, Health::Ok);
    view.lasting.objective_seconds = Some(HOUR);
    readings(&mut view).job_running = Some(false);
    readings(&mut view).queued_snapshots = Some(3);
    assert_eq!(
        why(view),
        "recovery point 14:02:11Z is 1 h 52 m old; objective 1 h; no job is running; 3 snapshots wait"
    );
}

#[test]
fn protected_is_short() {
    assert_eq!(
        why(view(Health::Ok)),
        "recovery point 14:02:11Z is 1 h 52 m old; objective 1 d"
    );
}

#[test]
fn failing_names_the_last_job() {
    let mut view = standing(Standing::Failing, Health::Failed);
    view.lasting.last_job.result = Some(JobResult::Failed);
    view.lasting.objective_seconds = None;
    assert_eq!(
        why(view),
        "the last job failed; recovery point 14:02:11Z is 1 h 52 m old; no objective is set"
    );
}

#[test]
fn what_was_not_said_lately_is_told_with_its_age() {
    let mut view = view(Health::Ok);
    view.present = None;
    view.read_at = Some(at("2026-11-20T15:54:11Z"));
    assert_eq!(
        why(view),
        "nyc is silent since 2026-11-20 15:54:11Z, 1 d (ok then); recovery point 14:02:11Z is 1 h 52 m old; objective 1 d"
    );
}

#[test]
fn the_silence_of_the_source_is_told_also_where_the_target_speaks() {
    let mut source = view(Health::Ok);
    source.present = None;
    source.read_at = Some(at("2026-11-20T15:54:11Z"));
    let mut target = view(Health::Ok);
    target.key.role = Role::Target;
    target.array = "sfo".into();
    target.lasting.counted_lag_seconds = Some(MINUTE);
    let told = |views| Pair::all(views, now()).remove(0).why;
    let why = told(vec![source.clone(), target.clone()]);
    assert!(
        why.starts_with("nyc is silent since 2026-11-20 15:54:11Z, 1 d (ok then); "),
        "{why}"
    );
    source.present = target.present.clone();
    target.present = None;
    let why = told(vec![source, target]);
    assert!(!why.contains("silent"), "the source says all that counts: {why}");
}

#[test]
fn after_a_restart_nothing_is_said_to_be_read() {
    let mut view = view(Health::Ok);
    view.present = None;
    view.read_at = None;
    assert!(
        why(view.clone())
            .starts_with("nyc has not said how it does since the exporter started (ok before); recovery point")
    );
    view.lasting.health = None;
    assert!(why(view).starts_with("nyc has not said yet how it does; "));
}

#[test]
fn a_stop_names_itself_and_says_that_the_objective_does_not_count() {
    for (health, exemption, text) in [
        (Health::FailedOver, Exemption::FailedOver, "failed over: "),
        (Health::Paused, Exemption::Paused, "replication is switched off"),
        (Health::Pending, Exemption::Pending, "not accepted on the target yet"),
        (Health::Ended, Exemption::Ended, "ended on the other side"),
    ] {
        let mut view = standing(Standing::Stopped, health);
        view.lasting.objective_seconds = Some(HOUR);
        view.lasting.exemption = exemption;
        let why = why(view);
        assert!(
            why.starts_with(text) && why.contains("objective 1 h does not count meanwhile"),
            "{why}"
        );
    }
}

#[test]
fn a_failover_that_goes_on_is_told_from_one_that_is_done() {
    let mut view = standing(Standing::Stopped, Health::FailedOver);
    view.lasting.exemption = Exemption::FailedOver;
    readings(&mut view).target_writable = Some(false);
    assert!(why(view.clone()).starts_with("failing over: the target is put back to its recovery point"));
    readings(&mut view).target_writable = Some(true);
    assert!(why(view).starts_with("failed over: the target is writable"));
}

#[test]
fn counted_lag_is_explained_where_it_is_not_the_lag() {
    let mut view = view(Health::Ok);
    view.lasting.objective_seconds = Some(HOUR);
    view.lasting.counted_lag_seconds = Some(20.0 * MINUTE);
    view.lasting.exemption = Exemption::Blackout;
    view.lasting.blackout_until = Some(at("2026-11-22T06:00:00Z"));
    assert_eq!(
        why(view),
        "recovery point 14:02:11Z is 1 h 52 m old, of which 20 m counts: the rest was exempt; \
         objective 1 h, which does not count while it is in a blackout until 2026-11-22 06:00:00Z"
    );
}

#[test]
fn the_time_since_the_last_reading_needs_no_explanation() {
    let mut view = view(Health::Ok);
    view.lasting.counted_lag_seconds = view.lasting.lag_seconds.map(|lag| lag - view.interval_seconds);
    assert!(!why(view).contains("of which"));
}

#[test]
fn without_a_first_copy_it_says_so_and_since_when() {
    let mut view = standing(Standing::NoCopy, Health::Initializing);
    view.lasting.recovery_point = RecoveryPoint::Never;
    view.lasting.no_recovery_point_since = Some(at("2026-11-21T13:54:11Z"));
    (view.lasting.lag_seconds, view.lasting.counted_lag_seconds) = (None, None);
    readings(&mut view).job_running = Some(false);
    assert_eq!(
        why(view),
        "no copy yet since 13:54:11Z, 2 h; objective 1 d; no job is running"
    );
}

#[test]
fn an_unknown_recovery_point_is_never_well() {
    let mut view = standing(Standing::Unknown, Health::Ok);
    view.lasting.recovery_point = RecoveryPoint::Unknown;
    (view.lasting.lag_seconds, view.lasting.counted_lag_seconds) = (None, None);
    let pair = pair(vec![view]);
    assert_eq!(pair.standing, Standing::Unknown);
    assert_eq!(pair.why, "the array has not said what the target holds; objective 1 d");
}

#[test]
fn a_recovery_point_in_the_future_is_told() {
    let mut view = standing(Standing::Unknown, Health::Ok);
    view.lasting.recovery_point_in_future = Some(at("2026-11-21T17:54:11Z"));
    assert_eq!(
        why(view),
        "nyc gives a recovery point in the future, 17:54:11Z, which is not taken: a clock is wrong; \
         recovery point 14:02:11Z is 1 h 52 m old; objective 1 d"
    );
}

#[test]
fn a_copy_that_runs_once_is_not_held_against_its_age() {
    let mut view = view(Health::Ok);
    view.description.mode = Mode::CopyToObject;
    view.lasting.objective_seconds = None;
    assert_eq!(
        why(view),
        "it runs once, and its last run ended well; recovery point 14:02:11Z is 1 h 52 m old"
    );
}

proptest! {
    #[test]
    fn a_sentence_has_neither_gaps_nor_numbers_that_are_none(
        seen in prop::sample::select(Standing::ALL), health in prop::sample::select(Health::ALL), heard in any::<bool>(),
        exemption in prop::sample::select(Exemption::ALL), lag in prop::option::of(0.0..1e12), counted in prop::option::of(0.0..1e12),
        left in prop::option::of(-1e9..1e12), running in prop::option::of(any::<bool>()),
    ) {
        let mut view = standing(seen, health);
        view.lasting.lag_seconds = lag;
        view.lasting.counted_lag_seconds = counted;
        view.lasting.exemption = exemption;
        readings(&mut view).job_running = running;
        readings(&mut view).job = Some(Job { remaining_seconds: left, ..Job::default() });
        if !heard {
            view.present = None;
        }
        let why = why(view);
        prop_assert!(!why.is_empty() && !why.contains("; ;") && !why.contains("  "), "{}", why);
        prop_assert!(!why.contains("NaN") && !why.contains("inf") && !why.contains("-1"), "{}", why);
    }
}
