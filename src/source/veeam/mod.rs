//! Veeam Backup Enterprise Manager: REST, XML, port 9398.
//!
//! Enterprise Manager holds a copy of what its backup servers did, renewed every 15 minutes by default. A poll reads what
//! changed since the last one, into the book; every 15 minutes it reads all replica points. Reading the past at start-up, and
//! all points, may take several polls. What exists is decided only when all of it is known.

mod administrator;
mod api;
mod book;
mod changes;
mod column;
mod convert;
mod descriptor;
mod history;
mod links;
mod lost;
mod manager;
mod points;
mod reading;
mod report;
mod rows;
#[cfg(test)]
mod tests;
mod walk;
mod wire;
mod xml;

pub use descriptor::{JOBS, LOOKBACK, RECOVERY_POINTS, SESSIONS, TASKS, VENDOR};

use super::{
    Error, PollContext, Reason,
    engine::{Found, Open, Polled, Reader, Reading},
    request::Media,
    session::{Authenticator, Session},
    workers::off_the_workers,
};
use crate::{
    config::{ArrayConfig, Vendor},
    model::{Field, Section, SectionReport, SystemReport, Timestamp, UnknownValues},
};
use administrator::{Collections, Jobs};
use book::Book;
use changes::Changes;
use descriptor::RECOVERY_POINTS_PERIOD;
use history::History;
use points::Points;
use reading::News;
use report::Knowledge;
use rows::{Run, Task};
use std::time::Duration;
use tokio::time::Instant;

/// How soon that is tried again after a failure.
const RETRY: Duration = Duration::from_mins(5);
/// How soon something is asked for again that the role may not read; as often a new session is tried, which knows new rights.
const FORBIDDEN_MEMORY: Duration = Duration::from_hours(1);
/// Readings of a section live three of its periods.
const FRESH: Duration = Duration::from_mins(45);
/// How far back the first reading of tasks goes; what is older follows piece by piece.
const FIRST: f64 = 86_400.0;
/// The most single rows asked for by their id in one poll.
const MOST_SINGLES: usize = 20;

/// An Enterprise Manager that is polled.
pub type Veeam = Polled<Manager>;

/// What is known of one Enterprise Manager between polls.
#[derive(Debug)]
pub struct Manager {
    lookback: Duration,
    book: Book,
    runs: Changes<Run>,
    tasks: Changes<Task>,
    points: Points,
    history: Option<History>,
    jobs: Jobs,
    collections: Collections,
    /// When to look for runs that surfaced late.
    wide_due: Instant,
    /// Everything was known once, and what nothing told of was let go.
    knows_all: bool,
    /// Sweeps before that, with rows of which nobody can tell what they tell of.
    vague_sweeps: u8,
}

impl Reader for Manager {
    const VENDOR: Vendor = VENDOR;
    const OPEN: Open = Open::Identity(api::ROOT, Media::Xml);

    fn authenticator(config: &ArrayConfig) -> Box<dyn Authenticator> {
        Box::new(api::VeeamAuthenticator::new(config))
    }

    fn new(config: &ArrayConfig) -> Self {
        let now = Instant::now();
        Self {
            lookback: config.extra.period(LOOKBACK).unwrap_or(Duration::from_hours(30 * 24)),
            book: Book::default(),
            runs: Changes::new(&["State!=Stopped"]),
            tasks: Changes::new(&["State==InProgress", "State==Pending"]),
            points: Points::new(now),
            history: None,
            jobs: Jobs::new(now),
            collections: Collections::new(now),
            wide_due: now,
            knows_all: false,
            vague_sweeps: 0,
        }
    }

    /// Which versions of the API there are, and what the clock says. Enterprise Manager has no lasting id of its own: the
    /// backup servers' would change with the first one that is added.
    async fn system(
        &mut self,
        found: Option<&Found>,
        _session: &Session,
        _context: &PollContext,
    ) -> Result<SectionReport, Error> {
        let Some(Found { host, answer, .. }) = found else {
            return Err(Error::internal(Section::SYSTEM, "nobody was asked"));
        };
        let mut unknown = UnknownValues::default();
        let version = manager::api_version(&answer.body, &mut unknown)
            .map_err(|message| answer.error(Reason::Parse, &message))?;
        Ok(SectionReport {
            system: Some(SystemReport {
                name: host.clone().into(),
                id: Field::Silent,
                version,
                clock_skew_seconds: answer.clock_skew_seconds,
            }),
            unknown_values: unknown,
            ..SectionReport::default()
        })
    }

    /// Everything but the system, in the order in which one thing explains the next.
    async fn read(&mut self, reading: &mut Reading<'_>) {
        let (session, context, now) = (reading.session, reading.context, reading.now);
        let half = context.remaining() / 2;
        self.book.begin(now);
        let first = now.plus_seconds(-FIRST);
        let is_wide = self.wide_due <= Instant::now();

        let started = Instant::now();
        let runs = self.read_runs(first, is_wide, reading).await;
        let mut sessions = SectionReport::default();
        let (late, runs_error) = match runs {
            Ok((late, unknown)) => {
                sessions.unknown_values = unknown;
                if is_wide {
                    self.wide_due = Instant::now() + RECOVERY_POINTS_PERIOD;
                }
                (late, None)
            }
            Err(error) => (None, Some(error)),
        };
        self.collections
            .read(session, context, now, &mut sessions.unknown_values)
            .await;
        sessions.data_timestamp = self.book.newest_end.max(self.collections.newest());
        reading.since(SESSIONS, started, runs_error.clone().map_or(Ok(sessions), Err));

        let started = Instant::now();
        let mut tasks = if context.wants(TASKS) || context.wants(RECOVERY_POINTS) {
            self.read_tasks(first, late, reading).await
        } else {
            Ok(News::default())
        };
        if let (Ok(_), Some(error)) = (&tasks, &runs_error)
            && !self.book.missing_runs().is_empty()
        {
            // Newer tasks are there that cannot be told whose they are: the old ones must not look like the present.
            tasks = Err(error.clone());
        }
        let tasks_took = started.elapsed();

        let started = Instant::now();
        let news = tasks.as_ref().map_or(true, |news| news.finished);
        let points = if context.wants(RECOVERY_POINTS) {
            self.points
                .read(&mut self.book, session, now, late, news, context)
                .await
        } else {
            Ok(points::Read::default())
        };
        let points_took = started.elapsed();

        let started = Instant::now();
        let jobs = if context.wants(JOBS) {
            self.jobs.read(session, context).await
        } else {
            None
        };
        let jobs_took = started.elapsed();

        self.read_history(half, reading).await;
        // Every relationship that is known is gone through, several times.
        off_the_workers(|| {
            self.settle(now, is_wide, &tasks, &points, context);
            let knowledge = self.knowledge(context);
            self.jobs.forget_old();

            let result = tasks.map(|news| {
                let mut report = report::tasks(&self.book, self.jobs.schedules(), knowledge);
                report.unknown_values.add(&news.unknown);
                report.unknown_values.add(&self.book.take_impossible());
                report
            });
            reading.took(TASKS, tasks_took, result);
            let result = points.map(|read| SectionReport {
                unknown_values: read.unknown,
                ..report::recovery_points(&self.book, knowledge, read.is_sweep, !context.wants(TASKS))
            });
            reading.took(RECOVERY_POINTS, points_took, result);
            if let Some(jobs) = jobs {
                let result = jobs.map(|unknown| SectionReport {
                    unknown_values: unknown,
                    ..report::jobs(&self.book, self.jobs.schedules())
                });
                reading.took(JOBS, jobs_took, result);
            }
        });
    }
}

impl Manager {
    /// After a complete sweep of the points, with all tasks within lookback known, lets go of what neither tells of.
    fn settle(
        &mut self,
        now: Timestamp,
        is_wide: bool,
        tasks: &Result<News, Error>,
        points: &Result<points::Read, Error>,
        context: &PollContext,
    ) {
        let swept = if context.wants(RECOVERY_POINTS) {
            points.as_ref().is_ok_and(|read| read.is_sweep && read.is_clean)
        } else {
            is_wide
        };
        let all_tasks = self.history.as_ref().is_some_and(History::is_done) || !context.wants(TASKS);
        let is_clean = tasks.is_ok() && self.book.missing_runs().is_empty();
        let first_time = !self.knows_all && self.points.was_clean();
        if (swept || first_time) && all_tasks && is_clean {
            // Facts of a former run may be of a relationship that only such a row tells of.
            if !self.knows_all && self.book.expect_lost() && self.vague_sweeps < book::DOUBTFUL_SWEEPS {
                self.vague_sweeps += u8::from(swept);
                return;
            }
            self.book.prune(now.plus_seconds(-self.lookback.as_secs_f64()));
            self.knows_all = true;
        }
    }

    fn knowledge(&self, context: &PollContext) -> Knowledge {
        Knowledge {
            all_tasks: self.history.as_ref().is_some_and(History::is_done),
            all_points: self.points.is_fresh(),
            all_relationships: self.knows_all,
            no_points: !context.wants(RECOVERY_POINTS),
        }
    }
}

fn unfinished() -> Error {
    let message = "there was not enough time for every page; the next poll reads on";
    Error::new(Reason::Timeout, message)
}
