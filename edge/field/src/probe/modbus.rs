//! A look at a Modbus device: registers and bits as they are, and who it is.

use crate::{
    limits::modbus::{BITS_PER_REQUEST, REGISTERS_PER_REQUEST},
    modbus::{
        device::{Device, Failure},
        identify, plan,
    },
};
use davy_config::{ModbusLink, ModbusPace, ModbusTable};

pub use crate::modbus::{
    decode::{number, text},
    identify::Identity,
    read_only::Answer,
};

/// Reads entries of a table once: `count` of them from the 0-based `address` on, at most 125 registers or 2000 bits.
///
/// # Errors
/// In words that say what to do: no connection, no answer, a refusal.
pub async fn read(
    target: &ModbusLink,
    pace: ModbusPace,
    unit_id: u8,
    (table, address): (ModbusTable, u16),
    count: u16,
) -> Result<Answer, String> {
    let most = if table.is_of_bits() { BITS_PER_REQUEST } else { REGISTERS_PER_REQUEST };
    let end = u32::from(address) + u32::from(count);
    if !(1..=most).contains(&count) || end > 1 << 16 {
        return Err(format!("{count} from {address} cannot be read at once; ask for 1 to {most}, up to address 65535"));
    }
    let block = plan::Block { unit_id, table, start: address, count, items: Vec::new() };
    let mut device = Device::new(target, pace);
    device.connect().await?;
    device.read(&block).await.map_err(|failure| words(&failure, unit_id, pace))
}

/// Asks a unit who it is, with function code 43/14. Some devices hang when they are asked.
///
/// # Errors
/// In words that say what to do: no connection, no answer, a refusal.
pub async fn identify(target: &ModbusLink, pace: ModbusPace, unit_id: u8) -> Result<Identity, String> {
    let mut device = Device::new(target, pace);
    device.connect().await?;
    identify::ask(unit_id, &mut device).await.map_err(|failure| words(&failure, unit_id, pace))
}

fn words(failure: &Failure, unit_id: u8, pace: ModbusPace) -> String {
    match failure {
        Failure::Refused(exception) => {
            format!("unit id {unit_id} refuses: {exception}; correct the unit id, the table or the address")
        }
        Failure::Silent => {
            let ms = pace.timeout_ms;
            format!("unit id {unit_id} does not answer within {ms} ms; check the unit id, the line and its settings")
        }
        Failure::Garbled(why) => format!("what came is no Modbus: {why}; check framing, baud and parity"),
        Failure::Broken(why) => format!("the connection broke: {why}"),
    }
}
