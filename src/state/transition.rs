//! What a poll changed, for the log: one line per change of state, not one per failed poll.

use super::array::{ArrayState, SectionState};
use crate::{
    model::{Health, RelationshipKey, Section},
    source::Reason,
};
use std::collections::BTreeMap;

/// At most this many relationships are logged one by one after one poll.
const MOST_RELATIONSHIPS: usize = 20;

/// One change of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transition {
    /// Sections began to fail, or fail for another reason.
    SectionsFail {
        /// Which.
        sections: Vec<Section>,
        /// Why, for metrics.
        reason: Reason,
        /// Why, for people.
        message: String,
    },
    /// Sections work that had failed.
    SectionsWork(Vec<Section>),
    /// The first poll got something.
    Reached {
        /// Who answers, as it calls itself.
        system: String,
        /// How many relationships there are.
        relationships: usize,
    },
    /// The health of a relationship changed, or it is not well at first sight.
    Health {
        /// Which.
        relationship: String,
        /// Which.
        key: RelationshipKey,
        /// From what; `None` at first sight.
        before: Option<Health>,
        /// To what.
        after: Health,
        /// The vendor's text about it.
        note: String,
    },
    /// A relationship is gone.
    Gone {
        /// Which.
        relationship: String,
        /// Which.
        key: RelationshipKey,
    },
    /// More relationships changed than are logged.
    More(usize),
    /// A field had a word or shape that the exporter does not know, for the first time.
    UnknownValue(&'static str),
}

/// How a section does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    Untried,
    Works,
    Fails(Reason),
}

/// What was, before a poll.
pub(crate) struct Before {
    heard: bool,
    sections: BTreeMap<Section, Course>,
    relationships: BTreeMap<RelationshipKey, (String, Option<Health>)>,
    known_fields: Vec<&'static str>,
}

impl Before {
    pub(crate) fn of(state: &ArrayState) -> Self {
        let relationships = state.facts.relationships.iter();
        Self {
            heard: heard(state),
            sections: sections(state),
            relationships: relationships
                .map(|(key, facts)| {
                    let health = facts.health.map(|(health, _)| health);
                    (key.clone(), (facts.description.relationship.clone(), health))
                })
                .collect(),
            known_fields: counted(state).collect(),
        }
    }

    pub(crate) fn transitions(self, state: &ArrayState) -> Vec<Transition> {
        let mut found = self.section_transitions(state);
        if !self.heard && heard(state) {
            let relationships = state.facts.relationships.len();
            found.push(Transition::Reached {
                system: state.facts.identity.name.clone(),
                relationships,
            });
        }
        let mut relationships = self.relationship_transitions(state);
        let more = relationships.len().saturating_sub(MOST_RELATIONSHIPS);
        relationships.truncate(MOST_RELATIONSHIPS);
        found.append(&mut relationships);
        if more > 0 {
            found.push(Transition::More(more));
        }
        let unknown = counted(state).filter(|field| !self.known_fields.contains(field));
        found.extend(unknown.map(Transition::UnknownValue));
        found
    }

    fn section_transitions(&self, state: &ArrayState) -> Vec<Transition> {
        let after = sections(state);
        let changed = after
            .iter()
            .filter(|&(section, now)| self.sections.get(section) != Some(now));
        let mut recovered = Vec::new();
        // Sections that began to fail together, for the same reason, are one change: an array that is down, for example.
        let mut failing: BTreeMap<(Reason, &str), Vec<Section>> = BTreeMap::new();
        for (&section, now) in changed {
            match now {
                Course::Untried => {}
                Course::Works => {
                    if let Some(Course::Fails(_)) = self.sections.get(&section) {
                        recovered.push(section);
                    }
                }
                Course::Fails(reason) => {
                    let last = state.sections.get(&section).and_then(|known| known.last.as_ref());
                    let error = last.and_then(|last| last.error.as_ref());
                    let message = error.map_or("", |error| error.message.as_str());
                    failing.entry((*reason, message)).or_default().push(section);
                }
            }
        }
        let mut found: Vec<Transition> = failing
            .into_iter()
            .map(|((reason, message), sections)| Transition::SectionsFail {
                sections,
                reason,
                message: message.to_owned(),
            })
            .collect();
        if !recovered.is_empty() {
            found.push(Transition::SectionsWork(recovered));
        }
        found
    }

    fn relationship_transitions(&self, state: &ArrayState) -> Vec<Transition> {
        let mut found = Vec::new();
        for (key, facts) in &state.facts.relationships {
            let before = self.relationships.get(key).and_then(|(_, health)| *health);
            let Some((after, _)) = facts.health else { continue };
            // Those that are well at first sight are told by their number.
            if before != Some(after) && (before, after) != (None, Health::Ok) {
                let note = state
                    .sections
                    .values()
                    .filter_map(|section| section.last_success.as_ref());
                let note = note.filter_map(|success| success.report.relationship(key));
                let note = note
                    .map(|said| said.readings.note.as_str())
                    .find(|note| !note.is_empty());
                found.push(Transition::Health {
                    relationship: facts.description.relationship.clone(),
                    key: key.clone(),
                    before,
                    after,
                    note: note.unwrap_or_default().to_owned(),
                });
            }
        }
        let gone = self
            .relationships
            .iter()
            .filter(|(key, _)| !state.facts.relationships.contains_key(key));
        found.extend(gone.map(|(key, (relationship, _))| Transition::Gone {
            relationship: relationship.clone(),
            key: key.clone(),
        }));
        found
    }
}

/// How each section does.
fn sections(state: &ArrayState) -> BTreeMap<Section, Course> {
    let course = |known: &SectionState| match &known.last {
        None => Course::Untried,
        Some(last) => last
            .error
            .as_ref()
            .map_or(Course::Works, |error| Course::Fails(error.reason)),
    };
    state
        .sections
        .iter()
        .map(|(&section, known)| (section, course(known)))
        .collect()
}

/// Whether the array ever gave anything besides its identity, in this run.
fn heard(state: &ArrayState) -> bool {
    state
        .sections
        .iter()
        .any(|(section, known)| *section != Section::SYSTEM && known.last_success.is_some())
}

fn counted(state: &ArrayState) -> impl Iterator<Item = &'static str> + '_ {
    state
        .unknown_values
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(field, _)| *field)
}
