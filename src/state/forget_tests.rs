//! Tests of what of an array is kept: how long when it stays away, and how much when it says very much.

use super::*;
use crate::store::tests::{START, array, at, failed, listing, poll, relationship};
use crate::{model::Section, source::Reason};

const STALE_AFTER: Duration = Duration::from_secs(90);
const HOUR: Duration = Duration::from_hours(1);
const CENTURY: f64 = 3e9;

fn config() -> Arc<ArrayConfig> {
    let mut config = array("nyc");
    config.polling.forget_after = Some(HOUR);
    Arc::new(config)
}

/// Heard at START.
fn heard() -> ArrayState {
    let mut state = ArrayState::new(config(), ArrayFacts::default(), at(START));
    state.apply(poll(vec![listing(vec![relationship("r", START)])]), at(START));
    state
}

fn knows(state: &ArrayState) -> bool {
    !state.facts.relationships.is_empty()
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_forgets_nothing_and_keeps_nothing() {
    let mut state = heard();
    for step in [CENTURY, -1e6] {
        state.tick(at(START + step));
        assert!(knows(&state), "a step of {step} s");
    }
    tokio::time::advance(HOUR).await;
    state.tick(at(START));
    assert!(knows(&state), "just as long as it may");
    tokio::time::advance(Duration::from_secs(1)).await;
    state.tick(at(START - 1e6));
    assert!(!knows(&state));
}

#[tokio::test(start_paused = true)]
async fn only_an_array_that_is_heard_begins_anew() {
    let mut state = heard();
    tokio::time::advance(HOUR / 2).await;
    state.apply(poll(vec![listing(vec![relationship("r", START)])]), at(START));
    tokio::time::advance(HOUR / 2).await;
    state.apply(poll(vec![failed(Section::SYSTEM, Reason::Connect)]), at(START));
    state.tick(at(START));
    assert!(knows(&state), "heard half an hour ago");
    tokio::time::advance(HOUR / 2 + Duration::from_secs(1)).await;
    state.tick(at(START));
    assert!(!knows(&state));
}

#[tokio::test(start_paused = true)]
async fn what_passed_before_the_start_counts_but_the_array_may_answer_first() {
    let facts = heard().facts;
    let away = |seconds: f64| at(START + seconds);
    let mut state = ArrayState::new(config(), facts.clone(), away(1800.0));
    tokio::time::advance(HOUR / 2).await;
    state.tick(away(3600.0));
    assert!(knows(&state));
    tokio::time::advance(Duration::from_secs(1)).await;
    state.tick(away(3601.0));
    assert!(!knows(&state), "half an hour before, half an hour after");

    let mut state = ArrayState::new(config(), ArrayFacts::default(), away(CENTURY));
    state.adopt(facts, away(CENTURY));
    tokio::time::advance(STALE_AFTER).await;
    state.tick(away(CENTURY));
    assert!(
        knows(&state),
        "the clock may be wrong, and the array was not asked often enough"
    );
    tokio::time::advance(Duration::from_secs(1)).await;
    state.tick(away(CENTURY));
    assert!(!knows(&state));
}

#[tokio::test(start_paused = true)]
async fn facts_are_bounded_by_what_max_series_could_show() {
    let mut config = array("nyc");
    config.polling.max_series = 40;
    let mut state = ArrayState::new(Arc::new(config), ArrayFacts::default(), at(START));
    let ids = (0..1000).rev().map(|number| format!("r{number:03}"));
    let everything = listing(ids.map(|id| relationship(&id, START)).collect());
    state.apply(poll(vec![everything]), at(START));
    let kept: Vec<&str> = state.facts.relationships.keys().map(|key| &*key.id).collect();
    let most = state.config.polling.most_relationships();
    let first: Vec<String> = (0..most).map(|number| format!("r{number:03}")).collect();
    assert_eq!(kept, first, "in the order in which they are shown");
    let counted: u64 = state.facts.relationships_by_role().values().sum();
    assert_eq!(counted, 1000, "how many there are is known");
    assert_eq!(state.series_left_out(), (1000 - most) * LEAST_SERIES);
}
