//! The addresses of one system: which of them to use, and whether they are one system at all. No I/O.
//!
//! `session.rs` walks them when a connection fails; a vendor whose identity can be asked without credentials checks it
//! here before any are sent.

use reqwest::Url;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;
use tokio::time::Instant;

/// How long a dead address keeps the others from being taken for a system that was set up anew.
const LONG: Duration = Duration::from_hours(1);

/// Addresses of one and the same system. Sticks to the one that worked last.
#[derive(Debug)]
pub struct Addresses {
    urls: Vec<Url>,
    current: AtomicUsize,
    identity: Mutex<Option<String>>,
    /// Another system's id, where it is the only one that answers, and since when.
    candidate: Mutex<Option<(String, Instant)>>,
}

impl Addresses {
    /// The addresses, in the order of preference.
    #[must_use]
    pub fn new(urls: Vec<Url>) -> Self {
        Self {
            urls,
            current: AtomicUsize::new(0),
            identity: Mutex::default(),
            candidate: Mutex::default(),
        }
    }

    /// The present one; `None` only if there are none at all.
    #[must_use]
    pub fn current(&self) -> Option<&Url> {
        self.urls.get(self.current.load(Ordering::Relaxed))
    }

    /// Every address once, beginning with the present one, each with what [`Self::stick_to`] takes.
    pub fn in_order(&self) -> impl Iterator<Item = (usize, &Url)> + Send {
        let first = self.current.load(Ordering::Relaxed);
        let count = self.urls.len();
        (0..count).map(move |step| {
            let index = (first + step) % count;
            (index, &self.urls[index])
        })
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.urls.len()
    }

    /// Makes `index` the present one.
    pub fn stick_to(&self, index: usize) {
        self.current.store(index, Ordering::Relaxed);
    }

    /// Whether a system that calls itself `id` may be trusted with credentials at one of these addresses. The first system
    /// that answers sets what the others must be; with one address alone, a new system there is simply a new system.
    #[must_use]
    pub fn accepts(&self, id: &str) -> bool {
        let mut identity = self.identity.lock().unwrap_or_else(PoisonError::into_inner);
        match identity.as_deref() {
            Some(known) if known != id && self.urls.len() > 1 => false,
            _ => {
                *self.candidate.lock().unwrap_or_else(PoisonError::into_inner) = None;
                *identity = Some(id.to_owned());
                true
            }
        }
    }

    /// Every address that answers at all answers as `id`. If that is `everyone`, or has been so for long, the system was set
    /// up anew, and this is its id: true. For a short while it may be that only a stranger in a wrong list is up.
    pub fn is_replaced_by(&self, id: &str, everyone: bool) -> bool {
        let now = Instant::now();
        let mut candidate = self.candidate.lock().unwrap_or_else(PoisonError::into_inner);
        let since = match candidate.as_ref() {
            Some((known, since)) if known == id => *since,
            _ => now,
        };
        if everyone || now.duration_since(since) >= LONG {
            *candidate = None;
            *self.identity.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
            return true;
        }
        *candidate = Some((id.to_owned(), since));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(count: usize) -> Addresses {
        Addresses::new(
            (0..count)
                .map(|n| Url::parse(&format!("https://node{n}")).expect("a URL"))
                .collect(),
        )
    }

    fn hosts(addresses: &Addresses) -> Vec<String> {
        addresses
            .in_order()
            .map(|(_, url)| url.host_str().expect("a host").to_owned())
            .collect()
    }

    #[test]
    fn the_address_that_works_is_tried_first() {
        let addresses = addresses(3);
        assert_eq!(hosts(&addresses), ["node0", "node1", "node2"]);
        addresses.stick_to(1);
        assert_eq!(hosts(&addresses), ["node1", "node2", "node0"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_address_has_no_veto_for_ever() {
        let several = addresses(2);
        assert!(several.accepts("a"));
        assert!(!several.is_replaced_by("b", false) && !several.accepts("b"));
        tokio::time::advance(LONG / 2).await;
        assert!(several.accepts("a"), "the known one was back in between");
        assert!(!several.is_replaced_by("b", false));
        tokio::time::advance(LONG / 2).await;
        assert!(!several.is_replaced_by("b", false));
        tokio::time::advance(LONG / 2).await;
        assert!(several.is_replaced_by("b", false) && several.accepts("b"));
    }

    #[tokio::test]
    async fn another_system_at_one_of_several_addresses_is_refused() {
        let several = addresses(2);
        assert!(several.accepts("a"));
        assert!(!several.accepts("b"));
        assert!(several.accepts("a"));
        assert!(several.is_replaced_by("b", true));
        assert!(several.accepts("b"));

        let single = addresses(1);
        assert!(single.accepts("a") && single.accepts("b"));
    }
}
