use super::{super::payloads::*, *};
use crate::{model::Ratio, source::lenient::parse};

fn read(payload: &[u8]) -> Result<SectionReport, String> {
    copies(parse(payload)?, "osl-media", now())
}

#[test]
fn a_copy_is_as_old_as_its_last_run_without_an_error() {
    let report = read(OBJECT).expect("a report");
    assert_eq!(counted(&report), []);
    let copy = &report.relationships[0];
    assert_eq!(copy.key.role, Role::Source);
    assert_eq!(copy.recovery_point, Field::Is(at("2026-02-19T09:00:00Z")));
    assert_eq!(copy.last_job.end, Field::Is(at("2026-02-19T09:30:00Z")));
    assert_eq!(copy.last_job.duration_seconds, Field::Is(1800.0));
    assert_eq!(copy.last_job.result, Field::Is(JobResult::Success));
    let job = copy.readings.job.expect("a job");
    assert_eq!(job.progress.map(Ratio::get), Some(0.375));
    assert_eq!(job.remaining_seconds, Some(3600.0));
    assert_eq!(
        (job.bytes.deleted, job.bytes.transferred),
        (None, Some(123_456_789_012))
    );
    assert_eq!(job.start, Some(at("2026-02-20T09:00:00Z")));
    assert_eq!(copy.readings.state.map(StateWord::word), Some("replication_running"));
    let name = copy.description.as_ref().expect("a description");
    assert_eq!(name.relationship, "osl-media:/film->s3.example.net/archive/film/2026");
    assert_eq!(name.mode, Mode::CopyToObject);
}

#[test]
fn a_failed_copy_leaves_the_recovery_point_of_the_run_before() {
    let copy = &read(OBJECT).expect("a report").relationships[1];
    assert_eq!(copy.key.role, Role::Target);
    assert_eq!(copy.recovery_point, Field::Silent);
    assert_eq!(copy.last_job.result, Field::Is(JobResult::Failed));
    assert_eq!(copy.readings.condition, Some(Condition::Decided(Health::Failed)));
    assert_eq!(copy.readings.note, "The bucket does not exist.");
    assert_eq!((copy.readings.job_running, copy.readings.job), (Some(false), None));
    let name = copy.description.as_ref().expect("a description");
    assert_eq!(name.relationship, "s3.example.net/archive/film/2026->osl-media:/film");
    assert_eq!(
        (name.source_system.as_str(), name.target_object.as_str()),
        ("s3.example.net", "/film")
    );
}

#[test]
fn a_copy_that_never_ran_says_never() {
    let copy = &read(OBJECT).expect("a report").relationships[2];
    assert_eq!(copy.recovery_point, Field::Never);
    assert_eq!(copy.last_job.result, Field::Is(JobResult::None));
    let name = copy.description.as_ref().expect("a description");
    assert_eq!(name.relationship, "osl-media:/film->s3.example.net/archive");
}

#[test]
fn the_path_has_another_name_before_v3() {
    let report = read(&edited(OBJECT, "local_directory_path", "source_directory_path")).expect("a report");
    assert_eq!(counted(&report), []);
    assert_eq!(
        report.relationships[0]
            .description
            .as_ref()
            .expect("a description")
            .source_object,
        "/film"
    );
}

#[test]
fn no_damage_to_an_answer_makes_it_panic() {
    survives_damage(OBJECT, read);
}
