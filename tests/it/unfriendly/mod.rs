//! The whole process beside an unfriendly cluster: what goes wrong on one array, on the wire, stays there and has its name.

mod descriptors;
mod exporter;
mod files;
mod load;
mod scripted;
mod server;

use crate::port;
use exporter::Exporter;
use server::{Cluster, Manner};

/// Each manner, and the `reason` that it must have in the section `replication_source`.
fn manners(elsewhere: &Cluster) -> Vec<(&'static str, Manner, &'static str)> {
    let says = |text: &str| Manner::Says(text.as_bytes().into());
    let source = |body: &str| Manner::Body("source-relationships/status/", body.as_bytes().into());
    let redirect = format!(
        "HTTP/1.1 307 Moved\r\nLocation: http://{}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        elsewhere.address
    );
    vec![
        ("resets", Manner::Resets, "connect"),
        ("hangs", Manner::Hangs, "timeout"),
        ("cuts-the-head", Manner::Cuts(20), "connect"),
        ("cuts-the-body", Manner::Cuts(120), "connect"),
        ("trickles", Manner::Trickles, "timeout"),
        ("trickles-the-head", Manner::TricklesHead, "timeout"),
        ("endless-head", Manner::EndlessHead, "parse"),
        ("endless-body", Manner::EndlessBody, "body_too_large"),
        ("bomb", Manner::Bomb, "body_too_large"),
        ("no-http", says("SSH-2.0-OpenSSH_9.2\r\n"), "parse"),
        (
            "log-in-page",
            says("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"),
            "content_type",
        ),
        ("redirects", Manner::Says(redirect.into_bytes().into()), "redirect"),
        (
            "redirects-to-itself",
            says("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            "redirect",
        ),
        (
            "broken",
            says("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            "http_status",
        ),
        (
            "busy",
            says("HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
            "throttled",
        ),
        ("half-a-list", source("[{\"id\": \"a\""), "parse"),
        ("another-document", source("{\"entries\": []}"), "parse"),
        ("deep", source(&"[".repeat(200_000)), "parse"),
        ("no-tls", Manner::Replies(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls"),
        // handshake_failure, fatal.
        ("tls-alert", Manner::Replies(&[0x15, 3, 3, 0, 2, 2, 40]), "tls"),
    ]
}

#[test]
fn each_fault_of_the_wire_has_its_reason_and_leaves_the_neighbour_alone() {
    let elsewhere = Cluster::start(Manner::Well);
    let manners = manners(&elsewhere);
    let mut odd: Vec<(&str, Cluster, &str)> = manners
        .into_iter()
        .map(|(name, manner, reason)| (name, Cluster::start(manner), reason))
        .collect();
    odd.push(("silent", Cluster::silent(), "timeout"));
    let calm = Cluster::start(Manner::Well);
    let scheme = |name: &str| if name.contains("tls") { "https" } else { "http" };
    let mut clusters: Vec<(&str, &str, &Cluster)> = odd
        .iter()
        .map(|(name, cluster, _)| (*name, scheme(name), cluster))
        .collect();
    clusters.push(("calm", "http", &calm));
    let mut exporter = Exporter::start(&clusters, "max_body = \"1MiB\"");
    exporter.metrics_with("calm", "storage_array_up{array=\"calm\"} 1");
    // What only that section says.
    let readings = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("storage_replication_queued_snapshots{"))
            .count()
    };
    let of_the_calm = readings(&exporter.get("/metrics?array=calm"));
    assert!(of_the_calm > 0);
    for (name, cluster, reason) in &odd {
        let failure = format!("storage_poll_last_failure{{array=\"{name}\",section=\"replication_source\",");
        let text = exporter.metrics_with(name, &failure);
        assert!(
            text.contains(&format!("{failure}reason=\"{reason}\"}} 1\n")),
            "{name}: {text}"
        );
        assert_eq!(readings(&text), 0, "nothing half-read is shown: {text}");
        assert!(
            !text.contains("storage_protection_data_at_risk{") || reason_is_of_one_section(name),
            "{text}"
        );
        let calm = exporter.get("/metrics?array=calm");
        assert_eq!(readings(&calm), of_the_calm, "beside {name}");
        assert!(calm.contains("\nstorage_array_up{array=\"calm\"} 1\n"), "beside {name}");
        if scheme(name) == "https" {
            assert!(
                cluster.seen().iter().all(|head| !head.contains("canary")),
                "{name}: no credential before the chain is verified"
            );
        }
    }
    assert_eq!(elsewhere.seen(), Vec::<String>::new(), "a redirect is not followed");
    let own = odd.iter().filter(|(name, ..)| *name == "redirects-to-itself");
    let followed = own
        .flat_map(|(_, cluster, _)| cluster.seen())
        .filter(|head| head.starts_with("GET / "));
    assert_eq!(followed.count(), 0, "not even to itself");
    let log = exporter.log();
    assert!(!log.contains("canary"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}

/// The other sections of such a cluster work.
fn reason_is_of_one_section(name: &str) -> bool {
    matches!(name, "half-a-list" | "another-document" | "deep")
}

#[test]
fn a_cluster_that_is_not_there_at_the_start_is_down_and_the_exporter_is_ready() {
    let (_nobody, address) = port::deserted();
    let mut gone = Cluster::start(Manner::Well);
    gone.address = address;
    let mut exporter = Exporter::start(&[("gone", "http", &gone)], "");
    let text = exporter.metrics_with(
        "gone",
        "storage_poll_last_failure{array=\"gone\",section=\"system\",reason=\"connect\"} 1",
    );
    assert!(text.contains("\nstorage_array_up{array=\"gone\"} 0\n"), "{text}");
    assert!(!text.contains("\nstorage_replication_health{"), "{text}");
    assert!(exporter.get("/-/ready").starts_with("HTTP/1.1 200"));
}

/// The value of each series that begins so.
fn values(text: &str, beginning: &str) -> Vec<f64> {
    let lines = text.lines().filter(|line| line.starts_with(beginning));
    let value = |line: &str| line.rsplit_once(' ').and_then(|(_, value)| value.parse().ok());
    lines.map(|line| value(line).expect("a number")).collect()
}

#[test]
fn an_outage_keeps_readings_until_stale_after_and_facts_for_good() {
    let (cuts, resets) = (Cluster::start(Manner::Well), Cluster::start(Manner::Well));
    let calm = Cluster::start(Manner::Well);
    let clusters = [
        ("cuts", "http", &cuts),
        ("resets", "http", &resets),
        ("calm", "http", &calm),
    ];
    let mut exporter = Exporter::start(&clusters, "stale_after = \"20s\"");
    let (readings, lag) = (
        "storage_replication_queued_snapshots{",
        "storage_replication_lag_seconds{",
    );
    for (name, cluster, manner) in [("cuts", &cuts, Manner::Cuts(120)), ("resets", &resets, Manner::Resets)] {
        let before = exporter.metrics_with(name, readings);
        cluster.behave(manner);
        let failure = format!(
            "storage_poll_last_failure{{array=\"{name}\",section=\"replication_source\",reason=\"connect\"}} 1"
        );
        let during = exporter.metrics_with(name, &failure);
        assert_eq!(
            values(&during, readings),
            values(&before, readings),
            "{name}: what was read stays"
        );
        let after = exporter.metrics_when(name, |text| values(text, readings).is_empty());
        assert!(
            after.contains(&format!("\nstorage_array_up{{array=\"{name}\"}} 0\n")),
            "{name}: {after}"
        );
        let (earlier, later) = (values(&before, lag), values(&after, lag));
        assert_eq!(earlier.len(), later.len(), "{name}: facts stay");
        assert!(
            earlier.iter().zip(&later).all(|(earlier, later)| later > earlier),
            "{name}: lag grows"
        );
    }
    let text = exporter.get("/metrics?array=calm");
    assert!(text.contains("\nstorage_array_up{array=\"calm\"} 1\n"), "{text}");
    let failures = values(&text, "storage_poll_failures_total{");
    assert!(failures.iter().all(|failures| *failures < 1.0), "{text}");
}

#[test]
fn an_endless_answer_costs_no_more_than_its_ceiling() {
    for manner in [Manner::Bomb, Manner::EndlessBody] {
        let cluster = Cluster::start(manner);
        // With the ceiling as it is by default, 16 MiB.
        let mut exporter = Exporter::start(&[("greedy", "http", &cluster)], "");
        let before = exporter.memory_kib("VmHWM:");
        exporter.metrics_with(
            "greedy",
            "storage_poll_last_failure{array=\"greedy\",section=\"replication_source\",reason=\"body_too_large\"} 1",
        );
        let grown = exporter.memory_kib("VmHWM:") - before;
        assert!(grown < 20 * 1024, "{grown} KiB");
    }
}

#[test]
fn one_hostile_name_costs_no_other_relationship_and_no_scrape() {
    let hostile = "\\u0000\\n\\\"\\\\\\u202e\\ud83d\\ude00".repeat(1000);
    let body =
        include_str!("../../payloads/qumulo/7.8.0/source_relationships_status.json").replacen("/home", &hostile, 1);
    let cluster = Cluster::start(Manner::Body("source-relationships/status/", body.into_bytes().into()));
    let plain = Cluster::start(Manner::Well);
    let mut exporter = Exporter::start(&[("hostile", "http", &cluster), ("plain", "http", &plain)], "");
    let count = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("storage_replication_relationship_info{"))
            .count()
    };
    let there = count(&exporter.metrics_with("plain", "storage_replication_relationship_info{"));
    let text = exporter.metrics_with("hostile", "storage_replication_relationship_info{");
    assert_eq!(count(&text), there);
    assert!(text.lines().all(|line| line.len() < 4096), "values are capped");
    assert!(!exporter.log().contains('\0'));
}
