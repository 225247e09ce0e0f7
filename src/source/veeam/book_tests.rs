use super::{super::rows, *};

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
    assert_eq!(now.finished.as_ref().map(|task| task.uid.as_str()), Some("b"));
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
    book.set_points(vec![
        point("of-a", "Job", "vm_replica", 11),
        point("older", "Job", "vm_replica", 1),
        point("other", "Job ", "other", 3),
    ]);
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
    book.set_points(vec![
        point("p1", "Job", "vm", 11),
        point("p2", "Job", "new", 11),
        point("p3", "Deleted", "vm", 11),
    ]);
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
fn a_relationship_lives_by_a_point_or_a_task_and_goes_without_either() {
    let mut book = Book::default();
    book.add_run(run("r", "j", "Job", 0));
    book.add_task(task("a", "r", "by-task", 100, FAILED));
    book.add_task(task("b", "r", "by-point", 10, GOOD));
    book.add_task(task("c", "r", "gone", 10, GOOD));
    book.add_task(task("d", "r", "runs-for-long", 10, RUNNING));
    book.set_points(vec![point("p", "Job", "by-point", 11)]);
    book.place_points();
    book.prune(time(60));
    assert_eq!(keys(&book), ["j/by-point", "j/by-task", "j/runs-for-long"]);
    book.forget_task("d");
    book.set_points(Vec::new());
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
    book.set_points(vec![point("p", "Old", "vm", 5)]);
    assert_eq!(
        (book.place_points(), keys(&book)),
        (Unplaced::default(), vec!["j/vm".to_owned()])
    );
}
