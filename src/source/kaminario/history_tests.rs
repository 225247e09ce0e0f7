use super::{
    super::{payloads::*, wire::List},
    *,
};
use crate::source::lenient::parse;

fn listed() -> Vec<Listed> {
    read(SESSIONS).expect("sessions").1
}

fn read_rounds(payload: &[u8]) -> Result<(Rounds, UnknownValues), String> {
    let list: List<Round> = parse(payload)?;
    let mut unknown = UnknownValues::default();
    Ok((rounds(list.hits, &mut unknown), unknown))
}

fn points(snapshots: &[u8], rounds: Option<&[u8]>) -> Result<SectionReport, String> {
    let list: List<Snapshot> = parse(snapshots)?;
    let rounds = rounds.map(|rounds| read_rounds(rounds).expect("rounds").0);
    Ok(recovery_points(&listed(), list.hits, rounds.as_ref()))
}

fn point(report: &SectionReport, id: &str) -> Option<f64> {
    let said = report.relationships.iter().find(|said| &*said.key.id == id)?;
    said.recovery_point.value().map(Timestamp::unix_seconds)
}

fn round_report() -> SectionReport {
    let (rounds, unknown) = read_rounds(ROUNDS).expect("rounds");
    last_rounds(&listed(), &rounds, unknown)
}

fn round_of(report: &SectionReport, id: &str) -> RelationshipReport {
    let found = report.relationships.iter().find(|said| &*said.key.id == id);
    found.expect("the session").clone()
}

#[test]
fn a_recovery_point_is_the_moment_of_the_data_not_of_the_copy() {
    let report = points(SNAPSHOTS, Some(ROUNDS)).expect("a report");
    assert_eq!(
        point(&report, "2"),
        Some(1_771_581_300.125),
        "the target is told by the source"
    );
    assert_eq!(
        point(&report, "7"),
        Some(1_771_570_200.0),
        "else by the round of this generation"
    );
    assert_eq!(point(&report, "1"), Some(1_771_581_300.0), "the round of this role");
    assert_eq!(point(&report, "4"), Some(1_771_574_100.0), "the source's own snapshot");
    assert_eq!(point(&report, "8"), Some(1_771_581_300.75), "0 is no time");
}

#[test]
fn on_the_target_the_arrival_is_never_the_recovery_point() {
    let without = edited(
        SNAPSHOTS,
        "\"data_creation_time\": 1771581300.125",
        "\"data_creation_time\": null",
    );
    let report = points(&without, None).expect("a report");
    assert_eq!(point(&report, "2"), None);
    let said = report
        .relationships
        .iter()
        .find(|said| &*said.key.id == "2")
        .expect("said");
    assert_eq!(said.recovery_point, Field::Silent);
}

#[test]
fn a_snapshot_that_is_gone_says_nothing() {
    let report = points(SNAPSHOTS, Some(ROUNDS)).expect("a report");
    assert!(!report.relationships.iter().any(|said| &*said.key.id == "9"));
    assert_eq!(counted(&report), []);
}

#[test]
fn a_running_round_is_neither_the_last_nor_without_a_start() {
    let report = round_report();
    let first = round_of(&report, "1");
    assert_eq!(first.last_job.duration_seconds, Field::Is(91.0));
    assert_eq!(first.last_job.end, Field::Is(at(1_771_581_391.0)));
    assert_eq!(first.last_job.transferred_bytes, Field::Is(734_003_200));
    assert_eq!(first.last_job.result, Field::Silent);
    let job = first.readings.job.expect("a job");
    assert_eq!(
        job,
        Job {
            start: Some(at(1_771_581_450.0)),
            ..Job::default()
        }
    );
    let target = round_of(&report, "2").last_job;
    assert_eq!(target.transferred_bytes, Field::Is((1 << 53) + 1));
    let never = round_of(&report, "3");
    assert_eq!((never.last_job, never.readings.job_running), (LastJob::default(), None));
    assert!(never.readings.job.is_some());
}

#[test]
fn a_round_that_ends_before_it_began_has_no_duration() {
    let report = round_report();
    assert_eq!(round_of(&report, "5").last_job.duration_seconds, Field::Silent);
    assert_eq!(counted(&report), [("round_end", 1)]);
}

#[test]
fn both_sections_never_give_the_same_reading() {
    let (sessions, _) = read(SESSIONS).expect("sessions");
    for said in &round_report().relationships {
        let here = &said.readings;
        let there = sessions.relationship(&said.key).expect("listed").readings.clone();
        let job = here.job.unwrap_or_default();
        assert_eq!(
            (job.progress, job.remaining_seconds, here.job_running),
            (None, None, None)
        );
        assert_eq!(there.job.and_then(|job| job.start), None);
    }
}

#[test]
fn damaged_answers_are_refused_or_read_without_panic() {
    survives_damage(SNAPSHOTS, |payload| points(payload, Some(ROUNDS)));
    survives_damage(ROUNDS, |payload| {
        let (rounds, unknown) = read_rounds(payload)?;
        Ok(last_rounds(&listed(), &rounds, unknown))
    });
}

#[test]
fn each_snapshot_is_asked_for_once() {
    let mut twice = listed();
    twice.extend(listed());
    assert_eq!(wanted(&twice).len(), 8);
}
