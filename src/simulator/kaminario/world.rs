//! Two arrays and all that is between them, at one moment. Brought up to date by each request; asked by `routes` and
//! `wire`, changed by `operations`.

use super::{
    cast,
    refusal::Refusal,
    session::{Session, VolumeGroup},
};
use crate::{
    model::Timestamp,
    simulator::{
        device::{Pace, Stage},
        dice::Dice,
        fault::{FaultBoard, FaultKind},
    },
};
use std::{collections::VecDeque, sync::Arc};

/// A pair of arrays.
pub(crate) struct World {
    pub(crate) arrays: [K2Array; 2],
    pub(crate) sessions: Vec<Session>,
    pub(crate) pace: Pace,
    pub(crate) start: Timestamp,
    /// Up to date until here, by true time.
    pub(crate) now: Timestamp,
    dice: Dice,
    faults: Arc<FaultBoard>,
}

/// One array.
pub(crate) struct K2Array {
    pub(crate) name: String,
    pub(crate) system_id: String,
    /// Groups that nothing replicates.
    pub(crate) unprotected: Vec<VolumeGroup>,
    /// When the latest requests came, for those that are too many.
    pub(crate) requests: VecDeque<Timestamp>,
}

/// The name of one array of the pair number `pair`.
pub(crate) fn array_name(pair: u64, index: usize) -> String {
    let name = ["k2-ams", "k2-fra"][index];
    if pair == 0 {
        name.to_owned()
    } else {
        format!("{name}-{}", pair + 1)
    }
}

impl World {
    /// The pair number `pair` at the start of the story.
    pub(crate) fn new(stage: &Stage, pair: u64) -> Self {
        let arrays = [0, 1].map(|index| K2Array {
            name: array_name(pair, index),
            system_id: format!("d{}", 572 + 2 * pair + index as u64),
            unprotected: vec![VolumeGroup {
                id: 5000 - 1000 * index as u64,
                name: "unprotected".to_owned(),
            }],
            requests: VecDeque::new(),
        });
        if let Some((fault, nominal)) = &stage.scenario.fault_of_first {
            let at = stage.start.plus_seconds(stage.pace.seconds(*nominal));
            stage.faults.set(&arrays[0].name, fault.clone(), at);
        }
        Self {
            arrays,
            sessions: cast::sessions(stage, pair),
            pace: stage.pace,
            start: stage.start,
            now: stage.start,
            dice: stage.dice,
            faults: Arc::clone(&stage.faults),
        }
    }

    /// Lives until `now`. A round needs both arrays.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        let lost = self.arrays.iter();
        let lost = lost.filter_map(|array| self.faults.down_since(&array.name, now)).min();
        for session in &mut self.sessions {
            session.advance(now, lost, self.dice);
        }
        self.now = now;
    }

    /// The faults of an array.
    pub(crate) fn faults_of(&self, array: usize) -> Vec<FaultKind> {
        let faults = self.faults.active(&self.arrays[array].name, self.now);
        faults.into_iter().map(|(kind, _)| kind).collect()
    }

    /// A moment as an array's own clock shows it.
    pub(crate) fn shown_by(&self, array: usize, at: Timestamp) -> f64 {
        let at = at.plus_seconds(self.faults.skew(&self.arrays[array].name, self.now));
        at.unix_seconds()
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
            .ok_or_else(|| Refusal::not_found("Replication session"))
    }

    /// Whether this request is one too many: more than `most` in one second.
    pub(crate) fn is_burst(&mut self, array: usize, most: usize) -> bool {
        let now = self.now;
        let requests = &mut self.arrays[array].requests;
        requests.retain(|at| now.seconds_since(*at) < 1.0);
        requests.push_back(now);
        requests.len() > most
    }
}
