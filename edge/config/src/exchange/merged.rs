//! Rows that are added to the point table there is, or take the place of those of the same tag.

use super::{
    POINT_TABLE, cells,
    incoming::{Incoming, Origin},
    outgoing::quote,
    with_table,
};
use crate::{
    files::Files,
    finding::{Errors, Finding},
    points::COLUMNS,
};
use std::collections::BTreeMap;

/// The merged table as text, and where its rows come from.
pub(super) struct Merged {
    pub(super) text: String,
    /// Of each line of the text.
    origins: Vec<Origin>,
}

impl Merged {
    /// Rows stay in the order of the present table; those of tags that it has not come after them.
    pub(super) fn of(files: &Files, incoming: &Incoming<'_>) -> Result<Self, Errors> {
        let coming = Files([(POINT_TABLE.to_owned(), incoming.text.clone().into_bytes())].into());
        let relocated = |errors: Errors| Errors(incoming.relocated(errors.0));
        with_table(files, |old| {
            with_table(&coming, |new| {
                let mut fresh: Vec<(u32, Vec<&str>)> = new.rows().map(|row| row.line()).zip(cells(new)).collect();
                let tags = new.rows().map(|row| row.cell("tag").text);
                // Of a tag that comes twice the check tells, as long as both rows are there.
                let places: BTreeMap<&str, usize> = tags.enumerate().map(|(at, tag)| (tag, at)).collect();
                let mut merged = Self { text: String::new(), origins: Vec::new() };
                let header = |name| new.header(name).or(old.header(name)).unwrap_or(name);
                merged.add(&COLUMNS.iter().map(|column| header(column.name)).collect::<Vec<_>>(), Origin::Came(1));
                let mut done = vec![false; fresh.len()];
                for (row, old) in old.rows().zip(cells(old)) {
                    match places.get(row.cell("tag").text) {
                        Some(&at) => {
                            merged.add(&fresh[at].1, Origin::Came(fresh[at].0));
                            done[at] = true;
                        }
                        None => merged.add(&old, Origin::Stays(row.line())),
                    }
                }
                let rest = fresh.drain(..).zip(done).filter(|(_, done)| !done);
                rest.for_each(|((line, cells), _)| merged.add(&cells, Origin::Came(line)));
                merged
            })
            .map_err(relocated)
        })?
    }

    fn add(&mut self, cells: &[&str], origin: Origin) {
        let line = cells.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join(",") + "\n";
        // A line break within a cell makes a row of several lines.
        self.origins.extend(line.matches('\n').map(|_| origin));
        self.text.push_str(&line);
    }

    /// Findings about the merged table as findings about the file that came, or about the present table: at the line, for the
    /// columns stand in another order.
    pub(super) fn relocated(&self, incoming: &Incoming<'_>, mut findings: Vec<Finding>) -> Vec<Finding> {
        findings.iter_mut().filter(|finding| finding.file == POINT_TABLE).for_each(|finding| finding.column = 1);
        incoming.relocated_from(findings, |line| self.origin(line))
    }

    fn origin(&self, line: u32) -> Origin {
        let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
        self.origins.get(at).copied().unwrap_or(Origin::Stays(line))
    }
}
