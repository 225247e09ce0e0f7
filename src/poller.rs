//! One task per array: when to poll, for how long, what to do when a poll fails, panics or never returns.
//!
//! It hands outcomes to the store and logs what changed. Knows no vendor: it is given a factory of [`Source`]s.

mod budget;
mod log;
mod standings;

pub use standings::{Standings, tell_standings};

use crate::{
    clock::Clock,
    model::Section,
    source::{
        Error, Poll, PollContext, Source,
        backoff::{self, Verdict},
        workers::off_the_workers,
    },
    store::Slot,
};
use futures_util::FutureExt;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The first poll comes within this time, so that a start does not ask every array in the same instant.
const LONGEST_OFFSET: Duration = Duration::from_secs(15);
/// A poll ends by itself at 0.9 of the interval. One that has not come back by then is given up.
const BACKSTOP_INTERVALS: f64 = 1.5;
/// How long a source may take to end its session.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Polls one array until `stop`. `make` makes its source: once now, and again after a panic.
pub async fn run<S: Source>(slot: Arc<Slot>, clock: Clock, make: impl Fn() -> S + Send, stop: CancellationToken) {
    let mut poller = Poller::new(slot.clone(), clock, make);
    let mut due = poller.first();
    loop {
        slot.schedule(due);
        tokio::select! {
            () = poller.wait(&mut due) => {}
            () = slot.reconfigured() => {
                due = poller.due_by_new_interval(due);
                continue;
            }
            () = stop.cancelled() => break,
        }
        tokio::select! {
            next = poller.poll_once() => due = next,
            () = stop.cancelled() => break,
        }
    }
    if tokio::time::timeout(CLOSE_TIMEOUT, poller.source.close())
        .await
        .is_err()
    {
        tracing::warn!(array = %poller.slot.name(), "the session could not be ended in time");
    }
}

/// When after the start an array is first asked: spread by a hash of its name, the same at every start.
fn start_offset(name: &str, interval: Duration) -> Duration {
    interval.min(LONGEST_OFFSET).mul_f64(share_of((name, "offset")))
}

/// A share of 1 that is fixed for its subject.
fn share_of(subject: impl Hash) -> f64 {
    let mut hasher = DefaultHasher::new();
    subject.hash(&mut hasher);
    (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
}

/// The polls of one array, one after the other, and when each is due. Used by [`run`], and by a test that lives through a day.
pub struct Poller<S, F> {
    source: S,
    make: F,
    slot: Arc<Slot>,
    clock: Clock,
    polls: u64,
    /// When the last poll began, and what it means for the next.
    last: Option<(Instant, Verdict)>,
    log_budget: budget::LogBudget,
}

impl<S: Source, F: Fn() -> S + Send> Poller<S, F> {
    /// A poller that has not asked yet.
    pub fn new(slot: Arc<Slot>, clock: Clock, make: F) -> Self {
        Self {
            source: make(),
            make,
            slot,
            clock,
            polls: 0,
            last: None,
            log_budget: budget::LogBudget::new(),
        }
    }

    /// When the first poll is due.
    pub fn first(&self) -> Instant {
        Instant::now() + start_offset(self.slot.name(), self.slot.config().polling.interval)
    }

    /// Waits until `due`, or until the next tick if refused credentials were replaced meanwhile.
    async fn wait(&self, due: &mut Instant) {
        let interval = self.slot.config().polling.interval;
        while *due > Instant::now() + interval {
            tokio::time::sleep(interval).await;
            if self.source.credentials_changed().await {
                *due = Instant::now();
            }
        }
        tokio::time::sleep_until(*due).await;
    }

    /// One poll, published and logged. Gives the time of the next.
    pub async fn poll_once(&mut self) -> Instant {
        let config = self.slot.config();
        let interval = config.polling.interval;
        let started = Instant::now();
        let context = PollContext {
            deadline: started + config.polling.deadline(),
            clock: self.clock,
            sections: config.sections.clone(),
            limits: (&config.polling).into(),
        };
        let poll = self.guarded(&context, interval.mul_f64(BACKSTOP_INTERVALS)).await;
        self.polls += 1;
        let verdict = Verdict::of(&poll);
        let skipped = whole_intervals(started.elapsed(), interval);
        self.slot.count_overruns(skipped);
        let transitions = off_the_workers(|| self.slot.publish(poll));
        log::transitions(self.slot.name(), &transitions, &mut self.log_budget);
        self.last = Some((started, verdict));
        let mut next = started + self.delay(verdict, interval);
        while next <= Instant::now() {
            next += interval;
        }
        next
    }

    fn delay(&self, verdict: Verdict, interval: Duration) -> Duration {
        let jitter = share_of((&**self.slot.name(), self.polls));
        backoff::delay(self.slot.failures_in_a_row(), verdict, interval, jitter)
    }

    /// When the next poll is due after a reload, if it was due at `due` before. What a shorter interval makes due at once is
    /// spread as at a start, so that a reload does not ask every array in the same instant.
    fn due_by_new_interval(&self, due: Instant) -> Instant {
        let now = Instant::now();
        let interval = self.slot.config().polling.interval;
        let soon = now + start_offset(self.slot.name(), interval);
        match self.last {
            None => due.min(soon),
            Some((started, verdict)) => {
                let wanted = started + self.delay(verdict, interval);
                if wanted <= now { due.min(soon) } else { wanted }
            }
        }
    }

    /// A poll that comes back whatever the source does: a panic or a hang is a failed poll.
    async fn guarded(&mut self, context: &PollContext, backstop: Duration) -> Poll {
        let started = Instant::now();
        let attempt = AssertUnwindSafe(self.source.poll(context)).catch_unwind();
        let fault = match tokio::time::timeout(backstop, attempt).await {
            Ok(Ok(poll)) => return poll,
            Ok(Err(_)) => "the poll panicked",
            Err(_) => "the poll did not come back",
        };
        tracing::error!(array = %self.slot.name(), fault, "a fault of the exporter: the source is made anew");
        self.source = (self.make)();
        let error = Error::internal(Section::SYSTEM, fault);
        Poll::failed(&context.sections, started.elapsed(), &error)
    }
}

/// How many ticks passed while a poll was running.
fn whole_intervals(elapsed: Duration, interval: Duration) -> u64 {
    let intervals = elapsed.as_nanos() / interval.as_nanos().max(1);
    u64::try_from(intervals).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
