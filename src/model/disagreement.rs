//! Where the arrays of one relationship contradict each other. Pure; `pairing` asks for it.

use super::{Exemption, Health, Pair, Role, Timestamp, View, span::moment, words};
use serde::Serialize;

/// What two arrays say differently about one relationship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// What it is about.
    pub about: About,
    /// What each says.
    pub text: String,
}

words! {
    /// What two sides can disagree about.
    About {
        /// Which is the source.
        Role = "role",
        /// How it does.
        Health = "health",
        /// What the target holds.
        RecoveryPoint = "recovery_point",
        /// One side copies, the other lets the target be written to.
        TargetWritable = "target_writable",
    }
}

/// Where the others contradict the first view. Only readings that may still be shown are compared. What a failover or an end
/// makes different is its signature and no contradiction.
pub(super) fn disagreements(pair: &Pair, now: Timestamp) -> Vec<Disagreement> {
    let is_signature = matches!(pair.stopped, Some(Exemption::Ended | Exemption::FailedOver));
    let Some((first, others)) = pair.views.split_first().filter(|_| !is_signature) else {
        return Vec::new();
    };
    let found = others.iter().flat_map(|other| {
        [
            role(first, other),
            health(first, other),
            recovery_point(first, other, now),
            writable(first, other),
        ]
    });
    found.flatten().collect()
}

fn role(a: &View, b: &View) -> Option<Disagreement> {
    let both = a.speaks() && b.speaks() && a.array != b.array;
    (both && a.key.role == Role::Source && b.key.role == Role::Source).then(|| Disagreement {
        about: About::Role,
        text: format!("{} and {} both say that they are the source", a.array, b.array),
    })
}

fn health(a: &View, b: &View) -> Option<Disagreement> {
    let (health_a, health_b) = (a.health()?, b.health()?);
    let (_, since_a) = a.lasting.health?;
    let (_, since_b) = b.lasting.health?;
    let settled = had_its_chance(a, a.read_at?, since_b) && had_its_chance(b, b.read_at?, since_a);
    let is_pause = is_paused_by_source(a, b) || is_paused_by_source(b, a);
    (health_a != health_b && settled && !is_pause).then(|| Disagreement {
        about: About::Health,
        text: format!("{} says {}; {} says {}", a.who(), a.word(), b.who(), b.word()),
    })
}

/// A pause is the source's decision, and no target needs to know of it.
fn is_paused_by_source(a: &View, b: &View) -> bool {
    let roles = (a.key.role, b.key.role) == (Role::Source, Role::Target);
    let is_well = matches!(b.health(), Some(Health::Ok | Health::Initializing));
    roles && a.health() == Some(Health::Paused) && is_well
}

fn recovery_point(a: &View, b: &View, now: Timestamp) -> Option<Disagreement> {
    let (at_a, at_b) = (
        a.lasting.recovery_point.timestamp()?,
        b.lasting.recovery_point.timestamp()?,
    );
    let (older, newer) = if at_a < at_b { (a, b) } else { (b, a) };
    let apart = at_a.seconds_since(at_b).abs();
    let tolerance = a.interval_seconds + b.interval_seconds;
    // Two arrays are not asked at the same moment: the one with the older recovery point must have been asked again since
    // the newer one was first seen.
    let read = older.lasting.recovery_point_read?;
    newer.lasting.recovery_point_read?;
    let settled = newer
        .lasting
        .recovery_point_seen
        .is_none_or(|seen| had_its_chance(older, read, seen));
    (apart > tolerance && settled).then(|| Disagreement {
        about: About::RecoveryPoint,
        text: format!(
            "{} says recovery point {}; {} says {}",
            a.who(),
            moment(at_a, now),
            b.who(),
            moment(at_b, now)
        ),
    })
}

fn writable(a: &View, b: &View) -> Option<Disagreement> {
    let is_writable = |view: &View| {
        view.present
            .as_ref()
            .and_then(|present| present.readings.target_writable)
    };
    let copies = |view: &View| matches!(view.health(), Some(Health::Ok | Health::Initializing));
    let (target, other) = match (is_writable(a), is_writable(b)) {
        (Some(true), Some(false) | None) => (a, b),
        (Some(false) | None, Some(true)) => (b, a),
        _ => return None,
    };
    copies(other).then(|| Disagreement {
        about: About::TargetWritable,
        text: format!(
            "{} says that the target is writable; {} says that it replicates: {}",
            target.who(),
            other.who(),
            other.word()
        ),
    })
}

/// Whether a view that was read at `read` could know what happened at `at`: a whole interval lies in between.
fn had_its_chance(view: &View, read: Timestamp, at: Timestamp) -> bool {
    read.seconds_since(at) >= view.interval_seconds
}

impl View {
    fn who(&self) -> String {
        format!("{} ({})", self.array, self.key.role.word())
    }

    /// The health with the vendor's word for it.
    fn word(&self) -> String {
        let health = self.health().unwrap_or(Health::Unknown).word();
        match self.present.as_ref().and_then(|present| present.readings.state) {
            Some(state) if state.word() != health => format!("{health} ({})", state.word()),
            _ => health.to_owned(),
        }
    }
}

#[cfg(test)]
#[path = "disagreement_tests.rs"]
mod tests;
