//! The arrows of a file: every path that begins with `crate`, `super` or the crate's name, in a `use` or elsewhere, as
//! the path from the crate's root. What stands under `#[cfg(test)]` is left out, the files that such a `mod` names too.

use super::tokens::{Token, tokens};
use std::path::{Path, PathBuf};

/// A file below `src`.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// One path that a file names.
#[derive(Clone, Debug)]
pub(super) struct Arrow {
    pub(super) file: PathBuf,
    pub(super) line: usize,
    /// The module that names it, from the crate's root.
    pub(super) from: Vec<String>,
    /// What is named, from the crate's root.
    pub(super) to: Vec<String>,
}

/// Every arrow of what is no test.
pub(super) fn arrows(sources: &[Source]) -> Vec<Arrow> {
    let mut files = Vec::new();
    let mut of_tests = Vec::new();
    for source in sources {
        let mut kept = tokens(&source.text);
        without_tests(&mut kept, &source.path, &mut of_tests);
        files.push((source, kept));
    }
    let is_test = |path: &Path| {
        of_tests
            .iter()
            .any(|test| path.starts_with(test) || path == test.with_extension("rs"))
    };
    let product = files.iter().filter(|(source, _)| !is_test(&source.path));
    product.flat_map(|(source, kept)| of_file(&source.path, kept)).collect()
}

/// The module that a file is, from the crate's root: `src/server/web.rs` is server, web.
pub(super) fn module(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix("src").unwrap_or(path).with_extension("");
    let mut module: Vec<String> = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

/// Removes what stands under `#[cfg(test)]`, and notes the files of modules among it, without their extension.
fn without_tests(tokens: &mut Vec<Token>, file: &Path, of_tests: &mut Vec<PathBuf>) {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let is = |tokens: &[Token], at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text == text);
    let mut at = 0;
    while at < tokens.len() {
        if !TEST
            .iter()
            .enumerate()
            .all(|(offset, text)| is(tokens, at + offset, text))
        {
            at += 1;
            continue;
        }
        let mut depth = 0_usize;
        let mut end = at + TEST.len();
        while end < tokens.len() {
            match tokens[end].text.as_str() {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            end += 1;
            let last = &tokens[end - 1].text;
            if depth == 0 && (last == ";" || last == "}") {
                break;
            }
        }
        let item: Vec<Token> = tokens.drain(at..end).collect();
        if let [.., name, semicolon] = &item[..]
            && semicolon.text == ";"
            && item.iter().any(|token| token.text == "mod")
        {
            of_tests.push(file_of_module(file, &item, &name.text));
        }
    }
}

fn file_of_module(file: &Path, item: &[Token], name: &str) -> PathBuf {
    let folder = file.parent().unwrap_or(file);
    match item.iter().find(|token| token.text.starts_with('"')) {
        Some(path) => folder.join(path.text.trim_matches('"')).with_extension(""),
        None if file.ends_with("mod.rs") || file.ends_with("lib.rs") => folder.join(name),
        None => file.with_extension("").join(name),
    }
}

fn of_file(file: &Path, tokens: &[Token]) -> Vec<Arrow> {
    let from = module(file);
    let mut found = Vec::new();
    let mut at = 0;
    while at + 1 < tokens.len() {
        let begins = matches!(tokens[at].text.as_str(), "crate" | "super" | "replication_exporter");
        let goes_on = at > 0 && tokens[at - 1].text == "::";
        if !begins || goes_on || tokens[at + 1].text != "::" {
            at += 1;
            continue;
        }
        let mut base = match tokens[at].text.as_str() {
            "super" => from[..from.len().saturating_sub(1)].to_vec(),
            _ => Vec::new(),
        };
        at += 2;
        while tokens.get(at).is_some_and(|token| token.text == "super") {
            base.pop();
            at += 2;
        }
        let mut paths = Vec::new();
        at = tree(tokens, at, base, &mut paths);
        found.extend(paths.into_iter().map(|(line, to)| Arrow {
            file: file.to_owned(),
            line,
            from: from.clone(),
            to,
        }));
    }
    found
}

/// Reads `a::b`, `{a, b::c}` and what is made of them; gives where it ends.
fn tree(tokens: &[Token], mut at: usize, mut path: Vec<String>, found: &mut Vec<(usize, Vec<String>)>) -> usize {
    let mut line = tokens.get(at).map_or(0, |token| token.line);
    while let Some(token) = tokens.get(at) {
        if token.text == "{" {
            at += 1;
            while tokens.get(at).is_some_and(|token| token.text != "}") {
                at = tree(tokens, at, path.clone(), found);
                while tokens
                    .get(at)
                    .is_some_and(|token| token.text != "," && token.text != "}")
                {
                    at += 1;
                }
                at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
            }
            return at + 1;
        }
        // What is exported by `#[macro_export]` is in no room.
        if path.is_empty() && tokens.get(at + 1).is_some_and(|next| next.text == "!") {
            return at + 1;
        }
        line = token.line;
        path.push(token.text.clone());
        at += 1;
        if tokens.get(at).is_none_or(|next| next.text != "::") {
            break;
        }
        at += 1;
    }
    found.push((line, path));
    at
}
