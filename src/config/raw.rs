//! The file as it is written: every key, its type, and nothing about what makes sense together (see `check`).
//!
//! A value of the wrong type and an unknown key are kept, not errors, so that one pass finds every problem.

use super::{
    checked::{Checked, Unread},
    quantity::{ByteCount, ForgetAfter, Period, Rpo},
};
use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use std::{collections::BTreeMap, fmt};

/// Declares a table: each key as an `Option<Checked<_>>`, groups of keys that several tables share, and a list of all.
macro_rules! table {
    ($(#[$doc:meta])* struct $name:ident { $($(#[$key_doc:meta])* $key:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct $name {
            $($(#[$key_doc])* pub(crate) $key: Option<Checked<$type>>,)*
        }

        impl $name {
            /// Every key, in the order of declaration.
            pub(crate) const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];
        }
    };
    (
        $(#[$doc:meta])*
        struct $name:ident { $($(#[$key_doc:meta])* $key:ident: $type:ty,)* }
        with { $($group:ident: $group_type:ident,)* }
    ) => {
        $(#[$doc])*
        #[derive(Default, Deserialize)]
        #[serde(default)]
        pub(crate) struct $name {
            $($(#[$key_doc])* pub(crate) $key: Option<Checked<$type>>,)*
            $(#[serde(flatten)] pub(crate) $group: $group_type,)*
            /// Keys that are none of these.
            #[serde(flatten)]
            pub(crate) others: OtherKeys,
        }

        impl $name {
            /// Every key, those of the groups included.
            pub(crate) fn keys() -> Vec<&'static str> {
                [&[$(stringify!($key)),*][..], $($group_type::KEYS),*].concat()
            }
        }
    };
}

table! {
    /// The whole file. The vendors' sections are among the other keys: the list of vendors tells which those are.
    struct RawConfig {
        poll: RawPoll,
    } with {}
}

table! {
    /// `[poll]`.
    struct RawPoll {
        state_file: String,
    } with {
        polling: RawPolling,
    }
}

table! {
    /// One array, whatever its vendor. What only one vendor has is among the other keys: its descriptor tells.
    struct RawArray {
        name: String,
        url: String,
        urls: Vec<Checked<String>>,
        allow_plaintext: bool,
        sections: Vec<Checked<String>>,
        labels: BTreeMap<String, Checked<String>>,
        rpo: Rpo,
        rpo_overrides: Vec<Checked<RawOverride>>,
    } with {
        credentials: RawCredentials,
        trust: RawTrust,
        polling: RawPolling,
    }
}

table! {
    /// One of `rpo_overrides`.
    struct RawOverride {
        relationship: String,
        mode: String,
        policy: String,
        schedule: String,
        rpo: Rpo,
    } with {}
}

table! {
    /// The keys of `[poll]` that an array may set for itself.
    struct RawPolling {
        interval: Period,
        timeout: Period,
        stale_after: Period,
        forget_after: ForgetAfter,
        max_body: ByteCount,
        max_series: usize,
    }
}

table! {
    /// How it is proved who asks.
    struct RawCredentials {
        token: Secret,
        token_file: String,
        token_env: String,
        token_credential: String,
        username: String,
        password: Secret,
        password_file: String,
        password_env: String,
        password_credential: String,
    }
}

table! {
    /// How it is proved who answers.
    struct RawTrust {
        ca_file: String,
        pin_sha256: String,
        server_name: String,
        insecure_skip_verify: bool,
    }
}

/// A secret that is written in the file.
pub(crate) struct Secret(pub(crate) SecretString);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(text.into()))
    }
}

/// Keys that the table does not name.
#[derive(Default)]
pub(crate) struct OtherKeys(pub(crate) Vec<(String, Unread)>);

impl OtherKeys {
    /// Takes the value of one of them.
    pub(crate) fn take(&mut self, key: &str) -> Option<Unread> {
        let place = self.0.iter().position(|(other, _)| other == key)?;
        Some(self.0.remove(place).1)
    }
}

impl<'de> Deserialize<'de> for OtherKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = OtherKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<OtherKeys, A::Error> {
        let mut keys = Vec::new();
        while let Some(entry) = map.next_entry()? {
            keys.push(entry);
        }
        Ok(OtherKeys(keys))
    }
}
