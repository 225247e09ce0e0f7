//! What a scrape of 100,000 series costs the server, against serving one static buffer of the same bytes.
//!
//! `cargo bench --bench scrape` prints the ratio of CPU times and fails above the limit. The client is this program again,
//! in a process of its own, so that only the server's time is counted. Rounds alternate, so that a busy host hits both.

use bytes::Bytes;
use replication_exporter::{
    metrics::page::{Page, PageBuilder},
    model::Timestamp,
    server::{self, Exposition, Limits, Overview, Plain, Selection, UnknownArray},
};
use std::{
    fmt::Write as _,
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Command, ExitCode},
    sync::Arc,
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
    let real = real_series();
    let page = real.page(&Selection::All)?;
    let bytes: Bytes = page.frames.concat().into();
    let series = bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty() && line[0] != b'#')
        .count();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{series} series, {} bytes in {} frames",
        bytes.len(),
        page.frames.len()
    )?;
    let ratio = compare(real, Arc::new(Static(bytes)), &mut out)?;
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
fn compare(real: Arc<dyn Exposition>, fixed: Arc<dyn Exposition>, out: &mut impl Write) -> Result<f64, AnyError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let stop = CancellationToken::new();
    let mut addresses = Vec::new();
    for exposition in [real, fixed] {
        let listeners = runtime.block_on(server::bind(&["127.0.0.1:0".parse()?]))?;
        addresses.push(listeners[0].local_addr()?);
        let router = server::router(exposition, 0);
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

impl Exposition for Static {
    fn page(&self, _: &Selection) -> Result<Page, UnknownArray> {
        Ok(Page {
            frames: vec![self.0.clone()],
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

    fn overview(&self) -> Overview {
        no_overview()
    }
}

/// A stand-in for the store: segments of 60 families of 200 arrays, joined at each scrape.
struct Segments(Vec<Bytes>);

impl Exposition for Segments {
    fn page(&self, _: &Selection) -> Result<Page, UnknownArray> {
        let mut builder = PageBuilder::new();
        for segment in &self.0 {
            builder.push(segment);
        }
        Ok(builder.finish(0))
    }

    fn ready(&self) -> bool {
        true
    }

    fn generation(&self) -> u64 {
        0
    }

    fn overview(&self) -> Overview {
        no_overview()
    }
}

/// What is measured: 100,000 series.
fn real_series() -> Arc<dyn Exposition> {
    const SERIES_PER_SEGMENT: usize = 100_000 / (60 * 200) + 1;
    let mut segments = Vec::new();
    for family in 0..60 {
        let header = format!(
            "# HELP storage_replication_family_{family} Text.\n# TYPE storage_replication_family_{family} gauge\n"
        );
        segments.push(header.into());
        for array in 0..200 {
            let mut text = String::new();
            for id in 0..SERIES_PER_SEGMENT {
                let _ = writeln!(
                    text,
                    "storage_replication_family_{family}{{array=\"array-{array:04}\",relationship_id=\"1d6d0fa2-7e5e-4a0f-8f2b-{id:012}\",relationship=\"array-{array:04}:/home/{id}->peer:/home/{id}\",role=\"source\"}} {}",
                    1_745_334_600 + id,
                );
            }
            segments.push(text.into());
        }
    }
    Arc::new(Segments(segments))
}

/// The page that this does not measure.
fn no_overview() -> Overview {
    let epoch = Timestamp::from_unix_seconds(0.0).expect("a moment");
    Overview::new(epoch, Vec::new(), Vec::new())
}
