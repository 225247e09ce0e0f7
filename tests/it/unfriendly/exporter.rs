//! The real process against clusters that a test made: its configuration, its log, its pages, its memory.

use super::server::Cluster;
use crate::port;
use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_replication_exporter");

/// A configuration for these clusters, by name and scheme.
pub(crate) fn config(clusters: &[(&str, &str, &Cluster)], settings: &str) -> String {
    let mut text = format!("[poll]\ninterval = \"4s\"\ntimeout = \"2s\"\n{settings}\n");
    for (name, scheme, cluster) in clusters {
        let plaintext = if *scheme == "http" {
            "allow_plaintext = true\n"
        } else {
            ""
        };
        let url = format!("{scheme}://{}", cluster.address);
        write!(
            text,
            "[[qumulo]]\nname = \"{name}\"\nurl = \"{url}\"\n{plaintext}token = \"canary-{name}\"\n"
        )
        .expect("text");
    }
    text
}

pub(crate) struct Exporter {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
    deaf: Arc<AtomicBool>,
    folder: tempfile::TempDir,
}

impl Exporter {
    /// Polls these clusters, by name and scheme, every four seconds: time enough for a busy machine.
    pub(crate) fn start(clusters: &[(&str, &str, &Cluster)], settings: &str) -> Self {
        Self::with(&config(clusters, settings), Command::new(PROGRAM))
    }

    /// With this configuration; `command` is the program, or what starts it.
    pub(crate) fn with(config: &str, mut command: Command) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("config.toml");
        fs::write(&file, config).expect("a configuration");
        let mut child = command
            .args(["--web.listen-address", port::ANY, "--config.file"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log"));
        let mut log = String::new();
        let address = loop {
            let before = log.len();
            assert_ne!(
                lines.read_line(&mut log).expect("its log"),
                0,
                "it ended before it served: {log}"
            );
            if let Some(address) = port::in_line(&log[before..]) {
                break address.to_owned();
            }
        };
        let log = Arc::new(Mutex::new(log));
        let (rest, deaf) = (Arc::clone(&log), Arc::<AtomicBool>::default());
        let is_deaf = Arc::clone(&deaf);
        thread::spawn(move || {
            let mut line = String::new();
            while !is_deaf.load(Ordering::Relaxed) && lines.read_line(&mut line).is_ok_and(|read| read > 0) {
                rest.lock().expect("a log").push_str(&line);
                line.clear();
            }
        });
        Self {
            child,
            address,
            log,
            deaf,
            folder,
        }
    }

    /// Writes another configuration, which nobody reads before the next reload.
    pub(crate) fn configure(&self, config: &str) {
        fs::write(self.folder.path().join("config.toml"), config).expect("a configuration");
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).expect("a connection")
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().expect("kill");
        assert!(sent.success());
    }

    /// From its next line on nobody reads its log: the pipe is closed.
    pub(crate) fn close_log(&self) {
        self.deaf.store(true, Ordering::Relaxed);
    }

    /// Its status after SIGTERM.
    pub(crate) fn terminate(&mut self) -> Option<i32> {
        self.signal("-TERM");
        self.child.wait().expect("it ends").code()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it ends");
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = self.connect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// The series of one array, once they hold a line that begins so.
    pub(crate) fn metrics_with(&mut self, array: &str, beginning: &str) -> String {
        self.metrics_when(array, |text| text.lines().any(|line| line.starts_with(beginning)))
    }

    /// The series of one array, once they are so.
    pub(crate) fn metrics_when(&mut self, array: &str, is_so: impl Fn(&str) -> bool) -> String {
        loop {
            let text = self.get(&format!("/metrics?array={array}"));
            if is_so(&text) {
                return text;
            }
            let ended = self.child.try_wait().expect("its status");
            assert_eq!(ended, None, "it ended too early: {}", self.log());
            thread::yield_now();
        }
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("a log").clone()
    }

    /// A file of /proc/PID.
    pub(crate) fn of_process(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("it runs")
    }

    /// A line of /proc/PID/status, in KiB.
    pub(crate) fn memory_kib(&self, line: &str) -> u64 {
        word_after(&self.of_process("status"), line).parse().expect("a number")
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn word_after<'a>(text: &'a str, before: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before:?} in {text}"));
    rest.split_whitespace().next().unwrap_or_default()
}
