//! The real program: what it does with signals, with a wrong configuration, and what it prints.

use crate::port;
use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_replication_exporter");

/// A running program, killed when it is dropped.
struct Running {
    child: Child,
    output: Option<BufReader<std::process::ChildStdout>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let output = child.stdout.take().map(BufReader::new);
        Self { child, output }
    }

    /// A daemon, and where it listens.
    fn daemon(arguments: &[&str]) -> (Self, String) {
        let mut child = Command::new(PROGRAM)
            .args(arguments)
            .args(["--web.listen-address", port::ANY])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut log = BufReader::new(child.stderr.take().expect("its log"));
        let address = port::from_log(&mut log);
        // Nobody reads on, and a full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        (Self { child, output: None }, address)
    }

    /// Reads its output up to the line that begins with `text`.
    fn wait_for(&mut self, text: &str) -> String {
        let output = self.output.as_mut().expect("its output");
        let mut line = String::new();
        while !line.trim_start().starts_with(text) {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).expect("its output"),
                0,
                "it ended before {text:?}"
            );
        }
        line.trim().to_owned()
    }

    /// Whether it still runs; a loop that waits for something asks this, so that it ends.
    fn must_run(&mut self) {
        let ended = self.child.try_wait().expect("its status");
        assert_eq!(ended, None, "it ended too early");
        std::thread::yield_now();
    }

    /// Ends it as a crash would.
    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it ends");
    }

    fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        assert!(killed.success());
        self.child.wait().expect("it ends").code()
    }
}

fn run(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn get(address: &str, path: &str) -> String {
    use std::io::Write;
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn the_demo_works_and_sigterm_ends_it_with_status_0() {
    let mut demo = Running::start(&["demo", "--listen", port::ANY, "--web.listen-address", port::ANY]);
    let page = demo.wait_for("status page");
    let address = page
        .split("http://")
        .nth(1)
        .expect("a URL")
        .trim_end_matches('/')
        .to_owned();
    assert!(!address.ends_with(":0"), "{page}");
    let line = demo.wait_for("configuration");
    demo.wait_for("The folder");
    let folder = line
        .split_whitespace()
        .nth(1)
        .map(Path::new)
        .and_then(Path::parent)
        .expect("a folder")
        .to_owned();
    assert!(folder.join("ca.pem").exists());
    // Every array is tried within its interval of 2 s; the loop ends as soon as that is so.
    while !get(&address, "/-/ready").starts_with("HTTP/1.1 200") {
        demo.must_run();
    }
    let metrics = get(&address, "/metrics");
    assert!(metrics.contains("\nstorage_replication_lag_seconds{"), "{metrics}");
    let down = metrics
        .lines()
        .filter(|line| line.starts_with("storage_array_up{") && line.ends_with(" 0"));
    assert_eq!(down.count(), 0, "{metrics}");
    assert!(get(&address, "/").contains("<html"));
    assert_eq!(demo.terminate(), Some(0));
    assert!(!folder.exists(), "the demo cleans up after itself");
}

#[test]
fn sigterm_ends_a_daemon_whose_array_hangs() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let array = format!(
        "[[qumulo]]\nname = \"silent\"\nurl = \"http://{}\"\nallow_plaintext = true\ntoken = \"canary\"\ninterval = \"1s\"\n",
        silent.local_addr().expect("an address")
    );
    std::fs::write(&file, array).expect("a configuration");
    let file = file.to_string_lossy();
    let (daemon, address) = Running::daemon(&["--config.file", &file]);
    // The array has been dialled, so a poll hangs.
    let _connection = silent.accept().expect("a dial");
    let metrics = get(&address, "/metrics");
    assert!(metrics.contains("\nstorage_array_up{array=\"silent\"} 0"), "{metrics}");
    assert!(!metrics.contains("canary"));
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn running_out_of_descriptors_is_told_once_costs_no_spin_and_heals() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "").expect("a configuration");
    let mut child = Command::new(PROGRAM)
        .args(["--web.listen-address", port::ANY, "--config.file"])
        .arg(&file)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut log = BufReader::new(child.stderr.take().expect("its log"));
    let address = port::from_log(&mut log);
    let running = Running { child, output: None };
    // Only now, or it would divide them: what it did not reckon with takes the rest.
    let taken = Command::new("prlimit")
        .args(["--nofile=40:40", "--pid", &running.child.id().to_string()])
        .status();
    assert!(taken.expect("prlimit runs").success());
    // Reads the log up to this text, and gives it.
    let mut log_until = |text: &str| {
        let mut said = String::new();
        while !said.contains(text) {
            assert_ne!(
                log.read_line(&mut said).expect("its log"),
                0,
                "it ended before {text:?}: {said}"
            );
        }
        said
    };
    // In hundredths of a second.
    let processor_time = |pid: u32| -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("its statistics");
        let fields = stat.rsplit(')').next().expect("fields").split_whitespace();
        let times = fields.skip(11).take(2);
        times.map(|time| time.parse::<u64>().expect("a time")).sum()
    };
    let crowd: Vec<_> = (0..60)
        .map(|_| std::net::TcpStream::connect(&address).expect("the kernel's queue has room"))
        .collect();
    log_until("cannot accept connections");
    let before = processor_time(running.child.id());
    // Until it cuts the first one, for saying nothing in ten seconds: then there is a descriptor again.
    let _ = (&crowd[0]).read_to_end(&mut Vec::new());
    let said = log_until("accepting connections again");
    // Ten seconds have passed, all of which a loop that asks again and again uses.
    let used = processor_time(running.child.id()) - before;
    assert!(used < 300, "{used} hundredths of a second");
    assert!(!said.contains("cannot accept"), "told more than once: {said}");
    drop(crowd);
    assert!(get(&address, "/-/healthy").starts_with("HTTP/1.1 200"));
}

#[test]
fn facts_outlive_a_crash_during_an_outage_of_the_array() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let state_file = folder.path().join("facts.json");
    let config = file.to_str().expect("UTF-8");
    let mut arrays = Running::start(&["simulate", "--listen", "127.0.0.1:0", "--config.out", config]);
    arrays.wait_for("configuration:");
    let text = std::fs::read_to_string(&file).expect("a configuration");
    let poll = format!("[poll]\ninterval = \"1s\"\nstate_file = \"{}\"\n", state_file.display());
    std::fs::write(&file, poll + &text).expect("a configuration");

    let (mut before_the_crash, address) = Running::daemon(&["--config.file", config]);
    while !std::fs::read_to_string(&state_file).is_ok_and(|text| text.contains("/home")) {
        before_the_crash.must_run();
    }
    let before = get(&address, "/metrics");
    before_the_crash.kill();
    arrays.kill();

    let (_after_the_crash, address) = Running::daemon(&["--config.file", config]);
    let after = get(&address, "/metrics");
    let home = |text: &str, family: &str| -> f64 {
        let line = text
            .lines()
            .find(|line| line.starts_with(family) && line.contains("nyc-prod\",") && line.contains(":/home->"));
        line.and_then(|line| line.rsplit(' ').next())
            .and_then(|value| value.parse().ok())
            .expect(family)
    };
    let recovery_point = "storage_replication_recovery_point_timestamp_seconds";
    let lag = "storage_replication_lag_seconds";
    assert!((home(&after, recovery_point) - home(&before, recovery_point)).abs() < f64::EPSILON);
    assert!(home(&after, lag) > home(&before, lag), "it went on growing meanwhile");
    assert!(after.contains("\nstorage_array_up{array=\"nyc-prod\"} 0"), "{after}");
    assert!(
        !after.contains("\nstorage_replication_state{"),
        "readings of the former run are not shown"
    );
}

/// A secret as it stands, and as it would look in a header or a URL.
fn forms(secret: &str, user: &str) -> Vec<String> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let mut forms = vec![
        secret.to_owned(),
        STANDARD.encode(secret),
        STANDARD.encode(format!("{user}:{secret}")),
    ];
    let encoded = secret.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => (byte as char).to_string(),
        other => format!("%{other:02X}"),
    });
    forms.push(encoded.collect());
    forms
}

#[test]
fn no_secret_is_in_the_log_at_any_level_nor_on_any_page_nor_among_the_arguments() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let config = file.to_str().expect("UTF-8");
    let mut simulate = vec!["simulate", "--listen", port::ANY, "--config.out", config];
    // One of each vendor says in its errors what it was sent.
    simulate.extend([
        "--fault",
        "quotes:sfo-dr",
        "--fault",
        "quotes:k2-ams",
        "--fault",
        "quotes:em1",
    ]);
    let mut arrays = Running::start(&simulate);
    arrays.wait_for("configuration:");
    let text = std::fs::read_to_string(&file).expect("a configuration");
    std::fs::write(&file, "[poll]\ninterval = \"2s\"\n".to_owned() + &text).expect("a configuration");
    let secrets: Vec<String> = std::fs::read_dir(folder.path())
        .expect("the folder")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| kind == "token" || kind == "password")
        })
        .flat_map(|path| forms(std::fs::read_to_string(path).expect("a secret").trim(), "monitor"))
        .collect();
    assert!(secrets.len() >= 4 * 5, "every array has one");

    let log = folder.path().join("log");
    let mut command = Command::new(PROGRAM);
    command.args([
        "--config.file",
        config,
        "--web.listen-address",
        port::ANY,
        "--log.level",
        "trace,tokio=off,runtime=off",
    ]);
    let stderr = std::fs::File::create(&log).expect("a log");
    let child = command
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .expect("the daemon starts");
    let mut daemon = Running { child, output: None };
    let (mut address, mut pages) = (String::new(), String::new());
    while !pages.starts_with("HTTP/1.1 200") {
        daemon.must_run();
        let said = std::fs::read_to_string(&log).expect("a log");
        if let Some(found) = said.lines().find_map(port::in_line) {
            found.clone_into(&mut address);
            pages = get(&address, "/-/ready");
        }
    }
    for path in ["/metrics", "/", "/api/v1/status", "/sd"] {
        pages += &get(&address, path);
    }
    let arguments = std::fs::read(format!("/proc/{}/cmdline", daemon.child.id())).expect("its arguments");
    daemon.terminate();
    let log = std::fs::read_to_string(&log).expect("the log");
    assert!(log.contains("level=trace"), "the log is as loud as it gets");
    for secret in secrets {
        assert!(!log.contains(&secret), "in the log");
        assert!(!pages.contains(&secret), "on a page");
        assert!(
            !String::from_utf8_lossy(&arguments).contains(&secret),
            "among the arguments"
        );
    }
}

#[test]
fn a_wrong_configuration_is_status_2_with_every_problem() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[poll]\nintervall = \"30s\"\n\n[[qumulo]]\nname = \"a b\"\n").expect("a configuration");
    for arguments in [vec!["--config.check"], vec![]] {
        let mut all = vec!["--config.file", file.to_str().expect("UTF-8")];
        all.extend(arguments);
        let output = run(&all);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        for problem in [
            ":2: poll.intervall: ",
            ":5: qumulo[0].name: ",
            ":4: qumulo[0]: `url` is missing",
        ] {
            assert!(said.contains(problem), "{problem} in {said}");
        }
    }
}

#[test]
fn config_check_reads_the_secrets_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("config.toml");
    let text = "[[qumulo]]\nname = \"nyc\"\nurl = \"https://nyc.example.com:8000\"\ntoken_file = \"token\"\n";
    std::fs::write(&file, text).expect("a configuration");
    let arguments = ["--config.check", "--config.file", file.to_str().expect("UTF-8")];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&output.stdout).contains(":4: qumulo[0].token_file: "),
        "{output:?}"
    );
    std::fs::write(folder.path().join("token"), "secret\n").expect("a secret");
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(!format!("{output:?}").contains("secret\""));
}

#[test]
fn the_catalogue_is_printed_for_people_and_for_programs() {
    let output = run(&["catalogue", "--format", "json"]);
    let families: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let names = families
        .as_array()
        .expect("an array")
        .iter()
        .filter_map(|family| family["name"].as_str());
    assert!(names.into_iter().any(|name| name == "storage_replication_lag_seconds"));
    assert!(String::from_utf8_lossy(&run(&["catalogue"]).stdout).starts_with("# Metrics"));
}
