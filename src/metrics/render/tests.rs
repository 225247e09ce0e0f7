//! What an array looks like on /metrics, whole: a change of any line shows in the golden file.

use super::*;
use crate::{
    model::{
        Amounts, ArrayFacts, Condition, Field, Health, Job, JobResult, LastJob, Protection, Ratio, Restriper,
        RestriperPhase, RestriperState, SectionReport, SystemReport,
    },
    source::{Reason, qumulo},
    store::tests::{array, at, failed, listing, ok, poll, relationship},
};
use std::{fmt::Write, sync::Arc};

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
    let mut state = ArrayState::new(Arc::new(config), ArrayFacts::default());
    state.unknown_values.retain(|field, _| *field == "state");

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
    for (family, segments) in &rendered.families {
        let _ = writeln!(text, "{}", text::header(family.family()).trim_end());
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
    let rendered = everything(&busy_array(), now);
    let text = text(&rendered, now.instant);
    // Sixty-five counters at zero would hide the rest.
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("storage_poll_failures_total") || !line.ends_with(" 0"));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn every_sample_has_the_labels_of_its_family_and_a_finite_value() {
    let now = Now {
        wall: at(NOW),
        instant: Instant::now(),
    };
    let rendered = everything(&busy_array(), now);
    for (family, segments) in &rendered.families {
        let labels = family.family().labels;
        for segment in segments {
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
async fn every_state_set_has_exactly_one_state() {
    let now = Now {
        wall: at(NOW),
        instant: Instant::now(),
    };
    let rendered = everything(&busy_array(), now);
    let mut sets = 0;
    for (family, segments) in &rendered.families {
        if family.family().metric_type != crate::metrics::catalogue::MetricType::StateSet {
            continue;
        }
        let mut ones: BTreeMap<String, f64> = BTreeMap::new();
        for segment in segments {
            for line in String::from_utf8_lossy(segment.at(now.instant).0).lines() {
                let (series, value) = line.rsplit_once(' ').expect("a value");
                let (subject, _) = series.rsplit_once(',').expect("a state label");
                *ones.entry(subject.to_owned()).or_default() += value.parse::<f64>().expect("a number");
            }
        }
        sets += ones.len();
        assert!(ones.values().all(|ones| (ones - 1.0).abs() < f64::EPSILON), "{ones:?}");
    }
    assert!(sets >= 8, "{sets} sets");
}
