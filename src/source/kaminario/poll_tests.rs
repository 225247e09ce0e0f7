use super::{payloads, *};
use crate::{
    clock::Clock,
    model::{ArrayFacts, Health, RecoveryPoint, Role, Section, Timestamp},
    simulator::{FaultKind, Simulation},
    source::{
        LoginCounters, Poll, Source as _,
        poll_kit::{self, config, error, reasons, report},
        test_server::{self, Reply, Server, answer, json, password, status, token},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A healthy array that answers as the payloads say.
fn healthy(request: &str) -> Reply {
    let target = request.split_whitespace().nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    json(match path.strip_prefix("/rest/sdps/7").unwrap_or(path) {
        api::STATE => payloads::STATE,
        api::SESSIONS => payloads::SESSIONS,
        api::PEER_ARRAYS => payloads::PEER_ARRAYS,
        api::VOLUME_GROUPS => payloads::VOLUME_GROUPS,
        api::PEER_VOLUME_GROUPS => payloads::PEER_VOLUME_GROUPS,
        api::SNAPSHOTS => payloads::SNAPSHOTS,
        api::ROUNDS => payloads::ROUNDS,
        _ => return status("404 Not Found"),
    })
}

/// The same, but for one path.
fn but_for(
    path: &'static str,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&str) -> Reply + Send + Sync {
    poll_kit::but_for(healthy, path, reply)
}

fn array(config: ArrayConfig) -> (Kaminario, Arc<LoginCounters>) {
    poll_kit::source(config)
}

fn context() -> PollContext {
    poll_kit::context::<K2>()
}

async fn poll_of(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> (Poll, Server) {
    let server = Server::start(reply).await;
    let (mut array, _) = array(config::<K2>(&[&server.url], password("p")));
    (array.poll(&context()).await, server)
}

fn all_but(reason: Reason, sections: &[Section]) -> BTreeMap<Section, Option<Reason>> {
    poll_kit::all_but(VENDOR, reason, sections)
}

const DATA: &[Section] = &[RECOVERY_POINTS, REPLICATION, ROUNDS, VOLUME_GROUPS];

#[tokio::test]
async fn a_poll_reads_every_section_one_request_at_a_time_and_only_with_get() {
    let (poll, server) = poll_of(healthy).await;
    assert_eq!(reasons(&poll), all_but(Reason::Internal, &[]));
    assert_eq!(report(&poll, REPLICATION).relationships.len(), 10);
    let seen = server.seen();
    // Who it is, sessions, three lists of names, rounds, snapshots.
    assert_eq!(seen.len(), 7);
    for request in seen {
        let lower = request.to_ascii_lowercase();
        assert!(request.starts_with("GET /api/v2/"), "{request}");
        // monitor:p
        assert!(lower.contains("\r\nauthorization: basic bw9uaxrvcjpw\r\n"), "{request}");
    }
}

#[tokio::test]
async fn behind_flex_the_path_has_a_prefix_and_the_token_is_a_bearer() {
    let server = Server::start(healthy).await;
    let mut config = config::<K2>(&[&server.url], token("t"));
    config
        .extra
        .set(BASE_PATH, crate::config::ExtraValue::Path("/rest/sdps/7".to_owned()));
    let poll = array(config).0.poll(&context()).await;
    assert_eq!(reasons(&poll), all_but(Reason::Internal, &[]));
    for request in server.seen() {
        assert!(request.starts_with("GET /rest/sdps/7/api/v2/"), "{request}");
        assert!(request.to_ascii_lowercase().contains("\r\nauthorization: bearer t\r\n"));
    }
}

#[tokio::test]
async fn an_array_that_asks_for_patience_is_asked_nothing_more() {
    let busy = r#"{"error_msg": "MC_ERR_BUSY: try again"}"#;
    for (line, headers, body, retry_after) in [
        ("429 Too Many Requests", "Retry-After: 7\r\n", "", Some(7)),
        ("429 Too Many Requests", "", "", None),
        ("503 Service Unavailable", "", "<html>busy</html>", None),
        (
            "400 Bad Request",
            "Content-Type: application/json\r\nRetry-After: 3\r\n",
            busy,
            Some(3),
        ),
        ("400 Bad Request", "", r#"{"error_msg": "MC_ERR_START_TIMEOUT"}"#, None),
    ] {
        let reply = move || Reply::Bytes(answer(line, headers, body));
        let (poll, server) = poll_of(move |_| reply()).await;
        assert_eq!(reasons(&poll), all_but(Reason::Throttled, &VENDOR.sections()), "{line}");
        let wait = error(&poll, REPLICATION).retry_after.map(|wait| wait.as_secs());
        // Who does not say how long, and counts no requests, is asked again twice within the poll.
        let asked = if retry_after.is_none() && !line.starts_with("429") {
            3
        } else {
            1
        };
        assert_eq!((wait, server.seen().len()), (retry_after, asked), "{line}");
        let (poll, server) = poll_of(but_for(api::ROUNDS, reply)).await;
        assert_eq!(
            reasons(&poll),
            all_but(Reason::Throttled, &[RECOVERY_POINTS, ROUNDS, VOLUME_GROUPS]),
            "{line}"
        );
        assert_eq!(server.count(api::SNAPSHOTS), 0);
    }
    let body = r#"{"error_msg": "no such field"}"#;
    let (poll, _) = poll_of(but_for(api::ROUNDS, move || {
        Reply::Bytes(answer("400 Bad Request", "", body))
    }))
    .await;
    assert_eq!(reasons(&poll), all_but(Reason::HttpStatus, &[ROUNDS]));
    assert!(error(&poll, ROUNDS).message.contains("no such field"));
}

#[tokio::test]
async fn one_missing_right_costs_its_section_alone() {
    for (path, failed) in [
        (api::STATE, &[Section::SYSTEM] as &[Section]),
        (api::ROUNDS, &[ROUNDS]),
        (api::SNAPSHOTS, &[RECOVERY_POINTS]),
        (api::SESSIONS, DATA),
        (api::VOLUME_GROUPS, &[VOLUME_GROUPS]),
        (api::PEER_ARRAYS, &[]),
    ] {
        let (poll, _) = poll_of(but_for(path, || status("403 Forbidden"))).await;
        assert_eq!(reasons(&poll), all_but(Reason::Forbidden, failed), "{path}");
    }
}

#[tokio::test]
async fn names_that_cannot_be_read_are_counted_and_asked_for_again() {
    let server = Server::start(but_for(api::VOLUME_GROUPS, || status("403 Forbidden"))).await;
    let (mut array, _) = array(config::<K2>(&[&server.url], password("p")));
    let first = array.poll(&context()).await;
    array.poll(&context()).await;
    let report = report(&first, REPLICATION);
    assert!(payloads::counted(report).contains(&("volume_groups", 1)));
    let description = report.relationships[0].description.as_ref().expect("a description");
    assert_eq!(
        (&*description.source_object, &*description.target_system),
        ("volume_groups/41", "k2-bgo")
    );
    assert_eq!(
        server.count(api::VOLUME_GROUPS),
        4,
        "for their names, and for their own section"
    );
}

#[tokio::test]
async fn names_that_are_known_are_not_asked_for_at_each_poll() {
    let server = Server::start(healthy).await;
    let (mut array, _) = array(config::<K2>(&[&server.url], password("p")));
    array.poll(&context()).await;
    array.poll(&context()).await;
    assert_eq!((server.count(api::PEER_ARRAYS), server.count(api::SESSIONS)), (1, 2));
    test_server::jump(NAMES_MEMORY).await;
    array.poll(&context()).await;
    assert_eq!(server.count(api::PEER_ARRAYS), 2);
}

#[tokio::test]
async fn a_reference_that_no_list_resolves_is_not_looked_for_at_each_poll() {
    let nobody = || json("{\"hits\": [], \"total\": 0}");
    let server = Server::start(but_for(api::PEER_ARRAYS, nobody)).await;
    let (mut array, _) = array(config::<K2>(&[&server.url], password("p")));
    for _ in 0..3 {
        assert_eq!(reasons(&array.poll(&context()).await)[&REPLICATION], None);
    }
    assert_eq!((server.count(api::PEER_ARRAYS), server.count(api::SESSIONS)), (1, 3));
    test_server::jump(NAMES_MEMORY).await;
    array.poll(&context()).await;
    assert_eq!(server.count(api::PEER_ARRAYS), 2, "it may have been made since");
}

#[tokio::test]
async fn refused_credentials_are_sent_once_and_count_as_a_failed_log_in() {
    let server = Server::start(|_| status("401 Unauthorized")).await;
    let (mut array, counters) = array(config::<K2>(&[&server.url], password("p")));
    for _ in 0..3 {
        let poll = array.poll(&context()).await;
        assert_eq!(reasons(&poll), all_but(Reason::Auth, &VENDOR.sections()));
    }
    assert_eq!((server.seen().len(), counters.totals()), (1, (0, 1)));
}

#[tokio::test]
async fn an_array_that_is_away_fails_every_section_alike() {
    let closed = reqwest::Url::parse("http://127.0.0.1:1").expect("a URL");
    let poll = array(config::<K2>(&[&closed], password("p"))).0.poll(&context()).await;
    assert_eq!(reasons(&poll), all_but(Reason::Connect, &VENDOR.sections()));
}

#[tokio::test]
async fn a_list_that_promises_more_than_it_sends_fails_and_never_shortens_the_world() {
    for body in [
        payloads::edited(payloads::SESSIONS, "\"total\": 10", "\"total\": 20"),
        payloads::edited(payloads::SESSIONS, "\"total\": 10", "\"total\": 3"),
        payloads::edited(payloads::SESSIONS, "\"total\": 10", "\"count\": 10"),
        br#"{"hits": [], "total": 4}"#.to_vec(),
        b"{}".to_vec(),
        b"[]".to_vec(),
        b"".to_vec(),
    ] {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let (poll, _) = poll_of(but_for(api::SESSIONS, move || json(&body))).await;
        assert_eq!(reasons(&poll), all_but(Reason::Parse, DATA), "{shown}");
    }
}

#[tokio::test]
async fn an_answer_with_far_more_objects_than_were_asked_for_is_not_taken_in() {
    let rows = vec!["{}"; wire::MOST + 1].join(",");
    let body = format!("{{\"hits\": [{rows}], \"total\": {}}}", wire::MOST + 1);
    let (poll, _) = poll_of(but_for(api::SESSIONS, move || json(body.clone()))).await;
    assert_eq!(error(&poll, REPLICATION).reason, Reason::Parse);
    assert!(
        error(&poll, REPLICATION).message.contains("at hits"),
        "{}",
        error(&poll, REPLICATION)
    );
}

async fn simulation(relationships: usize) -> (Simulation, Clock) {
    poll_kit::simulation(VENDOR, 2, relationships).await
}

/// A source against a simulated array, over verified TLS.
fn simulated(simulation: &Simulation, name: &str) -> Kaminario {
    let simulated = simulation.array(name).expect("an array");
    let credentials = simulated.credentials();
    let user = (credentials.username.as_str(), credentials.password.as_str());
    array(poll_kit::simulated::<K2>(simulation, simulated, user)).0
}

fn at(clock: Clock) -> PollContext {
    PollContext { clock, ..context() }
}

fn facts_of(poll: &Poll, now: Timestamp) -> ArrayFacts {
    let mut facts = ArrayFacts::default();
    let reports: Vec<_> = VENDOR
        .sections()
        .iter()
        .map(|section| (*section, report(poll, *section)))
        .collect();
    crate::model::facts::tests::apply(&mut facts, &reports, now);
    facts
}

fn pairs(facts: &ArrayFacts) -> BTreeSet<&str> {
    let relationships = facts.relationships.values();
    relationships.map(|known| known.description.pair.as_str()).collect()
}

#[tokio::test]
async fn two_hundred_and_fifty_sessions_cost_a_dozen_requests_and_agree_with_the_other_side() {
    let (simulation, clock) = simulation(250).await;
    let mut facts = Vec::new();
    for name in ["k2-ams", "k2-fra"] {
        let mut array = simulated(&simulation, name);
        let poll = array.poll(&at(clock)).await;
        assert_eq!(reasons(&poll), all_but(Reason::Internal, &[]), "{poll:?}");
        let log = simulation.array(name).expect("an array").log();
        // Who it is, 3 pages of sessions, 3 lists of names, rounds, 3 batches of snapshots.
        assert_eq!((log.total(), log.most_in_flight()), (11, 1));
        array.poll(&at(clock)).await;
        assert_eq!(log.total(), 11 + 9, "volume groups are read in each poll");
        facts.push(facts_of(&poll, clock.now()));
    }
    let [here, there] = facts.as_slice() else {
        panic!("two arrays")
    };
    assert_eq!(here.identity.name, "k2-ams");
    assert!(here.clock_skew_seconds.is_some_and(|skew| skew.abs() < 1.0));
    assert_eq!(
        here.relationships_by_role(),
        BTreeMap::from([(Role::Source, 249), (Role::Target, 1)])
    );
    assert_eq!(
        there.relationships_by_role(),
        BTreeMap::from([(Role::Source, 1), (Role::Target, 249)])
    );
    assert_eq!(pairs(here), pairs(there));
    assert_eq!(pairs(here).len(), 250);
    // Both sides name the same recovery point, to the resolution of the rounds.
    let mut compared = 0;
    for known in here.relationships.values() {
        let mut others = there.relationships.values();
        let other = others
            .find(|other| other.description.pair == known.description.pair)
            .expect("the other side");
        let points = [known.recovery_point, other.recovery_point].map(RecoveryPoint::timestamp);
        if let [Some(here), Some(there)] = points {
            assert!(here.seconds_since(there).abs() < 1.0, "{known:?} {other:?}");
            compared += 1;
        }
    }
    assert!(compared > 240, "{compared}");
}

#[tokio::test]
async fn every_situation_has_its_health() {
    let (simulation, clock) = simulation(12).await;
    let poll = simulated(&simulation, "k2-ams").poll(&at(clock)).await;
    let facts = facts_of(&poll, clock.now());
    let health: BTreeMap<&str, Health> = facts
        .relationships
        .values()
        .map(|known| {
            (
                known.description.relationship.as_str(),
                known.health.expect("a health").0,
            )
        })
        .collect();
    for (name, expected) in [
        ("erp", Health::Ok),
        ("archive", Health::Initializing),
        ("paused", Health::Paused),
        ("far-away", Health::Failed),
        ("spare", Health::Paused),
        ("dr-test", Health::Failed),
        // Its snapshot is gone, and this exporter has never seen it; that there is one, the session says.
        ("expired", Health::Ok),
        ("loose", Health::Ok),
        ("remote_frankfurt", Health::Ok),
    ] {
        assert_eq!(health.get(name), Some(&expected), "{name}");
    }
    let poll = simulated(&simulation, "k2-fra").poll(&at(clock)).await;
    let facts = facts_of(&poll, clock.now());
    let mut known = facts.relationships.values();
    let failed_over = known
        .find(|known| known.description.relationship == "remote_dr-test")
        .expect("the session");
    assert_eq!(failed_over.health.expect("a health").0, Health::FailedOver);
}

#[tokio::test]
async fn a_recovery_point_moves_on_with_the_rounds_and_a_busy_array_is_left_alone() {
    let (simulation, clock) = simulation(1).await;
    let mut array = simulated(&simulation, "k2-fra");
    let point = |poll: &Poll| {
        report(poll, RECOVERY_POINTS).relationships[0]
            .recovery_point
            .value()
            .expect("a time")
    };
    let first = point(&array.poll(&at(clock)).await);
    test_server::jump(Duration::from_mins(10)).await;
    let poll = array.poll(&at(clock)).await;
    let moved = point(&poll).seconds_since(first);
    assert!((450.0..=750.0).contains(&moved), "{moved}");
    assert!(clock.now().seconds_since(point(&poll)) < 300.0, "within its objective");
    simulation.set_fault("k2-fra", FaultKind::Busy);
    let poll = array.poll(&at(clock)).await;
    assert_eq!(reasons(&poll), all_but(Reason::Throttled, &VENDOR.sections()));
}
