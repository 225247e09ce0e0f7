//! What the status page shows of an array.

use super::array::ArrayState;
use crate::{
    metrics::render::Now,
    model::{RelationshipFacts, RelationshipKey},
    server::{ArrayOverview, RelationshipRow},
};

/// The array and all its relationships, as of now.
pub(super) fn of_array(state: &ArrayState, now: Now) -> ArrayOverview {
    ArrayOverview {
        name: state.config.name.to_string(),
        vendor: state.config.vendor.name(),
        up: state.is_up(now.instant),
        note: failures(state),
        relationships: state
            .facts
            .relationships
            .iter()
            .map(|(key, facts)| row(key, facts, state, now))
            .collect(),
    }
}

/// What fails, in words: each message once, with the sections that have it.
fn failures(state: &ArrayState) -> String {
    let mut messages: Vec<(String, Vec<&str>)> = Vec::new();
    for (section, section_state) in &state.sections {
        let Some(error) = section_state.last.as_ref().and_then(|last| last.error.as_ref()) else {
            continue;
        };
        let message = format!("{}: {}", error.reason, error.message);
        match messages.iter_mut().find(|(known, _)| *known == message) {
            Some((_, sections)) => sections.push(section.name()),
            None => messages.push((message, vec![section.name()])),
        }
    }
    let parts = messages
        .into_iter()
        .map(|(message, sections)| format!("{}: {message}", sections.join(", ")));
    parts.collect::<Vec<_>>().join("; ")
}

fn row(key: &RelationshipKey, facts: &RelationshipFacts, state: &ArrayState, now: Now) -> RelationshipRow {
    let recovery_point = facts.recovery_point.timestamp();
    let reported = state
        .readings_of(key, now.instant)
        .any(|(_, said, _)| said.readings.condition.is_some());
    let notes = state
        .readings_of(key, now.instant)
        .map(|(_, said, _)| said.readings.note.as_str());
    RelationshipRow {
        health: facts.health.map(|(health, _)| health).filter(|_| reported),
        relationship: facts.description.relationship.clone(),
        role: key.role,
        recovery_point,
        lag_seconds: recovery_point.map(|at| state.facts.lag_seconds(at, now.wall)),
        rpo_seconds: facts.objective_seconds(&state.config.objective),
        note: notes.filter(|note| !note.is_empty()).collect::<Vec<_>>().join("; "),
    }
}
