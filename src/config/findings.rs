//! What a check of the configuration has found so far, and how a key's value is read from the file as written.
//!
//! Holds no rule: the files in `check` do.

use super::{
    authorities::CaFiles,
    checked::Checked,
    environment::Environment,
    key_path::{KeyPath, Lines},
    problem::{Place, Problem},
    raw::OtherKeys,
};
use std::path::{Path, PathBuf};

/// How alike an unknown key and a known one must be for a "did you mean", from 0 to 1.
const ALIKE: f64 = 0.8;

/// Problems and warnings, and what is needed to say where they are.
pub(crate) struct Findings<'a> {
    file: &'a Path,
    lines: &'a Lines,
    environment: &'a Environment,
    /// The CA files, each read once.
    pub(crate) ca_files: CaFiles,
    /// What must be mended.
    pub(crate) problems: Vec<Problem>,
    /// What works, and should be known.
    pub(crate) warnings: Vec<Problem>,
}

/// One key: not there, there but of the wrong type (which is told already), or there, with its place.
#[derive(Clone, Debug)]
pub(crate) enum Setting<T> {
    /// Not there.
    Unset,
    /// There, but of the wrong type.
    Unusable,
    /// There.
    Set(T, KeyPath),
}

impl<'a> Findings<'a> {
    pub(crate) fn new(file: &'a Path, lines: &'a Lines, environment: &'a Environment) -> Self {
        let (problems, warnings) = (Vec::new(), Vec::new());
        Self {
            file,
            lines,
            environment,
            ca_files: CaFiles::default(),
            problems,
            warnings,
        }
    }

    /// Something that must be mended.
    pub(crate) fn problem(&mut self, at: &KeyPath, message: impl Into<String>) {
        let problem = Problem::new(self.place(at), at.clone(), message);
        self.problems.push(problem);
    }

    /// Something that works, and should be known.
    pub(crate) fn warning(&mut self, at: &KeyPath, message: impl Into<String>) {
        let warning = Problem::new(self.place(at), at.clone(), message);
        self.warnings.push(warning);
    }

    /// What is wrong with the variables themselves, whichever key they set.
    pub(crate) fn variables(&mut self) {
        let about = |name: &String, message| Problem::new(Place::Variable(name.clone()), KeyPath::root(), message);
        for name in self.environment.ignored() {
            let message = "is ignored: the environment reaches [poll] only";
            self.warnings.push(about(name, message));
        }
        for name in self.environment.not_utf8() {
            self.problems.push(about(name, "is not UTF-8"));
        }
    }

    /// The value of `key` in the table at `table`; a wrong type is a problem.
    pub(crate) fn read<T>(&mut self, table: &KeyPath, key: &str, written: Option<Checked<T>>) -> Setting<T> {
        let at = table.key(key);
        match written {
            None => Setting::Unset,
            Some(checked) => match self.good(&at, checked) {
                Some(value) => Setting::Set(value, at),
                None => Setting::Unusable,
            },
        }
    }

    /// A value of the right type; any other is a problem.
    pub(crate) fn good<T>(&mut self, at: &KeyPath, checked: Checked<T>) -> Option<T> {
        match checked {
            Checked::Good(value) => Some(value),
            Checked::Bad(message) => {
                self.problem(at, message);
                None
            }
        }
    }

    /// The good ones of an array's elements, each with its place; the others are problems.
    pub(crate) fn elements<T>(&mut self, at: &KeyPath, elements: Vec<Checked<T>>) -> Vec<(T, KeyPath)> {
        elements
            .into_iter()
            .enumerate()
            .filter_map(|(index, element)| {
                let at = at.index(index);
                self.good(&at, element).map(|value| (value, at))
            })
            .collect()
    }

    /// Every key that is unknown is a problem.
    pub(crate) fn unknown_keys(&mut self, table: &KeyPath, unknown: &OtherKeys, known: &[&str]) {
        for (key, _) in &unknown.0 {
            let hint = match nearest(key, known) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => format!("; the keys here are {}", known.join(", ")),
            };
            self.problem(&table.key(key), format!("unknown key{hint}"));
        }
    }

    /// Where a key was written: a variable where one sets it, else the file.
    pub(crate) fn place(&self, at: &KeyPath) -> Place {
        match at.poll_key().and_then(|key| self.environment.variable_for(key)) {
            Some(variable) => Place::Variable(variable.to_owned()),
            None => Place::File {
                file: self.file.to_owned(),
                line: self.lines.line_of(at),
            },
        }
    }

    /// A path as Prometheus takes them: relative to the folder of the configuration file.
    pub(crate) fn beside_the_file(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(path)
    }
}

impl<T> Setting<T> {
    /// Whether the key is there, whatever its value.
    pub(crate) fn is_written(&self) -> bool {
        !matches!(self, Self::Unset)
    }

    /// The value, if there is a usable one.
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Set(value, _) => Some(value),
            Self::Unset | Self::Unusable => None,
        }
    }

    /// This setting where it is written, else `base`.
    #[must_use]
    pub(crate) fn or(self, base: &Self) -> Self
    where
        T: Clone,
    {
        if self.is_written() { self } else { base.clone() }
    }
}

/// The known key that an unknown one is most like.
pub(crate) fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let key = key.to_ascii_lowercase().replace('-', "_");
    known
        .iter()
        .map(|&candidate| (candidate, strsim::jaro_winkler(&key, candidate)))
        .filter(|(_, likeness)| *likeness >= ALIKE)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(candidate, _)| candidate)
}
