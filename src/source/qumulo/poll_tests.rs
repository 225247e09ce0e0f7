use super::{payloads, *};
use crate::source::{
    LoginCounters, Source as _,
    poll_kit::{self, reasons, report},
    test_server::{Reply, Server, answer, config, context, deserted, json, jump, password, status, token},
};
use std::{collections::BTreeMap, sync::Arc};

/// A healthy cluster that answers as the payloads say.
fn healthy(request: &str) -> Reply {
    match request.split_whitespace().nth(1).unwrap_or_default() {
        api::NODE_STATE => json(payloads::NODE_STATE),
        api::CLUSTER_SETTINGS => json(payloads::CLUSTER_SETTINGS),
        api::VERSION => json(payloads::VERSION),
        _ if !request.to_ascii_lowercase().contains("\r\nauthorization: bearer good") => {
            if request.starts_with("POST /v1/session/login ") {
                json("{\"bearer_token\": \"good\"}")
            } else {
                status("401 Unauthorized")
            }
        }
        api::SOURCE_STATUS => json(payloads::SOURCE),
        api::TARGET_STATUS => json(payloads::TARGET),
        api::OBJECT_STATUS => json(payloads::OBJECT),
        api::RESTRIPER_STATUS => json(payloads::RESTRIPER),
        api::OLD_RESTRIPER_STATUS => json(payloads::OLD_RESTRIPER),
        api::PROTECTION_STATUS => json(payloads::PROTECTION),
        _ => status("404 Not Found"),
    }
}

/// The same, but for one path.
fn but_for(
    path: &'static str,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> impl Fn(&str) -> Reply + Send + Sync {
    poll_kit::but_for(healthy, path, reply)
}

fn cluster(config: ArrayConfig) -> (Qumulo, Arc<LoginCounters>) {
    poll_kit::source(config)
}

fn all(reason: Option<Reason>) -> BTreeMap<Section, Option<Reason>> {
    VENDOR.sections().into_iter().map(|section| (section, reason)).collect()
}

/// All fine but for some.
fn all_but(reason: Reason, sections: &[Section]) -> BTreeMap<Section, Option<Reason>> {
    poll_kit::all_but(VENDOR, reason, sections)
}

const EVERY_DATA_SECTION: &[Section] = &[
    PROTECTION,
    REPLICATION_OBJECT,
    REPLICATION_SOURCE,
    REPLICATION_TARGET,
    RESTRIPER,
];

#[tokio::test]
async fn a_poll_reads_every_section_with_one_request_each() {
    let server = Server::start(healthy).await;
    let (mut cluster, counters) = cluster(config(&[&server.url], password("p")));
    let poll = cluster.poll(&context()).await;
    assert_eq!(reasons(&poll), all(None));
    assert_eq!(report(&poll, REPLICATION_SOURCE).relationships.len(), 6);
    assert_eq!(report(&poll, REPLICATION_TARGET).relationships.len(), 4);
    let copies = &report(&poll, REPLICATION_OBJECT).relationships;
    assert_eq!(
        copies[0].description.as_ref().map(|name| name.source_system.as_str()),
        Some("osl-media")
    );
    assert!(report(&poll, RESTRIPER).restriper.is_some());
    assert_eq!(counters.totals(), (1, 0));
    // Three without credentials, one log-in, five sections.
    assert_eq!(server.seen().len(), 3 + 1 + 5);
}

#[tokio::test]
async fn nothing_but_get_and_the_log_in_is_sent_and_who_it_is_is_asked_without_credentials() {
    let server = Server::start(healthy).await;
    let (mut cluster, _) = cluster(config(&[&server.url], password("p")));
    cluster.poll(&context()).await;
    cluster.close().await;
    for request in server.seen() {
        assert!(
            request.starts_with("GET /") || request.starts_with("POST /v1/session/login "),
            "{request}"
        );
        let is_open = [api::NODE_STATE, api::CLUSTER_SETTINGS, api::VERSION]
            .iter()
            .any(|path| request.contains(path));
        let authorized = request.to_ascii_lowercase().contains("\r\nauthorization:");
        assert_eq!(authorized, !is_open && request.starts_with("GET"), "{request}");
    }
}

#[tokio::test]
async fn a_missing_right_fails_its_section_alone_and_says_why() {
    let body = "{\"error_class\": \"missing_right_error\", \"description\": \"PRIVILEGE_CLUSTER_READ\\nis needed\", \"stack\": [\"canary\"]}";
    let refuse = move || Reply::Bytes(answer("403 Forbidden", "Content-Type: application/json\r\n", body));
    let server = Server::start(but_for(api::PROTECTION_STATUS, refuse)).await;
    let (mut cluster, _) = cluster(config(&[&server.url], token("good")));
    let poll = cluster.poll(&context()).await;
    assert_eq!(reasons(&poll), all_but(Reason::Forbidden, &[PROTECTION]));
    let error = poll
        .sections
        .iter()
        .find_map(|outcome| outcome.result.as_ref().err())
        .expect("an error");
    assert!(error.message.contains(api::PROTECTION_STATUS), "{error}");
    assert!(
        error
            .message
            .contains("missing_right_error: PRIVILEGE_CLUSTER_READ is needed"),
        "{error}"
    );
    assert!(!error.message.contains("canary"), "{error}");
}

#[tokio::test]
async fn a_cluster_without_object_copies_is_unsupported_in_that_section_alone() {
    let server = Server::start(but_for(api::OBJECT_STATUS, || status("404 Not Found"))).await;
    let (mut cluster, _) = cluster(config(&[&server.url], token("good")));
    assert_eq!(
        reasons(&cluster.poll(&context()).await),
        all_but(Reason::Unsupported, &[REPLICATION_OBJECT])
    );
}

#[tokio::test]
async fn an_old_cluster_is_asked_by_its_old_restriper_api_which_is_remembered_for_ten_minutes() {
    let server = Server::start(but_for(api::RESTRIPER_STATUS, || status("404 Not Found"))).await;
    let (mut cluster, _) = cluster(config(&[&server.url], token("good")));
    for _ in 0..3 {
        let poll = cluster.poll(&context()).await;
        assert_eq!(reasons(&poll), all(None));
        assert_eq!(
            report(&poll, RESTRIPER)
                .restriper
                .as_ref()
                .and_then(|restriper| restriper.data_at_risk),
            Some(false)
        );
    }
    assert_eq!(server.count(api::RESTRIPER_STATUS), 1);
    assert_eq!(server.count(api::OLD_RESTRIPER_STATUS), 3);
    jump(OLD_API_MEMORY + Duration::from_secs(1)).await;
    cluster.poll(&context()).await;
    assert_eq!(server.count(api::RESTRIPER_STATUS), 2);
}

#[tokio::test]
async fn a_cluster_that_was_upgraded_within_ten_minutes_is_asked_by_its_new_restriper_api_at_once() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |request: &str| {
        let is_old = request.contains(api::OLD_RESTRIPER_STATUS);
        let is_new = !is_old && request.contains(api::RESTRIPER_STATUS);
        // The new one is missing the first time, the old one from the second time on.
        let is_upgraded = (is_old || is_new) && asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 2;
        if is_old && is_upgraded || is_new && !is_upgraded {
            status("404 Not Found")
        } else {
            healthy(request)
        }
    })
    .await;
    let (mut cluster, _) = cluster(config(&[&server.url], token("good")));
    for _ in 0..4 {
        assert_eq!(reasons(&cluster.poll(&context()).await), all(None));
    }
    assert_eq!(
        server.count(&format!(" {} ", api::OLD_RESTRIPER_STATUS)),
        2,
        "and no more once it is gone"
    );
    assert_eq!(server.count(&format!(" {} ", api::RESTRIPER_STATUS)), 4);
}

/// A password so short that it may be a part of anything is left in data, but taken out of words for people.
#[tokio::test]
async fn no_error_of_a_job_repeats_even_a_short_password() {
    let said = || json("[{\"id\": \"hunt2\", \"error_from_last_job\": \"wrong: hunt2\"}]");
    let server = Server::start(but_for(api::SOURCE_STATUS, said)).await;
    let (mut cluster, _) = cluster(config(&[&server.url], password("hunt2")));
    let poll = cluster.poll(&context()).await;
    let said = &report(&poll, REPLICATION_SOURCE).relationships[0];
    assert_eq!((&*said.key.id, &*said.readings.note), ("hunt2", "wrong: scrubbed"));
}

#[tokio::test]
async fn a_failed_call_is_never_an_empty_list() {
    for (reply, reason) in [
        (|| status("500 Broken"), Reason::HttpStatus),
        (|| json("{}"), Reason::Parse),
        (|| json("[{\"state\": \"ESTABLISHED\"}]"), Reason::Parse),
        (|| json(""), Reason::Parse),
        (
            || Reply::Bytes(answer("200 OK", "Content-Type: text/html\r\n", "[]")),
            Reason::ContentType,
        ),
    ] as [(fn() -> Reply, Reason); 5]
    {
        let server = Server::start(but_for(api::SOURCE_STATUS, reply)).await;
        let (mut cluster, _) = cluster(config(&[&server.url], token("good")));
        let poll = cluster.poll(&context()).await;
        assert_eq!(reasons(&poll), all_but(reason, &[REPLICATION_SOURCE]));
        let error = poll
            .sections
            .iter()
            .find_map(|outcome| outcome.result.as_ref().err())
            .expect("an error");
        assert!(error.message.contains(api::SOURCE_STATUS), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_password_still_tells_who_the_cluster_is() {
    let server = Server::start(but_for("/v1/session/login", || status("401 Unauthorized"))).await;
    let (mut cluster, counters) = cluster(config(&[&server.url], password("wrong")));
    for _ in 0..3 {
        let poll = cluster.poll(&context()).await;
        assert_eq!(reasons(&poll), all_but(Reason::Auth, EVERY_DATA_SECTION));
        assert!(report(&poll, Section::SYSTEM).system.is_some());
    }
    assert_eq!(counters.totals(), (1, 1));
}

#[tokio::test]
async fn a_cluster_that_cannot_be_reached_fails_every_section_for_that_reason() {
    let ((_nobody, one), (_either, other)) = (deserted(), deserted());
    let (mut cluster, counters) = cluster(config(&[&one, &other], password("p")));
    assert_eq!(reasons(&cluster.poll(&context()).await), all(Some(Reason::Connect)));
    assert_eq!(counters.totals(), (0, 0));
}

#[tokio::test]
async fn the_next_address_is_taken_and_kept() {
    let server = Server::start(healthy).await;
    let (_nobody, dead) = deserted();
    let (mut cluster, _) = cluster(config(&[&dead, &server.url], token("good")));
    assert_eq!(reasons(&cluster.poll(&context()).await), all(None));
    assert_eq!(cluster.session.addresses().current(), Some(&server.url));
}

fn stranger() -> Reply {
    json("{\"cluster_id\": \"ffffffff-0000-4000-8000-000000000000\"}")
}

#[tokio::test]
async fn an_address_of_another_cluster_gets_no_credentials() {
    let up = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let is_up = Arc::clone(&up);
    let ours = Server::start(move |request: &str| {
        if is_up.load(std::sync::atomic::Ordering::SeqCst) {
            healthy(request)
        } else {
            Reply::Bytes(Vec::new())
        }
    })
    .await;
    let theirs = Server::start(but_for(api::NODE_STATE, stranger)).await;
    let (mut cluster, _) = cluster(config(&[&ours.url, &theirs.url], token("good")));
    assert_eq!(reasons(&cluster.poll(&context()).await), all(None));
    up.store(false, std::sync::atomic::Ordering::SeqCst);
    let poll = cluster.poll(&context()).await;
    assert_eq!(reasons(&poll), all(Some(Reason::Connect)));
    let error = poll.sections[0].result.as_ref().expect_err("an error");
    assert!(
        error.message.contains("is ffffffff-0000-4000-8000-000000000000"),
        "{error}"
    );
    assert_eq!(theirs.count(api::NODE_STATE), theirs.seen().len());
    up.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(reasons(&cluster.poll(&context()).await), all(None));
}

#[tokio::test]
async fn a_cluster_that_was_set_up_anew_is_taken_once_all_addresses_agree() {
    let renewed = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_renewed = Arc::clone(&renewed);
    let reply = move |request: &str| {
        let is_renewed = is_renewed.load(std::sync::atomic::Ordering::SeqCst);
        if is_renewed && request.contains(api::NODE_STATE) {
            stranger()
        } else {
            healthy(request)
        }
    };
    let (one, two) = (Server::start(reply.clone()).await, Server::start(reply).await);
    let (mut cluster, _) = cluster(config(&[&one.url, &two.url], token("good")));
    assert_eq!(reasons(&cluster.poll(&context()).await), all(None));
    renewed.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(reasons(&cluster.poll(&context()).await), all(Some(Reason::Unsupported)));
    assert_eq!(reasons(&cluster.poll(&context()).await), all(None));
}

#[tokio::test]
async fn only_the_wanted_sections_are_asked() {
    let server = Server::start(healthy).await;
    let (mut cluster, _) = cluster(config(&[&server.url], token("good")));
    let context = PollContext {
        sections: vec![RESTRIPER],
        ..context()
    };
    assert_eq!(reasons(&cluster.poll(&context).await), [(RESTRIPER, None)].into());
    // And who answers, which tells the time.
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn of_a_very_long_list_no_more_is_kept_than_can_be_shown() {
    let rows = (0..5000).rev().map(|number| format!("{{\"id\": \"r{number:04}\"}}"));
    let rows = format!("[{}]", rows.collect::<Vec<_>>().join(","));
    let server = Server::start(but_for(api::SOURCE_STATUS, move || json(rows.clone()))).await;
    let (mut cluster, _) = cluster(config(&[&server.url], token("good")));
    let mut context = context();
    context.limits.most_relationships = 3;
    let poll = cluster.poll(&context).await;
    let report = report(&poll, REPLICATION_SOURCE);
    let kept: Vec<&str> = report.relationships.iter().map(|said| &*said.key.id).collect();
    assert_eq!(kept, ["r0000", "r0001", "r0002"]);
    assert_eq!(report.left_out[&Role::Source], 4997);
}

#[tokio::test]
async fn a_blackout_ends_by_the_clusters_clock() {
    let late = || {
        let headers = "Content-Type: application/json\r\nDate: Fri, 20 Feb 2026 19:00:00 GMT\r\n";
        Reply::Bytes(answer("200 OK", headers, payloads::NODE_STATE))
    };
    let server = Server::start(but_for(api::NODE_STATE, late)).await;
    let (mut cluster, _) = cluster(config(&[&server.url], token("good")));
    let poll = cluster.poll(&context()).await;
    assert_eq!(
        report(&poll, REPLICATION_SOURCE).relationships[1].readings.blackout,
        Some(false)
    );
    let skew = report(&poll, Section::SYSTEM)
        .system
        .as_ref()
        .and_then(|system| system.clock_skew_seconds);
    assert!(
        skew.is_some_and(|skew| (9.0 * 3600.0 - 10.0..9.0 * 3600.0 + 1.0).contains(&skew)),
        "{skew:?}"
    );
}

#[test]
fn counted_fields_and_sections_are_sorted_and_unique() {
    assert!(VENDOR.counted_fields.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(VENDOR.sections().windows(2).all(|pair| pair[0] < pair[1]));
}
