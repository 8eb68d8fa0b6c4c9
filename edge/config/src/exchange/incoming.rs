//! A file that is to become the point table: as text in the shape of `tags.csv`, with the way back from a place in that
//! text to the place in the file.

use super::{BYTE_ORDER_MARK, POINT_TABLE, whole, workbook};
use crate::finding::{Errors, Finding};
use encoding_rs::GBK;

const ZIP: &[u8] = b"PK\x03\x04";
/// The compound file of old workbooks and of encrypted ones.
const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0";
const UTF_16: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];

/// The text of a file.
pub(super) struct Incoming<'n> {
    name: &'n str,
    /// CSV.
    pub(super) text: String,
    /// Of each cell of a workbook, in the order of the text; empty for a text file, whose places are those of the text.
    places: Vec<Place>,
}

/// Where a line of a table comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// That line of the file that came.
    Came(u32),
    /// That line of the present table.
    Stays(u32),
}

/// Where a cell of a workbook stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Line and column of its first character in the text.
    pub(super) at: (u32, u32),
    /// Row and column in the sheet, from 1.
    pub(super) cell: (u32, u32),
}

impl<'n> Incoming<'n> {
    pub(super) fn read(name: &'n str, bytes: &[u8]) -> Result<Self, Errors> {
        if bytes.starts_with(ZIP) {
            let (text, places) = workbook::read(name, bytes)?;
            return Ok(Self { name, text, places });
        }
        if bytes.starts_with(COMPOUND_FILE) {
            return Err(whole(
                name,
                "the file is an old .xls workbook or has a password; save it as .xlsx without a password".to_owned(),
            ));
        }
        if UTF_16.iter().any(|mark| bytes.starts_with(mark)) {
            return Err(whole(name, "the file is UTF-16 text; save it as .xlsx or as CSV UTF-8".to_owned()));
        }
        Ok(Self { name, text: decoded(name, bytes)?, places: Vec::new() })
    }

    /// Findings about the text as findings about the file.
    pub(super) fn relocated(&self, findings: Vec<Finding>) -> Vec<Finding> {
        self.relocated_from(findings, Origin::Came)
    }

    /// The same for a table that is made of rows of the text and of others; `origin` says of each of its lines which one it was.
    pub(super) fn relocated_from(&self, mut findings: Vec<Finding>, origin: impl Fn(u32) -> Origin) -> Vec<Finding> {
        for finding in &mut findings {
            finding.message = self.named(&finding.message, &origin);
            if finding.file != POINT_TABLE {
                continue;
            }
            match origin(finding.line) {
                Origin::Stays(line) => finding.line = line,
                Origin::Came(line) => {
                    self.name.clone_into(&mut finding.file);
                    finding.line = line;
                    self.move_to_cell(finding);
                }
            }
        }
        findings.sort();
        findings
    }

    fn move_to_cell(&self, finding: &mut Finding) {
        if let Some(cell) = self.cell((finding.line, finding.column)) {
            (finding.line, finding.column) = cell;
            finding.message = format!("{}: {}", workbook::cell_name(cell), finding.message);
        }
    }

    fn cell(&self, at: (u32, u32)) -> Option<(u32, u32)> {
        let after = self.places.partition_point(|place| place.at <= at);
        self.places.get(after.saturating_sub(1)).map(|place| place.cell)
    }

    /// A message, in which `tags.csv:12` is a line of the table.
    fn named(&self, message: &str, origin: impl Fn(u32) -> Origin) -> String {
        let mut named = String::new();
        let mut rest = message;
        let reference = format!("{POINT_TABLE}:");
        while let Some((before, after)) = rest.split_once(&reference) {
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (file, line) = match origin(after[..digits].parse().unwrap_or(1)) {
                Origin::Stays(line) => (POINT_TABLE, line),
                Origin::Came(line) => (self.name, self.cell((line, u32::MAX)).map_or(line, |(row, _)| row)),
            };
            named.extend([before, file, ":", &line.to_string()]);
            rest = &after[digits..];
        }
        named + rest
    }
}

/// UTF-8 or else GBK: two bytes of Chinese GBK text are hardly ever UTF-8, and the header row has many.
fn decoded(name: &str, bytes: &[u8]) -> Result<String, Errors> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let text = GBK.decode_without_bom_handling_and_without_replacement(bytes);
    text.map(std::borrow::Cow::into_owned).ok_or_else(|| {
        whole(name, "the file is neither UTF-8 nor GBK text; save it as .xlsx or as CSV UTF-8".to_owned())
    })
}
