//! What needs a person, and what does not.

use super::*;
use crate::model::{Health, Identity, verdict::tests::view};
use crate::model::{Mode, Restriper, RestriperPhase, RestriperState, overview::Attempt};

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn section(name: &'static str, failure: Option<(&'static str, bool)>) -> SectionOverview {
    SectionOverview {
        name,
        polls: 1,
        failures: 0,
        last: Some(Attempt {
            at: at("2026-11-21T15:54:01Z"),
            duration_seconds: 0.1,
            failure: failure.map(|(reason, expected)| Failure {
                reason,
                message: "GET /: no".to_owned(),
                remedy: "mend it".to_owned(),
                expected,
            }),
        }),
        last_success: Some(at("2026-11-21T15:00:00Z")),
        fresh: true,
    }
}

fn array(name: &str, sections: Vec<SectionOverview>) -> ArrayOverview {
    ArrayOverview {
        name: name.into(),
        vendor: "qumulo",
        up: true,
        system: Identity::default(),
        last_heard: Some(at("2026-11-21T15:00:00Z")),
        clock_skew_seconds: Some(0.0),
        certificate_expiry: None,
        verification_disabled: false,
        data_timestamp: None,
        interval_seconds: 30.0,
        stale_after_seconds: 90.0,
        overruns: 0,
        logins: 0,
        login_failures: 0,
        sections,
        protection: None,
        restriper: None,
        data_at_risk_since: None,
        unreplicated_objects: None,
    }
}

fn about(arrays: &[ArrayOverview], views: &[View]) -> Vec<Concern> {
    all(arrays, views).into_iter().map(|notice| notice.about).collect()
}

#[test]
fn an_array_that_is_well_needs_nobody() {
    let fine = array("nyc", vec![section("restriper", None)]);
    assert_eq!(all(&[fine], &[view(Health::Ok)]), []);
}

#[test]
fn a_right_that_is_not_needed_is_no_failure() {
    let jobs = array("em1", vec![section("jobs", Some(("forbidden", true)))]);
    assert_eq!(all(&[jobs], &[]), []);
}

#[test]
fn sections_that_fail_alike_are_one_line_with_the_last_success_and_what_to_do() {
    let failing = [
        section("protection", Some(("forbidden", false))),
        section("restriper", Some(("forbidden", false))),
    ];
    let found = all(&[array("nyc", failing.to_vec())], &[]);
    let [notice] = found.as_slice() else {
        panic!("one line: {found:?}");
    };
    assert_eq!(notice.text, "sections protection, restriper: forbidden: GET /: no");
    let never = SectionOverview {
        last_success: None,
        ..section("restriper", Some(("forbidden", false)))
    };
    let never = all(&[array("nyc", vec![never])], &[]);
    assert_eq!(
        never[0].text,
        "section restriper, never read so far: forbidden: GET /: no"
    );
    assert_eq!(notice.since, Some(at("2026-11-21T15:00:00Z")));
    assert_eq!(
        (notice.about, notice.remedy.as_str()),
        (Concern::SectionFailing, "mend it")
    );
}

#[test]
fn an_array_that_is_down_is_one_line_whatever_fails_of_it() {
    let failing = [
        section("protection", Some(("auth", false))),
        section("restriper", Some(("auth", false))),
    ];
    let down = ArrayOverview {
        up: false,
        ..array("nyc", failing.to_vec())
    };
    let found = all(&[down], &[]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].text,
        "nothing is read, for the log-in is refused: auth: GET /: no"
    );
    assert_eq!(found[0].since, Some(at("2026-11-21T15:00:00Z")));
}

#[test]
fn data_at_risk_comes_before_an_array_that_is_down_and_outlives_it() {
    let at_risk = ArrayOverview {
        up: false,
        data_at_risk_since: Some(at("2026-11-21T14:00:00Z")),
        ..array("nyc", vec![section("restriper", Some(("connect", false)))])
    };
    let found = all(&[at_risk], &[]);
    assert_eq!(
        (found[0].about, found[1].about),
        (Concern::DataAtRisk, Concern::ArrayDown)
    );
    assert!(
        found[0].text.ends_with("that was its last word, and it is down"),
        "{}",
        found[0].text
    );
}

#[test]
fn a_blocked_restriper_and_a_wrong_clock_are_told() {
    let blocked = ArrayOverview {
        clock_skew_seconds: Some(-7200.0),
        restriper: Some(Restriper {
            state: RestriperState::Blocked,
            phase: RestriperPhase::None,
            data_at_risk: None,
            progress: None,
            elapsed_seconds: None,
            coordinator_node: None,
            blocked_reason: "no space".to_owned(),
        }),
        ..array("nyc", vec![section("restriper", None)])
    };
    let found = all(&[blocked], &[]);
    assert_eq!(
        (found[0].about, found[1].about),
        (Concern::RestriperBlocked, Concern::ClockWrong)
    );
    assert!(found[0].text.ends_with("no space") && found[1].text == "its clock is 2 h behind the exporter's");
}

#[test]
fn an_objective_below_two_polls_is_a_setting_to_check() {
    let arrays = [array("nyc", vec![section("restriper", None)])];
    let mut hasty = view(Health::Ok);
    hasty.lasting.objective_seconds = Some(59.0);
    let found = all(&arrays, &[hasty.clone()]);
    assert_eq!(found[0].about, Concern::Configuration);
    assert!(
        found[0].can_wait()
            && found[0]
                .text
                .starts_with("1 relationship with an objective below two polls")
    );
    hasty.lasting.objective_seconds = Some(60.0);
    assert_eq!(about(&arrays, &[hasty]), []);
}

#[test]
fn an_array_without_any_objective_is_told_but_not_one_that_only_copies_once() {
    let arrays = [array("nyc", vec![section("restriper", None)])];
    let mut unjudged = view(Health::Ok);
    unjudged.lasting.objective_seconds = None;
    unjudged.lasting.standing.0 = Standing::Unjudged;
    assert_eq!(about(&arrays, &[unjudged.clone()]), [Concern::Configuration]);
    assert_eq!(about(&arrays, &[unjudged.clone(), view(Health::Ok)]), []);
    unjudged.description.mode = Mode::CopyToObject;
    unjudged.lasting.standing.0 = Standing::Protected;
    assert_eq!(about(&arrays, &[unjudged]), []);
}

#[test]
fn what_is_wrong_with_the_exporter_itself_cannot_wait() {
    let refused = Notice::of_refused_reload(at("2026-11-21T15:00:00Z"), "a.toml:3: x\na.toml:4: y");
    assert!(!refused.can_wait());
    assert_eq!(
        refused.text,
        "the changed configuration is refused, the former one goes on: a.toml:3: x; a.toml:4: y"
    );
}
