//! Which relationship each replica point belongs to. `points.rs` calls it through the book.

use super::{Book, Key};
use crate::source::veeam::{links::Server, lost::Lost, rows::Point};
use std::collections::{BTreeSet, HashMap};

/// Points that could not be placed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Unplaced {
    /// Backup server and name of jobs that no known run has.
    pub(in super::super) jobs: BTreeSet<(Server, String)>,
    /// How many points belong to those.
    pub(in super::super) strangers: u64,
    /// How many fit several relationships.
    pub(in super::super) ambiguous: u64,
}

impl Book {
    /// These are all the points there are, and those that cannot be read.
    pub(in super::super) fn set_points(&mut self, points: Vec<Point>, lost: Vec<Lost>) {
        self.points.clear();
        self.set_lost_points(lost);
        self.add_points(points);
    }

    /// These points are there, too.
    pub(in super::super) fn add_points(&mut self, points: Vec<Point>) {
        self.points
            .extend(points.into_iter().map(|point| (point.uid.clone(), point)));
    }

    /// Joins every point to its relationship, which is made if only the point tells of it.
    pub(in super::super) fn place_points(&mut self) -> Unplaced {
        for known in self.known.values_mut() {
            (known.point, known.points) = (None, 0);
        }
        let mut by_name: HashMap<(&Server, &str), Vec<&str>> = HashMap::new();
        for (guid, job) in &self.jobs {
            for name in &job.names {
                by_name.entry((&job.server, name)).or_default().push(guid);
            }
        }
        // How a VM is called on the target, where some task of its job says which points are its own.
        let mut also_called: HashMap<(&str, &str), &Key> = HashMap::new();
        for (uid, (key, _)) in &self.made_by {
            if let Some(point) = self.points.get(uid) {
                also_called.insert((&key.job, &point.vms[0]), key);
            }
        }
        let mut unplaced = Unplaced::default();
        let mut placed: Vec<(Key, &Point)> = Vec::new();
        let mut ambiguous: BTreeSet<Key> = BTreeSet::new();
        for point in self.points.values() {
            if let Some((key, _)) = self.made_by.get(&point.uid) {
                placed.push((key.clone(), point));
                continue;
            }
            let name = point.job_name.trim();
            let Some(jobs) = by_name.get(&(&point.server, name)) else {
                unplaced.strangers += 1;
                unplaced.jobs.insert((point.server.clone(), point.job_name.clone()));
                continue;
            };
            let known: BTreeSet<Key> = jobs
                .iter()
                .filter_map(|job| {
                    let linked = also_called
                        .get(&(*job, point.vms[0].as_str()))
                        .map(|key| (*key).clone());
                    linked.or_else(|| self.key_of(job, &point.vms))
                })
                .collect();
            match (known.len(), jobs.as_slice()) {
                (1, _) => placed.extend(known.into_iter().map(|key| (key, point))),
                (0, [job]) => {
                    let key = Key {
                        job: (*job).to_owned(),
                        vm: point.vms[0].clone(),
                    };
                    placed.push((key, point));
                }
                _ => {
                    unplaced.ambiguous += 1;
                    ambiguous.extend(known);
                }
            }
        }
        for (key, point) in placed {
            let known = self.known.entry(key).or_default();
            known.point = known.point.max(Some(point.created));
            known.points += 1;
            known.is_called(&point.vms[0]);
        }
        for (key, known) in &mut self.known {
            known.is_ambiguous = ambiguous.contains(key);
        }
        self.mark_lost_points();
        unplaced
    }

    /// The relationship of a job and a VM by one of its names, if there are tasks of it.
    fn key_of(&self, job: &str, vms: &[String]) -> Option<Key> {
        let mut keys = vms.iter().map(|vm| Key {
            job: job.to_owned(),
            vm: vm.clone(),
        });
        keys.find(|key| self.known.get(key).is_some_and(|known| known.newest.is_some()))
    }
}
