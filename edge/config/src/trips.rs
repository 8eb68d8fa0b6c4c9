//! The four limits of a point: in order, within the range, each with the value at which it clears.

use crate::{
    quantity::{self, Quantity},
    table::Row,
    text::Text,
    words,
};
use davy_core::model::{Limit, LimitKind};

/// Digits kept of `trip ± deadband`, so that 0.1 + 0.2 is shown as 0.3.
const SIGNIFICANT_DIGITS: usize = 13;

/// A limit as written, or as a standard has it for what is written in the cell.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) cell: Text<'a>,
    pub(crate) kind: LimitKind,
    pub(crate) trip: f64,
}

/// The limits of a row as written, from the highest to the lowest.
pub(crate) fn given<'a>(row: Row<'a>) -> Vec<Given<'a>> {
    let written = words::LIMIT_KINDS.iter().filter_map(|&(columns, kind)| {
        let cell = row.cell(columns[0]).given()?;
        Some(Given { cell, kind, trip: cell.number()? })
    });
    written.collect()
}

/// Checks the limits of a row, which stand from the highest to the lowest, and gives each its deadband.
pub(crate) fn checked(
    row: Row<'_>,
    given: &[Given<'_>],
    range: Option<(f64, f64)>,
    quantity: Option<Quantity>,
) -> Vec<Limit> {
    given.windows(2).for_each(|pair| check_order(pair[0], pair[1]));
    if let Some(range) = range {
        given.iter().for_each(|limit| check_range(*limit, range));
    }
    let deadband = deadband(row, given, range, quantity);
    given.iter().map(|given| limit(*given, deadband)).collect()
}

fn limit(given: Given<'_>, deadband: f64) -> Limit {
    let clear = if given.kind.is_high() { given.trip - deadband } else { given.trip + deadband };
    let clear = if deadband > 0.0 { tidy(clear) } else { given.trip };
    Limit { kind: given.kind, trip: given.trip, clear }
}

/// Without the dust of binary fractions.
pub(crate) fn tidy(number: f64) -> f64 {
    format!("{number:.*e}", SIGNIFICANT_DIGITS - 1).parse().unwrap_or(number)
}

fn check_order(above: Given<'_>, below: Given<'_>) {
    if above.trip <= below.trip {
        above.cell.wrong(format_args!(
            "{} is not above {} = {}; the order is LL < L < H < HH",
            above.trip,
            words::limit_code(below.kind),
            below.trip
        ));
    }
}

fn check_range(given: Given<'_>, (low, high): (f64, f64)) {
    let trip = given.trip;
    let always = if given.kind.is_high() { trip <= low } else { trip >= high };
    if trip < low || trip > high {
        given.cell.wrong(format_args!("{trip} lies outside the range {low} to {high}; correct the limit or the range"));
    } else if always {
        given.cell.wrong(format_args!("{trip} is the end of the range {low} to {high}, so the alarm would never clear; correct the limit or the range"));
    }
}

fn deadband(row: Row<'_>, given: &[Given<'_>], range: Option<(f64, f64)>, quantity: Option<Quantity>) -> f64 {
    let room = room(given, range);
    let Some(cell) = row.cell("deadband").given() else {
        let of_range = range.map_or(0.0, |(low, high)| (high - low) * quantity::deadband_of_range(quantity));
        return of_range.min(room / 2.0).max(0.0);
    };
    let Some(deadband) = cell.number() else { return 0.0 };
    if deadband < 0.0 {
        cell.wrong(format_args!(
            "{deadband} is negative; write how far a value must come back before the alarm clears, or 0"
        ));
    } else if deadband >= room && room > 0.0 {
        cell.wrong(format_args!("{deadband} is not less than {room}, which separates the limits from each other or from the end of the range; write a smaller one"));
    }
    deadband
}

/// The least distance that a deadband must stay below: to the next limit, and to where the value could come back no further.
fn room(given: &[Given<'_>], range: Option<(f64, f64)>) -> f64 {
    let between = given.windows(2).map(|pair| pair[0].trip - pair[1].trip);
    let to_the_end = given.iter().filter_map(|limit| {
        let (low, high) = range?;
        Some(if limit.kind.is_high() { limit.trip - low } else { high - limit.trip })
    });
    tidy(between.chain(to_the_end).fold(f64::INFINITY, f64::min))
}
