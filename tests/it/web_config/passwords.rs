//! Basic authentication: who gets in, and what it costs.

use super::fixture::{Folder, Running, TLS, pass};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::time::Duration;

/// Cheap, for tests alone.
const COST: u32 = 4;

fn users(users: &[(&str, &str)]) -> String {
    let line = |(name, password): &(&str, &str)| {
        let hash = bcrypt::hash(password, COST).expect("a hash");
        format!("  {name}: {hash}\n")
    };
    "basic_auth_users:\n".to_owned() + &users.iter().map(line).collect::<String>()
}

fn basic(credentials: &str) -> String {
    format!("Authorization: Basic {}\r\n", STANDARD.encode(credentials))
}

async fn status(server: &Running, path: &str, headers: &str) -> String {
    let answer = server.get(path, headers).await.expect("an answer");
    answer[9..12].to_owned()
}

#[tokio::test]
async fn only_the_right_password_of_a_known_user_gets_in() {
    let server = Folder::new()
        .serve(&users(&[("ann", "apple"), ("bob", "pear: x")]))
        .await;
    for (headers, expected) in [
        (basic("ann:apple"), "200"),
        (basic("bob:pear: x"), "200"),
        (basic("ann:apple").replace("Basic", "basic"), "200"),
        (basic("ann:pear: x"), "401"),
        (basic("ann:"), "401"),
        (basic("ann"), "401"),
        (basic("Ann:apple"), "401"),
        // With the hash that unknown users are compared with, either would match.
        (basic("eve:apple"), "401"),
        (basic("eve:pear: x"), "401"),
        ("Authorization: Bearer apple\r\n".to_owned(), "401"),
        ("Authorization: Basic %%%\r\n".to_owned(), "401"),
        (String::new(), "401"),
    ] {
        // The second time, the outcome may be remembered.
        for time in ["first", "second"] {
            assert_eq!(
                status(&server, "/metrics", &headers).await,
                expected,
                "{headers} {time}"
            );
        }
    }
}

#[tokio::test]
async fn every_path_is_protected_and_says_how_to_get_in() {
    let server = Folder::new().serve(&users(&[("ann", "apple")])).await;
    for path in [
        "/",
        "/metrics",
        "/pair",
        "/api/v1/status",
        "/sd",
        "/-/healthy",
        "/-/ready",
        "/-/reload",
        "/nothing",
    ] {
        let answer = server.get(path, "").await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
        assert!(
            answer.contains("\r\nwww-authenticate: Basic realm="),
            "{path}: {answer}"
        );
        assert!(answer.ends_with("Unauthorized\n"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_changed_password_or_a_removed_user_is_refused_within_a_second() {
    let folder = Folder::new();
    let server = folder.serve(&users(&[("ann", "apple"), ("bob", "pear")])).await;
    let (ann, bob) = (basic("ann:apple"), basic("bob:pear"));
    assert_eq!(status(&server, "/metrics", &ann).await, "200");
    assert_eq!(status(&server, "/metrics", &bob).await, "200");
    folder.write("web.yml", &users(&[("ann", "cherry")]));
    pass(Duration::from_secs(1)).await;
    assert_eq!(status(&server, "/metrics", &ann).await, "401");
    assert_eq!(status(&server, "/metrics", &bob).await, "401");
    assert_eq!(status(&server, "/metrics", &basic("ann:cherry")).await, "200");
}

#[tokio::test]
async fn without_any_user_left_nobody_gets_in_who_could_not_before() {
    let folder = Folder::new();
    let server = folder.serve(&users(&[("ann", "apple")])).await;
    folder.write("web.yml", "");
    pass(Duration::from_secs(1)).await;
    assert_eq!(status(&server, "/metrics", "").await, "401");
    assert_eq!(status(&server, "/metrics", &basic("ann:apple")).await, "200");
}

#[tokio::test]
async fn tls_and_passwords_work_together() {
    let folder = Folder::new();
    let server = folder.serve(&(TLS.to_owned() + &users(&[("ann", "apple")]))).await;
    let client = folder.client(None);
    let answer = server.get_tls(&client, "/metrics", &basic("ann:apple")).await;
    assert!(answer.expect("an answer").starts_with("HTTP/1.1 200"));
    let answer = server.get_tls(&client, "/metrics", "").await;
    assert!(answer.expect("an answer").starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn a_hundred_wrong_passwords_at_once_leave_the_server_answering() {
    let server = Folder::new().serve(&users(&[("ann", "apple")])).await;
    assert_eq!(status(&server, "/metrics", &basic("ann:apple")).await, "200");
    let guesses = (0..100).map(|guess| {
        let (server, headers) = (&server, basic(&format!("ann:{guess}")));
        async move { status(server, "/metrics", &headers).await }
    });
    let known = async { status(&server, "/metrics", &basic("ann:apple")).await };
    let (guesses, known) = tokio::join!(futures_util::future::join_all(guesses), known);
    assert_eq!(known, "200", "a remembered password waits for nobody's guesses");
    assert!(
        guesses.iter().all(|status| status == "401" || status == "503"),
        "{guesses:?}"
    );
    assert!(guesses.iter().any(|status| status == "401"), "{guesses:?}");
}
