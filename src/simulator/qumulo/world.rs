//! Two clusters and all that is between them, at one moment. Brought up to date by each request; asked by `routes`,
//! changed by `operations`.

use super::{
    cast,
    protection::{Condition, DriveFailures},
    refusal::Refusal,
    relationship::Relationship,
};
use crate::{
    model::Timestamp,
    simulator::{
        device::{Pace, Stage},
        dice::Dice,
        fault::{FaultBoard, FaultKind},
    },
};
use std::sync::Arc;

/// A pair of clusters.
pub(crate) struct World {
    pub(crate) clusters: [Cluster; 2],
    pub(crate) relationships: Vec<Relationship>,
    pub(crate) pace: Pace,
    pub(crate) dice: Dice,
    pub(crate) start: Timestamp,
    /// Up to date until here, by true time.
    pub(crate) now: Timestamp,
    faults: Arc<FaultBoard>,
}

/// One cluster.
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) uuid: String,
    pub(crate) address: String,
    failures: DriveFailures,
}

/// The name of one cluster of the pair number `pair`.
pub(crate) fn cluster_name(pair: u64, index: usize) -> String {
    let name = ["nyc-prod", "sfo-dr"][index];
    if pair == 0 {
        name.to_owned()
    } else {
        format!("{name}-{}", pair + 1)
    }
}

impl World {
    /// The pair number `pair` at the start of the story.
    pub(crate) fn new(stage: &Stage, pair: u64) -> Self {
        let clusters = [0, 1].map(|index| {
            let name = cluster_name(pair, index);
            let first = stage.scenario.drive_failure.filter(|_| index == 1);
            Cluster {
                uuid: stage.dice.uuid(&name, 0),
                address: format!("10.{}.{}.11", 20 + index, pair % 250),
                failures: DriveFailures {
                    first: first.map(|nominal| stage.start.plus_seconds(stage.pace.seconds(nominal))),
                    pace: stage.pace,
                },
                name,
            }
        });
        if let Some((fault, nominal)) = &stage.scenario.fault_of_first {
            let at = stage.start.plus_seconds(stage.pace.seconds(*nominal));
            stage.faults.set(&clusters[0].name, fault.clone(), at);
        }
        Self {
            clusters,
            relationships: cast::relationships(stage, pair),
            pace: stage.pace,
            dice: stage.dice,
            start: stage.start,
            now: stage.start,
            faults: Arc::clone(&stage.faults),
        }
    }

    /// Lives until `now`. A job needs both clusters.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let lost = self.clusters.iter();
        let lost = lost
            .filter_map(|cluster| self.faults.down_since(&cluster.name, now))
            .min();
        for relationship in &mut self.relationships {
            relationship.advance(now, lost, self.dice);
        }
        self.now = now;
    }

    /// The faults of a cluster.
    pub(crate) fn faults_of(&self, cluster: usize) -> Vec<FaultKind> {
        let faults = self.faults.active(&self.clusters[cluster].name, self.now);
        faults.into_iter().map(|(kind, _)| kind).collect()
    }

    /// A moment as a cluster's own clock shows it.
    pub(crate) fn shown_by(&self, cluster: usize, at: Timestamp) -> Timestamp {
        at.plus_seconds(self.faults.skew(&self.clusters[cluster].name, self.now))
    }

    /// How well a cluster's data is protected.
    pub(crate) fn protection_of(&self, cluster: usize) -> Condition {
        self.clusters[cluster].failures.at(self.now)
    }

    /// What the cluster lists as a source.
    pub(crate) fn sources(&self, cluster: usize) -> impl Iterator<Item = &Relationship> {
        self.relationships
            .iter()
            .filter(move |it| it.source == cluster && it.removed_from != Some(cluster))
    }

    /// What the cluster lists as a target.
    pub(crate) fn targets(&self, cluster: usize) -> impl Iterator<Item = &Relationship> {
        self.relationships
            .iter()
            .filter(move |it| it.target() == cluster && it.removed_from != Some(cluster))
    }

    /// The relationship with this id, if the cluster lists it as a source.
    pub(crate) fn source(&mut self, cluster: usize, id: &str) -> Result<&mut Relationship, Refusal> {
        let mut listed = self.relationships.iter_mut();
        listed
            .find(|it| it.id == id && it.source == cluster && it.removed_from != Some(cluster))
            .ok_or_else(|| Refusal::not_found("Source relationship"))
    }

    /// The relationship with this id, if the cluster lists it as a target.
    pub(crate) fn target(&mut self, cluster: usize, id: &str) -> Result<&mut Relationship, Refusal> {
        let mut listed = self.relationships.iter_mut();
        listed
            .find(|it| it.id == id && it.target() == cluster && it.removed_from != Some(cluster))
            .ok_or_else(|| Refusal::not_found("Target relationship"))
    }
}
