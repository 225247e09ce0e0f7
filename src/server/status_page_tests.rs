//! Tests of the page's text: what is on it, in which order, and that nothing that an array wrote becomes markup.

use super::*;
use crate::server::overview_fixture::{at, overview};

fn page(filter: &Filter, place: &str) -> String {
    let parameters: Vec<(String, String)> = place
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let text = render(&overview(), filter, Place::from_query(&parameters)).expect("a page");
    String::from_utf8(text).expect("UTF-8")
}

fn everything() -> String {
    page(&Filter::default(), "")
}

fn asking(arrays: &[&str], healths: &[&str]) -> Filter {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    Filter {
        arrays: owned(arrays),
        healths: owned(healths),
    }
}

#[test]
fn what_an_array_wrote_never_becomes_markup() {
    let html = everything();
    assert!(
        !html.contains("<script") && !html.contains("<b>\n") && !html.contains("&<b>"),
        "{html}"
    );
    assert!(!html.contains('\u{202e}'), "nothing turns the text around");
    let escaped = html
        .matches("&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;")
        .count();
    assert_eq!(escaped, 4, "object, name, note, error\n{html}");
}

#[test]
fn the_worst_comes_first_and_says_why() {
    let html = everything();
    let places: Vec<_> = [
        "data-standing=\"behind\"",
        "data-standing=\"unknown\"",
        "data-array=\"osl\"",
        "data-array=\"ams\"",
    ]
    .iter()
    .map(|text| html.find(text).expect("shown"))
    .collect();
    assert!(places.is_sorted(), "{places:?}");
    for text in [
        "recovery point 14:02:11Z is 1 h 52 m old; objective 1 h",
        "The sides disagree: nyc (source) says ok (established); ams (target) says failed (established).",
        "1 h 52 m of 1 h (186 %)",
        "unknown, last ok",
        "osl last said how it does at 15:00:00Z, 54 m 11 s ago (ok then)",
        "3 s behind",
        "expires 2026-12-01 00:00:00Z, in 9 d 8 h",
        "running, reprotect, 12 %, for 1 m",
        "▲ yes",
        "42 ms",
        "✕ failed: connect",
        "<title>1 behind, 1 unknown, 1 array down – replication status</title>",
    ] {
        assert!(html.contains(text), "not there: {text}\n{html}");
    }
}

#[test]
fn a_filter_shows_what_it_names_and_the_counts_of_everything() {
    let html = page(&asking(&[], &["unknown"]), "");
    assert!(!html.contains("data-standing=\"behind\"") && html.contains("data-standing=\"unknown\""));
    assert!(html.contains("<b data-count=\"behind\">1</b>"));
    assert!(html.contains("Only unknown: 1 of 2 relationships."), "{html}");
    let html = page(&asking(&["ams"], &[]), "");
    assert!(html.contains("data-array=\"ams\"") && !html.contains("data-array=\"nyc\""));
    assert!(html.contains("data-standing=\"behind\""), "one of its views is by ams");
    let ok_somewhere = page(&asking(&[], &["ok"]), "");
    assert!(ok_somewhere.contains("data-standing=\"behind\""), "the source says ok");
}

#[test]
fn refreshing_can_be_stopped_and_links_keep_the_filter() {
    assert!(everything().contains("<meta http-equiv=\"refresh\" content=\"15\">"));
    let stopped = page(&asking(&["ams"], &["failed"]), "refresh=off");
    assert!(!stopped.contains("http-equiv=\"refresh\""));
    assert!(stopped.contains("href=\"?array=ams&#38;health=failed\""), "{stopped}");
    assert!(
        stopped.contains("href=\"?array=ams&#38;health=behind&#38;refresh=off\""),
        "{stopped}"
    );
}

#[test]
fn a_page_has_an_end_and_a_next() {
    let one = overview().relationships.remove(0).views.remove(0);
    let views = (0..=MOST_ROWS).map(|number| {
        let mut view = one.clone();
        view.description.pair = format!("{number}");
        view
    });
    let many = Overview::new(at("2026-11-21T15:54:11Z"), vec![], views.collect());
    let page = |from| {
        let place = Place { from, refresh: true };
        let text = render(&many, &Filter::default(), place).expect("a page");
        String::from_utf8(text).expect("UTF-8")
    };
    let rows = |html: &str| html.matches("<tbody class=\"rel").count();
    let (first, second) = (page(0), page(MOST_ROWS));
    assert_eq!((rows(&first), rows(&second)), (MOST_ROWS, 1));
    assert!(first.contains("href=\"?from=500\"") && !second.contains("The next of"));
    assert_eq!(rows(&page(usize::MAX)), 0);
}

#[test]
fn nothing_known_is_said_in_words() {
    let empty = Overview::new(at("2026-11-21T15:54:11Z"), vec![], vec![]);
    let place = Place { from: 0, refresh: true };
    let html = String::from_utf8(render(&empty, &Filter::default(), place).expect("a page")).expect("UTF-8");
    assert!(html.contains("No relationship is known.") && html.contains("No array is configured."));
}
