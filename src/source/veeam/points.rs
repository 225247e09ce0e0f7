//! Reading replica points: all of them every 15 minutes, and in between the new ones, whenever a task ended.

use super::{
    FRESH, MOST_SINGLES, RECOVERY_POINTS_PERIOD, RETRY,
    api::{Sort, quoted},
    book::Book,
    links::Server,
    rows::{Point, Row, Run},
    unfinished,
    walk::{self, Found, Walk},
};
use crate::{
    model::{Timestamp, UnknownValues},
    source::{Error, PollContext, session::Session},
};
use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};
use tokio::time::Instant;

/// As for tasks: twice the collection interval.
const OVERLAP: f64 = 1800.0;

/// The progress of reading points.
#[derive(Debug)]
pub(super) struct Points {
    due: Instant,
    sweep: Option<Walk<Point>>,
    /// When a sweep was last complete, and whether every job in it could be asked for.
    swept: Option<(Instant, bool)>,
    newest: Option<Timestamp>,
    /// Jobs of which Enterprise Manager has no run.
    strangers: HashSet<(Server, String)>,
}

/// What a reading brought.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// These are all the points there are.
    pub(super) is_sweep: bool,
    /// And every job in them could be asked for.
    pub(super) is_clean: bool,
    pub(super) unknown: UnknownValues,
}

impl Points {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            due: now,
            sweep: None,
            swept: None,
            newest: None,
            strangers: HashSet::new(),
        }
    }

    /// Whether all points are to be read: every 15 minutes, and at each poll while nothing recent is known.
    fn is_due(&self) -> bool {
        self.due <= Instant::now() || !self.is_fresh()
    }

    /// Whether the last sweep is recent enough to speak of the present.
    pub(super) fn is_fresh(&self) -> bool {
        self.swept.is_some_and(|(at, _)| at.elapsed() < FRESH)
    }

    /// Whether the last sweep was recent, and every job in it could be asked for.
    pub(super) fn was_clean(&self) -> bool {
        self.is_fresh() && self.swept.is_some_and(|(_, is_clean)| is_clean)
    }

    /// Reads all points if that is due, else those that tasks have made lately, if any did.
    pub(super) async fn read(
        &mut self,
        book: &mut Book,
        session: &Session,
        now: Timestamp,
        late: Option<Timestamp>,
        news: bool,
        context: &PollContext,
    ) -> Result<Read, Error> {
        if !self.is_due() {
            let mut read = Read::default();
            if !news {
                // Points come with tasks. That they may be read, still, and that nothing newer is there, costs one row.
                let newest = walk::newest::<Point>("", Sort::NewestFirst, session, context).await?;
                if newest.as_ref().map(|point| point.created) <= self.newest {
                    return Ok(read);
                }
            }
            if let Some(newest) = self.newest {
                let since = newest.plus_seconds(-OVERLAP);
                let since = late.map_or(since, |late| late.min(since));
                let mut walk = Walk::created(Some(since), None);
                let found = walk
                    .run(session, context, Duration::ZERO)
                    .await?
                    .ok_or_else(unfinished)?;
                self.note_newest(&found, now);
                read.unknown = found.unknown;
                book.add_points(found.rows);
            }
            book.place_points();
            return Ok(read);
        }
        let result = self.sweep(session, context).await;
        match &result {
            Ok(_) => self.due = Instant::now() + RECOVERY_POINTS_PERIOD,
            // It goes on at the next poll.
            Err(_) if self.sweep.is_some() => {}
            Err(_) => self.due = Instant::now() + RETRY,
        }
        let found = result?;
        self.note_newest(&found, now);
        let mut is_clean = true;
        let mut unknown = UnknownValues::default();
        unknown.add(&found.unknown);
        book.set_points(found.rows, found.lost);
        let mut unplaced = book.place_points();
        if !unplaced.jobs.is_empty() {
            // What could not be asked for is asked for at the next sweep; until then nothing is let go.
            is_clean &= self
                .look_up(&unplaced.jobs, book, session, context)
                .await
                .unwrap_or(false);
            unplaced = book.place_points();
        }
        (0..unplaced.strangers + unplaced.ambiguous).for_each(|_| unknown.count("replica_point"));
        self.swept = Some((Instant::now(), is_clean));
        Ok(Read {
            is_sweep: true,
            is_clean,
            unknown,
        })
    }

    async fn sweep(&mut self, session: &Session, context: &PollContext) -> Result<Found<Point>, Error> {
        let walk = self.sweep.get_or_insert_with(|| Walk::created(None, None));
        match walk.run(session, context, Duration::ZERO).await {
            Ok(Some(found)) => {
                self.sweep = None;
                Ok(found)
            }
            Ok(None) => Err(unfinished()),
            Err(error) => {
                self.sweep = None;
                Err(error)
            }
        }
    }

    /// Points tell the name of their job and not its id: asks for one run of that name, however old. False: there were too
    /// many to ask for all.
    async fn look_up(
        &mut self,
        jobs: &BTreeSet<(Server, String)>,
        book: &mut Book,
        session: &Session,
        context: &PollContext,
    ) -> Result<bool, Error> {
        let asked: Vec<_> = jobs
            .iter()
            .filter(|job| !self.strangers.contains(*job))
            .cloned()
            .collect();
        for (server, name) in asked.iter().take(MOST_SINGLES) {
            let uid = format!("urn:veeam:BackupServer:{}", server.id);
            let filter = format!("JobName=={};BackupServerUid=={}", quoted(name), quoted(&uid));
            match walk::newest::<Run>(&filter, Sort::NewestFirst, session, context).await? {
                Some(run) => drop(book.add_run(run)),
                // Its job was deleted so long ago that no history is left: nothing says which id it had.
                None => drop(self.strangers.insert((server.clone(), name.clone()))),
            }
        }
        Ok(asked.len() <= MOST_SINGLES)
    }

    fn note_newest(&mut self, found: &Found<Point>, now: Timestamp) {
        let moments = found.rows.iter().filter_map(|point| point.created().map(|(at, _)| at));
        self.newest = self.newest.max(moments.filter(|at| *at <= now).max());
    }
}
