use super::{super::payloads::*, *};
use crate::source::lenient::parse;
use proptest::prelude::*;

fn read(payload: &[u8], role: Role) -> Result<SectionReport, String> {
    relationships(parse(payload)?, role, now(), &Names::new())
}

fn source() -> SectionReport {
    read(SOURCE, Role::Source).expect("a report")
}

fn target() -> SectionReport {
    read(TARGET, Role::Target).expect("a report")
}

fn health(report: &RelationshipReport) -> Condition {
    report.readings.condition.expect("a condition")
}

#[test]
fn every_payload_is_read_without_an_unknown_value() {
    assert_eq!(counted(&source()), []);
    assert_eq!(counted(&target()), []);
    assert_eq!(source().listing, Listing::Complete);
    assert_eq!(source().relationships.len(), 6);
}

#[test]
fn a_running_job_gives_all_its_readings_in_base_units() {
    let report = &source().relationships[0];
    let job = report.readings.job.expect("a job");
    assert_eq!(report.readings.job_running, Some(true));
    assert_eq!(job.start, Some(at("2026-02-20T09:00:00Z")));
    assert_eq!(job.progress.map(Ratio::get), Some(0.375));
    assert_eq!(job.remaining_seconds, Some(5400.0));
    assert_eq!(job.bytes.remaining, Some((1 << 53) + 1));
    assert_eq!(job.files.total, Some(4688));
    assert_eq!(job.throughput_bytes_per_second, Some(104_857_600.0));
    assert_eq!(job.recent_throughput_bytes_per_second, Some(52_428_800.0));
    assert_eq!(report.last_job.duration_seconds, Field::Is(0.051_844_43));
    assert_eq!(report.last_job.result, Field::Is(JobResult::Success));
    assert_eq!(report.recovery_point, Field::Is(at("2026-02-20T08:00:00.25Z")));
}

#[test]
fn labels_are_named_by_cluster_and_path_without_trailing_slash_but_for_the_root() {
    let names: Vec<_> = source()
        .relationships
        .into_iter()
        .map(|report| report.description.expect("a description"))
        .collect();
    assert_eq!(names[0].relationship, "osl-media:/film->bgo-dr:/film");
    assert_eq!(names[1].relationship, "osl-media:/->bgo-dr:/");
    assert_eq!(names[2].relationship, "osl-media:/scratch/new->:");
    assert_eq!(names[0].pair, "00000001-1111-4222-8333-444455556666");
    let modes: Vec<_> = names.iter().map(|name| name.mode).collect();
    assert_eq!(modes[..2], [Mode::Continuous, Mode::SnapshotPolicy]);
    assert_eq!(modes[3], Mode::SnapshotPolicyWithContinuous);
    let target = target().relationships[0].description.clone().expect("a description");
    assert_eq!(target.mode, Mode::NotReported);
    assert_eq!(target.relationship, "trd-lab:/proj \"ü\"->osl-media:/proj \"ü\"");
}

#[test]
fn health_is_the_first_row_of_the_table_that_applies() {
    let conditions: Vec<_> = source().relationships.iter().map(health).collect();
    assert_eq!(
        conditions,
        [
            Condition::Replicating,
            Condition::Replicating,
            Condition::Replicating,
            Condition::Decided(Health::Failed),
            Condition::Decided(Health::Paused),
            Condition::Decided(Health::Pending),
        ]
    );
    let conditions: Vec<_> = target().relationships.iter().map(health).collect();
    assert_eq!(
        conditions,
        [
            Condition::Replicating,
            Condition::Decided(Health::FailedOver),
            Condition::Decided(Health::Ended),
            Condition::Decided(Health::Transition),
        ]
    );
    // Somebody's decision explains an error, not the other way round.
    let paused = edited(
        SOURCE,
        "\"error_from_last_job\": \"\"",
        "\"error_from_last_job\": \"broken\"",
    );
    let paused = read(&paused, Role::Source).expect("a report");
    assert_eq!(health(&paused.relationships[4]), Condition::Decided(Health::Paused));
}

#[test]
fn an_unknown_state_is_unknown_and_counted() {
    let payload = edited(SOURCE, "AWAITING_AUTHORIZATION", "EXPLODED");
    let report = read(&payload, Role::Source).expect("a report");
    assert_eq!(health(&report.relationships[5]), Condition::Decided(Health::Unknown));
    assert_eq!(
        report.relationships[5].readings.state.map(StateWord::word),
        Some("unknown")
    );
    assert_eq!(counted(&report), [("state", 1)]);
}

#[test]
fn a_blackout_is_enabled_and_ends_in_the_future() {
    let report = source();
    assert_eq!(report.relationships[1].readings.blackout, Some(true));
    assert_eq!(
        report.relationships[1].readings.next_active,
        Some(at("2026-02-20T18:00:00Z"))
    );
    assert_eq!(report.relationships[0].readings.blackout, Some(false));
    // Disabled, though the time is filled.
    assert_eq!(report.relationships[4].readings.blackout, Some(false));
    assert_eq!(report.relationships[4].readings.next_active, None);
    let later = relationships(
        parse(SOURCE).expect("JSON"),
        Role::Source,
        at("2026-02-20T18:00:01Z"),
        &Names::new(),
    );
    assert_eq!(later.expect("a report").relationships[1].readings.blackout, Some(false));
    // The target does not say.
    assert_eq!(target().relationships[0].readings.blackout, None);
}

#[test]
fn never_replicated_is_said_and_not_guessed() {
    let initial = &source().relationships[2];
    assert_eq!(initial.recovery_point, Field::Never);
    assert_eq!(initial.last_job.result, Field::Is(JobResult::None));
    assert_eq!(initial.last_job.duration_seconds, Field::Never);
    // A job whose status is still null.
    assert_eq!(
        initial.readings.job.map(|job| (job.start, job.progress)),
        Some((Some(at("2026-02-20T09:30:00Z")), None))
    );
}

#[test]
fn a_renamed_fact_is_silence_and_counted_never_no_recovery_point() {
    for (field, other) in [
        ("\"recovery_point\":", "\"recovery_time\":"),
        ("\"2026-02-20T08:00:00.25Z\",\n    \"error", "17,\n    \"error"),
    ] {
        let report = read(&edited(TARGET, field, other), Role::Target).expect("a report");
        assert!(
            report
                .relationships
                .iter()
                .all(|each| each.recovery_point == Field::Silent)
        );
        assert!(
            report
                .relationships
                .iter()
                .all(|each| each.last_job.result == Field::Silent)
        );
        assert_eq!(counted(&report), [("recovery_point", 4)]);
    }
}

#[test]
fn a_name_that_an_answer_does_not_say_stays() {
    let names: Names = source()
        .relationships
        .into_iter()
        .map(|each| (each.key, each.description.expect("a description")))
        .collect();
    let mut payload = edited(SOURCE, "\"target_root_path\"", "\"target_path\"");
    payload = edited(&payload, "\"replication_mode\"", "\"mode\"");
    let report = relationships(parse(&payload).expect("JSON"), Role::Source, now(), &names).expect("a report");
    assert_eq!(counted(&report), [("replication_mode", 6), ("target_root_path", 6)]);
    for each in report.relationships {
        assert_eq!(each.description.as_ref(), names.get(&each.key));
    }
}

#[test]
fn silence_about_errors_is_not_health() {
    for key in ["\"error_from_last_job\"", "\"replication_enabled\""] {
        let report = read(&edited(TARGET, key, "\"renamed\""), Role::Target).expect("a report");
        assert_eq!(
            health(&report.relationships[0]),
            Condition::Decided(Health::Unknown),
            "{key}"
        );
    }
}

#[test]
fn a_failed_job_and_an_end_say_why_in_the_note() {
    assert_eq!(
        source().relationships[3].readings.note,
        "The connection to the target was lost."
    );
    assert_eq!(source().relationships[3].last_job.result, Field::Is(JobResult::Failed));
    assert_eq!(
        target().relationships[2].readings.note,
        "The source deleted the relationship."
    );
}

#[test]
fn the_target_says_what_only_it_knows() {
    let report = target();
    let locks: Vec<_> = report
        .relationships
        .iter()
        .map(|each| each.readings.snapshot_lock)
        .collect();
    assert_eq!(locks, [Some(true), Some(false), Some(false), Some(false)]);
    let old = read(&edited(TARGET, "\"lock_key\"", "\"other\""), Role::Target).expect("a report");
    assert_eq!(old.relationships[0].readings.snapshot_lock, None);
    assert_eq!(counted(&old), []);
    let writable: Vec<_> = report
        .relationships
        .iter()
        .map(|each| each.readings.target_writable)
        .collect();
    assert_eq!(writable, [Some(false), Some(true), Some(false), Some(false)]);
    assert_eq!(report.relationships[0].readings.queued_snapshots, None);
    assert_eq!(source().relationships[1].readings.queued_snapshots, Some(3));
    assert_eq!(source().relationships[0].readings.snapshot_lock, None);
}

#[test]
fn job_readings_exist_only_while_a_job_runs() {
    let payload = edited(SOURCE, "REPLICATION_RUNNING", "REPLICATION_NOT_RUNNING");
    let report = read(&payload, Role::Source).expect("a report");
    assert!(report.relationships.iter().all(|each| each.readings.job.is_none()));
    assert!(
        report
            .relationships
            .iter()
            .all(|each| each.readings.job_running == Some(false))
    );
}

#[test]
fn a_field_of_the_wrong_shape_costs_that_field_alone() {
    for (from, to, field) in [
        ("37.5", "1e999", "percent_complete"),
        ("37.5", "\"None\"", "percent_complete"),
        ("37.5", "1000", "percent_complete"),
        ("\"5400\"", "\"-1\"", "estimated_seconds_remaining"),
        ("\"1200\"", "[1200]", "files_transferred"),
        ("\"17\"", "-0", "bytes_deleted"),
        ("\"9007199254740993\"", "18446744073709551616", "bytes_remaining"),
    ] {
        let report = read(&edited(SOURCE, from, to), Role::Source).expect("a report");
        assert_eq!(counted(&report), [(field, 1)], "{to}");
        assert!(
            report.relationships[0]
                .readings
                .job
                .is_some_and(|job| job.files.total == Some(4688))
        );
    }
}

#[test]
fn two_records_with_one_identity_are_merged_and_the_worse_health_wins() {
    let payload = edited(SOURCE, "00000004-1111", "00000001-1111");
    let report = read(&payload, Role::Source).expect("a report").without_duplicates();
    assert_eq!(report.relationships.len(), 5);
    assert_eq!(health(&report.relationships[0]), Condition::Decided(Health::Failed));
    assert_eq!(counted(&report), [("duplicate", 1)]);
}

#[test]
fn a_relationship_without_an_id_makes_the_answer_unusable() {
    for to in ["\"uuid\": \"0", "\"id\": \"\", \"was\": \"0"] {
        assert!(read(&edited(TARGET, "\"id\": \"0", to), Role::Target).is_err());
    }
    assert!(read(b"{}", Role::Source).is_err());
    assert!(read(b"[1]", Role::Source).is_err());
    assert!(read(b"<html></html>", Role::Source).is_err());
    assert_eq!(
        read(b"[]", Role::Source).map(|report| report.relationships.len()),
        Ok(0)
    );
}

#[test]
fn no_damage_to_a_source_answer_makes_it_panic() {
    survives_damage(SOURCE, |payload| read(payload, Role::Source));
}

#[test]
fn no_damage_to_a_target_answer_makes_it_panic() {
    survives_damage(TARGET, |payload| read(payload, Role::Target));
}

proptest! {
    #[test]
    fn a_path_never_ends_with_a_slash_but_the_root(text in "[/a-c]{0,12}") {
        let short = path(&text);
        prop_assert!(text.starts_with(&short) );
        prop_assert!(short == "/" || !short.ends_with('/'));
        prop_assert_eq!(short.is_empty(), text.is_empty());
    }
}

#[test]
fn a_job_that_shipped_an_old_snapshot_holds_the_old_data() {
    // A job began at 08:00 and shipped a snapshot that had waited for ten hours.
    let waited = edited(
        SOURCE,
        "\"timestamp\": \"2026-02-20T08:00:00.25Z\"",
        "\"timestamp\": \"2026-02-19T22:00:00Z\"",
    );
    let report = read(&waited, Role::Source).expect("a report");
    assert_eq!(
        report.relationships[0].recovery_point,
        Field::Is(at("2026-02-19T22:00:00Z"))
    );
    let later = edited(
        SOURCE,
        "\"timestamp\": \"2026-02-20T08:00:00.25Z\"",
        "\"timestamp\": \"2026-02-20T09:00:00Z\"",
    );
    let report = read(&later, Role::Source).expect("a report");
    assert_eq!(
        report.relationships[0].recovery_point,
        Field::Is(at("2026-02-20T08:00:00.25Z"))
    );
}

#[test]
fn the_targets_own_copy_of_a_snapshot_says_nothing_about_its_data() {
    let read = |timestamp: &str| {
        let payload = String::from_utf8_lossy(TARGET).replace("\"timestamp\": \"2026", timestamp);
        read(payload.as_bytes(), Role::Target).expect("a report").relationships[0].recovery_point
    };
    assert_eq!(read("\"timestamp\": \"2026"), read("\"timestamp\": \"2025"));
}

#[test]
fn the_other_sides_system_id_is_told_on_both_sides() {
    let peer = |report: &SectionReport| {
        let description = report.relationships[0].description.clone();
        description.expect("a description").peer_system_id
    };
    assert_eq!(peer(&source()), "c7e0a4d2-3f58-49b1-b6aa-7d20e5f1c322");
    assert!(!peer(&target()).is_empty() && peer(&target()) != peer(&source()));
}
