//! What only a Portal Administrator may read: the schedules of the jobs, and Enterprise Manager's own collections. Asked for
//! every 15 minutes; after a 403, which is no failure to log on and hurts nothing else, once an hour and after a reload.

use super::{
    FORBIDDEN_MEMORY, FRESH, RECOVERY_POINTS_PERIOD, RETRY,
    api::{self, Sort},
    manager,
    rows::Schedule,
    unfinished,
    walk::Walk,
};
use crate::{
    model::{Timestamp, UnknownValues},
    source::{Error, PollContext, Reason, lenient, request::Media, session::Session},
};
use std::{collections::HashMap, time::Duration};
use tokio::time::Instant;

/// When something is asked for again.
#[derive(Debug)]
struct Due {
    at: Instant,
    /// How often a reload was asked for when that was decided.
    pardons: u64,
}

/// The schedules of the jobs.
#[derive(Debug)]
pub(super) struct Jobs {
    due: Due,
    /// Whether it is on, by job.
    schedules: HashMap<String, bool>,
    read: Option<Instant>,
}

/// Enterprise Manager's own collections.
#[derive(Debug)]
pub(super) struct Collections {
    due: Due,
    newest: Option<Timestamp>,
}

impl Due {
    fn at(at: Instant) -> Self {
        Self { at, pardons: 0 }
    }

    /// After an attempt that ended in `error`, if in any.
    fn after(error: Option<&Error>, session: &Session) -> Self {
        let wait = match error.map(|error| error.reason) {
            None => RECOVERY_POINTS_PERIOD,
            Some(Reason::Forbidden | Reason::Unsupported) => FORBIDDEN_MEMORY,
            Some(_) => RETRY,
        };
        Self {
            at: Instant::now() + wait,
            pardons: session.pardons(),
        }
    }

    fn is_now(&self, session: &Session) -> bool {
        self.at <= Instant::now() || self.pardons != session.pardons()
    }
}

impl Jobs {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            due: Due::at(now),
            schedules: HashMap::new(),
            read: None,
        }
    }

    /// Whether the schedule of each job is on, where that is known; without jobs that have none: another job or a person
    /// starts them, so they are not paused.
    pub(super) fn schedules(&self) -> &HashMap<String, bool> {
        &self.schedules
    }

    /// `None`: it is not time to ask, or the poll has none left for it, which is no failure of this section.
    pub(super) async fn read(
        &mut self,
        session: &Session,
        context: &PollContext,
    ) -> Option<Result<UnknownValues, Error>> {
        if !self.due.is_now(session) || context.remaining().is_zero() {
            return None;
        }
        let mut walk = Walk::<Schedule>::pages("JobType==Replica".to_owned(), Sort::None);
        let result = match walk.run(session, context, Duration::ZERO).await {
            Ok(found) => found.ok_or_else(unfinished),
            Err(error) => Err(error),
        };
        self.due = Due::after(result.as_ref().err(), session);
        Some(result.map(|found| {
            self.read = Some(Instant::now());
            let schedules = found.rows.into_iter().filter(|job| job.configured != Some(false));
            self.schedules = schedules.filter_map(|job| Some((job.job, job.enabled?))).collect();
            found.unknown
        }))
    }

    /// Forgets schedules that are too old to say that somebody paused a job now.
    pub(super) fn forget_old(&mut self) {
        if self.read.is_none_or(|read| read.elapsed() > FRESH) {
            self.schedules.clear();
        }
    }
}

impl Collections {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            due: Due::at(now),
            newest: None,
        }
    }

    /// The end of the newest one that succeeded, where the role may know.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Never a failure: the ends of sessions tell how fresh everything is, too.
    pub(super) async fn read(
        &mut self,
        session: &Session,
        context: &PollContext,
        now: Timestamp,
        unknown: &mut UnknownValues,
    ) {
        if !self.due.is_now(session) || context.remaining().is_zero() {
            return;
        }
        let result = match session.get(api::SYSTEM_SESSIONS, Media::Xml, context).await {
            Ok(answer) => lenient::read(&answer, || manager::newest_collection(&answer.body, now, unknown)),
            Err(error) => Err(error),
        };
        self.due = Due::after(result.as_ref().err(), session);
        if let Ok(newest) = result {
            self.newest = self.newest.max(newest);
        }
    }
}
