//! The real process under load: clients that never read, an array with very many relationships, an end in the middle of all.

use super::{
    exporter::{Exporter, PROGRAM, config},
    server::{Cluster, Manner},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    process::Command,
};

#[test]
fn four_hundred_clients_that_never_read_cost_little_and_keep_nobody_out() {
    let cluster = Cluster::start(Manner::Well);
    let mut exporter = Exporter::start(&[("calm", "http", &cluster)], "");
    exporter.metrics_with("calm", "storage_replication_lag_seconds{");
    let before = exporter.memory_kib("VmRSS:");
    let crowd: Vec<_> = (0..400)
        .map(|number| {
            let mut client = exporter.connect();
            let whole = b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n";
            // Every second one only half a head.
            client
                .write_all(&whole[..whole.len() / (1 + number % 2)])
                .expect("sent");
            client
        })
        .collect();
    assert!(exporter.get("/-/healthy").starts_with("HTTP/1.1 200"));
    let grown = exporter.memory_kib("VmRSS:").saturating_sub(before);
    assert!(grown < 64 * 1024, "{grown} KiB");
    drop(crowd);
    assert!(exporter.get("/metrics").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_thousand_scrapes_at_once_are_answered_and_memory_stays_bounded() {
    const CLIENTS: u64 = 1000;
    let enough = Rlimit {
        current: Some(CLIENTS + 1000),
        ..getrlimit(Resource::Nofile)
    };
    setrlimit(Resource::Nofile, enough).expect("a test may open that many");
    let cluster = Cluster::start(Manner::Well);
    let mut exporter = Exporter::start(&[("calm", "http", &cluster)], "");
    exporter.metrics_with("calm", "storage_replication_lag_seconds{");
    let before = exporter.memory_kib("VmHWM:");
    let crowd: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let mut client = exporter.connect();
            let request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n";
            client.write_all(request).expect("sent");
            client
        })
        .collect();
    let answered = crowd.into_iter().filter_map(|mut client| {
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).ok().map(|_| answer)
    });
    let good = answered.filter(|answer| answer.starts_with(b"HTTP/1.1 200")).count();
    assert!(good > 500, "{good} of {CLIENTS}");
    let grown = exporter.memory_kib("VmHWM:") - before;
    assert!(grown < 64 * 1024, "{grown} KiB");
    exporter.metrics_with("calm", "storage_array_up{array=\"calm\"} 1");
}

#[test]
fn what_max_series_leaves_out_is_told_and_is_the_same_at_every_poll() {
    const ROWS: usize = 20_000;
    let mut rows = String::from("[");
    for number in 0..ROWS {
        let comma = if number == 0 { "" } else { "," };
        write!(rows, "{comma}{{\"id\":\"{number:08x}\",\"state\":\"ESTABLISHED\"}}").expect("text");
    }
    rows.push(']');
    let cluster = Cluster::start(Manner::Body("source-relationships/status/", rows.into_bytes().into()));
    let text = config(&[("huge", "http", &cluster)], "max_series = 1000")
        + "sections = [\"system\", \"replication_source\"]\n";
    let mut exporter = Exporter::with(&text, Command::new(PROGRAM));
    let shown = |text: &str| -> Vec<String> {
        let info = text
            .lines()
            .filter(|line| line.starts_with("storage_replication_relationship_info{"));
        info.map(str::to_owned).collect()
    };
    let first = exporter.metrics_with("huge", "storage_replication_relationship_info{");
    assert!(first.lines().count() < 1300, "{}", first.lines().count());
    let dropped = first
        .lines()
        .find_map(|line| line.strip_prefix("storage_series_dropped{array=\"huge\"} "));
    let dropped: f64 = dropped.expect("it is told").parse().expect("a number");
    assert!(dropped > 20_000.0, "{dropped}");
    let polls = |text: &str| {
        let polls = text.lines().find(|line| line.starts_with("storage_polls_total{"));
        polls.map(str::to_owned)
    };
    let second = exporter.metrics_when("huge", |text| polls(text) != polls(&first));
    assert_eq!(shown(&second), shown(&first));
}

#[test]
fn sigterm_in_the_middle_of_polls_and_scrapes_ends_with_status_0() {
    let (hangs, trickles) = (Cluster::start(Manner::Hangs), Cluster::start(Manner::Trickles));
    let mut exporter = Exporter::start(&[("hangs", "http", &hangs), ("trickles", "http", &trickles)], "");
    let clients = [
        b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
        b"GET /metrics HTTP/1.1\r\nHo",
        b"",
    ];
    let _clients = clients.map(|said| {
        let mut client = exporter.connect();
        client.write_all(said).expect("sent");
        client
    });
    exporter.metrics_when("hangs", |_| !hangs.seen().is_empty() && !trickles.seen().is_empty());
    assert_eq!(exporter.terminate(), Some(0));
}
