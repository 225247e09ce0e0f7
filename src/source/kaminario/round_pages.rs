//! Reads the history of rounds where one answer does not hold all of it. Rounds have no id, so their list is not walked from
//! end to end: newest first, it is read only as far back as it takes to find a finished round of each session. `mod.rs` calls
//! it with what sends a request.

use super::{
    api,
    convert::{Listed, role_of},
    wire::{Id, List, Round},
};
use crate::{model::Role, source::lenient::Lenient};
use std::collections::BTreeSet;

/// Answers that are read in one poll.
const MAX_PAGES: usize = 10;

/// The history as far as it was read.
#[derive(Debug)]
pub(super) struct RoundPages {
    /// Sessions, by side, of which no finished round was seen yet.
    missing: BTreeSet<(Id, Role)>,
    rows: Vec<Round>,
    /// Whether the rows are the newest ones, newest first.
    is_sorted: bool,
    taken: usize,
    next: Option<String>,
    is_cut: bool,
}

impl RoundPages {
    pub(super) fn new(listed: &[Listed]) -> Self {
        // A session without a replicated snapshot may never have finished a round.
        let replicated = listed.iter().filter(|session| session.latest.is_some());
        Self {
            missing: replicated
                .map(|session| (session.id.clone(), session.key.role))
                .collect(),
            rows: Vec::new(),
            is_sorted: false,
            taken: 0,
            next: Some(api::rounds()),
            is_cut: false,
        }
    }

    /// What to ask next; `None` once enough is known.
    pub(super) fn next(&self) -> Option<String> {
        self.next.clone()
    }

    /// Whether something was read already.
    pub(super) fn has_begun(&self) -> bool {
        self.taken > 0
    }

    /// Takes in an answer.
    pub(super) fn take(&mut self, page: List<Round>) {
        let is_sorted = self.goes_on(&page.hits);
        self.taken += 1;
        if self.taken > 1 && (!is_sorted || page.hits.is_empty()) {
            // The array passes over the order or the offset that it was asked for: no answer brings more.
            return self.give_up();
        }
        if !self.is_sorted {
            self.rows.clear();
        }
        self.is_sorted = is_sorted;
        self.rows.extend(page.hits);
        let is_whole = !matches!(page.total, Lenient::Value(total) if total > self.rows.len() as u64);
        if is_whole || (is_sorted && self.has_all()) {
            self.next = None;
        } else if self.taken >= MAX_PAGES {
            self.give_up();
        } else {
            // A first answer in another order says nothing about the newest rounds.
            let offset = if is_sorted { self.rows.len() } else { 0 };
            self.next = Some(api::newest_rounds(offset));
        }
    }

    /// There is more, but it cannot be read.
    pub(super) fn give_up(&mut self) {
        self.next = None;
        self.is_cut = true;
    }

    /// The rows, and whether those of some session may not be among them.
    pub(super) fn into_rows(self) -> (Vec<Round>, bool) {
        (self.rows, self.is_cut)
    }

    /// Whether a page is sorted, and begins where the sorted rows end.
    fn goes_on(&self, page: &[Round]) -> bool {
        let last = self.rows.last().filter(|_| self.is_sorted);
        let starts = last
            .into_iter()
            .chain(page)
            .filter_map(|round| match round.round_start {
                Lenient::Value(start) => Some(start),
                _ => None,
            });
        starts.is_sorted_by(|newer, older| newer >= older)
    }

    fn has_all(&mut self) -> bool {
        for round in &self.rows {
            if let (Lenient::Value(session), Lenient::Value(role)) = (round.session.id(), &round.role)
                && matches!(round.round_end, Lenient::Value(end) if end > 0.0)
            {
                self.missing.remove(&(session, role_of(role)));
            }
        }
        self.missing.is_empty()
    }
}

#[cfg(test)]
#[path = "round_pages_tests.rs"]
mod tests;
