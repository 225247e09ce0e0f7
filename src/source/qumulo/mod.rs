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

pub use api::QumuloAuthenticator;
pub use descriptor::{PROTECTION, REPLICATION_OBJECT, REPLICATION_SOURCE, REPLICATION_TARGET, RESTRIPER, VENDOR};

use super::{
    Error, LoginCounters, Poll, PollContext, Reason, SectionOutcome, Source,
    lenient::{Lenient, document},
    request::{Answer, Media},
    session::{Session, is_unreachable},
    trust::TrustStore,
};
use crate::{
    config::ArrayConfig,
    model::{Field, Role, Section, SectionReport, SystemReport, Timestamp, facts::relevant_skew},
};
use convert::Names;
use futures_util::future::join_all;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long it is remembered that a cluster does not have the new restriper API: an upgrade may bring it.
const OLD_API_MEMORY: Duration = Duration::from_mins(10);

/// The session with a cluster; made once per array, kept while pollers come and go.
pub type QumuloSession = Session<QumuloAuthenticator>;

/// Makes the session for one cluster. Sends nothing yet.
pub fn connect(
    config: &Arc<ArrayConfig>,
    trust: &TrustStore,
    counters: Arc<LoginCounters>,
) -> Result<QumuloSession, Error> {
    Session::new(config, QumuloAuthenticator::new(config), trust, counters)
}

/// One Qumulo cluster.
#[derive(Debug)]
pub struct Qumulo {
    session: QumuloSession,
    /// The cluster's own name as last heard, else the array's: copies to object stores are named by it.
    cluster_name: String,
    /// The cluster's clock minus the exporter's, as last heard.
    skew_seconds: f64,
    /// What each replication section called its relationships last.
    names: Mutex<BTreeMap<Section, Names>>,
    /// Until when only the old restriper API is asked.
    old_restriper_until: Mutex<Option<Instant>>,
}

impl Qumulo {
    /// A source over a session that outlives it.
    #[must_use]
    pub fn new(config: &Arc<ArrayConfig>, session: QumuloSession) -> Self {
        Self {
            session,
            cluster_name: config.name.to_string(),
            skew_seconds: 0.0,
            names: Mutex::default(),
            old_restriper_until: Mutex::default(),
        }
    }
}

impl Source for Qumulo {
    async fn poll(&mut self, context: &PollContext) -> Poll {
        let started = Instant::now();
        let mut poll = match self.find_cluster(context).await {
            Err(error) => Poll::failed(&context.sections, started.elapsed(), &error),
            Ok(system) => {
                if let Some(Ok(SectionReport {
                    system: Some(system), ..
                })) = &system
                {
                    self.remember(system);
                }
                // Blackouts end by the cluster's clock.
                let now = context.clock.now().plus_seconds(self.skew_seconds);
                let system = system
                    .filter(|_| context.wants(Section::SYSTEM))
                    .map(|result| SectionOutcome {
                        section: Section::SYSTEM,
                        duration: started.elapsed(),
                        result,
                    });
                let others = context.sections.iter().filter(|section| **section != Section::SYSTEM);
                let others = join_all(others.map(|section| self.section(*section, now, context))).await;
                Poll {
                    sections: system.into_iter().chain(others).collect(),
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

impl Qumulo {
    /// Chooses the address, and reads who answers there, without credentials. An error means that no address can be used;
    /// `None` that there is nothing to choose and nobody wants to know.
    async fn find_cluster(&self, context: &PollContext) -> Result<Option<Result<SectionReport, Error>>, Error> {
        let addresses = self.session.addresses();
        let is_only = addresses.count() <= 1;
        if is_only && !context.wants(Section::SYSTEM) {
            return Ok(None);
        }
        let mut failures: Vec<Error> = Vec::new();
        let mut strangers: Vec<(usize, String)> = Vec::new();
        for (index, url) in addresses.in_order() {
            let answer = match self
                .session
                .get_open(index, api::NODE_STATE, Media::Json, context)
                .await
            {
                Ok(answer) => answer,
                // It is there, but cannot say who it is. With one address there is nobody to mistake it for.
                Err(error) if is_only && !is_unreachable(error.reason) => return Ok(Some(Err(error))),
                Err(error) => {
                    failures.push(error);
                    continue;
                }
            };
            let node: wire::NodeState = match document(&answer) {
                Ok(node) => node,
                Err(error) if is_only => return Ok(Some(Err(error))),
                Err(error) => {
                    failures.push(error);
                    continue;
                }
            };
            match &node.cluster_id {
                Lenient::Value(id) if addresses.accepts(id) => {}
                Lenient::Value(id) => {
                    let shown = super::request::shown(id);
                    let host = url.host_str().unwrap_or_default();
                    failures.push(Error::new(
                        Reason::Unsupported,
                        format!("{host} is cluster {shown}, not the one at the other addresses; it got no credentials"),
                    ));
                    strangers.push((index, id.clone()));
                    continue;
                }
                _ if is_only => {}
                _ => {
                    failures.push(answer.error(Reason::Unsupported, "the node does not name its cluster"));
                    continue;
                }
            }
            addresses.stick_to(index);
            return Ok(Some(self.system(index, node, &answer, context).await));
        }
        // Every address names the same other cluster: it was set up anew, and the next poll takes it.
        if let Some((first, id)) = strangers.first()
            && strangers.len() == addresses.count()
            && strangers.iter().all(|(_, each)| each == id)
        {
            addresses.renew(id);
            addresses.stick_to(*first);
        }
        Err(combine(&failures))
    }

    async fn system(
        &self,
        index: usize,
        node: wire::NodeState,
        answer: &Answer,
        context: &PollContext,
    ) -> Result<SectionReport, Error> {
        let (settings, version) = tokio::join!(
            self.session
                .get_open(index, api::CLUSTER_SETTINGS, Media::Json, context),
            self.session.get_open(index, api::VERSION, Media::Json, context),
        );
        let (settings, version) = (document(&settings?)?, document(&version?)?);
        Ok(cluster::system(node, settings, version, answer.clock_skew_seconds))
    }

    /// What other sections need, and what outlasts an answer that fails.
    fn remember(&mut self, system: &SystemReport) {
        if let Field::Is(name) = &system.name {
            self.cluster_name.clone_from(name);
        }
        if let Some(skew) = system.clock_skew_seconds {
            self.skew_seconds = relevant_skew(skew);
        }
    }

    async fn section(&self, section: Section, now: Timestamp, context: &PollContext) -> SectionOutcome {
        let started = Instant::now();
        let result = self.read(section, now, context).await;
        SectionOutcome {
            section,
            duration: started.elapsed(),
            result,
        }
    }

    async fn read(&self, section: Section, now: Timestamp, context: &PollContext) -> Result<SectionReport, Error> {
        let get = |path| self.session.get(path, Media::Json, context);
        match section {
            REPLICATION_SOURCE => {
                self.relationships(section, api::SOURCE_STATUS, Role::Source, now, context)
                    .await
            }
            REPLICATION_TARGET => {
                self.relationships(section, api::TARGET_STATUS, Role::Target, now, context)
                    .await
            }
            REPLICATION_OBJECT => {
                let answer = get(api::OBJECT_STATUS).await?;
                said(&answer, object::copies(document(&answer)?, &self.cluster_name, now))
            }
            PROTECTION => {
                let answer = get(api::PROTECTION_STATUS).await?;
                said(&answer, cluster::protection(document(&answer)?))
            }
            RESTRIPER => {
                let answer = self.restriper(context).await?;
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
        now: Timestamp,
        context: &PollContext,
    ) -> Result<SectionReport, Error> {
        let answer = self.session.get(path, Media::Json, context).await?;
        let statuses = document(&answer)?;
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let names = names.entry(section).or_default();
        let report = said(&answer, convert::relationships(statuses, role, now, names))?;
        *names = report
            .relationships
            .iter()
            .filter_map(|each| Some((each.key.clone(), each.description.clone()?)))
            .collect();
        Ok(report)
    }

    /// The new API, or after a 404 the old one.
    async fn restriper(&self, context: &PollContext) -> Result<Answer, Error> {
        let remembered = *self.old_restriper_until.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.is_none_or(|until| until <= Instant::now()) {
            match self.session.get(api::RESTRIPER_STATUS, Media::Json, context).await {
                Err(error) if error.reason == Reason::Unsupported => {
                    *self.old_restriper_until.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some(Instant::now() + OLD_API_MEMORY);
                }
                result => return result,
            }
        }
        self.session.get(api::OLD_RESTRIPER_STATUS, Media::Json, context).await
    }
}

fn said(answer: &Answer, report: Result<SectionReport, String>) -> Result<SectionReport, Error> {
    report.map_err(|message| answer.error(Reason::Parse, &message))
}

/// One error for all addresses: the first one's reason, everyone's words.
fn combine(failures: &[Error]) -> Error {
    let message = failures
        .iter()
        .map(|error| error.message.as_str())
        .collect::<Vec<_>>()
        .join("; then ");
    let retry_after = failures.iter().filter_map(|error| error.retry_after).max();
    let reason = failures.first().map_or(Reason::Internal, |error| error.reason);
    Error {
        reason,
        message,
        retry_after,
    }
}

#[cfg(test)]
#[path = "poll_tests.rs"]
mod tests;
