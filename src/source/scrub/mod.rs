//! Takes secrets, and if asked names too, out of what an array answered. Pure: `record` calls it for whole documents; the
//! session lets every answer through `KnownSecrets`.
//!
//! Works on the text, not on parsed values: what a recording is for (a number too large, a key twice, a document cut short)
//! must survive it.

mod json;
mod known;
mod names;
mod secrets;
mod xml;

pub(crate) use known::KnownSecrets;
pub use names::Names;

use secrets::Secrets;
use std::sync::{Arc, Mutex, PoisonError};

/// What stands where a secret stood.
const SCRUBBED: &str = "scrubbed";

/// A kind of document that can be scrubbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

impl Form {
    /// The form of a document; `None` for a web page and anything else.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let start = text.trim_start_matches('\u{feff}').trim_start();
        let lower: String = start.chars().take(15).collect::<String>().to_ascii_lowercase();
        if lower.starts_with("<!doctype") || lower.starts_with("<html") {
            return None;
        }
        match start.chars().next() {
            Some('{' | '[') => Some(Self::Json),
            Some('<') => Some(Self::Xml),
            _ => None,
        }
    }

    /// The ending of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }
}

/// Scrubs what one array answers.
#[derive(Debug)]
pub struct Scrubber {
    secrets: Secrets,
    /// Shared by the arrays of a recording; `None`: names stay.
    names: Option<Arc<Mutex<Names>>>,
}

/// A text somewhere in a document.
#[derive(Clone, Copy, Debug)]
struct Leaf<'a> {
    /// The nearest key, attribute or element.
    key: &'a str,
    /// Whether it, or one around it, is of a secret.
    secret: bool,
    value: &'a str,
}

impl Scrubber {
    /// A scrubber that knows no secret by value yet.
    #[must_use]
    pub fn new(names: Option<Arc<Mutex<Names>>>) -> Self {
        Self {
            secrets: Secrets::default(),
            names,
        }
    }

    /// This text is a secret wherever it occurs.
    pub fn secret(&mut self, text: &str) {
        self.secrets.learn(text);
    }

    /// So is what this header carries.
    pub fn header(&mut self, value: &str) {
        self.secrets.learn_header(value);
    }

    /// This text is a name, whatever it looks like.
    pub fn name(&mut self, text: &str) {
        self.with_names(|names| {
            names.learn(text);
        });
    }

    /// What the array is called in the recording.
    pub fn array(&mut self, name: &str) -> String {
        self.with_names(Names::array).unwrap_or_else(|| name.to_owned())
    }

    /// A path with its query.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        let path = self.secrets.replace(path);
        self.with_names(|names| names.request(&path)).unwrap_or(path)
    }

    /// A short text that is no name.
    #[must_use]
    pub fn plain(&self, text: &str) -> String {
        self.secrets.replace(text)
    }

    /// A whole document.
    #[must_use]
    pub fn document(&self, form: Form, text: &str) -> String {
        let leaf = |leaf: Leaf<'_>| self.leaf(leaf);
        match form {
            Form::Json => json::rewrite(text, leaf),
            Form::Xml => xml::rewrite(text, leaf),
        }
    }

    fn leaf(&self, leaf: Leaf<'_>) -> String {
        if leaf.value.is_empty() {
            return String::new();
        }
        if leaf.secret {
            return SCRUBBED.to_owned();
        }
        let text = self.secrets.replace(leaf.value);
        self.with_names(|names| names.text(leaf.key, &text)).unwrap_or(text)
    }

    fn with_names<T>(&self, act: impl FnOnce(&mut Names) -> T) -> Option<T> {
        let names = self.names.as_ref()?;
        Some(act(&mut names.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

#[cfg(test)]
mod tests;
