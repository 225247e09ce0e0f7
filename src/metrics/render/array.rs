//! What is exposed of an array as a whole: identity, polling, protection, restriper.

use super::{Life, Sink, flag};
use crate::{
    clock::Now,
    metrics::{catalogue::FamilyId, text::Labels},
    model::{Protection, Restriper, RestriperPhase, RestriperState, Section},
    source::Reason,
    state::{ArrayState, SectionState},
};

pub(super) fn labels(state: &ArrayState) -> Labels {
    Labels::default().with("array", &state.config.name)
}

/// Everything but what depends on how many relationships fit.
pub(super) fn render(state: &ArrayState, now: Now, sink: &mut Sink) {
    let labels = labels(state);
    identity(state, &labels, sink);
    polling(state, now, &labels, sink);
    for (&section, section_state) in &state.sections {
        attempts(section, section_state, now, &labels, sink);
        readings(section, section_state, now, &labels, sink);
    }
    for (role, count) in state.facts.relationships_by_role() {
        lasting(
            sink,
            FamilyId::Relationships,
            &labels.with("role", role.word()),
            count as f64,
        );
    }
    for (field, count) in &state.unknown_values {
        lasting(
            sink,
            FamilyId::UnknownValues,
            &labels.with("field", field),
            *count as f64,
        );
    }
}

/// How many series were left out.
pub(super) fn render_dropped(state: &ArrayState, dropped_series: usize, sink: &mut Sink) {
    lasting(sink, FamilyId::SeriesDropped, &labels(state), dropped_series as f64);
}

/// Samples of the array itself stand under one section, so that they stay together.
fn lasting(sink: &mut Sink, family: FamilyId, labels: &Labels, value: f64) {
    sink.sample(family, Section::SYSTEM, Life::Lasting, labels, value);
}

fn identity(state: &ArrayState, labels: &Labels, sink: &mut Sink) {
    let identity = &state.facts.identity;
    let mut info = labels
        .with("vendor", state.config.vendor.name())
        .with("system_name", &identity.name)
        .with("system_id", &identity.id)
        .with("version", &identity.version);
    for (name, value) in &state.config.labels {
        info.push(name, value);
    }
    lasting(sink, FamilyId::ArrayInfo, &info, 1.0);
    let insecure = flag(state.config.trust.insecure_skip_verify);
    lasting(sink, FamilyId::ArrayVerificationDisabled, labels, insecure);
    for (family, fact) in [
        (FamilyId::ArrayCertificateExpiry, state.facts.certificate_expiry),
        (FamilyId::ArrayDataTimestamp, state.facts.data_timestamp),
    ] {
        if let Some(fact) = fact {
            lasting(sink, family, labels, fact.unix_seconds());
        }
    }
}

fn polling(state: &ArrayState, now: Now, labels: &Labels, sink: &mut Sink) {
    match state.up_until.filter(|_| state.is_up(now.instant)) {
        Some(until) => sink.turning(FamilyId::ArrayUp, Section::SYSTEM, until, labels, (1.0, 0.0)),
        None => lasting(sink, FamilyId::ArrayUp, labels, 0.0),
    }
    let polling = &state.config.polling;
    let (logins, login_failures) = state.logins.totals();
    lasting(sink, FamilyId::PollInterval, labels, polling.interval.as_secs_f64());
    lasting(
        sink,
        FamilyId::PollStaleAfter,
        labels,
        polling.stale_after.as_secs_f64(),
    );
    lasting(sink, FamilyId::PollOverruns, labels, state.overruns as f64);
    lasting(sink, FamilyId::Logins, labels, logins as f64);
    lasting(sink, FamilyId::LoginFailures, labels, login_failures as f64);
}

fn attempts(section: Section, state: &SectionState, now: Now, labels: &Labels, sink: &mut Sink) {
    let labels = labels.with("section", section.name());
    sink.sample(FamilyId::Polls, section, Life::Lasting, &labels, state.polls as f64);
    for reason in Reason::ALL {
        let count = state.failures.get(reason).copied().unwrap_or_default();
        let labels = labels.with("reason", reason.word());
        sink.sample(FamilyId::PollFailures, section, Life::Lasting, &labels, count as f64);
    }
    let succeeded = state.last.as_ref().is_some_and(|last| last.error.is_none());
    match state.fresh(now.instant).filter(|_| succeeded) {
        Some(success) => sink.turning(FamilyId::PollSuccess, section, success.expires_at, &labels, (1.0, 0.0)),
        None => sink.sample(FamilyId::PollSuccess, section, Life::Lasting, &labels, 0.0),
    }
    if let Some(last) = &state.last {
        sink.sample(
            FamilyId::PollDuration,
            section,
            Life::Lasting,
            &labels,
            last.duration.as_secs_f64(),
        );
    }
    if let Some(success) = &state.last_success {
        sink.sample(
            FamilyId::PollLastSuccess,
            section,
            Life::Lasting,
            &labels,
            success.at.unix_seconds(),
        );
    }
}

fn readings(section: Section, state: &SectionState, now: Now, labels: &Labels, sink: &mut Sink) {
    let Some(success) = state.fresh(now.instant) else {
        return;
    };
    let life = Life::Until(success.expires_at);
    let report = &success.report;
    if let Some(system) = &report.system {
        sink.sample_if(
            FamilyId::ArrayClockSkew,
            section,
            life,
            labels,
            system.clock_skew_seconds,
        );
    }
    if let Some(found) = &report.protection {
        protection(found, section, life, labels, sink);
    }
    if let Some(found) = &report.restriper {
        restriper(found, section, life, labels, sink);
    }
}

fn protection(found: &Protection, section: Section, life: Life, labels: &Labels, sink: &mut Sink) {
    for (family, failures) in [
        (FamilyId::RemainingNodeFailures, found.remaining_node_failures),
        (FamilyId::RemainingDriveFailures, found.remaining_drive_failures),
        (FamilyId::MaxNodeFailures, found.max_node_failures),
        (FamilyId::MaxDriveFailures, found.max_drive_failures),
    ] {
        sink.sample_if(family, section, life, labels, failures.map(|count| count as f64));
    }
}

fn restriper(found: &Restriper, section: Section, life: Life, labels: &Labels, sink: &mut Sink) {
    sink.sample_if(
        FamilyId::DataAtRisk,
        section,
        life,
        labels,
        found.data_at_risk.map(flag),
    );
    sink.states(
        FamilyId::RestriperState,
        section,
        life,
        labels,
        RestriperState::WORDS,
        found.state.word(),
    );
    sink.states(
        FamilyId::RestriperPhase,
        section,
        life,
        labels,
        RestriperPhase::WORDS,
        found.phase.word(),
    );
    sink.sample_if(
        FamilyId::RestriperProgress,
        section,
        life,
        labels,
        found.progress.map(crate::model::units::Ratio::get),
    );
    sink.sample_if(FamilyId::RestriperElapsed, section, life, labels, found.elapsed_seconds);
    sink.sample_if(
        FamilyId::RestriperCoordinator,
        section,
        life,
        labels,
        found.coordinator_node.map(|node| node as f64),
    );
}
