//! How relationships stand, for the log and `once`: what the page would say of each, without a page.

use super::Store;
use crate::{model::Pair, state::overview};
use std::collections::{BTreeSet, HashSet};

/// So many are put together at a time: what all of them take together must not be in memory for a look at their standing.
const TOGETHER: usize = 1000;

impl Store {
    /// Shows every relationship to `look`, worst first within a part of them.
    pub fn for_each_pair(&self, mut look: impl FnMut(Pair)) {
        let (now, slots) = (self.now(), self.slots());
        let mut names: BTreeSet<String> = BTreeSet::new();
        for slot in &slots {
            slot.read(|state| {
                let facts = state.facts.relationships.values();
                names.extend(facts.map(|facts| facts.description.pair.clone()));
            });
        }
        let names: Vec<String> = names.into_iter().collect();
        for part in names.chunks(TOGETHER) {
            let part: HashSet<&str> = part.iter().map(String::as_str).collect();
            let mut views = Vec::new();
            for slot in &slots {
                slot.read(|state| views.extend(overview::views(state, now, |pair| part.contains(pair))));
            }
            Pair::all(views, now.wall).into_iter().for_each(&mut look);
        }
    }
}
