//! Simulated Kaminario K2 / Silk arrays, in pairs that replicate to each other. Written from the vendor's published
//! documents and recorded answers; what neither shows is marked where it is done.
//!
//! `cast` sets up the sessions, `session` lets them live, `world` keeps them together, `routes` guards the API, `query` is
//! its list language, `operations` changes the world, and `wire` alone knows its JSON.

mod cast;
mod operations;
mod query;
mod routes;
mod session;
#[cfg(test)]
mod tests;
mod wire;
mod world;

use super::{vendors::Simulated, world::pairs};
use world::World;

/// K2 as the rest of the simulator knows it. There is no log-on: every request carries the credentials.
pub(super) const SIMULATED: Simulated = Simulated {
    name: "kaminario",
    arrays: |stage| pairs(stage, World::new),
    welcome: None,
    rpo: 3600.0,
    rpo_overrides: &[],
};
