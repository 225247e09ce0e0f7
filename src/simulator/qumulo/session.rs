//! Who may ask a simulated cluster, and for what: users, their privileges, session tokens and access tokens. Guards the
//! routes; holds nothing of the world.

use super::{call::Call, refusal::Refusal};
use crate::{
    model::Timestamp,
    simulator::{dice::Dice, fault::FaultKind},
};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The least-privileged user.
pub(crate) const MONITOR: &str = "monitor";
/// The user that may do everything.
pub(crate) const ADMIN: &str = "admin";
/// How long a session lasts, by the cluster's own time; `--speed` does not shorten it.
const SESSION_SECONDS: f64 = 10.0 * 3600.0;

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

/// The users of one cluster.
pub(crate) struct Accounts {
    pub(crate) monitor: Account,
    pub(crate) admin: Account,
}

/// A user.
pub(crate) struct Account {
    pub(crate) name: &'static str,
    pub(crate) number: u32,
    pub(crate) password: String,
    /// A long-lived access token.
    pub(crate) token: String,
    pub(crate) token_id: String,
    pub(crate) privileges: &'static [&'static str],
}

/// The session tokens that a cluster has given out.
pub(crate) struct Sessions {
    dice: Dice,
    cluster: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    given: u64,
    /// By token: whose, and until when.
    live: BTreeMap<String, (&'static str, Timestamp)>,
}

/// Who asks, and how it was proved.
pub(crate) struct Identity<'a> {
    pub(crate) account: &'a Account,
    pub(crate) by_access_token: bool,
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

impl Accounts {
    pub(crate) fn new(dice: Dice, cluster: &str) -> Self {
        let account = |name, number, privileges| {
            let made = |what: &str| dice.hex(&format!("{cluster} {name} {what}"), 0);
            Account {
                name,
                number,
                password: made("password")[..24].to_owned(),
                token: format!("access-v1:{}", made("token")),
                token_id: made("token id")[..20].to_owned(),
                privileges,
            }
        };
        Self {
            monitor: account(MONITOR, 1000, MONITOR_PRIVILEGES),
            admin: account(ADMIN, 500, ADMIN_PRIVILEGES),
        }
    }

    fn all(&self) -> [&Account; 2] {
        [&self.monitor, &self.admin]
    }
}

impl Sessions {
    pub(crate) fn new(dice: Dice, cluster: &str) -> Self {
        Self {
            dice,
            cluster: cluster.to_owned(),
            state: Mutex::default(),
        }
    }

    /// Ends every session.
    pub(crate) fn clear(&self) {
        self.lock().live.clear();
    }

    fn open(&self, account: &'static str, now: Timestamp) -> String {
        let mut state = self.lock();
        state.live.retain(|_, (_, until)| *until > now);
        state.given += 1;
        let name = format!("session of {account} on {}", self.cluster);
        let token = format!("session-v1:{}", self.dice.hex(&name, state.given));
        let until = now.plus_seconds(SESSION_SECONDS);
        state.live.insert(token.clone(), (account, until));
        token
    }

    fn owner(&self, token: &str, now: Timestamp) -> Option<&'static str> {
        let state = self.lock();
        let (owner, until) = state.live.get(token)?;
        (*until > now).then_some(*owner)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs in: a session token for a user and password.
pub(crate) fn log_in(call: &Call<'_>, faults: &[FaultKind]) -> Result<String, Refusal> {
    let login: Login = serde_json::from_slice(&call.request.body)
        .map_err(|_| Refusal::malformed("The body must be an object with username and password."))?;
    let account = call
        .accounts
        .all()
        .into_iter()
        .find(|account| account.name == login.username && account.password == login.password)
        .filter(|_| !faults.contains(&FaultKind::Auth))
        .ok_or_else(Refusal::unauthenticated)?;
    Ok(call.sessions.open(account.name, call.now))
}

/// Who asks, by the bearer token of the request.
pub(crate) fn identify<'a>(call: &Call<'a>, faults: &[FaultKind]) -> Result<Identity<'a>, Refusal> {
    if faults.contains(&FaultKind::Auth) {
        return Err(Refusal::unauthenticated());
    }
    let header = call.request.header(hyper::header::AUTHORIZATION);
    let token = header.strip_prefix("Bearer ").ok_or_else(Refusal::unauthenticated)?;
    let owner = call.sessions.owner(token, call.now);
    call.accounts
        .all()
        .into_iter()
        .map(|account| Identity {
            account,
            by_access_token: account.token == token,
        })
        .find(|identity| identity.by_access_token || Some(identity.account.name) == owner)
        .ok_or_else(Refusal::unauthenticated)
}

/// Whether the user may do what needs `privilege`.
pub(crate) fn permit(identity: &Identity<'_>, privilege: &str, faults: &[FaultKind]) -> Result<(), Refusal> {
    let withdrawn = FaultKind::Forbid(privilege.to_owned());
    if identity.account.privileges.contains(&privilege) && !faults.contains(&withdrawn) {
        Ok(())
    } else {
        Err(Refusal::forbidden(privilege))
    }
}
