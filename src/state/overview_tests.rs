//! Tests of what the status page is told: facts stay, readings expire, both sides come together.

use crate::{
    metrics::Exposition,
    model::{ArrayFacts, Health, Overview, RecoveryPoint, Role, SectionReport, Standing},
    source::{Reason, qumulo},
    store::tests::{START, array, at, failed, listing, ok, poll, relationship, store},
};
use std::{sync::Arc, time::Duration};

#[tokio::test(start_paused = true)]
async fn expired_readings_are_unknown_and_facts_stay() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(poll(vec![listing(vec![relationship("r", START - 50.0)])]));
    let before = store.overview();
    assert_eq!(before.relationships[0].standing, Standing::Protected);
    assert_eq!((before.arrays_down(), before.counts().get(Standing::Protected)), (0, 1));

    tokio::time::advance(Duration::from_secs(45)).await;
    slot.publish(poll(vec![failed(qumulo::REPLICATION_SOURCE, Reason::Connect)]));
    assert_eq!(
        store.overview().relationships[0].standing,
        Standing::Protected,
        "one failure hides nothing"
    );
    tokio::time::advance(Duration::from_secs(45)).await;

    let overview = store.overview();
    let view = overview.relationships[0].lead();
    assert_eq!(view.health(), None);
    assert_eq!(view.lasting.health.map(|(health, _)| health), Some(Health::Ok));
    assert_eq!(view.lasting.recovery_point, RecoveryPoint::At(at(START - 50.0)));
    assert_eq!(view.lasting.lag_seconds, Some(140.0));
    assert_eq!(view.lasting.recovery_point_read, None);
    assert_eq!(
        overview.relationships[0].standing,
        Standing::Behind,
        "140 s of 100 s, whoever is silent"
    );
    assert_eq!(overview.arrays_down(), 1);
    let section = |overview: &Overview| {
        let mut sections = overview.arrays[0].sections.clone();
        sections.retain(|section| section.name == qumulo::REPLICATION_SOURCE.name());
        sections.remove(0)
    };
    let section = section(&overview);
    assert_eq!(section.error(), Some(&("connect", "as told".to_owned())));
    assert_eq!((section.polls, section.failures, section.fresh), (2, 1, false));
    assert_eq!(section.last_success, Some(at(START)));
}

#[tokio::test(start_paused = true)]
async fn both_sides_are_one_relationship_with_two_views() {
    let store = store();
    let source = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let target = store.add(Arc::new(array("ams")), ArrayFacts::default());
    source.publish(poll(vec![listing(vec![relationship("r", START)])]));
    let mut other_side = relationship("r", START);
    other_side.key.role = Role::Target;
    let report = SectionReport {
        listing: crate::model::Listing::Complete,
        roles: &[Role::Target],
        relationships: vec![other_side],
        ..SectionReport::default()
    };
    target.publish(poll(vec![ok(qumulo::REPLICATION_TARGET, report)]));

    let overview = store.overview();
    assert_eq!(overview.relationships.len(), 1);
    let views = &overview.relationships[0].views;
    let sides: Vec<(&str, Role)> = views.iter().map(|view| (&*view.array, view.key.role)).collect();
    assert_eq!(sides, [("nyc", Role::Source), ("ams", Role::Target)]);
    assert_eq!(overview.counts().get(Standing::Protected), 1, "counted once");
}

#[tokio::test(start_paused = true)]
async fn a_recovery_point_is_seen_when_it_changes_and_not_when_it_is_read_again() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let seen = |recovery_point: f64| {
        slot.publish(poll(vec![listing(vec![relationship("r", recovery_point)])]));
        let facts = store.overview().relationships[0].lead().lasting.clone();
        (facts.recovery_point_seen, facts.recovery_point_read)
    };
    assert_eq!(seen(START - 50.0), (Some(at(START)), Some(at(START))));
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(seen(START - 50.0), (Some(at(START)), Some(at(START + 30.0))));
    assert_eq!(seen(START), (Some(at(START + 30.0)), Some(at(START + 30.0))));
}
