//! The point table on its way to a spreadsheet program and back: CSV in UTF-8 or GBK, or a workbook (XLSX, ISO/IEC 29500),
//! with Chinese or English headers.
//!
//! What comes back is checked as part of the whole configuration before anything is said about it, and the errors name
//! the place in the file that came. Every cell is a text or a number; no formula is ever computed.

mod difference;
mod incoming;
mod merged;
mod outgoing;
mod proposed;
mod rows;
mod single;
mod workbook;

pub use difference::{Change, Difference};
pub use proposed::{Proposal, ProposedRow, propose, proposed_rows};
pub use rows::{Cells, with_rows};
pub use single::modbus_item;

use crate::{
    Secrets,
    files::{self, Files, read_bounded},
    finding::{Errors, Finding, Sink},
    limits,
    points::COLUMNS,
    table::{Column, Sheet},
};
use incoming::Incoming;
use merged::Merged;
use std::path::Path;

/// The file that is exchanged.
pub const POINT_TABLE: &str = "tags.csv";

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Columns whose cells are numbers.
const NUMBERS: [&str; 13] = [
    "scale",
    "offset",
    "raw_low",
    "raw_high",
    "range_low",
    "range_high",
    "LL",
    "L",
    "H",
    "HH",
    "deadband",
    "oel",
    "idlh",
];

/// How an exported table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// CSV (RFC 4180) in UTF-8 with a byte order mark, by which spreadsheet programs know the encoding.
    CsvUtf8,
    /// CSV (RFC 4180) in GBK, which spreadsheet programs on Chinese Windows expect.
    CsvGbk,
    /// A workbook of one sheet, whose texts stay texts.
    Xlsx,
}

/// The language of an exported table's headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// `位号,名称,…`.
    Chinese,
    /// `tag,name,…`.
    English,
}

/// What becomes of the tags that a file does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They are removed: the file is the whole table.
    Removed,
    /// They stay: the file's rows are added, or take the place of those of the same tag.
    Kept,
}

/// A table that may take the place of the one there is.
#[derive(Clone, Debug)]
pub struct Import {
    /// The table as it is to be written to [`POINT_TABLE`]: UTF-8, in the columns, header words and line ends of the table
    /// there is.
    pub bytes: Vec<u8>,
    /// What would change.
    pub difference: Difference,
    /// What is allowed with it but probably not meant, in all the configuration.
    pub coverage: Vec<Finding>,
}

/// The point table with every column, in the order of the handbook; without a table only the header row.
///
/// # Errors
/// Where the table cannot be split into cells, or a cell has a character that GBK has not. Wrong values in its cells are no
/// error: a spreadsheet program may be the place to correct them.
pub fn export(files: &Files, format: Format, header: Header) -> Result<Vec<u8>, Errors> {
    written(files, (format, header))
}

fn written(files: &Files, (format, header): (Format, Header)) -> Result<Vec<u8>, Errors> {
    with_table(files, |sheet| {
        let headers = COLUMNS.iter().map(|column| match header {
            Header::English => column.name,
            Header::Chinese => column.chinese(),
        });
        let rows: Vec<Vec<&str>> = std::iter::once(headers.collect()).chain(cells(sheet)).collect();
        match format {
            Format::CsvUtf8 => Ok(format!("{BYTE_ORDER_MARK}{}", outgoing::csv(&rows)).into_bytes()),
            Format::CsvGbk => outgoing::gbk(&rows),
            Format::Xlsx => outgoing::workbook(&rows),
        }
    })?
}

/// Reads a table that is to take the place of the one in `files`, or to be merged into it, and checks the whole configuration
/// with it. `name` is what errors call it.
///
/// # Errors
/// Everything that is wrong with the file, at its own lines and columns (a workbook's cells are named as well; of a merged table
/// the row alone), and with the rest of the configuration.
pub fn import(files: &Files, name: &str, bytes: &[u8], others: Others, secrets: Secrets<'_>) -> Result<Import, Errors> {
    let incoming = Incoming::read(name, bytes)?;
    let merged = match others {
        Others::Removed => None,
        Others::Kept => Some(Merged::of(files, &incoming)?),
    };
    let relocated = |findings| match &merged {
        None => incoming.relocated(findings),
        Some(merged) => merged.relocated(&incoming, findings),
    };
    let text = merged.as_ref().map_or(&incoming.text, |merged| &merged.text);
    let mut changed = files.clone();
    changed.0.insert(POINT_TABLE.to_owned(), text.clone().into_bytes());
    let checked = crate::read(&changed, secrets).map_err(|errors| Errors(relocated(errors.0)))?;
    let coverage = relocated(checked.coverage);
    with_table(files, |old| {
        with_table(&changed, |new| Import {
            bytes: outgoing::beside(files.0.get(POINT_TABLE), old, new),
            difference: Difference::of(old, new),
            coverage,
        })
    })?
}

/// Like [`import`], for the configuration in a folder, whose secrets are named relative to it.
///
/// # Errors
/// Those of [`import`].
pub fn import_into(dir: &Path, files: &Files, name: &str, bytes: &[u8], others: Others) -> Result<Import, Errors> {
    import(files, name, bytes, others, &|secret| files::secret(dir, secret))
}

/// The table that a file makes of the one in `files`, written like it, and not looked at beyond its shape: for one change among
/// several, which are looked at together.
///
/// # Errors
/// Where the file cannot be split into cells, at its own lines and columns.
pub fn taken(files: &Files, name: &str, bytes: &[u8], others: Others) -> Result<Vec<u8>, Errors> {
    let incoming = Incoming::read(name, bytes)?;
    let text = match others {
        Others::Removed => incoming.text.clone(),
        Others::Kept => Merged::of(files, &incoming)?.text,
    };
    let coming = Files([(POINT_TABLE.to_owned(), text.into_bytes())].into());
    let written =
        with_table(files, |old| with_table(&coming, |new| outgoing::beside(files.0.get(POINT_TABLE), old, new)))?;
    written.map_err(|errors| Errors(incoming.relocated(errors.0)))
}

/// Where each tag is read, as written in the table, in the order of `Site::tags`.
///
/// # Errors
/// Where the table cannot be split into cells.
pub fn addresses(files: &Files) -> Result<Vec<String>, Errors> {
    with_table(files, |sheet| sheet.rows().map(|row| row.cell("address").text.to_owned()).collect())
}

/// Reads a file that is to be imported: its name for errors and its bytes, no more of them than a table may have.
///
/// # Errors
/// When it cannot be read or is too large.
pub fn read_file(path: &Path) -> Result<(String, Vec<u8>), Errors> {
    let name = path.display().to_string();
    match read_bounded(path, limits::FILE_BYTES_MAX as u64) {
        Ok(bytes) if bytes.len() > limits::FILE_BYTES_MAX => Err(whole(
            &name,
            format!(
                "the file is larger than {} MiB; split the plant over several gateways",
                limits::FILE_BYTES_MAX >> 20
            ),
        )),
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(whole(&name, format!("the file cannot be read ({error}); name a CSV or XLSX file"))),
    }
}

/// An error of a file as a whole.
fn whole(file: &str, message: String) -> Errors {
    Errors(vec![Finding { file: file.to_owned(), line: 1, column: 1, message }])
}

/// The point table split into cells, which may have wrong values.
fn with_table<T>(files: &Files, act: impl FnOnce(&Sheet<'_>) -> T) -> Result<T, Errors> {
    let only = files.0.get(POINT_TABLE).map(|bytes| (POINT_TABLE.to_owned(), bytes.clone()));
    let (only, sink) = (Files(only.into_iter().collect()), Sink::default());
    let done = {
        let texts = only.texts(&sink);
        act(&Sheet::read(&texts, POINT_TABLE, COLUMNS))
    };
    // The other files are not looked at, so that their absence is nobody's error here.
    let errors: Vec<Finding> = sink.into_findings().0.into_iter().filter(|error| error.file == POINT_TABLE).collect();
    if errors.is_empty() { Ok(done) } else { Err(Errors(errors)) }
}

/// The cells of every row in the order of [`COLUMNS`].
fn cells<'s>(sheet: &'s Sheet<'s>) -> impl Iterator<Item = Vec<&'s str>> {
    sheet.rows().map(|row| COLUMNS.iter().map(|column| row.cell(column.name).text).collect())
}

/// The column that a header names.
fn column(header: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|column| column.is_called(header.trim()))
}

fn is_number(column: &str) -> bool {
    NUMBERS.contains(&column)
}
