//! What the status page and `/api/v1/status` show of one array, copied out of its state. Readings that expired stay behind.

use super::array::{ArrayState, SectionState};
use crate::{
    clock::Now,
    model::{
        Field, Lasting, Present, Readings, RelationshipFacts, RelationshipKey, RelationshipReport, Section,
        SectionReport, Timestamp, View,
        overview::{ArrayOverview, Attempt, SectionOverview},
    },
};

/// The array itself, as of now.
pub(crate) fn of_array(state: &ArrayState, now: Now) -> ArrayOverview {
    let fresh = || state.sections.values().filter_map(|section| section.fresh(now.instant));
    let reports = || fresh().map(|success| &success.report);
    let polling = &state.config.polling;
    ArrayOverview {
        name: state.config.name.clone(),
        vendor: state.config.vendor.name(),
        up: state.is_up(now.instant),
        identity: state.facts.identity.clone(),
        last_heard: state.facts.last_heard,
        clock_skew_seconds: reports().find_map(|report: &SectionReport| report.system.as_ref()?.clock_skew_seconds),
        certificate_expiry: state.facts.certificate_expiry,
        verification_disabled: state.config.trust.insecure_skip_verify,
        data_timestamp: state.facts.data_timestamp,
        interval_seconds: polling.interval.as_secs_f64(),
        stale_after_seconds: polling.stale_after.as_secs_f64(),
        overruns: state.overruns,
        logins: state.logins.totals(),
        sections: state
            .sections
            .iter()
            .map(|(&name, section)| of_section(name, section, now))
            .collect(),
        protection: reports().find_map(|report| report.protection),
        restriper: reports().find_map(|report| report.restriper.clone()),
    }
}

fn of_section(name: Section, state: &SectionState, now: Now) -> SectionOverview {
    SectionOverview {
        name: name.name(),
        polls: state.polls,
        failures: state.failures.values().sum(),
        last: state.last.as_ref().map(|last| Attempt {
            at: last.at,
            duration_seconds: last.duration.as_secs_f64(),
            error: last
                .error
                .as_ref()
                .map(|error| (error.reason.word(), error.message.clone())),
        }),
        last_success: state.last_success.as_ref().map(|success| success.at),
        fresh: state.fresh(now.instant).is_some(),
    }
}

/// Every relationship of the array, as the array sees it.
pub(crate) fn views(state: &ArrayState, now: Now) -> impl Iterator<Item = View> {
    let relationships = state.facts.relationships.iter();
    relationships.map(move |(key, facts)| view(key, facts, state, now))
}

fn view(key: &RelationshipKey, facts: &RelationshipFacts, state: &ArrayState, now: Now) -> View {
    let said: Vec<(Timestamp, &RelationshipReport)> = state
        .sections
        .values()
        .filter_map(|section| section.fresh(now.instant))
        .filter_map(|success| Some((success.at, success.report.relationship(key)?)))
        .collect();
    let reported = said.iter().any(|(_, said)| said.readings.condition.is_some());
    let recovery_point_read = said.iter().filter(|(_, said)| said.recovery_point != Field::Silent);
    let readings = said.iter().map(|(_, said)| -> &Readings { &said.readings });
    let listing = state.sections.get(&facts.section);
    let clocks = state.facts.clocks(key.role, now.wall);
    View {
        array: state.config.name.clone(),
        vendor: state.config.vendor.name(),
        key: key.clone(),
        description: facts.description.clone(),
        interval_seconds: state.config.polling.interval.as_secs_f64(),
        read_at: listing.and_then(|section| Some(section.last_success.as_ref()?.at)),
        lasting: Lasting {
            standing: facts.standing,
            recovery_point: facts.recovery_point,
            recovery_point_seen: facts.recovery_point_seen,
            recovery_point_read: recovery_point_read.map(|(at, _)| *at).max(),
            recovery_point_in_future: facts.recovery_point_in_future,
            no_recovery_point_since: facts.no_recovery_point_since,
            lag_seconds: facts.lag_seconds(clocks),
            counted_lag_seconds: facts.counted_lag_seconds(clocks, state.config.terms().interval_seconds),
            objective_seconds: facts.objective_seconds(&state.config.objective),
            exemption: facts.exemption_at(clocks),
            blackout_until: facts.blackout_until,
            breach_seconds: facts.breach_seconds,
            health: facts.health,
            last_job: facts.last_job,
            history: facts.history.clone(),
        },
        present: facts
            .health
            .filter(|_| reported)
            .map(|(health, _)| Present::of(health, readings)),
    }
}

#[cfg(test)]
#[path = "overview_tests.rs"]
mod tests;
