//! `/api/v1/status`: the overview as JSON, in the shape that the model itself has. It is documented in docs/status-api.md and
//! pinned by its example.

use super::question::Question;
use crate::model::{ArrayOverview, Notice, Overview, Pair, Timestamp, Totals};
use serde::Serialize;

/// The version of the shape.
const VERSION: u32 = 1;

/// What is asked for, as JSON.
pub(super) fn render(overview: &Overview, question: &Question) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = serde_json::to_vec(&document(overview, question))?;
    text.push(b'\n');
    Ok(text)
}

fn document<'a>(overview: &'a Overview, question: &Question) -> Document<'a> {
    let pairs = overview.relationships.iter();
    let found: Vec<&Pair> = pairs.filter(|pair| question.wants(pair)).collect();
    let rows = found.iter().skip(question.from);
    let rows = rows.take(question.limit.unwrap_or(usize::MAX));
    Document {
        version: VERSION,
        generated_at: overview.now,
        exporter_version: crate::build_info::VERSION,
        counts: overview.totals(|pair| question.counts(pair)),
        notices: &overview.notices,
        found: found.len(),
        from: question.from,
        relationships: rows.map(|pair| Row::of(pair)).collect(),
        arrays: &overview.arrays,
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    generated_at: Timestamp,
    exporter_version: &'static str,
    counts: Totals,
    notices: &'a [Notice],
    /// How many relationships the conditions let through, all pages together.
    found: usize,
    from: usize,
    relationships: Vec<Row<'a>>,
    arrays: &'a [ArrayOverview],
}

/// A pair, with what its views say of what it is.
#[derive(Serialize)]
struct Row<'a> {
    vendor: &'static str,
    pair: &'a str,
    relationship: &'a str,
    source: End<'a>,
    target: End<'a>,
    #[serde(flatten)]
    verdict: &'a Pair,
}

#[derive(Serialize)]
struct End<'a> {
    system: &'a str,
    object: &'a str,
}

impl<'a> Row<'a> {
    fn of(pair: &'a Pair) -> Self {
        let first = pair.views.first().unwrap_or_else(|| pair.lead());
        let [source, target] = pair.ends().map(|(system, object)| End { system, object });
        Self {
            vendor: first.vendor,
            pair: &first.description.pair,
            relationship: &first.description.relationship,
            source,
            target,
            verdict: pair,
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
