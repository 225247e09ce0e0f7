//! Tests of the life of facts.

use super::*;
use crate::model::{
    Condition, Description, Exemption, Health, Mode, Objective, Readings, RecoveryPoint, RelationshipReport, Restriper,
    RestriperPhase, RestriperState, Standing,
};

const LISTS: Section = Section::new("lists");
const OTHER: Section = Section::new("other_lists");

fn at(seconds: f64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).expect("a time")
}

pub(crate) fn description(relationship: &str) -> Description {
    Description {
        relationship: relationship.into(),
        pair: "pair".into(),
        mode: Mode::Continuous,
        peer_system_id: String::new(),
        source_system: "a".into(),
        source_object: "/x".into(),
        target_system: "b".into(),
        target_object: "/y".into(),
    }
}

fn said(id: &str, role: Role, recovery_point: Field<Timestamp>) -> RelationshipReport {
    RelationshipReport {
        description: Some(description(id)),
        recovery_point,
        readings: Readings {
            condition: Some(Condition::Replicating),
            ..Readings::default()
        },
        ..RelationshipReport::new(RelationshipKey::new(id, role))
    }
}

fn listing(relationships: Vec<RelationshipReport>) -> SectionReport {
    SectionReport {
        listing: Listing::Complete,
        roles: &[Role::Source],
        relationships,
        ..SectionReport::default()
    }
}

/// An objective of a minute, or none; asked every ten seconds.
fn objective(default_seconds: Option<f64>) -> Objective {
    Objective {
        overrides: vec![],
        default_seconds,
    }
}

fn terms(objective: &Objective) -> Terms<'_> {
    Terms {
        objective,
        interval_seconds: 10.0,
    }
}

/// Takes in a poll under no objective.
pub(crate) fn apply(facts: &mut ArrayFacts, reports: &[(Section, &SectionReport)], now: Timestamp) -> UnknownValues {
    facts.apply(reports, now, terms(&objective(None)))
}

fn facts_after(polls: &[&[(Section, &SectionReport)]]) -> ArrayFacts {
    let mut facts = ArrayFacts::default();
    for (index, poll) in (0_u32..).zip(polls) {
        apply(&mut facts, poll, at(1000.0 + f64::from(index)));
    }
    facts
}

#[test]
fn a_fact_survives_silence_and_is_dropped_by_never() {
    let known = listing(vec![said("r", Role::Source, Field::Is(at(500.0)))]);
    let silent = listing(vec![said("r", Role::Source, Field::Silent)]);
    let never = listing(vec![said("r", Role::Source, Field::Never)]);
    let key = RelationshipKey::new("r", Role::Source);
    let facts = facts_after(&[&[(LISTS, &known)], &[(LISTS, &silent)]]);
    assert_eq!(facts.relationships[&key].recovery_point, RecoveryPoint::At(at(500.0)));
    let facts = facts_after(&[&[(LISTS, &known)], &[(LISTS, &never)]]);
    assert_eq!(facts.relationships[&key].recovery_point, RecoveryPoint::Never);
}

#[test]
fn a_recovery_point_may_go_back_in_time() {
    let later = listing(vec![said("r", Role::Source, Field::Is(at(500.0)))]);
    let earlier = listing(vec![said("r", Role::Source, Field::Is(at(400.0)))]);
    let facts = facts_after(&[&[(LISTS, &later)], &[(LISTS, &earlier)]]);
    assert_eq!(
        facts.relationships[&RelationshipKey::new("r", Role::Source)].recovery_point,
        RecoveryPoint::At(at(400.0))
    );
}

#[test]
fn a_relationship_goes_when_its_own_listing_succeeds_without_it() {
    let mine = listing(vec![said("r", Role::Source, Field::Is(at(1.0)))]);
    let empty = listing(vec![]);
    let facts = facts_after(&[&[(LISTS, &mine)], &[(OTHER, &empty)]]);
    assert_eq!(
        facts.relationships.len(),
        1,
        "another section's listing says nothing about it"
    );
    let facts = facts_after(&[&[(LISTS, &mine)], &[(LISTS, &empty)]]);
    assert!(facts.relationships.is_empty());
    assert_eq!(
        facts.relationships_by_role(),
        BTreeMap::from([(Role::Source, 0)]),
        "0 is told"
    );
}

#[test]
fn a_poll_without_sections_changes_nothing() {
    let mine = listing(vec![said("r", Role::Source, Field::Is(at(1.0)))]);
    assert_eq!(
        facts_after(&[&[(LISTS, &mine)]]),
        facts_after(&[&[(LISTS, &mine)], &[]])
    );
}

#[test]
fn a_partial_listing_adds_and_never_removes() {
    let first = listing(vec![said("r", Role::Source, Field::Silent)]);
    let partial = SectionReport {
        listing: Listing::Partial,
        relationships: vec![said("s", Role::Source, Field::Silent)],
        ..SectionReport::default()
    };
    let facts = facts_after(&[&[(LISTS, &first)], &[(LISTS, &partial)]]);
    assert_eq!(facts.relationships.len(), 2);
}

#[test]
fn a_changed_role_carries_facts_since_time_and_breach_counter_over() {
    let objective = objective(Some(60.0));
    let as_target = listing(vec![said("r", Role::Target, Field::Is(at(500.0)))]);
    let as_source = listing(vec![said("r", Role::Source, Field::Silent)]);
    let mut facts = ArrayFacts::default();
    apply(
        &mut facts,
        &[(OTHER, &as_target), (LISTS, &listing(vec![]))],
        at(1000.0),
    );
    facts.count_breaches(terms(&objective), at(1010.0), 10.0);
    apply(
        &mut facts,
        &[(OTHER, &listing(vec![])), (LISTS, &as_source)],
        at(1020.0),
    );
    assert_eq!(facts.relationships.len(), 1);
    let moved = &facts.relationships[&RelationshipKey::new("r", Role::Source)];
    assert_eq!(moved.recovery_point, RecoveryPoint::At(at(500.0)));
    assert_eq!(moved.health, Some((Health::Ok, at(1000.0))));
    assert!((moved.breach_seconds - 10.0).abs() < 1e-9);
    assert_eq!(moved.section, LISTS);
}

#[test]
fn both_roles_at_once_are_two_relationships() {
    let as_target = listing(vec![said("r", Role::Target, Field::Is(at(500.0)))]);
    let as_source = listing(vec![said("r", Role::Source, Field::Silent)]);
    let facts = facts_after(&[&[(OTHER, &as_target)], &[(OTHER, &as_target), (LISTS, &as_source)]]);
    assert_eq!(facts.relationships.len(), 2);
    let source = &facts.relationships[&RelationshipKey::new("r", Role::Source)];
    assert_eq!(source.recovery_point, RecoveryPoint::Unknown);
}

#[test]
fn since_moves_only_when_health_does() {
    let fine = listing(vec![said("r", Role::Source, Field::Is(at(500.0)))]);
    let never = listing(vec![said("r", Role::Source, Field::Never)]);
    let key = RelationshipKey::new("r", Role::Source);
    let facts = facts_after(&[&[(LISTS, &fine)], &[], &[(LISTS, &fine)]]);
    assert_eq!(facts.relationships[&key].health, Some((Health::Ok, at(1000.0))));
    let facts = facts_after(&[&[(LISTS, &fine)], &[(LISTS, &never)]]);
    assert_eq!(
        facts.relationships[&key].health,
        Some((Health::Initializing, at(1001.0)))
    );
}

#[test]
fn another_system_id_drops_every_fact() {
    let system = |id: &str| SectionReport {
        system: Some(SystemReport {
            id: Field::Is(id.into()),
            ..SystemReport::default()
        }),
        ..SectionReport::default()
    };
    let mine = listing(vec![said("r", Role::Source, Field::Is(at(1.0)))]);
    let (one, two) = (system("one"), system("two"));
    let facts = facts_after(&[&[(Section::SYSTEM, &one), (LISTS, &mine)], &[(Section::SYSTEM, &two)]]);
    assert!(facts.relationships.is_empty());
    assert_eq!(facts.identity.id, "two");
}

#[test]
fn a_recovery_point_is_stamped_by_its_source_and_lag_is_never_negative() {
    let mut facts = facts_after(&[&[(LISTS, &listing(vec![said("r", Role::Source, Field::Is(at(900.0)))]))]]);
    let key = RelationshipKey::new("r", Role::Source);
    let lag = |facts: &ArrayFacts, role, now| facts.relationships[&key].lag_seconds(facts.clocks(role, at(now)));
    assert_eq!(lag(&facts, Role::Source, 1000.0), Some(100.0));
    facts.clock_skew_seconds = Some(1.9);
    assert_eq!(
        lag(&facts, Role::Source, 1000.0),
        Some(100.0),
        "below 2 s it counts as 0"
    );
    facts.clock_skew_seconds = Some(-50.0);
    assert_eq!(lag(&facts, Role::Source, 1000.0), Some(50.0));
    assert_eq!(lag(&facts, Role::Source, 900.0), Some(0.0));
    for role in [Role::Target, Role::Observer, Role::Unknown] {
        assert_eq!(lag(&facts, role, 1000.0), Some(100.0), "another clock stamped it");
    }
}

#[test]
fn a_breach_is_counted_from_the_moment_lag_passes_the_objective() {
    let objective = objective(Some(60.0));
    let mine = listing(vec![said("r", Role::Source, Field::Is(at(940.0)))]);
    let key = RelationshipKey::new("r", Role::Source);
    let mut facts = facts_after(&[&[(LISTS, &mine)]]);
    facts.count_breaches(terms(&objective), at(1000.0), 15.0);
    assert!(facts.relationships[&key].breach_seconds.abs() < 1e-9);
    // Of the time since the last reading at most one interval of 10 s is left out.
    facts.count_breaches(terms(&objective), at(1015.0), 15.0);
    facts.count_breaches(terms(&objective), at(1030.0), 15.0);
    assert!((facts.relationships[&key].breach_seconds - 20.0).abs() < 1e-9);
    facts.relationships.get_mut(&key).expect("it").exemption = Exemption::Paused;
    facts.count_breaches(terms(&objective), at(1040.0), 20.0);
    assert!(
        (facts.relationships[&key].breach_seconds - 20.0).abs() < 1e-9,
        "exempt time does not count"
    );
}

#[test]
fn a_breach_is_never_back_dated_to_before_first_sight() {
    let objective = objective(Some(60.0));
    let mine = listing(vec![said("r", Role::Source, Field::Is(at(1.0)))]);
    let mut facts = facts_after(&[&[(LISTS, &mine)]]);
    facts.count_breaches(terms(&objective), at(1005.0), 5.0);
    let breach = facts.relationships[&RelationshipKey::new("r", Role::Source)].breach_seconds;
    assert!((breach - 5.0).abs() < 1e-9);
}

#[test]
fn a_blackout_lapses_at_the_next_active_time_without_the_array() {
    let mut report = said("r", Role::Source, Field::Is(at(1.0)));
    report.readings.blackout = Some(true);
    report.readings.next_active = Some(at(2000.0));
    let facts = facts_after(&[&[(LISTS, &listing(vec![report]))]]);
    let relationship = &facts.relationships[&RelationshipKey::new("r", Role::Source)];
    assert_eq!(
        relationship.exemption_at(facts.clocks(Role::Source, at(1999.0))),
        Exemption::Blackout
    );
    assert_eq!(
        relationship.exemption_at(facts.clocks(Role::Source, at(2000.0))),
        Exemption::None
    );
}

#[test]
fn an_array_that_stays_away_is_forgotten_but_for_its_name() {
    let mine = listing(vec![said("r", Role::Source, Field::Is(at(1.0)))]);
    let mut facts = facts_after(&[&[(LISTS, &mine)]]);
    facts.identity.name = "nyc".into();
    facts.forget();
    assert!(facts.relationships.is_empty());
    assert_eq!(facts.identity.name, "nyc");
}

#[test]
fn of_two_records_of_one_relationship_the_worse_counts() {
    let fine = said("r", Role::Source, Field::Is(at(500.0)));
    let mut failed = said("r", Role::Source, Field::Is(at(500.0)));
    failed.readings.condition = Some(Condition::Decided(Health::Failed));
    for pair in [vec![fine.clone(), failed.clone()], vec![failed, fine]] {
        let report = listing(pair).without_duplicates();
        assert_eq!(report.relationships.len(), 1);
        assert_eq!(
            report.relationships[0].readings.condition,
            Some(Condition::Decided(Health::Failed))
        );
        assert_eq!(report.unknown_values.iter().collect::<Vec<_>>(), [("duplicate", 1)]);
    }
}

fn key() -> RelationshipKey {
    RelationshipKey::new("r", Role::Source)
}

/// What the array says at `now`, judged by an objective of a minute.
fn hears(facts: &mut ArrayFacts, said: RelationshipReport, now: f64) -> Standing {
    let objective = objective(Some(60.0));
    let report = listing(vec![said]);
    let _ = facts.apply(&[(LISTS, &report)], at(now), terms(&objective));
    facts.relationships[&key()].standing.0
}

fn passes(facts: &mut ArrayFacts, now: f64) -> Standing {
    let objective = objective(Some(60.0));
    facts.judge(at(now), terms(&objective), Voice::Exporter);
    facts.relationships[&key()].standing.0
}

fn point(seconds: f64) -> RelationshipReport {
    said("r", Role::Source, Field::Is(at(seconds)))
}

fn under(health: Health, recovery_point: f64) -> RelationshipReport {
    let mut said = point(recovery_point);
    said.readings.condition = Some(Condition::Decided(health));
    said
}

#[test]
fn a_protected_relationship_whose_array_was_lost_becomes_behind_by_itself() {
    let mut facts = ArrayFacts::default();
    assert_eq!(hears(&mut facts, point(990.0), 1000.0), Standing::Protected);
    assert_eq!(passes(&mut facts, 1060.0), Standing::Protected);
    assert_eq!(passes(&mut facts, 1061.0), Standing::Behind);
    assert_eq!(facts.relationships[&key()].standing.1, at(1061.0));
    assert_eq!(passes(&mut facts, 1100.0), Standing::Behind);
    assert_eq!(facts.relationships[&key()].standing.1, at(1061.0), "since then");
}

#[test]
fn a_stop_is_since_its_present_reason() {
    let mut facts = ArrayFacts::default();
    hears(&mut facts, under(Health::Paused, 990.0), 1000.0);
    hears(&mut facts, under(Health::Paused, 990.0), 1010.0);
    assert_eq!(facts.relationships[&key()].standing, (Standing::Stopped, at(1000.0)));
    hears(&mut facts, under(Health::FailedOver, 990.0), 1020.0);
    assert_eq!(facts.relationships[&key()].standing, (Standing::Stopped, at(1020.0)));
}

#[test]
fn a_recovery_point_in_the_future_is_counted_and_not_taken() {
    let mut facts = ArrayFacts::default();
    let objective = objective(Some(60.0));
    let hear = |facts: &mut ArrayFacts, recovery_point: f64, now: f64| {
        let report = listing(vec![point(recovery_point)]);
        facts.apply(&[(LISTS, &report)], at(now), terms(&objective))
    };
    assert_eq!(hear(&mut facts, 990.0, 1000.0), UnknownValues::default());
    let impossible = hear(&mut facts, 2000.0, 1010.0);
    let counted: Vec<_> = impossible.iter().collect();
    assert_eq!(counted, [("recovery_point_in_future", 1)]);
    let known = &facts.relationships[&key()];
    assert_eq!(
        known.recovery_point,
        RecoveryPoint::At(at(990.0)),
        "the last fact stays"
    );
    assert_eq!(known.recovery_point_in_future, Some(at(2000.0)));
    assert_eq!(known.standing.0, Standing::Unknown);
    assert_eq!(passes(&mut facts, 1100.0), Standing::Behind, "its lag grows");
    hear(&mut facts, 2000.0, 1700.0);
    let known = &facts.relationships[&key()];
    assert_eq!(
        known.recovery_point,
        RecoveryPoint::At(at(2000.0)),
        "300 s ahead is possible"
    );
    assert_eq!(known.recovery_point_in_future, None);
}

#[test]
fn a_source_whose_clock_is_fast_gives_no_point_in_the_future() {
    let mut facts = ArrayFacts {
        clock_skew_seconds: Some(600.0),
        ..ArrayFacts::default()
    };
    assert_eq!(hears(&mut facts, point(1590.0), 1000.0), Standing::Protected);
    assert_eq!(facts.relationships[&key()].recovery_point_in_future, None);
}

#[test]
fn a_copy_to_an_object_store_is_stamped_by_the_array_and_one_from_there_is_held_against_our_clock() {
    for (mode, role, lag) in [
        (Mode::CopyToObject, Role::Source, 100.0),
        (Mode::CopyFromObject, Role::Target, 700.0),
    ] {
        // The array's clock is 10 minutes slow.
        let mut facts = ArrayFacts {
            clock_skew_seconds: Some(-600.0),
            ..ArrayFacts::default()
        };
        let mut said = point(300.0);
        said.key.role = role;
        if let Some(description) = &mut said.description {
            description.mode = mode;
        }
        let key = said.key.clone();
        let objective = objective(None);
        let _ = facts.apply(&[(LISTS, &listing(vec![said]))], at(1000.0), terms(&objective));
        let clocks = facts.clocks(role, at(1000.0));
        assert_eq!(facts.relationships[&key].lag_seconds(clocks), Some(lag), "{mode:?}");
    }
}

#[test]
fn a_blackout_is_judged_by_the_sources_clock_alone() {
    let mut facts = ArrayFacts {
        clock_skew_seconds: Some(-600.0),
        ..ArrayFacts::default()
    };
    let mut said = point(390.0);
    said.readings.blackout = Some(true);
    said.readings.next_active = Some(at(900.0));
    hears(&mut facts, said, 1000.0);
    let exemption = |now| facts.relationships[&key()].exemption_at(facts.clocks(Role::Source, at(now)));
    assert_eq!(exemption(1499.0), Exemption::Blackout, "it is 899 s there");
    assert_eq!(exemption(1500.0), Exemption::None);
}

#[test]
fn after_a_blackout_longer_than_the_objective_it_is_behind_only_once_the_rest_is() {
    let mut facts = ArrayFacts::default();
    let mut said = point(990.0);
    hears(&mut facts, said.clone(), 1000.0);
    said.readings.blackout = Some(true);
    said.readings.next_active = Some(at(9000.0));
    assert_eq!(hears(&mut facts, said, 1010.0), Standing::Protected);
    assert_eq!(passes(&mut facts, 9000.0), Standing::Protected);
    // 20 s before it and 40 s after it, less the interval of 10 s since the last reading.
    assert_eq!(passes(&mut facts, 9050.0), Standing::Protected);
    assert_eq!(passes(&mut facts, 9051.0), Standing::Behind);
    let objective = objective(Some(60.0));
    facts.count_breaches(terms(&objective), at(9060.0), 9.0);
    assert!((facts.relationships[&key()].breach_seconds - 9.0).abs() < 1e-6);
}

#[test]
fn no_recovery_point_is_since_it_was_accepted_without_one() {
    let mut facts = ArrayFacts::default();
    let without = |health: Option<Health>| {
        let mut said = said("r", Role::Source, Field::Never);
        said.readings.condition = Some(health.map_or(Condition::Replicating, Condition::Decided));
        said
    };
    let since = |facts: &ArrayFacts| facts.relationships[&key()].no_recovery_point_since;
    hears(&mut facts, without(Some(Health::Pending)), 1000.0);
    assert_eq!(since(&facts), None);
    assert_eq!(hears(&mut facts, without(None), 1010.0), Standing::NoCopy);
    hears(&mut facts, without(Some(Health::Failed)), 1020.0);
    assert_eq!(since(&facts), Some(at(1010.0)));
    hears(&mut facts, point(1015.0), 1030.0);
    assert_eq!(since(&facts), None);
}

#[test]
fn a_lost_connection_does_not_make_data_safe() {
    let at_risk = |data_at_risk| SectionReport {
        restriper: Some(Restriper {
            state: RestriperState::Running,
            phase: RestriperPhase::Reprotect,
            data_at_risk,
            progress: None,
            elapsed_seconds: None,
            coordinator_node: None,
            blocked_reason: String::new(),
        }),
        ..SectionReport::default()
    };
    let mut facts = ArrayFacts::default();
    for (said, now, since) in [
        (Some(true), 1000.0, Some(at(1000.0))),
        (Some(true), 1010.0, Some(at(1000.0))),
        (None, 1020.0, Some(at(1000.0))),
        (Some(false), 1030.0, None),
        (Some(true), 1040.0, Some(at(1040.0))),
    ] {
        apply(&mut facts, &[(OTHER, &at_risk(said))], at(now));
        assert_eq!(facts.data_at_risk_since, since, "at {now}");
    }
    apply(&mut facts, &[], at(9000.0));
    assert_eq!(facts.data_at_risk_since, Some(at(1040.0)));
}

#[test]
fn changes_are_remembered_with_whose_word_they_are() {
    let mut facts = ArrayFacts::default();
    hears(&mut facts, point(990.0), 1000.0);
    passes(&mut facts, 1070.0);
    hears(&mut facts, under(Health::Failed, 1075.0), 1080.0);
    let as_target = RelationshipReport {
        key: RelationshipKey::new("r", Role::Target),
        ..point(1070.0)
    };
    apply(&mut facts, &[(LISTS, &listing(vec![as_target]))], at(1090.0));
    let known = &facts.relationships[&RelationshipKey::new("r", Role::Target)];
    let told: Vec<_> = known
        .history
        .newest_first()
        .map(|change| (change.at, change.what, change.by))
        .collect();
    let (array, exporter) = (Voice::Array, Voice::Exporter);
    let points = |before, after| Changed::RecoveryPoint(RecoveryPoint::At(at(before)), RecoveryPoint::At(at(after)));
    assert_eq!(
        told,
        [
            (
                at(1090.0),
                Changed::Standing(Standing::Failing, Standing::Unjudged),
                array
            ),
            (at(1090.0), Changed::Health(Health::Failed, Health::Ok), array),
            (at(1090.0), points(1075.0, 1070.0), array),
            (at(1090.0), Changed::Role(Role::Source, Role::Target), array),
            (
                at(1080.0),
                Changed::Standing(Standing::Behind, Standing::Failing),
                array
            ),
            (at(1080.0), Changed::Health(Health::Ok, Health::Failed), array),
            (at(1080.0), points(990.0, 1075.0), array),
            (
                at(1070.0),
                Changed::Standing(Standing::Protected, Standing::Behind),
                exporter
            ),
        ]
    );
}
