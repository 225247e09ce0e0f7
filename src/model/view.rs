//! What one array knows of one relationship at one moment: its facts, and its readings as far as they may still be shown.
//!
//! The store makes views; `verdict` words them, `pairing` puts the two sides of a relationship together, and the status
//! page and `/api/v1/status` show them.

use super::{
    Clocks, Description, Exemption, Health, History, Job, LastJobFacts, Readings, RecoveryPoint, RelationshipKey,
    Standing, Timestamp, in_json,
    shown::{MESSAGE, shown},
};
use serde::Serialize;
use std::sync::Arc;

/// One array's view of a relationship.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// The array that says it.
    pub array: Arc<str>,
    /// The `vendor` label.
    #[serde(skip)]
    pub vendor: &'static str,
    /// Which relationship, and which side of it the array is.
    #[serde(flatten, serialize_with = "in_json::key")]
    pub key: RelationshipKey,
    /// What it is called.
    #[serde(flatten)]
    pub description: Description,
    /// How often the array is polled.
    pub interval_seconds: f64,
    /// When the section that lists it last succeeded; `None`: not since the start.
    pub read_at: Option<Timestamp>,
    /// What stays true.
    #[serde(rename = "facts")]
    pub lasting: Lasting,
    /// What is true only now; `None` where the last reading has expired or there never was one.
    #[serde(rename = "readings")]
    pub present: Option<Present>,
}

/// The facts of a view.
#[derive(Clone, Debug, Serialize)]
pub struct Lasting {
    /// How it stands as this array sees it, and since when.
    #[serde(flatten, serialize_with = "in_json::standing")]
    pub standing: (Standing, Timestamp),
    /// The moment whose data the target holds.
    #[serde(flatten, serialize_with = "in_json::recovery_point")]
    pub recovery_point: RecoveryPoint,
    /// When the exporter first saw it.
    pub recovery_point_seen: Option<Timestamp>,
    /// When the array last said what it is; `None` if that reading has expired.
    pub recovery_point_read: Option<Timestamp>,
    /// What the array last said where that is impossible and was not taken.
    pub recovery_point_in_future: Option<Timestamp>,
    /// While there is none: since when.
    pub no_recovery_point_since: Option<Timestamp>,
    /// How old it is now.
    pub lag_seconds: Option<f64>,
    /// What of that is held against the objective.
    pub counted_lag_seconds: Option<f64>,
    /// The objective, where there is one.
    pub objective_seconds: Option<f64>,
    /// Why lag is not held against the objective.
    pub exemption: Exemption,
    /// When a blackout that was reported ends.
    pub blackout_until: Option<Timestamp>,
    /// Time over the objective, counted so far.
    pub breach_seconds: f64,
    /// The health last reported, and since when.
    #[serde(flatten, serialize_with = "in_json::health")]
    pub health: Option<(Health, Timestamp)>,
    /// The outcome of the last finished job.
    pub last_job: LastJobFacts,
    /// Its last changes.
    pub history: History,
}

/// The readings of a view.
#[derive(Clone, Debug, Serialize)]
pub struct Present {
    /// How it does.
    pub health: Health,
    /// What the sections said.
    #[serde(flatten)]
    pub readings: Readings,
}

impl View {
    /// The health that may be shown now.
    #[must_use]
    pub fn health(&self) -> Option<Health> {
        self.present.as_ref().map(|present| present.health)
    }

    /// The running job, if the array says that one runs.
    #[must_use]
    pub fn job(&self) -> Option<Job> {
        let readings = &self.present.as_ref()?.readings;
        (readings.job_running == Some(true)).then(|| readings.job.unwrap_or_default())
    }

    /// How it stands as this array sees it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.lasting.standing.0
    }

    /// Whether its array says at present how it does: that an array is up is not enough, the section may fail.
    #[must_use]
    pub fn speaks(&self) -> bool {
        self.present.is_some()
    }

    /// Counted lag as a share of the objective: 1 is the objective.
    #[must_use]
    pub fn lag_share(&self) -> Option<f64> {
        let objective = self.lasting.objective_seconds.filter(|&seconds| seconds > 0.0)?;
        self.lasting.counted_lag_seconds.map(|lag| lag / objective)
    }
}

impl Present {
    /// What several sections of one array say about one relationship, put together. The first that says something counts.
    #[must_use]
    pub fn of<'a>(health: Health, said: impl Iterator<Item = &'a Readings>) -> Self {
        let mut all = Readings::default();
        for said in said {
            let Readings {
                condition,
                state,
                enabled,
                target_writable,
                queued_snapshots,
                blackout,
                next_active,
                snapshot_lock,
                common_snapshots,
                job_running,
                job,
                restore_points,
                note,
            } = said;
            all.condition = all.condition.or(*condition);
            all.state = all.state.or(*state);
            all.enabled = all.enabled.or(*enabled);
            all.target_writable = all.target_writable.or(*target_writable);
            all.queued_snapshots = all.queued_snapshots.or(*queued_snapshots);
            all.blackout = all.blackout.or(*blackout);
            all.next_active = all.next_active.or(*next_active);
            all.snapshot_lock = all.snapshot_lock.or(*snapshot_lock);
            all.common_snapshots = all.common_snapshots.or(*common_snapshots);
            all.job_running = all.job_running.or(*job_running);
            all.job = all.job.or(*job);
            all.restore_points = all.restore_points.or(*restore_points);
            if !note.is_empty() && !all.note.contains(note.as_str()) {
                if !all.note.is_empty() {
                    all.note.push_str("; ");
                }
                all.note.push_str(note);
            }
        }
        all.note = shown(&all.note, MESSAGE);
        Self { health, readings: all }
    }

    /// The same without what has lapsed since it was said.
    #[must_use]
    pub fn at(mut self, clocks: Clocks) -> Self {
        (self.readings.blackout, self.readings.next_active) = self.readings.blackout_at(clocks);
        self
    }
}
