//! A server over a fake exposition, and a client that sees every byte.

use bytes::Bytes;
use flate2::read::GzDecoder;
use replication_exporter::{
    metrics::{
        Exposition, Inventory, Selection, UnknownArray,
        page::{Page, PageBuilder},
    },
    model::{
        Description, Exemption, History, LastJobFacts, Lasting, Mode, Overview, RecoveryPoint, RelationshipKey, Role,
        Scope, Standing, Timestamp, View,
    },
    server::{self, Limits, Offer, Plain, Web},
};
use std::{
    io::Read,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// More than the kernel's socket buffers hold, so that a client that does not read stops the answer half-way.
pub(super) const ENDLESS: usize = 64 * 1024 * 1024;

#[derive(Default)]
pub(super) struct Fake {
    /// Repeats a segment up to this size.
    pub(super) size: usize,
    pub(super) ready: AtomicBool,
    pub(super) generation: AtomicU64,
    pub(super) lifetime: Option<Duration>,
    pub(super) pages_made: AtomicUsize,
}

impl Inventory for Fake {
    fn names(&self) -> Vec<Arc<str>> {
        vec!["nyc".into()]
    }
}

impl Exposition for Fake {
    fn page(&self, selection: &Selection) -> Result<Page, UnknownArray> {
        self.pages_made.fetch_add(1, Ordering::SeqCst);
        let generation = self.generation();
        let mut builder = PageBuilder::new();
        if let Selection::Only { arrays, exporter } = selection {
            for name in arrays {
                if name != "nyc" {
                    return Err(UnknownArray(name.clone()));
                }
                builder.push(&Bytes::from_static(b"storage_array_up{array=\"nyc\"} 1\n"));
            }
            if *exporter {
                builder.push(&Bytes::from_static(b"process_open_fds 7\n"));
            }
            return Ok(builder.finish(generation));
        }
        if let Some(lifetime) = self.lifetime {
            builder.expires_at(Instant::now() + lifetime);
        }
        let lines: Vec<String> = (0..2000).map(|n| format!("line {n} of {generation}\n")).collect();
        let segment: Bytes = lines.concat().into();
        let mut size = 0;
        while size <= self.size {
            builder.push(&segment);
            size += segment.len();
        }
        Ok(builder.finish(generation))
    }

    fn ready(&self) -> bool {
        self.ready.load(Ordering::SeqCst)
    }

    fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    fn overview(&self, scope: &Scope) -> Result<Overview, UnknownArray> {
        if let Scope::Arrays(names) = scope
            && let Some(unknown) = names.iter().find(|name| *name != "nyc")
        {
            return Err(UnknownArray(unknown.clone()));
        }
        let view = View {
            array: "nyc".into(),
            vendor: "qumulo",
            key: RelationshipKey::new("id", Role::Source),
            description: Description {
                relationship: "nyc:/<home>->ams:/home".to_owned(),
                pair: "id".to_owned(),
                mode: Mode::Continuous,
                peer_system_id: String::new(),
                source_system: "nyc".to_owned(),
                source_object: "/<home>".to_owned(),
                target_system: "ams".to_owned(),
                target_object: "/home".to_owned(),
            },
            interval_seconds: 30.0,
            read_at: None,
            lasting: Lasting {
                standing: (Standing::Unknown, Timestamp::from_unix_seconds(0.0).expect("a time")),
                recovery_point_in_future: None,
                no_recovery_point_since: None,
                counted_lag_seconds: None,
                recovery_point: RecoveryPoint::Unknown,
                recovery_point_seen: None,
                recovery_point_read: None,
                lag_seconds: None,
                objective_seconds: Some(3600.0),
                exemption: Exemption::None,
                blackout_until: None,
                breach_seconds: 0.0,
                health: None,
                last_job: LastJobFacts::default(),
                history: History::default(),
            },
            present: None,
        };
        let now = Timestamp::from_unix_seconds(1_800_000_000.0).expect("a time");
        let is_asked = *scope != Scope::Pair("nonsense".to_owned());
        let views = if is_asked { vec![view] } else { Vec::new() };
        Ok(Overview::new(now, Vec::new(), views))
    }
}

pub(super) struct Running {
    pub(super) address: SocketAddr,
    pub(super) stop: CancellationToken,
    pub(super) served: JoinHandle<()>,
}

pub(super) async fn start(fake: &Arc<Fake>, max_requests: usize, limits: Limits) -> Running {
    let listeners = server::bind(&["127.0.0.1:0".parse().expect("an address")])
        .await
        .expect("a free port");
    let address = listeners[0].local_addr().expect("an address");
    let offer = Offer {
        max_requests,
        ..Offer::of(fake.clone())
    };
    let router = server::router(offer, &Web::open(None).expect("no protection"));
    let stop = CancellationToken::new();
    let served = tokio::spawn(server::serve(listeners, Plain, router, limits, stop.clone()));
    Running { address, stop, served }
}

pub(super) async fn start_default(fake: &Arc<Fake>) -> Running {
    start(fake, 40, Limits::default()).await
}

pub(super) struct Answer {
    pub(super) head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn status(&self) -> u16 {
        self.head[9..12].parse().expect("a status")
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(super) fn gunzipped(&self) -> Vec<u8> {
        assert_eq!(self.header("content-encoding"), Some("gzip"));
        let mut decoder = GzDecoder::new(self.body.as_slice());
        let mut plain = Vec::new();
        decoder.read_to_end(&mut plain).expect("one gzip member");
        assert!(decoder.into_inner().is_empty(), "nothing follows the one member");
        plain
    }
}

impl Running {
    pub(super) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    pub(super) async fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = self.connect().await;
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("answered");
        let end = answer
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .expect("a head")
            + 4;
        let body = answer.split_off(end);
        Answer {
            head: String::from_utf8(answer).expect("text"),
            body,
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    /// Asks for the page and reads no more than its beginning.
    pub(super) async fn never_reading_client(&self) -> TcpStream {
        let mut stream = self.connect().await;
        stream
            .write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            .await
            .expect("sent");
        let mut beginning = [0; 12];
        stream.read_exact(&mut beginning).await.expect("an answer begins");
        assert_eq!(&beginning, b"HTTP/1.1 200");
        stream
    }

    pub(super) async fn stopped(self) {
        self.stop.cancel();
        self.served.await.expect("no panic");
    }
}
