//! The vendor's own word for a state, among all the words that the vendor is known to use.

use serde::{Serialize, Serializer};

/// A state in the vendor's word. A word that is not in the vendor's list is `unknown`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateWord {
    words: &'static [&'static str],
    known: Option<usize>,
}

impl StateWord {
    /// Looks `word` up among the vendor's lower-case `words`, which end with `unknown`. Case does not matter.
    #[must_use]
    pub fn among(words: &'static [&'static str], word: &str) -> Self {
        let known = words
            .iter()
            .position(|known| *known != Self::UNKNOWN && known.eq_ignore_ascii_case(word));
        Self { words, known }
    }

    /// The name of the state that every unknown word becomes.
    pub const UNKNOWN: &'static str = "unknown";

    /// The word as exposed.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.known.map_or(Self::UNKNOWN, |index| self.words[index])
    }

    /// Whether the vendor's word is one that the exporter knows.
    #[must_use]
    pub fn is_known(self) -> bool {
        self.known.is_some()
    }

    /// Every possible word, for documents.
    #[must_use]
    pub fn all(self) -> &'static [&'static str] {
        self.words
    }
}

impl Serialize for StateWord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    const WORDS: &[&str] = &["idle", "in_sync", "unknown"];

    #[test]
    fn an_unknown_word_is_unknown() {
        assert_eq!(StateWord::among(WORDS, "IN_SYNC").word(), "in_sync");
        for word in ["exploded", "", "unknown"] {
            let state = StateWord::among(WORDS, word);
            assert_eq!(state.word(), "unknown");
            assert!(!state.is_known(), "{word:?}");
        }
    }
}
