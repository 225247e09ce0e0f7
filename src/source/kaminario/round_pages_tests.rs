use super::*;
use crate::model::RelationshipKey;

/// Ten thousand rounds, newest first: session 1 runs all the time, session 2 ran once, before `after` rounds of session 1.
fn history(after: usize) -> Vec<Round> {
    let round = |session: u64, start: usize| Round {
        session: super::super::wire::Reference(Lenient::Value(format!("/replication/sessions/{session}"))),
        role: Lenient::Value("source".to_owned()),
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        round_start: Lenient::Value(start as f64),
        round_end: Lenient::Value(1e9),
        ..Round::default()
    };
    let mut rows: Vec<Round> = (0..10_000).map(|n| round(1, 20_000 - n)).collect();
    rows.insert(after, round(2, 20_000 - after));
    rows
}

fn sessions() -> Vec<Listed> {
    let session = |id: &str| Listed {
        key: RelationshipKey::new(id.to_owned(), Role::Source),
        id: Id(id.to_owned()),
        group: None,
        latest: Some(Id("7".to_owned())),
        job_running: false,
    };
    vec![session("1"), session("2")]
}

/// Reads a history from an array that gives at most 4000 rows at once. Gives how often it was asked, and whether it is cut.
fn read(mut rows: Vec<Round>, is_unsorted: bool, passes_over: bool) -> (usize, usize, bool) {
    let mut pages = RoundPages::new(&sessions());
    let total = rows.len();
    if is_unsorted {
        rows.reverse();
    }
    let mut asked = 0;
    while let Some(path) = pages.next() {
        asked += 1;
        assert!(asked < 100, "it ends");
        if path.contains("__sort_order=desc") && is_unsorted && !passes_over && asked == 2 {
            rows.reverse();
        }
        let offset = path.split("__offset=").nth(1).and_then(|rest| rest.split('&').next());
        let offset: usize = offset.and_then(|offset| offset.parse().ok()).unwrap_or(0);
        let offset = if passes_over { 0 } else { offset };
        pages.take(List {
            hits: rows.iter().skip(offset).take(4000).map(copy).collect(),
            total: Lenient::Value(total as u64),
        });
    }
    let (rows, is_cut) = pages.into_rows();
    (asked, rows.len(), is_cut)
}

fn copy(round: &Round) -> Round {
    Round {
        session: round.session.clone(),
        role: round.role.clone(),
        generation_number: round.generation_number.clone(),
        round_start: round.round_start.clone(),
        round_end: round.round_end.clone(),
        bytes_transmitted_logical: round.bytes_transmitted_logical.clone(),
    }
}

#[test]
fn a_long_history_is_read_as_far_as_every_session_has_its_last_round() {
    assert_eq!(read(history(5), false, false), (1, 4000, false));
    assert_eq!(read(history(9000), false, false), (3, 10_001, false));
    assert_eq!(
        read(history(5), true, false),
        (2, 4000, false),
        "in another order: asked again, newest first"
    );
}

#[test]
fn a_history_that_cannot_be_read_on_is_cut_and_says_so() {
    assert_eq!(
        read(history(9000), false, true),
        (2, 4000, true),
        "it passes over the offset"
    );
    assert_eq!(read(history(5), true, true), (2, 4000, true), "it does not sort");
}

#[test]
fn one_answer_that_holds_everything_is_enough_in_any_order() {
    let few = || history(5).into_iter().take(100).collect::<Vec<_>>();
    assert_eq!(read(few(), true, false), (1, 100, false));
    assert_eq!(read(Vec::new(), false, false), (1, 0, false));
}
