//! A look at a Modbus device: registers and bits as they are, and who it is.

use crate::{
    limits::modbus::{BITS_PER_REQUEST, REGISTERS_PER_REQUEST},
    modbus::{
        ask::{Asked, Outcome, ask},
        decode,
        device::{Device, Failure},
        identify, plan,
        refused::RefusedValues,
    },
};
use davy_config::{ModbusItem, ModbusLink, ModbusPace, ModbusSource, ModbusTable};
use davy_core::quality::Quality;
use std::collections::BTreeMap;

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
    fits(table, address, count)?;
    let block = plan::Block { unit_id, table, start: address, count, items: Vec::new() };
    let mut device = Device::new(target, pace);
    device.connect().await?;
    device.read(&block).await.map_err(|failure| words(&failure, unit_id, pace))
}

/// Whether so many entries can be read at once.
///
/// # Errors
/// In words that say what can.
pub fn fits(table: ModbusTable, address: u16, count: u16) -> Result<(), String> {
    let most = if table.is_of_bits() { BITS_PER_REQUEST } else { REGISTERS_PER_REQUEST };
    let end = u32::from(address) + u32::from(count);
    if !(1..=most).contains(&count) || end > 1 << 16 {
        return Err(format!("{count} from {address} cannot be read at once; ask for 1 to {most}, up to address 65535"));
    }
    Ok(())
}

/// Whether a device, or the gateway before it, takes a connection; nothing is asked of it.
///
/// # Errors
/// In words that say what to do: no connection.
pub async fn reach(target: &ModbusLink, pace: ModbusPace) -> Result<(), String> {
    Device::new(target, pace).connect().await
}

/// What was read of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The number as the device sent it.
    pub raw: Option<f64>,
    /// The number scaled to the engineering unit.
    pub value: Option<f64>,
    /// How good it is, or why there is none.
    pub quality: Quality,
}

/// Reads every item of a source once, one answer for each, in their order. A request that is refused, or for which the device
/// fails, is asked in halves, so that an item that the device does not have harms only itself; a unit that is silent is asked once.
///
/// # Errors
/// In words that say what to do: no connection.
pub async fn read_items(source: &ModbusSource) -> Result<Vec<Measured>, String> {
    let mut device = Device::new(&source.link, source.pace);
    device.connect().await?;
    let mut measured = vec![none(Quality::BAD_NO_COMMUNICATION); source.items.len()];
    let mut blocks = plan::plan(source, 0..source.items.len());
    blocks.reverse();
    let (mut asked, mut silent) = (Asked::default(), BTreeMap::new());
    while let Some(block) = blocks.pop() {
        let outcome = match silent.get(&block.unit_id) {
            Some(&quality) => Ok(Outcome::Silent(quality)),
            None => ask(&block, &mut device, &mut asked, source.pace.retries).await,
        };
        let quality = match outcome {
            Ok(Outcome::Answered(answer)) => {
                block.items.iter().for_each(|&at| measured[at] = measure(&source.items[at], &block, &answer));
                continue;
            }
            Ok(Outcome::Refused | Outcome::Bad(Quality::BAD_DEVICE)) if halved(source, &block, &mut blocks) => continue,
            Ok(Outcome::Refused) => RefusedValues::QUALITY,
            Ok(Outcome::Bad(quality) | Outcome::Busy(quality)) => quality,
            Ok(Outcome::Silent(quality)) => {
                silent.insert(block.unit_id, quality);
                quality
            }
            // The connection is gone, and with it what has not been asked yet.
            Err(_) => break,
        };
        block.items.iter().for_each(|&at| measured[at] = none(quality));
    }
    Ok(measured)
}

/// Puts the halves of a block in its place; gives whether it has any.
fn halved(source: &ModbusSource, block: &plan::Block, blocks: &mut Vec<plan::Block>) -> bool {
    let halves = plan::halves(&source.items, block);
    let has_halves = halves.is_some();
    blocks.extend(halves.into_iter().flat_map(|halves| halves.into_iter().rev()));
    has_halves
}

fn none(quality: Quality) -> Measured {
    Measured { raw: None, value: None, quality }
}

fn measure(item: &ModbusItem, block: &plan::Block, answer: &Answer) -> Measured {
    let raw = decode::value(&ModbusItem { scale: 1.0, offset: 0.0, ..item.clone() }, block, answer).ok();
    match decode::value(item, block, answer) {
        Ok(value) => Measured { raw, value: Some(value), quality: Quality::GOOD },
        Err(quality) => Measured { raw, ..none(quality) },
    }
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
