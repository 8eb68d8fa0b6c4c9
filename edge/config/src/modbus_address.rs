//! Where a value stands on a Modbus line. Syntax only; nothing is connected to.

use crate::{
    addresses::is_digits,
    text::quoted,
    types::{ModbusSpan, ModbusTable},
    words::MODBUS_TABLES,
};

/// A place on a Modbus line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModbusAddress {
    /// Unit id on the line.
    pub unit_id: u8,
    /// Which of the four tables.
    pub table: ModbusTable,
    /// 0-based address, as on the wire.
    pub address: u16,
    /// A bit of the register, 0 being the lowest, where one is named.
    pub bit: Option<u8>,
}

/// Reads a Modbus address as it is written in the point table.
///
/// `1/holding/100`: unit id, table, 0-based address. `1/holding#101`: the same place, counted from 1. `1/40101`: the same
/// again, by the reference of the device's manual. A bit of a register follows after a point, `1/holding/100.3`, 0 being the
/// lowest.
///
/// # Errors
/// What is wrong with it, and how it is written.
pub fn parse(text: &str) -> Result<ModbusAddress, String> {
    let wrong = |what: &str| {
        format!(
            "{} is not a Modbus address: {what}; write <unit id>/<coil|discrete|holding|input>/<0-based address>, such as 1/holding/100, \
             <unit id>/<table>#<1-based address>, such as 1/holding#101, or <unit id>/<reference>, such as 1/40101; for a bit of a \
             register add .0 to .15",
            quoted(text)
        )
    };
    let (place, bit) = text.split_once('.').map_or((text, None), |(place, bit)| (place, Some(bit.trim())));
    let (unit, place) = place.split_once('/').ok_or_else(|| wrong("there is no '/' behind the unit id"))?;
    let unit_id = whole(unit.trim()).ok_or_else(|| wrong("the unit id is not 0 to 255"))?;
    let (table, address) = table_and_address(place.trim()).map_err(wrong)?;
    let bit = bit.map(|bit| whole(bit).filter(|bit| *bit < 16).ok_or_else(|| wrong("the bit is not 0 to 15")));
    let bit = bit.transpose()?;
    if bit.is_some() && table.is_of_bits() {
        return Err(wrong("coils and discrete inputs are bits already"));
    }
    Ok(ModbusAddress { unit_id, table, address, bit })
}

/// `holding/200-209` or `holding#201-210`: entries of a table, first and last included; or a single one.
pub(crate) fn span(text: &str) -> Result<ModbusSpan, String> {
    let wrong = || {
        format!("{} is not a range of registers; write <table>/<first>-<last>, such as holding/200-209", quoted(text))
    };
    let (from, to) = text.split_once('-').map_or((text, None), |(from, to)| (from, Some(to.trim())));
    let from = from.trim();
    let (table, first) = table_and_address(from).map_err(|_| wrong())?;
    let last = match to {
        None => first,
        Some(to) if from.contains('#') => from_one(to).map_err(|_| wrong())?,
        Some(to) => whole(to).ok_or_else(wrong)?,
    };
    let span = Some(ModbusSpan { table, first, last }).filter(|_| first <= last);
    span.filter(|_| from.contains(['/', '#'])).ok_or_else(wrong)
}

fn table_and_address(text: &str) -> Result<(ModbusTable, u16), &'static str> {
    if let Some((name, address)) = text.split_once('#') {
        return Ok((table(name.trim())?, from_one(address.trim())?));
    }
    let Some((name, address)) = text.split_once('/') else {
        return reference(text).ok_or("the reference is not 00001, 10001, 30001, 40001 or above");
    };
    Ok((table(name.trim())?, whole(address.trim()).ok_or("the address is not 0 to 65535")?))
}

fn table(name: &str) -> Result<ModbusTable, &'static str> {
    let found = MODBUS_TABLES.iter().find(|(spellings, _)| spellings.contains(&name));
    found.map(|&(_, table)| table).ok_or("the table is not known")
}

fn from_one(text: &str) -> Result<u16, &'static str> {
    let number = whole::<u32>(text).and_then(|number| number.checked_sub(1)?.try_into().ok());
    number.ok_or("the address behind '#' is not 1 to 65536")
}

/// The numbers of manuals: the first digit names the table, the four or five others count from 1.
fn reference(text: &str) -> Option<(ModbusTable, u16)> {
    let (table, number) = text.split_at_checked(1).filter(|_| is_digits(text) && matches!(text.len(), 5 | 6))?;
    let table = match table {
        "0" => ModbusTable::Coil,
        "1" => ModbusTable::Discrete,
        "3" => ModbusTable::Input,
        "4" => ModbusTable::Holding,
        _ => return None,
    };
    Some((table, from_one(number).ok()?))
}

fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok().filter(|_| is_digits(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_references() {
        let good = [
            "1/holding/100",
            "0/coil/0",
            "255/input/65535",
            "1 / discrete / 2",
            "1/40101",
            "1/465536",
            "2/00001",
            "1/holding#1",
            "1/保持寄存器#65536",
            "1/holding/100.15",
            "1/40101.0",
        ];
        let bad = [
            "",
            "1",
            "1/holding",
            "1/holding/1/2",
            "256/holding/0",
            "-1/holding/0",
            "+1/holding/0",
            "1/register/0",
            "1/holding/65536",
            "1/holding/x",
            "1/40000",
            "1/20001",
            "1/4101",
            "1/4000001",
            "1/465537",
            "1/４0101",
            "1/holding#0",
            "1/holding#65537",
            "1/holding/#1",
            "1/holding/100.16",
            "1/holding/100.",
            "1/holding/100.1.2",
            "1/coil/7.1",
        ];
        for text in good {
            assert!(parse(text).is_ok(), "{text} must be accepted: {:?}", parse(text).err());
        }
        for text in bad {
            assert!(parse(text).is_err(), "{text} must be refused");
        }
        let place = |text| parse(text).map(|found| (found.unit_id, found.table, found.address));
        assert_eq!(place("3/40101"), Ok((3, ModbusTable::Holding, 100)));
        assert_eq!(place("3/300001"), Ok((3, ModbusTable::Input, 0)));
        assert_eq!(place("3/10010"), Ok((3, ModbusTable::Discrete, 9)));
        assert_eq!(place("3/00002"), place("3/coil/1"));
        assert_eq!(place("3/holding#101"), place("3/40101"));
        assert_eq!(parse("3/40101.12").map(|found| found.bit), Ok(Some(12)));
    }

    #[test]
    fn ranges_of_registers() {
        let found = |text| span(text).map(|span| (span.table, span.first, span.last));
        assert_eq!(found("holding/200-209"), Ok((ModbusTable::Holding, 200, 209)));
        assert_eq!(found("holding#201 - 210"), found("holding/200-209"));
        assert_eq!(found("coil/7"), Ok((ModbusTable::Coil, 7, 7)));
        for text in ["", "holding", "holding/9-8", "holding/1-65536", "200-209", "40001", "holding/1-2-3", "a/1-2"] {
            assert!(span(text).is_err(), "{text} must be refused");
        }
    }
}
