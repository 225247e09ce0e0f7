//! Tests of counted lag.

use super::*;
use crate::model::{RecoveryPoint, Section, facts::tests::description};

const INTERVAL: f64 = 30.0;

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).expect("a time")
}

fn clocks(seconds: f64) -> Clocks {
    Clocks {
        here: at(seconds),
        source: at(seconds),
    }
}

/// First seen at 10 000 s, under an exemption.
fn first_seen(recovery_point: f64, exemption: Exemption, blackout_until: Option<f64>) -> RelationshipFacts {
    let mut facts = RelationshipFacts::new(Section::SYSTEM, description("r"), at(10_000.0));
    reads(&mut facts, 10_000.0, recovery_point);
    facts.exempt(exemption, blackout_until.map(at), clocks(10_000.0));
    facts.health = Some((crate::model::Health::Ok, at(10_000.0)));
    facts
}

fn reads(facts: &mut RelationshipFacts, now: f64, recovery_point: f64) {
    facts.recovery_point = RecoveryPoint::At(at(recovery_point));
    facts.recovery_point_read = Some(at(now));
}

/// Counted lag at a moment in which the recovery point was just read again.
fn counted(facts: &RelationshipFacts, now: f64) -> f64 {
    let mut read = facts.clone();
    read.recovery_point_read = Some(at(now));
    read.counted_lag_seconds(clocks(now), INTERVAL).expect("a lag")
}

#[track_caller]
fn is(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} instead of {expected}");
}

#[test]
fn first_seen_it_begins_at_the_lag_and_first_seen_exempt_at_nothing() {
    is(counted(&first_seen(9000.0, Exemption::None, None), 10_000.0), 1000.0);
    for facts in [
        first_seen(9000.0, Exemption::Paused, None),
        first_seen(9000.0, Exemption::None, Some(20_000.0)),
    ] {
        is(counted(&facts, 10_000.0), 0.0);
        is(counted(&facts, 15_000.0), 0.0);
    }
}

#[test]
fn after_a_blackout_longer_than_the_objective_only_the_rest_counts() {
    let mut facts = first_seen(9000.0, Exemption::None, None);
    facts.exempt(Exemption::None, Some(at(50_000.0)), clocks(10_600.0));
    is(counted(&facts, 40_000.0), 1600.0);
    // It lapses by itself, heard or not.
    is(counted(&facts, 50_100.0), 1700.0);
    facts.exempt(Exemption::None, None, clocks(50_200.0));
    is(counted(&facts, 50_200.0), 1800.0);
}

#[test]
fn a_pause_that_the_array_was_lost_in_goes_on() {
    let mut facts = first_seen(9000.0, Exemption::None, None);
    facts.exempt(Exemption::Paused, None, clocks(10_100.0));
    is(counted(&facts, 90_000.0), 1100.0);
    facts.exempt(Exemption::None, None, clocks(90_000.0));
    is(counted(&facts, 90_500.0), 1600.0);
}

#[test]
fn a_new_recovery_point_inside_an_exempt_time_starts_from_its_end() {
    let mut facts = first_seen(9000.0, Exemption::None, None);
    facts.exempt(Exemption::None, Some(at(20_000.0)), clocks(10_100.0));
    reads(&mut facts, 12_000.0, 11_000.0);
    is(counted(&facts, 19_000.0), 0.0);
    is(counted(&facts, 20_300.0), 300.0);
    facts.exempt(Exemption::None, None, clocks(20_300.0));
    reads(&mut facts, 20_400.0, 20_350.0);
    is(counted(&facts, 20_400.0), 50.0);
}

#[test]
fn two_blackouts_between_two_polls_are_two() {
    let mut facts = first_seen(9000.0, Exemption::None, None);
    facts.exempt(Exemption::None, Some(at(10_010.0)), clocks(10_000.0));
    // Over at 10 010, and the next had begun when it was asked again.
    facts.exempt(Exemption::None, Some(at(20_000.0)), clocks(10_030.0));
    is(counted(&facts, 15_000.0), 1000.0 + 20.0);
}

#[test]
fn it_stands_still_from_the_last_reading_on_for_an_interval_at_most() {
    let facts = first_seen(9000.0, Exemption::None, None);
    for (now, expected) in [
        (10_000.0, 1000.0),
        (10_020.0, 1000.0),
        (10_030.0, 1000.0),
        (10_100.0, 1070.0),
    ] {
        is(
            facts.counted_lag_seconds(clocks(now), INTERVAL).expect("a lag"),
            expected,
        );
    }
}

#[test]
fn it_is_never_more_than_the_lag() {
    let mut facts = first_seen(9000.0, Exemption::Paused, None);
    for second in (10_000..40_000_u32).step_by(700).map(f64::from) {
        let exemption = [Exemption::None, Exemption::Paused][usize::from(second % 3.0 == 0.0)];
        facts.exempt(exemption, None, clocks(second));
        let lag = facts.lag_seconds(clocks(second)).expect("a lag");
        assert!(counted(&facts, second) <= lag);
    }
}

#[test]
fn many_exempt_times_are_remembered_by_their_sum() {
    let mut facts = first_seen(9000.0, Exemption::None, None);
    for night in 0..30_u32 {
        let begin = 11_000.0 + 1000.0 * f64::from(night);
        facts.exempt(Exemption::Paused, None, clocks(begin));
        facts.exempt(Exemption::None, None, clocks(begin + 400.0));
    }
    assert!(facts.exempt_time.ended.len() <= MOST_SPANS);
    is(counted(&facts, 41_000.0), 32_000.0 - 30.0 * 400.0);
}
