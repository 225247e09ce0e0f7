//! How many connections each address has open. One that has more than its share is not refused, for it may be a proxy; but who
//! is slow there is given up sooner, so that half-sent requests of one address do not keep everybody else out.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The open connections by address.
#[derive(Debug, Default)]
pub(super) struct Shares(Mutex<HashMap<IpAddr, usize>>);

/// One open connection of an address, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    shares: Arc<Shares>,
    address: IpAddr,
    /// How many the address has with this one.
    pub(super) held: usize,
}

impl Shares {
    /// Another connection of this address.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Place {
        let address = address.to_canonical();
        let mut open = self.lock();
        let held = open.entry(address).or_default();
        *held += 1;
        Place {
            held: *held,
            address,
            shares: Arc::clone(self),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.shares.lock();
        if let Some(held) = open.get_mut(&self.address) {
            *held -= 1;
            if *held == 0 {
                open.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_count_and_none_is_kept_for_ever() {
        let shares = Arc::<Shares>::default();
        let [one, same, other] = ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1"]
            .map(|address| shares.take(address.parse().expect("an address")));
        assert_eq!((one.held, same.held, other.held), (1, 2, 1));
        drop(one);
        assert_eq!(shares.take(same.address).held, 2);
        drop((same, other));
        assert!(shares.lock().is_empty());
    }
}
