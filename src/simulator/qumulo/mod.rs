//! Simulated Qumulo Core clusters, in pairs that replicate to each other. Written from the vendor's published schemas and
//! recorded answers; what neither shows is marked where it is done.
//!
//! `cast` sets up the relationships, `relationship`, `job`, `plan` and `protection` let them live, `world` keeps them
//! together, `routes` and `session` guard the API, `operations` changes the world, and `wire` alone knows its JSON.

mod call;
mod cast;
mod job;
mod operations;
mod plan;
mod protection;
mod refusal;
mod relationship;
mod routes;
mod session;
#[cfg(test)]
mod tests;
mod wire;
mod world;

use super::device::{Answer, Blueprint, Device, Request, SimulatedCredentials, Stage};
use super::vendors::Simulated;
use crate::model::Timestamp;
use call::Call;
use session::{Accounts, Sessions};
use std::sync::{Arc, Mutex, PoisonError};
use world::World;

/// Qumulo as the rest of the simulator knows it. Scratch may be a day old; a copy to an object store has no schedule,
/// somebody runs it once a quarter.
pub(super) const SIMULATED: Simulated = Simulated {
    name: "qumulo",
    arrays,
    welcome: Some(|ticket| Answer::json(hyper::StatusCode::OK, &serde_json::json!({ "bearer_token": ticket }))),
    rpo: 3600.0,
    rpo_overrides: &[("*:/scratch*", 24.0 * 3600.0)],
};

/// The arrays of the stage: sources and targets of pairs, in turn.
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

/// One cluster of a pair.
struct Cluster {
    index: usize,
    world: Arc<Mutex<World>>,
    accounts: Accounts,
    sessions: Sessions,
}

fn blueprint(stage: &Stage, world: &Arc<Mutex<World>>, pair: u64, index: usize) -> Blueprint {
    let name = world::cluster_name(pair, index);
    let accounts = Accounts::new(stage.dice, &name);
    Blueprint {
        credentials: SimulatedCredentials {
            username: session::MONITOR.to_owned(),
            password: accounts.monitor.password.clone(),
            token: Some(accounts.monitor.token.clone()),
            admin: Some((session::ADMIN.to_owned(), accounts.admin.password.clone())),
        },
        device: Arc::new(Cluster {
            index,
            world: Arc::clone(world),
            sessions: Sessions::new(stage.dice, &name),
            accounts,
        }),
        name,
        vendor: stage.vendor,
    }
}

impl Device for Cluster {
    fn answer(&self, request: &Request, now: Timestamp) -> Answer {
        let answer = routes::find(&request.method, &request.path).and_then(|(route, id)| {
            let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
            world.advance(now);
            let call = Call {
                cluster: self.index,
                id,
                request,
                now,
                accounts: &self.accounts,
                sessions: &self.sessions,
            };
            route.answer(&mut world, &call)
        });
        answer.unwrap_or_else(|refusal| refusal.answer())
    }

    fn expire_sessions(&self) {
        self.sessions.clear();
    }
}
