//! The whole process where it may open few files: what it raises itself, and what a shortage is called.

use super::{
    exporter::{Exporter, PROGRAM, config},
    server::{Cluster, Manner},
};
use std::{process::Command, thread};

/// The program under these limits of open files.
fn limited(limits: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{limits}; exec \"$0\" \"$@\""), PROGRAM]);
    command
}

#[test]
fn a_soft_limit_of_open_files_is_raised_to_what_is_needed() {
    let cluster = Cluster::start(Manner::Well);
    let exporter = Exporter::with(&config(&[("a", "http", &cluster)], ""), limited("ulimit -Sn 100"));
    let limits = exporter.of_process("limits");
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft: u64 = line
        .and_then(|line| line.split_whitespace().nth(3)?.parse().ok())
        .expect("a limit");
    assert!(soft > 512, "all clients and arrays: {limits}");
    assert!(!exporter.log().contains("too few files"), "{}", exporter.log());
}

/// Ninety arrays would take all of 48 files, if they were not made to wait for each other.
#[test]
fn arrays_leave_the_listener_its_share_of_descriptors() {
    let all: Vec<(String, Cluster)> = (0..90)
        .map(|number| (format!("a{number}"), Cluster::start(Manner::Hangs)))
        .collect();
    let clusters: Vec<(&str, &str, &Cluster)> = all.iter().map(|(name, cluster)| (&**name, "http", cluster)).collect();
    let mut exporter = Exporter::with(&config(&clusters, ""), limited("ulimit -n 48"));
    exporter.metrics_when("a0", |_| {
        all.iter().filter(|(_, cluster)| !cluster.seen().is_empty()).count() >= 45
    });
    let log = exporter.log();
    assert!(log.contains("may open too few files"), "{log}");
    assert!(!log.contains("cannot accept connections"), "{log}");
}

#[test]
fn a_shortage_of_descriptors_is_told_at_the_start_and_never_as_refused_credentials() {
    let all: Vec<(String, Cluster)> = (0..40)
        .map(|number| (format!("a{number}"), Cluster::start(Manner::Hangs)))
        .collect();
    let clusters: Vec<(&str, &str, &Cluster)> = all.iter().map(|(name, cluster)| (&**name, "http", cluster)).collect();
    let exporter = Exporter::with(&config(&clusters, ""), limited("ulimit -n 18"));
    assert!(exporter.log().contains("may open too few files"), "{}", exporter.log());
    while !exporter.log().contains("the exporter may open no more files") {
        thread::yield_now();
    }
    let log = exporter.log();
    assert!(!log.contains("reason=auth"), "{log}");
}
