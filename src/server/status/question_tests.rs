//! What a URL asks for, and what is no question.

use super::*;
use crate::server::status::fixture::overview;

fn asked(query: &str) -> Result<Question, Wrong> {
    let parameters: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    Question::from_query(&parameters)
}

fn found(query: &str) -> Vec<String> {
    let question = asked(query).expect("a question");
    let overview = overview();
    let pairs = overview.relationships.iter().filter(|pair| question.wants(pair));
    pairs.map(|pair| pair.lead().description.pair.clone()).collect()
}

#[test]
fn every_condition_must_hold() {
    assert_eq!(found("").len(), 4);
    assert_eq!(found("array=osl"), ["other"]);
    assert_eq!(found("standing=behind"), ["id"]);
    assert_eq!(found("standing=behind&standing=stopped"), ["id", "drill"]);
    assert_eq!(found("standing=behind&array=osl"), Vec::<String>::new());
}

#[test]
fn a_search_is_for_a_part_of_any_name_in_any_case() {
    for part in ["HOME", "nyc:/h", " ams ", "/Home->"] {
        assert!(found(&format!("q={part}")).contains(&"id".to_owned()), "{part}");
    }
    assert_eq!(found("q=no such thing"), Vec::<String>::new());
    assert_eq!(found("q=").len(), 4, "nothing typed is nothing asked");
}

#[test]
fn what_is_no_number_or_no_standing_is_refused() {
    for (query, key) in [
        ("from=-1", "from"),
        ("from=x", "from"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
    ] {
        assert_eq!(asked(query), Err(Wrong::Number(key)), "{query}");
    }
    assert_eq!(asked("standing=fine"), Err(Wrong::Standing("fine".to_owned())));
    assert_eq!(
        asked("limit=0&from=7").map(|question| (question.limit, question.from)),
        Ok((Some(0), 7))
    );
}

#[test]
fn a_link_says_again_what_was_asked() {
    let question = asked("array=nyc&standing=no_copy&q=a b&from=5&refresh=off").expect("a question");
    assert_eq!(
        question.link(),
        "?array=nyc&standing=no_copy&q=a%20b&from=5&refresh=off"
    );
    assert_eq!(
        question.with_standing(Standing::Behind).link(),
        "?array=nyc&standing=behind&q=a%20b&refresh=off"
    );
    assert_eq!(question.without_conditions().link(), "?refresh=off");
}
