//! What the status page and `/api/v1/status` show of one array, copied out of its state. Readings that expired stay behind.

use super::array::{ArrayState, SectionState};
use crate::{
    clock::Now,
    model::{
        Field, Lasting, Present, Readings, RelationshipFacts, RelationshipKey, RelationshipReport, Restriper, Section,
        SectionReport, Timestamp, View,
        overview::{ArrayOverview, Attempt, Failure, SectionOverview},
        shown::{MESSAGE, shown},
    },
    source::{Error, Reason, remedies},
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
        system: state.facts.identity.clone(),
        last_heard: state.facts.last_heard,
        clock_skew_seconds: reports().find_map(|report: &SectionReport| report.system.as_ref()?.clock_skew_seconds),
        certificate_expiry: state.facts.certificate_expiry,
        verification_disabled: state.config.trust.insecure_skip_verify,
        data_timestamp: state.facts.data_timestamp,
        interval_seconds: polling.interval.as_secs_f64(),
        stale_after_seconds: polling.stale_after.as_secs_f64(),
        overruns: state.overruns,
        logins: state.logins.totals().0,
        login_failures: state.logins.totals().1,
        sections: state
            .sections
            .iter()
            .map(|(&name, section)| of_section(name, section, state, now))
            .collect(),
        protection: reports().find_map(|report| report.protection),
        restriper: reports().find_map(|report| report.restriper.as_ref()).map(capped),
        unreplicated_objects: reports().find_map(|report| report.unreplicated_objects.clone()),
        data_at_risk_since: state.facts.data_at_risk_since,
    }
}

fn capped(restriper: &Restriper) -> Restriper {
    Restriper {
        blocked_reason: shown(&restriper.blocked_reason, MESSAGE),
        ..restriper.clone()
    }
}

fn of_section(name: Section, section: &SectionState, array: &ArrayState, now: Now) -> SectionOverview {
    let failure = |error: &Error| {
        let config = &array.config;
        Failure {
            reason: error.reason.word(),
            message: shown(&error.message, MESSAGE),
            remedy: match error.reason {
                Reason::Auth => remedies::log_on(config.vendor, &config.credentials).to_owned(),
                reason => remedies::advice(config.vendor, Some(name), reason),
            },
            expected: array.does_without(name, error),
        }
    };
    SectionOverview {
        name: name.name(),
        polls: section.polls,
        failures: section.failures.values().sum(),
        last: section.last.as_ref().map(|last| Attempt {
            at: last.at,
            duration_seconds: last.duration.as_secs_f64(),
            failure: last.error.as_ref().map(failure),
        }),
        last_success: section.last_success.as_ref().map(|success| success.at),
        fresh: section.fresh(now.instant).is_some(),
    }
}

/// The array's relationships whose `pair` is `wanted`, as the array sees them. The others cost a look at their name.
pub(crate) fn views(state: &ArrayState, now: Now, wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = View> {
    let relationships = state.facts.relationships.iter();
    let wanted = relationships.filter(move |(_, facts)| wanted(&facts.description.pair));
    wanted.map(move |(key, facts)| view(key, facts, state, now))
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
            .map(|(health, _)| Present::of(health, readings).at(clocks)),
    }
}

#[cfg(test)]
#[path = "overview_tests.rs"]
mod tests;
