//! A replication relationship: who it is, and what its target holds.

use super::{Timestamp, words};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which relationship, and from which side it is seen. Sorts by id, then role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RelationshipKey {
    /// The vendor's lasting id; never a number, ids pass 2^53.
    pub id: Arc<str>,
    /// Which side this array is.
    pub role: Role,
}

impl RelationshipKey {
    /// The key of the relationship `id` seen as `role`.
    #[must_use]
    pub fn new(id: impl Into<Arc<str>>, role: Role) -> Self {
        Self { id: id.into(), role }
    }
}

words! {
    /// Which side of a relationship an array is.
    Role {
        /// It watches, as a backup manager does.
        Observer = "observer",
        /// It is copied from.
        Source = "source",
        /// It is copied to.
        Target = "target",
        /// It did not say.
        Unknown = "unknown",
    }
}

words! {
    /// How a relationship decides when to copy.
    Mode {
        /// A new job as soon as the last one ended.
        Continuous = "continuous",
        /// The snapshots of linked policies.
        SnapshotPolicy = "snapshot_policy",
        /// Both.
        SnapshotPolicyWithContinuous = "snapshot_policy_with_continuous",
        /// Asynchronous rounds.
        Async = "async",
        /// A scheduled job.
        Job = "job",
        /// A one-shot copy to an object store.
        CopyToObject = "copy_to_object",
        /// A one-shot copy from an object store.
        CopyFromObject = "copy_from_object",
        /// This side does not say.
        NotReported = "",
        /// A word that the exporter does not know.
        Unknown = "unknown",
    }
}

impl Mode {
    /// Whether it copies once, when somebody starts it, so that its age says nothing.
    #[must_use]
    pub fn runs_once(self) -> bool {
        matches!(self, Self::CopyToObject | Self::CopyFromObject)
    }
}

/// What a relationship is called and what it connects: the labels of its info metric. Names may change; the key does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The name that people use, the `relationship` label.
    pub relationship: String,
    /// The same text on both sides of one relationship.
    pub pair: String,
    /// How it decides when to copy.
    pub mode: Mode,
    /// The other side's system id; empty where there is none.
    pub peer_system_id: String,
    /// The system that is copied from.
    pub source_system: String,
    /// The path, volume group or VM that is copied.
    pub source_object: String,
    /// The system that is copied to.
    pub target_system: String,
    /// The path, volume group or VM that it is copied to.
    pub target_object: String,
}

/// The moment whose data the target holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryPoint {
    /// No answer has said yet.
    #[default]
    Unknown,
    /// The array says that there never was one.
    Never,
    /// The data of this moment.
    At(Timestamp),
}

impl RecoveryPoint {
    /// The moment, if there is one.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Unknown | Self::Never => None,
        }
    }
}
