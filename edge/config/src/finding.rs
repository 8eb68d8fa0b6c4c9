//! What was found, and where. A finding says what is wrong and what to do about it; errors refuse a configuration,
//! warnings do not.

use crate::{files::TextFile, limits, similar};
use std::{
    cell::{Cell, RefCell},
    fmt,
};

/// Something found in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file's name within the folder, `risk/units.csv`.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
    /// What, and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// Everything that is wrong with a configuration, sorted by file, line and column; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors(pub Vec<Finding>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, finding) in self.0.iter().enumerate() {
            let end = if at == 0 { "" } else { "\n" };
            write!(f, "{end}{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}

/// A place in a file, which findings are reported at. The line and the column are only counted when one is.
#[derive(Clone, Copy)]
pub(crate) struct Spot<'a> {
    file: &'a TextFile<'a>,
    at: usize,
}

impl<'a> Spot<'a> {
    pub(crate) fn new(file: &'a TextFile<'a>, at: usize) -> Self {
        Self { file, at }
    }

    /// Where a text begins in the file that stands here, behind its quotes and blanks; `None` where it is written otherwise.
    pub(crate) fn begin_of(self, text: &str) -> Option<usize> {
        let rest = self.file.text.get(self.at..)?;
        let begin = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).len();
        rest[begin..].starts_with(text).then_some(self.at + begin)
    }

    /// What tells it from any other place.
    pub(crate) fn key(self) -> (&'a str, usize) {
        (self.file.name, self.at)
    }

    /// Another place in the same file.
    pub(crate) fn moved_to(self, at: usize) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn error(self, message: impl fmt::Display) {
        self.file.sink.errors.add(|| self.finding(message));
    }

    pub(crate) fn warn(self, message: impl fmt::Display) {
        self.file.sink.warnings.add(|| self.finding(message));
    }

    /// `; did you mean x?`, or nothing.
    pub(crate) fn suggest<'c>(self, word: &str, candidates: impl ExactSizeIterator<Item = &'c str>) -> Option<String> {
        let affordable =
            self.file.sink.errors.len() < limits::SUGGESTIONS_MAX && candidates.len() <= limits::CANDIDATES_MAX;
        let closest = if affordable { similar::closest(word, candidates) } else { None };
        closest.map(|closest| format!("; did you mean {closest}?"))
    }

    /// `tags.csv:12`.
    pub(crate) fn line(self) -> String {
        format!("{}:{}", self.file.name, self.file.place(self.at).0)
    }

    /// Line and column, both from 1.
    pub(crate) fn place(self) -> (u32, u32) {
        self.file.place(self.at)
    }

    fn finding(self, message: impl fmt::Display) -> Finding {
        let (line, column) = self.place();
        Finding { file: self.file.name.to_owned(), line, column, message: message.to_string() }
    }
}

/// Where findings are collected.
#[derive(Default)]
pub(crate) struct Sink {
    errors: List,
    warnings: List,
}

impl Sink {
    /// An error about a file as a whole, perhaps one that is not there.
    pub(crate) fn file_error(&self, file: &str, message: impl fmt::Display) {
        self.errors.add(|| Finding { file: file.to_owned(), line: 1, column: 1, message: message.to_string() });
    }

    /// An error at a place that no text can be made of.
    pub(crate) fn place_error(&self, file: &str, (line, column): (u32, u32), message: impl fmt::Display) {
        self.errors.add(|| Finding { file: file.to_owned(), line, column, message: message.to_string() });
    }

    /// Errors and warnings, sorted.
    pub(crate) fn into_findings(self) -> (Vec<Finding>, Vec<Finding>) {
        (self.errors.into_sorted(), self.warnings.into_sorted())
    }
}

#[derive(Default)]
struct List {
    findings: RefCell<Vec<Finding>>,
    unlisted: Cell<usize>,
}

impl List {
    fn len(&self) -> usize {
        self.findings.borrow().len()
    }

    fn add(&self, finding: impl FnOnce() -> Finding) {
        if self.len() < limits::FINDINGS_MAX {
            self.findings.borrow_mut().push(finding());
        } else {
            self.unlisted.set(self.unlisted.get() + 1);
        }
    }

    fn into_sorted(self) -> Vec<Finding> {
        let mut findings = self.findings.into_inner();
        findings.sort();
        findings.dedup();
        if let (Some(last), unlisted @ 1..) = (findings.last().cloned(), self.unlisted.get()) {
            findings.push(Finding { message: format!("{unlisted} more are not listed; correct these first"), ..last });
        }
        findings
    }
}
