//! What a fuzzer calls: bytes in, and nothing but a panic is a failure. Bounded runs of the same are among the tests.

use crate::modbus::{
    decode,
    plan::{self, Block},
    read_only::Answer,
};
use davy_config::{ByteOrder, ModbusData, ModbusItem, ModbusTable, ModbusTexts};
use davy_core::id::TagIx;
use std::sync::Arc;

mod mqtt;

pub use mqtt::mqtt_message;

const DATA: [ModbusData; 13] = [
    ModbusData::Bool,
    ModbusData::Bit(0),
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
    ModbusData::Text(7),
];

const ORDERS: [ByteOrder; 8] = [
    ByteOrder::Abcd,
    ByteOrder::Cdab,
    ByteOrder::Badc,
    ByteOrder::Dcba,
    ByteOrder::Cdabghef,
    ByteOrder::Dcbahgfe,
    ByteOrder::Efghabcd,
    ByteOrder::Fehgbadc,
];

/// Decodes registers: the first bytes choose type, order, place and scaling, the rest is what a device sent. The length of the
/// answer need not fit.
///
/// # Panics
/// When a value comes out that is no finite number.
pub fn modbus_registers(bytes: &[u8]) {
    let [data, order, bit, address, start, scale, rest @ ..] = bytes else { return };
    let pick = |byte: &u8, count: usize| usize::from(*byte) % count;
    let mut data = DATA[pick(data, DATA.len())];
    if let ModbusData::Bit(number) | ModbusData::Text(number) = &mut data {
        *number = *bit;
    }
    let item = ModbusItem {
        tag: TagIx(0),
        unit_id: *bit,
        table: if bit % 2 == 0 { ModbusTable::Holding } else { ModbusTable::Coil },
        address: (*address).into(),
        data,
        order: ORDERS[pick(order, ORDERS.len())],
        scale: f64::from(*scale) * 1e300,
        offset: -f64::from(*scale),
        texts: Some(Arc::new(ModbusTexts(vec![(String::new(), 0.0), ("RUN".to_owned(), 1.0)]))),
        poll_ms: 1_000,
    };
    let words: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let block = Block { start: (*start).into(), ..plan::single(std::slice::from_ref(&item), 0) };
    let answers = [Answer::Bits(rest.iter().map(|byte| byte % 2 == 1).collect()), Answer::Words(words.clone())];
    for answer in answers {
        let value = decode::value(&item, &block, &answer);
        assert!(value.is_err() || value.is_ok_and(f64::is_finite), "{item:?} in {answer:?} is {value:?}");
    }
    let _ = decode::text(item.order, &words);
}
