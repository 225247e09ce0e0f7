//! Simulated Qumulo Core clusters, in pairs that replicate to each other. Written from the vendor's published schemas and
//! recorded answers; what neither shows is marked where it is done.
//!
//! `cast` sets up the relationships, `relationship`, `job`, `plan` and `protection` let them live, `world` keeps them
//! together, `routes` and `access` guard the API, `operations` changes the world, and `wire` alone knows its JSON.

mod access;
mod cast;
mod job;
mod operations;
mod plan;
mod protection;
mod relationship;
mod routes;
#[cfg(test)]
mod tests;
mod wire;
mod world;

use super::{device::Answer, vendors::Simulated, world::pairs};
use world::World;

/// Qumulo as the rest of the simulator knows it. Scratch may be a day old; a copy to an object store has no schedule,
/// somebody runs it once a quarter.
pub(super) const SIMULATED: Simulated = Simulated {
    name: "qumulo",
    arrays: |stage| pairs(stage, World::new),
    welcome: Some(|ticket| Answer::json(hyper::StatusCode::OK, &serde_json::json!({ "bearer_token": ticket }))),
    rpo: 3600.0,
    rpo_overrides: &[("*:/scratch*", 24.0 * 3600.0)],
};
