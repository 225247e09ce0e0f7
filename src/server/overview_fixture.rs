//! An overview for the tests of the status page and `/api/v1/status`: one relationship from both sides that is late, one
//! whose array is silent, and text that would like to be markup.

use crate::model::{
    ArrayOverview, Health, Identity, Job, Overview, Ratio, Restriper, RestriperPhase, RestriperState, Role, Standing,
    Timestamp, View,
    overview::{Attempt, SectionOverview},
    verdict::tests::standing,
};

pub(super) const HOSTILE: &str = "<script>alert('x')</script>\u{202e}\"&<b>";

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

pub(super) fn overview() -> Overview {
    let arrays = vec![array("ams", true), array("nyc", true), array("osl", false)];
    Overview::new(
        at("2026-11-21T15:54:11Z"),
        arrays,
        vec![late_source(), late_target(), silent()],
    )
}

fn late_source() -> View {
    let mut late = standing(Standing::Behind, Health::Ok);
    late.lasting.objective_seconds = Some(3600.0);
    late.lasting.breach_seconds = 3120.5;
    if let Some(present) = &mut late.present {
        present.readings.job_running = Some(true);
        present.readings.job = Some(Job {
            start: Some(at("2026-11-21T13:10:00Z")),
            progress: Ratio::from_percent(37.5),
            remaining_seconds: Some(2400.0),
            recent_throughput_bytes_per_second: Some(1.2e8),
            ..Job::default()
        });
    }
    late
}

fn late_target() -> View {
    let mut late = standing(Standing::Behind, Health::Failed);
    late.array = "ams".into();
    late.key.role = Role::Target;
    late.lasting.objective_seconds = Some(3600.0);
    if let Some(present) = &mut late.present {
        present.readings.note = HOSTILE.to_owned();
    }
    late
}

fn silent() -> View {
    let mut silent = standing(Standing::Unknown, Health::Ok);
    silent.array = "osl".into();
    silent.description.pair = "other".into();
    silent.description.relationship = HOSTILE.into();
    silent.description.target_object = HOSTILE.into();
    silent.present = None;
    silent.read_at = Some(at("2026-11-21T15:00:00Z"));
    silent
}

fn array(name: &str, up: bool) -> ArrayOverview {
    let error = (!up).then(|| ("connect", format!("GET /v2/replication: {HOSTILE}")));
    ArrayOverview {
        name: name.into(),
        vendor: "qumulo",
        up,
        identity: Identity {
            name: name.to_owned(),
            id: format!("{name}-id"),
            version: "7.8.0".to_owned(),
        },
        last_heard: Some(at("2026-11-21T15:00:00Z")),
        clock_skew_seconds: up.then_some(-3.5),
        certificate_expiry: Some(at("2026-12-01T00:00:00Z")),
        verification_disabled: false,
        data_timestamp: None,
        interval_seconds: 30.0,
        stale_after_seconds: 90.0,
        overruns: 0,
        logins: (2, 0),
        sections: vec![SectionOverview {
            name: "replication_source",
            polls: 10,
            failures: u64::from(!up),
            last: Some(Attempt {
                at: at("2026-11-21T15:54:01Z"),
                duration_seconds: 0.0421,
                error,
            }),
            last_success: Some(at("2026-11-21T15:00:00Z")),
            fresh: up,
        }],
        protection: None,
        restriper: up.then(|| Restriper {
            state: RestriperState::Running,
            phase: RestriperPhase::Reprotect,
            data_at_risk: Some(true),
            progress: Ratio::from_percent(12.0),
            elapsed_seconds: Some(60.0),
            coordinator_node: Some(3),
            blocked_reason: String::new(),
        }),
    }
}
