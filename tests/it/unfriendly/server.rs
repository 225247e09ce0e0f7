//! A Qumulo cluster with bad manners: bytes, timing, resets, lengths and TLS as a test wants them, on raw sockets.

use std::{
    io::{self, Read, Write},
    iter,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tokio::net::TcpSocket;

/// How a cluster treats whoever asks it.
#[derive(Clone)]
pub(crate) enum Manner {
    /// As it should.
    Well,
    /// Ends the connection without an answer, with a reset.
    Resets,
    /// Takes the request and says nothing.
    Hangs,
    /// Says only this many bytes of its answer, and ends.
    Cuts(usize),
    /// Says the head, and then a byte of the body in ten milliseconds.
    Trickles,
    /// Says a byte of the head in ten milliseconds.
    TricklesHead,
    /// Begins a header and never ends it.
    EndlessHead,
    /// A body without end.
    EndlessBody,
    /// A small body that is a gigabyte once it is decompressed.
    Bomb,
    /// Exactly these bytes.
    Says(Arc<[u8]>),
    /// Answers each path as it should, with this body in the place of the one at the path that ends so.
    Body(&'static str, Arc<[u8]>),
    /// These bytes as the answer to the first message, whatever that is.
    Replies(&'static [u8]),
}

/// A cluster, on a port of its own until the end of the process.
pub(crate) struct Cluster {
    pub(crate) address: SocketAddr,
    manner: Arc<Mutex<Manner>>,
    seen: Arc<Mutex<Vec<String>>>,
    /// Who fills the queue of a silent one.
    _crowd: Option<(TcpListener, Vec<TcpStream>)>,
}

impl Cluster {
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let manner = Arc::new(Mutex::new(manner));
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let (log, manners) = (Arc::clone(&seen), Arc::clone(&manner));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (manners, log) = (Arc::clone(&manners), Arc::clone(&log));
                // The client may go away at any byte, which is its right.
                thread::spawn(move || serve(stream, &manners, &log));
            }
        });
        Self {
            address,
            manner,
            seen,
            _crowd: None,
        }
    }

    /// One at an address that takes no connection: whoever knocks there hears nothing, as behind a firewall that drops.
    pub(crate) fn silent() -> Self {
        let listener = one_in_its_queue().expect("a port");
        let address = listener.local_addr().expect("an address");
        let patience = Duration::from_millis(300);
        let knocking = || TcpStream::connect_timeout(&address, patience).ok();
        let crowd = iter::from_fn(knocking).collect();
        Self {
            address,
            manner: Arc::new(Mutex::new(Manner::Hangs)),
            seen: Arc::default(),
            _crowd: Some((listener, crowd)),
        }
    }

    /// From the next request on it behaves so.
    pub(crate) fn behave(&self, manner: Manner) {
        *self.manner.lock().expect("a manner") = manner;
    }

    /// The head of every request so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("a log").clone()
    }
}

/// A listener in whose queue there is room for few.
fn one_in_its_queue() -> io::Result<TcpListener> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _inside = runtime.enter();
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    socket.listen(1)?.into_std()
}

fn serve(mut stream: TcpStream, manners: &Mutex<Manner>, log: &Mutex<Vec<String>>) -> io::Result<()> {
    let manner = || manners.lock().expect("a manner").clone();
    match manner() {
        // What is not read when a socket closes makes the kernel send a reset.
        Manner::Resets => return stream.peek(&mut [0]).map(drop),
        Manner::Replies(bytes) => {
            let _ = stream.read(&mut [0; 4096])?;
            return stream.write_all(bytes);
        }
        _ => {}
    }
    loop {
        let head = read_head(&mut stream)?;
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        log.lock().expect("a log").push(head);
        let good = answer(&path, body(&path));
        match manner() {
            Manner::Resets | Manner::Replies(_) => return Ok(()),
            Manner::Hangs => return wait_for_the_end(&mut stream),
            Manner::Cuts(length) => return stream.write_all(good.get(..length).unwrap_or(&good)),
            Manner::Trickles => {
                let body_at = position(&good, b"\r\n\r\n") + 4;
                stream.write_all(&good[..body_at])?;
                trickle(&mut stream, &good[body_at..])?;
            }
            // More than the time that there is for it.
            Manner::TricklesHead => trickle(
                &mut stream,
                &[b"HTTP/1.1 200 OK\r\nX-Slow: ".as_slice(), &[b'x'; 4096]].concat(),
            )?,
            Manner::EndlessHead => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nX-Endless: ")?;
                repeat(&mut stream, b"endless ")?;
            }
            Manner::EndlessBody => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[ \r\n")?;
                repeat(
                    &mut stream,
                    &[b"10000\r\n".as_slice(), &vec![b' '; 65_536], b"\r\n"].concat(),
                )?;
            }
            Manner::Bomb => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")?;
                let mut gzip = flate2::write::GzEncoder::new(stream, flate2::Compression::best());
                for _ in 0..1024 {
                    gzip.write_all(&vec![b' '; 1_048_576])?;
                }
                return gzip.finish().map(drop);
            }
            Manner::Says(bytes) => return stream.write_all(&bytes),
            Manner::Body(end, other) if path.ends_with(end) => stream.write_all(&answer(&path, Some(&other)))?,
            Manner::Well | Manner::Body(..) => stream.write_all(&good)?,
        }
    }
}

fn trickle(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes {
        stream.write_all(&[*byte])?;
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

fn read_head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn wait_for_the_end(stream: &mut TcpStream) -> io::Result<()> {
    stream.read_to_end(&mut Vec::new()).map(drop)
}

fn repeat(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    loop {
        stream.write_all(bytes)?;
    }
}

fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes
        .windows(part.len())
        .position(|window| window == part)
        .expect("a head")
}

/// An answer of a whole cluster.
fn answer(path: &str, body: Option<&[u8]>) -> Vec<u8> {
    let Some(body) = body else {
        let text = format!("no {path}");
        return format!(
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        )
        .into();
    };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn body(path: &str) -> Option<&'static [u8]> {
    macro_rules! payload {
        ($name:literal) => {
            Some(include_bytes!(concat!(
                "../../payloads/qumulo/7.8.0/",
                $name,
                ".json"
            )))
        };
    }
    match path {
        "/v1/node/state" => payload!("node_state"),
        "/v1/cluster/settings" => payload!("cluster_settings"),
        "/v1/version" => payload!("version"),
        "/v2/replication/source-relationships/status/" => payload!("source_relationships_status"),
        "/v2/replication/target-relationships/status/" => payload!("target_relationships_status"),
        "/v3/replication/object-relationships/status/" => payload!("object_relationships_status"),
        "/v1/cluster/protection/restriper/status" => payload!("restriper_status"),
        "/v1/cluster/protection/status" => payload!("protection_status"),
        _ => None,
    }
}
