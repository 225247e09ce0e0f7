//! The real process where files and pipes fail: a full disk, a folder that cannot be written, a log that nobody reads, a crash.

use super::{
    exporter::{Exporter, PROGRAM, config},
    server::{Cluster, Manner},
};
use replication_exporter::clock::Clock;
use std::{fs, process::Command};

const WRITTEN: &str = "replication_exporter_state_file_last_write_successful 1";
const UNWRITTEN: &str = "replication_exporter_state_file_last_write_successful 0";

#[test]
fn a_state_file_that_cannot_be_written_costs_no_scrape_and_no_file() {
    let cluster = Cluster::start(Manner::Well);
    // Nobody may make a file there, not even root.
    let text = config(&[("calm", "http", &cluster)], "state_file = \"/proc/self/facts.json\"");
    let mut exporter = Exporter::with(&text, Command::new(PROGRAM));
    exporter.metrics_with("calm", "storage_replication_lag_seconds{");
    exporter.metrics_with("_exporter", UNWRITTEN);
    assert!(exporter.get("/-/healthy").starts_with("HTTP/1.1 200"));
    assert_eq!(exporter.terminate(), Some(0));
}

#[test]
fn a_disk_that_fills_up_leaves_the_last_whole_state_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let state_file = folder.path().join("facts.json");
    let cluster = Cluster::start(Manner::Well);
    let settings = format!("state_file = \"{}\"", state_file.display());
    let text = config(&[("calm", "http", &cluster)], &settings);
    let mut before = Exporter::with(&text, Command::new(PROGRAM));
    before.metrics_with("_exporter", WRITTEN);
    before.metrics_with("calm", "storage_replication_lag_seconds{");
    assert_eq!(before.terminate(), Some(0));
    let whole = fs::read(&state_file).expect("a state file");
    assert!(whole.len() > 1024);

    // A write beyond the limit fails, after a part of it was written: as on a full disk.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec prlimit --fsize=1024 \"$0\" \"$@\"", PROGRAM]);
    let another = Cluster::start(Manner::Well);
    let text = config(&[("calm", "http", &cluster), ("another", "http", &another)], &settings);
    let mut full = Exporter::with(&text, command);
    full.metrics_with("another", "storage_replication_lag_seconds{");
    full.metrics_with("_exporter", UNWRITTEN);
    assert_eq!(full.terminate(), Some(0));
    assert_eq!(fs::read(&state_file).expect("a state file"), whole, "byte for byte");
    let files: Vec<_> = fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("a file").file_name())
        .collect();
    assert!(
        files.iter().all(|name| !name.to_string_lossy().contains("tmp")),
        "{files:?}"
    );
}

#[test]
fn a_log_that_nobody_reads_any_more_stops_nothing() {
    let cluster = Cluster::start(Manner::Well);
    let mut exporter = Exporter::start(&[("calm", "http", &cluster)], "");
    exporter.metrics_with("calm", "storage_replication_lag_seconds{");
    exporter.close_log();
    let polled = cluster.seen().len();
    for _ in 0..20 {
        // Each is a line of the log, at least.
        exporter.signal("-HUP");
        assert!(exporter.get("/metrics").starts_with("HTTP/1.1 200"));
    }
    exporter.metrics_when("calm", |_| cluster.seen().len() > polled);
    assert_eq!(exporter.terminate(), Some(0));
}

#[test]
fn lag_grows_by_the_time_that_an_exporter_was_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = Cluster::start(Manner::Well);
    let state_file = folder.path().join("facts.json");
    let settings = format!("state_file = \"{}\"", state_file.display());
    let text = config(&[("calm", "http", &cluster)], &settings);
    let mut before = Exporter::with(&text, Command::new(PROGRAM));
    before.metrics_with("calm", "storage_replication_lag_seconds{");
    before.metrics_when("_exporter", |_| {
        fs::read_to_string(&state_file).is_ok_and(|text| text.contains("/home"))
    });
    before.kill();
    // The array is away now, so all that is known is what was written.
    let gone = Cluster::start(Manner::Resets);
    let mut after = Exporter::with(&config(&[("calm", "http", &gone)], &settings), Command::new(PROGRAM));
    let from = Clock::host().now().unix_seconds();
    let text = after.metrics_with("calm", "storage_replication_lag_seconds{");
    let until = Clock::host().now().unix_seconds();
    let values = |family: &str| -> Vec<(String, f64)> {
        let lines = text
            .lines()
            .filter_map(|line| line.strip_prefix(family)?.rsplit_once(' '));
        lines
            .map(|(labels, value)| (labels.to_owned(), value.parse().expect("a number")))
            .collect()
    };
    let points = values("storage_replication_recovery_point_timestamp_seconds{");
    let lags = values("storage_replication_lag_seconds{");
    assert!(!lags.is_empty());
    for (labels, lag) in lags {
        let (_, point) = points.iter().find(|(of, _)| *of == labels).expect("its recovery point");
        // The lag is moved once a second, on a busy machine a little less often.
        let (least, most) = (from - point - 5.0, until - point + 1.0);
        assert!((least..=most).contains(&lag), "{labels}: {lag}, not {least} to {most}");
    }
}
