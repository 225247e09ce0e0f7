//! Tests of verdicts: each sentence as an operator reads it, and what must hold of all of them.

use super::*;
use crate::model::{
    Description, Job, LastJobFacts, Lasting, Mode, Present, Ratio, Readings, RelationshipKey, Role, StateWord,
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
            source_system: "nyc".into(),
            source_object: "/home".into(),
            target_system: "ams".into(),
            target_object: "/home".into(),
        },
        interval_seconds: 30.0,
        read_at: Some(at("2026-11-21T15:54:01Z")),
        lasting: Lasting {
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

#[test]
fn late_with_a_job_says_where_lag_will_peak() {
    let mut view = view(Health::Ok);
    view.lasting.objective_seconds = Some(HOUR);
    readings(&mut view).job_running = Some(true);
    readings(&mut view).job = Some(Job {
        start: Some(at("2026-11-21T13:10:00Z")),
        progress: Ratio::from_percent(37.9),
        remaining_seconds: Some(40.0 * MINUTE),
        ..Job::default()
    });
    assert_eq!(
        view.why(now()),
        "recovery point 14:02:11Z is 1 h 52 m old; objective 1 h; \
         job running since 13:10Z, 37 %, about 40 m left, so lag will peak near 2 h 32 m"
    );
    assert_eq!(view.standing(), Standing::Behind);
}

#[test]
fn late_without_a_job_says_that_none_runs() {
    let mut view = view(Health::Ok);
    view.lasting.objective_seconds = Some(HOUR);
    readings(&mut view).job_running = Some(false);
    readings(&mut view).queued_snapshots = Some(3);
    assert_eq!(
        view.why(now()),
        "recovery point 14:02:11Z is 1 h 52 m old; objective 1 h; no job is running; 3 snapshots wait"
    );
}

#[test]
fn fine_is_short() {
    let view = view(Health::Ok);
    assert_eq!(view.standing(), Standing::Fine);
    assert_eq!(
        view.why(now()),
        "recovery point 14:02:11Z is 1 h 52 m old; objective 1 d"
    );
}

#[test]
fn failed_is_broken_and_names_the_last_job() {
    let mut view = view(Health::Failed);
    view.lasting.last_job.result = Some(JobResult::Failed);
    view.lasting.objective_seconds = None;
    assert_eq!(view.standing(), Standing::Broken);
    assert_eq!(
        view.why(now()),
        "the last job failed; recovery point 14:02:11Z is 1 h 52 m old; no objective is set"
    );
}

#[test]
fn what_was_not_said_lately_is_unknown_and_its_age_is_told() {
    let mut view = view(Health::Ok);
    view.present = None;
    view.read_at = Some(at("2026-11-20T15:54:11Z"));
    assert_eq!(view.standing(), Standing::Unknown);
    assert_eq!(
        view.why(now()),
        "nyc last said how it does at 2026-11-20 15:54:11Z, 1 d ago (ok then), so its state is not known now; \
         recovery point 14:02:11Z is 1 h 52 m old; objective 1 d"
    );
    view.lasting.objective_seconds = Some(HOUR);
    assert_eq!(
        view.standing(),
        Standing::Behind,
        "lag is a fact: it grows while the array is away"
    );
}

#[test]
fn after_a_restart_nothing_is_said_to_be_read() {
    let mut view = view(Health::Ok);
    view.present = None;
    view.read_at = None;
    assert!(
        view.why(now())
            .starts_with("nyc has not said how it does since the exporter started (ok before); recovery point")
    );
    view.lasting.health = None;
    assert!(view.why(now()).starts_with("nyc has not said yet how it does; "));
}

#[test]
fn an_exemption_names_itself_and_excuses_lag() {
    for (health, exemption, text) in [
        (
            Health::FailedOver,
            Exemption::FailedOver,
            "objective 1 h, which does not count while it is failed over",
        ),
        (
            Health::Paused,
            Exemption::Paused,
            "objective 1 h, which does not count while it is paused",
        ),
        (
            Health::Pending,
            Exemption::Pending,
            "objective 1 h, which does not count while it is pending",
        ),
        (
            Health::Ended,
            Exemption::Ended,
            "objective 1 h, which does not count while it has ended",
        ),
    ] {
        let mut view = view(health);
        view.lasting.objective_seconds = Some(HOUR);
        view.lasting.exemption = exemption;
        assert_eq!(view.standing(), Standing::Stopped, "{health:?}");
        assert!(view.why(now()).contains(text), "{}", view.why(now()));
    }
    let mut view = view(Health::Ok);
    view.lasting.objective_seconds = Some(HOUR);
    view.lasting.exemption = Exemption::Blackout;
    view.lasting.blackout_until = Some(at("2026-11-22T06:00:00Z"));
    assert_eq!(view.standing(), Standing::Fine);
    assert!(
        view.why(now())
            .ends_with("while it is in a blackout until 2026-11-22 06:00:00Z")
    );
}

#[test]
fn without_a_first_copy_it_is_behind() {
    let mut view = view(Health::Initializing);
    view.lasting.recovery_point = RecoveryPoint::Never;
    view.lasting.lag_seconds = None;
    assert_eq!(view.standing(), Standing::Behind);
    assert_eq!(
        view.why(now()),
        "the first copy is not complete; the target holds no recovery point; objective 1 d"
    );
}

fn any_health() -> impl Strategy<Value = Health> {
    prop::sample::select(Health::ALL)
}

fn any_exemption() -> impl Strategy<Value = Exemption> {
    prop::sample::select(Exemption::ALL)
}

proptest! {
    #[test]
    fn only_what_is_known_to_work_within_its_objective_is_fine(
        health in any_health(), heard in any::<bool>(), exemption in any_exemption(), lag in 0.0..1e9, objective in 1.0..1e9,
    ) {
        let mut view = view(health);
        view.lasting.lag_seconds = Some(lag);
        view.lasting.objective_seconds = Some(objective);
        view.lasting.exemption = exemption;
        if !heard {
            view.present = None;
        }
        let excused = exemption != Exemption::None;
        let fine = heard && health == Health::Ok && (excused || lag <= objective);
        prop_assert_eq!(view.standing() == Standing::Fine, fine);
        prop_assert_eq!(view.standing() == Standing::Broken, heard && health == Health::Failed);
    }

    #[test]
    fn a_sentence_has_neither_gaps_nor_numbers_that_are_none(
        health in any_health(), heard in any::<bool>(), exemption in any_exemption(),
        lag in prop::option::of(0.0..1e12), left in prop::option::of(-1e9..1e12), running in prop::option::of(any::<bool>()),
    ) {
        let mut view = view(health);
        view.lasting.lag_seconds = lag;
        view.lasting.exemption = exemption;
        readings(&mut view).job_running = running;
        readings(&mut view).job = Some(Job { remaining_seconds: left, ..Job::default() });
        if !heard {
            view.present = None;
        }
        let why = view.why(now());
        prop_assert!(!why.is_empty() && !why.contains("; ;") && !why.contains("  "), "{}", why);
        prop_assert!(!why.contains("NaN") && !why.contains("inf") && !why.contains("-1"), "{}", why);
    }
}
