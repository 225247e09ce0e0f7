//! Who may ask the simulated manager, and for what: its users, their roles, and logon sessions. Guards the routes; holds
//! nothing of the world.

use super::{
    call::Call,
    refusal::Refusal,
    time::{Micros, SECOND, micros},
};
use crate::{model::Timestamp, simulator::dice::Dice};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The Portal User.
pub(crate) const MONITOR: &str = "monitor@example.com";
/// The Portal Administrator.
pub(crate) const ADMIN: &str = "admin@example.com";
/// The header, and the cookie, that names a logon session.
pub(crate) const SESSION_ID: &str = "x-restsvcsessionid";
/// A session that is idle this long ends; `--speed` does not shorten it.
const IDLE: Micros = 15 * 60 * SECOND;

/// What a user may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    PortalUser,
    PortalAdministrator,
}

/// The users of the manager.
pub(crate) struct Accounts {
    pub(crate) monitor: Account,
    pub(crate) admin: Account,
}

/// A user.
pub(crate) struct Account {
    pub(crate) name: &'static str,
    pub(crate) password: String,
    pub(crate) role: Role,
}

/// The logon sessions that the manager has given out.
pub(crate) struct Sessions {
    dice: Dice,
    manager: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    given: u64,
    /// By session id.
    live: BTreeMap<String, Live>,
}

struct Live {
    user: &'static str,
    role: Role,
    until: Micros,
}

impl Accounts {
    pub(crate) fn new(dice: Dice, manager: &str) -> Self {
        let account = |name, role| Account {
            name,
            password: dice.hex(&format!("{manager} {name} password"), 0)[..24].to_owned(),
            role,
        };
        Self {
            monitor: account(MONITOR, Role::PortalUser),
            admin: account(ADMIN, Role::PortalAdministrator),
        }
    }

    fn with_password(&self, user: &str, password: &str) -> Option<&Account> {
        [&self.monitor, &self.admin]
            .into_iter()
            .find(|account| account.name == user && account.password == password)
    }
}

impl Sessions {
    pub(crate) fn new(dice: Dice, manager: &str) -> Self {
        Self {
            dice,
            manager: manager.to_owned(),
            state: Mutex::default(),
        }
    }

    /// Ends every session.
    pub(crate) fn clear(&self) {
        self.lock().live.clear();
    }

    /// Ends one.
    pub(crate) fn end(&self, id: &str) -> Result<(), Refusal> {
        self.lock().live.remove(id).map(drop).ok_or_else(Refusal::not_found)
    }

    /// The sessions that live, each with its user.
    pub(crate) fn list(&self) -> Vec<(String, &'static str)> {
        let state = self.lock();
        state.live.iter().map(|(id, live)| (id.clone(), live.user)).collect()
    }

    fn open(&self, account: &Account, now: Timestamp) -> String {
        let mut state = self.lock();
        let now = micros(now);
        state.live.retain(|_, live| live.until > now);
        state.given += 1;
        let id = self.dice.uuid(&format!("session on {}", self.manager), state.given);
        let live = Live {
            user: account.name,
            role: account.role,
            until: now + IDLE,
        };
        state.live.insert(id.clone(), live);
        id
    }

    /// The role behind a session, which lives on for having been used.
    fn touch(&self, id: &str, now: Timestamp) -> Option<Role> {
        let now = micros(now);
        let mut state = self.lock();
        let live = state.live.get_mut(id).filter(|live| live.until > now)?;
        live.until = now + IDLE;
        Some(live.role)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Logs on by Basic authentication: gives the session's id and the user's name.
pub(crate) fn log_on(call: &Call<'_>, refused: bool) -> Result<(String, &'static str), Refusal> {
    if call.request.header(CONTENT_LENGTH) != "0" || !call.request.body.is_empty() {
        return Err(Refusal::length_required());
    }
    let basic = call.request.header(AUTHORIZATION).strip_prefix("Basic ");
    let decoded = basic.and_then(|encoded| BASE64.decode(encoded).ok());
    let text = decoded
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default();
    // The password may hold colons, the user may not.
    let (user, password) = text.split_once(':').ok_or_else(Refusal::unauthenticated)?;
    let account = call
        .accounts
        .with_password(user, password)
        .filter(|_| !refused)
        .ok_or_else(Refusal::unauthenticated)?;
    Ok((call.sessions.open(account, call.now), account.name))
}

/// What goes in the header: base64 of the text of the session's id.
pub(crate) fn token(id: &str) -> String {
    BASE64.encode(id)
}

/// The role of whoever asks. A cookie beats the header, as documented: a client that keeps a stale one is lost.
pub(crate) fn identify(call: &Call<'_>, refused: bool) -> Result<Role, Refusal> {
    let cookies = call.request.header(COOKIE).split(';');
    let cookie = cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case(SESSION_ID))
        .map(|(_, value)| value);
    let token = cookie.unwrap_or_else(|| call.request.header(SESSION_ID));
    let decoded = BASE64.decode(token).ok();
    decoded
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|_| !refused)
        .and_then(|id| call.sessions.touch(&id, call.now))
        .ok_or_else(Refusal::unauthenticated)
}
