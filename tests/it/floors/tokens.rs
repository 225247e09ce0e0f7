//! Rust as tokens: names, `::`, strings and single signs, with their lines; comments are gone. Enough to read paths.

/// One token and where it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// The tokens of a file. A string is one token that begins with a quote.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => string(rest, 1),
            'r' | 'b' | 'c' if prefix_of_string(rest).is_some() => prefix_of_string(rest).unwrap_or(1),
            '\'' => character(rest),
            _ if is_name(first) => rest.find(|sign| !is_name(sign)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        let (text, after) = rest.split_at(length);
        if !first.is_whitespace() && !text.starts_with("//") && !text.starts_with("/*") {
            found.push(Token {
                text: text.to_owned(),
                line,
            });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    found
}

fn is_name(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// The length of a string whose text begins at `from`.
fn string(rest: &str, from: usize) -> usize {
    let mut escaped = false;
    for (at, sign) in rest.char_indices().skip_while(|(at, _)| *at < from) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of `r"…"`, `r#"…"#`, `b"…"` and the like, if `rest` begins with one.
fn prefix_of_string(rest: &str) -> Option<usize> {
    let letters = rest.find(|sign: char| !matches!(sign, 'r' | 'b' | 'c'))?;
    let hashes = rest[letters..].chars().take_while(|sign| *sign == '#').count();
    let quote = letters + hashes;
    if letters > 2 || !rest[quote..].starts_with('"') {
        return None;
    }
    if !rest[..letters].contains('r') {
        return (hashes == 0).then(|| string(rest, quote + 1));
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let close = rest[quote + 1..].find(&end)?;
    Some(quote + 1 + close + end.len())
}

/// The length of `'x'` or `'\n'`; of a lifetime's tick alone.
fn character(rest: &str) -> usize {
    let mut signs = rest.char_indices().skip(1);
    match (signs.next(), signs.next()) {
        (Some((_, '\\')), _) => rest[3..].find('\'').map_or(rest.len(), |end| end + 4),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[test]
fn comments_and_strings_hide_nothing_and_show_nothing() {
    let source =
        "use a::b; // crate::c\n/* crate::d\n */ let x = (\"crate::\\\"e\", r#\"crate::\"f\"#, '\"', '\\'', &'a g);";
    let found = tokens(source);
    let names: Vec<&str> = found.iter().map(|token| token.text.as_str()).collect();
    assert!(names.contains(&"g") && names.contains(&"::"), "{names:?}");
    assert!(!names.contains(&"crate"), "{names:?}");
    assert_eq!(found.last().map(|token| token.line), Some(3));
}
