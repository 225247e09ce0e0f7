use super::{
    super::{
        VENDOR,
        manager::{api_version, newest_collection},
        rows::{Page, Row, page},
    },
    *,
};

macro_rules! payload {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/payloads/veeam/1.7/", $name, ".xml"))
    };
}

const TASKS: &[u8] = payload!("task_sessions");
const RUNS: &[u8] = payload!("job_sessions");
const POINTS: &[u8] = payload!("replica_points");
const JOBS: &[u8] = payload!("jobs");
const TASK: &[u8] = payload!("task_session");
const COLLECTIONS: &[u8] = payload!("system_sessions");
const ROOT: &[u8] = payload!("root");

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a time")
}

fn edited(payload: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(payload).expect("UTF-8");
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1).into_bytes()
}

fn read<R: Row>(payload: &[u8]) -> Page<R> {
    page(payload).expect("a page")
}

fn counted<R>(page: &Page<R>) -> Vec<(&'static str, u64)> {
    page.unknown.iter().collect()
}

#[test]
fn every_payload_is_read_without_an_unknown_value() {
    assert_eq!(
        (counted(&read::<Task>(TASKS)), read::<Task>(TASKS).rows.len()),
        (vec![], 3)
    );
    assert_eq!((counted(&read::<Run>(RUNS)), read::<Run>(RUNS).rows.len()), (vec![], 2));
    assert_eq!(
        (counted(&read::<Point>(POINTS)), read::<Point>(POINTS).rows.len()),
        (vec![], 2)
    );
    assert_eq!(
        (counted(&read::<Schedule>(JOBS)), read::<Schedule>(JOBS).rows.len()),
        (vec![], 1)
    );
}

#[test]
fn a_finished_task_gives_its_times_its_outcome_and_its_point() {
    let task = read::<Task>(TASKS).rows.remove(0);
    // The name holds an `@` of its own, and the time has microseconds.
    assert_eq!(task.vm, "film@store");
    assert_eq!(task.created, at("2026-02-20T08:00:11.250001Z"));
    assert_eq!(task.end, Field::Is(at("2026-02-20T08:14:41.5Z")));
    assert_eq!(task.result, Field::Is(JobResult::Success));
    assert_eq!(task.total_size, Field::Is(214_748_364_800));
    assert_eq!(task.session, "50000001-0000-4000-8000-000000000001");
    assert_eq!(task.job_name, "Media to Bergen");
    assert_eq!(task.point.as_deref(), Some("90000001-0000-4000-8000-000000000001"));
    assert_eq!(task.server.name, "vbr-osl.fjord.example");
    let failed = read::<Task>(TASKS).rows.remove(1);
    assert_eq!(failed.result, Field::Is(JobResult::Failed));
    assert_eq!(
        failed.reason,
        "Processing erp Error: the host <esx2> & its datastore are gone.\nRetry later."
    );
}

#[test]
fn the_result_of_a_running_task_means_nothing() {
    let running = read::<Task>(TASKS).rows.remove(2);
    assert_eq!(running.state.word(), "inprogress");
    assert_eq!((running.result, running.end), (Field::Silent, Field::Never));
    assert_eq!(running.total_size, Field::Silent);
}

#[test]
fn a_task_by_itself_is_read_like_one_of_a_list() {
    let mut unknown = UnknownValues::default();
    let task = single_task(TASK, &mut unknown).expect("a document").expect("a task");
    assert_eq!(task.vm, "film_replica");
    assert_eq!(task.created, at("2026-02-20T08:00:11.087Z"));
    assert_eq!(task.end, Field::Is(at("2026-02-20T08:03:11.843Z")));
    assert_eq!(
        (task.result, task.state.word()),
        (Field::Is(JobResult::Success), "completed")
    );
    assert_eq!(task.total_size, Field::Is(8_589_934_592));
    assert_eq!(unknown.iter().count(), 0);
    assert!(single_task(TASKS, &mut unknown).is_err());
}

#[test]
fn a_job_session_leads_to_its_job_and_has_progress_while_it_runs() {
    let runs = read::<Run>(RUNS).rows;
    assert_eq!(runs[0].job, "10000001-0000-4000-8000-000000000001");
    assert_eq!(runs[0].job_name, "Media to Bergen ");
    assert_eq!((runs[0].is_stopped, runs[0].progress), (true, None));
    assert_eq!(runs[0].end, Some(at("2026-02-20T08:15:00Z")));
    assert_eq!(
        (runs[1].is_stopped, runs[1].progress.map(Ratio::get)),
        (false, Some(0.37))
    );
}

#[test]
fn a_point_knows_its_vm_by_either_name_and_its_job_by_name() {
    let points = read::<Point>(POINTS).rows;
    assert_eq!(points[0].created, at("2026-02-20T08:01:30.707Z"));
    assert_eq!(
        (points[0].vms.as_slice(), points[0].job_name.as_str()),
        (&["film_replica".to_owned()][..], "Media to Bergen")
    );
    let other = edited(POINTS, "<VmName>film_replica<", "<VmName>film<");
    assert_eq!(read::<Point>(&other).rows[0].vms, ["film_replica", "film"]);
}

#[test]
fn a_schedule_that_is_off_is_off() {
    let schedule = read::<Schedule>(JOBS).rows.remove(0);
    assert_eq!((schedule.enabled, schedule.configured), (Some(false), Some(true)));
    assert_eq!(schedule.job, "10000001-0000-4000-8000-000000000001");
}

#[test]
fn the_newest_collection_that_succeeded_counts() {
    let mut unknown = UnknownValues::default();
    let now = at("2026-02-20T10:00:00Z");
    let newest = newest_collection(COLLECTIONS, now, &mut unknown).expect("a list");
    assert_eq!(newest, Some(at("2026-02-20T09:45:20.5Z")));
    assert_eq!(unknown.iter().count(), 0);
    assert!(newest_collection(TASKS, now, &mut unknown).is_err());
}

#[test]
fn a_collection_that_ends_in_the_future_does_not_tell_how_fresh_the_copy_is() {
    let mut unknown = UnknownValues::default();
    let ahead = edited(COLLECTIONS, "2026-02-20T09:45:20.5Z", "2026-02-20T12:00:00Z");
    let newest = newest_collection(&ahead, at("2026-02-20T10:00:00Z"), &mut unknown).expect("a list");
    assert!(newest < Some(at("2026-02-20T09:45:20.5Z")));
    assert_eq!(unknown.iter().collect::<Vec<_>>(), [("end_time", 1)]);
}

#[test]
fn the_highest_version_counts_by_its_numbers() {
    let version = api_version(ROOT, &mut UnknownValues::default());
    assert_eq!(version, Ok(Field::Is("v1_10".to_owned())));
    assert!(api_version(TASKS, &mut UnknownValues::default()).is_err());
}

#[test]
fn an_unknown_word_is_unknown_and_counted() {
    let page = read::<Task>(&edited(TASKS, ">Completed<", ">Exploded<"));
    assert_eq!(page.rows[0].state.word(), "unknown");
    assert_eq!(page.rows[0].result, Field::Silent);
    assert_eq!(counted(&page), [("state", 1)]);
    let page = read::<Task>(&edited(TASKS, ">Success<", ">Splendid<"));
    assert_eq!(page.rows[0].result, Field::Is(JobResult::Unknown));
    assert_eq!(counted(&page), [("result", 1)]);
}

#[test]
fn a_field_of_the_wrong_shape_costs_that_field_alone() {
    for size in ["many", "-1", "1e999", "18446744073709551616", "<a/>"] {
        let page = read::<Task>(&edited(TASKS, ">214748364800<", &format!(">{size}<")));
        assert_eq!(page.rows[0].total_size, Field::Silent, "{size}");
        assert_eq!(page.rows[0].result, Field::Is(JobResult::Success));
        assert_eq!(counted(&page), [("total_size", 1)], "{size}");
    }
    let page = read::<Task>(&edited(
        TASKS,
        "<TotalSize>214748364800</TotalSize>",
        "<New a=\"1\"><b/></New>",
    ));
    assert_eq!(
        (page.rows[0].total_size, counted(&page)),
        (Field::Silent, vec![("total_size", 1)])
    );
    let page = read::<Task>(&edited(TASKS, ">2026-02-20T08:14:41.5Z<", ">0001-01-01T00:00:00Z<"));
    assert_eq!(page.rows[0].end, Field::Never);
}

#[test]
fn a_row_without_id_or_time_is_left_out_and_counted_and_said_to_be_lost() {
    let page = read::<Task>(&edited(
        TASKS,
        "UID=\"urn:veeam:ReplicaTaskSession:7a000001",
        "Uid=\"urn:",
    ));
    assert_eq!(
        (page.rows.len(), page.lost.len(), counted(&page)),
        (2, 1, vec![("uid", 1)])
    );
    let page = read::<Task>(&edited(
        TASKS,
        "<CreationTimeUTC>2026-02-20T08:00:11.250001Z</CreationTimeUTC>",
        "",
    ));
    assert_eq!(
        (page.rows.len(), page.lost.len(), counted(&page)),
        (2, 1, vec![("creation_time", 1)])
    );
}

#[test]
fn a_link_stands_in_for_an_id_that_is_missing() {
    let uid = "<JobSessionUid>urn:veeam:ReplicaJobSession:50000001-0000-4000-8000-000000000001</JobSessionUid>";
    let page = read::<Task>(&edited(TASKS, uid, ""));
    assert_eq!(
        (page.rows[0].session.as_str(), page.lost.len()),
        ("50000001-0000-4000-8000-000000000001", 0)
    );
    let page = read::<Run>(&edited(
        RUNS,
        "<JobUid>urn:veeam:Job:10000001-0000-4000-8000-000000000001</JobUid>",
        "",
    ));
    assert_eq!(page.rows[0].job, "10000001-0000-4000-8000-000000000001");
}

#[test]
fn an_empty_result_is_one_in_every_shape_and_another_document_is_none() {
    let paging = "<PagingInfo PageNum=\"1\" PageSize=\"500\" PagesCount=\"0\"/>";
    for entities in ["", "<Entities/>", "<Entities><ReplicaTaskSessions/></Entities>"] {
        let document = format!("<QueryResult>{entities}{paging}</QueryResult>");
        assert!(read::<Task>(document.as_bytes()).rows.is_empty(), "{entities}");
    }
    for document in [
        "<QueryResult/>".to_owned(),
        format!("<QueryResult><Refs/>{paging}</QueryResult>"),
        format!("<QueryResult><Entities><BackupJobSessions/></Entities>{paging}</QueryResult>"),
        "<QueryResult><PagingInfo PageNum=\"one\" PagesCount=\"1\"/></QueryResult>".to_owned(),
        "<html><body>log in</body></html>".to_owned(),
    ] {
        assert!(page::<Task>(document.as_bytes()).is_err(), "{document}");
    }
    assert!(page::<Run>(TASKS).is_err());
}

fn survives_damage(payload: &[u8], read: impl Fn(&[u8]) -> Result<UnknownValues, String>) {
    crate::source::damage::survives(payload, b"<&\"x\xff\0", VENDOR.counted_fields, read);
}

#[test]
fn no_prefix_and_no_changed_byte_makes_it_panic_or_lie() {
    survives_damage(TASKS, |body| page::<Task>(body).map(|page| page.unknown));
    survives_damage(RUNS, |body| page::<Run>(body).map(|page| page.unknown));
    survives_damage(POINTS, |body| page::<Point>(body).map(|page| page.unknown));
    survives_damage(JOBS, |body| page::<Schedule>(body).map(|page| page.unknown));
    survives_damage(TASK, |body| {
        let mut unknown = UnknownValues::default();
        single_task(body, &mut unknown).map(|_| unknown)
    });
    survives_damage(ROOT, |body| {
        let mut unknown = UnknownValues::default();
        api_version(body, &mut unknown).map(|_| unknown)
    });
}
