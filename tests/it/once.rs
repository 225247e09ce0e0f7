//! `once` as scripts see it.

use crate::scene::{Scene, run, text};
use replication_exporter::simulator::FaultKind;

#[tokio::test(flavor = "multi_thread")]
async fn once_prints_what_metrics_would_say_of_the_arrays() {
    let scene = Scene::start().await;
    let output = scene.run(&["once"]).await;
    let (out, said) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(
        said.contains("msg=\"how the relationships stand\" standing=\""),
        "{said}"
    );
    assert!(!out.contains("how the relationships stand"), "{out}");
    for array in ["nyc-prod", "sfo-dr"] {
        assert!(
            out.contains(&format!("storage_array_up{{array=\"{array}\"}} 1\n")),
            "{out}"
        );
    }
    assert!(out.contains("# TYPE storage_replication_lag_seconds gauge\n"));
    assert!(
        !out.contains("process_") && !out.contains("replication_exporter_"),
        "{out}"
    );

    let output = scene.run(&["once", "--array", "sfo-dr"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(!text(output.stdout).contains("array=\"nyc-prod\""));
    assert_eq!(scene.run(&["once", "--array", "nobody"]).await.status.code(), Some(2));
    assert_eq!(scene.run(&["once", "--scrub"]).await.status.code(), Some(2));
    assert_eq!(run(&scene.path("missing.toml"), &["once"]).await.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_section_is_status_1_and_what_works_is_printed() {
    for fault in [
        FaultKind::Down,
        FaultKind::Forbid("PRIVILEGE_REPLICATION_OBJECT_READ".to_owned()),
    ] {
        let scene = Scene::start().await;
        scene.simulation.set_fault("sfo-dr", fault.clone());
        let output = scene.run(&["once"]).await;
        let (out, said) = (text(output.stdout), text(output.stderr));
        assert_eq!(output.status.code(), Some(1), "{fault:?}");
        assert!(
            said.contains("1 of 2 arrays failed") && said.contains("array=sfo-dr"),
            "{said}"
        );
        assert!(out.contains("storage_array_up{array=\"nyc-prod\"} 1\n"), "{out}");
        let down = out.contains("storage_array_up{array=\"sfo-dr\"} 0\n");
        assert_eq!(down, fault == FaultKind::Down, "{out}");
    }
}
