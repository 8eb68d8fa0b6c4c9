//! Where a value stands on a Modbus line. Syntax only; nothing is connected to.

use crate::{addresses::is_digits, text::quoted, types::ModbusTable, words::MODBUS_TABLES};

/// A place on a Modbus line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ModbusAddress {
    pub(crate) unit_id: u8,
    pub(crate) table: ModbusTable,
    pub(crate) address: u16,
}

/// `1/holding/100`: unit id, table, 0-based address. Or `1/40101`: unit id and the 1-based reference of the device's manual.
pub(crate) fn parse(text: &str) -> Result<ModbusAddress, String> {
    let wrong = |what: &str| {
        format!(
            "{} is not a Modbus address: {what}; write <unit id>/<coil|discrete|holding|input>/<0-based address>, such as 1/holding/100, \
             or <unit id>/<reference>, such as 1/40101",
            quoted(text)
        )
    };
    let parts: Vec<&str> = text.split('/').map(str::trim).collect();
    let (unit, (table, address)) = match parts[..] {
        [unit, table, address] => (unit, table_and_address(table, address).map_err(wrong)?),
        [unit, number] => {
            (unit, reference(number).ok_or_else(|| wrong("the reference is not 00001, 10001, 30001, 40001 or above"))?)
        }
        _ => return Err(wrong("it has neither three parts nor two")),
    };
    let unit_id = whole(unit).ok_or_else(|| wrong("the unit id is not 0 to 255"))?;
    Ok(ModbusAddress { unit_id, table, address })
}

fn table_and_address(table: &str, address: &str) -> Result<(ModbusTable, u16), &'static str> {
    let table = MODBUS_TABLES.iter().find(|(spellings, _)| spellings.contains(&table)).map(|&(_, table)| table);
    Ok((table.ok_or("the table is not known")?, whole(address).ok_or("the address is not 0 to 65535")?))
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
    Some((table, number.parse::<u32>().ok()?.checked_sub(1)?.try_into().ok()?))
}

fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok().filter(|_| is_digits(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_references() {
        let good =
            ["1/holding/100", "0/coil/0", "255/input/65535", "1 / discrete / 2", "1/40101", "1/465536", "2/00001"];
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
    }
}
