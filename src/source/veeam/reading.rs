//! Reading runs and tasks into the book: what changed, what surfaced late, what vanished while it ran, and the past. `mod.rs`
//! calls it, once per poll.

use super::{
    FIRST, MOST_SINGLES, Manager,
    api::{self, Sort},
    convert,
    history::History,
    rows::{Run, Task},
    walk,
};
use crate::{
    model::{Timestamp, UnknownValues},
    source::{Error, Reason, engine::Reading, request::Media},
};
use std::time::Duration;

impl Manager {
    /// What changed of the runs, and the oldest start of those that surfaced late: a backup server that was out of reach is
    /// collected hours later, and its tasks come with it.
    pub(super) async fn read_runs(
        &mut self,
        first: Timestamp,
        wide: bool,
        reading: &Reading<'_>,
    ) -> Result<(Option<Timestamp>, UnknownValues), Error> {
        let first = first.plus_seconds(-FIRST);
        let mut unknown = UnknownValues::default();
        let is_first = !self.runs.has_begun();
        let since = self.runs.overlap_start(wide.then_some(FIRST));
        let usual = self.tasks.overlap_start(None);
        let mut late: Option<Timestamp> = None;
        for found in self
            .runs
            .read(first, reading.now, since, reading.session, reading.context)
            .await?
        {
            unknown.add(&found.unknown);
            for run in found.rows {
                let created = run.created;
                if self.book.add_run(run) && !is_first && usual.is_some_and(|usual| created < usual) {
                    late = Some(late.map_or(created, |late| late.min(created)));
                }
            }
        }
        Ok((late, unknown))
    }

    pub(super) async fn read_tasks(
        &mut self,
        first: Timestamp,
        late: Option<Timestamp>,
        reading: &Reading<'_>,
    ) -> Result<News, Error> {
        let usual = self.tasks.overlap_start(None);
        let since = late.map_or(usual, |late| usual.map(|usual| usual.min(late)));
        let mut vanished = self.book.open_tasks();
        let mut news = News {
            finished: late.is_some(),
            ..News::default()
        };
        for found in self
            .tasks
            .read(first, reading.now, since, reading.session, reading.context)
            .await?
        {
            news.unknown.add(&found.unknown);
            for lost in found.lost {
                self.book.lose_task(lost);
            }
            for task in found.rows {
                vanished.remove(&task.uid);
                news.finished |= self.book.add_task(task);
            }
        }
        news.finished |= self.book.place_orphans();
        // It neither runs nor ended lately: it ended while nobody collected, or was deleted.
        for uid in vanished.into_iter().take(MOST_SINGLES) {
            match self.single_task(&uid, &mut news.unknown, reading).await? {
                Single::Is(task) => news.finished |= self.book.add_task(*task),
                // It is there, and says nothing new.
                Single::Unreadable => {}
                Single::Gone => self.book.forget_task(&uid),
            }
        }
        // It began before the runs that were read, or is not in Enterprise Manager any more.
        for run in self.book.missing_runs().into_iter().take(MOST_SINGLES) {
            let filter = format!("UID=={}", api::quoted(&format!("urn:veeam:ReplicaJobSession:{run}")));
            if let Some(run) = walk::newest::<Run>(&filter, Sort::None, reading.session, reading.context).await? {
                self.book.add_run(run);
            } else {
                let left_out = self.book.give_up_run(&run);
                (0..left_out).for_each(|_| news.unknown.count("job_session_uid"));
            }
        }
        news.finished |= self.book.place_orphans();
        if self.history.is_none() {
            self.history = Some(History::before(first));
        }
        Ok(news)
    }

    /// One task.
    async fn single_task(
        &self,
        uid: &str,
        unknown: &mut UnknownValues,
        reading: &Reading<'_>,
    ) -> Result<Single, Error> {
        let path = api::task(uid);
        let answer = match reading.session.get(&path, Media::Xml, reading.context).await {
            Err(error) if error.reason == Reason::Unsupported => return Ok(Single::Gone),
            answer => answer?,
        };
        let task =
            convert::single_task(&answer.body, unknown).map_err(|message| answer.error(Reason::Parse, &message))?;
        Ok(task.map_or(Single::Unreadable, |task| Single::Is(Box::new(task))))
    }

    pub(super) async fn read_history(&mut self, at_least_left: Duration, reading: &Reading<'_>) {
        let oldest = reading.now.plus_seconds(-self.lookback.as_secs_f64());
        let Some(history) = &mut self.history else { return };
        if let Err(error) = history
            .read(&mut self.book, oldest, reading.session, reading.context, at_least_left)
            .await
        {
            // The present was read; the past is tried again at the next poll, and until then nothing is let go.
            tracing::debug!(%error, "the past tasks could not be read yet");
        }
    }
}

/// A task that was asked for by its id.
enum Single {
    Is(Box<Task>),
    Unreadable,
    /// Enterprise Manager has no such task any more.
    Gone,
}

/// What a reading of tasks brought.
#[derive(Debug, Default)]
pub(super) struct News {
    /// A task ended that was not known to have.
    pub(super) finished: bool,
    pub(super) unknown: UnknownValues,
}
