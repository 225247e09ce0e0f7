//! Which relationships the status page and `/api/v1/status` are asked for: `?array=NAME` and `?health=WORD`, each
//! repeatable.

use crate::model::{Health, Overview, Pair, Standing, View};

/// What the URL asks for. Nothing asked is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) arrays: Vec<String>,
    pub(super) healths: Vec<String>,
}

/// The URL asks for something that does not exist. A typo must not look like a world without relationships.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unknown {
    #[error("unknown array {0:?}")]
    Array(String),
    #[error("unknown health {0:?}; there are {words}", words = words().collect::<Vec<_>>().join(", "))]
    Health(String),
}

impl Filter {
    /// What the URL's parameters ask for.
    pub(super) fn from_query(parameters: &[(String, String)]) -> Self {
        let values = |wanted: &str| {
            let found = parameters.iter().filter(|(key, _)| key == wanted);
            found.map(|(_, value)| value.clone()).collect()
        };
        Self {
            arrays: values("array"),
            healths: values("health"),
        }
    }

    /// Whether everything that is asked for exists.
    pub(super) fn check(&self, overview: &Overview) -> Result<(), Unknown> {
        let known = |name: &String| overview.arrays.iter().any(|array| *array.name == **name);
        if let Some(unknown) = self.arrays.iter().find(|name| !known(name)) {
            return Err(Unknown::Array(unknown.clone()));
        }
        match self.healths.iter().find(|&word| !words().any(|known| known == word)) {
            Some(unknown) => Err(Unknown::Health(unknown.clone())),
            None => Ok(()),
        }
    }

    /// Whether nothing is left out.
    pub(super) fn is_empty(&self) -> bool {
        self.arrays.is_empty() && self.healths.is_empty()
    }

    /// Whether an array is asked for.
    pub(super) fn wants_array(&self, name: &str) -> bool {
        self.arrays.is_empty() || self.arrays.iter().any(|array| array == name)
    }

    /// Whether a relationship is asked for: one that such an array sees, and that stands so or has such a health.
    pub(super) fn wants(&self, pair: &Pair) -> bool {
        let seen = || pair.views.iter().any(|view| self.wants_array(&view.array));
        let does = |word: &String| {
            // `unknown` is both: a row of which one side is silent is not among those that the page counts as unknown.
            if Standing::WORDS.contains(&word.as_str()) {
                return pair.standing.word() == word;
            }
            let mut healths = pair.views.iter().filter_map(View::health);
            healths.any(|health| health.word() == word)
        };
        seen() && (self.healths.is_empty() || self.healths.iter().any(does))
    }
}

/// Every word that `?health=` may be.
fn words() -> impl Iterator<Item = &'static str> {
    let standings = Standing::WORDS.iter();
    let others = Health::WORDS.iter().filter(|word| !Standing::WORDS.contains(word));
    standings.chain(others).copied()
}
