//! Walking through the pages of a query, on our own URLs: links of the answers are never followed.
//!
//! Pages are offsets into rows that come and go while Enterprise Manager collects, so a page number can skip a row when an
//! older one is deleted. A walk in order of creation therefore goes on from the last creation time that it saw instead of
//! from a page number, which also lets it go on in the next poll. Rows seen twice are dropped.

use super::{
    api::{self, PAGE_SIZE, Sort, quoted},
    lost::Lost,
    rows::{self, Page, Row},
};
use crate::{
    model::{Timestamp, UnknownValues},
    source::{Error, PollContext, Reason, lenient, request::Media, session::Session},
};
use std::{collections::HashSet, time::Duration};

/// No walk asks for more pages: two million rows.
const MOST_PAGES: u32 = 4000;
/// A walk that cannot end in this poll stops this long before its deadline, or at a quarter of the time that it has, and goes
/// on in the next.
const RESERVE: Duration = Duration::from_secs(5);

/// A walk through the rows of one query.
#[derive(Debug)]
pub(super) struct Walk<R> {
    /// What the rows must satisfy besides their creation time.
    filter: String,
    order: Order,
    page: u32,
    pages_read: u32,
    seen: HashSet<String>,
    /// Answers in a row that held nothing new.
    stale: u32,
    is_done: bool,
    pub(super) found: Found<R>,
}

#[derive(Debug)]
enum Order {
    /// By page numbers, for few rows.
    Pages(Sort),
    /// By creation time, from this one on.
    Created {
        from: Option<(Timestamp, String)>,
        before: Option<String>,
    },
}

/// What a walk found.
#[derive(Debug)]
pub(super) struct Found<R> {
    pub(super) rows: Vec<R>,
    /// How many rows could not be placed.
    pub(super) lost: Vec<Lost>,
    pub(super) unknown: UnknownValues,
}

impl<R: Row> Walk<R> {
    /// Through what satisfies `filter`, by page numbers.
    pub(super) fn pages(filter: String, sort: Sort) -> Self {
        Self::new(filter, Order::Pages(sort))
    }

    /// Through what was created from `from` on and before `before`, oldest first.
    pub(super) fn created(from: Option<Timestamp>, before: Option<Timestamp>) -> Self {
        let order = Order::Created {
            from: from.map(|from| (from, from.to_rfc3339_seconds())),
            before: before.map(Timestamp::to_rfc3339_seconds),
        };
        Self::new(String::new(), order)
    }

    fn new(filter: String, order: Order) -> Self {
        Self {
            filter,
            order,
            page: 1,
            pages_read: 0,
            seen: HashSet::new(),
            stale: 0,
            is_done: false,
            found: Found {
                rows: Vec::new(),
                lost: Vec::new(),
                unknown: UnknownValues::default(),
            },
        }
    }

    /// Reads on to the end. `Ok(None)`: there was not enough time; call it again in the next poll.
    pub(super) async fn run(
        &mut self,
        session: &Session,
        context: &PollContext,
        at_least_left: Duration,
    ) -> Result<Option<Found<R>>, Error> {
        let reserve = RESERVE.min(context.remaining() / 4);
        let before = self.pages_read;
        while !self.is_done {
            // At least one page in each poll, so that a walk always gets on.
            if self.pages_read > before && context.remaining() < at_least_left.max(reserve) {
                return Ok(None);
            }
            let path = self.path();
            let answer = session.get(&path, Media::Xml, context).await?;
            let page = lenient::read(&answer, || rows::page(&answer.body))?;
            self.take(page)
                .map_err(|message| answer.error(Reason::Parse, message))?;
        }
        let nothing = Found {
            rows: Vec::new(),
            lost: Vec::new(),
            unknown: UnknownValues::default(),
        };
        Ok(Some(std::mem::replace(&mut self.found, nothing)))
    }

    fn path(&self) -> String {
        match &self.order {
            Order::Pages(sort) => api::query::<R>(&self.filter, *sort, PAGE_SIZE, self.page),
            Order::Created { from, before } => {
                let from = from.iter().map(|(_, from)| format!("CreationTime>={}", quoted(from)));
                let before = before.iter().map(|before| format!("CreationTime<{}", quoted(before)));
                let filter = from.chain(before).collect::<Vec<_>>().join(";");
                api::query::<R>(&filter, Sort::OldestFirst, PAGE_SIZE, self.page)
            }
        }
    }

    /// Takes in a page and decides where to go on.
    fn take(&mut self, page: Page<R>) -> Result<(), &'static str> {
        self.pages_read += 1;
        self.found.unknown.add(&page.unknown);
        let is_last = page.number >= page.count;
        let is_empty = page.rows.is_empty() && page.lost.is_empty();
        let mut latest: Option<(Timestamp, String)> = None;
        let mut is_new = !page.lost.is_empty();
        self.found.lost.extend(page.lost);
        for row in page.rows {
            if let Some((at, text)) = row.created()
                && latest.as_ref().is_none_or(|(latest, _)| at > *latest)
            {
                latest = Some((at, text.to_owned()));
            }
            if self.seen.insert(row.uid().to_owned()) {
                is_new = true;
                self.found.rows.push(row);
            }
        }
        if is_last {
            self.is_done = true;
            return Ok(());
        }
        self.stale = if is_new { 0 } else { self.stale + 1 };
        if is_empty {
            return Err("a page before the last one is empty");
        }
        if self.stale > 1 {
            return Err("the pages repeat themselves");
        }
        if self.pages_read >= MOST_PAGES {
            return Err("there is no end to the pages");
        }
        match (&mut self.order, latest) {
            (Order::Created { from, .. }, Some(latest)) if from.as_ref().is_none_or(|(from, _)| latest.0 > *from) => {
                *from = Some(latest);
                self.page = 1;
            }
            _ => self.page += 1,
        }
        Ok(())
    }
}

/// The newest row that satisfies `filter`, if there is one.
pub(super) async fn newest<R: Row>(
    filter: &str,
    sort: Sort,
    session: &Session,
    context: &PollContext,
) -> Result<Option<R>, Error> {
    let answer = session
        .get(&api::query::<R>(filter, sort, 1, 1), Media::Xml, context)
        .await?;
    let page = lenient::read(&answer, || rows::page(&answer.body))?;
    Ok(page.rows.into_iter().next())
}
