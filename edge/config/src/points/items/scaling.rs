//! From the raw to the engineering value: by factor and offset, or by two raw values that are the ends of the range.

use crate::{table::Row, text::Text};

/// Factor and offset.
pub(super) fn read(row: Row<'_>) -> (f64, f64) {
    let (low, high) = (row.cell("raw_low"), row.cell("raw_high"));
    match (low.given(), high.given()) {
        (None, None) => (scale(row), row.cell("offset").given().and_then(Text::number).unwrap_or(0.0)),
        (Some(low), Some(high)) => by_ends(row, low, high).unwrap_or((1.0, 0.0)),
        (Some(cell), None) => alone(cell, "raw_high (原始上限)"),
        (None, Some(cell)) => alone(cell, "raw_low (原始下限)"),
    }
}

fn alone(cell: Text<'_>, other: &str) -> (f64, f64) {
    cell.wrong(format_args!("the other end is missing; fill in {other} or clear this cell"));
    (1.0, 0.0)
}

/// `raw_low` is the lower end of the range and `raw_high` the upper one. What lies beyond goes on in a straight line, so that
/// the out-of-range rule sees a broken wire as NAMUR NE 43 has it.
fn by_ends(row: Row<'_>, low_cell: Text<'_>, high_cell: Text<'_>) -> Option<(f64, f64)> {
    for cell in ["scale", "offset"].into_iter().filter_map(|column| row.cell(column).given()) {
        cell.wrong("raw_low and raw_high say the factor already; clear this cell or those two");
    }
    let (low, high) = (low_cell.number(), high_cell.number());
    let (low, high) = (low?, high?);
    let end = |column| row.cell(column).given().map(Text::number);
    let (Some(range_low), Some(range_high)) = (end("range_low"), end("range_high")) else {
        low_cell.wrong("the raw values need a range to lead to; fill in range_low and range_high (量程下限, 量程上限)");
        return None;
    };
    let (range_low, range_high) = (range_low?, range_high?);
    let scale = (range_high - range_low) / (high - low);
    if !scale.is_finite() || scale == 0.0 {
        high_cell
            .wrong(format_args!("{high} is the lower end as well; write the two raw values of the ends of the range"));
        return None;
    }
    Some((scale, range_low - low * scale))
}

fn scale(row: Row<'_>) -> f64 {
    let cell = row.cell("scale");
    let scale = cell.given().and_then(Text::number).unwrap_or(1.0);
    if scale == 0.0 {
        cell.wrong("0 would make every value the same; write the factor from raw to engineering value, such as 0.1");
    }
    scale
}
