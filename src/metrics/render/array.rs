//! What is exposed of an array as a whole: identity, polling, protection, restriper.

use super::{
    flag, moment,
    samples::{About, Collector, Life, Samples},
};
use crate::{
    clock::Now,
    metrics::{catalogue::FamilyId, text::Labels},
    model::{Protection, Restriper, Section, units::Ratio},
    state::{ArrayState, SectionState},
};
use std::sync::Arc;

pub(super) fn labels(state: &ArrayState) -> Labels {
    Labels::default().with("array", &state.config.name)
}

/// Everything but what depends on how many relationships fit.
pub(super) fn render(state: &ArrayState, now: Now, samples: &mut Samples) {
    let array = samples.about(Arc::new(labels(state)));
    identity(state, &mut lasting(samples, array));
    polling(state, now, array, samples);
    for (&section, section_state) in &state.sections {
        attempts(section, section_state, state, now, array, samples);
        readings(section, section_state, now, array, samples);
    }
    let mut lasting = lasting(samples, array);
    for (section, at) in &state.facts.last_success {
        let section_label = Labels::default().with("section", section.name());
        lasting.labelled(FamilyId::PollLastSuccess, section_label, at.unix_seconds());
    }
    for (role, count) in state.facts.relationships_by_role() {
        let role = Labels::default().with("role", role.word());
        lasting.labelled(FamilyId::Relationships, role, count as f64);
    }
    lasting.value(
        FamilyId::UnknownValues,
        state.unknown_values.values().sum::<u64>() as f64,
    );
    for (field, count) in state.unknown_values.iter().filter(|(_, count)| **count > 0) {
        let field = Labels::default().with("field", field);
        lasting.labelled(FamilyId::UnknownValueFields, field, *count as f64);
    }
}

/// When the next poll is due.
pub(super) fn render_next_poll(state: &ArrayState, samples: &mut Samples) {
    let array = samples.about(Arc::new(labels(state)));
    lasting(samples, array).value_if(FamilyId::PollNext, moment(state.next_poll));
}

/// How many series were left out.
pub(super) fn render_dropped(state: &ArrayState, dropped_series: usize, samples: &mut Samples) {
    let array = samples.about(Arc::new(labels(state)));
    lasting(samples, array).value(FamilyId::SeriesDropped, dropped_series as f64);
}

/// Samples of the array itself stand under one section, so that they stay together.
fn lasting(samples: &mut Samples, array: About) -> Collector<'_> {
    samples.by(Section::SYSTEM, array, Life::Lasting)
}

fn identity(state: &ArrayState, lasting: &mut Collector<'_>) {
    let identity = &state.facts.identity;
    let mut info = Labels::default()
        .with("vendor", state.config.vendor.name())
        .with("system_name", &identity.name)
        .with("system_id", &identity.id)
        .with("version", &identity.version);
    for (name, value) in &state.config.labels {
        info.push(name, value);
    }
    lasting
        .labelled(FamilyId::ArrayInfo, info, 1.0)
        .value(
            FamilyId::ArrayVerificationDisabled,
            flag(state.config.trust.insecure_skip_verify),
        )
        .value_if(FamilyId::ArrayCertificateExpiry, moment(state.facts.certificate_expiry))
        .value_if(FamilyId::ArrayDataTimestamp, moment(state.facts.data_timestamp))
        .value_if(FamilyId::DataAtRiskSince, moment(state.facts.data_at_risk_since));
}

fn polling(state: &ArrayState, now: Now, array: About, samples: &mut Samples) {
    let (up, life) = match state.up_until.filter(|_| state.is_up(now.instant)) {
        Some(until) => (1.0, Life::Turning(until, 0.0)),
        None => (0.0, Life::Lasting),
    };
    samples.by(Section::SYSTEM, array, life).value(FamilyId::ArrayUp, up);
    let polling = &state.config.polling;
    let (logins, login_failures) = state.logins.totals();
    lasting(samples, array)
        .value(FamilyId::PollInterval, polling.interval.as_secs_f64())
        .value(FamilyId::PollStaleAfter, polling.stale_after.as_secs_f64())
        .value(FamilyId::PollOverruns, state.overruns as f64)
        .value(FamilyId::Logins, logins as f64)
        .value(FamilyId::LoginFailures, login_failures as f64);
}

fn attempts(section: Section, state: &SectionState, array: &ArrayState, now: Now, about: About, samples: &mut Samples) {
    let label = Labels::default().with("section", section.name());
    let mut lasting = samples.by(section, about, Life::Lasting);
    lasting
        .labelled(FamilyId::Polls, label.clone(), state.polls as f64)
        .labelled(
            FamilyId::PollFailures,
            label.clone(),
            state.failures.values().sum::<u64>() as f64,
        );
    if let Some(last) = &state.last {
        lasting.labelled(FamilyId::PollDuration, label.clone(), last.duration.as_secs_f64());
    }
    let failure = state.last.as_ref().and_then(|last| last.error.as_ref());
    if failure.is_some_and(|failure| array.does_without(section, failure)) {
        return;
    }
    if let Some(failure) = failure {
        let reason = label.clone().with("reason", failure.reason.word());
        lasting.labelled(FamilyId::PollLastFailure, reason, 1.0);
    }
    let success = state
        .fresh(now.instant)
        .filter(|_| state.last.is_some() && failure.is_none());
    let (succeeded, life) = match success {
        Some(success) => (1.0, Life::Turning(success.expires_at, 0.0)),
        None => (0.0, Life::Lasting),
    };
    samples
        .by(section, about, life)
        .labelled(FamilyId::PollSuccess, label, succeeded);
}

fn readings(section: Section, state: &SectionState, now: Now, array: About, samples: &mut Samples) {
    let Some(success) = state.fresh(now.instant) else {
        return;
    };
    let mut said = samples.by(section, array, Life::Until(success.expires_at));
    let report = &success.report;
    if let Some(system) = &report.system {
        said.value_if(FamilyId::ArrayClockSkew, system.clock_skew_seconds);
    }
    said.value_if(
        FamilyId::UnreplicatedObjects,
        report.unreplicated_objects.as_ref().map(|found| found.len() as f64),
    );
    if let Some(found) = &report.protection {
        protection(found, &mut said);
    }
    if let Some(found) = &report.restriper {
        restriper(found, &mut said);
    }
}

fn protection(found: &Protection, said: &mut Collector<'_>) {
    let failures = |count: Option<u64>| count.map(|count| count as f64);
    said.value_if(FamilyId::RemainingNodeFailures, failures(found.remaining_node_failures))
        .value_if(
            FamilyId::RemainingDriveFailures,
            failures(found.remaining_drive_failures),
        )
        .value_if(FamilyId::MaxNodeFailures, failures(found.max_node_failures))
        .value_if(FamilyId::MaxDriveFailures, failures(found.max_drive_failures));
}

fn restriper(found: &Restriper, said: &mut Collector<'_>) {
    said.value_if(FamilyId::DataAtRisk, found.data_at_risk.map(flag))
        .word(FamilyId::RestriperState, found.state.word())
        .word(FamilyId::RestriperPhase, found.phase.word())
        .value_if(FamilyId::RestriperProgress, found.progress.map(Ratio::get))
        .value_if(FamilyId::RestriperElapsed, found.elapsed_seconds)
        .value_if(
            FamilyId::RestriperCoordinator,
            found.coordinator_node.map(|node| node as f64),
        );
}
