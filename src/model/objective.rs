//! The recovery point objective of a relationship, and which of the statements about it counts.

use super::Description;
use globset::GlobMatcher;

/// What an array's configuration says about objectives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objective {
    /// Exceptions; the first that matches wins.
    pub overrides: Vec<Override>,
    /// Where nothing else says, in seconds.
    pub default_seconds: Option<f64>,
}

/// The objective of the relationships that match all that it names.
#[derive(Clone, Debug, Default)]
pub struct Override {
    /// On the whole `relationship` label.
    pub relationship: Option<GlobMatcher>,
    /// On the `mode` label.
    pub mode: Option<GlobMatcher>,
    /// On the policy's name; no system that is read states one yet.
    pub policy: Option<GlobMatcher>,
    /// On the schedule's name; no system that is read states one yet.
    pub schedule: Option<GlobMatcher>,
    /// In seconds; `None`: no objective, whatever the array says.
    pub seconds: Option<f64>,
}

impl Override {
    fn matches(&self, description: &Description) -> bool {
        let fits = |glob: &Option<GlobMatcher>, text: &str| glob.as_ref().is_none_or(|glob| glob.is_match(text));
        self.policy.is_none()
            && self.schedule.is_none()
            && fits(&self.relationship, &description.relationship)
            && fits(&self.mode, description.mode.word())
    }

    /// What it matches: key and glob, as written.
    pub fn globs(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let globs = [
            ("relationship", &self.relationship),
            ("mode", &self.mode),
            ("policy", &self.policy),
            ("schedule", &self.schedule),
        ];
        globs
            .into_iter()
            .filter_map(|(key, glob)| Some((key, glob.as_ref()?.glob().glob())))
    }

    /// Whether it is meant for copies that run once: only one that names their mode is.
    fn means_copies_that_run_once(&self) -> bool {
        self.mode
            .as_ref()
            .is_some_and(|mode| mode.glob().glob().starts_with("copy_"))
    }
}

impl PartialEq for Override {
    /// The same globs, as written, with the same objective.
    fn eq(&self, other: &Self) -> bool {
        self.seconds == other.seconds && self.globs().eq(other.globs())
    }
}

impl Objective {
    /// The objective in seconds: an override, else what the array says, else the default, else none. A copy that runs once
    /// has one only where an override names its mode.
    #[must_use]
    pub fn seconds(&self, description: &Description, array_says: Option<f64>) -> Option<f64> {
        let runs_once = description.mode.runs_once();
        let mut overrides = self
            .overrides
            .iter()
            .filter(|it| !runs_once || it.means_copies_that_run_once());
        match overrides.find(|it| it.matches(description)) {
            Some(found) => found.seconds,
            None if runs_once => None,
            None => array_says.or(self.default_seconds),
        }
    }
}

#[cfg(test)]
#[path = "objective_tests.rs"]
mod tests;
