//! Two clusters and all that is between them, at one moment. Brought up to date by each request; asked by `routes`,
//! changed by `operations`.

use super::{
    cast,
    protection::{Condition, DriveFailures},
    relationship::Relationship,
    routes, wire,
};
use crate::{
    model::Timestamp,
    simulator::{
        accounts::Lasting,
        device::{Answer, Stage},
        refusal::Refusal,
        world::{self, Call, Site},
    },
};

/// A pair of clusters.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) clusters: [Cluster; 2],
    pub(crate) relationships: Vec<Relationship>,
}

/// One cluster.
pub(crate) struct Cluster {
    pub(crate) uuid: String,
    pub(crate) address: String,
    failures: DriveFailures,
}

impl World {
    /// The pair number `pair` at the start of the story.
    pub(crate) fn new(stage: &Stage, pair: u64) -> Self {
        let site = Site::pair(stage, ["nyc-prod", "sfo-dr"], pair);
        let clusters = [0, 1].map(|index| {
            let first = stage.scenario.drive_failure.filter(|_| index == 1);
            Cluster {
                uuid: stage.dice.uuid(&site.names[index], 0),
                address: format!("10.{}.{}.11", 20 + index, pair % 250),
                failures: DriveFailures {
                    first: first.map(|nominal| stage.start.plus_seconds(stage.pace.seconds(nominal))),
                    pace: stage.pace,
                },
            }
        });
        Self {
            site,
            clusters,
            relationships: cast::relationships(stage, pair),
        }
    }

    /// How well a cluster's data is protected.
    pub(crate) fn protection_of(&self, cluster: usize) -> Condition {
        self.clusters[cluster].failures.at(self.site.now)
    }

    /// What the cluster lists as a source.
    pub(crate) fn sources(&self, cluster: usize) -> Vec<&Relationship> {
        let all = self.relationships.iter();
        all.filter(|it| it.is_listed(cluster, it.source)).collect()
    }

    /// What the cluster lists as a target.
    pub(crate) fn targets(&self, cluster: usize) -> Vec<&Relationship> {
        let all = self.relationships.iter();
        all.filter(|it| it.is_listed(cluster, it.target())).collect()
    }

    /// The relationship with this id, if the cluster lists it as a source.
    pub(crate) fn source(&mut self, cluster: usize, id: &str) -> Result<&mut Relationship, Refusal> {
        let mut all = self.relationships.iter_mut();
        all.find(|it| it.id == id && it.is_listed(cluster, it.source))
            .ok_or(Refusal::NotFound("Source relationship"))
    }

    /// The relationship with this id, if the cluster lists it as a target.
    pub(crate) fn target(&mut self, cluster: usize, id: &str) -> Result<&mut Relationship, Refusal> {
        let mut all = self.relationships.iter_mut();
        all.find(|it| it.id == id && it.is_listed(cluster, it.target()))
            .ok_or(Refusal::NotFound("Target relationship"))
    }
}

impl world::World for World {
    const TOKENS: bool = true;
    const SESSIONS: Lasting = Lasting::Fixed(10.0 * 3600.0);

    fn site(&self) -> &Site {
        &self.site
    }

    /// A job needs both clusters.
    fn advance(&mut self, now: Timestamp) {
        let lost = self.site.lost_since(now);
        for relationship in &mut self.relationships {
            relationship.advance(now, lost, self.site.dice);
        }
        self.site.now = now;
    }

    fn answer(&mut self, call: &Call<'_>) -> Result<Answer, Refusal> {
        routes::answer(self, call)
    }

    fn refused(refusal: &Refusal) -> Answer {
        wire::refused(refusal)
    }
}
