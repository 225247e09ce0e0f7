//! A simulated Veeam Backup Enterprise Manager over two backup servers. Written from the vendor's published REST reference
//! and its recorded answers; what neither shows is marked where it is done. Of the API there is what shows how replication
//! goes: whole entities by the query service, single ones by id, and the manager's collections.
//!
//! `cast` sets up the jobs, `job` says when they run and how that ends, `world` keeps the manager's own copy, which is only
//! as new as its last collection; `routes` guards the API, `filter` and `query` are its query service, `row` names the
//! fields, and `wire` alone knows its XML.

mod cast;
mod filter;
mod job;
mod query;
mod routes;
mod row;
#[cfg(test)]
mod tests;
mod time;
mod wire;
mod world;

use super::{
    device::{Answer, Blueprint, Stage},
    vendors::Simulated,
    world::devices,
};
use hyper::{StatusCode, header::HeaderName};
use world::World;

/// The header, and the cookie, that names a logon session.
const SESSION_ID: &str = "x-restsvcsessionid";
/// The nominal objective: jobs run once a day at least, and the manager's copy is some minutes old.
const DAILY_RPO: f64 = 26.0 * 3600.0;

/// Veeam as the rest of the simulator knows it.
pub(super) const SIMULATED: Simulated = Simulated {
    name: "veeam",
    arrays,
    welcome: Some(|ticket| welcome(ticket, &wire::logon_session(ticket, "replayed"))),
    rpo: DAILY_RPO,
    rpo_overrides: &[("Weekly*", 8.0 * DAILY_RPO)],
};

/// What a log-on answers: 201, and the token in a header of its own.
fn welcome(token: &str, session: &str) -> Answer {
    wire::answer(StatusCode::CREATED, session).with_header(HeaderName::from_static(SESSION_ID), token)
}

/// The managers of the stage: one stands over two backup servers, so there is one for each pair of other arrays.
fn arrays(stage: &Stage) -> Vec<Blueprint> {
    let managers = 1..=stage.arrays.div_ceil(2);
    managers
        .flat_map(|number| devices(stage, World::new(stage, format!("em{number}"))))
        .collect()
}
