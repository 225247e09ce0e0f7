//! The look-up of an array's names, one of each at a time: whoever asks while it runs waits for the same one.
//!
//! The system's own look-up cannot be given up, and one that hangs holds a thread: as many polls would hold as many, until
//! pages find none to be compressed on. Holds no address longer than a look-up takes. `client.rs` makes one per array.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    collections::BTreeMap,
    io,
    net::{SocketAddr, ToSocketAddrs},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    sync::watch::{self, Receiver},
    task::spawn_blocking,
};

/// What a look-up found; `None` while it runs.
type Found = Option<Result<Vec<SocketAddr>, Arc<io::Error>>>;

/// The look-ups of one array.
#[derive(Debug, Default)]
pub(super) struct Resolver(Mutex<BTreeMap<String, Receiver<Found>>>);

impl Resolver {
    /// The look-up of `name` that runs, or the one that `look_up` begins.
    fn join(
        &self,
        name: &str,
        look_up: impl FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
    ) -> Receiver<Found> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The sender lives as long as the look-up.
        if let Some(found) = running.get(name).filter(|found| found.has_changed().is_ok()) {
            return found.clone();
        }
        let (sender, found) = watch::channel(None);
        running.insert(name.to_owned(), found.clone());
        spawn_blocking(move || sender.send(Some(look_up().map_err(Arc::new))));
        found
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let mut found = self.join(name.as_str(), move || {
            Ok((host.as_str(), 0).to_socket_addrs()?.collect())
        });
        Box::pin(async move {
            let found = found.wait_for(Option::is_some).await?.clone();
            let addresses = found.unwrap_or_else(|| Ok(Vec::new())).map_err(|error| copy(&error))?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// An error that says and is the same.
fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn a_look_up_that_hangs_is_joined_and_one_that_ended_is_done_anew() {
        let resolver = Resolver::default();
        let (end, hangs) = mpsc::channel::<SocketAddr>();
        let mut first = resolver.join("a", move || Ok(vec![hangs.recv().expect("an address")]));
        for _ in 0..600 {
            drop(resolver.join("a", || panic!("a second look-up")));
        }
        let other = SocketAddr::from(([127, 0, 0, 2], 0));
        let addresses = |found: &Found| found.as_ref().and_then(|found| found.as_ref().ok()?.first().copied());
        let mut beside = resolver.join("b", move || Ok(vec![other]));
        let found = beside.wait_for(Option::is_some).await.expect("found");
        assert_eq!(addresses(&found), Some(other), "another name does not wait");

        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut joined = resolver.join("a", || panic!("a second look-up"));
        end.send(address).expect("it hangs");
        for found in [&mut first, &mut joined] {
            let found = found.wait_for(Option::is_some).await.expect("found");
            assert_eq!(addresses(&found), Some(address));
        }
        while joined.has_changed().is_ok() {
            tokio::task::yield_now().await;
        }
        let mut moved = resolver.join("a", move || Ok(vec![other]));
        let found = moved.wait_for(Option::is_some).await.expect("found");
        assert_eq!(addresses(&found), Some(other), "the address is looked up again");
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_told_as_the_system_tells_it() {
        let resolver = Resolver::default();
        let mut found = resolver.join("nowhere", || Err(io::Error::from_raw_os_error(24)));
        let found = found.wait_for(Option::is_some).await.expect("an end").clone();
        let error = copy(&found.expect("an end").expect_err("none"));
        assert_eq!(error.raw_os_error(), Some(24));
        let error = copy(&io::Error::other("Name or service not known"));
        assert_eq!(error.to_string(), "Name or service not known");
    }
}
