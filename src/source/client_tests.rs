use super::*;
use crate::{
    config::Trust,
    source::{
        request::Media,
        test_server::{Reply, Server, answer, context, deserted, json},
        trust::TrustStore,
    },
};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write;

const JSON: &str = "Content-Type: application/json\r\n";

pub(crate) fn client_with(trust: &Trust) -> Client {
    let certificate = LastCertificate::default();
    let tls = TrustStore::new()
        .client_config(trust, &certificate)
        .expect("a TLS configuration");
    Client::new(tls, certificate, Duration::from_secs(10)).expect("a client")
}

pub(crate) fn client() -> Client {
    client_with(&Trust {
        insecure_skip_verify: true,
        ..Trust::default()
    })
}

pub(crate) async fn get(client: &Client, url: &Url) -> Result<Answer, Error> {
    let context = context();
    let request = Request::get("/v1/thing?secret=canary", Media::Json);
    client.send(url, &request, &context).await
}

async fn reason_of(reply: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Reason {
    let server = Server::start(reply).await;
    let error = get(&client(), &server.url).await.expect_err("a failure");
    assert!(error.message.contains("/v1/thing"), "{error}");
    assert!(!error.message.contains("canary"), "{error}");
    error.reason
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let other = Server::start(|_| json("{}")).await;
    for (status, path) in [
        ("301 Moved", "/v1/other"),
        ("302 Found", ""),
        ("307 Temporary", "/"),
        ("308 Permanent", "/x"),
    ] {
        for target in [other.url.as_str().trim_end_matches('/'), ""] {
            let location = format!("Location: {target}{path}\r\n");
            let reason = reason_of(move |_| Reply::Bytes(answer(status, &location, ""))).await;
            assert_eq!(reason, Reason::Redirect);
        }
    }
    assert_eq!(other.seen().len(), 0);
}

#[tokio::test]
async fn a_connection_cut_after_any_byte_is_a_failure() {
    let whole = answer("200 OK", JSON, "{\"items\": [1, 2, 3]}");
    for cut in 0..whole.len() {
        let part = whole[..cut].to_vec();
        let reason = reason_of(move |_| Reply::Bytes(part.clone())).await;
        assert!(
            matches!(reason, Reason::Connect | Reason::Parse),
            "{reason} after {cut} bytes"
        );
    }
    let server = Server::start(move |_| Reply::Bytes(whole.clone())).await;
    assert_eq!(
        get(&client(), &server.url).await.expect("an answer").body,
        "{\"items\": [1, 2, 3]}"
    );
}

#[tokio::test]
async fn a_body_is_cut_at_its_ceiling_of_decompressed_bytes() {
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000)).into_bytes();
    let head = format!("HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    assert_eq!(
        reason_of(move |_| Reply::Endless(head.clone(), chunk.clone())).await,
        Reason::BodyTooLarge
    );

    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 64 * 1024 * 1024]).expect("a bomb");
    let bomb = bomb.finish().expect("a bomb");
    assert!(bomb.len() < 100_000);
    let headers = format!("{JSON}Content-Encoding: gzip\r\n");
    assert_eq!(
        reason_of(move |_| Reply::Bytes(answer("200 OK", &headers, &bomb))).await,
        Reason::BodyTooLarge
    );
}

#[tokio::test]
async fn broken_compression_is_told_from_a_broken_connection() {
    let headers = format!("{JSON}Content-Encoding: gzip\r\n");
    assert_eq!(
        reason_of(move |_| Reply::Bytes(answer("200 OK", &headers, "not gzip at all"))).await,
        Reason::Parse
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_ends_at_the_total_time_out() {
    let head = format!("HTTP/1.1 200 OK\r\n{JSON}Content-Length: 1000000\r\n\r\n").into_bytes();
    for start in [head, b"HTTP/1.1 200 OK\r\nX-Slow: ".to_vec()] {
        assert_eq!(reason_of(move |_| Reply::Trickle(start.clone())).await, Reason::Timeout);
    }
}

#[tokio::test]
async fn endless_headers_are_cut() {
    let reason = reason_of(|_| {
        Reply::Endless(
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            b"X-Filler: xxxxxxxxxxxxxxxx\r\n".to_vec(),
        )
    });
    assert_eq!(reason.await, Reason::Parse);
}

#[tokio::test]
async fn another_kind_of_document_or_no_http_at_all_is_refused() {
    let page = reason_of(|_| Reply::Bytes(answer("200 OK", "Content-Type: text/html\r\n", "<html>log in</html>")));
    assert_eq!(page.await, Reason::ContentType);
    assert_eq!(
        reason_of(|_| Reply::Bytes(b"220 smtp.example.com ESMTP\r\n".to_vec())).await,
        Reason::Parse
    );
}

#[tokio::test]
async fn a_refused_connection_is_connect() {
    let (_nobody, url) = deserted();
    let error = get(&client(), &url).await.expect_err("nobody listens");
    assert_eq!(error.reason, Reason::Connect);
    assert!(error.message.contains("refused"), "{error}");
}

#[tokio::test]
async fn nothing_is_sent_once_the_poll_is_over() {
    let server = Server::start(|_| json("{}")).await;
    let request = Request::get("/", Media::Json);
    let over = PollContext {
        deadline: Instant::now(),
        ..context()
    };
    let error = client().send(&server.url, &request, &over).await.expect_err("too late");
    assert_eq!(error.reason, Reason::Timeout);
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn each_status_has_its_reason() {
    for (status, headers, reason) in [
        ("401 Unauthorized", "", Some(Reason::Auth)),
        ("403 Forbidden", "", Some(Reason::Forbidden)),
        ("404 Not Found", "", Some(Reason::Unsupported)),
        ("429 Too Many", "", Some(Reason::Throttled)),
        ("503 Unavailable", "Retry-After: 7\r\n", Some(Reason::Throttled)),
        ("503 Unavailable", "", Some(Reason::HttpStatus)),
        ("500 Broken", "", Some(Reason::HttpStatus)),
        ("202 Accepted", "", None),
    ] {
        let server = Server::start(move |_| Reply::Bytes(answer(status, headers, "{}"))).await;
        let answer = get(&client(), &server.url).await.expect("an answer");
        assert_eq!(status_reason(&answer), reason, "{status}");
    }
}

#[tokio::test]
async fn the_clock_of_the_server_is_compared_with_the_middle_of_the_request() {
    let server = Server::start(|_| {
        Reply::Bytes(answer(
            "200 OK",
            &format!("{JSON}Date: Fri, 20 Feb 2026 10:01:00 GMT\r\n"),
            "{}",
        ))
    });
    let skew = get(&client(), &server.await.url)
        .await
        .expect("an answer")
        .clock_skew_seconds
        .expect("a skew");
    assert!((55.0..=60.5).contains(&skew), "{skew}");
}

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-02-20T10:00:00Z").expect("a time")
}

#[test]
fn patience_is_read_in_seconds_or_as_a_date_and_held_within_limits() {
    for (text, seconds) in [
        ("7", Some(7)),
        ("0", Some(1)),
        ("-5", Some(1)),
        ("1000000000", Some(900)),
        ("Fri, 20 Feb 2026 10:02:00 GMT", Some(120)),
        ("Fri, 20 Feb 2026 09:00:00 GMT", Some(1)),
        ("soon", None),
        ("", None),
    ] {
        let read = retry_after(&HeaderValue::from_static(text), now());
        assert_eq!(read, seconds.map(Duration::from_secs), "{text:?}");
    }
}

#[test]
fn a_path_never_leads_to_another_origin() {
    let base = Url::parse("https://array.example.com:8000").expect("a URL");
    assert_eq!(
        endpoint(&base, "/v1/x?y=1").map(String::from),
        Some("https://array.example.com:8000/v1/x?y=1".into())
    );
    for path in [
        "@evil.example.com/",
        "https://evil.example.com/",
        ".evil.example.com/",
        "",
    ] {
        assert_eq!(endpoint(&base, path), None, "{path:?}");
    }
    let below = Url::parse("https://flex.example.com/rest/sdps/7").expect("a URL");
    assert_eq!(
        endpoint(&below, "/api/v2").map(String::from),
        Some("https://flex.example.com/rest/sdps/7/api/v2".into())
    );
}

fn kept_alive() -> Reply {
    Reply::KeepAlive(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".to_vec())
}

#[tokio::test]
async fn a_connection_that_the_server_gave_up_is_replaced_and_the_get_sent_once_more() {
    for gives_up in [
        b"".as_slice(),
        b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    ] {
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let server = Server::start(
            move |_: &str| match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                1 => Reply::Bytes(gives_up.to_vec()),
                _ => kept_alive(),
            },
        )
        .await;
        let client = client();
        for _ in 0..2 {
            let answer = client
                .send(&server.url, &Request::get("/", Media::Json), &context())
                .await;
            assert!(answer.expect("an answer").status.is_success());
        }
        assert_eq!((server.connections(), server.seen().len()), (2, 3));
    }
}

#[tokio::test]
async fn what_cannot_be_sent_twice_goes_out_on_a_fresh_connection() {
    let server = Server::start(|_: &str| kept_alive()).await;
    let client = client();
    let log_on = Request {
        method: Method::POST,
        body: Some("secret".into()),
        ..Request::get("/login", Media::Json)
    };
    for request in [Request::get("/", Media::Json), log_on, Request::get("/", Media::Json)] {
        assert!(client.send(&server.url, &request, &context()).await.is_ok());
    }
    assert_eq!(server.connections(), 2, "the last one is kept");
}

#[tokio::test]
async fn a_connection_that_fails_when_it_is_new_is_a_failure() {
    let server = Server::start(|_: &str| Reply::Bytes(Vec::new())).await;
    let error = client()
        .send(&server.url, &Request::get("/", Media::Json), &context())
        .await;
    assert_eq!(error.expect_err("broken").reason, Reason::Connect);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn connections_live_ten_minutes_at_most() {
    let server = Server::start(|_: &str| kept_alive()).await;
    let client = client();
    for minute in 0..15 {
        let request = Request::get("/", Media::Json);
        assert!(client.send(&server.url, &request, &context()).await.is_ok());
        let connections = if minute < 10 { 1 } else { 2 };
        assert_eq!(server.connections(), connections, "minute {minute}");
        crate::source::test_server::jump(Duration::from_mins(1)).await;
    }
}

#[tokio::test]
async fn a_part_of_an_answer_is_no_answer() {
    let server = Server::start(|_: &str| {
        Reply::Bytes(answer(
            "206 Partial Content",
            "Content-Type: application/json\r\n",
            "{}",
        ))
    })
    .await;
    let answer = client()
        .send(&server.url, &Request::get("/", Media::Json), &context())
        .await;
    assert_eq!(status_reason(&answer.expect("an answer")), Some(Reason::HttpStatus));
}

#[tokio::test]
async fn a_chunk_without_a_readable_length_is_parse() {
    let server = Server::start(|_: &str| {
        Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n".to_vec())
    })
    .await;
    let error = client()
        .send(&server.url, &Request::get("/", Media::Json), &context())
        .await;
    assert_eq!(error.expect_err("no chunk").reason, Reason::Parse);
}

proptest! {
    #[test]
    fn any_patience_is_within_limits(text in "[ -~]{0,40}") {
        if let Some(patience) = retry_after(&HeaderValue::from_str(&text).expect("a value"), now()) {
            prop_assert!(patience >= backoff::RETRY_AFTER.0 && patience <= backoff::RETRY_AFTER.1);
        }
    }
}
