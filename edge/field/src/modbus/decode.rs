//! From registers to an engineering value. Pure, and total: no bytes that a device sends make it fail in any other way than by
//! an error.

use crate::modbus::{plan::Block, read_only::Answer};
use davy_config::{ByteOrder, ModbusData, ModbusItem};
use davy_core::quality::Quality;

#[cfg(test)]
mod tests;

/// A text stands in the registers that the configuration gives no number: `BadOutOfRange` (OPC 10000-4, 7.39.2).
pub(crate) const UNKNOWN_TEXT: Quality = Quality(0x803C_0000);

/// The value of an item in the answer to its block.
///
/// # Errors
/// [`Quality::BAD_DECODING`] when the answer is too short or the value is no number, [`UNKNOWN_TEXT`].
pub(crate) fn value(item: &ModbusItem, block: &Block, answer: &Answer) -> Result<f64, Quality> {
    if let Some(text) = text_of(item, block, answer) {
        return item.texts.as_ref().and_then(|texts| texts.number(&text)).ok_or(UNKNOWN_TEXT);
    }
    let raw = match answer {
        Answer::Bits(bits) => bits.get(from(item, block)).map(|&bit| f64::from(u8::from(bit))),
        Answer::Words(_) => words(item, block, answer).and_then(|words| number(item.data, item.order, words)),
    };
    let value = raw.ok_or(Quality::BAD_DECODING)? * item.scale + item.offset;
    if value.is_finite() { Ok(value) } else { Err(Quality::BAD_DECODING) }
}

/// The text of an item that is one, in the answer to its block.
pub(crate) fn text_of(item: &ModbusItem, block: &Block, answer: &Answer) -> Option<String> {
    let ModbusData::Text(characters) = item.data else { return None };
    let words = words(item, block, answer)?;
    Some(plain(&bytes(item.order, words).take(characters.into()).take_while(|byte| *byte != 0).collect::<Vec<u8>>()))
}

fn from(item: &ModbusItem, block: &Block) -> usize {
    item.address.wrapping_sub(block.start).into()
}

fn words<'a>(item: &ModbusItem, block: &Block, answer: &'a Answer) -> Option<&'a [u16]> {
    let Answer::Words(words) = answer else { return None };
    let from = from(item, block);
    words.get(from..from + usize::from(item.data.registers()))
}

/// The raw number in as many words as the type takes, the first from the lowest address; `None` for another number of
/// words, for decimal digits that are none and for a text. A float may be infinite or not a number.
#[must_use]
pub fn number(data: ModbusData, order: ByteOrder, words: &[u16]) -> Option<f64> {
    if words.len() != usize::from(data.registers()) {
        return None;
    }
    let bits = bits(order, words);
    // Each cast keeps exactly the bits of the type; 64-bit integers beyond 2^53 are rounded, as any value here is.
    Some(match data {
        ModbusData::Bool => f64::from(u8::from(bits & 1 == 1)),
        ModbusData::Bit(bit) => f64::from(u8::from(bits.checked_shr(bit.into()).unwrap_or_default() & 1 == 1)),
        ModbusData::U16 => f64::from(bits as u16),
        ModbusData::I16 => f64::from(bits as u16 as i16),
        ModbusData::U32 => f64::from(bits as u32),
        ModbusData::I32 => f64::from(bits as u32 as i32),
        ModbusData::F32 => f64::from(f32::from_bits(bits as u32)),
        ModbusData::U64 => bits as f64,
        ModbusData::I64 => bits as i64 as f64,
        ModbusData::F64 => f64::from_bits(bits),
        ModbusData::Bcd16 => decimal(bits, 4)?,
        ModbusData::Bcd32 => decimal(bits, 8)?,
        ModbusData::Text(_) => return None,
    })
}

/// The text in some registers: two bytes each, the first in the upper half unless the order swaps them, up to the first NUL.
/// What is not UTF-8 is shown as `�`, control characters are left out.
#[must_use]
pub fn text(order: ByteOrder, words: &[u16]) -> String {
    plain(&bytes(order, words).take_while(|byte| *byte != 0).collect::<Vec<u8>>())
}

/// The bytes of a text, in their order.
fn bytes(order: ByteOrder, words: &[u16]) -> impl Iterator<Item = u8> {
    let (bytes_swapped, ..) = order.swaps();
    words.iter().flat_map(move |word| if bytes_swapped { word.to_le_bytes() } else { word.to_be_bytes() })
}

/// Bytes as text for a person.
pub(crate) fn plain(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
}

/// The words put together, the most significant first.
fn bits(order: ByteOrder, words: &[u16]) -> u64 {
    let (bytes_swapped, words_swapped, halves_swapped) = order.swaps();
    let place = |at: usize| match words.len() {
        4 => at ^ usize::from(words_swapped) ^ (usize::from(halves_swapped) << 1),
        2 => at ^ usize::from(words_swapped),
        _ => at,
    };
    (0..words.len()).fold(0, |bits, at| {
        let word = words[place(at)];
        bits << 16 | u64::from(if bytes_swapped { word.swap_bytes() } else { word })
    })
}

/// Binary-coded decimal digits.
fn decimal(bits: u64, digits: u32) -> Option<f64> {
    let digits = (0..digits).rev().map(|at| (bits >> (at * 4)) & 0xF);
    let number = digits.into_iter().try_fold(0_u32, |number, digit| {
        u32::try_from(digit).ok().filter(|digit| *digit <= 9).map(|digit| number * 10 + digit)
    });
    number.map(f64::from)
}
