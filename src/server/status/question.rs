//! What the URL of the status page and of `/api/v1/status` asks for: `?array=NAME` and `?standing=WORD` (each repeatable),
//! `?q=TEXT`, `?from=N`, `?limit=N`, `?refresh=off`. All conditions hold together.

use crate::model::{Pair, Scope, Standing};
use std::{collections::BTreeSet, fmt::Write};

/// What is asked for. Nothing asked is everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) arrays: BTreeSet<String>,
    pub(super) standings: BTreeSet<Standing>,
    /// As it was typed.
    pub(super) text: String,
    /// The same in small letters, for comparing.
    small: String,
    /// The first row, from 0.
    pub(super) from: usize,
    /// How many rows at most.
    pub(super) limit: Option<usize>,
    /// Whether the page renews itself.
    pub(super) refresh: bool,
}

/// Why a URL is no question.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Wrong {
    /// A typo must not look like a world without relationships.
    #[error("unknown standing {0:?}; there are {words}", words = Standing::WORDS.join(", "))]
    Standing(String),
    #[error("{0} must be a whole number from 0 on")]
    Number(&'static str),
}

impl Default for Question {
    fn default() -> Self {
        Self {
            arrays: BTreeSet::new(),
            standings: BTreeSet::new(),
            text: String::new(),
            small: String::new(),
            from: 0,
            limit: None,
            refresh: true,
        }
    }
}

impl Question {
    /// What the URL's parameters ask for. Of what cannot be repeated the last one counts; parameters that are not known are
    /// left alone, as they are everywhere.
    pub(super) fn from_query(parameters: &[(String, String)]) -> Result<Self, Wrong> {
        let mut question = Self::default();
        for (key, value) in parameters {
            match key.as_str() {
                "array" => {
                    question.arrays.insert(value.clone());
                }
                "standing" => {
                    let standing = Standing::ALL.iter().find(|standing| standing.word() == value);
                    let standing = standing.ok_or_else(|| Wrong::Standing(value.clone()))?;
                    question.standings.insert(*standing);
                }
                "q" => question = question.with_text(value),
                "from" => question.from = value.parse().map_err(|_| Wrong::Number("from"))?,
                "limit" => question.limit = Some(value.parse().map_err(|_| Wrong::Number("limit"))?),
                "refresh" => question.refresh = value != "off",
                _ => {}
            }
        }
        Ok(question)
    }

    /// What has to be known to answer it.
    pub(super) fn scope(&self) -> Scope {
        if self.arrays.is_empty() {
            Scope::All
        } else {
            Scope::Arrays(self.arrays.clone())
        }
    }

    /// Whether a relationship is among those that are counted: every condition but that on its standing.
    pub(super) fn counts(&self, pair: &Pair) -> bool {
        let asked = |name: &str| self.arrays.is_empty() || self.arrays.contains(name);
        pair.views.iter().any(|view| asked(&view.array)) && (self.small.is_empty() || self.names(pair))
    }

    /// Whether a relationship is asked for.
    pub(super) fn wants(&self, pair: &Pair) -> bool {
        (self.standings.is_empty() || self.standings.contains(&pair.standing)) && self.counts(pair)
    }

    /// Whether one of its names has the text.
    fn names(&self, pair: &Pair) -> bool {
        pair.views.iter().any(|view| {
            let said = &view.description;
            let ends = [
                &said.source_system,
                &said.source_object,
                &said.target_system,
                &said.target_object,
            ];
            let names = ends.into_iter().chain([&said.relationship]).map(String::as_str);
            let mut names = names.chain([&*view.array]);
            names.any(|name| name.to_lowercase().contains(&self.small))
        })
    }

    /// Whether nothing is left out.
    pub(super) fn is_everything(&self) -> bool {
        self.arrays.is_empty() && self.standings.is_empty() && self.text.is_empty()
    }

    /// In words: `behind or failing, seen by nyc, with "erp" in a name`.
    pub(super) fn in_words(&self) -> String {
        let mut parts = Vec::new();
        if !self.standings.is_empty() {
            let words: Vec<_> = self
                .standings
                .iter()
                .map(|standing| standing.word().replace('_', " "))
                .collect();
            parts.push(words.join(" or "));
        }
        if !self.arrays.is_empty() {
            let names: Vec<_> = self.arrays.iter().map(String::as_str).collect();
            parts.push(format!("seen by {}", names.join(" or ")));
        }
        if !self.text.is_empty() {
            parts.push(format!("with “{}” in a name", self.text));
        }
        parts.join(", ")
    }

    pub(super) fn with_text(self, text: &str) -> Self {
        let text = text.trim();
        Self {
            text: text.to_owned(),
            small: text.to_lowercase(),
            ..self
        }
    }

    pub(super) fn with_array(&self, name: &str) -> Self {
        Self {
            arrays: [name.to_owned()].into(),
            refresh: self.refresh,
            ..Self::default()
        }
    }

    pub(super) fn with_standing(&self, standing: Standing) -> Self {
        Self {
            standings: [standing].into(),
            from: 0,
            ..self.clone()
        }
    }

    pub(super) fn with_refresh(&self, refresh: bool) -> Self {
        Self {
            refresh,
            ..self.clone()
        }
    }

    pub(super) fn starting_at(&self, from: usize) -> Self {
        Self { from, ..self.clone() }
    }

    pub(super) fn without_conditions(&self) -> Self {
        Self {
            refresh: self.refresh,
            ..Self::default()
        }
    }

    /// The page that answers it, as a relative link: it holds behind a proxy that serves the page under a path.
    pub(super) fn link(&self) -> String {
        let parameters = self.parameters();
        let parameters: Vec<String> = parameters
            .iter()
            .map(|(key, value)| format!("{key}={}", encoded(value)))
            .collect();
        format!("?{}", parameters.join("&"))
    }

    /// What the URL has to say for it.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut found: Vec<(&'static str, String)> = Vec::new();
        found.extend(self.arrays.iter().map(|name| ("array", name.clone())));
        found.extend(
            self.standings
                .iter()
                .map(|standing| ("standing", standing.word().to_owned())),
        );
        if !self.text.is_empty() {
            found.push(("q", self.text.clone()));
        }
        if self.from > 0 {
            found.push(("from", self.from.to_string()));
        }
        if !self.refresh {
            found.push(("refresh", "off".to_owned()));
        }
        found
    }
}

/// Percent-encoded, for a value in a query.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string never fails.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
#[path = "question_tests.rs"]
mod tests;
