//! What a look at a server found, as rows of the point table.

use super::{Format, Header, POINT_TABLE, cells, outgoing::quote, written};
use crate::{
    files::Files,
    finding::Errors,
    limits,
    points::{COLUMNS, ENGINEERING_UNIT_CHARS_MAX},
};
use std::collections::{BTreeMap, BTreeSet};

/// A value that a server has, for a row of the point table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proposal {
    /// The browse names down to it, its own last; the tag's id is made of them.
    pub path: Vec<String>,
    /// What people call it.
    pub name: String,
    /// Where it is read.
    pub address: String,
    /// The same place as it may be written as well, by the index of its namespace.
    pub also: String,
    /// Its unit; empty without one.
    pub engineering_unit: String,
    /// Its range.
    pub range: Option<(f64, f64)>,
}

/// A row for the point table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProposedRow {
    /// Its cells that are not empty, by the English names of the columns.
    pub cells: BTreeMap<&'static str, String>,
    /// Whether the point table has it already, as it is here.
    pub is_known: bool,
}

/// A point table of what was found at a source, with every column, to be filled in and imported; and how many of its rows the
/// point table in `files` has already, which stand there as they are. The others have no limits and no measure yet.
///
/// # Errors
/// Where the present table cannot be split into cells.
pub fn propose(
    files: &Files,
    source: &str,
    found: &[Proposal],
    form: (Format, Header),
) -> Result<(Vec<u8>, usize), Errors> {
    let rows = rows(files, source, found, &[])?;
    let known = rows.iter().filter(|(_, is_known)| *is_known).count();
    let header = COLUMNS.iter().map(|column| column.name.to_owned()).collect::<Vec<_>>();
    let lines = std::iter::once(header).chain(rows.into_iter().map(|(row, _)| row));
    let text: String =
        lines.map(|row| row.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join(",") + "\n").collect();
    let table = Files([(POINT_TABLE.to_owned(), text.into_bytes())].into());
    Ok((written(&table, form)?, known))
}

/// The rows of [`propose`], one for each that was found. No id of `taken` is given to one of them: such rows are on their way into the
/// table.
///
/// # Errors
/// Those of [`propose`].
pub fn proposed_rows(
    files: &Files,
    source: &str,
    found: &[Proposal],
    taken: &[String],
) -> Result<Vec<ProposedRow>, Errors> {
    let named =
        |row: Vec<String>| COLUMNS.iter().map(|column| column.name).zip(row).filter(|(_, cell)| !cell.is_empty());
    let rows = rows(files, source, found, taken)?;
    Ok(rows.into_iter().map(|(row, is_known)| ProposedRow { cells: named(row).collect(), is_known }).collect())
}

/// The cells of a row for each, in the order of the columns, and whether the table has it.
fn rows(files: &Files, source: &str, found: &[Proposal], taken: &[String]) -> Result<Vec<(Vec<String>, bool)>, Errors> {
    let present = super::with_table(files, |sheet| {
        cells(sheet).map(|row| row.into_iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>()
    })?;
    let at = |column: &str| COLUMNS.iter().position(|known| known.name == column).unwrap_or_default();
    let (tag, source_at, address_at) = (at("tag"), at("source"), at("address"));
    let mine = present.iter().filter(|row| row[source_at] == source);
    let known: BTreeMap<&str, &Vec<String>> = mine.map(|row| (row[address_at].as_str(), row)).collect();
    let row_of =
        |found: &Proposal| known.get(found.address.as_str()).or_else(|| known.get(found.also.as_str())).copied();
    let taken: BTreeSet<&str> =
        present.iter().map(|row| row[tag].as_str()).chain(taken.iter().map(String::as_str)).collect();
    let fresh: Vec<&Proposal> = found.iter().filter(|found| row_of(found).is_none()).collect();
    let mut ids = ids(&fresh, &taken).into_iter();
    let row = |found: &Proposal| match row_of(found) {
        Some(row) => (row.clone(), true),
        None => (proposed(found, source, ids.next().unwrap_or_default()), false),
    };
    Ok(found.iter().map(row).collect())
}

fn proposed(found: &Proposal, source: &str, id: String) -> Vec<String> {
    let range = found.range.filter(|(low, high)| low < high && low.is_finite() && high.is_finite());
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let name = one_line(&found.name, limits::NAME_CHARS_MAX);
    let cell = |column: &str| match column {
        "name" if name.is_empty() => id.clone(),
        "name" => name.clone(),
        "tag" => id.clone(),
        "source" => source.to_owned(),
        "address" => found.address.clone(),
        "engineering_unit" => one_line(&found.engineering_unit, ENGINEERING_UNIT_CHARS_MAX),
        "range_low" => number(range.map(|range| range.0)),
        "range_high" => number(range.map(|range| range.1)),
        _ => String::new(),
    };
    COLUMNS.iter().map(|column| cell(column.name)).collect()
}

/// Its browse name where that is one of a kind, else with as many of those above it as make it so, else with a number.
fn ids(found: &[&Proposal], taken: &BTreeSet<&str>) -> Vec<String> {
    let mut depths = vec![1; found.len()];
    loop {
        let ids: Vec<String> = found.iter().zip(&depths).map(|(found, &depth)| id(&found.path, depth)).collect();
        let clashing = clashes(&ids, taken);
        let longer: Vec<usize> = clashing.into_iter().filter(|&at| depths[at] < found[at].path.len()).collect();
        if longer.is_empty() {
            return numbered(ids, taken);
        }
        longer.into_iter().for_each(|at| depths[at] += 1);
    }
}

fn clashes(ids: &[String], taken: &BTreeSet<&str>) -> Vec<usize> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    ids.iter().for_each(|id| *counts.entry(id).or_default() += 1);
    let clashes = |id: &str| taken.contains(id) || counts.get(id).is_some_and(|&count| count > 1);
    ids.iter().enumerate().filter(|(_, id)| clashes(id)).map(|(at, _)| at).collect()
}

fn id(path: &[String], depth: usize) -> String {
    one_line(&path[path.len().saturating_sub(depth)..].join("."), limits::ID_CHARS_MAX)
}

fn numbered(ids: Vec<String>, taken: &BTreeSet<&str>) -> Vec<String> {
    let mut used: BTreeSet<String> = taken.iter().map(|&id| id.to_owned()).collect();
    let number = |id: String| {
        let free = |number: usize| {
            let end = format!("-{number}");
            let begin: String = id.chars().take(limits::ID_CHARS_MAX - end.len()).collect();
            begin + &end
        };
        let plain = (!id.is_empty()).then(|| id.clone());
        let id = plain.into_iter().chain((2..).map(free)).find(|id| !used.contains(id)).unwrap_or_default();
        used.insert(id.clone());
        id
    };
    ids.into_iter().map(number).collect()
}

/// As a cell of the table takes it.
fn one_line(text: &str, chars_max: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.trim().chars().take(chars_max).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_short_as_they_can_be() {
        let path = |path: &str| Proposal { path: path.split('/').map(str::to_owned).collect(), ..Proposal::default() };
        for (paths, taken, expected) in [
            (&["Plant/LI-1", "Plant/TI-1"][..], &[][..], &["LI-1", "TI-1"][..]),
            (&["Plant/LIC-1/PV", "Plant/FIC-2/PV", "Plant/LI-3"], &[], &["LIC-1.PV", "FIC-2.PV", "LI-3"]),
            (&["A/X/PV", "B/X/PV", "B/Y/PV"], &[], &["A.X.PV", "B.X.PV", "Y.PV"]),
            (&["Plant/LI-1"], &["LI-1"], &["Plant.LI-1"]),
            (&["LI-1", "LI-1", "LI-1"], &["LI-1-2"], &["LI-1", "LI-1-3", "LI-1-4"]),
            (&["A\tB", ""], &[], &["A B", "-2"]),
        ] {
            let found: Vec<Proposal> = paths.iter().map(|text| path(text)).collect();
            let ids = ids(&found.iter().collect::<Vec<_>>(), &taken.iter().copied().collect());
            assert_eq!(ids, expected, "{paths:?} {taken:?}");
        }
        let long = path(&format!("{0}/{0}", "位".repeat(90)));
        let ids = ids(&[&long, &long], &BTreeSet::new());
        assert!(ids.iter().all(|id| id.chars().count() <= limits::ID_CHARS_MAX) && ids[0] != ids[1], "{ids:?}");
    }
}
