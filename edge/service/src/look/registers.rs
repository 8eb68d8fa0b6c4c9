//! Registers of a Modbus device, each way they may be meant: which byte order is right is seen at once.

use crate::{cli::Format, output};
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

/// Some registers of an answer, from a place on.
struct Part<'a> {
    address: String,
    words: &'a [u16],
}

pub(super) fn print(from: ModbusAddress, answer: &Answer, format: Format) {
    let parts = match answer {
        Answer::Bits(bits) => return print_bits(from, bits, format),
        Answer::Words(words) => words,
    };
    let part = |at: usize, count: usize| Part { address: address(from, at), words: &parts[at..at + count] };
    let singles: Vec<Part<'_>> = (0..parts.len()).map(|at| part(at, 1)).collect();
    let pairs: Vec<Part<'_>> = (0..parts.len() / 2).map(|at| part(at * 2, 2)).collect();
    let fours: Vec<Part<'_>> = (0..parts.len() / 4).map(|at| part(at * 4, 4)).collect();
    if format == Format::Json {
        output::line(json!({
            "registers": singles.iter().map(single_row).collect::<Vec<_>>(),
            "pairs": pairs.iter().map(|pair| row(pair, OF_TWO)).collect::<Vec<_>>(),
            "fours": fours.iter().map(|four| row(four, OF_FOUR)).collect::<Vec<_>>(),
            "text": text(ByteOrder::Abcd, parts),
        }));
        return;
    }
    for single in &singles {
        let word = single.words[0];
        let bcd = number(ModbusData::Bcd16, ByteOrder::Abcd, single.words);
        let bcd = bcd.map(|bcd| format!("  bcd16 {bcd}")).unwrap_or_default();
        output::line(format_args!(
            "{:<16} 0x{word:04X}  {word:016b}  u16 {word}  i16 {}{bcd}",
            single.address,
            word.cast_signed()
        ));
    }
    pairs.iter().for_each(|pair| print_part(pair, OF_TWO));
    fours.iter().for_each(|four| print_part(four, OF_FOUR));
    let text = text(ByteOrder::Abcd, parts);
    if !text.is_empty() {
        output::line(format_args!("text \"{text}\""));
    }
}

fn print_bits(from: ModbusAddress, bits: &[bool], format: Format) {
    if format == Format::Json {
        let row = |(at, bit): (usize, &bool)| json!({"address": address(from, at), "value": bit});
        output::line(json!({"bits": bits.iter().enumerate().map(row).collect::<Vec<_>>()}));
        return;
    }
    for (at, bit) in bits.iter().enumerate() {
        output::line(format_args!("{:<16} {}", address(from, at), u8::from(*bit)));
    }
}

fn print_part(part: &Part<'_>, kinds: [(&str, ModbusData); 3]) {
    output::line(format_args!("{} and {} more", part.address, part.words.len() - 1));
    for (order, name) in orders(part.words.len()) {
        let value = |(kind, data)| number(data, order, part.words).map(|value| format!("{kind} {value}"));
        let values: Vec<String> = kinds.into_iter().filter_map(value).collect();
        output::line(format_args!("  {name}  {}", values.join("  ")));
    }
}

fn orders(words: usize) -> impl Iterator<Item = (ByteOrder, &'static str)> {
    ORDERS.into_iter().filter_map(move |(order, two, four)| Some((order, if words == 2 { two? } else { four })))
}

fn single_row(part: &Part<'_>) -> Value {
    let word = part.words[0];
    let bcd = number(ModbusData::Bcd16, ByteOrder::Abcd, part.words);
    json!({"address": part.address, "u16": word, "i16": word.cast_signed(), "bcd16": bcd})
}

/// A float that is no number is `null`.
fn row(part: &Part<'_>, kinds: [(&str, ModbusData); 3]) -> Value {
    let mut row = Map::from_iter([("address".to_owned(), json!(part.address))]);
    for (order, name) in orders(part.words.len()) {
        let values = kinds.iter().map(|(kind, data)| ((*kind).to_owned(), json!(number(*data, order, part.words))));
        row.insert(name.to_owned(), Value::Object(values.collect()));
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
