//! Reads a list page by page, and fails rather than lie: an array that repeats, shrinks, never ends or promises more than it
//! sends has not said which objects exist. `mod.rs` calls it with what sends a request.

use super::{
    api,
    wire::{Id, List, Named, Session},
};
use crate::source::lenient::Lenient;
use std::collections::BTreeSet;

/// Pages of one list; at 100 objects each, far more than an array can have.
const MAX_PAGES: usize = 200;

/// An object that can be told from the others.
pub(super) trait Identified {
    /// Its id.
    fn id(&self) -> &Lenient<Id>;
}

impl Identified for Session {
    fn id(&self) -> &Lenient<Id> {
        &self.id
    }
}

impl Identified for Named {
    fn id(&self) -> &Lenient<Id> {
        &self.id
    }
}

/// A list as far as it was read.
#[derive(Debug)]
pub(super) struct Pages<T> {
    path: &'static str,
    limit: usize,
    read: Vec<T>,
    seen: BTreeSet<Id>,
    total: Option<u64>,
    taken: usize,
}

impl<T: Identified> Pages<T> {
    pub(super) fn new(path: &'static str, limit: usize) -> Self {
        Self {
            path,
            limit,
            read: Vec::new(),
            seen: BTreeSet::new(),
            total: None,
            taken: 0,
        }
    }

    /// What to ask next; `None` once everything is read.
    pub(super) fn next(&self) -> Option<String> {
        let is_complete = self.total.is_some_and(|total| self.read.len() as u64 >= total);
        (!is_complete).then(|| api::page(self.path, self.limit, self.read.len()))
    }

    /// Takes in a page. The same object twice on one page is kept twice; on two pages, it is the list that is broken.
    pub(super) fn take(&mut self, page: List<T>) -> Result<(), String> {
        self.taken += 1;
        let Lenient::Value(total) = page.total else {
            return Err("the list does not say how many there are".to_owned());
        };
        if self.total.is_some_and(|before| before != total) {
            return Err("the list changed while it was read".to_owned());
        }
        self.total = Some(total);
        let mut ids = BTreeSet::new();
        for object in &page.hits {
            let Lenient::Value(id) = object.id() else {
                return Err("an object has no readable id".to_owned());
            };
            if self.seen.contains(id) {
                return Err("a page repeats what was on another".to_owned());
            }
            ids.insert(id.clone());
        }
        self.seen.append(&mut ids);
        let count = page.hits.len();
        self.read.extend(page.hits);
        let read = self.read.len() as u64;
        if read > total {
            return Err(format!("the list has {read} objects, and says that there are {total}"));
        }
        if self.read.len() > self.limit * MAX_PAGES || read < total && (count == 0 || self.taken >= MAX_PAGES) {
            return Err(format!("the list ends after {read} objects of {total}"));
        }
        Ok(())
    }

    pub(super) fn into_all(self) -> Vec<T> {
        self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: std::ops::Range<u64>, total: u64) -> List<Named> {
        let named = |id: u64| Named {
            id: Lenient::Value(Id(id.to_string())),
            ..Named::default()
        };
        List {
            hits: ids.map(named).collect(),
            total: Lenient::Value(total),
        }
    }

    fn pages() -> Pages<Named> {
        Pages::new("/x", 100)
    }

    #[test]
    fn pages_are_read_until_the_total_is_reached_whatever_the_array_makes_of_the_limit() {
        let mut list = pages();
        assert_eq!(list.next().as_deref(), Some("/x?__limit=100&__offset=0&__sort=id"));
        list.take(page(0..60, 130)).expect("a page");
        assert_eq!(list.next().as_deref(), Some("/x?__limit=100&__offset=60&__sort=id"));
        list.take(page(60..130, 130)).expect("a page");
        assert_eq!(list.next(), None);
        assert_eq!(list.into_all().len(), 130);
    }

    #[test]
    fn an_empty_list_is_a_list() {
        let mut list = pages();
        list.take(page(0..0, 0)).expect("a page");
        assert_eq!(list.next(), None);
    }

    #[test]
    fn a_list_that_lies_is_none() {
        for (second, why) in [
            (page(0..100, 200), "repeats"),
            (page(50..150, 200), "overlaps"),
            (page(100..200, 150), "shrinks"),
            (page(100..100, 200), "promises more"),
            (page(100..250, 200), "sends more"),
        ] {
            let mut list = pages();
            list.take(page(0..100, 200)).expect("a page");
            assert!(list.take(second).is_err(), "{why}");
        }
        let mut list = pages();
        let mut without = page(0..1, 1);
        without.total = Lenient::Absent;
        assert!(list.take(without).is_err());
    }

    #[test]
    fn a_list_that_never_ends_is_cut() {
        let mut list = pages();
        let mut next = 0;
        while list.take(page(next..next + 1, u64::MAX)).is_ok() {
            next += 1;
            assert!(next < 1000);
        }
        assert_eq!(next, MAX_PAGES as u64 - 1);
        let most = (100 * MAX_PAGES) as u64;
        assert!(pages().take(page(0..most, most)).is_ok());
        assert!(pages().take(page(0..most + 1, most + 1)).is_err());
    }
}
