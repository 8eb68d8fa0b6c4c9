//! Registers of a Modbus device, each way they may be meant: which byte order is right is seen at once.

use crate::{cli::Format, output};
use davy_api::{Bit, Group, Order, Registers, Word, Wording};
use davy_config::{ByteOrder, ModbusAddress, ModbusData, ModbusTable};
use davy_field::probe::modbus::{Answer, number, text};
use serde_json::{Map, Value, json};

/// Each with its name for two registers and for four.
const ORDERS: [(ByteOrder, Option<&str>, &str); 8] = [
    (ByteOrder::Abcd, Some("ABCD"), "ABCDEFGH"),
    (ByteOrder::Cdab, Some("CDAB"), "GHEFCDAB"),
    (ByteOrder::Badc, Some("BADC"), "BADCFEHG"),
    (ByteOrder::Dcba, Some("DCBA"), "HGFEDCBA"),
    (ByteOrder::Cdabghef, None, "CDABGHEF"),
    (ByteOrder::Dcbahgfe, None, "DCBAHGFE"),
    (ByteOrder::Efghabcd, None, "EFGHABCD"),
    (ByteOrder::Fehgbadc, None, "FEHGBADC"),
];

const OF_TWO: [(&str, ModbusData); 3] = [("f32", ModbusData::F32), ("u32", ModbusData::U32), ("i32", ModbusData::I32)];
const OF_FOUR: [(&str, ModbusData); 3] = [("f64", ModbusData::F64), ("u64", ModbusData::U64), ("i64", ModbusData::I64)];

/// Registers two by two and four by four, beside each of them alone.
pub(super) fn of(from: ModbusAddress, answer: &Answer) -> Registers {
    let words = match answer {
        Answer::Bits(bits) => {
            let bit = |(at, bit): (usize, &bool)| Bit { address: address(from, at), value: *bit };
            return Registers { bits: bits.iter().enumerate().map(bit).collect(), ..Registers::default() };
        }
        Answer::Words(words) => words,
    };
    let by = |count: usize, kinds: [(&'static str, ModbusData); 3]| {
        let whole = words.chunks_exact(count).enumerate();
        whole.map(move |(at, words)| group(address(from, at * count), words, kinds))
    };
    Registers {
        bits: Vec::new(),
        words: words.iter().enumerate().map(|(at, word)| single(address(from, at), *word)).collect(),
        groups: by(2, OF_TWO).chain(by(4, OF_FOUR)).collect(),
        text: text(ByteOrder::Abcd, words),
    }
}

fn single(address: String, word: u16) -> Word {
    let bcd16 = number(ModbusData::Bcd16, ByteOrder::Abcd, &[word]);
    Word { address, hex: hex(&[word]), u16: word, i16: word.cast_signed(), bcd16 }
}

fn group(address: String, words: &[u16], kinds: [(&'static str, ModbusData); 3]) -> Group {
    let order = |(order, name): (ByteOrder, &'static str)| {
        // A float that is no number has no value.
        let value = |data| number(data, order, words).filter(|value| value.is_finite());
        Order { order: name, values: kinds.map(|(name, data)| Wording { data: name, value: value(data) }).into() }
    };
    Group { address, registers: words.len(), hex: hex(words), orders: orders(words.len()).map(order).collect() }
}

fn hex(words: &[u16]) -> String {
    words.iter().map(|word| format!("0x{word:04X}")).collect::<Vec<_>>().join(" ")
}

fn orders(words: usize) -> impl Iterator<Item = (ByteOrder, &'static str)> {
    ORDERS.into_iter().filter_map(move |(order, two, four)| Some((order, if words == 2 { two? } else { four })))
}

pub(super) fn print(registers: &Registers, format: Format) {
    match format {
        Format::Json => output::line(json(registers)),
        Format::Text => print_text(registers),
    }
}

fn print_text(registers: &Registers) {
    for Bit { address, value } in &registers.bits {
        output::line(format_args!("{address:<16} {}", u8::from(*value)));
    }
    for Word { address, hex, u16, i16, bcd16 } in &registers.words {
        let bcd = bcd16.map(|bcd| format!("  bcd16 {bcd}")).unwrap_or_default();
        output::line(format_args!("{address:<16} {hex}  {u16:016b}  u16 {u16}  i16 {i16}{bcd}"));
    }
    for Group { address, registers, orders, .. } in &registers.groups {
        output::line(format_args!("{address} and {} more", registers - 1));
        for Order { order, values } in orders {
            let words = values.iter().filter_map(|Wording { data, value }| Some(format!("{data} {}", (*value)?)));
            output::line(format_args!("  {order}  {}", words.collect::<Vec<_>>().join("  ")));
        }
    }
    if !registers.text.is_empty() {
        output::line(format_args!("text \"{}\"", registers.text));
    }
}

fn json(registers: &Registers) -> Value {
    let Registers { bits, words, groups, text } = registers;
    if !bits.is_empty() {
        return json!({ "bits": bits });
    }
    let single = |word: &Word| json!({"address": word.address, "u16": word.u16, "i16": word.i16, "bcd16": word.bcd16});
    let of = |count: usize| groups.iter().filter(move |group| group.registers == count).map(row).collect::<Vec<_>>();
    json!({ "registers": words.iter().map(single).collect::<Vec<_>>(), "pairs": of(2), "fours": of(4), "text": text })
}

/// A float that is no number is `null`.
fn row(group: &Group) -> Value {
    let mut row = Map::from_iter([("address".to_owned(), json!(group.address))]);
    for Order { order, values } in &group.orders {
        let values = values.iter().map(|Wording { data, value }| ((*data).to_owned(), json!(value)));
        row.insert((*order).to_owned(), Value::Object(values.collect()));
    }
    Value::Object(row)
}

/// As the point table takes it.
fn address(from: ModbusAddress, further: usize) -> String {
    let table = match from.table {
        ModbusTable::Coil => "coil",
        ModbusTable::Discrete => "discrete",
        ModbusTable::Holding => "holding",
        ModbusTable::Input => "input",
    };
    format!("{}/{table}/{}", from.unit_id, usize::from(from.address) + further)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers_are_told_each_way_they_may_be_meant() {
        let from = ModbusAddress { unit_id: 1, table: ModbusTable::Holding, address: 100, bit: None };
        let told = of(from, &Answer::Words(vec![0x41C8, 0x0000, 0x0000, 0x41C8, 0xFFFF]));
        let words: Vec<_> =
            told.words.iter().map(|word| (word.address.as_str(), word.hex.as_str(), word.i16)).collect();
        assert_eq!(
            (words.len(), words[0], words[4]),
            (5, ("1/holding/100", "0x41C8", 16840), ("1/holding/104", "0xFFFF", -1))
        );
        let meant = |at: usize, order: &str, data: &str| {
            let order = told.groups[at].orders.iter().find(|known| known.order == order).expect("an order");
            order.values.iter().find(|known| known.data == data).expect("a type").value
        };
        assert_eq!((told.groups[0].address.as_str(), meant(0, "ABCD", "f32")), ("1/holding/100", Some(25.0)));
        assert_eq!((told.groups[1].address.as_str(), meant(1, "CDAB", "f32")), ("1/holding/102", Some(25.0)));
        assert_eq!((told.groups[2].registers, told.groups[2].orders.len()), (4, 8));
        assert_eq!(told.groups[2].hex, "0x41C8 0x0000 0x0000 0x41C8");
        let none = of(from, &Answer::Words(vec![0x7FC0, 0x0000]));
        assert_eq!(
            none.groups[0].orders[0].values[0],
            Wording { data: "f32", value: None },
            "a float that is no number"
        );
        let coils = ModbusAddress { table: ModbusTable::Coil, ..from };
        let bits = of(coils, &Answer::Bits(vec![true, false]));
        assert_eq!(bits.bits[1], Bit { address: "1/coil/101".to_owned(), value: false });
    }
}
