//! One array as segments of text: made when a poll ends and, for what grows by itself, at each tick of the store.
//!
//! What is exposed of an array is in `render/array.rs`, of a relationship in `render/relationship.rs`; both only collect
//! samples (`render/samples.rs`), which are put in order and written at the end. No vendor is named.

mod array;
mod relationship;
mod samples;

use super::{catalogue::FamilyId, segment::Segment};
use crate::{clock::Now, model::Timestamp, state::ArrayState};
use relationship::Shown;
use samples::Samples;
use std::sync::Arc;

/// The families of relationships that change without a poll: what the ticker renders anew.
const GROWING: &[FamilyId] = &[
    FamilyId::Blackout,
    FamilyId::CountedLag,
    FamilyId::Lag,
    FamilyId::NextActive,
    FamilyId::RpoBreach,
    FamilyId::RpoExempt,
    FamilyId::Standing,
    FamilyId::StandingSince,
];

/// An array as text.
#[derive(Clone, Debug, Default)]
pub struct RenderedArray {
    /// In the order of exposition: by family, then section.
    segments: Vec<(FamilyId, Segment)>,
    /// The relationships that are in it, so that a tick need not make their labels anew.
    shown: Arc<Vec<Shown>>,
}

impl RenderedArray {
    /// The text of one family, in order.
    pub fn family(&self, family: FamilyId) -> impl Iterator<Item = &Segment> {
        let begin = self.segments.partition_point(|(of, _)| *of < family);
        let from_there = self.segments[begin..].iter();
        from_there
            .take_while(move |(of, _)| *of == family)
            .map(|(_, segment)| segment)
    }

    /// Renders everything.
    #[must_use]
    pub fn of(state: &ArrayState, now: Now) -> Self {
        let mut samples = Samples::default();
        array::render(state, now, &mut samples);
        array::render_next_poll(state, &mut samples);
        // What tells that series were left out is one series itself.
        let budget = state.config.polling.max_series.saturating_sub(samples.len() + 1);
        let (shown, dropped) = relationship::render_within(budget, state, now, &mut samples);
        array::render_dropped(state, dropped + state.series_left_out(), &mut samples);
        Self {
            segments: samples.into_segments(),
            shown: Arc::new(shown),
        }
    }

    /// Renders anew what grows by itself.
    pub fn grow(&mut self, state: &ArrayState, now: Now) {
        let mut samples = Samples::default();
        relationship::render_growing(&self.shown, state, now, &mut samples);
        self.replace(GROWING, samples);
    }

    /// Renders anew when the next poll is due.
    pub fn reschedule(&mut self, state: &ArrayState) {
        let mut samples = Samples::default();
        array::render_next_poll(state, &mut samples);
        self.replace(&[FamilyId::PollNext], samples);
    }

    /// Puts other samples in the place of those of some families.
    fn replace(&mut self, families: &[FamilyId], by: Samples) {
        self.segments.retain(|(family, _)| !families.contains(family));
        self.segments.extend(by.into_segments());
        self.segments.sort_by_key(|(family, _)| *family);
    }
}

fn flag(value: bool) -> f64 {
    f64::from(u8::from(value))
}

fn moment(at: Option<Timestamp>) -> Option<f64> {
    at.map(Timestamp::unix_seconds)
}

#[cfg(test)]
mod tests;
