//! What one section of one poll found. The sources make these; `facts` and the store take them apart into what outlives
//! the array (facts) and what does not (readings).

use super::{
    Clocks, Condition, Description, Field, Health, Job, LastJob, Protection, RecoveryPoint, RelationshipKey, Restriper,
    Role, StateWord, SystemReport, Timestamp,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    time::Duration,
};

/// The most characters of a label's value.
const LONGEST_LABEL: usize = 256;

/// A section that succeeded. Most sections fill one or two of the fields.
#[derive(Clone, Debug, Default)]
pub struct SectionReport {
    /// Whether this section decides which relationships exist.
    pub listing: Listing,
    /// The roles that a listing covers: how many there are of each is told even if it is 0.
    pub roles: &'static [Role],
    /// What it says about relationships.
    pub relationships: Vec<RelationshipReport>,
    /// Relationships of which no more is kept than how many there are, by role.
    pub left_out: BTreeMap<Role, u64>,
    /// Who the system is.
    pub system: Option<SystemReport>,
    /// Fault tolerance.
    pub protection: Option<Protection>,
    /// The restriper.
    pub restriper: Option<Restriper>,
    /// Objects that nothing replicates, where that can be told.
    pub unreplicated_objects: Option<Vec<String>>,
    /// How old the array's own copy of the facts is (a manager that collects from others).
    pub data_timestamp: Option<Timestamp>,
    /// Words and shapes that the exporter does not know, by field.
    pub unknown_values: UnknownValues,
    /// The section's own period, where it is longer than the poll interval: its readings live three of them.
    pub period: Option<Duration>,
}

impl SectionReport {
    /// What it says about one relationship.
    #[must_use]
    pub fn relationship(&self, key: &RelationshipKey) -> Option<&RelationshipReport> {
        let place = self.relationships.binary_search_by(|said| said.key.cmp(key)).ok()?;
        self.relationships.get(place)
    }

    /// Takes in what else the same list says.
    pub fn append(&mut self, mut more: Self) {
        self.relationships.append(&mut more.relationships);
        self.unknown_values.add(&more.unknown_values);
    }

    /// In order of the relationships' keys. Makes one of two records with the same identity, the worse one, and counts it.
    #[must_use]
    pub fn without_duplicates(mut self) -> Self {
        let mut seen: BTreeMap<RelationshipKey, RelationshipReport> = BTreeMap::new();
        for mut said in std::mem::take(&mut self.relationships) {
            said.fit_labels();
            match seen.entry(said.key.clone()) {
                Entry::Vacant(place) => {
                    place.insert(said);
                }
                Entry::Occupied(mut place) => {
                    self.unknown_values.count(UnknownValues::DUPLICATE);
                    if said.is_worse_than(place.get()) {
                        place.insert(said);
                    }
                }
            }
        }
        self.relationships = seen.into_values().collect();
        self
    }

    /// Each relationship once, in order of their keys; keeps the first of them, and counts the rest.
    #[must_use]
    pub fn of_the_first(self, most: usize) -> Self {
        let mut all = self.without_duplicates();
        for said in all.relationships.drain(most.min(all.relationships.len())..) {
            *all.left_out.entry(said.key.role).or_default() += 1;
        }
        all.relationships.shrink_to_fit();
        all
    }
}

/// A text that is too long for a label, as its beginning and its digest; `None` if it fits.
fn fitted(text: &str) -> Option<String> {
    text.chars().nth(LONGEST_LABEL)?;
    let digest = Sha256::digest(text);
    let number = digest[..8]
        .iter()
        .fold(0, |number, &byte| number << 8 | u64::from(byte));
    let digest = format!("{number:016x}");
    let begin: String = text.chars().take(LONGEST_LABEL - 1 - digest.len()).collect();
    Some(format!("{begin}~{digest}"))
}

/// Whether a section decides which relationships exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Listing {
    /// It only adds to relationships that another section lists.
    #[default]
    None,
    /// Every relationship in it exists; one that is not in it may still exist.
    Partial,
    /// Exactly the relationships in it exist, of those that this section ever listed.
    Complete,
}

/// What one section says about one relationship.
#[derive(Clone, Debug)]
pub struct RelationshipReport {
    /// Which.
    pub key: RelationshipKey,
    /// What it is called; from listing sections.
    pub description: Option<Description>,
    /// Who the sides are is not known yet, so that `pair` is not the text that both sides have: what is known of it stays.
    pub pair_is_provisional: bool,
    /// The moment whose data the target holds.
    pub recovery_point: Field<Timestamp>,
    /// The objective that the array itself states.
    pub rpo_seconds: Field<f64>,
    /// The outcome of the last finished job.
    pub last_job: LastJob,
    /// What is true only now.
    pub readings: Readings,
}

impl RelationshipReport {
    /// A label holds so many characters: what tells two relationships apart must be told apart within them.
    fn fit_labels(&mut self) {
        if let Some(id) = fitted(&self.key.id) {
            self.key.id = id.into();
        }
        if let Some(description) = &mut self.description
            && let Some(pair) = fitted(&description.pair)
        {
            description.pair = pair;
        }
    }

    /// A report that says nothing yet.
    #[must_use]
    pub fn new(key: RelationshipKey) -> Self {
        Self {
            key,
            description: None,
            pair_is_provisional: false,
            recovery_point: Field::Silent,
            rpo_seconds: Field::Silent,
            last_job: LastJob::default(),
            readings: Readings::default(),
        }
    }

    /// Whether this record tells a worse story than another of the same relationship: a worse health, else no recovery
    /// point or an older one.
    fn is_worse_than(&self, other: &Self) -> bool {
        let story = |said: &Self| {
            let recovery_point = match said.recovery_point {
                Field::Is(at) => RecoveryPoint::At(at),
                Field::Never => RecoveryPoint::Never,
                Field::Silent => RecoveryPoint::Unknown,
            };
            let health = said
                .readings
                .condition
                .map(|condition| condition.health(recovery_point));
            let severity = health.unwrap_or(Health::Unknown).severity();
            let newest_data = said.recovery_point.value();
            (severity, std::cmp::Reverse(newest_data))
        };
        story(self) > story(other)
    }
}

/// What is true only while the array says so. `None` where it did not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Readings {
    /// How it does, before the recovery point is considered; health and exemption come from it.
    #[serde(skip)]
    pub condition: Option<Condition>,
    /// The state in the vendor's word.
    pub state: Option<StateWord>,
    /// Automatic replication is on.
    pub enabled: Option<bool>,
    /// The target can diverge.
    pub target_writable: Option<bool>,
    /// Snapshots that wait to be replicated.
    pub queued_snapshots: Option<u64>,
    /// Whether it is in a blackout window; `None` where this side does not know.
    pub blackout: Option<bool>,
    /// When the present blackout ends.
    pub next_active: Option<Timestamp>,
    /// A lock key guards the target's snapshots.
    pub snapshot_lock: Option<bool>,
    /// Snapshots that both sides have.
    pub common_snapshots: Option<u64>,
    /// A job is running.
    pub job_running: Option<bool>,
    /// The running job.
    pub job: Option<Job>,
    /// Recovery points kept.
    pub restore_points: Option<u64>,
    /// The vendor's text about an error or an end: for the log and the status page, never a label.
    pub note: String,
}

impl Readings {
    /// Whether it is in a blackout, and until when, by the clock that exemptions are judged by: what was reported lapses
    /// by itself, also between two polls.
    #[must_use]
    pub fn blackout_at(&self, clocks: Clocks) -> (Option<bool>, Option<Timestamp>) {
        let until = self.next_active.filter(|until| clocks.source < *until);
        (self.blackout.map(|reported| reported && until.is_some()), until)
    }
}

/// Counts of words and shapes that the exporter does not know, by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownValues(BTreeMap<&'static str, u64>);

impl UnknownValues {
    /// The field of a relationship that one answer lists twice.
    pub const DUPLICATE: &'static str = "duplicate";
    /// An answer with bytes that are no UTF-8: they were replaced, and the rest was read.
    pub const NOT_UTF8: &'static str = "not_utf8";

    /// The field of a recovery point that lies in the future.
    pub const RECOVERY_POINT_IN_FUTURE: &'static str = "recovery_point_in_future";

    /// Counts one unknown value of `field`.
    pub fn count(&mut self, field: &'static str) {
        *self.0.entry(field).or_default() += 1;
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, more: &Self) {
        for (field, count) in more.iter() {
            *self.0.entry(field).or_default() += count;
        }
    }

    /// The counts.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().map(|(field, count)| (*field, *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_differ_beyond_a_label_are_told_apart_within_it() {
        let long = "p".repeat(300);
        let ids = [format!("{long}A"), format!("{long}B"), "p".repeat(LONGEST_LABEL)];
        let report = SectionReport {
            relationships: ids
                .iter()
                .map(|id| RelationshipReport::new(RelationshipKey::new(id.as_str(), Role::Source)))
                .collect(),
            ..SectionReport::default()
        };
        let kept = report.without_duplicates().relationships;
        assert_eq!(kept.len(), 3);
        for said in &kept {
            assert_eq!(said.key.id.chars().count(), LONGEST_LABEL);
        }
        assert_eq!(fitted(&ids[0]), fitted(&ids[0]), "the same at every poll");
        assert_eq!(fitted(&ids[2]), None, "what fits stays");
    }
}
