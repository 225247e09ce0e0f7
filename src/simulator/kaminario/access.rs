//! Who may ask a simulated array: two users with HTTP Basic on every request. Holds nothing of the world.

use super::{call::Call, refusal::Refusal};
use crate::simulator::{dice::Dice, fault::FaultKind};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The user that may only read.
pub(crate) const MONITOR: &str = "monitor";
/// The user that may do everything.
pub(crate) const ADMIN: &str = "admin";

/// The users' passwords.
pub(crate) struct Accounts {
    pub(crate) monitor: String,
    pub(crate) admin: String,
}

/// What a user may do, in the words of `current_user_role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserRole {
    ReadOnly,
    Admin,
}

impl UserRole {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::ReadOnly => "readonly",
            Self::Admin => "admin",
        }
    }
}

impl Accounts {
    pub(crate) fn new(dice: Dice, array: &str) -> Self {
        let password = |user: &str| dice.hex(&format!("{array} {user} password"), 0)[..24].to_owned();
        Self {
            monitor: password(MONITOR),
            admin: password(ADMIN),
        }
    }
}

/// Who asks, by the `Authorization` header of this very request.
pub(crate) fn identify(call: &Call<'_>, faults: &[FaultKind]) -> Result<UserRole, Refusal> {
    if faults.contains(&FaultKind::Auth) {
        return Err(Refusal::unauthenticated());
    }
    let header = call.request.header(hyper::header::AUTHORIZATION);
    let given = header.strip_prefix("Basic ").unwrap_or_default();
    let is = |user: &str, password: &str| given == STANDARD.encode(format!("{user}:{password}"));
    if is(MONITOR, &call.accounts.monitor) {
        Ok(UserRole::ReadOnly)
    } else if is(ADMIN, &call.accounts.admin) {
        Ok(UserRole::Admin)
    } else {
        Err(Refusal::unauthenticated())
    }
}
