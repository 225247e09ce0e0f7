//! The Veeam source against the simulated Enterprise Manager, from the wire to the text of /metrics.

use crate::lab::{Lab, Observed, assert_documented};
use replication_exporter::{
    simulator::Options,
    source::{
        Source,
        veeam::{self, Veeam},
    },
};

const MANAGER: &str = "em1";

fn observe(lab: &Lab) -> Observed<Veeam> {
    lab.observe(MANAGER, |config, trust, slot| {
        let session = veeam::Veeam::connect(config, trust, slot.logins()).expect("a session");
        Veeam::new(config, session)
    })
}

/// At a speed that keeps the history short.
async fn lab() -> Lab {
    Lab::start(
        replication_exporter::source::veeam::VENDOR,
        Options {
            relationships: 14,
            ..Options::default()
        },
    )
    .await
}

#[tokio::test]
async fn every_virtual_machine_has_its_health_and_its_recovery_point() {
    let lab = lab().await;
    let mut array = observe(&lab);
    array.poll().await;
    let of = |relationship| [("array", MANAGER), ("relationship", relationship)];
    for (relationship, health) in [
        ("Tier 1 hourly/sql01", "ok"),
        ("Branch offices/never01", "failed"),
        ("Warehouse first copy/warehouse", "initializing"),
    ] {
        let seen = lab.state("storage_replication_health", "health", &of(relationship));
        assert_eq!(seen.as_deref(), Some(health), "{relationship}");
    }
    assert!(
        lab.value("storage_replication_lag_seconds", &of("Tier 1 hourly/sql01"))
            .is_some()
    );
    let warehouse = of("Warehouse first copy/warehouse");
    assert_eq!(lab.value("storage_replication_job_running", &warehouse), Some(1.0));
    assert_eq!(lab.value("storage_replication_lag_seconds", &warehouse), None);
    assert_eq!(
        lab.value("storage_replication_has_recovery_point", &warehouse),
        Some(0.0)
    );
    assert!(
        lab.value("storage_array_data_timestamp_seconds", &[("array", MANAGER)])
            .is_some()
    );
}

#[tokio::test]
async fn a_portal_user_lacks_the_jobs_alone_and_logs_on_once() {
    let lab = lab().await;
    let mut array = observe(&lab);
    for _ in 0..5 {
        array.poll().await;
        lab.pass(120).await;
    }
    let refused = [("array", MANAGER), ("section", "jobs")];
    assert_eq!(
        lab.value("storage_poll_failures_total", &refused),
        Some(1.0),
        "it is not asked at each poll"
    );
    assert_eq!(lab.state("storage_poll_last_failure", "reason", &refused), None);
    assert_eq!(
        lab.value("storage_poll_success", &refused),
        None,
        "what is not needed does not fail"
    );
    for section in ["tasks", "sessions", "recovery_points", "system"] {
        let success = lab.value("storage_poll_success", &[("array", MANAGER), ("section", section)]);
        assert_eq!(success, Some(1.0), "{section}");
    }
    assert_eq!(lab.value("storage_logins_total", &[("array", MANAGER)]), Some(1.0));
}

#[tokio::test]
async fn only_what_is_documented_is_sent_and_the_session_is_ended() {
    let lab = lab().await;
    let mut array = observe(&lab);
    for _ in 0..12 {
        array.poll().await;
        lab.pass(120).await;
    }
    array.source.close().await;
    assert_documented(lab.array(MANAGER));
    let ended = lab.array(MANAGER).log().counts();
    assert!(
        ended
            .keys()
            .any(|request| request.method == "DELETE" && request.status == Some(204)),
        "{ended:?}"
    );
}
