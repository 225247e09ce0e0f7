//! Where a program says that it listens: tests give it port 0 and read which one it got.

use std::{io::BufRead, net::SocketAddr};
use tokio::net::TcpSocket;

/// Any free port of this host.
pub(crate) const ANY: &str = "127.0.0.1:0";

/// An address at which connections are refused, and that nobody else gets while the socket lives: bound, and not listening.
pub(crate) fn deserted() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(ANY.parse().expect("an address")).expect("a port");
    let address = socket.local_addr().expect("an address");
    (socket, address)
}

/// Reads a daemon's log up to the line that says that it serves; gives the address in it.
pub(crate) fn from_log(log: &mut impl BufRead) -> String {
    let mut said = String::new();
    loop {
        let before = said.len();
        assert_ne!(
            log.read_line(&mut said).expect("its log"),
            0,
            "it ended before it served: {said}"
        );
        if let Some(address) = in_line(&said[before..]) {
            return address.to_owned();
        }
    }
}

/// The first address in a log's line, if that says that the daemon serves.
pub(crate) fn in_line(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    words.find(|word| *word == "msg=serving")?;
    words.find_map(|word| word.strip_prefix("listen="))?.split(',').next()
}
