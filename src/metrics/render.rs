//! One array as segments of text: made when a poll ends and, for what grows by itself, at each tick of the store.
//!
//! What is exposed of an array is in `render/array.rs`, of a relationship in `render/relationship.rs`. No vendor is named.

mod array;
mod relationship;

use super::{
    catalogue::FamilyId,
    segment::Segment,
    text::{self, Labels},
};
use crate::{clock::Now, model::Section, state::ArrayState};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// The families of relationships that change without a poll: what the ticker renders anew.
pub const GROWING: &[FamilyId] = &[FamilyId::Lag, FamilyId::RpoBreach, FamilyId::RpoExempt];

/// An array as text.
#[derive(Clone, Debug, Default)]
pub struct RenderedArray {
    /// In the order of exposition.
    pub families: BTreeMap<FamilyId, Vec<Segment>>,
    /// How many relationships fit into `max_series`, in order of their keys.
    pub kept: usize,
}

/// Renders everything.
#[must_use]
pub fn everything(state: &ArrayState, now: Now) -> RenderedArray {
    let mut sink = Sink::default();
    array::render(state, now, &mut sink);
    let budget = state.config.polling.max_series.saturating_sub(sink.series);
    let outcome = relationship::render_within(budget, state, now, &mut sink);
    array::render_dropped(state, outcome.dropped_series, &mut sink);
    RenderedArray {
        families: sink.into_segments(),
        kept: outcome.kept,
    }
}

/// Renders what grows by itself, of the first `kept` relationships.
#[must_use]
pub fn growing(state: &ArrayState, now: Now, kept: usize) -> BTreeMap<FamilyId, Vec<Segment>> {
    let mut sink = Sink {
        only: Some(GROWING),
        ..Sink::default()
    };
    relationship::render_first(kept, state, now, &mut sink);
    sink.into_segments()
}

/// Collects samples into one buffer per family and section, which is the order of exposition.
#[derive(Debug, Default)]
struct Sink {
    buffers: BTreeMap<(FamilyId, Section), Buffer>,
    series: usize,
    only: Option<&'static [FamilyId]>,
    /// For a sink of one relationship: which section gave a family first. Another one that gives it too is not heard,
    /// so that no series can occur twice.
    given_by: Option<BTreeMap<FamilyId, Section>>,
}

#[derive(Debug, Default)]
struct Buffer {
    fresh: String,
    stale: String,
    expires_at: Option<Instant>,
}

/// How long a sample lives.
#[derive(Clone, Copy, Debug)]
enum Life {
    /// Until it is replaced.
    Lasting,
    /// Until then it is shown; after that it is not there.
    Until(Instant),
}

impl Sink {
    fn sample(&mut self, family: FamilyId, section: Section, life: Life, labels: &Labels, value: f64) {
        if self.only.is_some_and(|only| !only.contains(&family)) {
            return;
        }
        if let Some(given_by) = &mut self.given_by
            && *given_by.entry(family).or_insert(section) != section
        {
            return;
        }
        let buffer = self.buffers.entry((family, section)).or_default();
        if let Life::Until(expires_at) = life {
            buffer.expires_at = Some(expires_at);
        }
        text::sample(&mut buffer.fresh, family.family(), labels, value);
        self.series += 1;
    }

    fn sample_if(&mut self, family: FamilyId, section: Section, life: Life, labels: &Labels, value: Option<f64>) {
        if let Some(value) = value {
            self.sample(family, section, life, labels, value);
        }
    }

    /// A sample that has another value once it expired.
    fn turning(
        &mut self,
        family: FamilyId,
        section: Section,
        expires_at: Instant,
        labels: &Labels,
        values: (f64, f64),
    ) {
        self.sample(family, section, Life::Until(expires_at), labels, values.0);
        if let Some(buffer) = self.buffers.get_mut(&(family, section)) {
            text::sample(&mut buffer.stale, family.family(), labels, values.1);
        }
    }

    /// One 0/1 sample per word, exactly one of them 1.
    fn states(
        &mut self,
        family: FamilyId,
        section: Section,
        life: Life,
        labels: &Labels,
        words: &[&str],
        present: &str,
    ) {
        let Some(label) = family.family().labels.last() else {
            return;
        };
        for word in words {
            self.sample(family, section, life, &labels.with(label, word), flag(*word == present));
        }
    }

    /// Takes another sink's samples in.
    fn append(&mut self, other: Self) {
        self.series += other.series;
        for (place, from) in other.buffers {
            let buffer = self.buffers.entry(place).or_default();
            buffer.fresh.push_str(&from.fresh);
            buffer.stale.push_str(&from.stale);
            buffer.expires_at = from.expires_at.or(buffer.expires_at);
        }
    }

    fn into_segments(self) -> BTreeMap<FamilyId, Vec<Segment>> {
        let mut families: BTreeMap<FamilyId, Vec<Segment>> = BTreeMap::new();
        for ((family, _), buffer) in self.buffers {
            let segment = match buffer.expires_at {
                None => Segment::lasting(buffer.fresh),
                Some(expires_at) => Segment::expiring(buffer.fresh, buffer.stale, expires_at),
            };
            families.entry(family).or_default().push(segment);
        }
        families
    }
}

fn flag(value: bool) -> f64 {
    f64::from(u8::from(value))
}

#[cfg(test)]
mod tests;
