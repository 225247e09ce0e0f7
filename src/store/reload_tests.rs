//! Tests of what a reload does to what is known: arrays come, go and are judged by other rules, and nothing else changes.

use super::{
    tests::{array, listing, ok, poll, relationship, store, text, value},
    *,
};
use crate::{
    metrics::{Exposition, Selection},
    model::{Concern, Field, Scope, Section, SectionReport, SystemReport},
    source::qumulo::{PROTECTION, REPLICATION_SOURCE},
};

/// The wall time at the start of every test.
const START: f64 = 1_800_000_000.0;
const POLLS: &str = "storage_polls_total{array=\"nyc\",section=\"replication_source\"}";

fn polled() -> (Store, Arc<Slot>) {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(poll(vec![
        listing(vec![relationship("r", START - 50.0)]),
        ok(PROTECTION, SectionReport::default()),
    ]));
    (store, slot)
}

fn reconfigure(slot: &Slot, change: impl FnOnce(&mut ArrayConfig)) {
    let mut config = array("nyc");
    change(&mut config);
    slot.reconfigure(Arc::new(config));
}

#[tokio::test(start_paused = true)]
async fn settings_are_on_metrics_at_once_and_counters_go_on() {
    let (store, slot) = polled();
    let before = store.generation();
    reconfigure(&slot, |config| {
        config.polling.interval = Duration::from_secs(7);
        config.objective.default_seconds = Some(25.0);
        config.labels.insert("site".into(), "nyc".into());
    });
    assert!(store.generation() > before, "a cached page would be old");
    assert_eq!(value(&store, "storage_poll_interval_seconds"), Some(7.0));
    assert_eq!(value(&store, "storage_replication_rpo_seconds"), Some(25.0));
    assert!(text(&store).contains("site=\"nyc\""));
    assert_eq!(value(&store, POLLS), Some(1.0));
    assert_eq!(value(&store, "storage_array_up"), Some(1.0));
}

#[tokio::test(start_paused = true)]
async fn time_before_a_new_objective_is_judged_by_the_old_one() {
    let (store, slot) = polled();
    tokio::time::advance(Duration::from_secs(40)).await;
    reconfigure(&slot, |config| config.objective.default_seconds = Some(10.0));
    let breach = "storage_replication_rpo_breach_seconds_total";
    assert_eq!(value(&store, breach), Some(0.0), "90 s of lag, 100 s were allowed");
    tokio::time::advance(Duration::from_secs(5)).await;
    slot.tick();
    assert_eq!(value(&store, breach), Some(5.0));
}

#[tokio::test(start_paused = true)]
async fn readings_live_as_long_as_the_new_setting_says() {
    let (store, slot) = polled();
    let state = "storage_replication_state{array=\"nyc\",pair=\"r\",relationship=\"a:/r->b:/r\",role=\"source\",state=\"established\"}";
    tokio::time::advance(Duration::from_secs(70)).await;
    reconfigure(&slot, |config| config.polling.stale_after = Duration::from_mins(1));
    assert_eq!(value(&store, state), None, "70 s old, 60 s are allowed");
    assert_eq!(value(&store, "storage_array_up"), Some(0.0));
    reconfigure(&slot, |config| config.polling.stale_after = Duration::from_secs(80));
    assert_eq!(value(&store, state), Some(1.0), "70 s old, 80 s are allowed");
    assert_eq!(value(&store, "storage_array_up"), Some(1.0));
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(value(&store, state), None);
}

#[tokio::test(start_paused = true)]
async fn a_section_that_is_no_longer_read_takes_what_it_listed_with_it() {
    let (store, slot) = polled();
    reconfigure(&slot, |config| config.sections = vec![PROTECTION, Section::SYSTEM]);
    let text_after = text(&store);
    assert!(!text_after.contains("replication_source"), "{text_after}");
    assert!(!text_after.contains("storage_replication_lag_seconds{"), "{text_after}");
    let protection = "storage_polls_total{array=\"nyc\",section=\"protection\"}";
    assert_eq!(value(&store, protection), Some(1.0));
    slot.publish(poll(vec![listing(vec![relationship("r", START)])]));
    assert_eq!(
        value(&store, POLLS),
        None,
        "a poll that had begun before counts for nothing"
    );

    reconfigure(&slot, |config| config.sections = vec![REPLICATION_SOURCE]);
    assert_eq!(value(&store, POLLS), Some(0.0), "a section that is new starts at 0");
}

#[tokio::test(start_paused = true)]
async fn arrays_come_and_go_in_one_step() {
    let (store, _) = polled();
    let new = store.prepare(Arc::new(array("ams")), ArrayFacts::default());
    assert!(!text(&store).contains("ams"), "it was only prepared");
    let before = store.generation();
    store.exchange(&["nyc".into()], vec![new]);
    assert!(store.generation() > before);
    let after = text(&store);
    assert!(
        !after.contains("nyc") && after.contains("storage_array_info{array=\"ams\""),
        "{after}"
    );
    let gone = Selection::from_names(["nyc".to_owned()]);
    assert!(store.page(&gone).is_err());
}

#[tokio::test(start_paused = true)]
async fn an_exporter_that_was_ready_stays_ready_when_an_array_is_added() {
    let (store, _) = polled();
    assert!(store.ready());
    store.add(Arc::new(array("ams")), ArrayFacts::default());
    assert!(store.ready());
}

#[tokio::test(start_paused = true)]
async fn the_same_system_configured_twice_is_told_of_each() {
    let store = store();
    for (name, id) in [("nyc", "1"), ("nyc-again", "1"), ("fra", "2")] {
        let slot = store.add(Arc::new(array(name)), ArrayFacts::default());
        let system = SystemReport {
            id: Field::Is(id.to_owned()),
            ..SystemReport::default()
        };
        let report = SectionReport {
            system: Some(system),
            ..SectionReport::default()
        };
        slot.publish(poll(vec![ok(Section::SYSTEM, report)]));
    }
    let told = |scope: Scope| {
        let overview = store.overview(&scope).expect("known arrays");
        let notices = overview.notices.into_iter();
        let twins = notices.filter(|notice| notice.about == Concern::Configuration);
        twins
            .map(|notice| (notice.array.expect("an array's").to_string(), notice.text))
            .collect::<Vec<_>>()
    };
    let of = |name: &str, other: &str| {
        let text = format!("is the same system as {other}: each relationship is there, and counted, more than once");
        (name.to_owned(), text)
    };
    let (first, second) = (of("nyc", "nyc-again"), of("nyc-again", "nyc"));
    assert_eq!(told(Scope::All), [first.clone(), second]);
    assert_eq!(
        told(Scope::Arrays(["nyc".to_owned()].into())),
        [first],
        "although the other is not asked for"
    );
}
