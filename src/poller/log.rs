//! The poller's log lines: one per change of state, within the array's budget. What an array wrote is made fit to be shown first.

use super::budget::LogBudget;
use crate::{
    model::{
        Health, Section,
        shown::{MESSAGE, NAME, shown},
    },
    state::Transition,
};

/// Logs what changed of an array's state, as far as its budget goes.
pub(super) fn transitions(array: &str, transitions: &[Transition], budget: &mut LogBudget) {
    for change in transitions {
        match budget.spend() {
            None => {}
            Some(0) => transition(array, change),
            Some(left_out) => {
                tracing::warn!(
                    array,
                    left_out,
                    "this array changes so often that not every change is logged"
                );
                transition(array, change);
            }
        }
    }
}

/// Logs one change of an array's state.
fn transition(array: &str, transition: &Transition) {
    match transition {
        Transition::Reached { system, relationships } => {
            tracing::info!(array, system = shown(system, NAME), relationships, "array answers");
        }
        Transition::SectionsFail {
            sections,
            reason,
            message,
        } => {
            tracing::warn!(array, sections = names(sections), %reason, error = shown(message, MESSAGE), "sections fail");
        }
        Transition::SectionsWork(sections) => {
            tracing::info!(array, sections = names(sections), "sections work again");
        }
        Transition::Health {
            relationship,
            key,
            before,
            after,
            note,
        } => {
            let (id, relationship) = (shown(&key.id, NAME), shown(relationship, NAME));
            let (role, health, note) = (key.role.word(), after.word(), shown(note, MESSAGE));
            match before {
                None => tracing::warn!(array, relationship, id, role, health, note, "relationship is not well"),
                Some(before) if *after == Health::Ok => {
                    tracing::info!(
                        array,
                        relationship,
                        id,
                        role,
                        before = before.word(),
                        health,
                        "health changed"
                    );
                }
                Some(before) => {
                    tracing::warn!(
                        array,
                        relationship,
                        id,
                        role,
                        before = before.word(),
                        health,
                        note,
                        "health changed"
                    );
                }
            }
        }
        Transition::Gone { relationship, key } => {
            tracing::info!(
                array,
                relationship = shown(relationship, NAME),
                id = shown(&key.id, NAME),
                role = key.role.word(),
                "relationship is gone"
            );
        }
        Transition::More(count) => {
            tracing::warn!(array, count, "more relationships changed than are logged one by one");
        }
        Transition::UnknownValue(field) => {
            tracing::warn!(
                array,
                field,
                "an answer has a word or shape that is not known; counted from now on"
            );
        }
    }
}

fn names(sections: &[Section]) -> String {
    let names: Vec<&str> = sections.iter().map(|section| section.name()).collect();
    names.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    use tracing_subscriber::{Layer, layer::Context, prelude::*};

    struct Counts(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> Layer<S> for Counts {
        fn on_event(&self, _: &tracing::Event<'_>, _: Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_array_that_flaps_at_every_poll_does_not_log_every_time() {
        let lines = Arc::<AtomicUsize>::default();
        let subscriber = tracing_subscriber::registry().with(Counts(lines.clone()));
        let mut budget = LogBudget::new();
        tracing::subscriber::with_default(subscriber, || {
            for _ in 0..1000 {
                transitions("nyc", &[Transition::UnknownValue("state")], &mut budget);
            }
        });
        assert_eq!(lines.load(Ordering::Relaxed), 100);
    }
}
