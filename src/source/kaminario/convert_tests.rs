use super::{super::payloads::*, *};
use crate::model::facts::tests::apply;
use crate::{
    model::{ArrayFacts, RecoveryPoint},
    source::{
        kaminario::{REPLICATION, wire::List},
        lenient::parse,
    },
};
use Condition::{Decided, Replicating};
use proptest::prelude::*;

fn sessions() -> SectionReport {
    read(SESSIONS).expect("a report").0
}

fn one(report: &SectionReport, id: &str) -> RelationshipReport {
    let found = report.relationships.iter().find(|said| &*said.key.id == id);
    found.expect("the session").clone()
}

fn description(report: &SectionReport, id: &str) -> Description {
    one(report, id).description.expect("a description")
}

#[test]
fn health_is_the_first_row_of_the_table_that_applies() {
    let conditions: Vec<_> = sessions()
        .relationships
        .iter()
        .map(|said| said.readings.condition.expect("a condition"))
        .collect();
    assert_eq!(
        conditions,
        [
            Decided(Health::Ok),
            Decided(Health::Ok),
            // Nothing was replicated yet.
            Replicating,
            Decided(Health::Paused),
            Decided(Health::Failed),
            Decided(Health::Paused),
            Decided(Health::FailedOver),
            Decided(Health::Failed),
            Decided(Health::Ok),
            Decided(Health::Unknown),
        ]
    );
}

#[test]
fn what_the_array_did_not_say_is_not_healthy() {
    for (from, to) in [
        ("\"suspend_reason_code\": \"none\"", "\"suspend_reason_code\": []"),
        ("\"suspend_reason_code\": \"none\"", "\"renamed\": \"none\""),
        ("\"state\": \"in_sync\"", "\"state\": null"),
        ("\"state\": \"in_sync\"", "\"renamed\": \"in_sync\""),
    ] {
        let (report, _) = read(&edited(SESSIONS, from, to)).expect("a report");
        let first = one(&report, "1");
        assert_eq!(
            first.readings.condition,
            Some(Condition::Decided(Health::Unknown)),
            "{to}"
        );
    }
    let (report, _) = read(&edited(SESSIONS, "\"stopped\": false", "\"stopped\": true")).expect("a report");
    let first = one(&report, "1").readings;
    assert_eq!(first.condition, Some(Condition::Decided(Health::Paused)));
    assert_eq!(first.enabled, Some(false));
}

#[test]
fn a_progress_is_read_only_while_a_snapshot_is_in_transfer() {
    let report = sessions();
    let job = one(&report, "1").readings.job.expect("a job");
    assert_eq!(job.progress.map(Ratio::get), Some(0.37));
    assert_eq!(job.remaining_seconds, Some(95.0));
    assert_eq!(job.start, None, "the rounds say it");
    for id in ["2", "9"] {
        let readings = one(&report, id).readings;
        assert_eq!((readings.job_running, readings.job), (Some(false), None), "{id}");
    }
    // A string where references were expected, and floats for integers.
    let first = one(&report, "3").readings.job.expect("a job");
    assert_eq!(
        (first.progress.map(Ratio::get), first.remaining_seconds),
        (Some(0.02), Some(86_000.0))
    );
    assert_eq!(one(&report, "3").rpo_seconds, Field::Is(3600.0));
}

#[test]
fn no_replicated_snapshot_is_never_and_one_that_is_named_is_for_another_section() {
    let report = sessions();
    assert_eq!(one(&report, "3").recovery_point, Field::Never);
    assert_eq!(one(&report, "1").recovery_point, Field::Silent);
    let renamed = edited(SESSIONS, "\"latest_replicated_snapshot\"", "\"renamed\"");
    let (report, _) = read(&renamed).expect("a report");
    assert_eq!(one(&report, "3").recovery_point, Field::Silent);
    assert!(counted(&report).contains(&("latest_replicated_snapshot", 10)));
}

#[test]
fn a_target_is_writable_once_it_failed_over_and_a_source_does_not_know() {
    let report = sessions();
    let writable = |id| one(&report, id).readings.target_writable;
    assert_eq!(
        [writable("1"), writable("2"), writable("7"), writable("10")],
        [None, Some(false), Some(true), None]
    );
}

#[test]
fn source_and_target_are_named_by_role() {
    let report = sessions();
    let source = description(&report, "1");
    assert_eq!(source.relationship, "finance \"ü\"");
    assert_eq!((&*source.source_system, &*source.source_object), ("k2-osl", "vg-1"));
    assert_eq!(
        (&*source.target_system, &*source.target_object),
        ("k2-bgo", "vg-1-copy")
    );
    assert_eq!(source.mode, Mode::Async);
    let target = description(&report, "2");
    assert_eq!(
        (&*target.source_system, &*target.source_object),
        ("k2-bgo", "vg-2-copy")
    );
    assert_eq!((&*target.target_system, &*target.target_object), ("k2-osl", "vg-2"));
    let note = one(&report, "5").readings.note;
    assert_eq!(note, "No connection to the peer (link_failure)");
    assert_eq!(one(&report, "1").readings.note, "");
}

#[test]
fn without_names_the_numbers_remain() {
    let list: List<_> = parse(SESSIONS).expect("a list");
    let (report, _) = super::sessions(list.hits, &Names::new("k2-osl")).expect("a report");
    let said = description(&report, "1");
    assert_eq!(
        (&*said.source_object, &*said.target_system),
        ("volume_groups/41", "peer_k2arrays/1")
    );
    assert_eq!((&*said.target_object, &*said.pair), ("", "k2-osl/1"));
}

#[test]
fn the_pair_is_the_same_text_on_both_sides_and_the_own_half_until_the_peer_is_known() {
    let report = sessions();
    assert_eq!(description(&report, "1").pair, "d701/1~d702/11");
    assert_eq!(description(&report, "3").pair, "d701/3", "no remote id yet");
    // The same session, as the other array lists it.
    let mut there = names();
    there.own_system_id = "d702".to_owned();
    there.set_peers(
        parse(&edited(PEER_ARRAYS, "d702", "d701"))
            .map(|list: List<_>| list.hits)
            .expect("peers"),
    );
    let (one, eleven) = (Id("1".to_owned()), Id("11".to_owned()));
    assert_eq!(
        there.pair(&eleven, Some(&Id("1".to_owned())), Some(&one)),
        Ok("d701/1~d702/11".to_owned())
    );
}

#[test]
fn a_pair_that_is_known_is_a_fact_that_no_failing_list_takes_back() {
    let key = RelationshipKey::new("1", Role::Source);
    let listed = |names: &Names| {
        let sessions: List<Session> = parse(SESSIONS).expect("sessions");
        super::sessions(sessions.hits, names)
            .expect("a report")
            .0
            .without_duplicates()
    };
    let pair = |facts: &ArrayFacts| facts.relationships[&key].description.pair.clone();
    let mut facts = ArrayFacts::default();
    let nameless = Names::new("k2-osl");
    apply(&mut facts, &[(REPLICATION, &listed(&nameless))], at(1e9));
    assert_eq!(pair(&facts), "k2-osl/1", "nobody is known yet");
    let since = facts.relationships[&key].standing.1;
    apply(&mut facts, &[(REPLICATION, &listed(&names()))], at(1e9 + 30.0));
    assert_eq!(pair(&facts), "d701/1~d702/11");
    assert_eq!(facts.relationships[&key].first_seen, at(1e9));
    assert_eq!(
        facts.relationships[&key].standing.1, since,
        "it goes on under the new pair"
    );
    apply(&mut facts, &[(REPLICATION, &listed(&nameless))], at(1e9 + 60.0));
    assert_eq!(pair(&facts), "d701/1~d702/11");
    assert_eq!(facts.relationships[&key].description.peer_system_id, "d702");
}

#[test]
fn an_unknown_word_is_counted_and_costs_its_field_alone() {
    let report = sessions();
    assert_eq!(
        counted(&report),
        [("common_snapshots_count", 1), ("current_role", 1), ("state", 1),]
    );
    assert_eq!(one(&report, "10").key.role, Role::Unknown);
    assert_eq!(one(&report, "10").rpo_seconds, Field::Is(300.0));
    assert_eq!(one(&report, "8").readings.common_snapshots, Some(4));
}

#[test]
fn numbers_that_are_none_are_left_out() {
    for number in ["-1", "0", "1e999", "[]", "true", "\"soon\""] {
        let (report, _) = read(&edited(SESSIONS, "\"rpo\": 300", &format!("\"rpo\": {number}"))).expect("a report");
        assert_eq!(one(&report, "1").rpo_seconds, Field::Silent, "{number}");
    }
    for progress in ["137", "-5", "1e999"] {
        let to = format!("\"current_snapshot_progress\": {progress}");
        let payload = edited(SESSIONS, "\"current_snapshot_progress\": 37", &to);
        let (report, _) = read(&payload).expect("a report");
        assert_eq!(
            one(&report, "1").readings.job.and_then(|job| job.progress),
            None,
            "{progress}"
        );
    }
}

#[test]
fn ids_pass_every_number() {
    let (report, _) = read(&edited(SESSIONS, "\"id\": 1,", "\"id\": 18446744073709551617,")).expect("a report");
    assert_eq!(one(&report, "18446744073709551617").key.role, Role::Source);
    let (report, _) = read(&edited(SESSIONS, "\"id\": 1,", "\"id\": 1.0,")).expect("a report");
    assert_eq!(one(&report, "1").key.role, Role::Source);
}

#[test]
fn a_session_without_an_id_makes_the_answer_unusable() {
    for id in ["null", "\"\"", "\"x\"", "-1", "1.5", "{}"] {
        assert!(
            read(&edited(SESSIONS, "\"id\": 1,", &format!("\"id\": {id},"))).is_err(),
            "{id}"
        );
    }
}

#[test]
fn of_two_records_with_one_identity_the_worse_wins_and_it_is_counted() {
    let payload = edited(SESSIONS, "\"id\": 5,", "\"id\": 1,");
    let report = read(&payload).expect("a report").0.without_duplicates();
    assert_eq!(report.relationships.len(), 9);
    assert!(counted(&report).contains(&("duplicate", 1)));
    assert_eq!(
        one(&report, "1").readings.condition,
        Some(Condition::Decided(Health::Failed))
    );
}

#[test]
fn a_swap_of_roles_carries_the_facts_over() {
    let now = at(1_771_581_600.0);
    let mut facts = ArrayFacts::default();
    let before = sessions().without_duplicates();
    apply(&mut facts, &[(REPLICATION, &before)], now);
    let old = RelationshipKey::new("1", Role::Source);
    facts.relationships.get_mut(&old).expect("the session").recovery_point = RecoveryPoint::At(at(1e9));
    let payload = edited(SESSIONS, "\"current_role\": \"source\"", "\"current_role\": \"target\"");
    let after = read(&payload).expect("a report").0.without_duplicates();
    apply(&mut facts, &[(REPLICATION, &after)], now);
    assert!(!facts.relationships.contains_key(&old));
    let moved = &facts.relationships[&RelationshipKey::new("1", Role::Target)];
    assert_eq!(moved.recovery_point, RecoveryPoint::At(at(1e9)));
    assert_eq!(moved.description.target_system, "k2-osl");
}

#[test]
fn an_empty_list_says_that_there_are_none_of_either_role() {
    let (report, _) = read(br#"{"hits": [], "total": 0}"#).expect("a report");
    assert_eq!(report.listing, Listing::Complete);
    assert!(report.relationships.is_empty());
}

#[test]
fn the_system_is_named_and_its_clock_compared() {
    let states: List<SystemState> = parse(STATE).expect("a list");
    let state = states.hits.into_iter().next().expect("a state");
    let report = system(state, at(1_771_581_600.0), Some(9.0));
    let system = report.system.expect("a system");
    assert_eq!(system.name, Field::Is("k2-osl".to_owned()));
    assert_eq!(system.id, Field::Is("d701".to_owned()));
    assert_eq!(system.clock_skew_seconds, Some(0.75));
    let unsaid = super::system(SystemState::default(), at(0.0), Some(9.0));
    assert_eq!(unsaid.system.and_then(|system| system.clock_skew_seconds), Some(9.0));
}

#[test]
fn damaged_answers_are_refused_or_read_without_panic() {
    survives_damage(&first(SESSIONS, 3), |payload| read(payload).map(|(report, _)| report));
    survives_damage(STATE, |payload| {
        let list: List<SystemState> = parse(payload)?;
        let state = list.hits.into_iter().next().ok_or("none")?;
        Ok(system(state, at(0.0), None))
    });
}

proptest! {
    #[test]
    fn no_word_makes_a_session_healthy_but_in_sync(state in "\\PC{0,20}", code in "\\PC{0,20}") {
        let to = serde_json::json!({ "state": state, "suspend_reason_code": code }).to_string();
        let to = to.trim_matches(['{', '}']);
        let payload = edited(SESSIONS, "\"state\": \"idle\",", "");
        let text = String::from_utf8(payload).expect("UTF-8");
        let (head, tail) = text.split_once("\"id\": 6,").expect("session 6");
        let tail = tail.replacen("\"suspend_reason_code\": \"none\",", "", 1).replacen("\"stopped\": true,", "", 1);
        let (report, _) = read(format!("{head}\"id\": 6,{to},{tail}").as_bytes()).expect("a report");
        let healthy = one(&report, "6").readings.condition == Some(Condition::Replicating);
        prop_assert_eq!(healthy, state.eq_ignore_ascii_case("in_sync") && (code.is_empty() || code.eq_ignore_ascii_case("none")));
    }
}
