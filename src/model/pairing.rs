//! Puts the two sides of a relationship together: views with the same `pair` are one row. Says how the row stands and where
//! the sides disagree. Pure; the store calls it for the status page and `/api/v1/status`.

use super::{Description, Health, Role, Timestamp, View, protection::words, span::moment, verdict::Standing};
use std::{cmp::Ordering, collections::BTreeMap};

/// A relationship with every configured array's view of it; never empty.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The source's first.
    pub views: Vec<View>,
    /// Which of the views decides how it stands.
    lead: usize,
    /// How it stands.
    pub standing: Standing,
    /// Why, in one sentence with the numbers.
    pub why: String,
    /// Where the views contradict each other.
    pub disagreements: Vec<Disagreement>,
}

/// What two arrays say differently about one relationship.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// What it is about.
    pub about: About,
    /// What each says.
    pub text: String,
}

words! {
    /// What two sides can disagree about.
    About {
        /// How it does.
        Health = "health",
        /// What the target holds.
        RecoveryPoint = "recovery_point",
        /// One side copies, the other lets the target be written to.
        TargetWritable = "target_writable",
    }
}

impl Pair {
    /// Every relationship once, worst first.
    #[must_use]
    pub fn all(views: Vec<View>, now: Timestamp) -> Vec<Self> {
        let mut groups: BTreeMap<(&'static str, String), Vec<View>> = BTreeMap::new();
        let mut pairs = Vec::new();
        for view in views {
            if view.description.pair.is_empty() {
                pairs.push(Self::of(vec![view], now));
            } else {
                let key = (view.vendor, view.description.pair.clone());
                groups.entry(key).or_default().push(view);
            }
        }
        pairs.extend(groups.into_values().map(|views| Self::of(views, now)));
        pairs.sort_by(Self::worst_first);
        pairs
    }

    fn of(mut views: Vec<View>, now: Timestamp) -> Self {
        views.sort_by(|a, b| {
            let order = |view: &View| (place(view.key.role), view.array.clone(), view.key.clone());
            order(a).cmp(&order(b))
        });
        // A side that is silent does not hide what the other one says.
        let anybody_speaks = views.iter().any(|view| view.present.is_some());
        let heard = |view: &View| !anybody_speaks || view.present.is_some();
        let speaking = views.iter().enumerate().filter(|(_, view)| heard(view));
        let lead = speaking.min_by_key(|(_, view)| view.standing());
        let lead = lead.map_or(0, |(index, _)| index);
        let (standing, why) = (views[lead].standing(), views[lead].why(now));
        let disagreements = disagreements(&views, now);
        Self {
            views,
            lead,
            standing,
            why,
            disagreements,
        }
    }

    /// The view that decides how the relationship stands.
    #[must_use]
    pub fn lead(&self) -> &View {
        &self.views[self.lead]
    }

    /// The views besides that one.
    pub fn others(&self) -> impl Iterator<Item = &View> {
        let views = self.views.iter().enumerate();
        views.filter(|(index, _)| *index != self.lead).map(|(_, view)| view)
    }

    /// What it connects: `(system, object)` of the source and of the target. What the deciding view does not know, another
    /// one may.
    #[must_use]
    pub fn ends(&self) -> [(&str, &str); 2] {
        let first_known = |field: fn(&Description) -> &str| {
            let known = std::iter::once(self.lead()).chain(self.others());
            let mut known = known.map(|view| field(&view.description));
            known.find(|text| !text.is_empty()).unwrap_or_default()
        };
        [
            (
                first_known(|said| &said.source_system),
                first_known(|said| &said.source_object),
            ),
            (
                first_known(|said| &said.target_system),
                first_known(|said| &said.target_object),
            ),
        ]
    }

    /// Of two that stand alike: the more severe health, then those with disagreements, then the greater lag for its
    /// objective.
    fn worst_first(a: &Self, b: &Self) -> Ordering {
        let severity = |pair: &Self| pair.lead().health().unwrap_or(Health::Unknown).severity();
        let share = |pair: &Self| pair.lead().lag_share().unwrap_or(0.0);
        let lag = |pair: &Self| pair.lead().lasting.lag_seconds.unwrap_or(0.0);
        let name = |pair: &Self| pair.lead().description.relationship.clone();
        a.standing
            .cmp(&b.standing)
            .then_with(|| severity(b).cmp(&severity(a)))
            .then_with(|| a.disagreements.is_empty().cmp(&b.disagreements.is_empty()))
            .then_with(|| share(b).total_cmp(&share(a)))
            .then_with(|| lag(b).total_cmp(&lag(a)))
            .then_with(|| name(a).cmp(&name(b)))
    }
}

fn place(role: Role) -> u8 {
    match role {
        Role::Source => 0,
        Role::Observer => 1,
        Role::Target => 2,
        Role::Unknown => 3,
    }
}

/// Where the others contradict the first view. Only readings that may still be shown are compared.
fn disagreements(views: &[View], now: Timestamp) -> Vec<Disagreement> {
    let Some((first, others)) = views.split_first() else {
        return Vec::new();
    };
    let found = others.iter().flat_map(|other| {
        [
            health(first, other),
            recovery_point(first, other, now),
            writable(first, other),
        ]
    });
    found.flatten().collect()
}

fn health(a: &View, b: &View) -> Option<Disagreement> {
    let (health_a, health_b) = (a.health()?, b.health()?);
    let (_, since_a) = a.lasting.health?;
    let (_, since_b) = b.lasting.health?;
    let settled = had_its_chance(a, a.read_at?, since_b) && had_its_chance(b, b.read_at?, since_a);
    (health_a != health_b && settled).then(|| Disagreement {
        about: About::Health,
        text: format!("{} says {}; {} says {}", a.who(), a.word(), b.who(), b.word()),
    })
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
#[path = "pairing_tests.rs"]
mod tests;
