//! What is on the status page, in which order, and that nothing that an array wrote becomes markup.

use super::*;
use crate::server::status::fixture::{at, overview};

fn page(query: &str) -> String {
    let parameters: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let question = Question::from_query(&parameters).expect("a question");
    let text = render(&overview(), &question, &Links::default()).expect("a page");
    String::from_utf8(text).expect("UTF-8")
}

fn place(html: &str, text: &str) -> usize {
    html.find(text).unwrap_or_else(|| panic!("not there: {text}\n{html}"))
}

#[test]
fn what_an_array_wrote_never_becomes_markup() {
    let html = page("");
    let (own, rest) = html.split_at(place(&html, "<body"));
    let rest = rest.replace(&format!("<script>{}</script>", shell::SCRIPT), "");
    assert!(
        own.contains("<style>") && !rest.contains("<script") && !rest.contains("&<b>"),
        "{rest}"
    );
    assert!(!rest.contains('\u{202e}'), "nothing turns the text around");
    let escaped = rest
        .matches("&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;")
        .count();
    assert_eq!(
        escaped, 8,
        "note, name, object, two notices, two sections, an object that nothing replicates\n{rest}"
    );
}

#[test]
fn what_needs_a_person_comes_first_with_since_when_and_what_to_do() {
    let html = page("");
    let places = [
        "data-about=\"data_at_risk\"",
        "data-about=\"array_down\"",
        "data-about=\"section_failing\"",
        "data-count=\"no_copy\"",
        "<h2>Relationships",
    ];
    assert!(places.map(|text| place(&html, text)).is_sorted(), "{html}");
    for text in [
        "since 14:54:11Z, 1 h ago",
        "data is at risk: some of it is not fully protected; restriper running, reprotect, 12 %, for 1 m.",
        "→ look for a restart of the array",
        "nothing is read from it: connect:",
        "section restriper: forbidden:",
        "<title>1 array at risk, 1 array down, 1 behind, 1 unknown, 1 array with failing sections – replication status</title>",
    ] {
        place(&html, text);
    }
}

#[test]
fn a_section_that_fails_is_not_green_where_the_array_is_up() {
    let html = page("");
    let nyc = &html[place(&html, "id=\"array-nyc\"")..];
    let nyc = &nyc[..place(nyc, "</details>")];
    assert!(nyc.contains("<tr class=\"fails\"><td>restriper</td>"), "{nyc}");
    place(&html, "<details class=\"array part\" id=\"array-nyc\"");
    let css = shell::STYLE;
    assert!(css.contains(".sections tr.fails { --hue: var(--red); }"));
    assert!(
        !css.contains(".up .word"),
        "nothing colours the words inside by the array's state"
    );
}

#[test]
fn relationships_come_by_standing_worst_first_with_the_reason() {
    let html = page("");
    let places =
        ["behind", "unknown", "stopped", "protected"].map(|word| place(&html, &format!("data-standing=\"{word}\"")));
    assert!(places.is_sorted(), "{places:?}");
    place(
        &html,
        "The sides disagree: nyc (source) says ok (established); ams (target) says failed (established).",
    );
    place(&html, "1 h 52 m of 1 h");
    place(&html, "href=\"pair?pair=id\"");
}

#[test]
fn the_protected_are_folded_into_a_count_per_array_that_opens_without_script() {
    let html = page("");
    let fold = &html[place(&html, "<details class=\"group\" id=\"protected-nyc\">")..];
    assert!(fold.contains("1 protected</span></span> of nyc"), "{fold}");
    assert!(place(fold, "data-standing=\"protected\"") < place(fold, "</details>"));
    let asked = page("standing=protected");
    assert!(asked.contains("data-standing=\"protected\"") && !asked.contains("<details class=\"group\""));
}

#[test]
fn a_drill_reads_as_stopped() {
    let html = page("q=erp");
    place(&html, "data-standing=\"stopped\"");
    place(&html, "failed over");
    assert!(!html.contains("data-standing=\"behind\"") && !html.contains("The sides disagree"));
}

#[test]
fn a_filter_says_what_it_leaves_and_keeps_the_search_beside_it() {
    let html = page("standing=unknown");
    assert!(!html.contains("data-standing=\"behind\"") && html.contains("data-standing=\"unknown\""));
    place(&html, "<b data-count=\"behind\">1</b>");
    place(&html, "Only unknown: 1 relationship.");
    place(&html, "<input type=\"hidden\" name=\"standing\" value=\"unknown\">");
    place(&page("q=%3C\"x"), "value=\"%3C&#34;x\"");
}

#[test]
fn refreshing_can_be_stopped_and_links_keep_the_filter() {
    place(
        &page(""),
        "<noscript><meta http-equiv=\"refresh\" content=\"15\"></noscript>",
    );
    let stopped = page("array=ams&standing=behind&refresh=off");
    assert!(!stopped.contains("http-equiv=\"refresh\"") && !stopped.contains("data-refresh"));
    place(&stopped, "href=\"?array=ams&#38;standing=behind\"");
    place(&stopped, "href=\"?array=ams&#38;standing=no_copy&#38;refresh=off\"");
}

#[test]
fn every_link_is_relative() {
    for html in [page(""), page("array=nyc&refresh=off")] {
        let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let absolute: Vec<&str> = links
            .filter(|link| link.starts_with('/') || link.contains("://"))
            .collect();
        assert_eq!(absolute, Vec::<&str>::new());
    }
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
        let question = Question::default().starting_at(from);
        let text = render(&many, &question, &Links::default()).expect("a page");
        String::from_utf8(text).expect("UTF-8")
    };
    let rows = |html: &str| html.matches("<li class=\"rel ").count();
    let (first, second) = (page(0), page(MOST_ROWS));
    assert_eq!((rows(&first), rows(&second)), (MOST_ROWS, 1));
    assert!(first.contains("href=\"?from=500\"") && !second.contains("The next of"));
    assert_eq!(rows(&page(usize::MAX)), 0);
}

#[test]
fn nothing_known_is_said_in_words() {
    let empty = Overview::new(at("2026-11-21T15:54:11Z"), vec![], vec![]);
    let html = render(&empty, &Question::default(), &Links::default()).expect("a page");
    let html = String::from_utf8(html).expect("UTF-8");
    assert!(html.contains("No relationship is known.") && html.contains("No array is configured."));
    assert!(!html.contains("id=\"notices\""));
}
