//! What stays true when the array is gone, and the only place where a fact is kept, replaced or dropped.
//!
//! Pure: previous facts and the sections that succeeded give the next facts. The store calls it at each poll and at each
//! tick of its own; the facts file keeps what is here.

use super::{
    Clocks, Field, Listing, RelationshipFacts, RelationshipKey, Role, Section, SectionReport, SystemReport, Terms,
    Timestamp, UnknownValues, Voice, history::Changed, relationship_facts::is_impossible,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that outlives an array's absence. What is by section is written by whoever knows the vendor's sections.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// When each section last succeeded.
    #[serde(skip)]
    pub last_success: BTreeMap<Section, Timestamp>,
    /// While the array's last word is that data is at risk: since when the exporter saw it so.
    pub data_at_risk_since: Option<Timestamp>,
    /// How many relationships each listing section last listed, by role.
    #[serde(skip)]
    pub listed: BTreeMap<(Section, Role), u64>,
    /// The relationships that exist.
    #[serde(skip)]
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

impl ArrayFacts {
    /// Takes in the sections of one poll that succeeded, in one step. Gives what in them is impossible.
    #[must_use]
    pub fn apply(&mut self, reports: &[(Section, &SectionReport)], now: Timestamp, terms: Terms<'_>) -> UnknownValues {
        for (section, report) in reports {
            if let Some(system) = &report.system {
                self.apply_system(system);
            }
            if report.data_timestamp.is_some() {
                self.data_timestamp = report.data_timestamp;
            }
            match report.restriper.as_ref().and_then(|restriper| restriper.data_at_risk) {
                Some(true) => _ = self.data_at_risk_since.get_or_insert(now),
                Some(false) => self.data_at_risk_since = None,
                None => {}
            }
            self.last_success.insert(*section, now);
        }
        if reports.iter().any(|(section, _)| *section != Section::SYSTEM) {
            self.last_heard = Some(now);
        }
        self.apply_listings(reports, now);
        let mut impossible = UnknownValues::default();
        for (_, report) in reports {
            for said in &report.relationships {
                let clocks = self.clocks(said.key.role, now);
                if let Some(facts) = self.relationships.get_mut(&said.key) {
                    facts.apply(said, clocks, terms);
                    if said.recovery_point.value().is_some_and(|at| is_impossible(at, clocks)) {
                        impossible.count(UnknownValues::RECOVERY_POINT_IN_FUTURE);
                    }
                }
            }
        }
        for facts in self.relationships.values_mut() {
            facts.settle(now);
        }
        self.judge(now, terms, Voice::Array);
        impossible
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
        // No array is without an id: one that is never said is not known, and clears no identity.
        if let Field::Is(said) = &said.id {
            id.clone_from(said);
        }
        for (fact, said) in [(name, &said.name), (version, &said.version)] {
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
    fn apply_listings(&mut self, reports: &[(Section, &SectionReport)], now: Timestamp) {
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
                let (role, mut facts) = before;
                facts.history.push(now, Changed::Role(role, key.role), Voice::Array);
                moved.insert((*key).clone(), facts);
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
                        .unwrap_or_else(|| RelationshipFacts::new(*section, description.clone(), now))
                });
                facts.section = *section;
                facts.describe(description, said.pair_is_provisional);
            }
        }
    }

    fn known_under_another_role(
        &self,
        key: &RelationshipKey,
        listed: &BTreeSet<&RelationshipKey>,
    ) -> Option<(Role, RelationshipFacts)> {
        Role::ALL
            .iter()
            .map(|&role| RelationshipKey {
                id: key.id.clone(),
                role,
            })
            .filter(|other| other.role != key.role && !listed.contains(other))
            .find_map(|other| Some((other.role, self.relationships.get(&other)?.clone())))
    }

    fn count_listed(&mut self, section: Section, report: &SectionReport) {
        self.listed.retain(|(listed_by, _), _| *listed_by != section);
        for &role in report.roles {
            self.listed.insert((section, role), 0);
        }
        for said in &report.relationships {
            *self.listed.entry((section, said.key.role)).or_default() += 1;
        }
        for (&role, count) in &report.left_out {
            *self.listed.entry((section, role)).or_default() += count;
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

    /// The present moment for relationships in which this array is `role`. A recovery point is stamped by its source: by
    /// this array's clock, or by one that is not known and counts as right.
    #[must_use]
    pub fn clocks(&self, role: Role, now: Timestamp) -> Clocks {
        let skew = match role {
            Role::Source => super::skew::significant(self.clock_skew_seconds),
            Role::Target | Role::Observer | Role::Unknown => 0.0,
        };
        Clocks {
            here: now,
            source: now.plus_seconds(skew),
        }
    }

    /// Judges every relationship anew, as it is `now`.
    pub fn judge(&mut self, now: Timestamp, terms: Terms<'_>, by: Voice) {
        self.each(now, |facts, clocks| facts.judge(clocks, terms, by));
    }

    /// Lets `elapsed_seconds` of monotonic time pass: counts what of it each relationship was over its objective.
    pub fn count_breaches(&mut self, terms: Terms<'_>, now: Timestamp, elapsed_seconds: f64) {
        self.each(now, |facts, clocks| facts.count_breach(clocks, terms, elapsed_seconds));
    }

    fn each(&mut self, now: Timestamp, mut act: impl FnMut(&mut RelationshipFacts, Clocks)) {
        let mut relationships = std::mem::take(&mut self.relationships);
        for (key, facts) in &mut relationships {
            act(facts, self.clocks(key.role, now));
        }
        self.relationships = relationships;
    }

    /// Drops what sections had listed that are no longer read: nobody would ever say that it is gone.
    pub fn keep_sections(&mut self, sections: &[Section]) {
        self.relationships.retain(|_, facts| sections.contains(&facts.section));
        self.listed.retain(|(section, _), _| sections.contains(section));
        self.last_success.retain(|section, _| sections.contains(section));
    }

    /// Drops all that is known of an array that was not heard for too long, but for who it is.
    pub fn forget(&mut self) {
        if self.last_heard.is_some() {
            let identity = std::mem::take(&mut self.identity);
            *self = Self {
                identity,
                ..Self::default()
            };
        }
    }
}

#[cfg(test)]
#[path = "facts_tests.rs"]
pub(crate) mod tests;
