//! One relationship in the list of the status page, as text: a line with why it stands as it does.

use super::{bar, question::encoded, symbol};
use crate::model::{
    Pair, Span, Standing,
    shown::{MESSAGE, NAME, shown},
};

/// A relationship.
pub(super) struct Row {
    pub(super) standing: &'static str,
    pub(super) words: String,
    pub(super) symbol: &'static str,
    pub(super) source: String,
    /// Veeam does not say where it copies to.
    pub(super) target: Option<String>,
    /// What it is called, where that is not source and target again.
    pub(super) name: Option<String>,
    /// The page of it, as a relative link.
    pub(super) link: Option<String>,
    pub(super) lag: String,
    /// Markup made of numbers only.
    pub(super) bar: Option<String>,
    pub(super) why: String,
    pub(super) note: String,
    pub(super) disagreements: Vec<String>,
}

impl Row {
    pub(super) fn of(pair: &Pair) -> Self {
        let [source, target] = pair.ends().map(end);
        Self {
            standing: pair.standing.word(),
            words: pair.standing.word().replace('_', " "),
            symbol: symbol::of(pair.standing),
            source: source.unwrap_or_else(|| "?".to_owned()),
            target,
            name: name(pair),
            link: link(pair),
            lag: lag(pair),
            bar: share(pair).filter(|_| pair.stopped.is_none()).map(bar::lag),
            why: pair.why.clone(),
            note: note(pair),
            disagreements: pair.disagreements.iter().map(|said| said.text.clone()).collect(),
        }
    }
}

/// The page of a relationship. One whose array has not said yet which it is has none.
pub(super) fn link(pair: &Pair) -> Option<String> {
    let name = &pair.lead().description.pair;
    (!name.is_empty()).then(|| format!("pair?pair={}", encoded(name)))
}

/// What it is called, where that is not source and target again: by the source, if there is a view of it.
pub(super) fn name(pair: &Pair) -> Option<String> {
    let name = &pair.views.first()?.description.relationship;
    (!name.contains("->")).then(|| shown(name, NAME))
}

/// `system:object`, as far as it is known.
pub(super) fn end((system, object): (&str, &str)) -> Option<String> {
    let parts = [system, object].into_iter().filter(|text| !text.is_empty());
    let end = parts.map(|text| shown(text, NAME)).collect::<Vec<_>>().join(":");
    (!end.is_empty()).then_some(end)
}

/// Counted lag as a share of the objective: 1 is the objective.
pub(super) fn share(pair: &Pair) -> Option<f64> {
    let objective = pair.objective_seconds.filter(|&seconds| seconds > 0.0)?;
    pair.counted_lag_seconds.map(|lag| lag / objective)
}

/// `1 h 52 m of 1 h`: what is held against the objective, and the objective.
fn lag(pair: &Pair) -> String {
    if pair.stopped.is_some() {
        return String::new();
    }
    let counted = pair.counted_lag_seconds.map(Span::from_seconds);
    match (counted, pair.objective_seconds.map(Span::from_seconds)) {
        (Some(counted), Some(objective)) => format!("{counted} of {objective}"),
        (Some(counted), None) => counted.to_string(),
        (None, Some(objective)) => format!("– of {objective}"),
        (None, None) => String::new(),
    }
}

/// What an array itself says went wrong; a side that says it is heard, whichever it is.
fn note(pair: &Pair) -> String {
    if pair.standing == Standing::Protected {
        return String::new();
    }
    let notes = std::iter::once(pair.lead()).chain(pair.others());
    let mut notes = notes.filter_map(|view| Some(view.present.as_ref()?.readings.note.as_str()));
    notes
        .find(|note| !note.is_empty())
        .map(|note| shown(note, MESSAGE))
        .unwrap_or_default()
}
