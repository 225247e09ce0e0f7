//! What an array looks like on /metrics, whole: a change of any line shows in the golden file.

use super::*;
use crate::{
    metrics::{catalogue::MetricType, text},
    model::{
        Amounts, ArrayFacts, Condition, Field, Health, Job, JobResult, LastJob, Protection, Ratio, Restriper,
        RestriperPhase, RestriperState, Section, SectionReport, SystemReport,
    },
    source::{Reason, qumulo, veeam},
    store::tests::{array, at, failed, listing, ok, poll, relationship},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    sync::Arc,
};
use tokio::time::Instant;

const NOW: f64 = 1_800_000_000.0;

/// A cluster with a running job, a restriper at work, and a section that may not be read.
fn busy_array() -> ArrayState {
    let mut config = array("nyc");
    config.labels = BTreeMap::from([("site".to_owned(), "nyc \"east\"".to_owned())]);
    config.sections = vec![
        qumulo::PROTECTION,
        qumulo::REPLICATION_SOURCE,
        qumulo::REPLICATION_TARGET,
        qumulo::RESTRIPER,
        Section::SYSTEM,
    ];
    let mut state = ArrayState::new(Arc::new(config), ArrayFacts::default(), at(NOW));
    state.unknown_values.insert("state", 2);

    let mut running = relationship("r", NOW - 150.5);
    running.last_job = LastJob {
        result: Field::Is(JobResult::Success),
        duration_seconds: Field::Is(0.051_844_43),
        ..LastJob::default()
    };
    running.readings.enabled = Some(true);
    running.readings.target_writable = Some(false);
    running.readings.queued_snapshots = Some(3);
    running.readings.blackout = Some(false);
    running.readings.job_running = Some(true);
    running.readings.job = Some(Job {
        start: Some(at(NOW - 60.0)),
        progress: Ratio::from_percent(37.5),
        remaining_seconds: Some(100.0),
        bytes: Amounts {
            transferred: Some(1 << 40),
            total: Some(1 << 41),
            ..Amounts::default()
        },
        throughput_bytes_per_second: Some(123_456_789.0),
        ..Job::default()
    });
    let mut paused = relationship("s", NOW - 10.0);
    paused.recovery_point = Field::Never;
    paused.readings.condition = Some(Condition::Decided(Health::Paused));

    let system = SystemReport {
        name: Field::Is("nyc-1".into()),
        id: Field::Is("5f0c2a9e".into()),
        version: Field::Is("7.8.0".into()),
        clock_skew_seconds: Some(-2.5),
    };
    let restriper = Restriper {
        state: RestriperState::Running,
        phase: RestriperPhase::Reprotect,
        data_at_risk: Some(true),
        progress: Ratio::from_percent(12.5),
        elapsed_seconds: Some(42.0),
        coordinator_node: Some(4),
        blocked_reason: String::new(),
    };
    let protection = Protection {
        remaining_drive_failures: Some(1),
        max_drive_failures: Some(2),
        ..Protection::default()
    };
    let mut sections = poll(vec![
        ok(
            Section::SYSTEM,
            SectionReport {
                system: Some(system),
                ..SectionReport::default()
            },
        ),
        listing(vec![running, paused]),
        failed(qumulo::REPLICATION_TARGET, Reason::Forbidden),
        ok(
            qumulo::RESTRIPER,
            SectionReport {
                restriper: Some(restriper),
                ..SectionReport::default()
            },
        ),
        ok(
            qumulo::PROTECTION,
            SectionReport {
                protection: Some(protection),
                ..SectionReport::default()
            },
        ),
    ]);
    sections.certificate_expiry = Some(at(NOW + 86_400.0));
    state.apply(sections, at(NOW));
    state
}

fn text(rendered: &RenderedArray, instant: Instant) -> String {
    let mut text = String::new();
    for &family in FamilyId::ALL {
        let mut segments = rendered.family(family).peekable();
        if segments.peek().is_some() {
            let _ = writeln!(text, "{}", text::header(family.family()).trim_end());
        }
        for segment in segments {
            text.push_str(&String::from_utf8_lossy(segment.at(instant).0));
        }
    }
    text
}

#[tokio::test(start_paused = true)]
async fn a_busy_array_is_exposed_as_in_the_golden_file() {
    let now = Now {
        wall: at(NOW),
        instant: Instant::now(),
    };
    let rendered = RenderedArray::of(&busy_array(), now);
    let text = text(&rendered, now.instant);
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn every_sample_has_the_labels_of_its_family_and_a_finite_value() {
    let now = Now {
        wall: at(NOW),
        instant: Instant::now(),
    };
    let rendered = RenderedArray::of(&busy_array(), now);
    for &family in FamilyId::ALL {
        let labels = family.family().labels;
        for segment in rendered.family(family) {
            let text = String::from_utf8_lossy(segment.at(now.instant).0).into_owned();
            for line in text.lines() {
                let rest = line.strip_prefix(family.family().name).expect("its name");
                for label in labels {
                    assert!(rest.contains(&format!("{label}=\"")), "{line} lacks {label}");
                }
                let value = rest.rsplit(' ').next().expect("a value");
                assert!(value.parse::<f64>().is_ok_and(f64::is_finite), "{line}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_word_is_one_sample_of_the_present_word() {
    let now = Now {
        wall: at(NOW),
        instant: Instant::now(),
    };
    let rendered = RenderedArray::of(&busy_array(), now);
    let mut words = 0;
    for &family in FamilyId::ALL {
        if family.family().metric_type != MetricType::Word {
            continue;
        }
        let mut subjects = BTreeSet::new();
        for segment in rendered.family(family) {
            for line in String::from_utf8_lossy(segment.at(now.instant).0).lines() {
                let (series, value) = line.rsplit_once(' ').expect("a value");
                assert_eq!(value, "1", "{line}");
                let (subject, _) = series.rsplit_once(',').expect("a word");
                assert!(subjects.insert(subject.to_owned()), "{line}: two words");
            }
        }
        words += subjects.len();
    }
    assert!(words >= 8, "{words} words");
}

#[tokio::test(start_paused = true)]
async fn what_the_exporter_does_without_fails_only_where_it_could_be_read_before() {
    let failing = |reason, readable_before: bool| {
        let mut config = array("em1");
        (config.vendor, config.sections) = (veeam::VENDOR, vec![veeam::JOBS, Section::SYSTEM]);
        let mut state = ArrayState::new(Arc::new(config), ArrayFacts::default(), at(NOW));
        if readable_before {
            state.apply(poll(vec![ok(veeam::JOBS, SectionReport::default())]), at(NOW));
        }
        state.apply(poll(vec![failed(veeam::JOBS, reason)]), at(NOW));
        let now = Now {
            wall: at(NOW),
            instant: Instant::now(),
        };
        let text = text(&RenderedArray::of(&state, now), now.instant);
        let said = [
            "storage_poll_success",
            "storage_poll_last_failure",
            "storage_poll_failures_total",
        ];
        said.map(|family| text.contains(&format!("\n{family}{{array=\"em1\",section=\"jobs\"")))
    };
    assert_eq!(failing(Reason::Forbidden, false), [false, false, true]);
    assert_eq!(failing(Reason::Forbidden, true), [true, true, true]);
    assert_eq!(failing(Reason::Timeout, false), [true, true, true]);
}

/// The section with the job fails, so its reading stays until it expires; another says that no job runs.
#[tokio::test(start_paused = true)]
async fn a_job_that_another_section_says_has_ended_is_not_shown() {
    let mut state = busy_array();
    let instant = Instant::now();
    let now = Now { wall: at(NOW), instant };
    let shows_a_job = |state: &ArrayState| {
        let text = text(&RenderedArray::of(state, now), instant);
        text.lines()
            .any(|line| line.starts_with("storage_replication_job_start_timestamp_seconds{"))
    };
    assert!(shows_a_job(&state));
    let mut idle = relationship("r", NOW);
    idle.readings.job_running = Some(false);
    let said = ok(
        qumulo::REPLICATION_TARGET,
        SectionReport {
            relationships: vec![idle],
            ..SectionReport::default()
        },
    );
    state.apply(
        poll(vec![said, failed(qumulo::REPLICATION_SOURCE, Reason::Timeout)]),
        at(NOW),
    );
    assert!(!shows_a_job(&state));
}

/// Two relationships that differ in nothing but their ids, which are in one label of one series.
#[tokio::test(start_paused = true)]
async fn no_series_occurs_twice_whatever_an_array_calls_its_relationships() {
    let mut state = ArrayState::new(Arc::new(array("nyc")), ArrayFacts::default(), at(NOW));
    let twins = ["1", "2"].map(|end| {
        let mut twin = relationship(end, NOW);
        let description = twin.description.as_mut().expect("a description");
        "the same".clone_into(&mut description.relationship);
        "the same".clone_into(&mut description.pair);
        twin
    });
    state.apply(poll(vec![listing(twins.into())]), at(NOW));
    let now = Now {
        wall: at(NOW),
        instant: Instant::now(),
    };
    let mut rendered = RenderedArray::of(&state, now);
    let series = |text: &str| {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let series = samples.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned()));
        series.collect::<Vec<_>>()
    };
    let before = series(&text(&rendered, now.instant));
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
    let lags = before
        .iter()
        .filter(|series| series.starts_with("storage_replication_lag_seconds"));
    assert_eq!(lags.count(), 1);
    rendered.grow(&state, now);
    assert_eq!(series(&text(&rendered, now.instant)), before, "a tick adds none");
    assert!(!text(&rendered, now.instant).contains("storage_series_dropped{array=\"nyc\"} 0"));
}

/// Ids of other vendors sort otherwise than pairs.
#[tokio::test(start_paused = true)]
async fn series_are_in_order_of_pair_then_role_also_after_a_tick() {
    let mut state = ArrayState::new(Arc::new(array("nyc")), ArrayFacts::default(), at(NOW));
    let pairs = [("1", "a/9"), ("2", "a"), ("3", "a !"), ("4", "a\"")];
    let sessions = pairs.map(|(id, pair)| {
        let mut session = relationship(id, NOW);
        let description = session.description.as_mut().expect("a description");
        pair.clone_into(&mut description.pair);
        session
    });
    state.apply(poll(vec![listing(sessions.into())]), at(NOW));
    let now = Now {
        wall: at(NOW),
        instant: Instant::now(),
    };
    let mut rendered = RenderedArray::of(&state, now);
    let lags = |rendered: &RenderedArray| {
        let text = text(rendered, now.instant);
        let lags = text.lines().filter(|line| line.starts_with("storage_replication_lag"));
        let lags = lags.filter_map(|line| line.split("relationship=\"a:/").nth(1)?.chars().next());
        lags.collect::<String>()
    };
    assert_eq!(lags(&rendered), "2341");
    rendered.grow(&state, now);
    assert_eq!(lags(&rendered), "2341");
}
