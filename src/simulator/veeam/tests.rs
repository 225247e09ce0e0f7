//! What the simulated manager answers, asked as its clients ask. Without a socket: `Device` is called directly.

use super::*;
use crate::{
    model::Timestamp,
    simulator::{
        device::{Pace, Request},
        dice::Dice,
        fault::{FaultBoard, FaultKind},
        scenario,
    },
};
use base64::Engine as _;
use hyper::{HeaderMap, Method, header::HeaderName};
use std::sync::Arc;

struct Em {
    blueprint: Blueprint,
    faults: Arc<FaultBoard>,
}

fn start() -> Timestamp {
    Timestamp::parse_rfc3339("2026-03-01T10:00:00Z").expect("a time")
}

fn em(relationships: usize) -> Em {
    let faults = Arc::new(FaultBoard::new(&[], start()));
    let stage = Stage {
        vendor: crate::source::veeam::VENDOR,
        start: start(),
        pace: Pace(1.0),
        dice: Dice::new(1),
        scenario: scenario("default").expect("a scenario"),
        arrays: 1,
        relationships,
        faults: Arc::clone(&faults),
    };
    let blueprint = arrays(&stage).remove(0);
    Em { blueprint, faults }
}

impl Em {
    fn send(&self, method: Method, target: &str, headers: &[(&'static str, &str)], after: f64) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), value.parse().expect("a value"));
        }
        let request = Request {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: map,
            body: bytes::Bytes::new(),
        };
        self.blueprint.device.answer(&request, start().plus_seconds(after))
    }

    fn log_on_as(&self, user: &str, password: &str, after: f64) -> Answer {
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        let basic = format!("Basic {basic}");
        let headers = [("authorization", basic.as_str()), ("content-length", "0")];
        self.send(Method::POST, "/api/sessionMngr/?v=latest", &headers, after)
    }

    fn token(&self, after: f64) -> String {
        let credentials = &self.blueprint.credentials;
        token(&self.log_on_as(&credentials.username, &credentials.password, after))
    }

    fn get(&self, target: &str, after: f64) -> String {
        let token = self.token(after);
        let answer = self.send(Method::GET, target, &[(SESSION_ID, &token)], after);
        assert_eq!(answer.status, 200, "{target}");
        text(&answer)
    }

    fn status(&self, target: &str) -> u16 {
        let token = self.token(0.0);
        let answer = self.send(Method::GET, target, &[(SESSION_ID, &token)], 0.0);
        answer.status.as_u16()
    }
}

fn token(answer: &Answer) -> String {
    assert_eq!(answer.status, 201);
    answer.headers[SESSION_ID].to_str().expect("text").to_owned()
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.to_vec()).expect("UTF-8")
}

/// What stands between each `before` and the next `after`.
fn cut<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts.filter_map(|part| part.split(after).next()).collect()
}

fn uids<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    cut(text, &format!(" UID=\"urn:veeam:{kind}:"), "\"")
}

const TASKS: &str = "/api/query?type=ReplicaTaskSession&format=Entities&sortAsc=CreationTime";
const FIRST: &str = "/api/query?type=VmReplicaPoint&format=Entities&pageSize=1";
const POINTS: &str = "/api/query?type=VmReplicaPoint&format=Entities&pageSize=500";

#[test]
fn logging_on_takes_basic_authentication_and_an_empty_body() {
    let em = em(3);
    assert_eq!(em.send(Method::GET, "/api/", &[], 0.0).status, 200);
    let credentials = &em.blueprint.credentials;
    let answer = em.log_on_as(&credentials.username, &credentials.password, 0.0);
    let token = token(&answer);
    let cookie = answer.headers["set-cookie"].to_str().expect("text");
    assert_eq!(cookie, format!("X-RestSvcSessionId={token}; Path=/api;"));
    let id = cut(&text(&answer), "<SessionId>", "<")[0].to_owned();
    let refused = em.log_on_as(&credentials.username, "wrong", 0.0);
    assert_eq!(refused.status, 401);
    assert_eq!(refused.headers["www-authenticate"], "Basic Realm=RestSvc");
    assert_eq!(
        em.send(Method::POST, "/api/sessionMngr/?v=latest", &[], 0.0).status,
        411
    );
    let headers = [(SESSION_ID, token.as_str())];
    let off = em.send(Method::DELETE, &format!("/api/logonSessions/{id}"), &headers, 0.0);
    assert_eq!(off.status, 204);
    assert_eq!(em.send(Method::GET, FIRST, &headers, 0.0).status, 401);
}

#[test]
fn a_session_ends_fifteen_minutes_after_its_last_use() {
    let em = em(3);
    let token = em.token(0.0);
    let headers = [(SESSION_ID, token.as_str())];
    let ask = |after| em.send(Method::GET, FIRST, &headers, after).status.as_u16();
    assert_eq!([ask(14.0 * 60.0), ask(28.0 * 60.0), ask(43.1 * 60.0)], [200, 200, 401]);
}

#[test]
fn a_stale_cookie_beats_a_good_header() {
    let em = em(3);
    let token = em.token(0.0);
    let stale = [
        (SESSION_ID, token.as_str()),
        ("cookie", "a=b; X-RestSvcSessionId=c3RhbGU="),
    ];
    assert_eq!(em.send(Method::GET, FIRST, &stale, 0.0).status, 401);
}

#[test]
fn a_portal_user_reads_no_jobs_and_no_system_sessions() {
    let em = em(3);
    for target in [
        "/api/jobs",
        "/api/query?type=job&format=Entities",
        "/api/systemSessions?format=Entity",
    ] {
        assert_eq!(em.status(target), 403, "{target}");
    }
    let (user, password) = em.blueprint.credentials.admin.clone().expect("an administrator");
    let token = token(&em.log_on_as(&user, &password, 0.0));
    let headers = [(SESSION_ID, token.as_str())];
    let jobs = em.send(Method::GET, "/api/query?type=Job&format=Entities", &headers, 0.0);
    assert!(text(&jobs).contains("<ScheduleEnabled>true</ScheduleEnabled>"));
    let sessions = em.send(Method::GET, "/api/systemSessions?format=Entity", &headers, 800.0);
    assert!(text(&sessions).contains("<EndTimeUTC>2026-03-01T10:00:00Z</EndTimeUTC>"));
}

#[test]
fn a_page_has_a_hundred_rows_unless_it_is_asked_otherwise_and_no_row_is_on_two() {
    let em = em(16);
    let first = em.get(TASKS, 0.0);
    assert_eq!(uids(&first, "ReplicaTaskSession").len(), 100);
    assert!(first.contains("PageNum=\"1\" PageSize=\"100\"") && first.contains("Rel=\"Next\""));
    let pages: usize = cut(&first, "PagesCount=\"", "\"")[0].parse().expect("a number");
    let filtered = format!("{TASKS}&filter=CreationTime%3E%3D%222026-02-28T00%3A00%3A00Z%22&pageSize=150");
    let mut seen = Vec::new();
    let mut times = Vec::new();
    for page in 1.. {
        let text = em.get(&format!("{filtered}&page={page}"), 0.0);
        let rows: Vec<String> = uids(&text, "ReplicaTaskSession")
            .into_iter()
            .map(str::to_owned)
            .collect();
        times.extend(cut(&text, "<CreationTimeUTC>", "Z<").into_iter().map(str::to_owned));
        seen.extend(rows);
        if !text.contains("Rel=\"Next\"") {
            assert!(text.contains("Rel=\"Last\""));
            break;
        }
    }
    assert!(seen.len() > 200 && pages * 100 > seen.len());
    let times: Vec<_> = times.iter().map(|time| time::read(time).expect("a time")).collect();
    assert!(times.is_sorted());
    seen.sort_unstable();
    let count = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

#[test]
fn an_entity_of_one_is_the_documented_one_and_references_are_not_simulated() {
    let em = em(3);
    let list = em.get(&format!("{TASKS}&filter=State==Completed"), 0.0);
    let id = uids(&list, "ReplicaTaskSession")[0].to_owned();
    let entity = em.get(&format!("/api/replicaTaskSessions/{id}?format=Entity"), 0.0);
    assert!(entity.contains("<ReplicaTaskSession xmlns:xsd=") && entity.contains("<JobSessionUid>"));
    assert_eq!(em.status("/api/query?type=ReplicaTaskSession"), 400);
    assert_eq!(em.status("/api/replicaTaskSessions/none"), 404);
}

#[test]
fn junk_in_a_query_is_refused() {
    let em = em(3);
    for query in [
        "type=Nonsense",
        "type=ReplicaTaskSession&filter=Nonsense==1",
        "type=ReplicaTaskSession&sortAsc=Nonsense",
        "type=ReplicaTaskSession&page=0",
        "type=ReplicaTaskSession&pageSize=many",
        "type=VmReplicaPoint&filter=JobUid==1",
    ] {
        assert_eq!(
            em.status(&format!("/api/query?format=Entities&{query}")),
            400,
            "{query}"
        );
    }
    assert_eq!(em.status("/api/nonsense"), 404);
    assert_eq!(em.send(Method::POST, "/api/", &[], 0.0).status, 405);
}

#[test]
fn rows_surface_at_a_collection_only_and_not_at_all_once_it_stops() {
    let em = em(16);
    let newest = |after| {
        let tasks = em.get(
            "/api/query?type=ReplicaTaskSession&format=Entities&sortDesc=CreationTime&pageSize=1",
            after,
        );
        cut(&tasks, "<CreationTimeUTC>", "<")[0].to_owned()
    };
    let at_start = newest(0.0);
    assert_eq!(newest(899.0), at_start);
    let after_an_hour = newest(3600.0);
    assert_ne!(after_an_hour, at_start);
    em.faults.set("em1", FaultKind::NoCollect, start().plus_seconds(3700.0));
    assert_eq!(newest(20_000.0), after_an_hour);
    em.faults.clear("em1");
    assert_ne!(newest(20_001.0), after_an_hour);
}

#[test]
fn a_running_task_says_success_and_has_no_end() {
    let em = em(16);
    let tasks = em.get(&format!("{TASKS}&filter=State==InProgress"), 0.0);
    let warehouse = tasks
        .split("<ReplicaTaskSession ")
        .find(|row| row.contains("\"warehouse\""));
    let warehouse = warehouse.expect("the first copy runs");
    assert!(warehouse.contains("<Result>Success</Result>") && !warehouse.contains("EndTimeUTC"));
    let runs = em.get(
        "/api/query?type=ReplicaJobSession&format=Entities&filter=State!=Stopped",
        0.0,
    );
    assert!(runs.contains("<State>Working</State><Result>None</Result><Progress>"));
    let progress: u8 = cut(&runs, "<Progress>", "<")[0].parse().expect("a number");
    assert!((1..100).contains(&progress), "{progress}");
}

#[test]
fn failures_have_a_reason_and_are_tried_again_three_times() {
    let em = em(16);
    let tasks = em.get(
        "/api/query?type=ReplicaTaskSession&format=Entities&pageSize=500&filter=VmDisplayName==never01;Result==Failed",
        0.0,
    );
    assert!(tasks.contains("<Reason>Processing never01 Error: Cannot connect to host &lt;esx07&gt; &amp; its"));
    assert!(tasks.contains("<TotalSize>0</TotalSize>"));
    let runs = em.get(
        "/api/query?type=ReplicaJobSession&format=Entities&sortDesc=CreationTime&pageSize=8&filter=JobName==\"Branch offices\"",
        80_000.0,
    );
    assert!(runs.contains("<IsRetry>true</IsRetry>"));
    assert_eq!(
        em.get(&format!("{POINTS}&filter=VmDisplayName==never01"), 0.0)
            .matches("<VmName>")
            .count(),
        0
    );
}

#[test]
fn points_are_kept_by_number_and_vanish_with_their_replica() {
    let em = em(16);
    let count = |vm: &str, after| {
        em.get(&format!("{POINTS}&filter=VmDisplayName==\"{vm}\""), after)
            .matches("<VmName>")
            .count()
    };
    assert_eq!(count("dc01", 0.0), 7);
    // The same name on two backup servers.
    assert_eq!(count("web01", 0.0), 14);
    assert_eq!((count("retired01", 1700.0), count("retired01", 1800.0)), (7, 0));
    let names = em.get(POINTS, 0.0);
    assert!(names.contains("VmDisplayName=\"mail@hq\"") && names.contains("Ünï &quot;the first&quot;"));
    assert!(names.contains("Name=\"Önskejobb – Malmö_clone1 \""));
}

#[test]
fn a_renamed_job_keeps_its_id_and_its_old_sessions_their_name() {
    let em = em(16);
    let uid = |name: &str, after| {
        let runs = em.get(
            &format!("/api/query?type=ReplicaJobSession&format=Entities&filter=JobName==\"{name}\""),
            after,
        );
        let uids: Vec<String> = cut(&runs, "<JobUid>", "<").into_iter().map(str::to_owned).collect();
        uids.first().cloned()
    };
    assert_eq!(uid("Finance EU", 0.0), None);
    assert!(uid("Finance EU", 7200.0).is_some());
    assert_eq!(uid("Finance EU", 7200.0), uid("Finance", 7200.0));
    assert!(
        em.get(POINTS, 7200.0)
            .contains("Name=\"Finance EU\" Type=\"ReplicaReference\"")
    );
}

#[test]
fn a_thousand_vms_with_ninety_days_of_history_are_there_at_once() {
    let em = em(1000);
    let tasks = em.get(&format!("{TASKS}&pageSize=500"), 0.0);
    let pages: usize = cut(&tasks, "PagesCount=\"", "\"")[0].parse().expect("a number");
    assert!(pages > 300, "{pages}");
    let oldest = time::read(cut(&tasks, "<CreationTimeUTC>", "<")[0]).expect("a time");
    assert!(time::micros(start()) - oldest > 90 * 86_400 * time::SECOND);
}
