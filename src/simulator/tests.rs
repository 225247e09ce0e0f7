//! The rules of the simulator's listener, over real HTTPS on loopback; those of its arrays are in the vendors' folders.

use super::{FaultKind, LoggedRequest, Options, Simulation, start, write_config};
use crate::{clock::Clock, model::Timestamp};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::CertificateDer, pki_types::pem::PemObject};
use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

const VERSION: &str = "/v1/version";
const SOURCES: &str = "/v2/replication/source-relationships/status/";

async fn qumulo() -> Simulation {
    let options = Options {
        vendors: vec![crate::source::qumulo::VENDOR],
        relationships: 3,
        ..Options::default()
    };
    let wall = Timestamp::parse_rfc3339("2026-03-01T10:00:00Z").expect("a time");
    start(options, Clock::following_tokio(wall))
        .await
        .expect("a simulation")
}

/// A client that trusts the simulation's authority and nobody else.
fn client(simulation: &Simulation) -> reqwest::Client {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(simulation.ca_pem().as_bytes()).expect("PEM");
    roots.add(authority).expect("a certificate");
    let tls = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    builder.build().expect("a client")
}

async fn get(
    client: &reqwest::Client,
    simulation: &Simulation,
    array: &str,
    path: &str,
) -> reqwest::Result<reqwest::Response> {
    let array = simulation.array(array).expect("an array");
    let token = array.credentials().token.clone().expect("a token");
    client
        .get(format!("{}{path}", array.url()))
        .bearer_auth(token)
        .send()
        .await
}

fn date(answer: &reqwest::Response) -> &str {
    answer.headers()["date"].to_str().expect("text")
}

#[tokio::test]
async fn an_array_answers_over_tls_and_counts_what_it_is_asked() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    for _ in 0..3 {
        let answer = get(&client, &simulation, "nyc-prod", SOURCES).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/json");
        assert!(date(&answer).starts_with("Sun, 01 Mar 2026 10:0"));
        answer.bytes().await.expect("a body");
    }
    let log = simulation.array("nyc-prod").expect("an array").log();
    let request = LoggedRequest {
        method: "GET".to_owned(),
        path: SOURCES.to_owned(),
        status: Some(200),
    };
    assert_eq!(log.counts().get(&request), Some(&3));
    assert_eq!((log.count("GET", SOURCES), log.total()), (3, 3));
    assert_eq!((log.connections(), log.most_in_flight()), (1, 1));
    assert_eq!(simulation.array("sfo-dr").expect("an array").log().total(), 0);
    simulation.shutdown().await;
}

#[tokio::test]
async fn nobody_trusts_the_simulation_by_accident() {
    let simulation = qumulo().await;
    let other = qumulo().await;
    let client = client(&other);
    assert!(get(&client, &simulation, "nyc-prod", VERSION).await.is_err());
    assert_eq!(simulation.array("nyc-prod").expect("an array").log().total(), 0);
}

#[tokio::test]
async fn a_fault_comes_and_goes_and_leaves_the_other_array_alone() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    let status = async |array| {
        let answer = get(&client, &simulation, array, VERSION).await;
        answer.map(|answer| answer.status().as_u16()).ok()
    };
    assert_eq!(status("nyc-prod").await, Some(200));
    simulation.set_fault("nyc-prod", FaultKind::Down);
    assert_eq!(status("nyc-prod").await, None);
    assert_eq!(status("sfo-dr").await, Some(200));
    simulation.clear_faults("nyc-prod");
    simulation.set_fault("nyc-prod", FaultKind::Http500);
    assert_eq!(status("nyc-prod").await, Some(500));
    simulation.clear_faults("nyc-prod");
    assert_eq!(status("nyc-prod").await, Some(200));
}

#[tokio::test]
async fn faults_of_http_look_as_they_do_in_the_field() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    simulation.set_fault("nyc-prod", FaultKind::Html);
    let page = get(&client, &simulation, "nyc-prod", SOURCES).await.expect("an answer");
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    simulation.set_fault("sfo-dr", FaultKind::Throttle("120".to_owned()));
    let answer = get(&client, &simulation, "sfo-dr", SOURCES).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (429, &"120".parse().expect("a value"))
    );
    simulation.clear_faults("sfo-dr");
    simulation.set_fault("sfo-dr", FaultKind::Unavailable("soon".to_owned()));
    let answer = get(&client, &simulation, "sfo-dr", SOURCES).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["retry-after"]),
        (503, &"soon".parse().expect("a value"))
    );
    simulation.set_fault("", FaultKind::ClockSkew(3600.0));
    let answer = get(&client, &simulation, "sfo-dr", SOURCES).await.expect("an answer");
    assert!(date(&answer).starts_with("Sun, 01 Mar 2026 11:0"));
}

#[tokio::test]
async fn new_firmware_can_rename_a_field() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    let (from, to) = ("\"recovery_point\"".to_owned(), "\"recovered\"".to_owned());
    simulation.set_fault("nyc-prod", FaultKind::Replace { from, to });
    let answer = get(&client, &simulation, "nyc-prod", SOURCES).await.expect("an answer");
    let text = answer.text().await.expect("a body");
    assert!(text.contains("\"recovered\"") && !text.contains("\"recovery_point\""));
}

#[tokio::test]
async fn a_stale_connection_is_cut_at_its_second_request() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    simulation.set_fault("nyc-prod", FaultKind::Stale);
    let mut answered = Vec::new();
    for _ in 0..4 {
        let answer = get(&client, &simulation, "nyc-prod", VERSION).await;
        answered.push(answer.is_ok());
        if let Ok(answer) = answer {
            answer.bytes().await.expect("a body");
        }
    }
    assert_eq!(answered, [true, false, true, false]);
}

#[tokio::test]
async fn an_error_quotes_the_request_with_its_secrets() {
    let simulation = qumulo().await;
    simulation.set_fault("nyc-prod", FaultKind::Quotes);
    let answer = get(&client(&simulation), &simulation, "nyc-prod", SOURCES).await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 500);
    let token = simulation
        .array("nyc-prod")
        .expect("an array")
        .credentials()
        .token
        .clone();
    let text = answer.text().await.expect("a body");
    assert!(text.contains(&token.expect("a token")), "{text}");
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_its_length_says() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    simulation.set_fault("nyc-prod", FaultKind::Cut(Some(7)));
    let mut answer = get(&client, &simulation, "nyc-prod", SOURCES).await.expect("a head");
    assert!(answer.content_length().expect("a length") > 7);
    assert_eq!(answer.chunk().await.expect("a part").expect("bytes").len(), 7);
    assert!(answer.chunk().await.is_err());
    simulation.set_fault("sfo-dr", FaultKind::Cut(None));
    let answer = get(&client, &simulation, "sfo-dr", SOURCES).await.expect("a head");
    assert!(answer.bytes().await.is_err());
}

#[tokio::test]
async fn a_redirect_leads_to_another_host() {
    let simulation = qumulo().await;
    simulation.set_fault("nyc-prod", "redirect".parse().expect("a fault"));
    let answer = get(&client(&simulation), &simulation, "nyc-prod", VERSION)
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 307);
    assert_eq!(answer.headers()["location"], "https://elsewhere.example/v1/version");
}

#[tokio::test]
async fn a_certificate_expires_so_long_after_its_fault_began() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    let years = |years: u64| FaultKind::ExpiringCertificate(Duration::from_secs(years * 365 * 86_400));
    simulation.set_fault("nyc-prod", years(30));
    assert!(get(&client, &simulation, "nyc-prod", VERSION).await.is_ok());
    // The host's clock is past the simulated one.
    simulation.set_fault("sfo-dr", years(0));
    let error = get(&client, &simulation, "sfo-dr", VERSION).await.expect_err("expired");
    assert!(format!("{error:?}").contains("Expired"), "{error:?}");
}

#[tokio::test]
async fn lists_are_spoiled_and_errors_are_not() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    let entries = async || {
        let answer = get(&client, &simulation, "nyc-prod", SOURCES).await.expect("an answer");
        let list: serde_json::Value = serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON");
        list.as_array().expect("a list").len()
    };
    let before = entries().await;
    simulation.set_fault("nyc-prod", FaultKind::HugeList(100));
    assert_eq!(entries().await, before + 100);
    simulation.set_fault("nyc-prod", FaultKind::Duplicates);
    assert_eq!(entries().await, before + 101);
}

#[tokio::test]
async fn a_hanging_array_accepts_and_never_answers() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    simulation.set_fault("nyc-prod", FaultKind::Hang);
    let log = simulation.array("nyc-prod").expect("an array").log();
    let asked = async {
        while log.count("GET", VERSION) == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = get(&client, &simulation, "nyc-prod", VERSION) => panic!("answered: {answer:?}"),
        () = asked => {}
    }
    assert!(log.counts().keys().all(|request| request.status.is_none()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_array_answers_late() {
    let simulation = qumulo().await;
    let client = client(&simulation);
    simulation.set_fault("nyc-prod", FaultKind::Slow(Duration::from_secs(5)));
    let before = tokio::time::Instant::now();
    let answer = get(&client, &simulation, "nyc-prod", VERSION).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(before.elapsed() >= Duration::from_secs(5));
}

#[tokio::test]
async fn a_fault_of_an_unknown_array_and_a_nonsensical_speed_are_refused() {
    let faults = vec!["down:nowhere".parse().expect("a fault")];
    let options = Options {
        faults,
        ..Options::default()
    };
    assert!(start(options, Clock::host()).await.is_err());
    for speed in [0.0, -1.0, f64::NAN, 1e9] {
        let options = Options {
            speed,
            ..Options::default()
        };
        assert!(start(options, Clock::host()).await.is_err(), "{speed}");
    }
}

#[tokio::test]
async fn the_written_configuration_names_secrets_and_holds_none() {
    let simulation = qumulo().await;
    let folder = std::env::temp_dir().join(format!("simulate-{}-{}", std::process::id(), line!()));
    let file = folder.join("config.toml");
    write_config(&file, &simulation).expect("a configuration");
    // Writing it again replaces the secrets and keeps them private.
    write_config(&file, &simulation).expect("a configuration");
    let text = std::fs::read_to_string(&file).expect("the configuration");
    let parsed: toml::Table = text.parse().expect("TOML");
    let sections = parsed["qumulo"].as_array().expect("sections");
    assert_eq!(sections.len(), 2);
    for (section, array) in sections.iter().zip(simulation.arrays()) {
        assert_eq!(section["name"].as_str(), Some(array.name()));
        assert_eq!(section["url"].as_str(), Some(array.url().as_str()));
        assert_eq!(section["rpo"].as_str(), Some("3600s"));
        let credentials = array.credentials();
        let token = credentials.token.as_deref().expect("a token");
        let (key, secret) = match section.get("username") {
            None => ("token_file", token),
            Some(username) => {
                assert_eq!(username.as_str(), Some("monitor"));
                ("password_file", credentials.password.as_str())
            }
        };
        let path = section[key].as_str().expect("a path");
        assert_eq!(std::fs::read_to_string(path).expect("the secret").trim_end(), secret);
        assert!(!text.contains(secret));
        let admin = folder.join(format!("{}.admin-password", array.name()));
        for file in [Path::new(path), &admin] {
            let mode = std::fs::metadata(file).expect("the file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.display());
        }
    }
    assert!(sections[0].get("token_file").is_some() && sections[1].get("password_file").is_some());
    let authority = sections[0]["ca_file"].as_str().expect("a path");
    assert_eq!(std::fs::read_to_string(authority).expect("the CA"), simulation.ca_pem());
    std::fs::remove_dir_all(folder).expect("removed");
}
