//! Tests of the verdict on one array's view: every row of the table, in order.

use super::*;
use crate::model::{Mode, Objective, Section, Timestamp, facts::tests::description};
use proptest::prelude::*;

const INTERVAL: f64 = 30.0;

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).expect("a time")
}

fn clocks() -> Clocks {
    Clocks {
        here: at(10_000.0),
        source: at(10_000.0),
    }
}

fn judged(facts: &RelationshipFacts, objective: Option<f64>) -> Standing {
    let objective = Objective {
        overrides: vec![],
        default_seconds: objective,
    };
    let terms = Terms {
        objective: &objective,
        interval_seconds: INTERVAL,
    };
    facts.standing_at(clocks(), terms)
}

/// A relationship that works: a recovery point that is 100 s old.
fn works() -> RelationshipFacts {
    let mut facts = RelationshipFacts::new(Section::SYSTEM, description("r"), at(0.0));
    facts.recovery_point = RecoveryPoint::At(at(9900.0));
    facts.recovery_point_read = Some(clocks().here);
    facts.health = Some((Health::Ok, at(0.0)));
    facts
}

#[test]
fn what_works_within_its_objective_is_protected_and_without_one_unjudged() {
    assert_eq!(judged(&works(), Some(100.0)), Standing::Protected);
    assert_eq!(judged(&works(), Some(99.0)), Standing::Behind);
    assert_eq!(judged(&works(), None), Standing::Unjudged);
}

#[test]
fn a_stop_excuses_everything_and_a_blackout_is_no_stop() {
    let mut facts = works();
    facts.recovery_point = RecoveryPoint::Never;
    facts.last_job.result = Some(JobResult::Failed);
    for exemption in [
        Exemption::Ended,
        Exemption::FailedOver,
        Exemption::Pending,
        Exemption::Paused,
    ] {
        facts.exemption = exemption;
        assert_eq!(judged(&facts, Some(1.0)), Standing::Stopped, "{exemption:?}");
    }
    let mut facts = works();
    facts.blackout_until = Some(at(20_000.0));
    assert_eq!(judged(&facts, Some(1000.0)), Standing::Protected);
}

#[test]
fn no_copy_goes_before_its_failing_jobs() {
    let mut facts = works();
    facts.recovery_point = RecoveryPoint::Never;
    facts.health = Some((Health::Failed, at(0.0)));
    facts.last_job.result = Some(JobResult::Failed);
    assert_eq!(judged(&facts, Some(1000.0)), Standing::NoCopy);
}

#[test]
fn behind_goes_before_failing_and_failing_before_unknown() {
    let mut facts = works();
    facts.last_job.result = Some(JobResult::Failed);
    assert_eq!(judged(&facts, Some(1.0)), Standing::Behind);
    assert_eq!(judged(&facts, Some(1000.0)), Standing::Failing);
    assert_eq!(judged(&facts, None), Standing::Failing);
    facts.last_job.result = None;
    facts.health = Some((Health::Failed, at(0.0)));
    facts.recovery_point = RecoveryPoint::Unknown;
    assert_eq!(judged(&facts, Some(1000.0)), Standing::Failing);
}

#[test]
fn what_is_not_known_is_unknown_and_never_protected() {
    let mut nothing_held = works();
    nothing_held.recovery_point = RecoveryPoint::Unknown;
    let mut future = works();
    future.recovery_point_in_future = Some(at(20_000.0));
    let mut word = works();
    word.health = Some((Health::Unknown, at(0.0)));
    let mut never_said = works();
    never_said.health = None;
    for facts in [nothing_held, future.clone(), word, never_said] {
        assert_eq!(judged(&facts, Some(1000.0)), Standing::Unknown);
        assert_eq!(judged(&facts, None), Standing::Unknown);
    }
    assert_eq!(judged(&future, Some(1.0)), Standing::Behind, "its lag is a fact");
}

#[test]
fn a_transition_is_no_standing() {
    let mut facts = works();
    facts.health = Some((Health::Transition, at(0.0)));
    assert_eq!(judged(&facts, Some(1000.0)), Standing::Protected);
    assert_eq!(judged(&facts, Some(1.0)), Standing::Behind);
}

#[test]
fn a_copy_that_runs_once_is_as_good_as_its_last_run() {
    for mode in [Mode::CopyToObject, Mode::CopyFromObject] {
        let mut facts = works();
        facts.description.mode = mode;
        facts.recovery_point = RecoveryPoint::At(at(-1e8));
        for (result, standing) in [
            (Some(JobResult::Success), Standing::Protected),
            (Some(JobResult::Failed), Standing::Failing),
            (Some(JobResult::None), Standing::Unjudged),
            (None, Standing::Unjudged),
        ] {
            facts.last_job.result = result;
            assert_eq!(judged(&facts, Some(1.0)), standing, "{result:?}");
        }
        facts.recovery_point = RecoveryPoint::Never;
        facts.last_job.result = Some(JobResult::None);
        assert_eq!(
            judged(&facts, Some(1.0)),
            Standing::Unjudged,
            "it was never started: no copy is missing"
        );
    }
}

proptest! {
    #[test]
    fn only_what_is_known_to_work_within_its_objective_is_protected(
        health in prop::sample::select(Health::ALL), exemption in prop::sample::select(Exemption::ALL),
        result in prop::option::of(prop::sample::select(JobResult::ALL)),
        age in prop::option::of(0.0..1e6), objective in prop::option::of(1.0..1e6), future in any::<bool>(),
    ) {
        let mut facts = works();
        facts.health = Some((health, at(0.0)));
        facts.exemption = if exemption == Exemption::Blackout { Exemption::None } else { exemption };
        facts.last_job.result = result;
        facts.recovery_point = age.map_or(RecoveryPoint::Unknown, |age: f64| RecoveryPoint::At(clocks().source.plus_seconds(-age)));
        facts.recovery_point_in_future = future.then(|| at(20_000.0));
        if judged(&facts, objective) == Standing::Protected {
            prop_assert!(!facts.exemption.is_a_stop());
            prop_assert!(!matches!(health, Health::Failed | Health::Unknown));
            prop_assert!(result != Some(JobResult::Failed) && !future);
            prop_assert!(matches!((age, objective), (Some(age), Some(objective)) if age <= objective + 1e-6));
        }
    }
}
