//! Qumulo Core clusters: REST, JSON, port 8000.
//!
//! A poll asks who the cluster is first, without credentials, which chooses the address; then the other sections, two at a
//! time, each of which succeeds or fails by itself.

mod api;
mod cluster;
mod column;
mod convert;
mod descriptor;
mod object;
#[cfg(test)]
mod payloads;
mod wire;

pub use descriptor::{PROTECTION, REPLICATION_OBJECT, REPLICATION_SOURCE, REPLICATION_TARGET, RESTRIPER, VENDOR};

use super::{
    Error, PollContext, Reason,
    engine::{Found, Identity, Open, Polled, Reader, Reading},
    lenient::{Lenient, document, list},
    request::{Answer, Media},
    session::{Authenticator, Session},
};
use crate::{
    config::{ArrayConfig, Vendor},
    model::{Field, Role, Section, SectionReport},
};
use convert::Names;
use futures_util::future::join_all;
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long it is remembered that a cluster does not have the new restriper API: an upgrade may bring it.
const OLD_API_MEMORY: Duration = Duration::from_mins(10);
/// A Qumulo cluster that is polled.
pub type Qumulo = Polled<Cluster>;

/// What is known of one Qumulo cluster between polls.
#[derive(Debug)]
pub struct Cluster {
    /// The cluster's own name as last heard, else the array's: copies to object stores are named by it.
    name: String,
    /// What each replication section called its relationships last.
    names: Mutex<BTreeMap<Section, Names>>,
    /// Until when the old restriper API is asked first.
    old_restriper_until: Mutex<Option<Instant>>,
}

impl Reader for Cluster {
    const VENDOR: Vendor = VENDOR;
    const OPEN: Open = Open::Identity(api::NODE_STATE, Media::Json);

    fn authenticator(config: &ArrayConfig) -> Box<dyn Authenticator> {
        Box::new(api::QumuloAuthenticator::new(config))
    }

    fn new(config: &ArrayConfig) -> Self {
        Self {
            name: config.name.to_string(),
            names: Mutex::default(),
            old_restriper_until: Mutex::default(),
        }
    }

    fn identity(answer: &Answer) -> Result<Identity, Error> {
        let node: wire::NodeState = document(answer)?;
        Ok(match node.cluster_id {
            Lenient::Value(id) => Identity::Id(id),
            _ => Identity::Unsaid,
        })
    }

    async fn system(
        &mut self,
        found: Option<&Found>,
        session: &Session,
        context: &PollContext,
    ) -> Result<SectionReport, Error> {
        let Some(Found { index, answer, .. }) = found else {
            return Err(Error::internal(Section::SYSTEM, "nobody was asked"));
        };
        let (settings, version) = tokio::join!(
            session.get_open(*index, api::CLUSTER_SETTINGS, Media::Json, context),
            session.get_open(*index, api::VERSION, Media::Json, context),
        );
        let (settings, version) = (document(&settings?)?, document(&version?)?);
        let report = cluster::system(document(answer)?, settings, version, answer.clock_skew_seconds);
        if let Some(Field::Is(name)) = report.system.as_ref().map(|system| &system.name) {
            self.name.clone_from(name);
        }
        Ok(report)
    }

    async fn read(&mut self, reading: &mut Reading<'_>) {
        let sections = reading.context.sections.iter().copied();
        let sections = sections.filter(|section| *section != Section::SYSTEM);
        let (this, asked): (&Self, &Reading<'_>) = (self, reading);
        let read = join_all(sections.map(|section| async move {
            let started = Instant::now();
            let result = this.section(section, asked).await;
            (section, started.elapsed(), result)
        }));
        for (section, took, result) in read.await {
            reading.took(section, took, result);
        }
    }
}

impl Cluster {
    async fn section(&self, section: Section, reading: &Reading<'_>) -> Result<SectionReport, Error> {
        let get = |path| reading.session.get(path, Media::Json, reading.context);
        match section {
            REPLICATION_SOURCE => {
                self.relationships(section, api::SOURCE_STATUS, Role::Source, reading)
                    .await
            }
            REPLICATION_TARGET => {
                self.relationships(section, api::TARGET_STATUS, Role::Target, reading)
                    .await
            }
            REPLICATION_OBJECT => {
                let answer = get(api::OBJECT_STATUS).await?;
                listing(&answer, reading, |rows| object::copies(rows, &self.name, reading.now))
            }
            PROTECTION => {
                let answer = get(api::PROTECTION_STATUS).await?;
                said(&answer, cluster::protection(document(&answer)?))
            }
            RESTRIPER => {
                let answer = self.restriper(reading).await?;
                said(&answer, cluster::restriper(document(&answer)?))
            }
            other => Err(Error::internal(other, "not a section of a Qumulo cluster")),
        }
    }

    async fn relationships(
        &self,
        section: Section,
        path: &str,
        role: Role,
        reading: &Reading<'_>,
    ) -> Result<SectionReport, Error> {
        let answer = reading.session.get(path, Media::Json, reading.context).await?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let names = names.entry(section).or_default();
        let report = listing(&answer, reading, |rows| {
            convert::relationships(rows, role, reading.now, names)
        })?;
        *names = report
            .relationships
            .iter()
            .filter_map(|each| Some((each.key.clone(), each.description.clone()?)))
            .collect();
        Ok(report)
    }

    /// The API that worked last: the new one, or where that is not there the old one. A 404 is no proof for long: what was
    /// remembered is asked first, and the other one where it fails so.
    async fn restriper(&self, reading: &Reading<'_>) -> Result<Answer, Error> {
        let remembered = *self.old_restriper_until.lock().unwrap_or_else(PoisonError::into_inner);
        let old_first = remembered.is_some_and(|until| until > Instant::now());
        let mut paths = [api::RESTRIPER_STATUS, api::OLD_RESTRIPER_STATUS];
        if old_first {
            paths.reverse();
        }
        let mut failure = None;
        for path in paths {
            match reading.session.get(path, Media::Json, reading.context).await {
                Err(error) if error.reason == Reason::Unsupported => failure = failure.or(Some(error)),
                result => {
                    if result.is_ok() {
                        let until = match (path == api::OLD_RESTRIPER_STATUS, remembered) {
                            (false, _) => None,
                            (true, Some(until)) if old_first => Some(until),
                            (true, _) => Some(Instant::now() + OLD_API_MEMORY),
                        };
                        *self.old_restriper_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
                    }
                    return result;
                }
            }
        }
        Err(failure.unwrap_or_else(|| Error::internal(RESTRIPER, "nothing was asked")))
    }
}

/// A list of relationships, read and converted part by part: no more of it is ever held than can be shown, and a part.
fn listing<T: DeserializeOwned>(
    answer: &Answer,
    reading: &Reading<'_>,
    convert: impl Fn(Vec<T>) -> Result<SectionReport, String>,
) -> Result<SectionReport, Error> {
    let most = reading.context.limits.most_relationships;
    let mut report = convert(Vec::new()).unwrap_or_default();
    list(answer, most.clamp(1000, 10_000), |rows| {
        report.append(convert(rows)?);
        if report.relationships.len() > most {
            report = std::mem::take(&mut report).of_the_first(most);
        }
        Ok(())
    })?;
    Ok(report)
}

fn said(answer: &Answer, report: Result<SectionReport, String>) -> Result<SectionReport, Error> {
    report.map_err(|message| answer.error(Reason::Parse, &message))
}

#[cfg(test)]
#[path = "poll_tests.rs"]
mod tests;
