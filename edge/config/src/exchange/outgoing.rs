//! Cells as CSV or as a workbook.

use super::{BYTE_ORDER_MARK, POINT_TABLE, is_number, whole};
use crate::{
    finding::{Errors, Finding},
    points::COLUMNS,
    table::{Column, Sheet},
    text::quoted,
};
use encoding_rs::GBK;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

const COLUMN_WIDTH: f64 = 14.0;

/// CSV for a spreadsheet program.
pub(super) fn csv(rows: &[Vec<&str>]) -> String {
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| quote(&harmless(cell))).collect();
        text.extend([&cells.join(","), "\r\n"]);
    }
    text
}

/// A spreadsheet program that opens CSV computes what begins like a formula. A tab before it makes it a text, and is no
/// part of the cell when it comes back.
fn harmless(cell: &str) -> String {
    let computes = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
    if computes { format!("\t{cell}") } else { cell.to_owned() }
}

/// A cell of RFC 4180.
pub(super) fn quote(cell: &str) -> String {
    let plain = !cell.contains([',', '"', '\n', '\r']) && !cell.starts_with('\t');
    if plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

/// CSV in GBK.
pub(super) fn gbk(rows: &[Vec<&str>]) -> Result<Vec<u8>, Errors> {
    let text = csv(rows);
    let (bytes, _, has_unknown) = GBK.encode(&text);
    if !has_unknown {
        return Ok(bytes.into_owned());
    }
    let is_unknown = |c: &char| GBK.encode(c.encode_utf8(&mut [0; 4])).2;
    let mut findings = Vec::new();
    for row in rows {
        for (cell, column) in row.iter().zip(COLUMNS) {
            if let Some(odd) = cell.chars().find(is_unknown) {
                findings.push(format!(
                    "{}: {} has the character {odd:?}, which GBK has not; export as UTF-8 or XLSX",
                    quoted(row.first().copied().unwrap_or_default()),
                    column.show()
                ));
            }
        }
    }
    let finding = |message| Finding { file: POINT_TABLE.to_owned(), line: 1, column: 1, message };
    Err(Errors(findings.into_iter().map(finding).collect()))
}

/// A workbook of one sheet.
pub(super) fn workbook(rows: &[Vec<&str>]) -> Result<Vec<u8>, Errors> {
    sheet(rows).map_err(|error| {
        whole(POINT_TABLE, format!("the table does not fit into a workbook ({error}); export it as CSV"))
    })
}

fn sheet(rows: &[Vec<&str>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // The same table gives the same file, whenever it is written.
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    let (bold, text) = (Format::new().set_bold().set_num_format("@"), Format::new().set_num_format("@"));
    let sheet = workbook.add_worksheet();
    sheet.set_name("tags")?.set_freeze_panes(1, 1)?;
    for (at, column) in (0..).zip(COLUMNS) {
        sheet.set_column_width(at, COLUMN_WIDTH)?;
        if !is_number(column.name) {
            // What is typed into it later stays what was typed: 1/2 is an address and no date.
            sheet.set_column_format(at, &text)?;
        }
    }
    for (row, cells) in (0..).zip(rows) {
        for ((at, column), cell) in (0..).zip(COLUMNS).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            write(sheet, (row, at), cell, if row == 0 { &bold } else { &text }, column)?;
        }
    }
    workbook.save_to_buffer()
}

/// A number only where the number says all that the cell says: 4 is one, 4.0 and 007 are texts.
fn write(
    sheet: &mut Worksheet,
    (row, at): (u32, u16),
    cell: &str,
    text: &Format,
    column: &Column,
) -> Result<(), XlsxError> {
    let number = cell.parse::<f64>().ok().filter(|number| number.is_finite() && number.to_string() == cell);
    match number.filter(|_| is_number(column.name)) {
        Some(number) => sheet.write_number(row, at, number)?,
        None => sheet.write_string_with_format(row, at, cell, text)?,
    };
    Ok(())
}

/// The new table as the old one is written: in its columns and words, with its line ends, so that versions of the file can
/// be compared line by line. Columns that only the new table fills come after them.
pub(super) fn beside(written: Option<&Vec<u8>>, old: &Sheet<'_>, new: &Sheet<'_>) -> Vec<u8> {
    let home = if old.is_there() { old } else { new };
    let mut columns: Vec<&Column> = COLUMNS.iter().filter(|column| home.position(column.name).is_some()).collect();
    columns.sort_by_key(|column| home.position(column.name));
    let is_filled = |column: &&Column| new.rows().any(|row| !row.cell(column.name).text.is_empty());
    columns.extend(COLUMNS.iter().filter(|column| home.position(column.name).is_none()).filter(is_filled));
    let header =
        |column: &&Column| home.header(column.name).or(new.header(column.name)).unwrap_or(column.name).to_owned();
    let mut lines = vec![columns.iter().map(|column| quote(&header(column))).collect::<Vec<_>>().join(",")];
    for row in new.rows() {
        lines.push(columns.iter().map(|column| quote(row.cell(column.name).text)).collect::<Vec<_>>().join(","));
    }
    let written = written.map_or(&b""[..], Vec::as_slice);
    let end = if written.windows(2).any(|pair| pair == b"\r\n") { "\r\n" } else { "\n" };
    let mark = if written.starts_with(BYTE_ORDER_MARK.as_bytes()) { BYTE_ORDER_MARK } else { "" };
    format!("{mark}{}{end}", lines.join(end)).into_bytes()
}
