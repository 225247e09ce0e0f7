//! What clients may do to the HTTP server, over loopback. Where a time has to pass, tokio's clock is paused: it jumps as
//! soon as everything waits.

mod fixture;

use axum::{body::Body, http::Request};
use base64::{Engine, engine::general_purpose::STANDARD};
use fixture::{ENDLESS, Fake, start, start_default};
use replication_exporter::{
    metrics::exporter::ExporterMetrics,
    model::Timestamp,
    server::{self, Limits, Offer, Web},
};
use sha2::{Digest, Sha256};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

#[tokio::test]
async fn metrics_are_text_that_says_its_version_and_length() {
    let server = start_default(&Arc::default()).await;
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!(
        answer.header("content-length"),
        Some(answer.body.len().to_string().as_str())
    );
    assert!(answer.text().ends_with("line 1999 of 0\n"));
}

#[tokio::test]
async fn head_has_the_head_of_get_and_no_body() {
    let server = start_default(&Arc::default()).await;
    let (get, head) = (server.get("/metrics").await, server.ask("HEAD", "/metrics", "").await);
    assert_eq!(head.status(), 200);
    assert!(head.body.is_empty());
    assert_eq!(head.header("content-length"), get.header("content-length"));
    assert_eq!(head.header("content-type"), get.header("content-type"));
}

#[tokio::test]
async fn other_methods_are_refused_and_told_what_works() {
    let server = start_default(&Arc::default()).await;
    for path in [
        "/metrics",
        "/",
        "/pair?pair=id",
        "/api/v1/status",
        "/-/healthy",
        "/-/ready",
    ] {
        let answer = server.ask("POST", path, "Content-Length: 0\r\n").await;
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(answer.header("allow"), Some("GET,HEAD"), "{path}");
    }
}

#[tokio::test]
async fn gzip_says_the_same_as_identity() {
    let server = start_default(&Arc::default()).await;
    let gzip = "Accept-Encoding: gzip\r\n";
    for path in ["/metrics", "/metrics?array=nyc&array=_exporter"] {
        let plain = server.get(path).await;
        let compressed = server.ask("GET", path, gzip).await;
        assert_eq!(compressed.gunzipped(), plain.body, "{path}");
        assert_eq!(compressed.header("vary"), Some("Accept-Encoding"));
    }
    let refused = server
        .ask("GET", "/metrics", "Accept-Encoding: gzip;q=0, *;q=0.5\r\n")
        .await;
    assert_eq!(refused.header("content-encoding"), None);
}

#[tokio::test]
async fn a_compressed_page_is_made_once_for_everybody_until_something_changes() {
    let fake = Arc::new(Fake::default());
    let server = start_default(&fake).await;
    let gzip = || server.ask("GET", "/metrics", "Accept-Encoding: gzip\r\n");
    let scrapes = futures_util::future::join_all((0..8).map(|_| gzip())).await;
    assert_eq!(fake.pages_made.load(Ordering::SeqCst), 1);
    assert!(scrapes.iter().all(|answer| answer.gunzipped().ends_with(b" of 0\n")));

    fake.generation.store(1, Ordering::SeqCst);
    assert!(gzip().await.gunzipped().ends_with(b" of 1\n"));
    assert_eq!(fake.pages_made.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_compressed_page_is_not_shown_after_its_readings_expired() {
    let fake = Arc::new(Fake {
        lifetime: Some(Duration::from_secs(5)),
        ..Fake::default()
    });
    let server = start_default(&fake).await;
    server.ask("GET", "/metrics", "Accept-Encoding: gzip\r\n").await;
    tokio::time::advance(Duration::from_secs(5)).await;
    server.ask("GET", "/metrics", "Accept-Encoding: gzip\r\n").await;
    assert_eq!(fake.pages_made.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_scrape_may_select_arrays_and_an_unknown_one_is_404() {
    let server = start_default(&Arc::default()).await;
    assert_eq!(
        server.get("/metrics?array=nyc").await.text(),
        "storage_array_up{array=\"nyc\"} 1\n"
    );
    assert_eq!(
        server.get("/metrics?array=_exporter&x=y").await.text(),
        "process_open_fds 7\n"
    );
    assert_eq!(
        server.get("/metrics?array=nyc&array=_exporter").await.text(),
        "storage_array_up{array=\"nyc\"} 1\nprocess_open_fds 7\n"
    );
    for headers in ["", "Accept-Encoding: gzip\r\n"] {
        let unknown = server.ask("GET", "/metrics?array=nyc&array=%3Cams%3E", headers).await;
        assert_eq!(unknown.status(), 404);
        assert_eq!(unknown.text(), "unknown array \"<ams>\"\n");
        assert_eq!(unknown.header("content-type"), Some("text/plain; charset=utf-8"));
    }
}

#[tokio::test]
async fn requests_are_counted_by_route_and_status_and_no_client_makes_a_series() {
    let now = Timestamp::from_unix_seconds(1_800_000_000.0).expect("a time");
    let exporter = ExporterMetrics::new(now).expect("metrics");
    let offer = Offer {
        requests: Some(exporter.http()),
        ..Offer::of(Arc::new(Fake::default()))
    };
    let router = server::router(offer, &Web::open(None).expect("no protection"));
    for (method, path) in [
        ("GET", "/metrics"),
        ("GET", "/metrics?array=nyc"),
        ("GET", "/metrics?array=nobody"),
        ("POST", "/metrics"),
        ("GET", "/pair?pair=id"),
        ("GET", "/-/ready"),
        ("GET", "/wp-login.php"),
        ("GET", "/wp-admin"),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty());
        let answer = router.clone().oneshot(request.expect("a request")).await;
        answer.expect("an answer");
    }
    let text = String::from_utf8(exporter.text().to_vec()).expect("UTF-8");
    let told = |start: &str| text.lines().filter(|line| line.starts_with(start)).collect::<Vec<_>>();
    let name = "replication_exporter_http_requests_total";
    let expected = [
        r#"{code="503",handler="/-/ready"} 1"#,
        r#"{code="200",handler="/metrics"} 2"#,
        r#"{code="404",handler="/metrics"} 1"#,
        r#"{code="405",handler="/metrics"} 1"#,
        r#"{code="200",handler="/pair"} 1"#,
        r#"{code="404",handler="other"} 2"#,
    ];
    let mut counted = told(&format!("{name}{{"));
    let mut expected = expected.map(|sample| format!("{name}{sample}"));
    counted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(counted, expected);
    let name = "replication_exporter_http_request_duration_seconds";
    for (handler, count) in [("/-/ready", 1), ("/metrics", 4), ("/pair", 1), ("other", 2)] {
        let sample = format!("{name}_count{{handler=\"{handler}\"}} {count}");
        assert!(told(name).contains(&sample.as_str()), "{sample}: {text}");
    }
}

#[tokio::test]
async fn alive_and_ready_are_two_questions() {
    let fake = Arc::new(Fake::default());
    let server = start_default(&fake).await;
    assert_eq!(server.get("/-/healthy").await.status(), 200);
    assert_eq!(server.get("/-/ready").await.status(), 503);
    fake.ready.store(true, Ordering::SeqCst);
    assert_eq!(server.get("/-/ready").await.status(), 200);
    assert_eq!(server.get("/nothing").await.status(), 404);
}

#[tokio::test]
async fn pages_are_escaped_and_may_run_and_load_nothing_but_what_the_policy_names_by_its_hash() {
    let server = start_default(&Arc::default()).await;
    for path in ["/", "/pair?pair=id"] {
        let page = server.get(path).await;
        assert_eq!(page.status(), 200, "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(page.text().contains("nyc:/&#60;home&#62;"), "{}", page.text());
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        for tag in ["style", "script"] {
            let parts: Vec<&str> = page.text().split(&format!("<{tag}>")).collect();
            let [_, rest] = parts.as_slice() else {
                panic!("one {tag}");
            };
            let text = rest.split(&format!("</{tag}>")).next().expect("its end");
            let hash = STANDARD.encode(Sha256::digest(text));
            assert!(
                policy.contains(&format!("{tag}-src 'sha256-{hash}'")),
                "{tag}: {policy}"
            );
        }
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(page.header(name), Some(value));
        }
    }
}

#[tokio::test]
async fn the_status_is_json_too_with_its_version() {
    let server = start_default(&Arc::default()).await;
    let answer = server.get("/api/v1/status").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let document: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(document["version"], 1);
    assert_eq!(document["counts"]["unknown"], 1);
    assert_eq!(document["relationships"][0]["source"]["object"], "/<home>");
    let none = server.get("/api/v1/status?standing=protected&array=nyc&q=HOME").await;
    let document: serde_json::Value = serde_json::from_slice(&none.body).expect("JSON");
    assert_eq!(document["relationships"], serde_json::json!([]));
    assert_eq!(
        document["counts"]["unknown"], 1,
        "the counts are before the standing asked for"
    );
}

#[tokio::test]
async fn page_and_json_are_compressed_where_that_is_asked_for() {
    let server = start_default(&Arc::default()).await;
    for path in ["/", "/pair?pair=id", "/api/v1/status"] {
        let plain = server.get(path).await;
        let compressed = server.ask("GET", path, "Accept-Encoding: gzip\r\n").await;
        assert_eq!(
            (plain.header("content-encoding"), plain.header("vary")),
            (None, Some("Accept-Encoding"))
        );
        assert_eq!(String::from_utf8_lossy(&compressed.gunzipped()), plain.text(), "{path}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_404_and_never_an_empty_page() {
    let server = start_default(&Arc::default()).await;
    for path in ["/", "/api/v1/status"] {
        for (query, status, message) in [
            ("array=%3Cams%3E", 404, "unknown array \"<ams>\"\n"),
            ("array=nyc&array=%3Cams%3E", 404, "unknown array \"<ams>\"\n"),
            (
                "standing=fien",
                404,
                "unknown standing \"fien\"; there are no_copy, behind,",
            ),
            ("from=-1", 400, "from must be a whole number from 0 on\n"),
            ("limit=ten", 400, "limit must be a whole number from 0 on\n"),
        ] {
            let answer = server.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status(), status, "{path}?{query}");
            assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
            assert!(answer.text().starts_with(message), "{}", answer.text());
        }
    }
    assert_eq!(server.get("/pair?pair=nonsense").await.status(), 404);
    assert_eq!(server.get("/pair").await.status(), 400);
}

#[tokio::test]
async fn a_client_that_never_reads_holds_its_permit_and_others_are_told() {
    let fake = Arc::new(Fake {
        size: ENDLESS,
        ..Fake::default()
    });
    let server = start(&fake, 1, Limits::default()).await;
    let holder = server.never_reading_client().await;
    let refused = server.get("/metrics").await;
    assert_eq!(refused.status(), 503);
    assert_eq!(
        refused.text(),
        "Limit of concurrent requests reached (1), try again later.\n"
    );
    assert_eq!(server.get("/-/healthy").await.status(), 200, "health is not limited");
    drop(holder);
    while server.ask("HEAD", "/metrics", "").await.status() != 200 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_reads_is_cut_at_the_write_timeout() {
    let fake = Arc::new(Fake {
        size: ENDLESS,
        ..Fake::default()
    });
    let server = start_default(&fake).await;
    let mut client = server.never_reading_client().await;
    tokio::time::sleep(Limits::default().write * 2).await;
    let mut rest = Vec::new();
    // What was in flight, then the end: cleanly closed or reset.
    let _ = client.read_to_end(&mut rest).await;
    assert!(rest.len() < ENDLESS, "{}", rest.len());
}

#[tokio::test(start_paused = true)]
async fn a_half_sent_header_is_cut_at_its_timeout() {
    let server = start_default(&Arc::default()).await;
    let mut client = server.connect().await;
    let began = Instant::now();
    client
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .await
        .expect("sent");
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.expect("closed by the server");
    let limit = Limits::default().header_read;
    assert!((limit..limit * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn half_sent_requests_of_one_address_beyond_its_share_are_cut_at_once() {
    let limits = Limits {
        max_connections: 8,
        ..Limits::default()
    };
    let server = start(&Arc::default(), 40, limits).await;
    let mut slow = Vec::new();
    for _ in 0..8 {
        let mut client = server.connect().await;
        client.write_all(b"GET /metrics HT").await.expect("sent");
        slow.push(client);
    }
    let began = Instant::now();
    let answer = server.get("/-/healthy").await;
    assert_eq!(answer.status(), 200);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn only_health_is_answered_before_facts_are_loaded() {
    let loaded = CancellationToken::new();
    let offer = Offer {
        loaded: loaded.clone(),
        ..Offer::of(Arc::<Fake>::default())
    };
    let router = server::router(offer, &Web::open(None).expect("no web configuration"));
    let ask = |path: &str| {
        let request = axum::extract::Request::builder()
            .uri(path)
            .body(axum::body::Body::empty());
        router.clone().oneshot(request.expect("a request"))
    };
    assert_eq!(ask("/-/healthy").await.expect("an answer").status(), 200);
    for path in ["/metrics", "/", "/api/v1/status", "/-/ready"] {
        let mut waiting = Box::pin(ask(path));
        assert!(futures_util::poll!(waiting.as_mut()).is_pending(), "{path}");
    }
    loaded.cancel();
    assert_eq!(ask("/metrics").await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_free_place() {
    let limits = Limits {
        max_connections: 1,
        ..Limits::default()
    };
    let server = start(&Arc::default(), 40, limits).await;
    let mut first = server.connect().await;
    first
        .write_all(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .expect("sent");
    first.read_u8().await.expect("the only place is taken");
    let mut second = Box::pin(server.get("/-/healthy"));
    for _ in 0..100 {
        assert!(futures_util::poll!(second.as_mut()).is_pending());
        tokio::task::yield_now().await;
    }
    drop(first);
    assert_eq!(second.await.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_no_client_beyond_its_deadline() {
    let fake = Arc::new(Fake {
        size: ENDLESS,
        ..Fake::default()
    });
    let server = start_default(&fake).await;
    let _never_reads = server.never_reading_client().await;
    let mut half_sent = server.connect().await;
    half_sent.write_all(b"GET /metrics HT").await.expect("sent");
    let _idle = server.connect().await;
    let address = server.address;
    let began = Instant::now();
    server.stopped().await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    TcpStream::connect(address).await.expect_err("nobody listens any more");
}

#[tokio::test]
async fn an_answer_that_has_begun_is_finished_at_shutdown() {
    let fake = Arc::new(Fake {
        size: ENDLESS,
        ..Fake::default()
    });
    let server = start_default(&fake).await;
    let mut client = server.never_reading_client().await;
    let stop = tokio::spawn(server.stopped());
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.expect("the whole answer");
    assert!(rest.len() > ENDLESS && rest.ends_with(b"line 1999 of 0\n"));
    stop.await.expect("stopped");
}
