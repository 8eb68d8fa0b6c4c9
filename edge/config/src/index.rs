//! The ids of one kind: unique, and found by those that refer to them.

use crate::text::{Text, quoted};
use std::collections::BTreeMap;

/// Ids with their positions.
pub(crate) struct Index<'a> {
    /// What they name, for messages: `risk unit`.
    kind: &'static str,
    /// Where they are defined, for messages: `risk/units.csv`.
    home: &'static str,
    /// All of them could be read. If not, a missing one may well be among the others and is not reported.
    complete: bool,
    ids: BTreeMap<&'a str, (usize, Text<'a>)>,
}

impl<'a> Index<'a> {
    pub(crate) fn new(kind: &'static str, home: &'static str, complete: bool) -> Self {
        Self { kind, home, complete, ids: BTreeMap::new() }
    }

    /// Adds an id, even one of wrong characters, so that those who refer to it are not reported as well. Whether it is new.
    pub(crate) fn add(&mut self, id: Text<'a>, position: usize) -> bool {
        if id.text.is_empty() {
            self.complete = false;
            return false;
        }
        if let Some((_, first)) = self.ids.get(id.text) {
            id.wrong(format_args!(
                "{} stands already in {}; rename or remove one of the two",
                quoted(id.text),
                first.spot.line()
            ));
            return false;
        }
        self.ids.insert(id.text, (position, id));
        true
    }

    /// Whether all of them could be read.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// The ids.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.ids.keys().copied()
    }

    /// The position of an id, if it is one.
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.ids.get(id).map(|&(position, _)| position)
    }

    /// The position of the id that a text refers to.
    pub(crate) fn find(&self, reference: Text<'_>) -> Option<usize> {
        let found = self.ids.get(reference.text).map(|&(position, _)| position);
        if found.is_none() && self.complete {
            let suggestion = reference.spot.suggest(reference.text, self.ids.keys().copied());
            let advice = suggestion.unwrap_or_else(|| "; correct it or add it there".to_owned());
            reference.wrong(format_args!("{} is not a {} of {}{advice}", quoted(reference.text), self.kind, self.home));
        }
        found
    }
}
