//! Tests of the promises about what is on /metrics: facts stay, readings expire, nothing is half-published.

use super::*;
use crate::{
    config::{Credentials, Extra, Polling, SecretRef, Trust},
    metrics::{Exposition, Selection, exporter::ExporterMetrics},
    model::{
        Condition, Description, Field, Health, Listing, Mode, Objective, Readings, RelationshipKey, RelationshipReport,
        Restriper, RestriperPhase, RestriperState, Role, Scope, Section, SectionReport, StateWord, SystemReport,
        Timestamp,
    },
    source::{Error, Reason, SectionOutcome, qumulo},
};
use std::time::Duration;

/// The wall time at the start of every test.
pub(crate) const START: f64 = 1_800_000_000.0;

pub(crate) fn at(seconds: f64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).expect("a time")
}

/// An array that is polled every 30 s, with an objective of 100 s.
pub(crate) fn array(name: &str) -> ArrayConfig {
    ArrayConfig {
        name: name.into(),
        vendor: crate::source::qumulo::VENDOR,
        urls: vec!["https://array.example:8000".parse().expect("a URL")],
        credentials: Credentials::Token(SecretRef::Environment("TOKEN".into())),
        trust: Trust::default(),
        polling: Polling {
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            stale_after: Duration::from_secs(90),
            forget_after: None,
            max_body: 1 << 20,
            max_series: 100_000,
        },
        sections: crate::source::qumulo::VENDOR.sections(),
        labels: BTreeMap::new(),
        objective: Objective {
            overrides: vec![],
            default_seconds: Some(100.0),
        },
        extra: Extra::default(),
    }
}

pub(crate) fn store() -> Store {
    store_by(Clock::following_tokio(at(START)))
}

pub(crate) fn store_by(clock: Clock) -> Store {
    Store::new(
        clock,
        ExporterMetrics::new(clock.now()).expect("the exporter's metrics"),
    )
}

pub(crate) fn text(store: &Store) -> String {
    let arrays = store.slots().iter().map(|slot| slot.name().to_string()).collect();
    let page = store
        .page(&Selection::Only {
            arrays,
            exporter: false,
        })
        .expect("known arrays");
    String::from_utf8(page.segments.concat()).expect("UTF-8")
}

/// The value of the one series whose line begins with `series`.
pub(crate) fn value(store: &Store, series: &str) -> Option<f64> {
    let text = text(store);
    let mut found = text.lines().filter(|line| line.starts_with(series));
    let line = found.next()?;
    assert_eq!(found.next(), None, "{series} is not one series");
    line.rsplit(' ').next()?.parse().ok()
}

pub(crate) fn ok(section: Section, report: SectionReport) -> SectionOutcome {
    SectionOutcome {
        section,
        duration: Duration::from_millis(5),
        result: Ok(report),
    }
}

pub(crate) fn failed(section: Section, reason: Reason) -> SectionOutcome {
    SectionOutcome {
        section,
        duration: Duration::from_millis(5),
        result: Err(Error::new(reason, "as told")),
    }
}

pub(crate) fn poll(sections: Vec<SectionOutcome>) -> Poll {
    Poll {
        sections,
        certificate_expiry: None,
    }
}

pub(crate) fn relationship(id: &str, recovery_point: f64) -> RelationshipReport {
    let description = Description {
        relationship: format!("a:/{id}->b:/{id}"),
        pair: id.into(),
        mode: Mode::Continuous,
        peer_system_id: String::new(),
        source_system: "a".into(),
        source_object: format!("/{id}"),
        target_system: "b".into(),
        target_object: format!("/{id}"),
    };
    RelationshipReport {
        description: Some(description),
        recovery_point: Field::Is(at(recovery_point)),
        readings: Readings {
            condition: Some(Condition::Replicating),
            state: Some(StateWord::among(&["established", "unknown"], "ESTABLISHED")),
            ..Readings::default()
        },
        ..RelationshipReport::new(RelationshipKey::new(id, Role::Source))
    }
}

pub(crate) fn listing(relationships: Vec<RelationshipReport>) -> SectionOutcome {
    let report = SectionReport {
        listing: Listing::Complete,
        roles: &[Role::Source],
        relationships,
        ..SectionReport::default()
    };
    ok(qumulo::REPLICATION_SOURCE, report)
}

fn restriper(data_at_risk: bool) -> SectionOutcome {
    let report = SectionReport {
        restriper: Some(Restriper {
            state: RestriperState::Running,
            phase: RestriperPhase::Reprotect,
            data_at_risk: Some(data_at_risk),
            progress: None,
            elapsed_seconds: None,
            coordinator_node: None,
            blocked_reason: String::new(),
        }),
        ..SectionReport::default()
    };
    ok(qumulo::RESTRIPER, report)
}

const LAG: &str = "storage_replication_lag_seconds{";
const HEALTH_OK: &str =
    "storage_replication_health{array=\"nyc\",pair=\"r\",relationship=\"a:/r->b:/r\",role=\"source\",health=\"ok\"}";

#[tokio::test(start_paused = true)]
async fn facts_stay_and_readings_expire_without_any_publish_in_between() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(poll(vec![
        listing(vec![relationship("r", START - 50.0)]),
        restriper(true),
    ]));
    assert_eq!(value(&store, HEALTH_OK), Some(1.0));
    assert_eq!(value(&store, "storage_array_up"), Some(1.0));
    assert_eq!(value(&store, "storage_protection_data_at_risk{"), Some(1.0));

    tokio::time::advance(Duration::from_secs(89)).await;
    assert_eq!(value(&store, HEALTH_OK), Some(1.0), "not yet stale");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(value(&store, HEALTH_OK), None);
    assert_eq!(
        value(&store, "storage_protection_data_at_risk{"),
        None,
        "never a healthy 0"
    );
    assert_eq!(value(&store, "storage_array_up"), Some(0.0));
    assert_eq!(
        value(&store, "storage_poll_success{array=\"nyc\",section=\"restriper\"}"),
        Some(0.0)
    );
    assert_eq!(
        value(&store, "storage_replication_recovery_point_timestamp_seconds"),
        Some(START - 50.0),
        "the recovery point is as true as before"
    );
    slot.tick();
    assert_eq!(value(&store, LAG), Some(140.0));
}

#[tokio::test(start_paused = true)]
async fn blackout_and_exemption_end_in_the_same_tick_by_the_arrays_clock() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let skew = SectionReport {
        system: Some(SystemReport {
            clock_skew_seconds: Some(-600.0),
            ..SystemReport::default()
        }),
        ..SectionReport::default()
    };
    let mut said = relationship("r", START - 650.0);
    said.readings.blackout = Some(true);
    // In 20 s by the array's clock, which is 10 minutes slow.
    said.readings.next_active = Some(at(START - 580.0));
    slot.publish(poll(vec![ok(Section::SYSTEM, skew), listing(vec![said])]));
    let shown = |store: &Store| {
        let exempt = ["blackout", "none"].map(|reason| text(store).contains(&format!("reason=\"{reason}\"")));
        let blackout = value(store, "storage_replication_blackout{");
        let overview = store.overview(&Scope::All).expect("everything");
        let present = overview.relationships[0].views[0].present.clone().expect("readings");
        let Readings {
            blackout: read,
            next_active,
            ..
        } = present.readings;
        assert_eq!(read.map(f64::from), blackout);
        let until = value(store, "storage_replication_next_active_timestamp_seconds{");
        assert_eq!(next_active.map(Timestamp::unix_seconds), until);
        (exempt, blackout, until)
    };
    tokio::time::advance(Duration::from_secs(15)).await;
    slot.tick();
    assert_eq!(shown(&store), ([true, false], Some(1.0), Some(START - 580.0)));
    tokio::time::advance(Duration::from_secs(15)).await;
    slot.tick();
    assert_eq!(shown(&store), ([false, true], Some(0.0), None));
    tokio::time::advance(Duration::from_mins(1)).await;
    slot.tick();
    assert_eq!(
        value(&store, "storage_replication_blackout{"),
        None,
        "the reading has expired"
    );
}

#[tokio::test(start_paused = true)]
async fn lag_grows_while_every_poll_fails() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(poll(vec![listing(vec![relationship("r", START)])]));
    for _ in 0..10 {
        tokio::time::advance(Duration::from_secs(30)).await;
        slot.publish(poll(vec![failed(qumulo::REPLICATION_SOURCE, Reason::Connect)]));
    }
    assert_eq!(value(&store, LAG), Some(300.0));
    assert_eq!(
        value(&store, "storage_replication_rpo_breach_seconds_total"),
        Some(170.0),
        "counted lag leaves out the interval since the last reading"
    );
    assert_eq!(value(&store, HEALTH_OK), None);
    let failures = "storage_poll_failures_total{array=\"nyc\",section=\"replication_source\"}";
    assert_eq!(value(&store, failures), Some(10.0));
    let why = "storage_poll_last_failure{array=\"nyc\",section=\"replication_source\",reason=\"connect\"}";
    assert_eq!(value(&store, why), Some(1.0));
    slot.publish(poll(vec![listing(vec![relationship("r", START)])]));
    assert!(
        !text(&store).contains("storage_poll_last_failure{"),
        "only while it fails"
    );
    assert_eq!(value(&store, failures), Some(10.0));
}

#[tokio::test(start_paused = true)]
async fn a_vanished_relationship_vanishes_from_the_next_page_whole() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(poll(vec![listing(vec![
        relationship("r", START),
        relationship("s", START),
    ])]));
    assert!(text(&store).contains("pair=\"s\""));
    slot.publish(poll(vec![listing(vec![relationship("r", START)])]));
    assert!(!text(&store).contains("pair=\"s\""));
    assert_eq!(value(&store, "storage_replication_relationships"), Some(1.0));
    slot.publish(poll(vec![listing(vec![])]));
    assert!(!text(&store).contains("pair="));
    assert_eq!(
        value(&store, "storage_replication_relationships"),
        Some(0.0),
        "0 is a sample"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failing_section_hides_no_other_and_has_no_value_of_its_own() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    slot.publish(poll(vec![
        listing(vec![relationship("r", START)]),
        failed(qumulo::RESTRIPER, Reason::Forbidden),
    ]));
    assert_eq!(value(&store, HEALTH_OK), Some(1.0));
    assert_eq!(value(&store, "storage_protection_data_at_risk{"), None);
    assert_eq!(value(&store, "storage_array_up"), Some(1.0));
    assert_eq!(
        value(&store, "storage_poll_success{array=\"nyc\",section=\"restriper\"}"),
        Some(0.0)
    );
    assert_eq!(
        value(
            &store,
            "storage_poll_success{array=\"nyc\",section=\"replication_source\"}"
        ),
        Some(1.0)
    );
}

#[tokio::test(start_paused = true)]
async fn system_alone_does_not_make_an_array_up() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let system = SystemReport {
        name: Field::Is("nyc-1".into()),
        ..SystemReport::default()
    };
    let report = SectionReport {
        system: Some(system),
        ..SectionReport::default()
    };
    slot.publish(poll(vec![
        ok(Section::SYSTEM, report),
        failed(qumulo::RESTRIPER, Reason::Auth),
    ]));
    assert_eq!(value(&store, "storage_array_up"), Some(0.0));
    assert!(
        text(&store).contains("system_name=\"nyc-1\""),
        "its name survives a refused log-in"
    );
}

#[tokio::test(start_paused = true)]
async fn an_array_is_there_from_the_start_with_every_counter_at_zero() {
    let store = store();
    store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let text = text(&store);
    let info = "storage_array_info{array=\"nyc\",vendor=\"qumulo\",system_name=\"\",system_id=\"\",version=\"\"} 1";
    assert!(text.contains(info), "{text}");
    let failures = text
        .lines()
        .filter(|line| line.starts_with("storage_poll_failures_total{"));
    let failures: Vec<&str> = failures.collect();
    assert_eq!(failures.len(), crate::source::qumulo::VENDOR.sections().len());
    assert!(failures.iter().all(|line| line.ends_with(" 0")));
    for series in [
        "storage_logins_total",
        "storage_login_failures_total",
        "storage_poll_overruns_total",
        "storage_unknown_values_total",
    ] {
        assert_eq!(value(&store, series), Some(0.0), "{series}");
    }
    assert!(!store.ready());
    let slot = &store.slots()[0];
    slot.publish(poll(vec![failed(qumulo::RESTRIPER, Reason::Connect)]));
    assert!(store.ready(), "attempted is enough");
}

#[tokio::test(start_paused = true)]
async fn max_series_leaves_whole_relationships_out_in_order_of_their_id() {
    let store = store();
    let mut config = array("nyc");
    let ids: Vec<String> = (0..20).map(|number| format!("r{number:02}")).collect();
    let everything = || listing(ids.iter().rev().map(|id| relationship(id, START)).collect());
    let whole = store.add(Arc::new(array("whole")), ArrayFacts::default());
    whole.publish(poll(vec![everything()]));
    let series = |array: &str| {
        text(&store)
            .lines()
            .filter(|line| line.contains(&format!("array=\"{array}\"")))
            .count()
    };
    let all = series("whole");

    config.polling.max_series = all - 100;
    let slot = store.add(Arc::new(config), ArrayFacts::default());
    slot.publish(poll(vec![everything()]));
    assert!(series("nyc") <= all - 100);
    let dropped = value(&store, "storage_series_dropped{array=\"nyc\"}").expect("a sample");
    assert!(
        (series("nyc") as f64 + dropped - all as f64).abs() < 0.5,
        "what is left out is counted"
    );
    let of_nyc = |id: &str| {
        let label = format!("array=\"nyc\",pair=\"{id}\"");
        text(&store).lines().filter(|line| line.contains(&label)).count()
    };
    let counts: Vec<usize> = ids.iter().map(|id| of_nyc(id)).collect();
    let kept = counts.iter().filter(|count| **count > 0).count();
    assert!(kept > 0 && kept < ids.len(), "{counts:?}");
    assert!(
        counts[..kept].iter().all(|count| *count == counts[0]),
        "never part of one: {counts:?}"
    );
    assert!(counts[kept..].iter().all(|count| *count == 0), "{counts:?}");
    slot.tick();
    assert_eq!(
        ids.iter().map(|id| of_nyc(id)).collect::<Vec<_>>(),
        counts,
        "a tick adds none"
    );
}

#[tokio::test(start_paused = true)]
async fn no_series_occurs_twice_even_if_two_sections_say_the_same() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let mut twice = relationship("r", START);
    twice.readings.job_running = Some(true);
    let other = SectionReport {
        relationships: vec![twice.clone()],
        ..SectionReport::default()
    };
    slot.publish(poll(vec![
        listing(vec![twice.clone(), twice]),
        ok(qumulo::PROTECTION, other),
    ]));
    let text = text(&store);
    let mut series: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' ').map(|(series, _)| series))
        .collect();
    let count = series.len();
    series.sort_unstable();
    series.dedup();
    assert_eq!(series.len(), count);
    assert_eq!(
        value(
            &store,
            "storage_unknown_value_fields_total{array=\"nyc\",field=\"duplicate\"}"
        ),
        Some(1.0)
    );
}

#[tokio::test(start_paused = true)]
async fn another_system_at_the_address_shows_nothing_of_the_old_one() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let system = |id: &str| {
        let system = SystemReport {
            id: Field::Is(id.into()),
            ..SystemReport::default()
        };
        ok(
            Section::SYSTEM,
            SectionReport {
                system: Some(system),
                ..SectionReport::default()
            },
        )
    };
    slot.publish(poll(vec![
        system("one"),
        listing(vec![relationship("r", START)]),
        restriper(false),
    ]));
    slot.publish(poll(vec![system("two"), failed(qumulo::RESTRIPER, Reason::Forbidden)]));
    let text = text(&store);
    assert!(!text.contains("pair="), "{text}");
    assert!(!text.contains("storage_protection_data_at_risk{"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_page_says_until_when_it_is_good() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let before = store.page(&Selection::All).expect("a page");
    assert_eq!(before.valid_until, None);
    slot.publish(poll(vec![listing(vec![])]));
    let after = store.page(&Selection::All).expect("a page");
    assert!(after.generation > before.generation);
    assert_eq!(after.valid_until, Some(Instant::now() + Duration::from_secs(90)));
}

#[tokio::test(start_paused = true)]
async fn families_are_sorted_and_each_has_one_header() {
    let store = store();
    for name in ["b", "a"] {
        let slot = store.add(Arc::new(array(name)), ArrayFacts::default());
        slot.publish(poll(vec![listing(vec![relationship("r", START)]), restriper(false)]));
    }
    let page = store.page(&Selection::All).expect("a page");
    let text = String::from_utf8(page.segments.concat()).expect("UTF-8");
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next())
        .collect();
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
    assert!(names.contains(&"replication_exporter_build_info") && names.contains(&"storage_array_up"));
    let first = text
        .lines()
        .position(|line| line.starts_with("storage_array_up{array=\"a\"}"));
    let second = text
        .lines()
        .position(|line| line.starts_with("storage_array_up{array=\"b\"}"));
    assert!(first.is_some() && first < second);
}

#[tokio::test(start_paused = true)]
async fn changes_are_told_once() {
    let store = store();
    let slot = store.add(Arc::new(array("nyc")), ArrayFacts::default());
    let fine = || poll(vec![listing(vec![relationship("r", START)])]);
    let first = slot.publish(fine());
    assert!(
        matches!(first[..], [Transition::Reached { relationships: 1, .. }]),
        "what is well at first sight is told by its number: {first:?}"
    );
    assert_eq!(slot.publish(fine()), []);
    let down = || poll(vec![failed(qumulo::REPLICATION_SOURCE, Reason::Timeout)]);
    assert!(matches!(
        slot.publish(down())[..],
        [Transition::SectionsFail {
            reason: Reason::Timeout,
            ..
        }]
    ));
    assert_eq!(slot.publish(down()), []);
    assert!(matches!(slot.publish(fine())[..], [Transition::SectionsWork(_)]));
    let all_down = crate::source::qumulo::VENDOR
        .sections()
        .into_iter()
        .map(|section| failed(section, Reason::Connect));
    let told = slot.publish(poll(all_down.collect()));
    assert!(
        matches!(&told[..], [Transition::SectionsFail { sections, .. }] if sections.len() == 6),
        "{told:?}"
    );
    slot.publish(fine());
    let mut broken = relationship("r", START);
    broken.readings.condition = Some(Condition::Decided(Health::Failed));
    let told = slot.publish(poll(vec![listing(vec![broken])]));
    assert!(
        matches!(
            told[..],
            [Transition::Health {
                before: Some(Health::Ok),
                after: Health::Failed,
                ..
            }]
        ),
        "{told:?}"
    );
    assert!(matches!(
        slot.publish(poll(vec![listing(vec![])]))[..],
        [Transition::Gone { .. }]
    ));
}

#[tokio::test(start_paused = true)]
async fn no_array_changes_a_byte_of_another_arrays_series() {
    let store = store();
    let good = store.add(Arc::new(array("good")), ArrayFacts::default());
    good.publish(poll(vec![
        listing(vec![relationship("r", START - 50.0)]),
        restriper(false),
    ]));
    let of_good = |store: &Store| {
        let arrays = std::iter::once("good".to_owned()).collect();
        let page = store
            .page(&Selection::Only {
                arrays,
                exporter: false,
            })
            .expect("a page");
        String::from_utf8(page.segments.concat()).expect("UTF-8")
    };
    let before = of_good(&store);

    let bad = store.add(Arc::new(array("bad")), ArrayFacts::default());
    let hostile = "\"} 1\nstorage_array_up{array=\"good\"} 0\n# \0\u{202e}{";
    let mut said = relationship("x", START);
    said.key = RelationshipKey::new(hostile, Role::Source);
    if let Some(description) = &mut said.description {
        description.relationship = hostile.repeat(1000);
        description.pair = hostile.into();
    }
    let system = SystemReport {
        name: Field::Is(hostile.into()),
        id: Field::Is(hostile.into()),
        ..SystemReport::default()
    };
    bad.publish(poll(vec![
        ok(
            Section::SYSTEM,
            SectionReport {
                system: Some(system),
                ..SectionReport::default()
            },
        ),
        listing(vec![said.clone(), said]),
        failed(qumulo::RESTRIPER, Reason::Parse),
    ]));
    assert_eq!(of_good(&store), before);
    assert_eq!(value(&store, "storage_array_up{array=\"good\"}"), Some(1.0));
    assert_eq!(value(&store, "storage_array_up{array=\"bad\"}"), Some(1.0));
    let whole = text(&store);
    let samples = whole.lines().filter(|line| !line.starts_with('#'));
    assert!(
        samples.clone().all(|line| line.starts_with("storage_")),
        "one sample is one line"
    );
    assert!(samples.map(str::len).max() < Some(4096), "values are cut");
}
