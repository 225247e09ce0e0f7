//! What `doctor` prints: lines with a verdict, aligned, each failure with its remedy. Knows no array.

use std::fmt;

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and deserves a look.
    Warn,
    /// It does not work.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        })
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How it went.
    pub verdict: Verdict,
    /// What was checked, such as `dns`.
    pub check: &'static str,
    /// What was found. Holds no secret.
    pub detail: String,
    /// What to do about it; there wherever it is not fine.
    pub remedy: Option<String>,
}

impl Line {
    /// As it should be.
    pub fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Ok,
            check,
            detail: detail.into(),
            remedy: None,
        }
    }

    /// It works, and deserves a look.
    pub fn warn(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Warn,
            remedy: Some(remedy.into()),
            ..Self::ok(check, detail)
        }
    }

    /// It does not work.
    pub fn fail(check: &'static str, detail: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fail,
            ..Self::warn(check, detail, remedy)
        }
    }
}

/// Everything about one array.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its name.
    pub array: String,
    /// Its vendor's name.
    pub vendor: &'static str,
    /// The checks, in the order in which they were made.
    pub lines: Vec<Line>,
    /// What to type on the array for what is missing there, if that is asked for.
    pub commands: Vec<String>,
}

impl Report {
    /// Whether any check failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.lines.iter().any(|line| line.verdict == Verdict::Fail)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<4}  {}  {}", self.verdict, self.check, self.detail)?;
        self.remedy
            .as_ref()
            .map_or(Ok(()), |remedy| write!(f, "\n      -> {remedy}"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.array, self.vendor)?;
        let width = self.lines.iter().map(|line| line.check.len()).max().unwrap_or_default();
        for line in &self.lines {
            writeln!(f, "  {:<4}  {:<width$}  {}", line.verdict, line.check, line.detail)?;
            if let Some(remedy) = &line.remedy {
                writeln!(f, "        {:<width$}  -> {remedy}", "")?;
            }
        }
        if !self.commands.is_empty() {
            writeln!(f, "\n  # as the array's administrator:")?;
        }
        for command in &self.commands {
            writeln!(f, "  {command}")?;
        }
        writeln!(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_failures_tell_what_to_do() {
        let report = Report {
            array: "a".to_owned(),
            vendor: "qumulo",
            lines: vec![
                Line::ok("dns", "192.0.2.1"),
                Line::fail("log-on", "refused", "check it"),
            ],
            commands: Vec::new(),
        };
        let expected =
            "a (qumulo)\n  ok    dns     192.0.2.1\n  FAIL  log-on  refused\n                -> check it\n\n";
        assert_eq!(report.to_string(), expected);
        assert!(report.failed());
    }
}
