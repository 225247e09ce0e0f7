//! The real process against clusters that a test made: its configuration, its log, its pages, its memory.

use super::server::Cluster;
use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

pub(crate) struct Exporter {
    child: Child,
    address: String,
    log: Arc<Mutex<String>>,
    _folder: tempfile::TempDir,
}

impl Exporter {
    /// Polls these clusters, by name and scheme, every four seconds: time enough for a busy machine.
    pub(crate) fn start(clusters: &[(&str, &str, &Cluster)], settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
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
        let file = folder.path().join("config.toml");
        fs::write(&file, text).expect("a configuration");
        let mut child = Command::new(env!("CARGO_BIN_EXE_replication_exporter"))
            .args(["--web.listen-address", "127.0.0.1:0", "--config.file"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log"))
            .lines()
            .map_while(Result::ok);
        let mut log = String::new();
        let address = loop {
            let line = lines
                .next()
                .unwrap_or_else(|| panic!("it ended before it served: {log}"));
            log += &line;
            log.push('\n');
            if line.contains("msg=serving") {
                break word_after(&line, " listen=").to_owned();
            }
        };
        let log = Arc::new(Mutex::new(log));
        let rest = Arc::clone(&log);
        thread::spawn(move || {
            for line in lines {
                let mut log = rest.lock().expect("a log");
                log.push_str(&line);
                log.push('\n');
            }
        });
        Self {
            child,
            address,
            log,
            _folder: folder,
        }
    }

    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
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
        loop {
            let text = self.get(&format!("/metrics?array={array}"));
            if text.lines().any(|line| line.starts_with(beginning)) {
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

    /// A line of /proc/PID/status, in KiB.
    pub(crate) fn memory_kib(&self, line: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("its status");
        word_after(&status, line).parse().expect("a number")
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
