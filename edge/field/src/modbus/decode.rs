//! From registers to an engineering value. Pure.

use crate::modbus::{device::Answer, plan::Block};
use davy_config::{ByteOrder, ModbusData, ModbusItem};
use davy_core::quality::Quality;

/// The value of an item in the answer to its block.
///
/// # Errors
/// [`Quality::BAD_DECODING`] when the answer is too short or the value is not finite.
pub(crate) fn value(item: &ModbusItem, block: &Block, answer: &Answer) -> Result<f64, Quality> {
    let from = usize::from(item.address.wrapping_sub(block.start));
    let raw = match answer {
        Answer::Bits(bits) => bits.get(from).map(|&bit| f64::from(u8::from(bit))),
        Answer::Words(words) => {
            words.get(from..from + usize::from(item.data.registers())).map(|words| number(item.data, item.order, words))
        }
    };
    let value = raw.ok_or(Quality::BAD_DECODING)? * item.scale + item.offset;
    if value.is_finite() { Ok(value) } else { Err(Quality::BAD_DECODING) }
}

/// The raw number in as many words as the type takes.
fn number(data: ModbusData, order: ByteOrder, words: &[u16]) -> f64 {
    let bits = bits(order, words);
    // Each cast keeps exactly the bits of the type; 64-bit integers beyond 2^53 are rounded, as any value here is.
    match data {
        ModbusData::Bool => f64::from(u8::from(bits & 1 == 1)),
        ModbusData::U16 => f64::from(bits as u16),
        ModbusData::I16 => f64::from(bits as u16 as i16),
        ModbusData::U32 => f64::from(bits as u32),
        ModbusData::I32 => f64::from(bits as u32 as i32),
        ModbusData::F32 => f64::from(f32::from_bits(bits as u32)),
        ModbusData::U64 => bits as f64,
        ModbusData::I64 => bits as i64 as f64,
        ModbusData::F64 => f64::from_bits(bits),
    }
}

/// The words put together, the most significant first.
fn bits(order: ByteOrder, words: &[u16]) -> u64 {
    let (words_reversed, bytes_swapped) = match order {
        ByteOrder::Abcd => (false, false),
        ByteOrder::Cdab => (true, false),
        ByteOrder::Badc => (false, true),
        ByteOrder::Dcba => (true, true),
    };
    let place = |at: usize| if words_reversed { words.len() - 1 - at } else { at };
    (0..words.len()).fold(0, |bits, at| {
        let word = words[place(at)];
        bits << 16 | u64::from(if bytes_swapped { word.swap_bytes() } else { word })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_config::ModbusTable;
    use davy_core::id::TagIx;

    fn read(data: ModbusData, order: ByteOrder, words: &[u16]) -> Result<f64, Quality> {
        scaled(data, order, words, 1.0, 0.0)
    }

    fn scaled(data: ModbusData, order: ByteOrder, words: &[u16], scale: f64, offset: f64) -> Result<f64, Quality> {
        let item = ModbusItem {
            tag: TagIx(0),
            unit_id: 1,
            table: ModbusTable::Holding,
            address: 101,
            data,
            order,
            scale,
            offset,
        };
        let block = Block { unit_id: 1, table: ModbusTable::Holding, start: 100, count: 9, items: vec![0] };
        let mut answer = vec![0xDEAD];
        answer.extend(words);
        value(&item, &block, &Answer::Words(answer))
    }

    #[test]
    fn every_type_in_every_order() {
        use ByteOrder::{Abcd, Badc, Cdab, Dcba};
        let orders = [Abcd, Cdab, Badc, Dcba];
        // The bytes of a value, most significant first, then in each order as words on the wire.
        let cases: [(ModbusData, f64, [&[u16]; 4]); 12] = [
            (ModbusData::Bool, 1.0, [&[0x0001], &[0x0001], &[0x0100], &[0x0100]]),
            (ModbusData::Bool, 0.0, [&[0xFFFE], &[0xFFFE], &[0xFEFF], &[0xFEFF]]),
            (ModbusData::U16, 65_244.0, [&[0xFEDC], &[0xFEDC], &[0xDCFE], &[0xDCFE]]),
            (ModbusData::I16, -292.0, [&[0xFEDC], &[0xFEDC], &[0xDCFE], &[0xDCFE]]),
            (
                ModbusData::U32,
                4_275_878_552.0,
                [&[0xFEDC, 0xBA98], &[0xBA98, 0xFEDC], &[0xDCFE, 0x98BA], &[0x98BA, 0xDCFE]],
            ),
            (
                ModbusData::I32,
                -19_088_744.0,
                [&[0xFEDC, 0xBA98], &[0xBA98, 0xFEDC], &[0xDCFE, 0x98BA], &[0x98BA, 0xDCFE]],
            ),
            (ModbusData::F32, 12.5, [&[0x4148, 0x0000], &[0x0000, 0x4148], &[0x4841, 0x0000], &[0x0000, 0x4841]]),
            (
                ModbusData::F32,
                -0.1_f32 as f64,
                [&[0xBDCC, 0xCCCD], &[0xCCCD, 0xBDCC], &[0xCCBD, 0xCDCC], &[0xCDCC, 0xCCBD]],
            ),
            (
                ModbusData::U64,
                0x0102_0304_0506_u64 as f64,
                [
                    &[0, 0x0102, 0x0304, 0x0506],
                    &[0x0506, 0x0304, 0x0102, 0],
                    &[0, 0x0201, 0x0403, 0x0605],
                    &[0x0605, 0x0403, 0x0201, 0],
                ],
            ),
            (
                ModbusData::I64,
                -2.0,
                [
                    &[0xFFFF, 0xFFFF, 0xFFFF, 0xFFFE],
                    &[0xFFFE, 0xFFFF, 0xFFFF, 0xFFFF],
                    &[0xFFFF, 0xFFFF, 0xFFFF, 0xFEFF],
                    &[0xFEFF, 0xFFFF, 0xFFFF, 0xFFFF],
                ],
            ),
            (ModbusData::F64, 12.5, [&[0x4029, 0, 0, 0], &[0, 0, 0, 0x4029], &[0x2940, 0, 0, 0], &[0, 0, 0, 0x2940]]),
            (
                ModbusData::F64,
                1.0e-300,
                [
                    &[0x01A5, 0x6E1F, 0xC2F8, 0xF359],
                    &[0xF359, 0xC2F8, 0x6E1F, 0x01A5],
                    &[0xA501, 0x1F6E, 0xF8C2, 0x59F3],
                    &[0x59F3, 0xF8C2, 0x1F6E, 0xA501],
                ],
            ),
        ];
        for (data, expected, wire) in cases {
            for (order, words) in orders.into_iter().zip(wire) {
                assert_eq!(read(data, order, words), Ok(expected), "{data:?} {order:?} {words:04X?}");
            }
        }
    }

    #[test]
    fn scale_and_offset_make_the_engineering_value() {
        assert_eq!(scaled(ModbusData::U16, ByteOrder::Abcd, &[400], 0.25, -20.0), Ok(80.0));
        assert_eq!(scaled(ModbusData::Bool, ByteOrder::Abcd, &[1], -1.0, 1.0), Ok(0.0));
    }

    #[test]
    fn what_is_no_number_is_a_decoding_error() {
        for words in [[0x7FC0, 0], [0x7F80, 0], [0xFF80, 0]] {
            assert_eq!(read(ModbusData::F32, ByteOrder::Abcd, &words), Err(Quality::BAD_DECODING), "{words:04X?}");
        }
        assert_eq!(scaled(ModbusData::F64, ByteOrder::Abcd, &[0x7FEF, 0, 0, 0], 1e10, 0.0), Err(Quality::BAD_DECODING));
        assert_eq!(read(ModbusData::U32, ByteOrder::Abcd, &[1]), Err(Quality::BAD_DECODING), "half a value");
    }

    #[test]
    fn bits_are_zero_and_one() {
        let item = ModbusItem {
            tag: TagIx(0),
            unit_id: 1,
            table: ModbusTable::Coil,
            address: 7,
            data: ModbusData::Bool,
            order: ByteOrder::Abcd,
            scale: 1.0,
            offset: 0.0,
        };
        let block = Block { unit_id: 1, table: ModbusTable::Coil, start: 5, count: 3, items: vec![0] };
        assert_eq!(value(&item, &block, &Answer::Bits(vec![false, false, true])), Ok(1.0));
        assert_eq!(value(&item, &block, &Answer::Bits(vec![true, true, false])), Ok(0.0));
        assert_eq!(value(&item, &block, &Answer::Bits(vec![true, true])), Err(Quality::BAD_DECODING));
    }
}
