use super::{
    super::{report, rows},
    placing::Unplaced,
    *,
};

fn at(minute: u32) -> String {
    format!("2026-02-20T{:02}:{:02}:00Z", 8 + minute / 60, minute % 60)
}

fn time(minute: u32) -> Timestamp {
    Timestamp::parse_rfc3339(&at(minute)).expect("a time")
}

fn rows<R: rows::Row>(list: &str, rows: &str) -> Vec<R> {
    let document = format!(
        "<QueryResult><Entities><{list}>{rows}</{list}></Entities><PagingInfo PageNum=\"1\" PagesCount=\"1\"/></QueryResult>"
    );
    rows::page(document.as_bytes()).expect("a page").rows
}

const SERVER: &str = "<Link Type=\"BackupServerReference\" Href=\"/backupServers/s\" Name=\"vbr\"/>";

fn run(uid: &str, job: &str, name: &str, minute: u32) -> Run {
    let xml = format!(
        "<ReplicaJobSession UID=\"{uid}\"><Links>{SERVER}</Links><JobUid>urn:veeam:Job:{job}</JobUid><JobName>{name}</JobName>\
         <CreationTimeUTC>{}</CreationTimeUTC><EndTimeUTC>{0}</EndTimeUTC><State>Stopped</State></ReplicaJobSession>",
        at(minute)
    );
    rows("ReplicaJobSessions", &xml).remove(0)
}

fn task(uid: &str, run: &str, vm: &str, minute: u32, rest: &str) -> Task {
    let xml = format!(
        "<ReplicaTaskSession UID=\"{uid}\" VmDisplayName=\"{vm}\"><Links>{SERVER}\
         <Link Type=\"ReplicaJobSessionReference\" Href=\"/replicaSessions/{run}\" Name=\"Job@2026\"/>\
         <Link Rel=\"Related\" Type=\"VmReplicaPoint\" Href=\"/vmReplicaPoints/of-{uid}?format=Entity\"/></Links>\
         <CreationTimeUTC>{}</CreationTimeUTC>{rest}</ReplicaTaskSession>",
        at(minute)
    );
    rows("ReplicaTaskSessions", &xml).remove(0)
}

fn point(uid: &str, job: &str, vm: &str, minute: u32) -> Point {
    let xml = format!(
        "<VmReplicaPoint UID=\"{uid}\" VmDisplayName=\"{vm}\"><Links>{SERVER}\
         <Link Type=\"ReplicaReference\" Name=\"{job}\"/></Links><CreationTimeUTC>{}</CreationTimeUTC></VmReplicaPoint>",
        at(minute)
    );
    rows("VmReplicaPoints", &xml).remove(0)
}

const GOOD: &str = "<State>Completed</State><Result>Success</Result>";
const FAILED: &str = "<State>Completed</State><Result>Failed</Result>";
const RUNNING: &str = "<State>InProgress</State><Result>Success</Result>";

fn known<'a>(book: &'a Book, job: &str, vm: &str) -> &'a Known {
    let mut known = book.relationships();
    known
        .find(|(key, _)| key.job == job && key.vm == vm)
        .map(|(_, known)| known)
        .expect("a relationship")
}

fn keys(book: &Book) -> Vec<String> {
    book.relationships()
        .map(|(key, _)| format!("{}/{}", key.job, key.vm))
        .collect()
}

#[test]
fn the_greatest_creation_time_counts_whatever_the_order_of_rows() {
    let mut book = Book::default();
    book.add_run(run("r", "j", "Job", 0));
    for (uid, minute, rest) in [("c", 30, RUNNING), ("b", 20, FAILED), ("a", 10, GOOD)] {
        book.add_task(task(uid, "r", "vm", minute, rest));
    }
    let now = known(&book, "j", "vm");
    assert_eq!(book.last_run(now).first().map(|task| task.uid.as_str()), Some("b"));
    assert_eq!(now.newest.as_ref().map(|task| task.uid.as_str()), Some("c"));
    assert_eq!((now.open.len(), now.good), (1, Some(time(10))));
    // The same row again, ended by now.
    assert!(book.add_task(task("c", "r", "vm", 30, GOOD)));
    assert!(!book.add_task(task("c", "r", "vm", 30, GOOD)));
    let now = known(&book, "j", "vm");
    assert_eq!((now.open.len(), now.good), (0, Some(time(30))));
}

#[test]
fn a_task_waits_for_its_run_and_finds_its_job_by_name_if_that_never_comes() {
    let mut book = Book::default();
    book.add_task(task("a", "r1", "vm", 10, GOOD));
    assert_eq!((keys(&book).len(), book.missing_runs().len()), (0, 1));
    book.add_run(run("r1", "j", "Job", 0));
    assert!(book.place_orphans());
    assert_eq!(keys(&book), ["j/vm"]);
    book.add_task(task("b", "r2", "vm", 20, GOOD));
    assert_eq!(book.give_up_run("r2"), 0);
    assert_eq!(known(&book, "j", "vm").good, Some(time(20)));
    // Two jobs of one name on one server: nobody can tell.
    book.add_run(run("r3", "k", "Job", 5));
    book.add_task(task("c", "r4", "vm", 30, GOOD));
    assert_eq!(book.give_up_run("r4"), 1);
    assert_eq!((keys(&book), book.missing_runs().len()), (vec!["j/vm".to_owned()], 0));
}

#[test]
fn a_point_is_joined_by_its_task_else_by_the_name_that_such_points_have_else_by_job_and_vm() {
    let mut book = Book::default();
    book.add_run(run("r", "j", "Job", 0));
    book.add_task(task("a", "r", "vm", 10, GOOD));
    book.set_points(
        vec![
            point("of-a", "Job", "vm_replica", 11),
            point("older", "Job", "vm_replica", 1),
            point("other", "Job ", "other", 3),
        ],
        Vec::new(),
    );
    assert_eq!(book.place_points(), Unplaced::default());
    assert_eq!(keys(&book), ["j/other", "j/vm"]);
    assert_eq!(
        (known(&book, "j", "vm").point, known(&book, "j", "vm").points),
        (Some(time(11)), 2)
    );
    assert_eq!(known(&book, "j", "other").point, Some(time(3)));
}

#[test]
fn an_ambiguous_point_and_one_of_an_unknown_job_are_left_out_and_counted() {
    let mut book = Book::default();
    for (uid, job) in [("r1", "j"), ("r2", "k")] {
        book.add_run(run(uid, job, "Job", 0));
        book.add_task(task(&format!("of-{uid}"), uid, "vm", 10, GOOD));
    }
    book.set_points(
        vec![
            point("p1", "Job", "vm", 11),
            point("p2", "Job", "new", 11),
            point("p3", "Deleted", "vm", 11),
        ],
        Vec::new(),
    );
    let unplaced = book.place_points();
    assert_eq!((unplaced.ambiguous, unplaced.strangers, unplaced.jobs.len()), (2, 1, 1));
    assert_eq!(
        (known(&book, "j", "vm").point, known(&book, "k", "vm").point),
        (None, None)
    );
    // One of the jobs never had such a VM: the other it is.
    book.add_task(task("of-new", "r2", "new", 10, GOOD));
    assert_eq!(book.place_points().ambiguous, 1);
    assert_eq!(known(&book, "k", "new").point, Some(time(11)));
}

#[test]
fn who_may_have_an_ambiguous_point_is_not_said_to_have_none() {
    let mut book = Book::default();
    for (uid, job) in [("r1", "j"), ("r2", "k")] {
        book.add_run(run(uid, job, "Job", 0));
        book.add_task(task(&format!("of-{uid}"), uid, "vm", 10, FAILED));
    }
    let knowledge = report::Knowledge {
        all_tasks: true,
        all_points: true,
        all_relationships: true,
        no_points: false,
    };
    let said = |book: &Book| -> Vec<_> {
        let report = report::recovery_points(book, knowledge, true, false);
        let said = report.relationships.into_iter();
        said.map(|said| (said.recovery_point, said.readings.restore_points))
            .collect()
    };
    book.place_points();
    assert_eq!(said(&book), [(Field::Never, Some(0)), (Field::Never, Some(0))]);
    book.set_points(vec![point("p1", "Job", "vm", 11)], vec![]);
    book.place_points();
    assert_eq!(said(&book), [(Field::Silent, None), (Field::Silent, None)]);
}

#[test]
fn a_relationship_lives_by_a_point_or_a_task_and_goes_without_either() {
    let mut book = Book::default();
    book.add_run(run("r", "j", "Job", 0));
    book.add_task(task("a", "r", "by-task", 100, FAILED));
    book.add_task(task("b", "r", "by-point", 10, GOOD));
    book.add_task(task("c", "r", "gone", 10, GOOD));
    book.add_task(task("d", "r", "runs-for-long", 10, RUNNING));
    book.set_points(vec![point("p", "Job", "by-point", 11)], Vec::new());
    book.place_points();
    book.prune(time(60));
    assert_eq!(keys(&book), ["j/by-point", "j/by-task", "j/runs-for-long"]);
    book.forget_task("d");
    book.set_points(Vec::new(), Vec::new());
    book.place_points();
    book.prune(time(60));
    assert_eq!(keys(&book), ["j/by-task"]);
}

#[test]
fn the_newest_run_names_the_job() {
    let mut book = Book::default();
    book.add_run(run("r2", "j", "New", 20));
    book.add_run(run("r1", "j", "Old", 10));
    let job = book.job("j").expect("a job");
    assert_eq!((job.name.as_str(), job.server.name.as_str()), ("New", "vbr"));
    // Points may still have the old name.
    book.set_points(vec![point("p", "Old", "vm", 5)], Vec::new());
    assert_eq!(
        (book.place_points(), keys(&book)),
        (Unplaced::default(), vec!["j/vm".to_owned()])
    );
}

/// The same run while it goes on.
fn going(run: Run) -> Run {
    Run {
        is_stopped: false,
        end: None,
        ..run
    }
}

fn ending(minute: u32) -> String {
    format!("<EndTimeUTC>{}</EndTimeUTC>{GOOD}", at(minute))
}

fn lost(vm: Option<&str>, job_name: &str) -> Lost {
    Lost {
        vms: vm.into_iter().map(str::to_owned).collect(),
        job_name: job_name.to_owned(),
        ..Lost::default()
    }
}

fn shown(book: &Book) -> Vec<String> {
    let tasks = book.last_run(known(book, "j", "vm"));
    tasks.iter().map(|task| task.uid.clone()).collect()
}

fn counts(book: &mut Book) -> Vec<(&'static str, u64)> {
    book.take_impossible().iter().collect()
}

#[test]
fn an_end_or_a_beginning_in_the_future_is_not_taken_until_the_row_is_mended() {
    let mut book = Book::default();
    book.begin(time(60));
    book.add_run(run("r", "j", "Job", 0));
    book.add_task(task("a", "r", "vm", 10, &ending(20)));
    book.add_task(task("b", "r", "vm", 30, &ending(180)));
    assert_eq!(
        (book.newest_end, counts(&mut book)),
        (Some(time(20)), vec![("end_time", 1)])
    );
    assert_eq!(
        known(&book, "j", "vm").newest_ended().map(|task| task.end),
        Some(Field::Silent)
    );
    // A clock that is a minute ahead is no mistake, but not yet how fresh anything is.
    book.add_task(task("c", "r", "vm", 40, &ending(61)));
    assert_eq!((book.newest_end, counts(&mut book).len()), (Some(time(20)), 0));
    book.add_task(task("b", "r", "vm", 30, &ending(50)));
    assert_eq!((book.newest_end, counts(&mut book).len()), (Some(time(50)), 0));

    book.add_task(task("d", "r", "vm", 180, FAILED));
    assert_eq!(counts(&mut book), [("creation_time", 1)]);
    assert_eq!(
        known(&book, "j", "vm").newest.as_ref().map(|task| task.uid.as_str()),
        Some("c")
    );
    // The row of an open task that changes replaces itself, whatever it said before.
    book.add_task(task("e", "r", "vm", 59, RUNNING));
    book.add_task(task("e", "r", "vm", 55, GOOD));
    assert_eq!(
        known(&book, "j", "vm").newest.as_ref().map(|task| task.created),
        Some(time(55))
    );
}

#[test]
fn a_run_in_the_future_does_not_name_its_job_for_good() {
    let mut book = Book::default();
    book.begin(time(60));
    book.add_run(run("r1", "j", "Wrong", 600));
    book.begin(time(62));
    book.add_run(run("r2", "j", "Right", 61));
    assert_eq!(book.job("j").map(|job| job.name.as_str()), Some("Right"));
}

#[test]
fn of_two_vms_of_one_name_in_a_run_the_worse_one_shows() {
    let mut book = Book::default();
    book.add_run(run("r1", "j", "Job", 0));
    book.add_task(task("a1", "r1", "vm", 1, FAILED));
    book.add_task(task("b1", "r1", "vm", 4, GOOD));
    assert_eq!(shown(&book), ["a1", "b1"]);
    // In the next run one has ended, and the other not yet begun: nothing says that it is well.
    book.add_run(going(run("r2", "j", "Job", 10)));
    book.add_task(task("b2", "r2", "vm", 11, GOOD));
    assert_eq!(shown(&book), ["a1", "b1"]);
    book.add_task(task("a2", "r2", "vm", 14, RUNNING));
    assert_eq!(shown(&book), ["a1", "b1"]);
    book.add_task(task("a2", "r2", "vm", 14, GOOD));
    assert_eq!(shown(&book), ["a2", "b2"]);
    // One of them was renamed.
    book.add_run(going(run("r3", "j", "Job", 20)));
    book.add_task(task("b3", "r3", "vm", 21, GOOD));
    assert_eq!(shown(&book).len(), 2);
    book.add_run(run("r3", "j", "Job", 20));
    assert_eq!(shown(&book), ["b3"]);
}

#[test]
fn a_retry_is_another_run_and_no_other_vm() {
    let mut book = Book::default();
    book.add_run(run("r1", "j", "Job", 0));
    book.add_run(run("retry", "j", "Job", 5));
    book.add_task(task("a", "r1", "vm", 1, FAILED));
    book.add_task(task("b", "retry", "vm", 6, GOOD));
    assert_eq!(shown(&book), ["b"]);
}

#[test]
fn a_vm_that_its_job_runs_without_for_a_day_is_left_behind() {
    let mut book = Book::default();
    book.begin(time(15 * 60));
    let day = 24 * 60;
    let later = |run: Run, minutes: u32| Run {
        created: run.created.plus_seconds(f64::from(minutes) * 60.0),
        ..run
    };
    book.add_run(run("r0", "j", "Job", 0));
    book.add_task(task("a0", "r0", "left", 1, GOOD));
    book.add_task(task("b0", "r0", "stays", 1, FAILED));
    let since = |book: &Book, vm: &str| {
        let key = Key {
            job: "j".to_owned(),
            vm: vm.to_owned(),
        };
        book.left_behind(&key, known(book, "j", vm), &book.runs_by_job())
    };
    book.begin(time(0).plus_seconds(f64::from(3 * day) * 60.0));
    // A retry of what failed, and then one run without it.
    for (uid, minutes) in [("r1", 10), ("r2", day)] {
        book.add_run(later(run(uid, "j", "Job", 0), minutes));
        let mut of_other = task(&format!("b-{uid}"), uid, "stays", 1, GOOD);
        of_other.created = of_other.created.plus_seconds(f64::from(minutes) * 60.0);
        book.add_task(of_other);
        assert_eq!(since(&book, "left"), None, "{uid}");
    }
    // Two days later its job ran, but of that run no VM is known.
    book.add_run(later(run("r3", "j", "Job", 0), 2 * day));
    assert_eq!(since(&book, "left"), None);
    let mut of_other = task("b-r3", "r3", "stays", 1, GOOD);
    of_other.created = of_other.created.plus_seconds(f64::from(2 * day) * 60.0);
    book.add_task(of_other);
    assert_eq!(since(&book, "left"), Some(time(10)));
    assert_eq!(since(&book, "stays"), None);
    book.lose_task(lost(Some("left"), "Job"));
    assert_eq!(since(&book, "left"), None, "a row that cannot be read may be its own");
    book.add_task(task("a1", "r3", "left", 1, RUNNING));
    assert_eq!(since(&book, "left"), None, "it runs again");
}

#[test]
fn a_row_that_cannot_be_read_keeps_only_what_it_could_belong_to_and_that_for_three_sweeps() {
    let mut book = Book::default();
    book.add_run(run("r", "j", "Job", 0));
    for vm in ["torn", "deleted"] {
        book.add_task(task(&format!("of-{vm}"), "r", vm, 10, GOOD));
    }
    let sweep = |book: &mut Book, lost: Vec<Lost>| {
        book.set_points(Vec::new(), lost);
        book.place_points();
        book.prune(time(60));
        keys(book)
    };
    let torn = || vec![lost(Some("torn"), "Job"), lost(Some("deleted"), "Another")];
    assert_eq!(sweep(&mut book, torn()), ["j/torn"]);
    assert!(known(&book, "j", "torn").may_have_point);
    assert_eq!(sweep(&mut book, torn()), ["j/torn"]);
    assert_eq!(sweep(&mut book, torn()), ["j/torn"]);
    assert_eq!(sweep(&mut book, torn()), [""; 0]);
}

#[test]
fn a_row_of_which_nothing_can_be_read_keeps_everything_for_three_sweeps() {
    let mut book = Book::default();
    book.add_run(run("r", "j", "Job", 0));
    book.add_task(task("a", "r", "vm", 10, GOOD));
    book.lose_task(Lost::default());
    for sweep in 0..4 {
        assert_eq!(keys(&book), ["j/vm"], "{sweep}");
        book.prune(time(60));
    }
    assert_eq!(keys(&book), [""; 0]);
}

#[test]
fn a_row_that_tells_at_least_whose_it_is_tells_that_it_exists() {
    let mut book = Book::default();
    book.add_run(run("r", "j", "Job", 0));
    let server = book.job("j").map(|job| job.server.clone()).unwrap_or_default();
    let of_job = Lost {
        server,
        ..lost(Some("vm"), "Job")
    };
    book.set_points(Vec::new(), vec![of_job.clone()]);
    assert!(!book.expect_lost());
    assert_eq!(keys(&book), ["j/vm"]);
    book.set_points(Vec::new(), vec![of_job, lost(None, "Job")]);
    assert!(book.expect_lost(), "nobody knows of which VM the other is");
    assert_eq!(keys(&book).len(), 1);
}
