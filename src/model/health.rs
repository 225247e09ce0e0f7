//! One word for every vendor: how a relationship does, and whether its lag counts against the objective.

use super::{RecoveryPoint, words};

words! {
    /// The vendor-neutral health of a relationship, in the order of the table in the documentation.
    Health {
        /// The vendor's word is not known, or nothing says how it does.
        Unknown = "unknown",
        /// A remnant of a relationship that was ended on the other side.
        Ended = "ended",
        /// The target was made writable: nothing is protected.
        FailedOver = "failed_over",
        /// Nobody has accepted it on the target yet.
        Pending = "pending",
        /// On its way from one state to another.
        Transition = "transition",
        /// Somebody switched it off.
        Paused = "paused",
        /// The last job failed, or the array suspended it.
        Failed = "failed",
        /// It works, and has never completed a first copy.
        Initializing = "initializing",
        /// It works.
        Ok = "ok",
    }
}

impl Health {
    /// How urgently somebody should look: greater is worse.
    #[must_use]
    pub fn severity(self) -> u8 {
        match self {
            Self::Failed => 8,
            Self::Unknown => 7,
            Self::FailedOver => 6,
            Self::Pending => 5,
            Self::Initializing => 4,
            Self::Transition => 3,
            Self::Paused => 2,
            Self::Ended => 1,
            Self::Ok => 0,
        }
    }
}

/// What the listing section says of a relationship, before the recovery point is considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The answer decides alone.
    Decided(Health),
    /// The link works: `initializing` or `ok`, as the recovery point decides.
    Replicating,
}

impl Condition {
    /// The health, given what is known of the recovery point. What was never said is not healthy.
    #[must_use]
    pub fn health(self, recovery_point: RecoveryPoint) -> Health {
        match (self, recovery_point) {
            (Self::Decided(health), _) => health,
            (Self::Replicating, RecoveryPoint::At(_)) => Health::Ok,
            (Self::Replicating, RecoveryPoint::Never) => Health::Initializing,
            (Self::Replicating, RecoveryPoint::Unknown) => Health::Unknown,
        }
    }
}

words! {
    /// Why lag is not held against the objective. The first that applies counts.
    Exemption {
        /// A remnant.
        Ended = "ended",
        /// Failed over, by decision.
        FailedOver = "failed_over",
        /// Not accepted yet.
        Pending = "pending",
        /// Switched off, by decision.
        Paused = "paused",
        /// In a blackout window, until the next active time.
        Blackout = "blackout",
        /// It is held against it.
        None = "none",
    }
}

impl From<Condition> for Exemption {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Decided(Health::Ended) => Self::Ended,
            Condition::Decided(Health::FailedOver) => Self::FailedOver,
            Condition::Decided(Health::Pending) => Self::Pending,
            Condition::Decided(Health::Paused) => Self::Paused,
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn what_was_never_said_is_not_healthy() {
        let at = RecoveryPoint::At(Timestamp::from_unix_seconds(1.0).expect("a time"));
        assert_eq!(Condition::Replicating.health(at), Health::Ok);
        assert_eq!(
            Condition::Replicating.health(RecoveryPoint::Never),
            Health::Initializing
        );
        assert_eq!(Condition::Replicating.health(RecoveryPoint::Unknown), Health::Unknown);
        assert_eq!(Condition::Decided(Health::Failed).health(at), Health::Failed);
    }

    #[test]
    fn ok_is_the_least_severe_and_no_two_are_equal() {
        let mut severities: Vec<u8> = Health::ALL.iter().map(|health| health.severity()).collect();
        severities.sort_unstable();
        severities.dedup();
        assert_eq!(severities.len(), Health::ALL.len());
        assert_eq!(Health::Ok.severity(), 0);
    }
}
