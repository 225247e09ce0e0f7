//! Kaminario K2 / Silk arrays: REST v2, JSON, port 443.
//!
//! One request at a time. A poll asks who the array is first, which answers even while the system is not online; then the
//! sessions, on which the snapshots and the rounds depend. No request is made per session.

mod api;
mod column;
mod convert;
mod descriptor;
mod history;
mod names;
mod pages;
#[cfg(test)]
mod payloads;
mod round_pages;
mod volume_groups;
mod wire;

pub use descriptor::{BASE_PATH, RECOVERY_POINTS, REPLICATION, ROUNDS, VENDOR, VOLUME_GROUPS};

use super::{
    Error, PollContext, Reason,
    engine::{Found, Open, Polled, Reader, Reading, ends_poll},
    lenient::document,
    request::{Answer, Media},
    session::{Authenticator, Session},
};
use crate::{
    config::{ArrayConfig, Vendor},
    model::{Field, SectionReport, UnknownValues},
};
use convert::Listed;
use history::Rounds;
use names::Names;
use pages::{Identified, Pages};
use round_pages::RoundPages;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::Instant;
use wire::List;

/// Sessions of one page: the array's default.
const PAGE: usize = 100;
/// Names of one page.
const NAMES_PAGE: usize = 1000;
/// How long names are taken as they are, unless a session refers to one that is not known.
const NAMES_MEMORY: Duration = Duration::from_mins(5);

/// A K2 array that is polled.
pub type Kaminario = Polled<K2>;

/// What is known of one K2 array between polls.
#[derive(Debug)]
pub struct K2 {
    /// Before the paths of the API: empty, but behind Silk Flex.
    base_path: String,
    names: Names,
    names_until: Option<Instant>,
    /// What sessions refer to that no list has.
    unresolved: Vec<[wire::Reference; 3]>,
    /// The volume groups, where this poll has read them for their names already.
    groups: Option<Vec<wire::Named>>,
}

impl Reader for K2 {
    const VENDOR: Vendor = VENDOR;
    const OPEN: Open = Open::Challenge(api::STATE);

    fn authenticator(config: &ArrayConfig) -> Box<dyn Authenticator> {
        Box::new(api::KaminarioAuthenticator::new(config))
    }

    fn new(config: &ArrayConfig) -> Self {
        Self {
            base_path: config.extra.path(BASE_PATH).unwrap_or_default().to_owned(),
            names: Names::new(&config.name),
            names_until: None,
            unresolved: Vec::new(),
            groups: None,
        }
    }

    async fn system(
        &mut self,
        _found: Option<&Found>,
        session: &Session,
        context: &PollContext,
    ) -> Result<SectionReport, Error> {
        self.groups = None;
        let sent = context.clock.now();
        let answer = self.get(api::STATE, session, context).await?;
        let midpoint = sent.plus_seconds(context.clock.now().seconds_since(sent) / 2.0);
        let states: List<wire::SystemState> = document(&answer)?;
        let state = states.hits.into_iter().next();
        let state = state.ok_or_else(|| answer.error(Reason::Parse, "the list of system states is empty"))?;
        let report = convert::system(state, midpoint, answer.clock_skew_seconds);
        if let Some(system) = &report.system {
            for (known, said) in [
                (&mut self.names.own_name, &system.name),
                (&mut self.names.own_system_id, &system.id),
            ] {
                if let Field::Is(said) = said {
                    known.clone_from(said);
                }
            }
        }
        Ok(report)
    }

    /// The sessions and what depends on them.
    async fn read(&mut self, reading: &mut Reading<'_>) {
        let mut started = Instant::now();
        let mut finish = |reading: &mut Reading<'_>, section, result| {
            reading.since(section, started, result);
            started = Instant::now();
        };
        let listed = match self.replication(reading).await {
            Ok((report, listed)) => {
                finish(reading, REPLICATION, Ok(report));
                listed
            }
            Err(error) => {
                for section in [REPLICATION, RECOVERY_POINTS, ROUNDS, VOLUME_GROUPS] {
                    finish(reading, section, Err(error.clone()));
                }
                return;
            }
        };
        // A recovery point may need the rounds, so they are read first.
        let rounds = self.rounds(&listed, reading).await;
        let (rounds, known) = match rounds {
            Ok((rounds, unknown)) => (Ok(history::last_rounds(&listed, &rounds, unknown)), Some(rounds)),
            Err(error) => (Err(error), None),
        };
        let halted = rounds.as_ref().err().filter(|error| ends_poll(error.reason)).cloned();
        finish(reading, ROUNDS, rounds);
        let points = match halted {
            Some(error) => Err(error),
            None => self.recovery_points(&listed, known.as_ref(), reading).await,
        };
        let halted = points.as_ref().err().filter(|error| ends_poll(error.reason)).cloned();
        finish(reading, RECOVERY_POINTS, points);
        if reading.context.wants(VOLUME_GROUPS) {
            let groups = match halted {
                Some(error) => Err(error),
                None => self.volume_groups(reading).await,
            };
            let groups = groups.map(|groups| volume_groups::unreplicated(&groups, &listed));
            finish(reading, VOLUME_GROUPS, groups);
        }
    }
}

/// What a session refers to, as it is written.
fn references(session: &wire::Session) -> [wire::Reference; 3] {
    [
        session.replication_peer_k2array.clone(),
        session.local_volume_group.clone(),
        session.replication_peer_volume_group.clone(),
    ]
}

impl K2 {
    fn is_named(&self, session: &wire::Session) -> bool {
        let [peer, group, peer_group] = references(session).map(|reference| reference.id());
        self.names.knows(&peer, &group, &peer_group)
    }

    async fn replication(&mut self, reading: &Reading<'_>) -> Result<(SectionReport, Vec<Listed>), Error> {
        let sessions: Vec<wire::Session> = self.pages(api::SESSIONS, PAGE, reading).await?;
        let mut unknown = UnknownValues::default();
        // A reference that no list resolves is asked for again when the names are due, not at every poll.
        let is_news = sessions
            .iter()
            .any(|session| !self.is_named(session) && !self.unresolved.contains(&references(session)));
        if is_news || self.names_until.is_none_or(|until| until <= Instant::now()) {
            self.read_names(&mut unknown, reading).await;
            self.unresolved = sessions
                .iter()
                .filter(|session| !self.is_named(session))
                .map(references)
                .collect();
        }
        let (mut report, listed) =
            convert::sessions(sessions, &self.names).map_err(|message| parse_error(api::SESSIONS, &message))?;
        report.unknown_values.add(&unknown);
        Ok((report, listed))
    }

    /// What sessions refer to. A failure costs the names, not the sessions, and is counted; the next poll tries again.
    async fn read_names(&mut self, unknown: &mut UnknownValues, reading: &Reading<'_>) {
        self.names_until = Some(Instant::now() + NAMES_MEMORY);
        for (path, field) in [
            (api::PEER_ARRAYS, "peer_k2arrays"),
            (api::VOLUME_GROUPS, "volume_groups"),
            (api::PEER_VOLUME_GROUPS, "peer_volume_groups"),
        ] {
            match self.pages(path, NAMES_PAGE, reading).await {
                Ok(objects) => match path {
                    api::PEER_ARRAYS => self.names.set_peers(objects),
                    api::VOLUME_GROUPS => {
                        self.names.set_volume_groups(&objects);
                        self.groups = Some(objects);
                    }
                    _ => self.names.set_peer_volume_groups(&objects),
                },
                Err(error) => {
                    tracing::debug!(%error, "names are missing");
                    unknown.count(field);
                    self.names_until = None;
                    if ends_poll(error.reason) {
                        return;
                    }
                }
            }
        }
    }

    async fn volume_groups(&mut self, reading: &Reading<'_>) -> Result<Vec<wire::Named>, Error> {
        match self.groups.take() {
            Some(groups) => Ok(groups),
            None => self.pages(api::VOLUME_GROUPS, NAMES_PAGE, reading).await,
        }
    }

    async fn rounds(&self, listed: &[Listed], reading: &Reading<'_>) -> Result<(Rounds, UnknownValues), Error> {
        let mut pages = RoundPages::new(listed);
        while let Some(path) = pages.next() {
            match self.ask(&path, reading).await {
                Ok(answer) => pages.take(document(&answer)?),
                // It does not sort or page this list; what it gave without is still true.
                Err(error) if error.reason == Reason::HttpStatus && pages.has_begun() => pages.give_up(),
                Err(error) => return Err(error),
            }
        }
        let (rows, is_cut) = pages.into_rows();
        let mut unknown = UnknownValues::default();
        if is_cut {
            unknown.count("rounds_cut");
        }
        Ok((history::rounds(rows, &mut unknown), unknown))
    }

    async fn recovery_points(
        &self,
        listed: &[Listed],
        rounds: Option<&Rounds>,
        reading: &Reading<'_>,
    ) -> Result<SectionReport, Error> {
        let mut snapshots = Vec::new();
        for ids in history::wanted(listed).chunks(api::BATCH) {
            let answer = self.ask(&api::snapshots(ids), reading).await?;
            let list: List<wire::Snapshot> = document(&answer)?;
            snapshots.extend(list.hits);
        }
        Ok(history::recovery_points(listed, snapshots, rounds))
    }

    /// A whole list.
    async fn pages<T: Identified + DeserializeOwned>(
        &self,
        path: &'static str,
        limit: usize,
        reading: &Reading<'_>,
    ) -> Result<Vec<T>, Error> {
        let mut pages = Pages::new(path, limit);
        while let Some(page) = pages.next() {
            let answer = self.ask(&page, reading).await?;
            let taken = pages.take(document(&answer)?);
            taken.map_err(|message| answer.error(Reason::Parse, &message))?;
        }
        Ok(pages.into_all())
    }

    async fn ask(&self, path: &str, reading: &Reading<'_>) -> Result<Answer, Error> {
        self.get(path, reading.session, reading.context).await
    }

    async fn get(&self, path: &str, session: &Session, context: &PollContext) -> Result<Answer, Error> {
        let path = format!("{}{path}", self.base_path);
        session.get(&path, Media::Json, context).await
    }
}

fn parse_error(path: &str, message: &str) -> Error {
    Error::new(Reason::Parse, format!("GET {path}: {message}"))
}

#[cfg(test)]
#[path = "poll_tests.rs"]
mod tests;
