//! Every type in every order, against values that were put together by hand and against a naive model.

use super::*;
use davy_config::{ModbusTable, ModbusTexts};
use davy_core::id::TagIx;
use proptest::prelude::*;

fn read(data: ModbusData, order: ByteOrder, words: &[u16]) -> Result<f64, Quality> {
    scaled(data, order, words, 1.0, 0.0)
}

/// A holding register at the address 101.
fn item_of(data: ModbusData, order: ByteOrder) -> ModbusItem {
    ModbusItem {
        tag: TagIx(0),
        unit_id: 1,
        table: ModbusTable::Holding,
        address: 101,
        data,
        order,
        scale: 1.0,
        offset: 0.0,
        texts: None,
        poll_ms: 1_000,
    }
}

fn scaled(data: ModbusData, order: ByteOrder, words: &[u16], scale: f64, offset: f64) -> Result<f64, Quality> {
    let item = ModbusItem { scale, offset, ..item_of(data, order) };
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
        (ModbusData::I32, -19_088_744.0, [&[0xFEDC, 0xBA98], &[0xBA98, 0xFEDC], &[0xDCFE, 0x98BA], &[0x98BA, 0xDCFE]]),
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
        texts: None,
        poll_ms: 1_000,
    };
    let block = Block { unit_id: 1, table: ModbusTable::Coil, start: 5, count: 3, items: vec![0] };
    assert_eq!(value(&item, &block, &Answer::Bits(vec![false, false, true])), Ok(1.0));
    assert_eq!(value(&item, &block, &Answer::Bits(vec![true, true, false])), Ok(0.0));
    assert_eq!(value(&item, &block, &Answer::Bits(vec![true, true])), Err(Quality::BAD_DECODING));
}

#[test]
fn eight_orders_of_64_bits() {
    use ByteOrder::{Abcd, Badc, Cdab, Cdabghef, Dcba, Dcbahgfe, Efghabcd, Fehgbadc};
    // The letters of a name are where the bytes of 0xA1B2C3D4E5F60718 stand on the wire.
    for (order, wire) in [
        (Abcd, [0xA1B2, 0xC3D4, 0xE5F6, 0x0718]),
        (Badc, [0xB2A1, 0xD4C3, 0xF6E5, 0x1807]),
        (Cdabghef, [0xC3D4, 0xA1B2, 0x0718, 0xE5F6]),
        (Dcbahgfe, [0xD4C3, 0xB2A1, 0x1807, 0xF6E5]),
        (Efghabcd, [0xE5F6, 0x0718, 0xA1B2, 0xC3D4]),
        (Fehgbadc, [0xF6E5, 0x1807, 0xB2A1, 0xD4C3]),
        (Cdab, [0x0718, 0xE5F6, 0xC3D4, 0xA1B2]),
        (Dcba, [0x1807, 0xF6E5, 0xD4C3, 0xB2A1]),
    ] {
        assert_eq!(read(ModbusData::U64, order, &wire), Ok(0xA1B2_C3D4_E5F6_0718_u64 as f64), "{order:?}");
    }
}

#[test]
fn bits_of_a_register_and_decimal_digits() {
    for bit in 0..16 {
        let only = read(ModbusData::Bit(bit), ByteOrder::Abcd, &[1 << bit]);
        let others = read(ModbusData::Bit(bit), ByteOrder::Abcd, &[!(1 << bit)]);
        assert_eq!((only, others), (Ok(1.0), Ok(0.0)), "bit {bit}");
    }
    assert_eq!(read(ModbusData::Bit(3), ByteOrder::Badc, &[0x0800]), Ok(1.0), "the bytes are swapped first");
    for (words, expected) in [
        (&[0x1234][..], Ok(1_234.0)),
        (&[0x9999], Ok(9_999.0)),
        (&[0x12A4], Err(Quality::BAD_DECODING)),
        (&[0x1234, 0x5678], Ok(12_345_678.0)),
        (&[0x1234, 0x567F], Err(Quality::BAD_DECODING)),
    ] {
        let data = if words.len() == 1 { ModbusData::Bcd16 } else { ModbusData::Bcd32 };
        assert_eq!(read(data, ByteOrder::Abcd, words), expected, "{words:04X?}");
    }
    assert_eq!(read(ModbusData::Bcd32, ByteOrder::Cdab, &[0x5678, 0x1234]), Ok(12_345_678.0));
}

#[test]
fn texts_of_a_device() {
    assert_eq!(text(ByteOrder::Abcd, &[0x4461, 0x7679, 0x2020, 0]), "Davy");
    assert_eq!(text(ByteOrder::Badc, &[0x6144, 0x7976, 0x0041, 0x4242]), "DavyA", "up to the first NUL");
    assert_eq!(text(ByteOrder::Abcd, &[0xE6B0, 0x940A, 0xFF41]), "气�A");
}

const ALL: [ModbusData; 11] = [
    ModbusData::Bool,
    ModbusData::U16,
    ModbusData::I16,
    ModbusData::U32,
    ModbusData::I32,
    ModbusData::F32,
    ModbusData::U64,
    ModbusData::I64,
    ModbusData::F64,
    ModbusData::Bcd16,
    ModbusData::Bcd32,
];

/// The names of the orders say where each byte of a value stands on the wire: for 64 bits, and for fewer.
const ORDERS: [(ByteOrder, &str, &str, &str); 8] = [
    (ByteOrder::Abcd, "ABCDEFGH", "ABCD", "AB"),
    (ByteOrder::Cdab, "GHEFCDAB", "CDAB", "AB"),
    (ByteOrder::Badc, "BADCFEHG", "BADC", "BA"),
    (ByteOrder::Dcba, "HGFEDCBA", "DCBA", "BA"),
    (ByteOrder::Cdabghef, "CDABGHEF", "", ""),
    (ByteOrder::Dcbahgfe, "DCBAHGFE", "", ""),
    (ByteOrder::Efghabcd, "EFGHABCD", "", ""),
    (ByteOrder::Fehgbadc, "FEHGBADC", "", ""),
];

/// A value as its bytes, the most significant first, and the number that it is.
fn naive(data: ModbusData, bytes: [u8; 8]) -> (Vec<u8>, Option<f64>) {
    let [a, b, c, d, ..] = bytes;
    let digits = |bytes: &[u8]| {
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        text.parse::<u32>().ok().map(f64::from)
    };
    let number = match data {
        ModbusData::Bool => Some(f64::from(b & 1)),
        ModbusData::Bit(bit) => Some(f64::from(u8::from(u16::from_be_bytes([a, b]) & (1 << bit) != 0))),
        ModbusData::U16 => Some(u16::from_be_bytes([a, b]).into()),
        ModbusData::I16 => Some(i16::from_be_bytes([a, b]).into()),
        ModbusData::U32 => Some(u32::from_be_bytes([a, b, c, d]).into()),
        ModbusData::I32 => Some(i32::from_be_bytes([a, b, c, d]).into()),
        ModbusData::F32 => Some(f32::from_be_bytes([a, b, c, d]).into()),
        ModbusData::U64 => Some(u64::from_be_bytes(bytes) as f64),
        ModbusData::I64 => Some(i64::from_be_bytes(bytes) as f64),
        ModbusData::F64 => Some(f64::from_be_bytes(bytes)),
        ModbusData::Bcd16 => digits(&[a, b]),
        ModbusData::Bcd32 => digits(&[a, b, c, d]),
        ModbusData::Text(_) => None,
    };
    (bytes[..usize::from(data.registers()) * 2].to_vec(), number)
}

#[test]
fn texts_are_the_numbers_that_they_mean() {
    let texts = ModbusTexts(vec![("RUN".to_owned(), 1.0), ("急停".to_owned(), 2.0), (String::new(), 0.0)]);
    let texts = Some(std::sync::Arc::new(texts));
    let of = |characters, order, bytes: &[u8]| {
        let words: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        let item = ModbusItem { texts: texts.clone(), ..item_of(ModbusData::Text(characters), order) };
        let block = Block { unit_id: 1, table: ModbusTable::Holding, start: 101, count: 9, items: vec![0] };
        value(&item, &block, &Answer::Words(words))
    };
    for (characters, order, bytes, expected) in [
        (4, ByteOrder::Abcd, &b"RUN\0"[..], Ok(1.0)),
        (4, ByteOrder::Badc, b"URN ", Err(UNKNOWN_TEXT)),
        (4, ByteOrder::Badc, b"UR N", Ok(1.0)),
        (3, ByteOrder::Abcd, b"RUNX", Ok(1.0)),
        (6, ByteOrder::Abcd, "急停".as_bytes(), Ok(2.0)),
        (4, ByteOrder::Abcd, b"\0\0\0\0", Ok(0.0)),
        (4, ByteOrder::Abcd, b"    ", Ok(0.0)),
        (4, ByteOrder::Abcd, b"run\0", Err(UNKNOWN_TEXT)),
        (4, ByteOrder::Abcd, &[0xFF, 0xFE, 0xFD, 0], Err(UNKNOWN_TEXT)),
        (4, ByteOrder::Abcd, b"RU", Err(Quality::BAD_DECODING)),
    ] {
        assert_eq!(of(characters, order, bytes), expected, "{characters} {bytes:?}");
    }
}

proptest! {
    #[test]
    fn decoding_is_what_the_names_of_type_and_order_say(
        data in (0usize..ALL.len() + 16),
        order in 0usize..8,
        decimal: bool,
        bytes: [u8; 8],
    ) {
        let data = ALL.get(data).copied().unwrap_or(ModbusData::Bit((data % 16) as u8));
        let bytes = bytes.map(|byte| if decimal { byte % 10 * 16 + byte / 16 % 10 } else { byte });
        let (order, of_64, of_32, of_16) = ORDERS[order];
        let name = match data.registers() { 4 => of_64, 2 => of_32, _ => of_16 };
        prop_assume!(!name.is_empty());
        let (value, expected) = naive(data, bytes);
        let wire: Vec<u8> = name.bytes().map(|letter| value[usize::from(letter - b'A')]).collect();
        let words: Vec<u16> = wire.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
        let found = number(data, order, &words);
        prop_assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits));
    }

    #[test]
    fn whatever_a_device_sends_is_a_finite_number_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        crate::fuzz::modbus_registers(&bytes);
    }
}
