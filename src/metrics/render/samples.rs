//! Samples on their way from an array's state to text: collected in any order, then sorted and written at once.
//!
//! Knows the order of exposition and that no series may occur twice, and nothing of what the samples mean.

use crate::{
    metrics::{
        catalogue::FamilyId,
        segment::Segment,
        text::{self, Labels, More},
    },
    model::Section,
};
use std::sync::Arc;
use tokio::time::Instant;

/// The samples of one array.
#[derive(Debug, Default)]
pub(super) struct Samples {
    subjects: Vec<Subject>,
    samples: Vec<Sample>,
}

/// What samples are about.
#[derive(Debug)]
struct Subject {
    labels: Arc<Labels>,
    /// Its place among the subjects of the same families.
    place: usize,
    /// The families that it has a sample of, a bit each.
    given: u128,
}

const _: () = assert!(FamilyId::ALL.len() <= 128, "a bit for each family");

/// The place of a subject in [`Samples`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct About(usize);

#[derive(Debug)]
struct Sample {
    family: FamilyId,
    section: Section,
    about: About,
    more: More,
    life: Life,
    value: f64,
}

/// How long a sample lives.
#[derive(Clone, Copy, Debug)]
pub(super) enum Life {
    /// Until it is replaced.
    Lasting,
    /// Until then it is shown; after that it is not there.
    Until(Instant),
    /// Until then it is shown; after that it has this other value.
    Turning(Instant, f64),
}

impl Samples {
    /// A subject to collect samples of, after all others.
    pub(super) fn about(&mut self, labels: Arc<Labels>) -> About {
        self.about_at(labels, self.subjects.len())
    }

    /// A subject with a place of its own among the others.
    pub(super) fn about_at(&mut self, labels: Arc<Labels>, place: usize) -> About {
        self.subjects.push(Subject {
            labels,
            place,
            given: 0,
        });
        About(self.subjects.len() - 1)
    }

    /// Moves a subject to another place.
    pub(super) fn place(&mut self, about: About, place: usize) {
        self.subjects[about.0].place = place;
    }

    /// Collects what one section says about a subject.
    pub(super) fn by(&mut self, section: Section, about: About, life: Life) -> Collector<'_> {
        Collector {
            samples: self,
            section,
            about,
            life,
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Takes back all but the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.samples.truncate(len);
    }

    /// Takes back those about one subject; gives how many those were.
    pub(super) fn without(&mut self, about: About) -> usize {
        let before = self.samples.len();
        self.samples.retain(|sample| sample.about != about);
        before - self.samples.len()
    }

    /// The text: a segment for each family of each section, in the order of exposition.
    pub(super) fn into_segments(mut self) -> Vec<(FamilyId, Segment)> {
        let subjects = self.subjects;
        self.samples
            .sort_by_key(|sample| (sample.family, sample.section, subjects[sample.about.0].place));
        let (mut fresh, mut stale) = (String::new(), String::new());
        let together = |one: &Sample, next: &Sample| (one.family, one.section) == (next.family, next.section);
        let groups = self.samples.chunk_by(together);
        groups
            .filter_map(|group| {
                fresh.clear();
                stale.clear();
                let mut expires_at = None;
                for sample in group {
                    let labels = &*subjects[sample.about.0].labels;
                    let family = sample.family.family();
                    text::sample(&mut fresh, family, labels, &sample.more, sample.value);
                    match sample.life {
                        Life::Lasting => {}
                        Life::Until(until) => expires_at = Some(until),
                        Life::Turning(until, value) => {
                            expires_at = Some(until);
                            text::sample(&mut stale, family, labels, &sample.more, value);
                        }
                    }
                }
                let segment = match expires_at {
                    None => Segment::lasting(&fresh),
                    Some(expires_at) => Segment::expiring(&fresh, &stale, expires_at),
                };
                Some((group.first()?.family, segment))
            })
            .collect()
    }
}

/// Collects samples of one subject, from one section, that live equally long.
#[derive(Debug)]
pub(super) struct Collector<'a> {
    samples: &'a mut Samples,
    section: Section,
    about: About,
    life: Life,
}

impl Collector<'_> {
    /// A sample.
    pub(super) fn value(&mut self, family: FamilyId, value: f64) -> &mut Self {
        self.once(family, More::Nothing, value)
    }

    /// A sample, if there is a value.
    pub(super) fn value_if(&mut self, family: FamilyId, value: Option<f64>) -> &mut Self {
        match value {
            Some(value) => self.value(family, value),
            None => self,
        }
    }

    /// The present word of a family of words.
    pub(super) fn word(&mut self, family: FamilyId, word: &'static str) -> &mut Self {
        self.once(family, More::Word(word), 1.0)
    }

    /// The present word, if there is one.
    pub(super) fn word_if(&mut self, family: FamilyId, word: Option<&'static str>) -> &mut Self {
        match word {
            Some(word) => self.word(family, word),
            None => self,
        }
    }

    /// A sample with further labels, of which the caller knows that they differ from those before.
    pub(super) fn labelled(&mut self, family: FamilyId, more: Labels, value: f64) -> &mut Self {
        self.push(family, More::Labels(more), value)
    }

    /// The first section that gives a family counts; another one that gives it too is not heard, so that no series occurs
    /// twice.
    fn once(&mut self, family: FamilyId, more: More, value: f64) -> &mut Self {
        let bit = 1_u128 << (family as u16);
        let given = &mut self.samples.subjects[self.about.0].given;
        if *given & bit != 0 {
            return self;
        }
        *given |= bit;
        self.push(family, more, value)
    }

    fn push(&mut self, family: FamilyId, more: More, value: f64) -> &mut Self {
        self.samples.samples.push(Sample {
            family,
            section: self.section,
            about: self.about,
            more,
            life: self.life,
            value,
        });
        self
    }
}
