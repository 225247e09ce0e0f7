//! The section `basic_auth_users`: names and bcrypt hashes.

use super::table::{Findings, Table};
use std::{collections::BTreeMap, str::FromStr};

/// bcrypt's cost: each step doubles the time. 16 takes several seconds.
const COSTS: std::ops::RangeInclusive<u32> = 4..=16;

/// Who may log in. No `Debug`: it holds hashes.
#[derive(Default)]
pub(in crate::server) struct Users {
    by_name: BTreeMap<String, HashedPassword>,
}

/// A bcrypt hash that can be compared with. No `Debug`.
#[derive(Clone)]
pub(in crate::server) struct HashedPassword {
    text: String,
    cost: u32,
}

impl Users {
    pub(in crate::server) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    pub(in crate::server) fn password_of(&self, name: &str) -> Option<&HashedPassword> {
        self.by_name.get(name)
    }

    /// A hash to compare with for a name that nobody has: it takes as long as the dearest of the others.
    pub(in crate::server) fn decoy(&self) -> Option<&HashedPassword> {
        self.by_name.values().max_by_key(|password| password.cost)
    }
}

impl HashedPassword {
    /// The hash as it is in the file.
    pub(in crate::server) fn text(&self) -> &str {
        &self.text
    }

    /// Whether `password` is the one. Takes long, by design: not for an async worker.
    pub(in crate::server) fn matches(&self, password: &[u8]) -> bool {
        // Cut at 72 bytes, as in Go and htpasswd.
        bcrypt::verify(password, &self.text).unwrap_or(false)
    }
}

pub(super) fn read(section: Table, findings: &mut Findings) -> Users {
    let mut users = Users::default();
    for (name, field) in section.into_fields() {
        let at = field.at.clone();
        if name.contains(':') {
            findings.problem(&at, "a user name with a colon cannot log in");
        }
        match parse(field.text(findings).map(|(text, _)| text).unwrap_or_default()) {
            Ok(password) => {
                users.by_name.insert(name, password);
            }
            Err(message) => findings.problem(&at, message),
        }
    }
    users
}

fn parse(text: String) -> Result<HashedPassword, String> {
    let parts = bcrypt::HashParts::from_str(&text);
    let cost = match parts {
        Ok(parts) if ["$2a$", "$2b$", "$2y$"].iter().any(|version| text.starts_with(version)) => parts.get_cost(),
        _ => return Err("expected a bcrypt hash, such as htpasswd -nBC 10 makes".to_owned()),
    };
    if !COSTS.contains(&cost) {
        return Err(format!(
            "the cost of a bcrypt hash must be from {} to {}",
            COSTS.start(),
            COSTS.end()
        ));
    }
    Ok(HashedPassword { text, cost })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_costs_as_much_as_the_dearest_known_one() {
        let mut users = Users::default();
        assert!(users.decoy().is_none());
        for (name, cost) in [("ann", 4), ("bob", 6), ("cid", 5)] {
            let hash = bcrypt::hash(name, cost).expect("a hash");
            let password = parse(hash).expect("what bcrypt makes is a hash");
            users.by_name.insert(name.to_owned(), password);
        }
        assert_eq!(users.decoy().map(|password| password.cost), Some(6));
    }

    #[test]
    fn hashes_of_htpasswd_and_of_go_are_known() {
        for hash in [
            "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi",
            "$2a$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi",
        ] {
            let password = parse(hash.to_owned()).expect("a hash");
            assert!(password.matches(b"fakepassword"));
            assert!(!password.matches(b"fakepassword2"));
        }
    }
}
