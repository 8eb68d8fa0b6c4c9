//! Where a row of `tags.csv` is read, in the words of its source.

use crate::{
    durations, limits, modbus_address,
    modbus_address::ModbusAddress,
    opcua_address,
    sources::INTERVAL_MIN_MS,
    table::Row,
    text::{Text, quoted},
    types::{BoardItem, ByteOrder, ModbusData, ModbusItem, ModbusSource, OpcUaDeadband, OpcUaItem, OpcUaMode},
    words,
};
use davy_core::id::TagIx;

mod scaling;
mod texts;

const OPCUA_COLUMNS: [&str; 1] = ["report_deadband"];
const MODBUS_COLUMNS: [&str; 8] = ["data", "order", "scale", "offset", "raw_low", "raw_high", "texts", "poll"];

/// What an OPC UA source reads for a row.
pub(super) fn opcua(row: Row<'_>, tag: TagIx, mode: OpcUaMode) -> Option<OpcUaItem> {
    for cell in MODBUS_COLUMNS.into_iter().filter_map(|column| row.cell(column).given()) {
        cell.wrong("belongs to Modbus alone, an OPC UA server sends the finished value; clear the cell");
    }
    let cell = row.cell("address");
    let node = cell.needed()?.parse(opcua_address::parse)?;
    let is_condition = opcua_address::condition(&node).is_some();
    if is_condition && mode != OpcUaMode::Subscribe {
        cell.wrong(
            "an alarm condition tells of itself by events and this source polls; remove mode = \"poll\" of the source, or write the node of the condition's ActiveState/Id",
        );
    }
    Some(OpcUaItem { tag, node, deadband: report_deadband(row, mode, is_condition) })
}

/// Which input of the box a row is.
pub(super) fn board(row: Row<'_>, tag: TagIx, inputs: &[String]) -> Option<BoardItem> {
    for cell in MODBUS_COLUMNS.into_iter().chain(OPCUA_COLUMNS).filter_map(|column| row.cell(column).given()) {
        cell.wrong("has no meaning for a contact, which is 1 while it is active and 0 while it is not; clear the cell");
    }
    let cell = row.cell("address").needed()?;
    let input = inputs.iter().position(|name| name == cell.text);
    if input.is_none() {
        let suggestion = cell.spot.suggest(cell.text, inputs.iter().map(String::as_str)).unwrap_or_default();
        let has = if inputs.is_empty() { "none".to_owned() } else { inputs.join(", ") };
        cell.wrong(format_args!(
            "{} is no input of the box{suggestion}; its inputs are: {has}; describe one as [[input]] with role = \"contact\"",
            quoted(cell.text)
        ));
    }
    Some(BoardItem { tag, input: input? })
}

/// Only a subscription to a value holds anything back.
fn report_deadband(row: Row<'_>, mode: OpcUaMode, is_condition: bool) -> Option<OpcUaDeadband> {
    let cell = row.cell("report_deadband").given()?;
    if is_condition {
        cell.wrong("belongs to values, and an alarm condition is active or not; clear the cell");
        return None;
    }
    if mode != OpcUaMode::Subscribe {
        cell.wrong("belongs to subscriptions and this source polls, which brings every value; clear the cell");
        return None;
    }
    cell.parse(deadband)
}

/// `0.5` in the tag's own unit, `1%` of the node's range.
fn deadband(text: &str) -> Result<OpcUaDeadband, String> {
    let wrong = || {
        format!(
            "{} is no deadband; write a number above 0 in the tag's unit, such as 0.5, or up to 100 % of the node's range, such as 1%",
            quoted(text)
        )
    };
    let number = |digits: &str| digits.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    match text.strip_suffix('%') {
        Some(percent) => {
            number(percent).filter(|percent| *percent <= 100.0).map(OpcUaDeadband::Percent).ok_or_else(wrong)
        }
        None => number(text).map(OpcUaDeadband::Absolute).ok_or_else(wrong),
    }
}

/// How often a row of a Modbus source is read.
pub(super) fn poll_ms(row: Row<'_>, source: &ModbusSource) -> u64 {
    let bounds = INTERVAL_MIN_MS..=limits::DURATION_MAX_MS;
    let given = row.cell("poll").given().and_then(|text| text.parse(|text| durations::parse(text, &bounds)));
    given.unwrap_or(source.poll_interval_ms)
}

/// What a Modbus source reads for a row.
pub(super) fn modbus(row: Row<'_>, tag: TagIx, poll_ms: u64, source: &ModbusSource) -> Option<ModbusItem> {
    for cell in OPCUA_COLUMNS.into_iter().filter_map(|column| row.cell(column).given()) {
        cell.wrong("belongs to OPC UA alone, a Modbus value is read in every poll; clear the cell");
    }
    let address_cell = row.cell("address");
    let address = address_cell.needed().and_then(|text| text.parse(modbus_address::parse));
    let order = row.cell("order").given().and_then(|text| text.one_of(words::BYTE_ORDERS)).unwrap_or(ByteOrder::Abcd);
    let (scale, offset) = scaling::read(row);
    let address = address?;
    let data = data(row, &address)?;
    let item = ModbusItem {
        tag,
        unit_id: address.unit_id,
        table: address.table,
        address: address.address,
        data,
        order,
        scale,
        offset,
        texts: texts::read(row, data),
        poll_ms,
    };
    check_order(row.cell("order"), &item);
    check_place(address_cell, &item, source);
    Some(item)
}

/// Four letters say it for any value; eight are the bytes of 64 bits and two those of 16.
fn check_order(cell: Text<'_>, item: &ModbusItem) {
    if let ModbusData::Text(_) = item.data {
        if item.order.swaps().1 || cell.text.len() > 4 {
            cell.wrong(
                "the words of a text stand one after the other; write AB, or BA where the bytes of each are swapped",
            );
        }
        return;
    }
    let (letters, bytes) = (cell.text.len(), usize::from(item.data.registers()) * 2);
    if !matches!(letters, 0 | 4) && letters != bytes {
        cell.wrong(format_args!(
            "{} is an order of {letters} bytes and the value has {bytes}; write ABCD, CDAB, BADC or DCBA",
            quoted(cell.text)
        ));
    }
}

/// A value must be had in one request, and that must be one that the source allows.
fn check_place(cell: Text<'_>, item: &ModbusItem, source: &ModbusSource) {
    let limits = source.limits_of(item.unit_id);
    let (start, registers) = (u32::from(item.address), item.data.registers());
    let end = start + u32::from(registers);
    if end - 1 > u32::from(u16::MAX) {
        cell.wrong(format_args!(
            "the value takes {registers} registers and would end beyond 65535; correct the address"
        ));
    } else if limits.forbids(item.table, start, end) {
        cell.wrong("is forbidden by the source; correct the address, or forbidden in [[source.modbus]]");
    } else if u32::from(registers) > limits.longest(item.table) {
        cell.wrong(format_args!(
            "the value takes {registers} registers, which must be read at once, and the source allows {}; raise registers_max",
            limits.longest(item.table)
        ));
    } else if item.unit_id == 0 && source.link.serial().is_some() {
        cell.wrong(
            "0 is the broadcast of a serial line, which no device answers; write the unit id of the device, 1 to 247",
        );
    }
}

/// A coil is a bit; what a register holds must be said.
fn data(row: Row<'_>, address: &ModbusAddress) -> Option<ModbusData> {
    let cell = row.cell("data");
    let of_bits = address.table.is_of_bits();
    let bit = address.bit.map(ModbusData::Bit);
    let Some(given) = cell.given() else {
        if !of_bits && bit.is_none() {
            cell.wrong(
                "is empty; write what the register holds: bool, u16, i16, u32, i32, f32, u64, i64, f64, bcd16, bcd32 or string(16)",
            );
        }
        return bit.or(of_bits.then_some(ModbusData::Bool));
    };
    let data = match texts::length(given.text) {
        Some(text) => given.parse(|_| text.map(ModbusData::Text))?,
        None => given.one_of(words::MODBUS_DATA)?,
    };
    if (of_bits || bit.is_some()) && data != ModbusData::Bool {
        cell.wrong(format_args!("{} does not fit into one bit; write bool or clear the cell", quoted(given.text)));
    }
    Some(bit.unwrap_or(data))
}
