//! How the parts of a view are called in `/api/v1/status`, where that is not how they are called here. Names alone.

use super::{Health, RecoveryPoint, RelationshipKey, Standing, Timestamp};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// `relationship_id` and `role`.
pub(super) fn key<S: Serializer>(key: &RelationshipKey, serializer: S) -> Result<S::Ok, S::Error> {
    two(serializer, ("relationship_id", &key.id), ("role", &key.role))
}

/// `standing` and `standing_since`.
pub(super) fn standing<S: Serializer>(said: &(Standing, Timestamp), serializer: S) -> Result<S::Ok, S::Error> {
    two(serializer, ("standing", &said.0), ("standing_since", &said.1))
}

/// `last_health` and `last_health_since`.
pub(super) fn health<T, S>(said: &T, serializer: S) -> Result<S::Ok, S::Error>
where
    T: Copy + Into<Option<(Health, Timestamp)>>,
    S: Serializer,
{
    let (health, since) = (*said).into().unzip();
    two(serializer, ("last_health", &health), ("last_health_since", &since))
}

/// `has_recovery_point`, null where nobody has said, and `recovery_point`.
pub(super) fn recovery_point<S: Serializer>(said: &RecoveryPoint, serializer: S) -> Result<S::Ok, S::Error> {
    let has_one = match said {
        RecoveryPoint::Unknown => None,
        RecoveryPoint::Never => Some(false),
        RecoveryPoint::At(_) => Some(true),
    };
    two(
        serializer,
        ("has_recovery_point", &has_one),
        ("recovery_point", &said.timestamp()),
    )
}

fn two<S: Serializer, A: Serialize, B: Serialize>(
    serializer: S,
    first: (&'static str, &A),
    second: (&'static str, &B),
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry(first.0, first.1)?;
    map.serialize_entry(second.0, second.1)?;
    map.end()
}
