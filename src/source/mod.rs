//! Where snapshots come from: the trait every vendor implements, and what a poll gives.
//!
//! A vendor is one folder here, made of `api.rs` (paths and paging), `wire.rs` (the vendor's types), `convert.rs` (pure
//! functions to the model) and `mod.rs` (its [`Source`]). Metric names never appear below this folder.

pub mod addresses;
pub mod backoff;
pub mod client;
#[cfg(test)]
mod damage;
pub mod engine;
pub mod error;
pub mod introduction;
pub mod kaminario;
pub mod lenient;
mod logins;
pub mod outgoing;
#[cfg(test)]
pub(crate) mod poll_kit;
pub mod probe;
pub mod qumulo;
pub mod record;
pub(crate) mod remedies;
pub mod request;
mod resolver;
pub mod rights;
pub mod scrub;
pub mod session;
#[cfg(test)]
pub(crate) mod test_server;
pub mod trust;
pub mod veeam;
pub mod vendors;
pub(crate) mod workers;

pub use error::{Error, Reason};
pub use logins::LoginCounters;

use crate::{
    clock::Clock,
    config::Polling,
    model::{Section, SectionReport, Timestamp},
};
use std::{future::Future, time::Duration};
use tokio::time::Instant;

/// A storage system that can be polled. A poll never fails as a whole: each section succeeds or fails by itself.
pub trait Source: Send + 'static {
    /// Reads every enabled section once. Ends by itself before `context.deadline`.
    fn poll(&mut self, context: &PollContext) -> impl Future<Output = Poll> + Send;

    /// Whether the credentials, read anew from their place, are other ones than those that were refused: the wait after a
    /// refused log-in ends then.
    fn credentials_changed(&self) -> impl Future<Output = bool> + Send;

    /// Ends what the source holds open on the system, such as a logged-on session.
    fn close(self) -> impl Future<Output = ()> + Send;
}

/// What a poll may know and must keep to.
#[derive(Clone, Debug)]
pub struct PollContext {
    /// Every request takes the lesser of its own time-out and what is left until here.
    pub deadline: Instant,
    /// Wall time, for clock skew.
    pub clock: Clock,
    /// The sections to read.
    pub sections: Vec<Section>,
    /// What one request may cost. Here and not in the session, so that a reload changes it without a new log-in.
    pub limits: Limits,
}

/// What one request may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the first byte sent to the last one read.
    pub timeout: Duration,
    /// The largest answer, in decompressed bytes.
    pub max_body: u64,
    /// The most relationships of a section of which more is kept than their number.
    pub most_relationships: usize,
}

impl From<&Polling> for Limits {
    fn from(polling: &Polling) -> Self {
        Self {
            timeout: polling.timeout,
            max_body: polling.max_body,
            most_relationships: polling.most_relationships(),
        }
    }
}

impl PollContext {
    /// Whether `section` is to be read.
    #[must_use]
    pub fn wants(&self, section: Section) -> bool {
        self.sections.contains(&section)
    }

    /// The time left.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// The outcome of a poll: what became of each section that was tried.
#[derive(Debug, Default)]
pub struct Poll {
    /// Each section at most once.
    pub sections: Vec<SectionOutcome>,
    /// When the certificate that the system last presented expires, also if verification refused it.
    pub certificate_expiry: Option<Timestamp>,
}

/// What became of one section.
#[derive(Debug)]
pub struct SectionOutcome {
    /// Which.
    pub section: Section,
    /// How long it took.
    pub duration: Duration,
    /// What it found.
    pub result: Result<SectionReport, Error>,
}

impl Poll {
    /// Every one of `sections` failed for the same reason, before any of them began.
    #[must_use]
    pub fn failed(sections: &[Section], duration: Duration, error: &Error) -> Self {
        let sections = sections
            .iter()
            .map(|&section| SectionOutcome {
                section,
                duration,
                result: Err(error.clone()),
            })
            .collect();
        Self {
            sections,
            certificate_expiry: None,
        }
    }

    /// Whether the poll reached the array and got something; `system` does not count.
    #[must_use]
    pub fn got_something(&self) -> bool {
        self.sections
            .iter()
            .any(|outcome| outcome.section != Section::SYSTEM && outcome.result.is_ok())
    }
}
