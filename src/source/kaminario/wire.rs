//! What a K2 array sends, field by field. Mirrors the vendor and never leaves this folder.
//!
//! The vendor's documentation warns of itself: fields are null, references, numbers or strings where it shows one of these,
//! and integers come as floats. So each field is lenient.

use crate::source::lenient::{FromScalar, Lenient};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{fmt, marker::PhantomData};

/// The envelope of every list. Histories say neither limit nor offset, so nobody reads them.
#[derive(Debug, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(super) struct List<T> {
    #[serde(deserialize_with = "bounded")]
    pub(super) hits: Vec<T>,
    #[serde(default)]
    pub(super) total: Lenient<u64>,
}

/// The most objects of one answer: twice as many as are ever asked for at once. More would only fill the memory.
pub(super) const MOST: usize = 20_000;

fn bounded<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct Rows<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Rows<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut rows = Vec::new();
            while let Some(row) = seq.next_element()? {
                if rows.len() >= MOST {
                    return Err(A::Error::custom("far more objects than were asked for"));
                }
                rows.push(row);
            }
            Ok(rows)
        }
    }
    deserializer.deserialize_seq(Rows(PhantomData))
}

/// One object of `GET /api/v2/system/state`.
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SystemState {
    pub(super) system_name: Lenient<String>,
    pub(super) system_id: Lenient<String>,
    pub(super) system_version: Lenient<String>,
    /// Epoch seconds with a fraction, by the array's clock.
    pub(super) system_time: Lenient<f64>,
}

/// One object of `GET /api/v2/replication/sessions`: the same session has another id and name on the other array.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Session {
    pub(super) id: Lenient<Id>,
    pub(super) name: Lenient<String>,
    pub(super) state: Lenient<String>,
    pub(super) current_role: Lenient<String>,
    /// Null on some arrays.
    pub(super) stopped: Lenient<bool>,
    /// Seconds.
    pub(super) rpo: Lenient<f64>,
    /// In transfer: documented as a string, its siblings are references; null between rounds.
    pub(super) current_snapshot: Reference,
    /// Only newer arrays.
    pub(super) current_snapshot_id: Lenient<Id>,
    /// Percent; 0 or 100 is left over between rounds.
    pub(super) current_snapshot_progress: Lenient<f64>,
    /// Seconds.
    pub(super) estimated_remaining_time: Lenient<f64>,
    /// Of this array, on either side.
    pub(super) latest_replicated_snapshot: Reference,
    pub(super) common_snapshots_count: Lenient<u64>,
    pub(super) local_volume_group: Reference,
    pub(super) replication_peer_volume_group: Reference,
    pub(super) replication_peer_k2array: Reference,
    pub(super) remote_replication_session_id: Lenient<Id>,
    pub(super) suspend_reason: Lenient<String>,
    pub(super) suspend_reason_code: Lenient<String>,
}

/// An object of which only the name matters: a volume group (with how many volumes it has), a peer's volume group, a peer (with its system id).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    pub(super) id: Lenient<Id>,
    pub(super) name: Lenient<String>,
    pub(super) system_id: Lenient<String>,
    pub(super) volumes_count: Lenient<u64>,
}

/// One object of `GET /api/v2/snapshots`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Snapshot {
    pub(super) id: Lenient<Id>,
    /// Epoch seconds. On the target, when the copy arrived.
    pub(super) creation_time: Lenient<f64>,
    /// On the target, when the source took it; null on the source.
    pub(super) data_creation_time: Lenient<f64>,
    pub(super) generation_number: Lenient<u64>,
}

/// One row of `GET /api/v2/replication/rpo_history`: a round. It has no id of its own.
#[expect(clippy::struct_field_names, reason = "the vendor's names")]
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Round {
    pub(super) session: Reference,
    pub(super) role: Lenient<String>,
    pub(super) generation_number: Lenient<u64>,
    /// Epoch seconds.
    pub(super) round_start: Lenient<f64>,
    /// Epoch seconds; 0 while it runs.
    pub(super) round_end: Lenient<f64>,
    pub(super) bytes_transmitted_logical: Lenient<u64>,
}

/// What an error says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorBody {
    pub(super) error_msg: Lenient<String>,
}

/// A number that names an object of this array: digits, whatever their count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(pub(super) String);

impl FromScalar for Id {
    fn from_text(text: &str) -> Option<Self> {
        (text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| Self(text.to_owned()))
    }

    fn from_number(digits: &str) -> Option<Self> {
        // Integers come as floats at times.
        Self::from_text(digits.strip_suffix(".0").unwrap_or(digits))
    }
}

/// `{"ref": "/snapshots/428"}`, or that path alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reference(pub(super) Lenient<String>);

impl Reference {
    /// The id at the end of the path.
    pub(super) fn id(&self) -> Lenient<Id> {
        self.0.clone().and_then(|path| {
            let tail = path.rsplit('/').next().filter(|tail| !tail.is_empty())?;
            Id::from_number(tail)
        })
    }
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Object {
            r#ref: Lenient<String>,
        }
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        Ok(Self(if raw.starts_with('{') {
            let object = serde_json::from_str(raw).map_or(Lenient::Unreadable, Lenient::Value);
            object.scalar(|object: Object| object.r#ref)
        } else {
            serde_json::from_str(raw).unwrap_or(Lenient::Unreadable)
        }))
    }
}
