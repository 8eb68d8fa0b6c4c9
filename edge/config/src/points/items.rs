//! Where a row of `tags.csv` is read, in the words of its source.

use crate::{
    addresses, modbus_address,
    table::Row,
    text::{Text, quoted},
    types::{ByteOrder, ModbusData, ModbusItem, ModbusTable, OpcUaDeadband, OpcUaItem, OpcUaMode},
    words,
};
use davy_core::id::TagIx;

const OPCUA_COLUMNS: [&str; 1] = ["report_deadband"];
const MODBUS_COLUMNS: [&str; 4] = ["data", "order", "scale", "offset"];

/// What an OPC UA source reads for a row.
pub(super) fn opcua(row: Row<'_>, tag: TagIx, mode: OpcUaMode) -> Option<OpcUaItem> {
    for cell in MODBUS_COLUMNS.into_iter().filter_map(|column| row.cell(column).given()) {
        cell.wrong("belongs to Modbus alone, an OPC UA server sends the finished value; clear the cell");
    }
    let node = row.cell("address").needed()?.parse(addresses::node_id)?;
    Some(OpcUaItem { tag, node, deadband: report_deadband(row, mode) })
}

/// Only a subscription holds anything back.
fn report_deadband(row: Row<'_>, mode: OpcUaMode) -> Option<OpcUaDeadband> {
    let cell = row.cell("report_deadband").given()?;
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

/// What a Modbus source reads for a row.
pub(super) fn modbus(row: Row<'_>, tag: TagIx) -> Option<ModbusItem> {
    for cell in OPCUA_COLUMNS.into_iter().filter_map(|column| row.cell(column).given()) {
        cell.wrong("belongs to OPC UA alone, a Modbus value is read in every poll; clear the cell");
    }
    let address_cell = row.cell("address");
    let address = address_cell.needed().and_then(|text| text.parse(modbus_address::parse));
    let order = row.cell("order").given().and_then(|text| text.one_of(words::BYTE_ORDERS)).unwrap_or(ByteOrder::Abcd);
    let (scale, offset) = (scale(row), row.cell("offset").given().and_then(Text::number).unwrap_or(0.0));
    let address = address?;
    let data = data(row, address.table)?;
    let last = u32::from(address.address) + u32::from(data.registers()) - 1;
    if last > u32::from(u16::MAX) {
        address_cell.wrong(format_args!(
            "the value takes {} registers and would end beyond 65535; correct the address",
            data.registers()
        ));
    }
    Some(ModbusItem {
        tag,
        unit_id: address.unit_id,
        table: address.table,
        address: address.address,
        data,
        order,
        scale,
        offset,
    })
}

/// A coil is a bit; what a register holds must be said.
fn data(row: Row<'_>, table: ModbusTable) -> Option<ModbusData> {
    let cell = row.cell("data");
    let of_bits = matches!(table, ModbusTable::Coil | ModbusTable::Discrete);
    let Some(given) = cell.given() else {
        if !of_bits {
            cell.wrong("is empty; write what the register holds: bool, u16, i16, u32, i32, f32, u64, i64 or f64");
        }
        return of_bits.then_some(ModbusData::Bool);
    };
    let data = given.one_of(words::MODBUS_DATA)?;
    if of_bits && data != ModbusData::Bool {
        cell.wrong(format_args!("{} does not fit into one bit; write bool or clear the cell", quoted(given.text)));
    }
    Some(data)
}

fn scale(row: Row<'_>) -> f64 {
    let cell = row.cell("scale");
    let scale = cell.given().and_then(Text::number).unwrap_or(1.0);
    if scale == 0.0 {
        cell.wrong("0 would make every value the same; write the factor from raw to engineering value, such as 0.1");
    }
    scale
}
