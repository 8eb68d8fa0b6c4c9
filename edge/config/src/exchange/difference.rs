//! What another table would change: tags added, removed and changed, cell by cell.

use super::is_number;
use crate::{
    points::COLUMNS,
    table::{Row, Sheet},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What another point table would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Tags that only the other table has, in its order.
    pub added: Vec<String>,
    /// Tags that only the present table has, in its order.
    pub removed: Vec<String>,
    /// Cells of tags that both have, in the order of the other table.
    pub changed: Vec<Change>,
    /// The tags that both have stand in another order.
    pub reordered: bool,
}

/// A cell that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The tag.
    pub tag: String,
    /// The column by its English and Chinese names, `H (高限)`.
    pub column: String,
    /// The present cell, perhaps empty.
    pub old: String,
    /// The cell of the other table, perhaps empty.
    pub new: String,
}

impl Difference {
    pub(super) fn of(old: &Sheet<'_>, new: &Sheet<'_>) -> Self {
        let (before, after) = (by_tag(old), by_tag(new));
        let missing = |sheet: &Sheet<'_>, other: &BTreeMap<&str, Row<'_>>| {
            tags(sheet).into_iter().filter(|tag| !other.contains_key(tag.as_str())).collect()
        };
        let common = |sheet: &Sheet<'_>, other: &BTreeMap<&str, Row<'_>>| -> Vec<String> {
            tags(sheet).into_iter().filter(|tag| other.contains_key(tag.as_str())).collect()
        };
        let stays = common(new, &before);
        let mut changed = Vec::new();
        for tag in &stays {
            if let (Some(old), Some(new)) = (before.get(tag.as_str()), after.get(tag.as_str())) {
                changed.extend(changes(tag, *old, *new));
            }
        }
        Self {
            added: missing(new, &before),
            removed: missing(old, &after),
            changed,
            reordered: common(old, &after) != stays,
        }
    }

    /// Whether the tables say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn by_tag<'s>(sheet: &'s Sheet<'s>) -> BTreeMap<&'s str, Row<'s>> {
    sheet.rows().map(|row| (row.cell("tag").text, row)).collect()
}

fn tags(sheet: &Sheet<'_>) -> Vec<String> {
    sheet.rows().map(|row| row.cell("tag").text.to_owned()).collect()
}

fn changes(tag: &str, old: Row<'_>, new: Row<'_>) -> Vec<Change> {
    let differing = COLUMNS.iter().filter_map(|column| {
        let (old, new) = (old.cell(column.name).text, new.cell(column.name).text);
        let change = || Change { tag: tag.to_owned(), column: column.show(), old: old.to_owned(), new: new.to_owned() };
        (!says_the_same(column.name, old, new)).then(change)
    });
    differing.collect()
}

/// A spreadsheet program writes 4.0 as 4, which changes nothing.
fn says_the_same(column: &str, old: &str, new: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok().map(f64::to_bits);
    old == new || is_number(column) && number(old).is_some() && number(old) == number(new)
}

/// One line for each tag that is added or removed and for each cell that is changed, then how many there are.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for tag in &self.added {
            writeln!(f, "+ {}", shown(tag))?;
        }
        for tag in &self.removed {
            writeln!(f, "- {}", shown(tag))?;
        }
        for Change { tag, column, old, new } in &self.changed {
            writeln!(f, "~ {}: {column}: {} → {}", shown(tag), shown(old), shown(new))?;
        }
        if self.reordered {
            writeln!(f, "~ the tags stand in another order")?;
        }
        let tags: BTreeSet<&str> = self.changed.iter().map(|change| change.tag.as_str()).collect();
        write!(
            f,
            "{} added, {} removed, {} changed in {} cells",
            self.added.len(),
            self.removed.len(),
            tags.len(),
            self.changed.len()
        )
    }
}

/// On one line, without anything that a terminal would obey.
fn shown(text: &str) -> String {
    match text {
        "" => "(empty)".to_owned(),
        text => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
    }
}
