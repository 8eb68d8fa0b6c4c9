//! Tables: CSV with a header row. Columns are found by name or alias in any order, cells know their place.

use crate::{
    files::{Found, TextFile, Texts},
    finding::Spot,
    limits,
    text::{Text, quoted},
};
use csv::StringRecord;
use std::collections::BTreeMap;

/// A column of a table.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) also: &'static [&'static str],
    needed: bool,
}

/// A column that every table of its kind has.
pub(crate) const fn needed(name: &'static str, also: &'static [&'static str]) -> Column {
    Column { name, also, needed: true }
}

/// A column that may be left out.
pub(crate) const fn optional(name: &'static str, also: &'static [&'static str]) -> Column {
    Column { name, also, needed: false }
}

/// A table.
pub(crate) struct Sheet<'a> {
    file: Option<&'a TextFile<'a>>,
    /// Every row could be read.
    pub(crate) complete: bool,
    headers: StringRecord,
    positions: BTreeMap<&'static str, usize>,
    rows: Vec<RawRow>,
}

struct RawRow {
    cells: StringRecord,
    starts: Vec<usize>,
}

/// A row of a table.
#[derive(Clone, Copy)]
pub(crate) struct Row<'s> {
    sheet: &'s Sheet<'s>,
    file: &'s TextFile<'s>,
    raw: &'s RawRow,
}

impl<'a> Sheet<'a> {
    /// Reads a table; one that is not there has no rows.
    pub(crate) fn read(texts: &'a Texts<'a>, name: &str, columns: &'static [Column]) -> Self {
        let empty = |complete| Sheet {
            file: None,
            complete,
            headers: StringRecord::new(),
            positions: BTreeMap::new(),
            rows: Vec::new(),
        };
        match texts.get(name) {
            Found::Absent => empty(true),
            Found::Refused => empty(false),
            Found::Text(file) => Sheet { file: Some(file), ..empty(true) }.filled(file, columns),
        }
    }

    /// Whether there is such a file, even one that was refused.
    pub(crate) fn is_there(&self) -> bool {
        self.file.is_some() || !self.complete
    }

    pub(crate) fn rows<'s>(&'s self) -> impl Iterator<Item = Row<'s>> {
        self.rows.iter().filter_map(|raw| Some(Row { sheet: self, file: self.file?, raw }))
    }

    /// A column's header as written; `None` where the table has no such column.
    pub(crate) fn header(&self, column: &str) -> Option<&str> {
        self.positions.get(column).and_then(|&at| self.headers.get(at))
    }

    /// Where a column stands in the table, from 0.
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.positions.get(column).copied()
    }

    fn filled(mut self, file: &'a TextFile<'a>, columns: &'static [Column]) -> Self {
        let mut records = Records::new(file);
        let Some(header) = records.next() else {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            file.spot(0)
                .error(format_args!("the header row is missing; write one with the columns {}", names.join(",")));
            self.complete = false;
            return self;
        };
        self.set_columns(file, &header, columns);
        for raw in records {
            self.add_row(file, raw);
            if self.rows.len() > limits::ROWS_MAX {
                break;
            }
        }
        self
    }

    fn set_columns(&mut self, file: &'a TextFile<'a>, header: &RawRow, columns: &'static [Column]) {
        for (position, (cell, &start)) in header.cells.iter().zip(&header.starts).enumerate() {
            match columns.iter().find(|column| column.is_called(cell.trim())) {
                None => report_unknown(file.spot(start), cell.trim(), columns),
                Some(column) if self.positions.contains_key(column.name) => {
                    file.spot(start).error(format_args!(
                        "the column {} is here a second time; remove one of the two",
                        column.show()
                    ));
                }
                Some(column) => {
                    self.positions.insert(column.name, position);
                }
            }
        }
        let missing = columns.iter().filter(|column| column.needed && !self.positions.contains_key(column.name));
        for column in missing {
            file.spot(header.starts[0]).error(format_args!("the column {} is missing; add it", column.show()));
        }
        self.headers = header.cells.iter().map(str::trim).collect();
    }

    fn add_row(&mut self, file: &'a TextFile<'a>, raw: RawRow) {
        if raw.cells.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let (here, wanted) = (raw.cells.len(), self.headers.len());
        if self.rows.len() == limits::ROWS_MAX {
            file.spot(raw.starts[0]).error(format_args!(
                "the table has more than {} rows; split the plant over several gateways",
                limits::ROWS_MAX
            ));
            self.complete = false;
        } else if here != wanted {
            file.spot(raw.starts[0]).error(format_args!(
                "the row has {here} cells and the header has {wanted}; put cells that contain a comma in double quotes, and leave no cell out"
            ));
            self.complete = false;
            return;
        }
        self.rows.push(raw);
    }
}

impl<'s> Row<'s> {
    /// The line of the file on which it begins, from 1.
    pub(crate) fn line(self) -> u32 {
        self.file.place(self.raw.starts.first().copied().unwrap_or_default()).0
    }

    /// A cell by its column's name; empty where the table has no such column.
    pub(crate) fn cell(self, column: &'static str) -> Text<'s> {
        let position = self.sheet.positions.get(column);
        let cell = position
            .and_then(|&at| Some((self.raw.starts.get(at)?, self.sheet.headers.get(at)?, self.raw.cells.get(at)?)));
        match cell {
            Some((&start, what, text)) => Text { spot: self.file.spot(start), what, text: text.trim(), excused: false },
            None => Text { spot: self.file.spot(self.raw.starts[0]), what: column, text: "", excused: true },
        }
    }
}

impl Column {
    /// Its Chinese name.
    pub(crate) fn chinese(&self) -> &'static str {
        self.also.last().copied().unwrap_or(self.name)
    }

    pub(crate) fn is_called(&self, header: &str) -> bool {
        self.name == header || self.also.contains(&header)
    }

    /// `H (高限)`.
    pub(crate) fn show(&self) -> String {
        self.also.last().map_or_else(|| self.name.to_owned(), |also| format!("{} ({also})", self.name))
    }
}

fn report_unknown(spot: Spot<'_>, header: &str, columns: &'static [Column]) {
    let names: Vec<&str> = columns.iter().flat_map(|column| column.also.iter().copied().chain([column.name])).collect();
    let own: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let advice =
        spot.suggest(header, names.into_iter()).unwrap_or_else(|| format!("; the columns are {}", own.join(", ")));
    if header.is_empty() {
        spot.error("the column has no name; name it or remove it");
    } else {
        spot.error(format_args!("the column {} is not known{advice}", quoted(header)));
    }
}

/// Records with the place of every cell. The `csv` crate splits and unquotes; where each cell began it does not say, so
/// the bytes of the record are walked a second time by the same rules.
struct Records<'a> {
    file: &'a TextFile<'a>,
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Records<'a> {
    fn new(file: &'a TextFile<'a>) -> Self {
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.text.as_bytes());
        Self { file, reader }
    }
}

impl Iterator for Records<'_> {
    type Item = RawRow;

    fn next(&mut self) -> Option<RawRow> {
        let mut cells = StringRecord::new();
        // Reading from memory text that is UTF-8 cannot fail; if it did, the table would end here.
        let more = self.reader.read_record(&mut cells).unwrap_or(false);
        if !more || cells.is_empty() {
            return None;
        }
        let begin = cells.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let Starts { mut cells_at, unclosed } = Starts::of(self.file.text.as_bytes(), begin);
        if let Some(quote) = unclosed {
            self.file
                .spot(quote)
                .error("the double quote is never closed; close it, or double it if it belongs to the text");
        }
        let first = cells_at.first().copied().unwrap_or(begin);
        cells_at.resize(cells.len(), first);
        Some(RawRow { cells, starts: cells_at })
    }
}

struct Starts {
    cells_at: Vec<usize>,
    unclosed: Option<usize>,
}

impl Starts {
    fn of(bytes: &[u8], begin: usize) -> Self {
        let is_break = |at: &usize| matches!(bytes[*at], b'\r' | b'\n');
        let mut at = begin.min(bytes.len());
        while at < bytes.len() && is_break(&at) {
            at += 1;
        }
        let mut cells_at = vec![at];
        let mut quote = (bytes.get(at) == Some(&b'"')).then_some(at);
        at += usize::from(quote.is_some());
        while at < bytes.len() {
            match (bytes[at], quote) {
                (b'"', Some(_)) if bytes.get(at + 1) == Some(&b'"') => at += 1,
                (b'"', Some(_)) => quote = None,
                (_, Some(_)) => {}
                (b',', None) => {
                    cells_at.push(at + 1);
                    quote = (bytes.get(at + 1) == Some(&b'"')).then_some(at + 1);
                    at += usize::from(quote.is_some());
                }
                (b'\r' | b'\n', None) => break,
                (_, None) => {}
            }
            at += 1;
        }
        Self { cells_at, unclosed: quote }
    }
}
