//! `doctor` against simulated clusters that fail in every way.

use crate::{
    port,
    scene::{Scene, text},
};
use replication_exporter::{
    clock::Clock,
    config::{ArrayConfig, Credentials, SecretRef},
    doctor::{self, Report, Verdict},
    simulator::FaultKind,
};
use std::sync::Arc;

const ARRAY: &str = "nyc-prod";

async fn examine(array: ArrayConfig) -> Report {
    let mut reports = doctor::examine(vec![Arc::new(array)], Clock::host())
        .await
        .expect("reports");
    let report = reports.pop().expect("a report");
    for line in &report.lines {
        assert_eq!(line.verdict == Verdict::Ok, line.remedy.is_none(), "{line:?}");
        assert!(line.remedy.as_ref().is_none_or(|remedy| remedy.len() > 10), "{line:?}");
    }
    report
}

/// Each check that failed, and what there is to do about it, in a line.
fn failing(report: &Report) -> Vec<String> {
    let failing = report.lines.iter().filter(|line| line.verdict == Verdict::Fail);
    failing
        .map(|line| {
            format!(
                "{} {} -> {}",
                line.check,
                line.detail,
                line.remedy.clone().unwrap_or_default()
            )
        })
        .collect()
}

fn detail<'a>(report: &'a Report, check: &str) -> &'a str {
    let line = report.lines.iter().find(|line| line.check == check);
    &line.unwrap_or_else(|| panic!("no line of {check}: {report}")).detail
}

#[tokio::test]
async fn a_system_that_is_configured_twice_is_told() {
    let scene = Scene::start().await;
    let arrays = [ARRAY, "again"].map(|name| {
        let mut array = scene.array(ARRAY);
        array.name = name.into();
        Arc::new(array)
    });
    let reports = doctor::examine(arrays.to_vec(), Clock::host()).await.expect("reports");
    assert_eq!(detail(&reports[0], "system"), "is the same system as again");
    assert_eq!(detail(&reports[1], "system"), format!("is the same system as {ARRAY}"));
}

#[tokio::test]
async fn a_healthy_array_has_no_line_but_fine_ones() {
    let scene = Scene::start().await;
    let report = examine(scene.array(ARRAY)).await;
    assert!(report.lines.iter().all(|line| line.verdict == Verdict::Ok), "{report}");
    for check in [
        "secret",
        "dns",
        "tcp",
        "tls",
        "log-on",
        "right",
        "version",
        "clock",
        "relationships",
        "series",
    ] {
        assert!(!detail(&report, check).is_empty());
    }
    assert!(detail(&report, "tls").contains("expires 2049-01-01"), "{report}");
    assert_eq!(detail(&report, "relationships"), "15 as source, 1 as target");
    let rights = report.lines.iter().filter(|line| line.check == "right").count();
    assert_eq!(rights, 6, "{report}");
}

#[tokio::test]
async fn each_fault_fails_in_its_own_line_with_its_own_remedy() {
    let right = "PRIVILEGE_REPLICATION_TARGET_READ";
    for (fault, check, words, remedy) in [
        (FaultKind::Down, "tls", "", "check that the port"),
        (FaultKind::Auth, "log-on", "401", "qq auth_create_access_token"),
        (
            FaultKind::Forbid(right.to_owned()),
            "right",
            right,
            "qq auth_modify_role",
        ),
        (FaultKind::Html, "section", "content_type", "no log-in page"),
        (FaultKind::Http500, "section", "http_status", "the cluster's own health"),
        (
            FaultKind::Throttle("30".to_owned()),
            "section",
            "throttled",
            "`interval`",
        ),
        (FaultKind::ClockSkew(-3600.0), "clock", "clock is -3", "NTP"),
    ] {
        let scene = Scene::start().await;
        scene.simulation.set_fault(ARRAY, fault.clone());
        let report = examine(scene.array(ARRAY)).await;
        let failing = failing(&report);
        let found = failing
            .iter()
            .any(|line| line.starts_with(check) && line.contains(words) && line.contains(remedy));
        assert!(found, "{fault:?}: {failing:#?}");
    }
}

#[tokio::test]
async fn a_refused_log_in_is_one_failing_line_and_one_log_in() {
    let scene = Scene::start().await;
    scene.simulation.set_fault("sfo-dr", FaultKind::Auth);
    let report = examine(scene.array("sfo-dr")).await;
    assert_eq!(failing(&report).len(), 1, "{report}");
    assert!(detail(&report, "log-on").starts_with("as user monitor"), "{report}");
    let log = scene.simulation.array("sfo-dr").expect("an array").log();
    assert_eq!(log.count("POST", "/v1/session/login"), 1);
}

#[tokio::test]
async fn sections_that_fail_for_the_same_reason_share_a_line() {
    let scene = Scene::start().await;
    scene.simulation.set_fault(ARRAY, FaultKind::Html);
    let report = examine(scene.array(ARRAY)).await;
    let sections =
        "system, protection, replication_object, replication_source, replication_target, restriper: content_type: ";
    assert!(detail(&report, "section").starts_with(sections), "{report}");
    assert_eq!(failing(&report).len(), 2, "the log-on and the sections: {report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_to_type_on_the_array_is_told_where_that_is_asked_for() {
    let scene = Scene::start().await;
    let right = "PRIVILEGE_REPLICATION_TARGET_READ";
    scene.simulation.set_fault(ARRAY, FaultKind::Forbid(right.to_owned()));
    scene.simulation.set_fault("sfo-dr", FaultKind::Auth);
    let command = format!(" auth_modify_role -r replication-exporter -G {right} ");
    let quiet = text(scene.run(&["doctor"]).await.stdout);
    assert!(
        !quiet.contains(&command) && !quiet.contains(" login -u admin"),
        "{quiet}"
    );
    let report = text(scene.run(&["doctor", "--fix-hints"]).await.stdout);
    assert_eq!(report.matches(" login -u admin").count(), 2, "{report}");
    assert!(report.contains(&command), "{report}");
    assert!(report.contains(" auth_set_password --id 'monitor' "), "{report}");
}

#[tokio::test]
async fn one_missing_right_leaves_the_other_lines_fine() {
    let scene = Scene::start().await;
    scene
        .simulation
        .set_fault(ARRAY, FaultKind::Forbid("PRIVILEGE_CLUSTER_READ".to_owned()));
    let report = examine(scene.array(ARRAY)).await;
    let failing = failing(&report);
    assert_eq!(failing.len(), 2, "protection and restriper: {report}");
    assert!(failing.iter().all(|line| line.starts_with("right")), "{report}");
    assert_eq!(detail(&report, "log-on"), "with a token");
}

#[tokio::test]
async fn a_certificate_that_is_not_accepted_is_shown_with_what_to_set() {
    let scene = Scene::start().await;
    let mut array = scene.array(ARRAY);
    array.trust.ca_file = None;
    let report = examine(array.clone()).await;
    let failing = failing(&report);
    assert!(failing[0].starts_with("tls no trusted authority"), "{report}");
    assert!(failing[0].contains("subject CN=simulated array"), "{report}");
    assert_eq!(
        scene.simulation.array(ARRAY).expect("an array").log().total(),
        0,
        "nothing is sent to an array that is not trusted"
    );

    // What it says to set works.
    let (_, pin) = failing[0].split_once("pin_sha256 = \"").expect("a pin");
    let pin = pin.trim_end_matches('"');
    let bytes: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&pin[at..at + 2], 16).expect("hex"))
        .collect();
    array.trust.pin_sha256 = Some(bytes.try_into().expect("32 bytes"));
    assert!(!examine(array.clone()).await.failed());
    array.trust.pin_sha256 = Some([1; 32]);
    assert!(self::failing(&examine(array).await)[0].contains("not the pinned one"));

    let mut array = scene.array(ARRAY);
    array.trust.server_name = Some("other.example.com".to_owned());
    let report = examine(array).await;
    assert!(
        self::failing(&report)[0].contains("it is for localhost, 127.0.0.1"),
        "{report}"
    );

    let mut array = scene.array(ARRAY);
    array.trust.ca_file = None;
    array.trust.insecure_skip_verify = true;
    let report = examine(array).await;
    assert!(
        !report.failed() && detail(&report, "tls").contains("NOT VERIFIED"),
        "{report}"
    );
}

#[tokio::test]
async fn every_address_is_tried_and_a_dead_one_is_told() {
    let scene = Scene::start().await;
    let mut array = scene.array(ARRAY);
    let (_nobody, dead) = port::deserted();
    array.urls.insert(0, format!("https://{dead}").parse().expect("a URL"));
    array
        .urls
        .push("https://no-such-host.invalid:8000".parse().expect("a URL"));
    let report = examine(array).await;
    let failing = failing(&report);
    assert_eq!(failing.len(), 2, "{report}");
    assert!(failing[0].contains("nothing listens on port"), "{report}");
    assert!(failing[1].starts_with("dns no-such-host.invalid"), "{report}");
    assert!(
        detail(&report, "relationships").contains("source"),
        "the one that works is polled"
    );
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_a_line_without_the_secret() {
    let scene = Scene::start().await;
    let mut array = scene.array(ARRAY);
    array.credentials = Credentials::Token(SecretRef::File(scene.path("missing")));
    let report = examine(array).await;
    assert!(failing(&report)[0].starts_with("secret "), "{report}");
    let token = scene
        .simulation
        .array(ARRAY)
        .expect("an array")
        .credentials()
        .token
        .clone();
    let fine = examine(scene.array(ARRAY)).await.to_string();
    assert!(!fine.contains(&token.expect("a token")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_status_tells_whether_any_line_failed() {
    let scene = Scene::start().await;
    let output = scene.run(&["doctor"]).await;
    let out = text(output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(
        out.contains("\nnyc-prod (qumulo)\n  ok    secret ") && out.contains("\nsfo-dr (qumulo)\n"),
        "{out}"
    );

    scene.simulation.set_fault("sfo-dr", FaultKind::Html);
    let output = scene.run(&["doctor", "--array", "nyc-prod"]).await;
    assert_eq!(output.status.code(), Some(0));
    assert!(!text(output.stdout).contains("sfo-dr ("));
    let output = scene.run(&["doctor"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(text(output.stdout).contains("  FAIL  section "));
    assert_eq!(scene.run(&["doctor", "--array", "nobody"]).await.status.code(), Some(2));
}
