//! Reading the tasks of the past, backwards, piece by piece, as far as each poll has time for: they tell of relationships
//! without points, and the last result of what runs rarely.

use super::{
    book::Book,
    rows::{Run, Task},
    walk::Walk,
};
use crate::{
    model::Timestamp,
    source::{Error, PollContext, session::Session},
};
use std::time::Duration;

const DAY: f64 = 86_400.0;
/// A piece that brought fewer tasks than this was too small: the next one is twice as long.
const FEW: usize = 1000;
/// The longest piece, in days.
const LONGEST: f64 = 16.0;

/// How far back the past is known.
#[derive(Debug)]
pub(super) struct History {
    known_from: Timestamp,
    /// The length of a piece, in days.
    days: f64,
    runs: Option<Walk<Run>>,
    tasks: Option<Walk<Task>>,
    is_done: bool,
}

impl History {
    /// Everything since `known_from` is known; the runs even of a day more.
    pub(super) fn before(known_from: Timestamp) -> Self {
        Self {
            known_from,
            days: 1.0,
            runs: None,
            tasks: None,
            is_done: false,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Reads on, back to `oldest` if there is time.
    pub(super) async fn read(
        &mut self,
        book: &mut Book,
        oldest: Timestamp,
        session: &Session,
        context: &PollContext,
        at_least_left: Duration,
    ) -> Result<(), Error> {
        while !self.is_done {
            if self.known_from <= oldest {
                self.is_done = true;
                break;
            }
            if context.remaining() < at_least_left {
                break;
            }
            let from = self.known_from.plus_seconds(-self.days * DAY).max(oldest);
            let result = self.read_piece(book, from, session, context, at_least_left).await;
            if result.is_err() {
                (self.runs, self.tasks) = (None, None);
            }
            let Some(tasks) = result? else { break };
            self.known_from = from;
            self.days = if tasks < FEW {
                (self.days * 2.0).min(LONGEST)
            } else {
                1.0
            };
        }
        Ok(())
    }

    /// The tasks of a piece, and the runs of the same length a day earlier, which they belong to. Gives how many tasks there
    /// were; `None`: it goes on at the next poll.
    async fn read_piece(
        &mut self,
        book: &mut Book,
        from: Timestamp,
        session: &Session,
        context: &PollContext,
        at_least_left: Duration,
    ) -> Result<Option<usize>, Error> {
        if self.tasks.is_none() {
            let runs = self.runs.get_or_insert_with(|| {
                Walk::created(Some(from.plus_seconds(-DAY)), Some(self.known_from.plus_seconds(-DAY)))
            });
            let Some(found) = runs.run(session, context, at_least_left).await? else {
                return Ok(None);
            };
            for run in found.rows {
                book.add_run(run);
            }
            self.runs = None;
        }
        let tasks = self
            .tasks
            .get_or_insert_with(|| Walk::created(Some(from), Some(self.known_from)));
        let Some(found) = tasks.run(session, context, at_least_left).await? else {
            return Ok(None);
        };
        let count = found.rows.len();
        for lost in found.lost {
            book.lose_task(lost);
        }
        for task in found.rows {
            book.add_task(task);
        }
        self.tasks = None;
        book.place_orphans();
        Ok(Some(count))
    }
}
