//! Simulated Kaminario K2 / Silk arrays, in pairs that replicate to each other. Written from the vendor's published
//! documents and recorded answers; what neither shows is marked where it is done.
//!
//! `cast` sets up the sessions, `session` lets them live, `world` keeps them together, `routes` and `access` guard the API,
//! `query` is its list language, `operations` changes the world, and `wire` alone knows its JSON.

mod access;
mod call;
mod cast;
mod operations;
mod query;
mod refusal;
mod routes;
mod session;
#[cfg(test)]
mod tests;
mod wire;
mod world;

use super::device::{Answer, Blueprint, Device, Request, SimulatedCredentials, Stage};
use super::vendors::Simulated;
use crate::model::Timestamp;
use access::Accounts;
use call::Call;
use std::sync::{Arc, Mutex, PoisonError};
use world::World;

/// K2 as the rest of the simulator knows it. There is no log-on: every request carries the credentials.
pub(super) const SIMULATED: Simulated = Simulated {
    name: "kaminario",
    arrays,
    welcome: None,
    rpo: 3600.0,
    rpo_overrides: &[],
};

/// The arrays of the stage, pair by pair.
fn arrays(stage: &Stage) -> Vec<Blueprint> {
    let pairs = (stage.arrays as u64).div_ceil(2);
    (0..pairs)
        .flat_map(|pair| {
            let world = Arc::new(Mutex::new(World::new(stage, pair)));
            [0, 1].map(|index| blueprint(stage, &world, pair, index))
        })
        .take(stage.arrays)
        .collect()
}

/// One array of a pair.
struct K2 {
    index: usize,
    world: Arc<Mutex<World>>,
    accounts: Accounts,
}

fn blueprint(stage: &Stage, world: &Arc<Mutex<World>>, pair: u64, index: usize) -> Blueprint {
    let name = world::array_name(pair, index);
    let accounts = Accounts::new(stage.dice, &name);
    Blueprint {
        credentials: SimulatedCredentials {
            username: access::MONITOR.to_owned(),
            password: accounts.monitor.clone(),
            token: None,
            admin: Some((access::ADMIN.to_owned(), accounts.admin.clone())),
        },
        device: Arc::new(K2 {
            index,
            world: Arc::clone(world),
            accounts,
        }),
        name,
        vendor: stage.vendor,
    }
}

impl Device for K2 {
    fn answer(&self, request: &Request, now: Timestamp) -> Answer {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(now);
        let call = Call {
            array: self.index,
            request,
            accounts: &self.accounts,
        };
        routes::answer(&mut world, &call).unwrap_or_else(|refusal| refusal.answer())
    }

    /// An array has no sessions of its users: every request carries the credentials.
    fn expire_sessions(&self) {}
}
