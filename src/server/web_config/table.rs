//! Reading keys out of the YAML tree, with every problem noted at its line and none of them quoting a value.
//!
//! Knows no key of the schema; the other files of this folder ask for theirs by name.

use super::yaml::{Entry, Node, Value};
use crate::config::{Problem, findings::nearest, key_path::KeyPath, problem::Place};
use std::path::PathBuf;

/// What is wrong with the file, collected on the way.
pub(super) struct Findings {
    pub(super) file: PathBuf,
    pub(super) problems: Vec<Problem>,
}

/// Where a value was written.
#[derive(Clone)]
pub(super) struct Spot {
    pub(super) key: KeyPath,
    pub(super) line: usize,
}

/// A mapping whose keys are taken out one by one; what is left at the end is unknown.
pub(super) struct Table {
    at: Spot,
    entries: Vec<Entry>,
    known: Vec<&'static str>,
}

/// A value under a key. An empty one (`key:`) is as good as none.
pub(super) struct Field {
    pub(super) at: Spot,
    value: Value,
}

impl Findings {
    pub(super) fn problem(&mut self, at: &Spot, message: impl Into<String>) {
        let place = Place::File {
            file: self.file.clone(),
            line: at.line,
        };
        self.problems.push(Problem::new(place, at.key.clone(), message));
    }

    /// A relative path begins at the folder of the file, as in Prometheus.
    pub(super) fn beside_the_file(&self, path: &str) -> PathBuf {
        self.file.parent().map_or_else(PathBuf::new, |folder| folder.join(path))
    }
}

impl Table {
    /// The document itself.
    pub(super) fn root(node: Node, findings: &mut Findings) -> Self {
        let at = Spot {
            key: KeyPath::root(),
            line: node.line,
        };
        let entries = match node.value {
            Value::Table(entries) => entries,
            Value::Nothing => vec![],
            other => {
                findings.problem(&at, format!("expected keys with values, found {}", other.kind()));
                vec![]
            }
        };
        Self {
            at,
            entries,
            known: vec![],
        }
    }

    pub(super) fn at(&self) -> &Spot {
        &self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether something is written under `name`.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.name == name && !entry.node.value.is_empty())
    }

    /// The value under `name`, if there is one.
    pub(super) fn take(&mut self, name: &'static str) -> Option<Field> {
        self.known.push(name);
        let position = self.entries.iter().position(|entry| entry.name == name)?;
        let entry = self.entries.remove(position);
        Some(self.field(entry)).filter(|field| !matches!(field.value, Value::Nothing))
    }

    /// All the keys, whatever their names.
    pub(super) fn into_fields(mut self) -> Vec<(String, Field)> {
        let entries = std::mem::take(&mut self.entries);
        entries
            .into_iter()
            .map(|entry| (entry.name.clone(), self.field(entry)))
            .collect()
    }

    /// Every key that nobody asked for is a problem.
    pub(super) fn finish(mut self, findings: &mut Findings) {
        for entry in std::mem::take(&mut self.entries) {
            let hint = match nearest(&entry.name, &self.known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the keys here are {}", self.known.join(", ")),
            };
            findings.problem(&self.field(entry).at, format!("unknown key; {hint}"));
        }
    }

    fn field(&self, entry: Entry) -> Field {
        Field {
            at: Spot {
                key: self.at.key.key(&entry.name),
                line: entry.line,
            },
            value: entry.node.value,
        }
    }
}

impl Field {
    /// A string; an empty one is as good as none, as in the toolkit.
    pub(super) fn text(self, findings: &mut Findings) -> Option<(String, Spot)> {
        match self.value {
            Value::Text(text) if text.is_empty() => None,
            Value::Text(text) => Some((text, self.at)),
            other => {
                findings.problem(&self.at, format!("expected a string, found {}", other.kind()));
                None
            }
        }
    }

    pub(super) fn flag(self, findings: &mut Findings) -> Option<bool> {
        match self.value {
            Value::Flag(flag) => Some(flag),
            other => {
                findings.problem(&self.at, format!("expected true or false, found {}", other.kind()));
                None
            }
        }
    }

    pub(super) fn number(self, findings: &mut Findings) -> Option<(f64, Spot)> {
        match self.value {
            Value::Number(number) => Some((number, self.at)),
            other => {
                findings.problem(&self.at, format!("expected a number, found {}", other.kind()));
                None
            }
        }
    }

    /// Whether it is the number 0, which stands for "no duration".
    pub(super) fn is_zero(&self) -> bool {
        matches!(self.value, Value::Number(0.0))
    }

    pub(super) fn texts(self, findings: &mut Findings) -> Vec<(String, Spot)> {
        let Value::List(nodes) = self.value else {
            findings.problem(&self.at, format!("expected a list, found {}", self.value.kind()));
            return vec![];
        };
        let elements = nodes.into_iter().enumerate().map(|(index, node)| Self {
            at: Spot {
                key: self.at.key.index(index),
                line: node.line,
            },
            value: node.value,
        });
        elements.filter_map(|element| element.text(findings)).collect()
    }

    pub(super) fn table(self, findings: &mut Findings) -> Option<Table> {
        match self.value {
            Value::Table(entries) => Some(Table {
                at: self.at,
                entries,
                known: vec![],
            }),
            other => {
                findings.problem(&self.at, format!("expected keys with values, found {}", other.kind()));
                None
            }
        }
    }
}

impl Value {
    fn is_empty(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Text(text) => text.is_empty(),
            _ => false,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Flag(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Table(_) => "keys with values",
        }
    }
}
