//! What one request may cover: of a source, and of units that want it otherwise.

use crate::{
    defaults,
    documents::Section,
    modbus_address,
    sources::narrow,
    types::{ModbusLimits, ModbusUnit},
};

const KEYS: [&str; 6] = ["id", "gap_max", "registers_max", "bits_max", "one_by_one", "forbidden"];

/// What the protocol allows, and the gap by default.
pub(super) const PROTOCOL: ModbusLimits = ModbusLimits {
    gap_max: defaults::GAP_MAX,
    registers_max: 125,
    bits_max: 2_000,
    one_by_one: false,
    forbidden: Vec::new(),
};

/// The limits written in a table; what is not written is as in `above`, and what is forbidden there stays so.
pub(super) fn read(section: &Section<'_>, above: &ModbusLimits) -> ModbusLimits {
    let whole = |key, most: u16, default: u16| narrow(section.whole(key, 1..=most.into(), default.into()));
    let spans = section.texts("forbidden").into_iter().filter_map(|text| text.parse(modbus_address::span));
    ModbusLimits {
        gap_max: narrow(section.whole("gap_max", 0..=120, above.gap_max.into())),
        registers_max: whole("registers_max", PROTOCOL.registers_max, above.registers_max),
        bits_max: whole("bits_max", PROTOCOL.bits_max, above.bits_max),
        one_by_one: section.flag("one_by_one", above.one_by_one),
        forbidden: above.forbidden.iter().copied().chain(spans).collect(),
    }
}

/// Each `[[source.modbus.unit]]`.
pub(super) fn units(section: &Section<'_>, own: &ModbusLimits) -> Vec<ModbusUnit> {
    let mut units: Vec<ModbusUnit> = Vec::new();
    for table in section.sections("unit") {
        table.knows(&KEYS);
        if table.key("id").is_none() {
            table.missing("id", "the unit id on the line, such as id = 3");
        }
        let unit_id = narrow(table.whole("id", 0..=255, 0));
        if units.iter().any(|unit| unit.unit_id == unit_id) {
            table.spot().error(format_args!("the unit {unit_id} is here a second time; put both tables into one"));
        }
        units.push(ModbusUnit { unit_id, limits: read(&table, own) });
    }
    units
}
