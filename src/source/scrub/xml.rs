//! Rewrites the texts and attributes of an XML document and leaves the rest as it is. Comments go.

use super::{Leaf, secrets::is_secret_key};
use quick_xml::escape::{escape, unescape};

/// The document with every text and attribute replaced by what `leaf` makes of it.
pub(super) fn rewrite(text: &str, leaf: impl Fn(Leaf<'_>) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<(String, bool)> = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find('<').unwrap_or(rest.len());
        let (words, tag) = rest.split_at(end);
        let (key, secret) = open
            .last()
            .map_or(("", false), |(name, secret)| (name.as_str(), *secret));
        if words.trim().is_empty() {
            out.push_str(words);
        } else {
            out.push_str(&rewritten(key, secret, words, &leaf));
        }
        if tag.is_empty() {
            break;
        }
        let end = tag_end(tag);
        let (tag, after) = tag.split_at(end);
        rest = after;
        if tag.starts_with("<!--") {
        } else if let Some(words) = tag.strip_prefix("<![CDATA[") {
            let words = words.strip_suffix("]]>").unwrap_or(words);
            let value = leaf(Leaf {
                key,
                secret,
                value: words,
            });
            out.push_str(&escape(&value));
        } else if tag.starts_with("<?") || tag.starts_with("<!") {
            out.push_str(tag);
        } else if tag.starts_with("</") {
            open.pop();
            out.push_str(tag);
        } else {
            let name = tag[1..]
                .split(|c: char| c.is_whitespace() || c == '/' || c == '>')
                .next();
            let name = local(name.unwrap_or_default()).to_owned();
            let secret = secret || is_secret_key(&name);
            out.push_str(&attributes(tag, secret, &leaf));
            if !tag.ends_with("/>") {
                open.push((name, secret));
            }
        }
    }
    out
}

/// The tag with its attributes rewritten.
fn attributes(tag: &str, secret: bool, leaf: &impl Fn(Leaf<'_>) -> String) -> String {
    let mut out = String::with_capacity(tag.len());
    let mut rest = tag;
    while let Some(start) = rest.find(['"', '\'']) {
        let (before, quoted) = rest.split_at(start);
        let quote = &quoted[..1];
        let name = before.trim_end().trim_end_matches('=').trim_end();
        let name = name.rsplit(char::is_whitespace).next().unwrap_or_default();
        // A tag that is cut short may end in the middle of a value.
        let closed = quoted[1..].split_once(quote);
        let (value, after) = closed.unwrap_or((&quoted[1..], ""));
        out.push_str(before);
        out.push_str(quote);
        if name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xsi:") {
            out.push_str(value);
        } else {
            let name = local(name);
            out.push_str(&rewritten(name, secret || is_secret_key(name), value, leaf));
        }
        if closed.is_some() {
            out.push_str(quote);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn rewritten(key: &str, secret: bool, escaped: &str, leaf: &impl Fn(Leaf<'_>) -> String) -> String {
    let value = unescape(escaped).map_or_else(|_| escaped.to_owned(), std::borrow::Cow::into_owned);
    let new = leaf(Leaf {
        key,
        secret,
        value: &value,
    });
    if new == value {
        // As it was spelled.
        escaped.to_owned()
    } else {
        escape(&new).into_owned()
    }
}

/// Where the tag at the start of `text` ends. A `>` may stand in an attribute.
fn tag_end(text: &str) -> usize {
    for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>")] {
        if text.starts_with(start) {
            return text.find(end).map_or(text.len(), |at| at + end.len());
        }
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '>') => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
