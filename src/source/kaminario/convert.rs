//! Replication sessions: from what a K2 array sends to the model. Pure functions; `mod.rs` calls them. Snapshots and rounds
//! are in `history.rs`.

use super::{
    names::Names,
    wire::{Id, Session, SystemState},
};
use crate::{
    model::{
        Condition, Description, Field, Health, Job, Listing, Mode, Ratio, Readings, RelationshipKey,
        RelationshipReport, Role, SectionReport, StateWord, SystemReport, Timestamp, UnknownValues,
    },
    source::lenient::{Lenient, not_negative},
};

/// The states that the vendor's own clients know; there is no public list.
pub(super) const STATES: &[&str] = &["failed_over", "idle", "in_sync", "suspended", StateWord::UNKNOWN];

/// A session as far as the other sections need it.
#[derive(Clone, Debug)]
pub(super) struct Listed {
    pub(super) key: RelationshipKey,
    pub(super) id: Id,
    /// The volume group that it replicates; `None`: it did not say.
    pub(super) group: Option<Id>,
    /// The snapshot that was replicated last, if there is one.
    pub(super) latest: Option<Id>,
    pub(super) job_running: bool,
}

/// Who the array is. `midpoint` is the exporter's time in the middle of the request.
pub(super) fn system(state: SystemState, midpoint: Timestamp, by_date: Option<f64>) -> SectionReport {
    let mut unknown = UnknownValues::default();
    let time = moment(state.system_time).reading("system_time", &mut unknown);
    SectionReport {
        system: Some(SystemReport {
            name: state.system_name.fact("system_name", &mut unknown),
            id: state.system_id.fact("system_id", &mut unknown),
            version: state.system_version.fact("system_version", &mut unknown),
            clock_skew_seconds: time.map(|time| time.seconds_since(midpoint)).or(by_date),
        }),
        unknown_values: unknown,
        ..SectionReport::default()
    }
}

/// Every session. One without an id makes the answer unusable: to leave it out would say that it is gone.
pub(super) fn sessions(sessions: Vec<Session>, names: &Names) -> Result<(SectionReport, Vec<Listed>), String> {
    let mut unknown = UnknownValues::default();
    let mut listed = Vec::new();
    let mut relationships = Vec::new();
    for each in sessions {
        let (report, session) = session(each, names, &mut unknown)?;
        relationships.push(report);
        listed.push(session);
    }
    let report = SectionReport {
        listing: Listing::Complete,
        relationships,
        unknown_values: unknown,
        ..SectionReport::default()
    };
    Ok((report, listed))
}

fn session(
    session: Session,
    names: &Names,
    unknown: &mut UnknownValues,
) -> Result<(RelationshipReport, Listed), String> {
    let Lenient::Value(id) = session.id.clone() else {
        return Err("a session has no readable id".to_owned());
    };
    let role = role(session.current_role.clone(), unknown);
    let key = RelationshipKey::new(id.0.as_str(), role);
    let group = match session.local_volume_group.id() {
        Lenient::Value(group) => Some(group),
        _ => None,
    };
    let (description, pair_is_provisional) = description(&session, &id, role, names, unknown);
    let state = session.state.state(STATES, unknown);
    let stopped = session.stopped.optional("stopped", unknown);
    let code = session.suspend_reason_code.fact("suspend_reason_code", unknown);
    let condition = condition(state, stopped, &code);
    let reason = session.suspend_reason.fact("suspend_reason", unknown).value();
    let latest = session
        .latest_replicated_snapshot
        .id()
        .fact("latest_replicated_snapshot", unknown);
    let condition = match (condition, &latest) {
        // The array names a replicated snapshot: there is one, also where its time cannot be found out any more.
        (Condition::Replicating, Field::Is(_)) => Condition::Decided(Health::Ok),
        (condition, _) => condition,
    };
    let job_running = in_transfer(&session.current_snapshot.0, &session.current_snapshot_id, unknown);
    // 0 and 100 are left over between rounds: a progress means something only while a snapshot is in transfer.
    let job = (job_running == Some(true)).then(|| Job {
        progress: session
            .current_snapshot_progress
            .and_then(Ratio::from_percent)
            .reading("current_snapshot_progress", unknown),
        remaining_seconds: session
            .estimated_remaining_time
            .and_then(not_negative)
            .reading("estimated_remaining_time", unknown),
        // The start is of another section.
        ..Job::default()
    });

    let listed = Listed {
        key: key.clone(),
        id,
        group,
        latest: latest.clone().value(),
        job_running: job_running == Some(true),
    };
    let mut report = RelationshipReport::new(key);
    report.description = Some(description);
    report.pair_is_provisional = pair_is_provisional;
    // Whose moment the snapshot is, another section says.
    report.recovery_point = match latest {
        Field::Never => Field::Never,
        Field::Silent | Field::Is(_) => Field::Silent,
    };
    report.rpo_seconds = session
        .rpo
        .and_then(|seconds| (seconds > 0.0).then_some(seconds))
        .fact("rpo", unknown);
    report.readings = Readings {
        condition: Some(condition),
        state: Some(state),
        enabled: enabled(state, condition),
        target_writable: target_writable(state, role),
        common_snapshots: session
            .common_snapshots_count
            .reading("common_snapshots_count", unknown),
        job_running,
        job,
        note: note(reason, code.value()),
        ..Readings::default()
    };
    Ok((report, listed))
}

/// The rows of the health table, from the top. What the array did not say is not healthy.
fn condition(state: StateWord, stopped: Option<bool>, code: &Field<String>) -> Condition {
    let code = match code {
        Field::Silent => None,
        Field::Never => Some(String::new()),
        Field::Is(code) => Some(code.to_ascii_lowercase()),
    };
    Condition::Decided(match (state.word(), code.as_deref()) {
        ("failed_over", _) => Health::FailedOver,
        ("idle", _) => Health::Paused,
        ("in_sync" | "suspended", _) if stopped == Some(true) => Health::Paused,
        ("suspended", Some(code)) if matches!(code, "" | "none") || code.contains("user") => Health::Paused,
        ("in_sync", Some("" | "none")) => return Condition::Replicating,
        ("in_sync" | "suspended", Some(_)) => Health::Failed,
        _ => Health::Unknown,
    })
}

/// Automatic replication is on where nobody has switched it off; what the array suspended itself goes on by itself.
fn enabled(state: StateWord, condition: Condition) -> Option<bool> {
    let is_off = matches!(condition, Condition::Decided(Health::Paused | Health::FailedOver));
    state.is_known().then_some(!is_off)
}

/// The source does not say whether its peer was failed over.
fn target_writable(state: StateWord, role: Role) -> Option<bool> {
    match (state.word(), role) {
        (StateWord::UNKNOWN, _) => None,
        ("failed_over", _) => Some(true),
        (_, Role::Target) => Some(false),
        _ => None,
    }
}

fn in_transfer<T>(current: &Lenient<String>, id: &Lenient<T>, unknown: &mut UnknownValues) -> Option<bool> {
    match (current, id) {
        (Lenient::Value(_), _) | (_, Lenient::Value(_)) => Some(true),
        // Something is there, of whatever shape.
        (Lenient::Unreadable, _) => {
            unknown.count("current_snapshot");
            Some(true)
        }
        (Lenient::Empty, _) | (Lenient::Absent, Lenient::Empty) => Some(false),
        (Lenient::Absent, _) => {
            unknown.count("current_snapshot");
            None
        }
    }
}

fn note(reason: Option<String>, code: Option<String>) -> String {
    let code = code.filter(|code| !code.eq_ignore_ascii_case("none"));
    match (reason, code) {
        (Some(reason), Some(code)) => format!("{reason} ({code})"),
        (reason, code) => reason.or(code).unwrap_or_default(),
    }
}

fn role(word: Lenient<String>, unknown: &mut UnknownValues) -> Role {
    let word = word.reading("current_role", unknown);
    let role = word.as_deref().map_or(Role::Unknown, role_of);
    if word.is_some() && role == Role::Unknown {
        unknown.count("current_role");
    }
    role
}

/// What a word of the array says about its side.
pub(super) fn role_of(word: &str) -> Role {
    if word.eq_ignore_ascii_case("source") {
        Role::Source
    } else if word.eq_ignore_ascii_case("target") {
        Role::Target
    } else {
        Role::Unknown
    }
}

fn description(
    session: &Session,
    id: &Id,
    role: Role,
    names: &Names,
    unknown: &mut UnknownValues,
) -> (Description, bool) {
    let relationship = session.name.clone().fact("name", unknown);
    let peer = session
        .replication_peer_k2array
        .id()
        .reading("replication_peer_k2array", unknown);
    let group = session.local_volume_group.id().reading("local_volume_group", unknown);
    let peer_group = session
        .replication_peer_volume_group
        .id()
        .optional("replication_peer_volume_group", unknown);
    let remote = session
        .remote_replication_session_id
        .clone()
        .optional("remote_replication_session_id", unknown);

    let here = (names.own_name.clone(), names.volume_group(group.as_ref()));
    let there = (names.peer(peer.as_ref()), names.peer_volume_group(peer_group.as_ref()));
    let (source, target) = match role {
        Role::Target => (there, here),
        _ => (here, there),
    };
    let pair = names.pair(id, peer.as_ref(), remote.as_ref());
    let is_provisional = pair.is_err();
    let description = Description {
        relationship: relationship.value().unwrap_or_else(|| id.0.clone()),
        pair: pair.unwrap_or_else(|own_half| own_half),
        mode: Mode::Async,
        peer_system_id: names.peer_system_id(peer.as_ref()),
        source_system: source.0,
        source_object: source.1,
        target_system: target.0,
        target_object: target.1,
    };
    (description, is_provisional)
}

/// A moment in epoch seconds; 0 is never.
pub(super) fn moment(seconds: Lenient<f64>) -> Lenient<Timestamp> {
    match seconds {
        Lenient::Value(0.0) => Lenient::Empty,
        seconds => seconds.and_then(|seconds| (seconds > 0.0).then(|| Timestamp::from_unix_seconds(seconds)).flatten()),
    }
}

#[cfg(test)]
#[path = "convert_tests.rs"]
mod tests;
