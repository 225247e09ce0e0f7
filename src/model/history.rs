//! What became of a relationship: its last changes, as facts. Pure; the state file keeps them, page and JSON show them.

use super::{Health, RecoveryPoint, Role, Standing, Timestamp, words};
use serde::{Deserialize, Serialize};

/// How many changes are remembered.
const MOST: usize = 20;

/// The last changes, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct History(Vec<Change>);

/// One change, when the exporter saw it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What became what.
    #[serde(flatten)]
    pub what: Changed,
    /// Whose word it is.
    pub by: Voice,
}

/// What became what: from, to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// How it stands.
    Standing(Standing, Standing),
    /// How it does.
    Health(Health, Health),
    /// Which side the array is.
    Role(Role, Role),
    /// What the target holds: the first copy, none any more, an older one, or one that came later than the objective allows.
    RecoveryPoint(RecoveryPoint, RecoveryPoint),
}

words! {
    /// Whose word a change is.
    Voice {
        /// The array said so.
        Array = "array",
        /// The exporter judged so: time passed, or the configuration changed.
        Exporter = "exporter",
    }
}

impl History {
    /// The changes, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Change> {
        self.0.iter().rev()
    }

    pub(super) fn push(&mut self, at: Timestamp, what: Changed, by: Voice) {
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(Change { at, what, by });
    }
}

impl Changed {
    /// What changed, from what, to what, in words.
    #[must_use]
    pub fn words(self) -> (&'static str, String, String) {
        let point = |point: RecoveryPoint| match point {
            RecoveryPoint::Unknown => "unknown".to_owned(),
            RecoveryPoint::Never => "none".to_owned(),
            RecoveryPoint::At(at) => at.to_rfc3339_seconds(),
        };
        match self {
            Self::Standing(from, to) => ("standing", from.word().into(), to.word().into()),
            Self::Health(from, to) => ("health", from.word().into(), to.word().into()),
            Self::Role(from, to) => ("role", from.word().into(), to.word().into()),
            Self::RecoveryPoint(from, to) => ("recovery_point", point(from), point(to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_twenty_changes_are_remembered_newest_first() {
        let at = |seconds: u32| Timestamp::from_unix_seconds(f64::from(seconds)).expect("a time");
        let mut history = History::default();
        for second in 0..25 {
            history.push(at(second), Changed::Health(Health::Ok, Health::Failed), Voice::Array);
        }
        let kept: Vec<Timestamp> = history.newest_first().map(|change| change.at).collect();
        assert_eq!(kept.len(), 20);
        assert_eq!((kept[0], kept[19]), (at(24), at(5)));
    }

    #[test]
    fn a_change_is_short_on_disk_and_comes_back() {
        let at = Timestamp::from_unix_seconds(1.0).expect("a time");
        let mut history = History::default();
        history.push(
            at,
            Changed::Standing(Standing::Protected, Standing::NoCopy),
            Voice::Exporter,
        );
        let text = serde_json::to_string(&history).expect("JSON");
        assert_eq!(
            text,
            r#"[{"at":"1970-01-01T00:00:01Z","standing":["protected","no_copy"],"by":"exporter"}]"#
        );
        assert_eq!(serde_json::from_str::<History>(&text).expect("a history"), history);
    }
}
