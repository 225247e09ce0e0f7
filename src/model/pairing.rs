//! Puts the two sides of a relationship together: views with the same `pair` are one row. Says how the row stands: the one
//! function for that, which the recording rules of `deploy/` repeat. Pure; the store calls it for the status page and
//! `/api/v1/status`. Where the sides contradict each other is in `disagreement`.

use super::{Description, Disagreement, Exemption, Role, Standing, Timestamp, View, disagreement::disagreements};
use serde::Serialize;
use std::{cmp::Ordering, collections::BTreeMap};

/// A relationship with every configured array's view of it; never empty.
#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    /// The source's first.
    pub views: Vec<View>,
    /// Which of the views says most about how it stands.
    #[serde(skip)]
    lead: usize,
    /// How it stands.
    pub standing: Standing,
    /// Why it is stopped, if it is.
    pub stopped: Option<Exemption>,
    /// The lag that is held against the objective.
    pub counted_lag_seconds: Option<f64>,
    /// The recovery point that this lag belongs to.
    pub recovery_point: Option<Timestamp>,
    /// The strictest objective of any view.
    pub objective_seconds: Option<f64>,
    /// Since when it stands so, by those that say what it is.
    pub since: Option<Timestamp>,
    /// The least time in breach of any view; none while it is stopped.
    pub breach_seconds: Option<f64>,
    /// Why, in one sentence with the numbers.
    pub why: String,
    /// Where the views contradict each other.
    pub disagreements: Vec<Disagreement>,
}

/// Views of one relationship, and which of them are heard.
struct Sides<'a> {
    views: &'a [View],
    /// Of each view: whether it speaks. Where none does, all count as if they did.
    speaks: Vec<bool>,
}

impl<'a> Sides<'a> {
    fn new(views: &'a [View]) -> Self {
        let nobody = !views.iter().any(View::speaks);
        let speaks = views.iter().map(|view| nobody || view.speaks()).collect();
        Self { views, speaks }
    }

    fn heard(&self) -> impl Iterator<Item = (usize, &'a View)> {
        let views = self.views.iter().enumerate();
        views.filter(|(index, _)| self.speaks[*index])
    }

    fn silent(&self) -> impl Iterator<Item = (usize, &'a View)> {
        let views = self.views.iter().enumerate();
        views.filter(|(index, _)| !self.speaks[*index])
    }

    fn who_says(&self, standing: Standing) -> Option<usize> {
        let mut heard = self.heard();
        heard.find_map(|(index, view)| (view.standing() == standing).then_some(index))
    }

    /// Those by whom it is stopped: a failover does not end because its array cannot be asked.
    fn stoppers(&self) -> impl Iterator<Item = (usize, &'a View)> {
        let is_ended = self.who_says(Standing::Protected).is_some();
        let stopped = self.heard().filter(|(_, view)| view.standing() == Standing::Stopped);
        let failed_over = move |view: &View| view.lasting.exemption == Exemption::FailedOver && !is_ended;
        stopped.chain(self.silent().filter(move |(_, view)| failed_over(view)))
    }

    /// The view whose counted lag is the pair's: the source's while it speaks, for it knows its own clock, snapshots and
    /// blackouts; else the least one. The clock of a silent one that was stopped stands still.
    fn timekeeper(&self) -> Option<(usize, f64)> {
        let knows = |view: &View| matches!(view.key.role, Role::Source | Role::Observer);
        let goes = |index: usize, view: &View| self.speaks[index] || view.standing() != Standing::Stopped;
        let least = |wanted: &dyn Fn(usize, &View) -> bool| {
            let wanted = self
                .views
                .iter()
                .enumerate()
                .filter(|(index, view)| wanted(*index, view));
            let lags = wanted.filter_map(|(index, view)| Some((index, view.lasting.counted_lag_seconds?)));
            lags.min_by(|(_, a), (_, b)| a.total_cmp(b))
        };
        least(&|index, view| self.speaks[index] && knows(view)).or_else(|| least(&goes))
    }

    fn objective_seconds(&self) -> Option<f64> {
        let objectives = self.views.iter().filter_map(|view| view.lasting.objective_seconds);
        objectives.min_by(f64::total_cmp)
    }

    /// How it stands, and the view that says most about that: the first that applies.
    fn verdict(&self) -> (Standing, Option<usize>) {
        if let Some((index, _)) = self.stoppers().min_by_key(|(_, view)| view.lasting.exemption) {
            return (Standing::Stopped, Some(index));
        }
        let objective = self.objective_seconds();
        if let (Some((index, counted)), Some(objective)) = (self.timekeeper(), objective)
            && counted > objective
        {
            return (Standing::Behind, Some(index));
        }
        if let Some(index) = self.who_says(Standing::Failing) {
            return (Standing::Failing, Some(index));
        }
        let works = self
            .who_says(Standing::Protected)
            .or_else(|| self.who_says(Standing::Behind))
            .or_else(|| objective.and_then(|_| self.who_says(Standing::Unjudged)));
        if works.is_some() {
            return (Standing::Protected, works);
        }
        let rest = [Standing::NoCopy, Standing::Unknown, Standing::Unjudged];
        let said = rest
            .iter()
            .find_map(|&standing| Some((standing, Some(self.who_says(standing)?))));
        said.unwrap_or((Standing::Unknown, None))
    }

    /// The earliest since-time of those that say that it stands so.
    fn since(&self, standing: Standing) -> Option<Timestamp> {
        let says = self.heard().filter(|(_, view)| view.standing() == standing);
        let stoppers = self.stoppers().filter(|_| standing == Standing::Stopped);
        says.chain(stoppers).map(|(_, view)| view.lasting.standing.1).min()
    }
}

impl Pair {
    /// Every relationship once, worst first.
    #[must_use]
    pub fn all(views: Vec<View>, now: Timestamp) -> Vec<Self> {
        let mut groups: BTreeMap<(&'static str, String), Vec<View>> = BTreeMap::new();
        let mut pairs = Vec::new();
        for view in views {
            if view.description.pair.is_empty() {
                pairs.push(Self::of(vec![view], now));
            } else {
                let key = (view.vendor, view.description.pair.clone());
                groups.entry(key).or_default().push(view);
            }
        }
        pairs.extend(groups.into_values().map(|views| Self::of(views, now)));
        pairs.sort_by(Self::worst_first);
        pairs
    }

    fn of(mut views: Vec<View>, now: Timestamp) -> Self {
        views.sort_by(|a, b| {
            let order = |view: &View| (place(view.key.role), view.array.clone(), view.key.clone());
            order(a).cmp(&order(b))
        });
        let sides = Sides::new(&views);
        let (standing, lead) = sides.verdict();
        let is_stopped = standing == Standing::Stopped;
        let stopped = sides.stoppers().map(|(_, view)| view.lasting.exemption).min();
        let timekeeper = sides.timekeeper();
        let recovery_point = timekeeper.and_then(|(index, _)| views[index].lasting.recovery_point.timestamp());
        let (objective_seconds, since) = (sides.objective_seconds(), sides.since(standing));
        let breaches = views.iter().filter(|view| view.lasting.objective_seconds.is_some());
        let breach_seconds = breaches.map(|view| view.lasting.breach_seconds).min_by(f64::total_cmp);
        let mut pair = Self {
            lead: lead.unwrap_or(0),
            standing,
            stopped: stopped.filter(|_| is_stopped),
            counted_lag_seconds: timekeeper.map(|(_, counted)| counted),
            recovery_point,
            objective_seconds,
            since,
            breach_seconds: breach_seconds.filter(|_| !is_stopped),
            why: String::new(),
            disagreements: Vec::new(),
            views,
        };
        pair.disagreements = disagreements(&pair, now);
        pair.why = pair.reason(now);
        pair
    }

    /// The view that says most about how it stands.
    #[must_use]
    pub fn lead(&self) -> &View {
        &self.views[self.lead]
    }

    /// The view whose counted lag is the pair's; where there is none, the one that says most.
    #[must_use]
    pub fn timekeeper(&self) -> &View {
        let found = Sides::new(&self.views).timekeeper();
        &self.views[found.map_or(self.lead, |(index, _)| index)]
    }

    /// The views besides that one.
    pub fn others(&self) -> impl Iterator<Item = &View> {
        let views = self.views.iter().enumerate();
        views.filter(|(index, _)| *index != self.lead).map(|(_, view)| view)
    }

    /// What it connects: `(system, object)` of the source and of the target. What that view does not know, another
    /// one may.
    #[must_use]
    pub fn ends(&self) -> [(&str, &str); 2] {
        let first_known = |field: fn(&Description) -> &str| {
            let known = std::iter::once(self.lead()).chain(self.others());
            let mut known = known.map(|view| field(&view.description));
            known.find(|text| !text.is_empty()).unwrap_or_default()
        };
        [
            (
                first_known(|said| &said.source_system),
                first_known(|said| &said.source_object),
            ),
            (
                first_known(|said| &said.target_system),
                first_known(|said| &said.target_object),
            ),
        ]
    }

    /// Of two that stand alike: those with disagreements, then the greater share of the objective, then the greater lag.
    fn worst_first(a: &Self, b: &Self) -> Ordering {
        let share = |pair: &Self| match (pair.counted_lag_seconds, pair.objective_seconds) {
            (Some(counted), Some(objective)) if objective > 0.0 => counted / objective,
            _ => 0.0,
        };
        let lag = |pair: &Self| pair.lead().lasting.lag_seconds.unwrap_or(0.0);
        let name = |pair: &Self| pair.lead().description.relationship.clone();
        a.standing
            .cmp(&b.standing)
            .then_with(|| a.disagreements.is_empty().cmp(&b.disagreements.is_empty()))
            .then_with(|| share(b).total_cmp(&share(a)))
            .then_with(|| lag(b).total_cmp(&lag(a)))
            .then_with(|| name(a).cmp(&name(b)))
    }
}

fn place(role: Role) -> u8 {
    match role {
        Role::Source => 0,
        Role::Observer => 1,
        Role::Target => 2,
        Role::Unknown => 3,
    }
}

#[cfg(test)]
#[path = "pairing_tests.rs"]
mod tests;
