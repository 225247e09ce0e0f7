//! Two arrays and all that is between them, at one moment. Brought up to date by each request; asked by `routes` and
//! `wire`, changed by `operations`.

use super::{
    cast, routes,
    session::{Session, VolumeGroup},
    wire,
};
use crate::{
    model::Timestamp,
    simulator::{
        device::{Answer, Stage},
        refusal::Refusal,
        world::{self, Call, Site},
    },
};
use std::collections::VecDeque;

/// A pair of arrays.
pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) arrays: [K2Array; 2],
    pub(crate) sessions: Vec<Session>,
}

/// One array.
pub(crate) struct K2Array {
    pub(crate) system_id: String,
    /// Groups that nothing replicates.
    pub(crate) unprotected: Vec<VolumeGroup>,
    /// When the latest requests came, for those that are too many.
    requests: VecDeque<Timestamp>,
}

impl World {
    /// The pair number `pair` at the start of the story.
    pub(crate) fn new(stage: &Stage, pair: u64) -> Self {
        Self {
            site: Site::pair(stage, ["k2-ams", "k2-fra"], pair),
            arrays: [0, 1].map(|index| K2Array {
                system_id: format!("d{}", 572 + 2 * pair + index),
                unprotected: vec![VolumeGroup {
                    id: 5000 - 1000 * index,
                    name: "unprotected".to_owned(),
                }],
                requests: VecDeque::new(),
            }),
            sessions: cast::sessions(stage, pair),
        }
    }

    /// A moment as an array's own clock shows it, in its epoch seconds.
    pub(crate) fn shown_by(&self, array: usize, at: Timestamp) -> f64 {
        self.site.shown_by(array, at).unix_seconds()
    }

    /// What the array lists.
    pub(crate) fn listed(&self, array: usize) -> impl Iterator<Item = &Session> {
        self.sessions.iter().filter(move |it| !it.removed[array])
    }

    /// The session with this local id.
    pub(crate) fn session(&mut self, array: usize, id: u64) -> Result<&mut Session, Refusal> {
        let mut sessions = self.sessions.iter_mut();
        sessions
            .find(|it| it.ids[array] == id && !it.removed[array])
            .ok_or(Refusal::NotFound("Replication session"))
    }

    /// Whether this request is one too many: more than `most` in one second.
    pub(crate) fn is_burst(&mut self, array: usize, most: usize) -> bool {
        let now = self.site.now;
        let requests = &mut self.arrays[array].requests;
        requests.retain(|at| now.seconds_since(*at) < 1.0);
        requests.push_back(now);
        requests.len() > most
    }
}

/// An array has no sessions of its users: every request carries the credentials.
impl world::World for World {
    fn site(&self) -> &Site {
        &self.site
    }

    /// A round needs both arrays.
    fn advance(&mut self, now: Timestamp) {
        let lost = self.site.lost_since(now);
        for session in &mut self.sessions {
            session.advance(now, lost, self.site.dice);
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
