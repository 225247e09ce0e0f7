//! What stays true of one relationship when its array is gone: field by field replaced by what the array gives, and judged
//! anew as time passes. `facts` decides which relationships exist.

use super::{
    Changed, Condition, Description, Exemption, Field, Health, History, JobResult, LastJob, Objective, RecoveryPoint,
    RelationshipReport, Section, Standing, Timestamp, Voice, exempt_time::ExemptTime,
};
use serde::{Deserialize, Serialize};

/// A recovery point that lies further ahead than this is impossible.
const MOST_AHEAD_SECONDS: f64 = 300.0;

/// Everything that stays true of one relationship.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RelationshipFacts {
    /// The section that lists it.
    #[serde(skip, default = "system")]
    pub section: Section,
    /// What it is called.
    pub description: Description,
    /// Whether its `pair` is the text that both sides have.
    pub pair_is_known: bool,
    /// When the exporter first saw it.
    pub first_seen: Timestamp,
    /// How it stands, and since when the exporter saw it so (while it is stopped: for the present reason).
    pub standing: (Standing, Timestamp),
    /// The moment whose data the target holds.
    pub recovery_point: RecoveryPoint,
    /// When the exporter first saw that recovery point.
    pub recovery_point_seen: Option<Timestamp>,
    /// When the array last said what the recovery point is.
    pub recovery_point_read: Option<Timestamp>,
    /// An impossible one, where the last answer gave such.
    pub recovery_point_in_future: Option<Timestamp>,
    /// While there is none: since when the exporter saw it accepted and without one.
    pub no_recovery_point_since: Option<Timestamp>,
    /// The objective that the array itself states.
    pub array_rpo_seconds: Option<f64>,
    /// The outcome of the last finished job.
    pub last_job: LastJobFacts,
    /// How it did when last reported, before the recovery point is considered.
    #[serde(skip)]
    pub condition: Option<Condition>,
    /// The health when last reported, and since when.
    pub health: Option<(Health, Timestamp)>,
    /// Why its lag does not count, but for a blackout.
    pub exemption: Exemption,
    /// The end of the blackout that was last reported.
    pub blackout_until: Option<Timestamp>,
    /// When its lag did not count.
    pub exempt_time: ExemptTime,
    /// Time with counted lag over the objective while nothing exempted it.
    pub breach_seconds: f64,
    /// Why it was stopped when it was last judged.
    pub stopped: Option<Exemption>,
    /// Its last changes.
    pub history: History,
}

/// The outcome of the last finished job; `None` where it was never said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it all, units included")]
pub struct LastJobFacts {
    pub result: Option<JobResult>,
    pub duration_seconds: Option<f64>,
    pub end: Option<Timestamp>,
    pub transferred_bytes: Option<u64>,
    pub protected_bytes: Option<u64>,
}

/// The present moment: by the exporter's clock, and by the one that stamps a relationship's recovery points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clocks {
    /// The exporter's.
    pub here: Timestamp,
    /// The source's, as far as it is known.
    pub source: Timestamp,
}

/// What the configuration says that relationships are judged by.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The objectives.
    pub objective: &'a Objective,
    /// How often the array is asked.
    pub interval_seconds: f64,
}

fn system() -> Section {
    Section::SYSTEM
}

impl RelationshipFacts {
    /// A relationship that was just seen for the first time.
    #[must_use]
    pub fn new(section: Section, description: Description, now: Timestamp) -> Self {
        Self {
            section,
            description,
            pair_is_known: false,
            first_seen: now,
            standing: (Standing::Unknown, now),
            recovery_point: RecoveryPoint::Unknown,
            recovery_point_seen: None,
            recovery_point_read: None,
            recovery_point_in_future: None,
            no_recovery_point_since: None,
            array_rpo_seconds: None,
            last_job: LastJobFacts::default(),
            condition: None,
            health: None,
            exemption: Exemption::None,
            blackout_until: None,
            exempt_time: ExemptTime::default(),
            breach_seconds: 0.0,
            stopped: None,
            history: History::default(),
        }
    }

    /// It is called so now. Who its sides are is a fact that no answer takes back that only lacks it.
    pub(super) fn describe(&mut self, said: &Description, pair_is_provisional: bool) {
        let before = std::mem::replace(&mut self.description, said.clone());
        if pair_is_provisional && self.pair_is_known {
            self.description.pair = before.pair;
            self.description.peer_system_id = before.peer_system_id;
        } else {
            self.pair_is_known = !pair_is_provisional;
        }
    }

    /// Takes in what one section says.
    pub(super) fn apply(&mut self, said: &RelationshipReport, clocks: Clocks, terms: Terms<'_>) {
        said.rpo_seconds.update(&mut self.array_rpo_seconds);
        match said.recovery_point {
            Field::Silent => {}
            Field::Is(at) if is_impossible(at, clocks) => self.recovery_point_in_future = Some(at),
            Field::Is(at) => self.hold(RecoveryPoint::At(at), clocks, terms),
            Field::Never => self.hold(RecoveryPoint::Never, clocks, terms),
        }
        self.last_job.apply(&said.last_job);
        if let Some(condition) = said.readings.condition {
            self.condition = Some(condition);
            let until = said.readings.next_active;
            let until = until.filter(|_| said.readings.blackout == Some(true));
            self.exempt(condition.into(), until, clocks);
        }
    }

    /// The array says what the target holds.
    fn hold(&mut self, point: RecoveryPoint, clocks: Clocks, terms: Terms<'_>) {
        self.recovery_point_read = Some(clocks.here);
        self.recovery_point_in_future = None;
        let before = std::mem::replace(&mut self.recovery_point, point);
        if before == point {
            return;
        }
        self.recovery_point_seen = Some(clocks.here);
        let is_worth_telling = match (before.timestamp(), point.timestamp()) {
            (Some(before), Some(after)) => {
                let step = after.seconds_since(before);
                let objective = self.objective_seconds(terms.objective);
                step < 0.0 || objective.is_some_and(|objective| step > objective)
            }
            _ => before != RecoveryPoint::Unknown,
        };
        if is_worth_telling {
            let change = Changed::RecoveryPoint(before, point);
            self.history.push(clocks.here, change, Voice::Array);
        }
    }

    /// What follows from all that one poll said.
    pub(super) fn settle(&mut self, now: Timestamp) {
        if self.recovery_point != RecoveryPoint::Never || self.exemption == Exemption::Pending {
            self.no_recovery_point_since = None;
        } else {
            self.no_recovery_point_since.get_or_insert(now);
        }
        let Some(condition) = self.condition else { return };
        let health = condition.health(self.recovery_point);
        match self.health {
            Some((before, _)) if before == health => {}
            Some((before, _)) => {
                self.health = Some((health, now));
                self.history.push(now, Changed::Health(before, health), Voice::Array);
            }
            None => self.health = Some((health, now)),
        }
    }

    /// Judges anew how it stands.
    pub(super) fn judge(&mut self, clocks: Clocks, terms: Terms<'_>, by: Voice) {
        let standing = self.standing_at(clocks, terms);
        let stopped = Some(self.exemption_at(clocks)).filter(|_| standing == Standing::Stopped);
        let (before, _) = self.standing;
        if before != standing && clocks.here > self.first_seen {
            self.history.push(clocks.here, Changed::Standing(before, standing), by);
        }
        if before != standing || self.stopped != stopped {
            self.standing = (standing, clocks.here);
            self.stopped = stopped;
        }
    }

    /// Lets `elapsed_seconds` pass: counts what of it the relationship was over its objective.
    pub(super) fn count_breach(&mut self, clocks: Clocks, terms: Terms<'_>, elapsed_seconds: f64) {
        let counted = self.counted_lag_seconds(clocks, terms.interval_seconds);
        let Some((counted, objective)) = counted.zip(self.objective_seconds(terms.objective)) else {
            return;
        };
        if self.exemption_at(clocks) == Exemption::None {
            self.breach_seconds += (counted - objective).clamp(0.0, elapsed_seconds);
        }
    }

    /// The age of its recovery point: never negative.
    #[must_use]
    pub fn lag_seconds(&self, clocks: Clocks) -> Option<f64> {
        let at = self.recovery_point.timestamp()?;
        Some(clocks.source.seconds_since(at).max(0.0))
    }

    /// The objective that counts for it.
    #[must_use]
    pub fn objective_seconds(&self, objective: &Objective) -> Option<f64> {
        objective.seconds(&self.description, self.array_rpo_seconds)
    }
}

/// Whether a recovery point lies so far ahead that it cannot be true.
pub(super) fn is_impossible(at: Timestamp, clocks: Clocks) -> bool {
    at.seconds_since(clocks.source) > MOST_AHEAD_SECONDS
}

impl LastJobFacts {
    fn apply(&mut self, said: &LastJob) {
        said.result.update(&mut self.result);
        said.duration_seconds.update(&mut self.duration_seconds);
        said.end.update(&mut self.end);
        said.transferred_bytes.update(&mut self.transferred_bytes);
        said.protected_bytes.update(&mut self.protected_bytes);
    }
}
