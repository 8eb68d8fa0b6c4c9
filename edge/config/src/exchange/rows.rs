//! Single rows of the point table, as a person changes them one by one.

use super::{POINT_TABLE, cells, column, outgoing, outgoing::quote, whole, with_table};
use crate::{files::Files, finding::Errors, points::COLUMNS, text::quoted};
use std::collections::BTreeMap;

/// The national name of a tag, which stands for its column here.
const NATIONAL: &str = "BIT_NO";

/// Cells of a row by any header of their column.
pub type Cells = BTreeMap<String, String>;

/// The table with other rows: a tag that is there gets the cells that are named and keeps its others, one that is not comes last;
/// tags in `removed` go. Written like the table there is.
///
/// # Errors
/// A header that no column has, a row without a tag, a tag to take out that is not there; the present table cannot be split into
/// cells.
pub fn with_rows(files: &Files, rows: &[Cells], removed: &[String]) -> Result<Vec<u8>, Errors> {
    let rows = rows.iter().map(by_column).collect::<Result<Vec<_>, _>>()?;
    with_table(files, |old| {
        let tag = position("tag");
        let mut table: Vec<Vec<String>> = cells(old).map(|row| row.into_iter().map(str::to_owned).collect()).collect();
        for gone in removed {
            let before = table.len();
            table.retain(|row| row[tag] != *gone);
            if table.len() == before {
                return Err(wrong(format!("there is no tag {} that could be taken out", quoted(gone))));
            }
        }
        let mut places: BTreeMap<String, usize> =
            table.iter().enumerate().map(|(at, row)| (row[tag].clone(), at)).collect();
        for (id, changes) in rows {
            let at = *places.entry(id).or_insert_with(|| {
                table.push(vec![String::new(); COLUMNS.len()]);
                table.len() - 1
            });
            changes.into_iter().for_each(|(column, text)| table[at][column] = text);
        }
        let coming = Files([(POINT_TABLE.to_owned(), text(&table).into_bytes())].into());
        with_table(&coming, |new| outgoing::beside(files.0.get(POINT_TABLE), old, new))
    })?
}

/// The tag, and each cell by the place of its column.
fn by_column(row: &Cells) -> Result<(String, Vec<(usize, String)>), Errors> {
    let mut found = Vec::new();
    for (header, text) in row {
        let known = column(if header.trim() == NATIONAL { "tag" } else { header }).ok_or_else(|| {
            wrong(format!("the point table has no column {}; its headers are in the template", quoted(header)))
        })?;
        found.push((position(known.name), text.trim().to_owned()));
    }
    let tag = position("tag");
    let id = found.iter().find(|(at, _)| *at == tag).map(|(_, text)| text.clone()).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| wrong("a row has no tag; give it one under BIT_NO".to_owned()))?;
    Ok((id, found))
}

fn position(name: &str) -> usize {
    COLUMNS.iter().position(|known| known.name == name).unwrap_or_default()
}

fn text(rows: &[Vec<String>]) -> String {
    let header: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    let rows = rows.iter().map(|row| row.iter().map(|cell| quote(cell)).collect::<Vec<_>>().join(","));
    std::iter::once(header.join(",")).chain(rows).map(|line| line + "\n").collect()
}

fn wrong(message: String) -> Errors {
    whole(POINT_TABLE, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "位号,名称,数据源,地址,H\r\nLI-1,一号液位,dcs,a,80\r\nLI-2,\"二号,液位\",dcs,b,90\r\n";

    fn files() -> Files {
        Files([(POINT_TABLE.to_owned(), TABLE.as_bytes().to_vec())].into())
    }

    fn row(cells: &[(&str, &str)]) -> Cells {
        cells.iter().map(|(header, text)| ((*header).to_owned(), (*text).to_owned())).collect()
    }

    fn check(rows: &[Cells], removed: &[&str], expected: &str) {
        let removed: Vec<String> = removed.iter().map(|tag| (*tag).to_owned()).collect();
        let told = match with_rows(&files(), rows, &removed) {
            Ok(bytes) => String::from_utf8(bytes).expect("text"),
            Err(errors) => errors.to_string(),
        };
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn rows_are_changed_added_and_taken_out_and_the_others_stay_as_they_are() {
        check(&[], &[], TABLE);
        check(&[row(&[("BIT_NO", "LI-1"), ("高限", "85")])], &[], &TABLE.replace("80", "85"));
        check(&[row(&[("tag", "LI-3"), ("名称", "三号")])], &["LI-1"], "dcs,b,90\r\nLI-3,三号,,,\r\n");
        check(
            &[row(&[("tag", "LI-1"), ("HH", "95")])],
            &[],
            "位号,名称,数据源,地址,H,HH\r\nLI-1,一号液位,dcs,a,80,95\r\n",
        );
        let twice = [row(&[("tag", "LI-9"), ("H", "1")]), row(&[("tag", "LI-9"), ("name", "九")])];
        check(&twice, &[], "LI-9,九,,,1\r\n");
    }

    #[test]
    fn what_no_table_can_take_is_said() {
        check(&[row(&[("tag", "LI-1"), ("height", "85")])], &[], "no column \"height\"");
        check(&[row(&[("H", "85")])], &[], "has no tag");
        check(&[], &["LI-7"], "no tag \"LI-7\"");
    }
}
