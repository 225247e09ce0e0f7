//! Who may ask a simulated cluster, and for what: privileges, and how a bearer token proves who it is. Guards the routes;
//! holds nothing of the world.

use crate::simulator::{
    accounts::{Account, Role},
    fault::FaultKind,
    refusal::Refusal,
    world::{Call, Site},
};
use serde::Deserialize;

pub(crate) const SOURCE_READ: &str = "PRIVILEGE_REPLICATION_SOURCE_READ";
pub(crate) const TARGET_READ: &str = "PRIVILEGE_REPLICATION_TARGET_READ";
pub(crate) const OBJECT_READ: &str = "PRIVILEGE_REPLICATION_OBJECT_READ";
pub(crate) const CLUSTER_READ: &str = "PRIVILEGE_CLUSTER_READ";
pub(crate) const TIME_READ: &str = "PRIVILEGE_TIME_READ";
pub(crate) const SOURCE_WRITE: &str = "PRIVILEGE_REPLICATION_SOURCE_WRITE";
pub(crate) const TARGET_WRITE: &str = "PRIVILEGE_REPLICATION_TARGET_WRITE";
pub(crate) const REVERSE: &str = "PRIVILEGE_REPLICATION_REVERSE_RELATIONSHIP";

const MONITOR_PRIVILEGES: &[&str] = &[CLUSTER_READ, OBJECT_READ, SOURCE_READ, TARGET_READ];
const ADMIN_PRIVILEGES: &[&str] = &[
    CLUSTER_READ,
    OBJECT_READ,
    REVERSE,
    SOURCE_READ,
    SOURCE_WRITE,
    TARGET_READ,
    TARGET_WRITE,
    TIME_READ,
];

/// Who asks, and how it was proved.
pub(crate) struct Identity<'a> {
    pub(crate) account: &'a Account,
    pub(crate) by_access_token: bool,
}

/// Logs in: a session token for a user and password.
pub(crate) fn log_in(site: &Site, call: &Call<'_>) -> Result<String, Refusal> {
    #[derive(Deserialize)]
    struct Login {
        username: String,
        password: String,
    }
    let login: Login = call.body()?;
    let account = call.log_in(&login.username, &login.password)?;
    let token = |number| {
        let name = format!("session of {} on {}", account.name, site.names[call.array]);
        format!("session-v1:{}", site.dice.hex(&name, number))
    };
    Ok(call.sessions.open(account.role, call.now, token))
}

/// Who asks, by the bearer token of the request.
pub(crate) fn identify<'a>(call: &Call<'a>) -> Result<Identity<'a>, Refusal> {
    let header = call.request.header(hyper::header::AUTHORIZATION);
    let token = header.strip_prefix("Bearer ").filter(|_| !call.fails(&FaultKind::Auth));
    let token = token.ok_or(Refusal::Unauthenticated)?;
    let by_access_token = call.accounts.iter().find(|account| account.token == token);
    let owner = || call.sessions.user(token, call.now).map(|role| call.account(role));
    Ok(Identity {
        account: by_access_token.or_else(owner).ok_or(Refusal::Unauthenticated)?,
        by_access_token: by_access_token.is_some(),
    })
}

/// What the user may do, as things are.
pub(crate) fn privileges(account: &Account, call: &Call<'_>) -> Vec<&'static str> {
    let all = match account.role {
        Role::Monitor => MONITOR_PRIVILEGES,
        Role::Admin => ADMIN_PRIVILEGES,
    };
    all.iter().copied().filter(|right| !call.is_forbidden(right)).collect()
}
