//! A simulated Veeam Backup Enterprise Manager over two backup servers. Written from the vendor's published REST reference
//! and its recorded answers; what neither shows is marked where it is done.
//!
//! `cast` sets up the jobs, `job` says when they run and how that ends, `world` keeps the manager's own copy, which is only
//! as new as its last collection; `session` and `routes` guard the API, `filter` and `query` are its query service, `row`
//! names the fields, and `wire` alone knows its XML.

mod call;
mod cast;
mod filter;
mod job;
mod query;
mod refusal;
mod routes;
mod row;
mod session;
#[cfg(test)]
mod tests;
mod time;
mod wire;
mod world;

use super::device::{Answer, Blueprint, Device, Request, SimulatedCredentials, Stage};
use super::vendors::Simulated;
use crate::model::Timestamp;
use call::Call;
use session::{Accounts, Sessions};
use std::sync::{Arc, Mutex, PoisonError};
use world::World;

/// The nominal objective: jobs run once a day at least, and the manager's copy is some minutes old.
const DAILY_RPO: f64 = 26.0 * 3600.0;

/// Veeam as the rest of the simulator knows it.
pub(super) const SIMULATED: Simulated = Simulated {
    name: "veeam",
    arrays,
    welcome: Some(welcome),
    rpo: DAILY_RPO,
    rpo_overrides: &[("Weekly*", 8.0 * DAILY_RPO)],
};

fn welcome(ticket: &str) -> Answer {
    let body = format!(
        r#"<LogonSession xmlns="http://www.veeam.com/ent/v1.0"><SessionId>{ticket}</SessionId></LogonSession>"#
    );
    let answer = Answer::body(hyper::StatusCode::CREATED, "application/xml", body);
    answer.with_header(hyper::header::HeaderName::from_static("x-restsvcsessionid"), ticket)
}

/// The managers of the stage: one stands over two backup servers, so there is one for each pair of other arrays.
fn arrays(stage: &Stage) -> Vec<Blueprint> {
    (1..=stage.arrays.div_ceil(2))
        .map(|number| blueprint(stage, number))
        .collect()
}

/// One Enterprise Manager.
struct Manager {
    world: Mutex<World>,
    accounts: Accounts,
    sessions: Sessions,
}

fn blueprint(stage: &Stage, number: usize) -> Blueprint {
    let name = format!("em{number}");
    let accounts = Accounts::new(stage.dice, &name);
    Blueprint {
        credentials: SimulatedCredentials {
            username: session::MONITOR.to_owned(),
            password: accounts.monitor.password.clone(),
            token: None,
            admin: Some((session::ADMIN.to_owned(), accounts.admin.password.clone())),
        },
        device: Arc::new(Manager {
            world: Mutex::new(World::new(stage, &name)),
            sessions: Sessions::new(stage.dice, &name),
            accounts,
        }),
        name,
        vendor: stage.vendor,
    }
}

impl Device for Manager {
    fn answer(&self, request: &Request, now: Timestamp) -> Answer {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(now);
        let call = Call {
            request,
            now,
            accounts: &self.accounts,
            sessions: &self.sessions,
        };
        routes::answer(&world, &call).unwrap_or_else(|refusal| refusal.answer())
    }

    fn expire_sessions(&self) {
        self.sessions.clear();
    }
}
