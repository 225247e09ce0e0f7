//! Who may ask a simulated array: its two users, and the sessions that it has given them. What each of them may do, and how a
//! request proves whose it is, is in the vendors' folders.

use super::dice::Dice;
use crate::model::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What a user is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads what the exporter needs.
    Monitor,
    /// May do everything.
    Admin,
}

/// A user.
pub(crate) struct Account {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) password: String,
    /// Where the vendor has long-lived tokens.
    pub(crate) token: String,
}

/// The users of one array: the one that monitors, and the administrator.
pub(crate) fn accounts(dice: Dice, array: &str, names: [&'static str; 2]) -> [Account; 2] {
    [(names[0], Role::Monitor), (names[1], Role::Admin)].map(|(name, role)| {
        let made = |what: &str| dice.hex(&format!("{array} {name} {what}"), 0);
        Account {
            name,
            role,
            password: made("password")[..24].to_owned(),
            token: format!("access-v1:{}", made("token")),
        }
    })
}

/// How long a session lasts, by the array's own time: `--speed` does not shorten it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lasting {
    /// Seconds from the log-on.
    Fixed(f64),
    /// Seconds from its last use.
    Idle(f64),
}

/// The sessions that one array has given out.
pub(crate) struct Sessions {
    lasting: Lasting,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    given: u64,
    /// By what names the session: whose it is, and until when.
    live: BTreeMap<String, (Role, Timestamp)>,
}

impl Sessions {
    pub(crate) fn new(lasting: Lasting) -> Self {
        Self {
            lasting,
            state: Mutex::default(),
        }
    }

    /// A new session of this user; `name` gives its name, from its number.
    pub(crate) fn open(&self, role: Role, now: Timestamp, name: impl FnOnce(u64) -> String) -> String {
        let mut state = self.lock();
        state.live.retain(|_, (_, until)| *until > now);
        state.given += 1;
        let name = name(state.given);
        state.live.insert(name.clone(), (role, self.until(now)));
        name
    }

    /// Whose session this is, if it lives.
    pub(crate) fn user(&self, name: &str, now: Timestamp) -> Option<Role> {
        let mut state = self.lock();
        let (role, until) = state.live.get_mut(name).filter(|(_, until)| *until > now)?;
        if let Lasting::Idle(_) = self.lasting {
            *until = self.until(now);
        }
        Some(*role)
    }

    /// Ends one. Whether there was one.
    pub(crate) fn end(&self, name: &str) -> bool {
        self.lock().live.remove(name).is_some()
    }

    /// Ends all of them, as a restart of the array's API does.
    pub(crate) fn clear(&self) {
        self.lock().live.clear();
    }

    fn until(&self, now: Timestamp) -> Timestamp {
        let (Lasting::Fixed(seconds) | Lasting::Idle(seconds)) = self.lasting;
        now.plus_seconds(seconds)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
