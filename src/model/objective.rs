//! The recovery point objective of a relationship, and which of the statements about it counts.

use globset::GlobMatcher;

/// What an array's configuration says about objectives.
#[derive(Clone, Debug, Default)]
pub struct Objective {
    /// Objective by a glob on the whole `relationship` label; the first match wins.
    pub overrides: Vec<(GlobMatcher, f64)>,
    /// Where nothing else says, in seconds.
    pub default_seconds: Option<f64>,
}

impl PartialEq for Objective {
    /// The same globs, as written, with the same objectives.
    fn eq(&self, other: &Self) -> bool {
        let written = |(glob, seconds): &(GlobMatcher, f64)| (glob.glob().clone(), *seconds);
        self.default_seconds == other.default_seconds
            && self
                .overrides
                .iter()
                .map(written)
                .eq(other.overrides.iter().map(written))
    }
}

impl Objective {
    /// The objective in seconds: an override, else what the array says, else the default, else none.
    #[must_use]
    pub fn seconds(&self, relationship: &str, array_says: Option<f64>) -> Option<f64> {
        self.overrides
            .iter()
            .find(|(glob, _)| glob.is_match(relationship))
            .map(|(_, seconds)| *seconds)
            .or(array_says)
            .or(self.default_seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(pattern: &str) -> GlobMatcher {
        globset::GlobBuilder::new(pattern)
            .literal_separator(false)
            .build()
            .expect("a glob")
            .compile_matcher()
    }

    #[test]
    fn the_first_override_wins_then_the_array_then_the_default() {
        let objective = Objective {
            overrides: vec![(glob("*:/scratch/*"), 86_400.0), (glob("*"), 60.0)],
            default_seconds: Some(3600.0),
        };
        assert_eq!(objective.seconds("a:/scratch/x->b:/y", Some(300.0)), Some(86_400.0));
        assert_eq!(objective.seconds("a:/home->b:/home", Some(300.0)), Some(60.0));
        let plain = Objective {
            overrides: vec![],
            default_seconds: Some(3600.0),
        };
        assert_eq!(plain.seconds("x", Some(300.0)), Some(300.0));
        assert_eq!(plain.seconds("x", None), Some(3600.0));
        assert_eq!(Objective::default().seconds("x", None), None);
    }
}
