//! An overview for the tests of the pages and of `/api/v1/status`: a relationship seen from both sides that is late, one whose
//! array is silent, a failover drill, one that is protected; an array that is down, one whose section fails, one with data at
//! risk; and text that would like to be markup.

use crate::model::{
    ArrayOverview, Exemption, Health, Identity, Job, Overview, Ratio, Restriper, RestriperPhase, RestriperState, Role,
    Standing, Timestamp, View,
    overview::{Attempt, Failure, SectionOverview},
    verdict::tests::view,
};

pub(super) const HOSTILE: &str = "<script>alert('x')</script>\u{202e}\"&<b>";

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

pub(super) fn overview() -> Overview {
    let arrays = vec![array("ams", true), array("nyc", true), array("osl", false)];
    let views = vec![late_source(), late_target(), silent(), drill(), protected()];
    Overview::new(at("2026-11-21T15:54:11Z"), arrays, views)
}

fn late_source() -> View {
    let mut late = view(Health::Ok);
    late.lasting.standing = (Standing::Behind, at("2026-11-21T15:02:11Z"));
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
    let mut late = view(Health::Failed);
    late.array = "ams".into();
    late.key.role = Role::Target;
    late.lasting.standing = (Standing::Behind, at("2026-11-21T15:03:11Z"));
    late.lasting.objective_seconds = Some(3600.0);
    if let Some(present) = &mut late.present {
        present.readings.note = HOSTILE.to_owned();
    }
    late
}

fn silent() -> View {
    let mut silent = view(Health::Unknown);
    silent.array = "osl".into();
    silent.description.pair = "other".into();
    silent.description.relationship = HOSTILE.into();
    silent.description.target_object = HOSTILE.into();
    silent.lasting.standing = (Standing::Unknown, at("2026-11-21T15:00:00Z"));
    silent.present = None;
    silent.read_at = Some(at("2026-11-21T15:00:00Z"));
    silent
}

fn drill() -> View {
    let mut drill = view(Health::FailedOver);
    drill.description.pair = "drill".into();
    drill.description.relationship = "erp".into();
    drill.lasting.standing = (Standing::Stopped, at("2026-11-21T15:30:00Z"));
    drill.lasting.exemption = Exemption::FailedOver;
    drill
}

fn protected() -> View {
    let mut protected = view(Health::Ok);
    protected.description.pair = "fine".into();
    protected
}

pub(super) fn array(name: &str, up: bool) -> ArrayOverview {
    let message = format!("GET /v2/replication: {HOSTILE}");
    let failure = |reason: &'static str| Failure {
        reason,
        message: message.clone(),
        remedy: "look for a restart of the array".to_owned(),
        expected: false,
    };
    let section = |name: &'static str, failure: Option<Failure>| SectionOverview {
        name,
        polls: 10,
        failures: u64::from(failure.is_some()),
        fresh: failure.is_none(),
        last: Some(Attempt {
            at: at("2026-11-21T15:54:01Z"),
            duration_seconds: 0.0421,
            failure,
        }),
        last_success: Some(at("2026-11-21T15:00:00Z")),
    };
    let at_risk = name == "ams";
    ArrayOverview {
        name: name.into(),
        vendor: "qumulo",
        up,
        system: Identity {
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
        logins: 2,
        login_failures: 0,
        sections: vec![
            section("replication_source", (!up).then(|| failure("connect"))),
            section("restriper", (name == "nyc").then(|| failure("forbidden"))),
        ],
        protection: None,
        restriper: up.then(|| Restriper {
            state: RestriperState::Running,
            phase: RestriperPhase::Reprotect,
            data_at_risk: Some(at_risk),
            progress: Ratio::from_percent(12.0),
            elapsed_seconds: Some(60.0),
            coordinator_node: Some(3),
            blocked_reason: String::new(),
        }),
        unreplicated_objects: at_risk.then(|| vec!["scratch-vg".to_owned(), HOSTILE.to_owned()]),
        data_at_risk_since: at_risk.then(|| at("2026-11-21T14:54:11Z")),
    }
}
