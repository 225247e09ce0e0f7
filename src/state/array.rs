//! What is known of one array, and what is counted about it.

use crate::{
    config::{ArrayConfig, LEAST_SERIES, Vendor},
    model::{
        ArrayFacts, Field, Listing, RelationshipKey, RelationshipReport, Section, SectionReport, Timestamp,
        UnknownValues, Voice,
    },
    source::{Error, LoginCounters, Poll, Reason, SectionOutcome, rights},
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Everything about one array that outlives its poller.
#[derive(Debug)]
pub struct ArrayState {
    /// The configuration that counts now.
    pub config: Arc<ArrayConfig>,
    /// What stays true when the array is gone.
    pub facts: ArrayFacts,
    /// What became of each section.
    pub sections: BTreeMap<Section, SectionState>,
    /// Words and shapes that the exporter does not know.
    pub unknown_values: BTreeMap<&'static str, u64>,
    /// Log-ins, counted by the session.
    pub logins: Arc<LoginCounters>,
    /// Ticks skipped because a poll was still running.
    pub overruns: u64,
    /// Polls in a row that got nothing.
    pub failures_in_a_row: u32,
    /// Until when the array counts as up.
    pub up_until: Option<Instant>,
    /// Whether a poll has ended, however it did.
    pub attempted: bool,
    /// When the next poll is due.
    pub next_poll: Option<Timestamp>,
    /// What is known of systems that it may turn out to be.
    pub former: Option<Arc<FormerFacts>>,
    /// Up to when breaches are counted.
    breaches_counted_to: Instant,
    /// When the array was last heard or, before that, when this process began to ask it.
    heard: Instant,
    /// How long it had been away by then.
    away_before: Duration,
}

/// Facts of arrays that left, by vendor and system id.
pub type FormerFacts = BTreeMap<(Vendor, String), ArrayFacts>;

/// What became of one section so far.
#[derive(Debug, Default)]
pub struct SectionState {
    /// Attempts.
    pub polls: u64,
    /// Failed attempts by reason.
    pub failures: BTreeMap<Reason, u64>,
    /// The last attempt.
    pub last: Option<LastAttempt>,
    /// The last success.
    pub last_success: Option<LastSuccess>,
}

/// The last attempt of a section.
#[derive(Debug)]
pub struct LastAttempt {
    /// How long it took.
    pub duration: Duration,
    /// Why it failed, if it did.
    pub error: Option<Error>,
    /// When it ended.
    pub at: Timestamp,
}

/// The last success of a section, with its readings.
#[derive(Debug)]
pub struct LastSuccess {
    /// When it ended.
    pub at: Timestamp,
    /// From when on its readings may no longer be shown.
    pub expires_at: Instant,
    /// What it found.
    pub report: SectionReport,
}

impl ArrayState {
    /// An array that was just configured.
    #[must_use]
    pub fn new(config: Arc<ArrayConfig>, mut facts: ArrayFacts, now: Timestamp) -> Self {
        facts.keep_sections(&config.sections);
        let away = away(&facts, now);
        // What was true at the end of the last run may have lapsed since.
        facts.judge(now, config.terms(), Voice::Exporter);
        let sections = config
            .sections
            .iter()
            .map(|&section| (section, SectionState::default()))
            .collect();
        let unknown_values = config.vendor.counted_fields.iter().map(|&field| (field, 0)).collect();
        Self {
            config,
            facts,
            sections,
            unknown_values,
            logins: Arc::default(),
            overruns: 0,
            failures_in_a_row: 0,
            up_until: None,
            attempted: false,
            next_poll: None,
            former: None,
            breaches_counted_to: Instant::now(),
            heard: Instant::now(),
            away_before: away,
        }
    }

    /// Takes facts that another process heard.
    pub fn adopt(&mut self, mut facts: ArrayFacts, now: Timestamp) {
        facts.keep_sections(&self.config.sections);
        self.away_before = away(&facts, now);
        self.facts = facts;
    }

    /// Another configuration of the same array counts from now on; what is known and counted stays.
    pub fn reconfigure(&mut self, config: Arc<ArrayConfig>, now: Timestamp) {
        // So far by the objectives that held so far.
        self.count_breaches(now);
        let (before, after) = (self.config.polling.stale_after, config.polling.stale_after);
        let moved = |until: Instant| until.checked_sub(before).map_or(until, |began| began + after);
        self.up_until = self.up_until.map(moved);
        self.sections.retain(|section, _| config.sections.contains(section));
        for &section in &config.sections {
            let state = self.sections.entry(section).or_default();
            if let Some(success) = &mut state.last_success
                && success.report.period.is_none()
            {
                success.expires_at = moved(success.expires_at);
            }
        }
        self.facts.keep_sections(&config.sections);
        self.config = config;
        self.judge(now);
    }

    /// Takes in the outcome of a poll, whole.
    pub fn apply(&mut self, poll: Poll, now: Timestamp) {
        self.count_breaches(now);
        self.attempted = true;
        if poll.got_something() {
            self.up_until = Some(Instant::now() + self.config.polling.stale_after);
            self.failures_in_a_row = 0;
            (self.heard, self.away_before) = (Instant::now(), Duration::ZERO);
        } else {
            self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        }
        let succeeded: Vec<Section> = poll
            .sections
            .into_iter()
            .filter_map(|outcome| self.apply_section(outcome, now))
            .collect();
        let reports: Vec<(Section, &SectionReport)> = succeeded
            .iter()
            .filter_map(|&section| Some((section, self.sections.get(&section)?.report()?)))
            .collect();
        recognise(&mut self.facts, &mut self.former, &self.config, &reports);
        let before = self.facts.identity.id.clone();
        let impossible = self.facts.apply(&reports, now, self.config.terms());
        count_unknown(&mut self.unknown_values, &impossible);
        if !before.is_empty() && before != self.facts.identity.id {
            self.drop_readings_but_of(&succeeded);
        }
        if poll.certificate_expiry.is_some() {
            self.facts.certificate_expiry = poll.certificate_expiry;
        }
    }

    /// Counts and keeps one section's outcome; gives the section back if it succeeded.
    fn apply_section(&mut self, outcome: SectionOutcome, now: Timestamp) -> Option<Section> {
        let SectionOutcome {
            section,
            duration,
            result,
        } = outcome;
        let state = self.sections.get_mut(&section)?;
        state.polls += 1;
        let error = match result {
            Ok(report) => {
                // What could not be shown is not kept either: memory is bounded by `max_series`, not by what is answered.
                let report = report.of_the_first(self.config.polling.most_relationships());
                count_unknown(&mut self.unknown_values, &report.unknown_values);
                let lifetime = report
                    .period
                    .map_or(self.config.polling.stale_after, |period| period * 3);
                let expires_at = Instant::now() + lifetime;
                state.last_success = Some(LastSuccess {
                    at: now,
                    expires_at,
                    report,
                });
                None
            }
            Err(error) => {
                *state.failures.entry(error.reason).or_default() += 1;
                Some(error)
            }
        };
        let succeeded = error.is_none();
        state.last = Some(LastAttempt {
            duration,
            error,
            at: now,
        });
        succeeded.then_some(section)
    }

    /// Series that the relationships would have, at the least, of which nothing was kept.
    #[must_use]
    pub fn series_left_out(&self) -> usize {
        let reports = self.sections.values().filter_map(SectionState::report);
        let listings = reports.filter(|report| report.listing != Listing::None);
        let left_out: u64 = listings.flat_map(|report| report.left_out.values()).sum();
        usize::try_from(left_out)
            .unwrap_or(usize::MAX)
            .saturating_mul(LEAST_SERIES)
    }

    /// Another system answers now: what the old one said is not shown for a moment longer.
    fn drop_readings_but_of(&mut self, sections: &[Section]) {
        for (section, state) in &mut self.sections {
            if !sections.contains(section) {
                state.last_success = None;
            }
        }
    }

    /// Lets time pass: counts breaches, judges anew, and forgets an array that stayed away too long.
    pub fn tick(&mut self, now: Timestamp) {
        self.count_breaches(now);
        if self
            .config
            .polling
            .forget_after
            .is_some_and(|most| self.away(most) > most)
        {
            self.facts.forget();
        }
        self.judge(now);
    }

    /// How long the array has been away. Monotonic, so that a clock that is set forgets nothing; what passed before this
    /// process began is by wall time, and by itself never so much that the array could not answer before it is forgotten.
    fn away(&self, forget_after: Duration) -> Duration {
        let most = forget_after.saturating_sub(self.config.polling.stale_after);
        self.away_before.min(most) + self.heard.elapsed()
    }

    fn judge(&mut self, now: Timestamp) {
        self.facts.judge(now, self.config.terms(), Voice::Exporter);
    }

    fn count_breaches(&mut self, now: Timestamp) {
        let instant = Instant::now();
        let elapsed = instant.saturating_duration_since(self.breaches_counted_to);
        self.breaches_counted_to = instant;
        self.facts
            .count_breaches(self.config.terms(), now, elapsed.as_secs_f64());
    }

    /// Whether the array counts as up at `now`.
    #[must_use]
    pub fn is_up(&self, now: Instant) -> bool {
        self.up_until.is_some_and(|until| now < until)
    }

    /// Whether it is as well that a section fails so: the user never was allowed to read it, and the exporter does without.
    #[must_use]
    pub fn does_without(&self, section: Section, failure: &Error) -> bool {
        rights::is_expected(self.config.vendor, section, failure.reason)
            && !self.facts.last_success.contains_key(&section)
    }

    /// What a section last said about a relationship, if that may still be shown.
    pub fn readings_of<'a>(
        &'a self,
        key: &'a RelationshipKey,
        now: Instant,
    ) -> impl Iterator<Item = (Section, &'a RelationshipReport, Instant)> + 'a {
        self.sections.iter().filter_map(move |(&section, state)| {
            let success = state.fresh(now)?;
            let said = success.report.relationship(key)?;
            Some((section, said, success.expires_at))
        })
    }
}

/// How long these facts' array has been away, by wall time.
fn away(facts: &ArrayFacts, now: Timestamp) -> Duration {
    let seconds = facts.last_heard.map_or(0.0, |heard| now.seconds_since(heard));
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

fn count_unknown(counts: &mut BTreeMap<&'static str, u64>, unknown: &UnknownValues) {
    for (field, count) in unknown.iter() {
        *counts.entry(field).or_default() += count;
    }
}

/// An array that says for the first time who it is may be one that left the configuration: then what was known of it is
/// true again.
fn recognise(
    facts: &mut ArrayFacts,
    former: &mut Option<Arc<FormerFacts>>,
    config: &ArrayConfig,
    reports: &[(Section, &SectionReport)],
) {
    let mut said = reports.iter().filter_map(|(_, report)| report.system.as_ref());
    let Some(Field::Is(id)) = said.find_map(|system| Some(&system.id).filter(|id| matches!(id, Field::Is(_)))) else {
        return;
    };
    let Some(former) = former.take() else { return };
    if facts.identity.id.is_empty()
        && let Some(known) = former.get(&(config.vendor, id.clone()))
    {
        let heard = std::mem::replace(facts, known.clone());
        facts.relationships.extend(heard.relationships);
        facts.keep_sections(&config.sections);
    }
}

impl SectionState {
    fn report(&self) -> Option<&SectionReport> {
        self.last_success.as_ref().map(|success| &success.report)
    }

    /// The last success, if its readings may still be shown.
    #[must_use]
    pub fn fresh(&self, now: Instant) -> Option<&LastSuccess> {
        self.last_success.as_ref().filter(|success| now < success.expires_at)
    }
}

#[cfg(test)]
#[path = "forget_tests.rs"]
mod forget_tests;
