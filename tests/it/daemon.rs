//! The daemon as systemd and operators see it: a real process, its notifications and its signals.

use crate::port;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::net::UnixDatagram,
    path::Path,
    process::{Child, ChildStderr, Command, ExitStatus, Stdio},
    time::Duration,
};

/// A daemon without arrays, told to notify a socket of the test's.
struct Daemon {
    process: Child,
    log: BufReader<ChildStderr>,
    notifications: UnixDatagram,
    address: String,
    folder: tempfile::TempDir,
}

impl Daemon {
    fn start(flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("notify");
        let notifications = UnixDatagram::bind(&socket).expect("a socket");
        let patience = Some(Duration::from_mins(1));
        notifications.set_read_timeout(patience).expect("a time-out");
        let config = folder.path().join("config.toml");
        write_config(&config, "30s");
        let mut process = Command::new(env!("CARGO_BIN_EXE_replication_exporter"))
            .arg("--config.file")
            .arg(&config)
            .args(["--web.listen-address", port::ANY])
            .args(flags)
            .env_clear()
            .env("NOTIFY_SOCKET", &socket)
            .envs(environment.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut log = BufReader::new(process.stderr.take().expect("its log"));
        let address = port::from_log(&mut log);
        Self {
            process,
            log,
            notifications,
            address,
            folder,
        }
    }

    /// The next notification.
    fn heard(&self) -> String {
        let mut buffer = [0; 1024];
        let length = self.notifications.recv(&mut buffer).expect("a notification");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    }

    fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.process.id());
        let status = Command::new("sh").args(["-c", &command]).status().expect("a shell");
        assert!(status.success());
    }

    fn request(&self, method: &str, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// The end, with what was logged.
    fn stop(mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        assert_eq!(self.heard(), "STOPPING=1\n");
        let mut log = String::new();
        self.log.read_to_string(&mut log).expect("a log");
        (self.process.wait().expect("it ends"), log)
    }
}

fn write_config(path: &Path, interval: &str) {
    fs::write(
        path,
        format!("[poll]\ninterval = \"{interval}\"\nstate_file = \"facts.json\"\n"),
    )
    .expect("written");
}

#[test]
fn systemd_hears_of_the_start_of_reloads_and_of_the_end() {
    let daemon = Daemon::start(&[], &[]);
    assert_eq!(daemon.heard(), "READY=1\n");
    assert!(daemon.request("GET", "/-/healthy").starts_with("HTTP/1.1 200"));
    daemon.signal("HUP");
    let reloading = daemon.heard();
    let usec = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").expect("a time");
    assert!(usec.trim().parse::<u64>().is_ok_and(|usec| usec > 0), "{reloading}");
    assert_eq!(daemon.heard(), "READY=1\n");
    let (status, log) = daemon.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("configuration reloaded"), "{log}");
}

#[test]
fn the_watchdog_is_fed_while_the_ticker_is_alive() {
    let daemon = Daemon::start(&[], &[("WATCHDOG_USEC", "200000")]);
    assert_eq!(daemon.heard(), "READY=1\n");
    for _ in 0..3 {
        assert_eq!(daemon.heard(), "WATCHDOG=1\n");
    }
}

#[test]
fn a_hundred_hangups_do_no_harm() {
    let daemon = Daemon::start(&[], &[]);
    assert_eq!(daemon.heard(), "READY=1\n");
    let command = format!("for i in $(seq 100); do kill -HUP {}; done", daemon.process.id());
    let status = Command::new("sh").args(["-c", &command]).status().expect("a shell");
    assert!(status.success());
    assert!(daemon.heard().starts_with("RELOADING=1"));
    assert_eq!(daemon.heard(), "READY=1\n");
    assert!(daemon.request("GET", "/-/healthy").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_bad_file_is_told_in_the_answer_and_the_old_one_goes_on() {
    let daemon = Daemon::start(&["--web.enable-lifecycle"], &[]);
    assert_eq!(daemon.heard(), "READY=1\n");
    let config = daemon.folder.path().join("config.toml");
    write_config(&config, "canary");
    let answer = daemon.request("POST", "/-/reload");
    assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
    assert!(answer.contains("config.toml:2: poll.interval: "), "{answer}");
    assert!(!answer.contains("canary"), "{answer}");
    let metrics = daemon.request("GET", "/metrics");
    assert!(
        metrics.contains("replication_exporter_config_last_reload_successful 0\n"),
        "{metrics}"
    );
    write_config(&config, "31s");
    assert!(daemon.request("PUT", "/-/reload").starts_with("HTTP/1.1 200"));
    let metrics = daemon.request("GET", "/metrics");
    assert!(
        metrics.contains("replication_exporter_config_last_reload_successful 1\n"),
        "{metrics}"
    );
    assert!(daemon.request("GET", "/-/reload").starts_with("HTTP/1.1 405"));
}

#[test]
fn a_reload_over_http_is_forbidden_unless_enabled() {
    let daemon = Daemon::start(&[], &[]);
    assert_eq!(daemon.heard(), "READY=1\n");
    for method in ["POST", "PUT"] {
        assert!(daemon.request(method, "/-/reload").starts_with("HTTP/1.1 403"));
    }
}

#[test]
fn a_watched_file_is_reloaded_when_it_changes() {
    let mut daemon = Daemon::start(&["--config.auto-reload-interval=1s"], &[]);
    assert_eq!(daemon.heard(), "READY=1\n");
    write_config(&daemon.folder.path().join("config.toml"), "31s");
    assert!(daemon.heard().starts_with("RELOADING=1"));
    assert_eq!(daemon.heard(), "READY=1\n");
    let mut lines = daemon.log.by_ref().lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("configuration reloaded")));
}

#[test]
fn a_shard_that_is_none_is_wrong_usage() {
    for (flags, hostname) in [
        (&["--shard.count=3", "--shard.index=3"][..], "exporter-1"),
        (&["--shard.count=3"], "exporter"),
        (&["--shard.index=0"], "exporter-1"),
        (&["--shard.count=0"], "exporter-1"),
    ] {
        let status = Command::new(env!("CARGO_BIN_EXE_replication_exporter"))
            .args(flags)
            .env_clear()
            .env("HOSTNAME", hostname)
            .stderr(Stdio::null())
            .status()
            .expect("it starts");
        assert_eq!(status.code(), Some(2), "{flags:?}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
