//! Reading what changed of runs and tasks: all of the last day at first, then what was created or ended since the newest
//! moment seen, with an overlap, and what has not ended. Rows surface late and change, so the overlap is read again.

use super::{
    FORBIDDEN_MEMORY,
    api::{self, Sort},
    rows::Row,
    unfinished,
    walk::{Found, Walk},
};
use crate::{
    model::Timestamp,
    source::{Error, PollContext, Reason, session::Session},
};
use std::time::Duration;
use tokio::time::Instant;

/// Twice the 15 minutes after which Enterprise Manager collects by default.
const OVERLAP: f64 = 1800.0;

/// The progress of reading one kind of row.
#[derive(Debug)]
pub(super) struct Changes<R> {
    /// The comparisons that say that a row has not ended.
    unfinished: &'static [&'static str],
    /// Until when the filter that asks for all of it at once is not tried again, because Enterprise Manager refused it.
    splits_until: Option<Instant>,
    /// The first reading, while it goes on.
    first: Option<Walk<R>>,
    /// The newest moment that a row told of: Enterprise Manager's own, never ours, because it may be far behind.
    newest: Option<Timestamp>,
}

impl<R: Row> Changes<R> {
    pub(super) fn new(unfinished: &'static [&'static str]) -> Self {
        Self {
            unfinished,
            splits_until: None,
            first: None,
            newest: None,
        }
    }

    /// Whether the first reading is over.
    pub(super) fn has_begun(&self) -> bool {
        self.newest.is_some()
    }

    /// From when on changes are read: an overlap, or `overlap` seconds, before the newest moment seen.
    pub(super) fn overlap_start(&self, overlap: Option<f64>) -> Option<Timestamp> {
        let newest = self.newest?;
        Some(newest.plus_seconds(-overlap.unwrap_or(OVERLAP)))
    }

    /// Reads what changed since `since`, after the first reading, which begins at `first`. `now` is the array's time.
    pub(super) async fn read(
        &mut self,
        first: Timestamp,
        now: Timestamp,
        since: Option<Timestamp>,
        session: &Session,
        context: &PollContext,
    ) -> Result<Vec<Found<R>>, Error> {
        let mut found = Vec::new();
        let mut newest = self.newest;
        if newest.is_none() {
            found.extend(self.read_first(first, session, context).await?);
            newest = Some(first);
        }
        let since = since.unwrap_or_else(|| latest(&found, newest, now).plus_seconds(-OVERLAP));
        let conditions = api::changed(since, self.unfinished);
        let mut splits = self.splits_until.is_some_and(|until| Instant::now() < until);
        if !splits {
            match read_all(&[api::any_of(&conditions)], session, context).await {
                // Nothing published shows whether every version takes such a filter.
                Err(error) if error.reason == Reason::HttpStatus => splits = true,
                changed => found.extend(changed?),
            }
        }
        if splits {
            found.extend(read_all(&conditions, session, context).await?);
            // It was the filter, then.
            let until = self.splits_until.filter(|until| Instant::now() < *until);
            self.splits_until = until.or(Some(Instant::now() + FORBIDDEN_MEMORY));
        } else {
            self.splits_until = None;
        }
        self.newest = Some(latest(&found, newest, now));
        Ok(found)
    }

    async fn read_first(
        &mut self,
        first: Timestamp,
        session: &Session,
        context: &PollContext,
    ) -> Result<Option<Found<R>>, Error> {
        let walk = self.first.get_or_insert_with(|| Walk::created(Some(first), None));
        let found = walk
            .run(session, context, Duration::ZERO)
            .await?
            .ok_or_else(unfinished)?;
        self.first = None;
        Ok(Some(found))
    }
}

/// Reads what satisfies each of `filters`, one after the other.
async fn read_all<R: Row>(
    filters: &[String],
    session: &Session,
    context: &PollContext,
) -> Result<Vec<Found<R>>, Error> {
    let mut found = Vec::new();
    for filter in filters {
        let mut walk = Walk::pages(filter.clone(), Sort::OldestFirst);
        found.push(
            walk.run(session, context, Duration::ZERO)
                .await?
                .ok_or_else(unfinished)?,
        );
    }
    Ok(found)
}

/// The newest moment that a row told of. One that lies in the array's future is a mistake, and would hide everything after.
fn latest<R: Row>(found: &[Found<R>], newest: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let rows = found.iter().flat_map(|found| &found.rows);
    let moments = rows.flat_map(|row| [row.created().map(|(at, _)| at), row.ended()]);
    let latest = moments.flatten().filter(|at| *at <= now).max();
    latest.max(newest).unwrap_or(now)
}
