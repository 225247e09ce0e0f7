//! Tests of which objective counts.

use super::*;
use crate::model::{Mode, facts::tests::description};

fn glob(pattern: &str) -> GlobMatcher {
    globset::GlobBuilder::new(pattern)
        .literal_separator(false)
        .build()
        .expect("a glob")
        .compile_matcher()
}

fn relationship(pattern: &str, seconds: Option<f64>) -> Override {
    Override {
        relationship: Some(glob(pattern)),
        seconds,
        ..Override::default()
    }
}

fn mode(pattern: &str, seconds: f64) -> Override {
    Override {
        mode: Some(glob(pattern)),
        seconds: Some(seconds),
        ..Override::default()
    }
}

fn copy() -> Description {
    Description {
        mode: Mode::CopyToObject,
        ..description("a:/scratch/x->s3.example.com/b")
    }
}

#[test]
fn the_first_override_wins_then_the_array_then_the_default() {
    let objective = Objective {
        overrides: vec![
            relationship("*:/scratch/*", Some(86_400.0)),
            relationship("*", Some(60.0)),
        ],
        default_seconds: Some(3600.0),
    };
    let scratch = description("a:/scratch/x->b:/y");
    assert_eq!(objective.seconds(&scratch, Some(300.0)), Some(86_400.0));
    let home = description("a:/home->b:/home");
    assert_eq!(objective.seconds(&home, Some(300.0)), Some(60.0));
    let plain = Objective {
        overrides: vec![],
        default_seconds: Some(3600.0),
    };
    assert_eq!(plain.seconds(&home, Some(300.0)), Some(300.0));
    assert_eq!(plain.seconds(&home, None), Some(3600.0));
    assert_eq!(Objective::default().seconds(&home, None), None);
}

#[test]
fn an_override_with_none_beats_what_the_array_says() {
    let objective = Objective {
        overrides: vec![relationship("a:*", None)],
        default_seconds: Some(3600.0),
    };
    assert_eq!(objective.seconds(&description("a:/home->b:/home"), Some(300.0)), None);
    assert_eq!(
        objective.seconds(&description("c:/home->b:/home"), Some(300.0)),
        Some(300.0)
    );
}

#[test]
fn an_override_needs_all_that_it_names() {
    let both = Override {
        mode: Some(glob("continuous")),
        ..relationship("a:*", Some(60.0))
    };
    let objective = Objective {
        overrides: vec![both],
        default_seconds: None,
    };
    let matching = description("a:/home->b:/home");
    assert_eq!(objective.seconds(&matching, None), Some(60.0));
    let other_mode = Description {
        mode: Mode::SnapshotPolicy,
        ..matching
    };
    assert_eq!(objective.seconds(&other_mode, None), None);
}

#[test]
fn a_copy_that_runs_once_has_an_objective_only_where_an_override_names_its_mode() {
    let mut objective = Objective {
        overrides: vec![relationship("*", Some(60.0)), mode("*", 60.0)],
        default_seconds: Some(3600.0),
    };
    assert_eq!(
        objective.seconds(&copy(), None),
        None,
        "a glob that was meant for others"
    );
    objective.overrides.push(mode("copy_*", 86_400.0));
    assert_eq!(objective.seconds(&copy(), None), Some(86_400.0));
    assert_eq!(objective.seconds(&description("a:/home->b:/home"), None), Some(60.0));
}
