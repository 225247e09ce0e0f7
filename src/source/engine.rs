//! The one poll engine: what a poll of any vendor does besides reading its sections. Which address answers and whether it is
//! the right system, what ends a poll, whose time counts, how long a section took, which roles it lists, the certificate,
//! and the end of the session.
//!
//! A vendor's folder is a [`Reader`]: who the system is, and what its sections say. `vendors.rs` puts the two together.

use super::{
    Error, LoginCounters, Poll, PollContext, Reason, SectionOutcome, Source,
    request::{Answer, Media, shown},
    session::{Authenticator, Session, is_unreachable},
    trust::TrustStore,
};
use crate::{
    config::{ArrayConfig, Vendor},
    model::{Listing, Section, SectionReport, SystemReport, Timestamp, UnknownValues, skew},
};
use std::{future::Future, sync::Arc, time::Duration};
use tokio::time::Instant;

/// What is one vendor's own about a poll.
pub trait Reader: Send + Sync + 'static {
    /// Whose.
    const VENDOR: Vendor;
    /// What an address answers without credentials.
    const OPEN: Open;

    /// How it is proved who asks.
    fn authenticator(config: &ArrayConfig) -> Box<dyn Authenticator>;

    /// A reader that knows nothing yet.
    fn new(config: &ArrayConfig) -> Self;

    /// Who says so in the answer to [`Open::Identity`].
    fn identity(_answer: &Answer) -> Result<Identity, Error> {
        Ok(Identity::Nobodys)
    }

    /// The section `system`. `found` is the answer to [`Open::Identity`], where there is such.
    fn system(
        &mut self,
        found: Option<&Found>,
        session: &Session,
        context: &PollContext,
    ) -> impl Future<Output = Result<SectionReport, Error>> + Send;

    /// Every other section: each that was read is told to `reading`, which leaves out what nobody wants.
    fn read(&mut self, reading: &mut Reading<'_>) -> impl Future<Output = ()> + Send;
}

/// What an address answers to whom it does not know.
#[derive(Clone, Copy, Debug)]
pub enum Open {
    /// Who it is, at this path. It is asked first at each poll, and chooses the address.
    Identity(&'static str, Media),
    /// At this path that it wants HTTP Basic, and nothing anywhere.
    Challenge(&'static str),
}

/// Whose the answer of an address is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The system's lasting id: addresses that say another one are another system's, and get no credentials.
    Id(String),
    /// It has one, and did not say it.
    Unsaid,
    /// This vendor's systems have no lasting id.
    Nobodys,
}

/// Who answers.
#[derive(Debug)]
pub struct Found {
    /// Which address, as the session counts them.
    pub index: usize,
    /// Its host.
    pub host: Option<String>,
    /// What it said.
    pub answer: Answer,
}

/// A poll in the middle of its sections.
pub struct Reading<'a> {
    /// What to ask through.
    pub session: &'a Session,
    /// What the poll keeps to.
    pub context: &'a PollContext,
    /// The time by the system's own clock.
    pub now: Timestamp,
    vendor: Vendor,
    outcomes: Vec<SectionOutcome>,
}

impl Reading<'_> {
    /// What became of a section that began at `started`.
    pub fn since(&mut self, section: Section, started: Instant, result: Result<SectionReport, Error>) {
        self.took(section, started.elapsed(), result);
    }

    /// What became of a section that took so long. The roles that it lists are those of its declaration.
    pub fn took(&mut self, section: Section, duration: Duration, result: Result<SectionReport, Error>) {
        if !self.context.wants(section) {
            return;
        }
        let lists = self.vendor.section(section).and_then(|spec| spec.lists);
        let result = result.map(|mut report| {
            report.roles = match report.listing {
                Listing::None => &[],
                Listing::Partial | Listing::Complete => lists.unwrap_or_default(),
            };
            // Data was searched for long secrets; words for people are for all of them.
            let notes = report.relationships.iter_mut().map(|said| &mut said.readings.note);
            let reasons = report.restriper.iter_mut().map(|said| &mut said.blocked_reason);
            for words in notes.chain(reasons).filter(|words| !words.is_empty()) {
                *words = self.session.quiet(words);
            }
            report
        });
        self.outcomes.push(SectionOutcome {
            section,
            duration,
            result,
        });
    }
}

/// One system of a vendor, over a session that outlives it.
#[derive(Debug)]
pub struct Polled<R> {
    pub(super) session: Session,
    pub(super) reader: R,
    /// The system's clock minus the exporter's, as last heard: what outlasts an answer that fails.
    skew_seconds: Option<f64>,
}

impl<R: Reader> Polled<R> {
    /// Makes the session for one system, kept while pollers come and go. Sends nothing yet.
    pub fn connect(config: &ArrayConfig, trust: &TrustStore, counters: Arc<LoginCounters>) -> Result<Session, Error> {
        Session::new(config, R::authenticator(config), trust, counters)
    }

    /// A source over a session that outlives it.
    #[must_use]
    pub fn new(config: &ArrayConfig, session: Session) -> Self {
        Self {
            session,
            reader: R::new(config),
            skew_seconds: None,
        }
    }

    /// Who answers, as far as it says without credentials; of a system that only wants some, what its clock says.
    pub async fn introduce(&mut self, context: &PollContext) -> Result<SystemReport, Error> {
        if let Open::Challenge(path) = R::OPEN {
            return Ok(SystemReport {
                clock_skew_seconds: self.session.challenge(path, context).await?,
                ..SystemReport::default()
            });
        }
        let (system, _) = self.system(context).await?;
        Ok(system?.system.unwrap_or_default())
    }

    /// The section `system`, and how the system's clock differs; an error ends the poll: nothing else would get through.
    async fn system(&mut self, context: &PollContext) -> Result<(Result<SectionReport, Error>, Option<f64>), Error> {
        let Open::Identity(path, media) = R::OPEN else {
            let system = self.reader.system(None, &self.session, context).await;
            return match system {
                Err(error) if ends_poll(error.reason) => Err(error),
                system => {
                    let said = system.as_ref().ok().and_then(|report| report.system.as_ref());
                    let skew = said.and_then(|system| system.clock_skew_seconds);
                    Ok((system, skew))
                }
            };
        };
        let found = match self.find(path, media, context).await? {
            Ok(found) => found,
            Err(error) => return Ok((Err(error), None)),
        };
        let system = if context.wants(Section::SYSTEM) {
            self.reader.system(Some(&found), &self.session, context).await
        } else {
            Ok(SectionReport::default())
        };
        Ok((system, found.answer.clock_skew_seconds))
    }

    /// Asks each address, without credentials, until one answers that can be used. An outer error means that none can.
    async fn find(
        &self,
        path: &'static str,
        media: Media,
        context: &PollContext,
    ) -> Result<Result<Found, Error>, Error> {
        let addresses = self.session.addresses();
        let is_only = addresses.count() <= 1;
        let mut failures: Vec<Error> = Vec::new();
        let mut strangers: Vec<(usize, String)> = Vec::new();
        for (index, url) in addresses.in_order() {
            let answer = self.session.get_open(index, path, media, context).await;
            let answer = answer.and_then(|answer| R::identity(&answer).map(|identity| (answer, identity)));
            let (answer, identity) = match answer {
                Ok(said) => said,
                // It is there, but cannot say who it is. With one address there is nobody to mistake it for.
                Err(error) if is_only && !is_unreachable(error.reason) => return Ok(Err(error)),
                Err(error) => {
                    failures.push(error);
                    continue;
                }
            };
            match identity {
                Identity::Id(id) if !addresses.accepts(&id) => {
                    let host = url.host_str().unwrap_or_default();
                    failures.push(Error::new(
                        Reason::Unsupported,
                        format!(
                            "{host} is {}, not the one at the other addresses; it got no credentials",
                            shown(&id)
                        ),
                    ));
                    strangers.push((index, id));
                    continue;
                }
                Identity::Unsaid if !is_only => {
                    failures.push(answer.error(Reason::Unsupported, "it does not say which system it is"));
                    continue;
                }
                Identity::Id(_) | Identity::Unsaid | Identity::Nobodys => {}
            }
            addresses.stick_to(index);
            let host = url.host_str().map(str::to_owned);
            return Ok(Ok(Found { index, host, answer }));
        }
        // All that answer name the same other system, and those that do not are away: it was set up anew, and the next poll
        // takes it. A dead address has no veto.
        let away = failures.iter().filter(|error| is_unreachable(error.reason)).count();
        if let Some((first, id)) = strangers.first()
            && strangers.len() + away == addresses.count()
            && strangers.iter().all(|(_, each)| each == id)
            && addresses.is_replaced_by(id, away == 0)
        {
            addresses.stick_to(*first);
        }
        Err(combine(&failures))
    }
}

impl<R: Reader> Source for Polled<R> {
    async fn poll(&mut self, context: &PollContext) -> Poll {
        let started = Instant::now();
        let mut poll = match self.system(context).await {
            Err(error) => Poll::failed(&context.sections, started.elapsed(), &error),
            Ok((system, skew)) => {
                self.skew_seconds = skew.or(self.skew_seconds);
                let mut reading = Reading {
                    session: &self.session,
                    context,
                    now: context.clock.now().plus_seconds(skew::significant(self.skew_seconds)),
                    vendor: R::VENDOR,
                    outcomes: Vec::new(),
                };
                reading.since(Section::SYSTEM, started, system);
                if context.sections.iter().any(|section| *section != Section::SYSTEM) {
                    self.reader.read(&mut reading).await;
                }
                let mut reports = reading
                    .outcomes
                    .iter_mut()
                    .filter_map(|outcome| outcome.result.as_mut().ok());
                if let Some(report) = reports.next() {
                    (0..self.session.take_mended()).for_each(|_| report.unknown_values.count(UnknownValues::NOT_UTF8));
                }
                Poll {
                    sections: reading.outcomes,
                    certificate_expiry: None,
                }
            }
        };
        poll.certificate_expiry = self.session.certificate_expiry();
        poll
    }

    async fn credentials_changed(&self) -> bool {
        self.session.credentials_changed().await
    }

    async fn close(self) {
        self.session.close().await;
    }
}

/// Whether there is no point in asking this system anything more in this poll.
#[must_use]
pub fn ends_poll(reason: Reason) -> bool {
    is_unreachable(reason) || matches!(reason, Reason::Auth | Reason::Throttled)
}

/// One error for all addresses: the first one's reason, everyone's words.
fn combine(failures: &[Error]) -> Error {
    let words: Vec<&str> = failures.iter().map(|error| error.message.as_str()).collect();
    Error {
        reason: failures.first().map_or(Reason::Internal, |error| error.reason),
        message: words.join("; then "),
        retry_after: failures.iter().filter_map(|error| error.retry_after).max(),
    }
}
