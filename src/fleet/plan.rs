//! What a reload keeps: a pure comparison of the arrays as they run with the arrays as the configuration now has them.
//!
//! Holds no task and no I/O. The fleet makes it and does what it says.

use crate::config::ArrayConfig;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

/// What becomes of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It goes on untouched.
    Keep,
    /// Task, session and counters go on, with other settings.
    Adjust,
    /// A new task takes over, with the facts if it is still a system of the same vendor.
    Replace,
    /// It was not there.
    Add,
}

/// What a reload does.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Every array of the new configuration.
    pub steps: Vec<(Arc<ArrayConfig>, Step)>,
    /// Arrays that it no longer has.
    pub gone: Vec<Arc<str>>,
}

/// How many arrays each step was for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Untouched.
    pub kept: usize,
    /// With other settings.
    pub adjusted: usize,
    /// With a new task.
    pub replaced: usize,
    /// New.
    pub added: usize,
    /// No longer there.
    pub removed: usize,
}

impl Plan {
    /// What turns the arrays that run into the wanted ones.
    #[must_use]
    pub(super) fn new(running: &BTreeMap<Arc<str>, Arc<ArrayConfig>>, wanted: Vec<Arc<ArrayConfig>>) -> Self {
        let names: BTreeSet<&Arc<str>> = wanted.iter().map(|array| &array.name).collect();
        let gone = running.keys().filter(|name| !names.contains(name)).cloned().collect();
        let steps = wanted
            .into_iter()
            .map(|array| {
                let step = running
                    .get(&array.name)
                    .map_or(Step::Add, |before| step(before, &array));
                (array, step)
            })
            .collect();
        Self { steps, gone }
    }

    /// How many arrays each step is for.
    #[must_use]
    pub(super) fn summary(&self) -> Summary {
        let mut summary = Summary {
            removed: self.gone.len(),
            ..Summary::default()
        };
        for (_, step) in &self.steps {
            let count = match step {
                Step::Keep => &mut summary.kept,
                Step::Adjust => &mut summary.adjusted,
                Step::Replace => &mut summary.replaced,
                Step::Add => &mut summary.added,
            };
            *count += 1;
        }
        summary
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kept,
            adjusted,
            replaced,
            added,
            removed,
        } = self;
        write!(
            f,
            "{added} added, {removed} removed, {replaced} replaced, {adjusted} adjusted, {kept} unchanged"
        )
    }
}

fn step(before: &ArrayConfig, after: &ArrayConfig) -> Step {
    if before == after {
        Step::Keep
    } else if is_same_conversation(before, after) {
        Step::Adjust
    } else {
        Step::Replace
    }
}

/// Whether it is the same system, asked by the same and trusted for the same reason, so that its session goes on.
fn is_same_conversation(before: &ArrayConfig, after: &ArrayConfig) -> bool {
    // Every key is named, so that whoever adds one has to decide what a reload does about it.
    let ArrayConfig {
        name,
        vendor,
        urls,
        credentials,
        trust,
        extra,
        polling: _,
        sections: _,
        labels: _,
        objective: _,
    } = before;
    *name == after.name
        && *vendor == after.vendor
        && *urls == after.urls
        && *credentials == after.credentials
        && *trust == after.trust
        && *extra == after.extra
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
