//! A workbook (XLSX, ISO/IEC 29500) as CSV text. What it unpacks to is bounded before it is read, cells are streamed, so that
//! one far to the right or below costs nothing, and a formula is refused instead of believed.

use super::{column, incoming::Place, outgoing::quote, whole};
use crate::{
    finding::{Errors, Finding},
    limits,
    text::quoted,
};
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxFormulaMetadata};
use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};
use zip::ZipArchive;

/// The greatest number of which a spreadsheet program keeps every digit.
const WHOLE_MAX: f64 = 1e15;
/// A column in which a spreadsheet program makes 0.01 of 1%.
const PERCENT_COLUMN: &str = "report_deadband";

/// By row and column, both from 1.
type Cells = BTreeMap<(u32, u32), Cell>;

struct Cell {
    text: String,
    is_number: bool,
}

/// The first visible sheet.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<(String, Vec<Place>), Errors> {
    let unreadable = |why: String| {
        whole(name, format!("the workbook cannot be read ({why}); save it as .xlsx once more, or as CSV UTF-8"))
    };
    check_size(bytes).map_err(unreadable)?;
    let mut findings = Vec::new();
    let cells = cells(bytes, &mut |cell, message| {
        if findings.len() < limits::FINDINGS_MAX {
            findings.push(at(name, cell, &message));
        }
    });
    let cells = cells.map_err(unreadable)?;
    findings.extend(percents(name, &cells));
    if findings.is_empty() { table(name, &cells) } else { Err(Errors(findings)) }
}

/// `C12`.
pub(super) fn cell_name((row, column): (u32, u32)) -> String {
    let (mut letters, mut rest) = (Vec::new(), column);
    while rest > 0 {
        letters.insert(0, char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    format!("{}{row}", letters.into_iter().collect::<String>())
}

fn at(name: &str, cell: (u32, u32), message: &str) -> Finding {
    let (line, column) = cell;
    Finding { file: name.to_owned(), line, column, message: format!("{}: {message}", cell_name(cell)) }
}

/// A few kilobytes can unpack to gigabytes, or announce them.
fn check_size(bytes: &[u8]) -> Result<(), String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    if archive.len() > limits::WORKBOOK_PARTS_MAX {
        return Err(format!("it has more than {} parts", limits::WORKBOOK_PARTS_MAX));
    }
    let mut left = limits::WORKBOOK_BYTES_MAX;
    let mut unpacked = Vec::new();
    for part in 0..archive.len() {
        unpacked.clear();
        let part = archive.by_index(part).map_err(|error| error.to_string())?;
        let is_texts =
            part.name().map_err(|error| error.to_string())?.to_ascii_lowercase().ends_with("sharedstrings.xml");
        let mut bounded = part.take(left as u64 + 1);
        bounded.read_to_end(&mut unpacked).map_err(|error| error.to_string())?;
        left = left
            .checked_sub(unpacked.len())
            .ok_or_else(|| format!("it unpacks to more than {} MiB", limits::WORKBOOK_BYTES_MAX >> 20))?;
        if is_texts && announces_too_much(&unpacked) {
            return Err("it announces more texts than a table can have".to_owned());
        }
    }
    Ok(())
}

/// The reader makes room at once for as many texts as the attribute `uniqueCount` says.
fn announces_too_much(xml: &[u8]) -> bool {
    const COUNT: &[u8] = b"uniqueCount";
    // In UTF-16, which no spreadsheet program writes, the attribute would not be found.
    let is_wide = xml.contains(&0);
    let after = |at: usize| &xml[(at + COUNT.len()).min(xml.len())..];
    let begins = xml.windows(COUNT.len()).enumerate().filter(|(_, word)| *word == COUNT).map(|(at, _)| after(at));
    is_wide || begins.into_iter().any(|rest| digits_after(rest) > limits::WORKBOOK_COUNT_DIGITS_MAX)
}

/// How many digits stand in the quotes that follow.
fn digits_after(rest: &[u8]) -> usize {
    let value = rest.iter().skip_while(|byte| !matches!(byte, b'"' | b'\'')).skip(1);
    value.take_while(|byte| !matches!(byte, b'"' | b'\'' | b'>')).filter(|byte| byte.is_ascii_digit()).count()
}

fn cells(bytes: &[u8], wrong: &mut dyn FnMut((u32, u32), String)) -> Result<Cells, String> {
    let words = |error: calamine::XlsxError| error.to_string();
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(words)?;
    let is_shown =
        |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    let sheet = workbook.sheets_metadata().iter().find(is_shown).map(|sheet| sheet.name.clone());
    let sheet = sheet.ok_or_else(|| "it has no sheet that can be seen".to_owned())?;
    let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(words)?;
    let (mut cells, mut left) = (Cells::new(), limits::FILE_BYTES_MAX);
    // A header row and a row more than there may be, by which the table is seen to be too long.
    let rows_max = u32::try_from(limits::ROWS_MAX).unwrap_or(u32::MAX).saturating_add(2);
    while let Some(found) = reader.next_cell_with_formula_metadata().map_err(words)? {
        let place = (found.pos.0.saturating_add(1), found.pos.1.saturating_add(1));
        let cell = match cell(&found.value, found.formula.as_ref()) {
            Ok(cell) => cell,
            Err(message) => {
                wrong(place, message);
                continue;
            }
        };
        if cell.text.trim().is_empty() {
            continue;
        }
        if place.0 > rows_max || place.1 > limits::WORKBOOK_COLUMNS_MAX {
            let (rows, columns) = (limits::ROWS_MAX, limits::WORKBOOK_COLUMNS_MAX);
            return Err(format!("{} is beyond {rows} rows and {columns} columns", cell_name(place)));
        }
        left = left
            .checked_sub(cell.text.len())
            .ok_or_else(|| format!("its texts are longer than {} MiB", limits::FILE_BYTES_MAX >> 20))?;
        cells.insert(place, cell);
    }
    Ok(cells)
}

fn cell(value: &DataRef<'_>, formula: Option<&XlsxFormulaMetadata>) -> Result<Cell, String> {
    if formula.is_some() {
        return Err("is a formula, which is never computed here; write its value instead (paste as values)".to_owned());
    }
    let text = |text: &str| Ok(Cell { text: text.to_owned(), is_number: false });
    match value {
        DataRef::Empty => text(""),
        DataRef::String(string) => text(string),
        DataRef::SharedString(string) => text(string),
        DataRef::Bool(yes) => text(if *yes { "yes" } else { "no" }),
        // The shortest digits that are this number: 4 and not 4.0, 0.1 and not 0.1000000000000000055.
        DataRef::Float(number) if number.abs() <= WHOLE_MAX => Ok(Cell { text: number.to_string(), is_number: true }),
        DataRef::Int(number) if number.unsigned_abs() as f64 <= WHOLE_MAX => {
            Ok(Cell { text: number.to_string(), is_number: true })
        }
        DataRef::Float(_) | DataRef::Int(_) => Err(
            "is a number of more than 15 digits, of which a spreadsheet program loses the last; format the cell as text and write it anew"
                .to_owned(),
        ),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => {
            Err("has become a date or a time; format the cell as text and write it anew".to_owned())
        }
        DataRef::Error(error) => Err(format!("is the error {error}; write a value or clear the cell")),
    }
}

/// Percents that have become plain numbers.
fn percents(name: &str, cells: &Cells) -> Vec<Finding> {
    let Some(header_row) = cells.keys().next().map(|place| place.0) else { return Vec::new() };
    let is_percent = |text: &str| column(text).is_some_and(|column| column.name == PERCENT_COLUMN);
    let found = cells.range((header_row, 0)..=(header_row, u32::MAX)).find(|(_, cell)| is_percent(&cell.text));
    let Some((&(_, column), _)) = found else { return Vec::new() };
    let numbers = cells.iter().filter(|((_, at), cell)| *at == column && cell.is_number);
    let findings = numbers.map(|(&place, cell)| {
        let message = format!(
            "{} is a number, which a spreadsheet program makes of 1% as well; format the cell as text and write 0.5 or 1%",
            quoted(&cell.text)
        );
        at(name, place, &message)
    });
    findings.take(limits::FINDINGS_MAX).collect()
}

/// The rows as CSV, each as wide as the header row.
fn table(name: &str, cells: &Cells) -> Result<(String, Vec<Place>), Errors> {
    let header_row = cells.keys().next().map_or(0, |place| place.0);
    let width = cells.range((header_row, 0)..=(header_row, u32::MAX)).last().map_or(0, |(place, _)| place.1);
    let astray = cells.keys().filter(|place| place.1 > width);
    let astray: Vec<Finding> = astray
        .take(limits::FINDINGS_MAX)
        .map(|&place| at(name, place, "stands under no header; give the column a header or clear the cell"))
        .collect();
    if !astray.is_empty() {
        return Err(Errors(astray));
    }
    let (mut text, mut places, mut line) = (String::new(), Vec::new(), 1);
    let mut next = header_row;
    while let Some((&(row, _), _)) = cells.range((next, 0)..).next() {
        let mut at_column = 1;
        for column in 1..=width {
            let cell = cells.get(&(row, column)).map_or("", |cell| cell.text.as_str());
            places.push(Place { at: (line, at_column), cell: (row, column) });
            // Lines are counted at every line break, in a cell as well.
            let written = quote(cell).replace("\r\n", "\n").replace('\r', "\n");
            for c in written.chars() {
                (line, at_column) = if c == '\n' { (line + 1, 1) } else { (line, at_column + 1) };
            }
            text.push_str(&written);
            text.push(if column == width { '\n' } else { ',' });
            at_column += 1;
        }
        line += 1;
        next = row + 1;
    }
    Ok((text, places))
}
