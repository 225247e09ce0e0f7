//! Tests of what the status page is told: facts stay, readings expire, both sides come together.

use crate::{
    metrics::Exposition,
    model::overview::SectionOverview,
    model::{ArrayFacts, Health, Overview, RecoveryPoint, Role, Scope, SectionReport, Standing, Totals},
    source::{Reason, qumulo},
    store::Store,
    store::tests::{START, array, at, failed, listing, ok, poll, relationship, store},
};
use std::{sync::Arc, time::Duration};

fn everything(store: &Store) -> Overview {
    store.overview(&Scope::All).expect("no array is asked for")
}

fn failure(section: &SectionOverview) -> Option<(&str, &str)> {
    section
        .failure()
        .map(|failure| (failure.reason, failure.message.as_str()))
}

fn totals(overview: &Overview) -> Totals {
    overview.totals(|_| true)
}

#[tokio::test(start_paused = true)]
async fn expired_readings_are_unknown_and_facts_stay() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(poll(vec![listing(vec![relationship("r", START - 50.0)])]));
    let before = everything(&store);
    assert_eq!(before.relationships[0].standing, Standing::Protected);
    assert_eq!(
        (
            totals(&before).arrays_down,
            totals(&before).standing.get(Standing::Protected)
        ),
        (0, 1)
    );

    tokio::time::advance(Duration::from_secs(45)).await;
    slot.publish(poll(vec![failed(qumulo::REPLICATION_SOURCE, Reason::Connect)]));
    assert_eq!(
        everything(&store).relationships[0].standing,
        Standing::Protected,
        "one failure hides nothing"
    );
    tokio::time::advance(Duration::from_secs(45)).await;

    let overview = everything(&store);
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
    assert_eq!(totals(&overview).arrays_down, 1);
    let section = |overview: &Overview| {
        let mut sections = overview.arrays[0].sections.clone();
        sections.retain(|section| section.name == qumulo::REPLICATION_SOURCE.name());
        sections.remove(0)
    };
    let section = section(&overview);
    assert_eq!(failure(&section), Some(("connect", "as told")));
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

    let overview = everything(&store);
    assert_eq!(overview.relationships.len(), 1);
    let views = &overview.relationships[0].views;
    let sides: Vec<(&str, Role)> = views.iter().map(|view| (&*view.array, view.key.role)).collect();
    assert_eq!(sides, [("nyc", Role::Source), ("ams", Role::Target)]);
    assert_eq!(totals(&overview).standing.get(Standing::Protected), 1, "counted once");
}

#[tokio::test(start_paused = true)]
async fn a_recovery_point_is_seen_when_it_changes_and_not_when_it_is_read_again() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let seen = |recovery_point: f64| {
        slot.publish(poll(vec![listing(vec![relationship("r", recovery_point)])]));
        let facts = everything(&store).relationships[0].lead().lasting.clone();
        (facts.recovery_point_seen, facts.recovery_point_read)
    };
    assert_eq!(seen(START - 50.0), (Some(at(START)), Some(at(START))));
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(seen(START - 50.0), (Some(at(START)), Some(at(START + 30.0))));
    assert_eq!(seen(START), (Some(at(START + 30.0)), Some(at(START + 30.0))));
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_one_array_gets_both_sides_of_what_it_sees_and_nothing_else() {
    let store = store();
    let listed = |role, ids: &[&str]| {
        let of_role = |id: &&str| {
            let mut said = relationship(id, START);
            said.key.role = role;
            if let Some(description) = &mut said.description {
                (*id).clone_into(&mut description.pair);
            }
            said
        };
        let report = SectionReport {
            listing: crate::model::Listing::Complete,
            relationships: ids.iter().map(of_role).collect(),
            ..SectionReport::default()
        };
        poll(vec![ok(qumulo::REPLICATION_SOURCE, report)])
    };
    for (name, role, ids) in [
        ("nyc", Role::Source, ["a", "b"].as_slice()),
        ("ams", Role::Target, &["a"]),
        ("osl", Role::Target, &["b"]),
    ] {
        let slot = store.add(Arc::new(array(name)), ArrayFacts::default());
        slot.publish(listed(role, ids));
    }
    let seen = |scope: Scope| {
        let overview = store.overview(&scope).expect("known");
        let arrays: Vec<String> = overview.arrays.iter().map(|array| array.name.to_string()).collect();
        let views = overview.relationships.iter().flat_map(|pair| &pair.views);
        let views: Vec<String> = views
            .map(|view| format!("{}/{}", view.description.pair, view.array))
            .collect();
        (arrays.join(" "), views.join(" "))
    };
    let text = |arrays: &str, views: &str| (arrays.to_owned(), views.to_owned());
    assert_eq!(
        seen(Scope::Arrays(["ams".to_owned()].into())),
        text("ams", "a/nyc a/ams")
    );
    assert_eq!(
        seen(Scope::Arrays(["nyc".to_owned()].into())),
        text("nyc", "a/nyc a/ams b/nyc b/osl")
    );
    assert_eq!(seen(Scope::Pair("b".to_owned())), text("nyc osl", "b/nyc b/osl"));
    assert_eq!(seen(Scope::Pair("nonsense".to_owned())), text("", ""));
    let unknown = store.overview(&Scope::Arrays(["nonsense".to_owned()].into()));
    assert_eq!(unknown.err().map(|unknown| unknown.0), Some("nonsense".to_owned()));
}
