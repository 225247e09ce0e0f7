//! What stays true when the array is gone, and the only place where a fact is kept, replaced or dropped.
//!
//! Pure: previous facts and the sections that succeeded give the next facts. The store calls it at each poll and at each
//! tick of its own; the facts file keeps what is here.

use super::{
    Condition, Description, Exemption, Field, Health, JobResult, LastJob, Listing, Objective, RecoveryPoint,
    RelationshipKey, RelationshipReport, Role, Section, SectionReport, SystemReport, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Below this the clock of an array counts as right: a `Date` header has whole seconds.
const NEGLIGIBLE_SKEW_SECONDS: f64 = 2.0;

/// Everything that outlives an array's absence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArrayFacts {
    /// Who it is.
    pub identity: Identity,
    /// Its clock minus the exporter's, last known.
    pub clock_skew_seconds: Option<f64>,
    /// When the certificate that it last presented expires.
    pub certificate_expiry: Option<Timestamp>,
    /// How fresh its own copy is.
    pub data_timestamp: Option<Timestamp>,
    /// When it last gave anything besides its identity.
    pub last_heard: Option<Timestamp>,
    /// How many relationships each listing section last listed, by role.
    pub listed: BTreeMap<(Section, Role), u64>,
    /// The relationships that exist.
    pub relationships: BTreeMap<RelationshipKey, RelationshipFacts>,
}

/// Who an array is; what is not known yet is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct Identity {
    pub name: String,
    pub id: String,
    pub version: String,
}

/// Everything that stays true of one relationship.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationshipFacts {
    /// The section that lists it.
    pub section: Section,
    /// What it is called.
    pub description: Description,
    /// The moment whose data the target holds.
    pub recovery_point: RecoveryPoint,
    /// When the exporter first saw that recovery point.
    pub recovery_point_seen: Option<Timestamp>,
    /// The objective that the array itself states.
    pub array_rpo_seconds: Option<f64>,
    /// The outcome of the last finished job.
    pub last_job: LastJobFacts,
    /// How it did when last reported, before the recovery point is considered.
    pub condition: Option<Condition>,
    /// The health when last reported, and since when.
    pub health: Option<(Health, Timestamp)>,
    /// Why its lag does not count, but for a blackout.
    pub exemption: Exemption,
    /// The end of the blackout that was last reported.
    pub blackout_until: Option<Timestamp>,
    /// Time with lag over the objective while nothing exempted it.
    pub breach_seconds: f64,
}

/// The outcome of the last finished job; `None` where it was never said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it all, units included")]
pub struct LastJobFacts {
    pub result: Option<JobResult>,
    pub duration_seconds: Option<f64>,
    pub end: Option<Timestamp>,
    pub transferred_bytes: Option<u64>,
    pub protected_bytes: Option<u64>,
}

impl ArrayFacts {
    /// Takes in the sections of one poll that succeeded, in one step.
    pub fn apply(&mut self, reports: &[(Section, &SectionReport)], now: Timestamp) {
        for (_, report) in reports {
            if let Some(system) = &report.system {
                self.apply_system(system);
            }
            if report.data_timestamp.is_some() {
                self.data_timestamp = report.data_timestamp;
            }
        }
        if reports.iter().any(|(section, _)| *section != Section::SYSTEM) {
            self.last_heard = Some(now);
        }
        self.apply_listings(reports);
        for (_, report) in reports {
            for said in &report.relationships {
                if let Some(facts) = self.relationships.get_mut(&said.key) {
                    facts.apply(said, now);
                }
            }
        }
        for facts in self.relationships.values_mut() {
            facts.settle_health(now);
        }
    }

    fn apply_system(&mut self, said: &SystemReport) {
        if let Field::Is(id) = &said.id
            && !self.identity.id.is_empty()
            && *id != self.identity.id
        {
            // Another system answers at this address: nothing that was known of the old one is true of it.
            *self = Self::default();
        }
        let Identity { name, id, version } = &mut self.identity;
        for (fact, said) in [(name, &said.name), (id, &said.id), (version, &said.version)] {
            match said {
                Field::Silent => {}
                Field::Never => fact.clear(),
                Field::Is(value) => fact.clone_from(value),
            }
        }
        if said.clock_skew_seconds.is_some() {
            self.clock_skew_seconds = said.clock_skew_seconds;
        }
    }

    /// Decides which relationships exist.
    fn apply_listings(&mut self, reports: &[(Section, &SectionReport)]) {
        let listings = || reports.iter().filter(|(_, report)| report.listing != Listing::None);
        let listed: BTreeSet<&RelationshipKey> = listings()
            .flat_map(|(_, report)| report.relationships.iter().map(|said| &said.key))
            .collect();
        // What was known of the other side of a relationship that is listed under one role only now.
        let mut moved: BTreeMap<RelationshipKey, RelationshipFacts> = BTreeMap::new();
        for key in &listed {
            if !self.relationships.contains_key(*key)
                && let Some(before) = self.known_under_another_role(key, &listed)
            {
                moved.insert((*key).clone(), before.clone());
            }
        }
        for (section, report) in listings() {
            if let Listing::Complete = report.listing {
                self.relationships
                    .retain(|key, facts| facts.section != *section || listed.contains(key));
                self.count_listed(*section, report);
            }
            for said in &report.relationships {
                let Some(description) = &said.description else { continue };
                let facts = self.relationships.entry(said.key.clone()).or_insert_with(|| {
                    moved
                        .remove(&said.key)
                        .unwrap_or_else(|| RelationshipFacts::new(*section, description.clone()))
                });
                facts.section = *section;
                facts.description.clone_from(description);
            }
        }
    }

    fn known_under_another_role(
        &self,
        key: &RelationshipKey,
        listed: &BTreeSet<&RelationshipKey>,
    ) -> Option<&RelationshipFacts> {
        Role::ALL
            .iter()
            .map(|&role| RelationshipKey {
                id: key.id.clone(),
                role,
            })
            .filter(|other| other.role != key.role && !listed.contains(other))
            .find_map(|other| self.relationships.get(&other))
    }

    fn count_listed(&mut self, section: Section, report: &SectionReport) {
        self.listed.retain(|(listed_by, _), _| *listed_by != section);
        for &role in report.roles {
            self.listed.insert((section, role), 0);
        }
        for said in &report.relationships {
            *self.listed.entry((section, said.key.role)).or_default() += 1;
        }
    }

    /// How many relationships the array listed, by role.
    #[must_use]
    pub fn relationships_by_role(&self) -> BTreeMap<Role, u64> {
        let mut counts = BTreeMap::new();
        for ((_, role), count) in &self.listed {
            *counts.entry(*role).or_default() += count;
        }
        counts
    }

    /// The lag of a recovery point by the array's clock: never negative.
    #[must_use]
    pub fn lag_seconds(&self, recovery_point: Timestamp, now: Timestamp) -> f64 {
        let skew = self
            .clock_skew_seconds
            .filter(|skew| skew.abs() >= NEGLIGIBLE_SKEW_SECONDS)
            .unwrap_or(0.0);
        (now.seconds_since(recovery_point) + skew).max(0.0)
    }

    /// Lets `elapsed_seconds` of monotonic time pass: counts what of it each relationship was over its objective.
    pub fn count_breaches(&mut self, objective: &Objective, now: Timestamp, elapsed_seconds: f64) {
        let mut relationships = std::mem::take(&mut self.relationships);
        for facts in relationships.values_mut() {
            let Some(objective_seconds) = facts.objective_seconds(objective) else {
                continue;
            };
            let Some(recovery_point) = facts.recovery_point.timestamp() else {
                continue;
            };
            if facts.exemption_at(now) == Exemption::None {
                let over = self.lag_seconds(recovery_point, now) - objective_seconds;
                facts.breach_seconds += over.clamp(0.0, elapsed_seconds);
            }
        }
        self.relationships = relationships;
    }

    /// Drops what sections had listed that are no longer read: nobody would ever say that it is gone.
    pub fn keep_sections(&mut self, sections: &[Section]) {
        self.relationships.retain(|_, facts| sections.contains(&facts.section));
        self.listed.retain(|(section, _), _| sections.contains(section));
    }

    /// Drops the relationships of an array that was not heard for `forget_after_seconds`.
    pub fn forget(&mut self, forget_after_seconds: f64, now: Timestamp) {
        if let Some(last_heard) = self.last_heard
            && now.seconds_since(last_heard) > forget_after_seconds
        {
            let identity = std::mem::take(&mut self.identity);
            *self = Self {
                identity,
                ..Self::default()
            };
        }
    }
}

impl RelationshipFacts {
    /// A relationship that was just seen for the first time.
    #[must_use]
    pub fn new(section: Section, description: Description) -> Self {
        Self {
            section,
            description,
            recovery_point: RecoveryPoint::Unknown,
            recovery_point_seen: None,
            array_rpo_seconds: None,
            last_job: LastJobFacts::default(),
            condition: None,
            health: None,
            exemption: Exemption::None,
            blackout_until: None,
            breach_seconds: 0.0,
        }
    }

    fn apply(&mut self, said: &RelationshipReport, now: Timestamp) {
        let before = self.recovery_point;
        match said.recovery_point {
            Field::Silent => {}
            Field::Never => self.recovery_point = RecoveryPoint::Never,
            Field::Is(at) => self.recovery_point = RecoveryPoint::At(at),
        }
        if self.recovery_point != before {
            self.recovery_point_seen = Some(now);
        }
        said.rpo_seconds.update(&mut self.array_rpo_seconds);
        self.last_job.apply(&said.last_job);
        if let Some(condition) = said.readings.condition {
            self.condition = Some(condition);
            self.exemption = condition.into();
            self.blackout_until = said
                .readings
                .next_active
                .filter(|_| said.readings.blackout == Some(true));
        }
    }

    fn settle_health(&mut self, now: Timestamp) {
        let Some(condition) = self.condition else { return };
        let health = condition.health(self.recovery_point);
        if self.health.is_none_or(|(before, _)| before != health) {
            self.health = Some((health, now));
        }
    }

    /// The objective that counts for it.
    #[must_use]
    pub fn objective_seconds(&self, objective: &Objective) -> Option<f64> {
        objective.seconds(&self.description.relationship, self.array_rpo_seconds)
    }

    /// Why its lag does not count at `now`; a blackout lapses at its end, also while the array is away.
    #[must_use]
    pub fn exemption_at(&self, now: Timestamp) -> Exemption {
        match self.exemption {
            Exemption::None if self.blackout_until.is_some_and(|until| now < until) => Exemption::Blackout,
            exemption => exemption,
        }
    }
}

impl LastJobFacts {
    fn apply(&mut self, said: &LastJob) {
        said.result.update(&mut self.result);
        said.duration_seconds.update(&mut self.duration_seconds);
        said.end.update(&mut self.end);
        said.transferred_bytes.update(&mut self.transferred_bytes);
        said.protected_bytes.update(&mut self.protected_bytes);
    }
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
