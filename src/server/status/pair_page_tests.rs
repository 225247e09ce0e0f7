//! What the page of one relationship says.

use super::*;
use crate::server::status::fixture::overview;

fn page(pair: &str, links: &Links) -> Option<String> {
    let mut overview = overview();
    overview
        .relationships
        .retain(|known| known.lead().description.pair == pair);
    let text = render(&overview, &Question::default(), links)?.expect("a page");
    Some(String::from_utf8(text).expect("UTF-8"))
}

#[test]
fn it_has_both_sides_and_the_reckoning() {
    let html = page("id", &Links::default()).expect("known");
    for text in [
        "data-standing=\"behind\"",
        "14:02:11Z (by nyc, source)",
        "1 h 52 m: its age by the clock that stamped it",
        "over by 52 m",
        "▲ behind, since 15:02:11Z, 52 m ago",
        "nyc <small>source</small>",
        "ams <small>target</small>",
        "since 13:10:00Z, 2 h 44 m ago, 37 %, about 40 m left, done near 16:34Z",
        "120.0 MB/s",
        "The sides disagree",
        "href=\"./\"",
    ] {
        assert!(html.contains(text), "not there: {text}\n{html}");
    }
    assert!(
        !html.contains("runbook") && !html.contains("dashboard"),
        "nobody said where they are"
    );
}

#[test]
fn it_links_to_runbook_and_dashboard_where_these_are_known() {
    let links = Links {
        runbook: Some("https://books.example".parse().expect("a base")),
        dashboard: Some("https://grafana.example".parse().expect("a base")),
        external: None,
    };
    let html = page("id", &links).expect("known");
    assert!(html.contains("href=\"https://books.example/") && html.contains("href=\"https://grafana.example/d/"));
}

#[test]
fn a_stopped_one_is_not_held_against_its_objective() {
    let html = page("drill", &Links::default()).expect("known");
    assert!(
        html.contains("Does not count while") && html.contains("failed over"),
        "{html}"
    );
    assert!(!html.contains("Against the objective") && !html.contains("over by"));
}

#[test]
fn a_pair_that_nobody_knows_has_no_page() {
    assert_eq!(page("nonsense", &Links::default()), None);
}
