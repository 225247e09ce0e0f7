//! What the status page shows, as the store hands it over. Plain data in the operator's words; no HTML.

use crate::model::{Health, Role, Timestamp};

/// Every array, with every relationship.
#[derive(Clone, Debug, Default)]
pub struct Overview {
    /// In any order: the page sorts, worst first.
    pub arrays: Vec<ArrayOverview>,
}

/// One array.
#[derive(Clone, Debug)]
pub struct ArrayOverview {
    /// The `array` label.
    pub name: String,
    /// The `vendor` label.
    pub vendor: &'static str,
    /// As in `storage_array_up`.
    pub up: bool,
    /// Why it is not up, for people; empty where there is nothing to say.
    pub note: String,
    /// What it replicates.
    pub relationships: Vec<RelationshipRow>,
}

/// One relationship.
#[derive(Clone, Debug)]
pub struct RelationshipRow {
    /// `None` where the last reading has expired.
    pub health: Option<Health>,
    /// The `relationship` label.
    pub relationship: String,
    /// The `role` label.
    pub role: Role,
    /// The moment whose data the target holds.
    pub recovery_point: Option<Timestamp>,
    /// How far behind that is.
    pub lag_seconds: Option<f64>,
    /// The objective.
    pub rpo_seconds: Option<f64>,
    /// Why it is red, or what it does, for people.
    pub note: String,
}

impl RelationshipRow {
    /// Whether lag is over the objective.
    #[must_use]
    pub fn breached(&self) -> bool {
        matches!((self.lag_seconds, self.rpo_seconds), (Some(lag), Some(rpo)) if lag > rpo)
    }

    /// How urgently somebody should look: greater is worse. What is not known is as bad as `unknown`.
    #[must_use]
    pub fn severity(&self) -> u8 {
        let health = self.health.unwrap_or(Health::Unknown).severity();
        // A breached objective is worse than anything but a failure, whatever word the array has for it.
        if self.breached() {
            health.max(Health::Unknown.severity())
        } else {
            health
        }
    }
}

impl ArrayOverview {
    /// That of its worst relationship; an array that is down comes before all that are up.
    pub(super) fn severity(&self) -> (bool, u8) {
        let worst = self.relationships.iter().map(RelationshipRow::severity).max();
        (!self.up, worst.unwrap_or(0))
    }
}
