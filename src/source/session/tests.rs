use super::*;
use crate::source::{
    lenient::document,
    test_server::{Reply, Seen, Server, config, context, deserted, json, jump, password, status, token},
};
use reqwest::{
    Method,
    header::{self, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Notify;

/// A vendor in small: `POST /login` with the password gives a ticket, `DELETE /session` ends it.
#[derive(Debug)]
struct Fake {
    standing: bool,
}

#[derive(serde::Deserialize)]
struct LoggedIn {
    ticket: String,
}

fn ticket(value: &str) -> Ticket {
    let mut value = HeaderValue::from_str(value).expect("a value");
    value.set_sensitive(true);
    Ticket {
        headers: vec![(header::AUTHORIZATION, value)],
        log_off: None,
    }
}

impl Authenticator for Fake {
    fn log_on(&self, secret: &SecretString) -> Result<LogOn, Error> {
        if self.standing {
            return Ok(LogOn::Standing(ticket(secret.expose_secret())));
        }
        Ok(LogOn::Ask(Request {
            method: Method::POST,
            body: Some(secret.expose_secret().to_owned().into()),
            ..Request::get("/login", Media::Json)
        }))
    }

    fn ticket(&self, answer: &Answer) -> Result<Ticket, Error> {
        document::<LoggedIn>(answer).map(|logged_in| ticket(&logged_in.ticket))
    }

    fn explain(&self, body: &[u8]) -> Option<String> {
        Some(String::from_utf8_lossy(body).into_owned())
    }

    fn log_off(&self, _ticket: &Ticket) -> Option<Request> {
        (!self.standing).then(|| Request {
            method: Method::DELETE,
            ..Request::get("/session", Media::Any)
        })
    }
}

fn session(config: &ArrayConfig, standing: bool) -> (Session, Arc<LoginCounters>) {
    let counters = Arc::<LoginCounters>::default();
    (session_with(config, standing, &counters), counters)
}

fn session_with(config: &ArrayConfig, standing: bool, counters: &Arc<LoginCounters>) -> Session {
    let session = Session::new(
        config,
        Box::new(Fake { standing }),
        &TrustStore::new(),
        Arc::clone(counters),
    );
    session.expect("a session")
}

/// Gives ticket 1, 2, … at each log-in; only tickets from `good` on are taken.
fn issuing(good: usize) -> impl Fn(&str) -> Reply + Send + Sync + 'static {
    let issued = AtomicUsize::new(0);
    move |request| {
        if request.starts_with("POST /login") {
            let number = issued.fetch_add(1, Ordering::SeqCst) + 1;
            return json(format!("{{\"ticket\": \"t{number}\"}}"));
        }
        if request.starts_with("DELETE") {
            return status("204 No Content");
        }
        match header_of(request, "authorization").and_then(|value| value.strip_prefix('t')?.parse::<usize>().ok()) {
            Some(number) if number >= good => json("{}"),
            _ => status("401 Unauthorized"),
        }
    }
}

fn header_of<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    request.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

async fn get(session: &Session, path: &str) -> Result<Answer, Error> {
    session.get(path, Media::Json, &context()).await
}

async fn reason(session: &Session, path: &str) -> Reason {
    get(session, path).await.expect_err("a failure").reason
}

const QUARTER: Duration = Duration::from_mins(15);

/// A secret in a file that is removed again.
struct File(PathBuf);

impl File {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("replication_exporter-{}-{name}", std::process::id()));
        std::fs::write(&path, content).expect("a file");
        Self(path)
    }

    fn write(&self, content: &str) {
        std::fs::write(&self.0, content).expect("a file");
    }

    fn token(&self) -> Credentials {
        Credentials::Token(SecretRef::File(self.0.clone()))
    }

    fn password(&self) -> Credentials {
        Credentials::Password {
            username: "monitor".into(),
            password: SecretRef::File(self.0.clone()),
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn an_expired_token_costs_one_log_in_and_each_request_is_replayed_once() {
    let server = Server::start(issuing(2)).await;
    let (session, counters) = session(&config(&[&server.url], password("p")), false);
    let requests = (0..8).map(|n| {
        let session = session.clone();
        tokio::spawn(async move { get(&session, &format!("/data/{n}")).await.map(|_| ()) })
    });
    for request in requests.collect::<Vec<_>>() {
        assert_eq!(request.await.expect("a task"), Ok(()));
    }
    // The first log-in gave the ticket that has expired.
    assert_eq!(counters.totals(), (2, 0));
    assert_eq!(server.count("POST /login"), 2);
    for n in 0..8 {
        assert!(server.count(&format!("GET /data/{n} ")) <= 2);
    }
}

#[tokio::test]
async fn a_dropped_caller_leaves_no_session_behind() {
    let asked = Arc::new(Notify::new());
    let (noted, issue) = (Arc::clone(&asked), issuing(1));
    let server = Server::start(move |request| {
        noted.notify_one();
        issue(request)
    })
    .await;
    let (session, counters) = session(&config(&[&server.url], password("p")), false);
    let caller = tokio::spawn({
        let session = session.clone();
        async move { get(&session, "/dropped").await.map(|_| ()) }
    });
    // The log-in is on its way, and its answer has not been read: nothing else runs on this thread until the next await.
    asked.notified().await;
    caller.abort();
    assert!(caller.await.expect_err("it was dropped").is_cancelled());
    assert!(get(&session, "/next").await.is_ok());
    assert_eq!(counters.totals(), (1, 0));
    assert_eq!(server.count("GET /dropped"), 0);
}

#[tokio::test]
async fn a_wrong_password_costs_one_log_in_in_fifteen_minutes() {
    let server = Server::start(|_| status("401 Unauthorized")).await;
    let (session, counters) = session(&config(&[&server.url], password("wrong")), false);
    for n in 0..20 {
        assert_eq!(reason(&session, &format!("/{n}")).await, Reason::Auth);
    }
    assert_eq!((server.seen().len(), counters.totals()), (1, (1, 1)));
    jump(Duration::from_secs(15 * 60 - 1)).await;
    assert_eq!(reason(&session, "/").await, Reason::Auth);
    assert_eq!(server.seen().len(), 1);
    jump(Duration::from_secs(2)).await;
    assert_eq!(reason(&session, "/").await, Reason::Auth);
    assert_eq!((server.seen().len(), counters.totals()), (2, (2, 2)));
}

#[tokio::test]
async fn a_refusal_outlives_its_session_so_that_a_panic_costs_no_further_log_in() {
    let server = Server::start(|_| status("401 Unauthorized")).await;
    let config = config(&[&server.url], password("wrong"));
    let (first, counters) = session(&config, false);
    assert_eq!(reason(&first, "/").await, Reason::Auth);
    for _ in 0..3 {
        let anew = session_with(&config, false, &counters);
        assert_eq!(reason(&anew, "/").await, Reason::Auth);
        assert!(!anew.credentials_changed().await);
    }
    assert_eq!((server.seen().len(), counters.totals()), (1, (1, 1)));
}

#[tokio::test]
async fn a_log_in_answered_with_403_is_refused_as_well() {
    let server = Server::start(|_| status("403 Forbidden")).await;
    let (session, _) = session(&config(&[&server.url], password("wrong")), false);
    for _ in 0..3 {
        assert_eq!(reason(&session, "/").await, Reason::Auth);
    }
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_changed_secret_is_tried_at_once() {
    let file = File::new("changed-secret", "wrong\n");
    let issue = issuing(1);
    let server = Server::start(move |request| {
        if request.ends_with("\r\n\r\nwrong") {
            status("401 Unauthorized")
        } else {
            issue(request)
        }
    })
    .await;
    let (session, counters) = session(&config(&[&server.url], file.password()), false);
    assert_eq!(reason(&session, "/").await, Reason::Auth);
    assert!(!session.credentials_changed().await);
    file.write("right\n");
    assert!(session.credentials_changed().await);
    assert!(get(&session, "/").await.is_ok());
    assert!(!session.credentials_changed().await);
    assert_eq!(counters.totals(), (2, 1));
    assert_eq!(server.count("\r\n\r\nright"), 1);
}

#[tokio::test]
async fn a_reload_lets_refused_credentials_be_tried_once_more() {
    let server = Server::start(|_| status("401 Unauthorized")).await;
    let (session, counters) = session(&config(&[&server.url], password("wrong")), false);
    for pardons in 0..3 {
        for _ in 0..3 {
            assert_eq!(reason(&session, "/").await, Reason::Auth);
            assert!(!session.credentials_changed().await);
        }
        assert_eq!(counters.totals(), (pardons + 1, pardons + 1));
        counters.pardon();
        assert!(session.credentials_changed().await);
    }
}

#[tokio::test]
async fn limits_that_a_reload_changed_count_for_the_next_request() {
    let server = Server::start(|_| json("{}")).await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    let mut context = context();
    session.get("/", Media::Json, &context).await.expect("an answer");
    context.limits.max_body = 1;
    let error = session.get("/", Media::Json, &context).await.expect_err("too large");
    assert_eq!(error.reason, Reason::BodyTooLarge);
}

#[tokio::test]
async fn a_disabled_token_is_sent_once_until_it_changes() {
    let file = File::new("disabled-token", "old");
    let server = Server::start(|request: &str| match header_of(request, "authorization") {
        Some("new") => json("{}"),
        _ => status("401 Unauthorized"),
    })
    .await;
    let (session, counters) = session(&config(&[&server.url], file.token()), true);
    for n in 0..5 {
        assert_eq!(reason(&session, &format!("/{n}")).await, Reason::Auth);
    }
    assert_eq!(server.seen().len(), 1);
    jump(QUARTER + Duration::from_secs(1)).await;
    assert_eq!(reason(&session, "/").await, Reason::Auth);
    assert_eq!(server.seen().len(), 2);
    file.write("new");
    assert!(session.credentials_changed().await);
    assert!(get(&session, "/").await.is_ok());
    // A token that goes with each request is no log-in.
    assert_eq!(counters.totals(), (0, 0));
}

#[tokio::test]
async fn a_rotated_token_is_read_again_and_the_request_replayed() {
    let file = File::new("rotated-token", "one");
    let server = Server::start({
        let asked = AtomicUsize::new(0);
        move |request: &str| match (
            asked.fetch_add(1, Ordering::SeqCst),
            header_of(request, "authorization"),
        ) {
            (0, Some("one")) | (_, Some("two")) => json("{}"),
            _ => status("401 Unauthorized"),
        }
    })
    .await;
    let (session, _) = session(&config(&[&server.url], file.token()), true);
    assert!(get(&session, "/").await.is_ok());
    file.write("two");
    assert!(get(&session, "/").await.is_ok());
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_token_that_is_good_for_others_is_not_given_up_for_one_401() {
    let server = Server::start(|request: &str| {
        if request.starts_with("GET /closed") {
            status("401 Unauthorized")
        } else {
            json("{}")
        }
    })
    .await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    let (closed, open) = (get(&session, "/closed"), get(&session, "/open"));
    let (open, closed) = tokio::join!(open, closed);
    assert!(open.is_ok());
    assert_eq!(closed.expect_err("401").reason, Reason::Auth);
}

#[tokio::test]
async fn a_fresh_ticket_that_is_refused_as_well_ends_the_attempts() {
    let server = Server::start(issuing(usize::MAX)).await;
    let (session, counters) = session(&config(&[&server.url], password("p")), false);
    for n in 0..5 {
        assert_eq!(reason(&session, &format!("/{n}")).await, Reason::Auth);
    }
    // Everywhere, twice: once more at the next poll, and then no more.
    assert_eq!(counters.totals(), (3, 0));
    assert_eq!(server.count("GET /0 "), 2);
    assert_eq!(server.count("GET /1 "), 2);
    assert_eq!(server.count("GET /2 "), 0);
}

#[tokio::test]
async fn a_log_in_that_fails_otherwise_is_no_refusal_and_is_tried_once_per_poll() {
    let server = Server::start(|_| status("500 Broken")).await;
    let (session, counters) = session(&config(&[&server.url], password("p")), false);
    for polls in 1..=3 {
        let context = context();
        for _ in 0..4 {
            let error = session.get("/", Media::Json, &context).await.expect_err("broken");
            assert_eq!(error.reason, Reason::HttpStatus);
        }
        assert_eq!(counters.totals(), (polls, polls));
        assert!(!session.credentials_changed().await);
        jump(Duration::from_secs(30)).await;
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_sends_nothing_and_is_taken_when_it_appears() {
    let file = File::new("missing-secret", "");
    let server = Server::start(issuing(1)).await;
    let (session, counters) = session(&config(&[&server.url], file.password()), false);
    let error = get(&session, "/").await.expect_err("no secret");
    assert_eq!(error.reason, Reason::Auth);
    assert!(error.message.contains("the secret is empty"), "{error}");
    assert_eq!((server.seen().len(), counters.totals()), (0, (0, 0)));
    file.write("p");
    assert!(session.credentials_changed().await);
    assert!(get(&session, "/").await.is_ok());
}

#[tokio::test]
async fn other_refusals_never_log_in_again() {
    for line in ["403 Forbidden", "404 Not Found", "500 Broken", "429 Slow"] {
        let issue = issuing(1);
        let server = Server::start(move |request| {
            if request.starts_with("GET") {
                status(line)
            } else {
                issue(request)
            }
        })
        .await;
        let (session, counters) = session(&config(&[&server.url], password("p")), false);
        for _ in 0..3 {
            assert_ne!(reason(&session, "/").await, Reason::Auth);
        }
        assert_eq!(counters.totals(), (1, 0), "{line}");
    }
}

#[tokio::test]
async fn closing_logs_off_once_and_only_if_there_is_a_session() {
    let server = Server::start(issuing(1)).await;
    let (session, _) = session(&config(&[&server.url], password("p")), false);
    session.close().await;
    assert_eq!(server.seen().len(), 0);
    assert!(get(&session, "/").await.is_ok());
    session.close().await;
    session.close().await;
    let deleted: Vec<Seen> = server
        .seen()
        .into_iter()
        .filter(|seen| seen.starts_with("DELETE /session"))
        .collect();
    assert_eq!(deleted.len(), 1);
    assert_eq!(header_of(&deleted[0], "authorization"), Some("t1"));
}

#[tokio::test]
async fn another_address_is_taken_when_one_is_dead_and_kept() {
    let (_nobody, dead_url) = deserted();
    let server = Server::start(issuing(1)).await;
    let (session, counters) = session(&config(&[&dead_url, &server.url], password("p")), false);
    assert!(get(&session, "/a").await.is_ok());
    assert_eq!(session.addresses().current(), Some(&server.url));
    assert!(get(&session, "/b").await.is_ok());
    assert_eq!(counters.totals(), (1, 0));
}

#[tokio::test]
async fn no_secret_is_in_the_debug_text() {
    let server = Server::start(issuing(1)).await;
    let (session, _) = session(&config(&[&server.url], password("canary")), false);
    assert!(get(&session, "/").await.is_ok());
    let text = format!("{session:?}");
    assert!(!text.contains("canary") && !text.contains("\"t1\""), "{text}");
}

#[tokio::test]
async fn two_requests_are_in_flight_and_the_others_wait() {
    let server = Server::start(|_| Reply::Trickle(Vec::new())).await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    let callers: Vec<_> = (0..8)
        .map(|n| {
            let session = session.clone();
            tokio::spawn(async move { get(&session, &format!("/{n}")).await.map(|_| ()) })
        })
        .collect();
    while server.seen().len() < 2 {
        tokio::task::yield_now().await;
    }
    // Time enough for any other request to reach a server on the same thread.
    for _ in 0..5_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!((server.seen().len(), server.connections()), (2, 2));
    for caller in callers {
        caller.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_requests_at_once_are_sent_on_two_connections() {
    let server = Server::start(|_| {
        Reply::KeepAlive(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".to_vec())
    })
    .await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    let paths: Vec<String> = (0..40).map(|n| format!("/{n}")).collect();
    let answers = futures_util::future::join_all(paths.iter().map(|path| get(&session, path))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((server.seen().len(), server.connections()), (40, 2));
}

/// A server that repeats what it was sent, in errors and in data.
fn quoting(request: &str) -> Reply {
    let sent = header_of(request, "authorization").unwrap_or_default();
    let answer = |kind: &str| {
        let body = format!("{{\"said\": \"{sent} canary-password Y2FuYXJ5LXBhc3N3b3Jk\"}}");
        Reply::Bytes(
            format!(
                "HTTP/1.1 {kind}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes(),
        )
    };
    match request {
        _ if request.starts_with("POST /login") => json("{\"ticket\": \"canary-ticket\"}"),
        _ if request.starts_with("GET /error") => answer("500 Internal Server Error"),
        _ => answer("200 OK"),
    }
}

#[tokio::test]
async fn what_an_array_repeats_of_its_request_is_scrubbed() {
    let server = Server::start(quoting).await;
    let (session, _) = session(&config(&[&server.url], password("canary-password")), false);
    for _ in 0..2 {
        let answer = get(&session, "/data").await.expect("an answer");
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(
            body.contains("scrubbed") && !body.contains("canary") && !body.contains("Y2FuYXJ5"),
            "{body}"
        );
        let error = get(&session, "/error").await.expect_err("an error").to_string();
        assert!(error.contains("scrubbed") && !error.contains("canary"), "{error}");
        // The next log-in gives the same ticket, which is known by now.
        session.inner.lock().issued = None;
    }
}

/// Answers with the next of these at each request for data, the last one again and again; log-ins succeed.
fn in_turn(statuses: &'static [&'static str]) -> impl Fn(&str) -> Reply + Send + Sync + 'static {
    let asked = AtomicUsize::new(0);
    move |request| {
        if request.starts_with("POST /login") {
            return json("{\"ticket\": \"t\"}");
        }
        let number = asked.fetch_add(1, Ordering::SeqCst).min(statuses.len() - 1);
        match statuses[number] {
            "200 OK" => json("{}"),
            other => status(other),
        }
    }
}

#[tokio::test]
async fn a_stray_401_costs_one_poll_and_not_fifteen_minutes() {
    let server = Server::start(in_turn(&["200 OK", "401 Unauthorized", "200 OK"])).await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    assert!(get(&session, "/a").await.is_ok());
    let error = get(&session, "/a").await.expect_err("401");
    assert_eq!((error.reason, error.retry_after.is_some()), (Reason::Auth, true));
    assert!(get(&session, "/a").await.is_ok());
}

#[tokio::test]
async fn a_secret_that_worked_and_is_answered_with_401_twice_is_refused() {
    let server = Server::start(in_turn(&["200 OK", "401 Unauthorized"])).await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    assert!(get(&session, "/a").await.is_ok());
    for _ in 0..5 {
        assert_eq!(reason(&session, "/a").await, Reason::Auth);
    }
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_401_on_one_path_while_others_work_is_that_paths_own() {
    let server = Server::start(|request: &str| {
        if request.starts_with("POST /login") {
            json("{\"ticket\": \"t\"}")
        } else if request.contains("type=Job") {
            status("401 Unauthorized")
        } else {
            json("{}")
        }
    })
    .await;
    let (session, counters) = session(&config(&[&server.url], password("p")), false);
    for _ in 0..5 {
        assert!(get(&session, "/query?type=Task&page=1").await.is_ok());
        assert_eq!(reason(&session, "/query?type=Job&page=1").await, Reason::Auth);
    }
    assert!(counters.totals().0 <= 3, "{:?}", counters.totals());
    let asked = server.count("type=Job");
    assert_eq!(reason(&session, "/query?type=Job&page=1").await, Reason::Auth);
    assert_eq!(server.count("type=Job"), asked + 1, "with the ticket that is there");
    counters.pardon();
    assert_eq!(reason(&session, "/query?type=Job&page=1").await, Reason::Auth);
    assert_eq!(
        server.count("type=Job"),
        asked + 3,
        "a reload: once more with a new one"
    );
}

#[tokio::test]
async fn a_right_that_was_granted_later_is_seen_after_an_hour_or_a_reload() {
    let logged_in = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&logged_in);
    let server = Server::start(move |request: &str| {
        if request.starts_with("POST /login") {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            return json(format!("{{\"ticket\": \"t{number}\"}}"));
        }
        match header_of(request, "authorization") {
            Some("t1" | "t2") => status("403 Forbidden"),
            _ => json("{}"),
        }
    })
    .await;
    let (session, counters) = session(&config(&[&server.url], password("p")), false);
    for _ in 0..3 {
        assert_eq!(reason(&session, "/a").await, Reason::Forbidden);
    }
    assert_eq!(logged_in.load(Ordering::SeqCst), 1);
    jump(Duration::from_secs(3601)).await;
    for _ in 0..3 {
        assert_eq!(reason(&session, "/a").await, Reason::Forbidden);
    }
    assert_eq!(logged_in.load(Ordering::SeqCst), 2, "one an hour");
    counters.pardon();
    assert!(get(&session, "/a").await.is_ok());
    assert_eq!(logged_in.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn one_busy_moment_is_waited_out_within_the_poll() {
    let server = Server::start(in_turn(&["503 Service Unavailable", "200 OK"])).await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    let asked = tokio::spawn({
        let session = session.clone();
        async move { get(&session, "/a").await.map(|_| ()) }
    });
    while server.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    jump(Duration::from_secs(3)).await;
    assert_eq!(asked.await.expect("a task"), Ok(()));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_401_where_no_log_in_is_needed_is_another_product() {
    let server = Server::start(|_| status("401 Unauthorized")).await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    let error = session
        .get_open(0, "/who", Media::Json, &context())
        .await
        .expect_err("401");
    assert_eq!(error.reason, Reason::Unsupported);
}

#[tokio::test]
async fn one_byte_that_is_no_utf8_costs_that_text_alone() {
    let server = Server::start(|_| json(b"{\"path\": \"/a\xff\"}")).await;
    let (session, _) = session(&config(&[&server.url], token("t")), true);
    let answer = get(&session, "/a").await.expect("an answer");
    assert_eq!(answer.body, "{\"path\": \"/a\u{fffd}\"}".as_bytes());
    assert_eq!((session.take_mended(), session.take_mended()), (1, 0));
}
