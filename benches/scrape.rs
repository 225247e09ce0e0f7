//! What a scrape of 100,000 series costs the server, against serving one static buffer of the same bytes.
//!
//! `cargo bench --bench scrape` prints the ratio of CPU times and fails above the limit. The client is this program again,
//! in a process of its own, so that only the server's time is counted. Rounds alternate, so that a busy host hits both.

use bytes::Bytes;
use replication_exporter::{
    clock::Clock,
    config::{ArrayConfig, Credentials, Extra, Polling, SecretRef, Trust},
    metrics::{Exposition, Inventory, Selection, UnknownArray, exporter::ExporterMetrics, page::Page},
    model::{
        Amounts, ArrayFacts, Condition, Description, Field, Job, JobResult, LastJob, Listing, Mode, Objective,
        Overview, Ratio, Readings, RelationshipKey, RelationshipReport, Role, Scope, SectionReport, StateWord,
        Timestamp,
    },
    server::{self, Limits, Offer, Plain, Web},
    source::{Poll, SectionOutcome, qumulo},
    store::Store,
};
use std::{
    collections::BTreeMap,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Command, ExitCode},
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// More than this many times the cost of a static buffer is a regression.
const LIMIT: f64 = 2.5;

const ROUNDS: usize = 8;
const SCRAPES_PER_ROUND: usize = 25;

/// Set for the process that is the client: the address to scrape.
const CLIENT: &str = "SCRAPE_BENCH_CLIENT";

type AnyError = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, AnyError> {
    if let Ok(address) = std::env::var(CLIENT) {
        scrape(address.parse()?)?;
        return Ok(ExitCode::SUCCESS);
    }
    // `cargo test --all-targets` runs this too; there it only has to compile.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }
    let real = real_series()?;
    let page = real.page(&Selection::All)?;
    let bytes: Bytes = page.segments.concat().into();
    let series = bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty() && line[0] != b'#')
        .count();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{series} series, {} bytes in {} segments",
        bytes.len(),
        page.segments.len()
    )?;
    let ratio = compare(Offer::of(real), Offer::of(Arc::new(Static(bytes))), &mut out)?;
    writeln!(
        out,
        "joined segments cost {ratio:.2} times the CPU of a static buffer (limit {LIMIT})"
    )?;
    Ok(if ratio > LIMIT {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Serves both and has them scraped in turn; the ratio of their CPU times.
fn compare(real: Offer, fixed: Offer, out: &mut impl Write) -> Result<f64, AnyError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stop = CancellationToken::new();
    let mut addresses = Vec::new();
    let web = Web::open(None)?;
    for offer in [real, fixed] {
        let listeners = runtime.block_on(server::bind(&["127.0.0.1:0".parse()?]))?;
        addresses.push(listeners[0].local_addr()?);
        let router = server::router(offer, &web);
        runtime.spawn(server::serve(listeners, Plain, router, Limits::default(), stop.clone()));
    }
    // The first round of each only warms up.
    let mut totals = [0.0; 2];
    for round in 0..=ROUNDS {
        for (&address, total) in addresses.iter().zip(&mut totals) {
            let before = cpu_seconds()?;
            run_client(address)?;
            if round > 0 {
                *total += cpu_seconds()? - before;
            }
        }
    }
    stop.cancel();
    let scrapes = (ROUNDS * SCRAPES_PER_ROUND) as f64;
    for (name, total) in ["joined segments", "static buffer"].iter().zip(totals) {
        writeln!(out, "{name}: {:.2} ms a scrape", total / scrapes * 1000.0)?;
    }
    Ok(totals[0] / totals[1])
}

fn run_client(address: SocketAddr) -> Result<(), AnyError> {
    let status = Command::new(std::env::current_exe()?)
        .env(CLIENT, address.to_string())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("the client failed: {status}").into())
    }
}

/// The client: identity scrapes over one connection.
fn scrape(address: SocketAddr) -> Result<(), AnyError> {
    let mut stream = TcpStream::connect(address)?;
    let mut buffer = vec![0; 1024 * 1024];
    for _ in 0..SCRAPES_PER_ROUND {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: bench\r\n\r\n")?;
        let mut filled = 0;
        let (length, read) = loop {
            let count = stream.read(&mut buffer[filled..])?;
            if count == 0 {
                return Err("closed before the end of the head".into());
            }
            filled += count;
            if let Some(end) = buffer[..filled].windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break (content_length(&buffer[..end])?, filled - end - 4);
            }
        };
        let mut left = length.checked_sub(read).ok_or("more than announced")?;
        while left > 0 {
            let count = stream.read(&mut buffer)?;
            if count == 0 {
                return Err("closed before the end of the page".into());
            }
            left = left.checked_sub(count).ok_or("more than announced")?;
        }
    }
    Ok(())
}

fn content_length(head: &[u8]) -> Result<usize, AnyError> {
    let head = std::str::from_utf8(head)?.to_ascii_lowercase();
    if !head.starts_with("http/1.1 200") {
        return Err(head.into());
    }
    let value = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    Ok(value.ok_or("no content-length")?.parse()?)
}

/// CPU time of every thread of this process so far, to the nanosecond. Threads of the runtime live until its end.
fn cpu_seconds() -> Result<f64, AnyError> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir("/proc/self/task")? {
        let schedstat = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += schedstat.split(' ').next().unwrap_or_default().parse::<u64>()?;
    }
    Ok(nanoseconds as f64 / 1e9)
}

/// One buffer, ready to be sent: what no exposition can beat.
struct Static(Bytes);

impl Inventory for Static {
    fn names(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

impl Exposition for Static {
    fn page(&self, _: &Selection) -> Result<Page, UnknownArray> {
        Ok(Page {
            segments: vec![self.0.clone()],
            generation: 0,
            valid_until: None,
        })
    }

    fn ready(&self) -> bool {
        true
    }

    fn generation(&self) -> u64 {
        0
    }

    fn overview(&self, _: &Scope) -> Result<Overview, UnknownArray> {
        Ok(no_overview())
    }
}

/// How many arrays, and how many relationships each of them has: at 35 series each, their jobs running, and what an array has of its own.
const ARRAYS: usize = 50;
const RELATIONSHIPS: usize = 56;

/// What is measured: 100,000 series of the real store, as polls of arrays with running jobs leave it.
fn real_series() -> Result<Arc<Store>, AnyError> {
    let clock = Clock::host();
    let store = Store::new(clock, ExporterMetrics::new(clock.now())?);
    for number in 0..ARRAYS {
        let slot = store.add(Arc::new(array(number)?), ArrayFacts::default());
        let relationships = (0..RELATIONSHIPS)
            .map(|id| relationship(number, id, clock.now()))
            .collect();
        let report = SectionReport {
            listing: Listing::Complete,
            roles: &[Role::Source],
            relationships,
            ..SectionReport::default()
        };
        let listed = SectionOutcome {
            section: qumulo::REPLICATION_SOURCE,
            duration: Duration::from_millis(20),
            result: Ok(report),
        };
        slot.publish(Poll {
            sections: vec![listed],
            certificate_expiry: Some(clock.now()),
        });
    }
    Ok(Arc::new(store))
}

fn array(number: usize) -> Result<ArrayConfig, AnyError> {
    Ok(ArrayConfig {
        name: format!("array-{number:04}").into(),
        vendor: replication_exporter::source::qumulo::VENDOR,
        urls: vec!["https://array.example:8000".parse()?],
        credentials: Credentials::Token(SecretRef::Environment("TOKEN".into())),
        trust: Trust::default(),
        polling: Polling {
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            stale_after: Duration::from_hours(1),
            forget_after: None,
            max_body: 1 << 24,
            max_series: 100_000,
        },
        sections: replication_exporter::source::qumulo::VENDOR.sections(),
        labels: BTreeMap::new(),
        objective: Objective {
            overrides: vec![],
            default_seconds: Some(3600.0),
        },
        extra: Extra::default(),
    })
}

fn relationship(number: usize, id: usize, now: Timestamp) -> RelationshipReport {
    const STATES: &[&str] = &[
        "awaiting_authorization",
        "disconnected",
        "disconnecting",
        "ended",
        "established",
        "unknown",
    ];
    let amounts = Amounts {
        transferred: Some(1 << 30),
        unchanged: Some(1 << 34),
        remaining: Some(1 << 29),
        deleted: Some(0),
        total: Some(1 << 35),
    };
    let job = Job {
        start: Some(now.plus_seconds(-600.0)),
        progress: Ratio::from_percent(37.5),
        remaining_seconds: Some(1000.0),
        bytes: amounts,
        files: amounts,
        throughput_bytes_per_second: Some(1e8),
        recent_throughput_bytes_per_second: Some(1.1e8),
    };
    let readings = Readings {
        condition: Some(Condition::Replicating),
        state: Some(StateWord::among(STATES, "ESTABLISHED")),
        enabled: Some(true),
        target_writable: Some(false),
        queued_snapshots: Some(2),
        blackout: Some(false),
        job_running: Some(true),
        job: Some(job),
        ..Readings::default()
    };
    let path = format!("/data/projects/{id:04}");
    let (here, there) = (format!("array-{number:04}"), format!("peer-{number:04}"));
    RelationshipReport {
        description: Some(Description {
            relationship: format!("{here}:{path}->{there}:/replicas{path}"),
            pair: format!("pair-{number}-{id}"),
            mode: Mode::SnapshotPolicyWithContinuous,
            peer_system_id: String::new(),
            source_system: here,
            source_object: path.clone(),
            target_system: there,
            target_object: format!("/replicas{path}"),
        }),
        recovery_point: Field::Is(now.plus_seconds(-1_800.123_456_789)),
        last_job: LastJob {
            result: Field::Is(JobResult::Success),
            duration_seconds: Field::Is(123.456),
            ..LastJob::default()
        },
        readings,
        ..RelationshipReport::new(RelationshipKey::new(
            format!("1d6d0fa2-7e5e-4a0f-{number:04}-{id:012}"),
            Role::Source,
        ))
    }
}

/// The page that this does not measure.
fn no_overview() -> Overview {
    let epoch = Timestamp::from_unix_seconds(0.0).expect("a moment");
    Overview::new(epoch, Vec::new(), Vec::new())
}
