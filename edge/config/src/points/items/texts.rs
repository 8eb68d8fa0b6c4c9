//! Texts in registers: a tag is a number, so each text that may stand there is given one.

use crate::{
    limits,
    table::Row,
    text::quoted,
    types::{ModbusData, ModbusTexts},
};
use std::sync::Arc;

/// How the manuals of devices begin the name of a type that is a text: `STRING(16)`, `char[8]`.
const NAMES: [&str; 6] = ["string", "text", "ascii", "char", "字符", "文本"];

const NUMBERS: [&str; 4] = ["scale", "offset", "raw_low", "raw_high"];

/// The characters of a text, of `string(16)`; `None` for what is no text.
pub(super) fn length(data: &str) -> Option<Result<u8, String>> {
    let kind = data.to_lowercase();
    let begins = NAMES.iter().any(|name| kind.starts_with(name));
    let digits = kind.trim_end_matches([')', ']', '）']).rsplit(['(', '[', '（']).next().unwrap_or_default();
    let length = digits.trim().parse().ok().filter(|length| (1..=limits::MODBUS_TEXT_CHARS_MAX).contains(length));
    begins.then(|| {
        length.ok_or_else(|| {
            format!(
                "{} does not say how many characters the text has; write string(16) for one of 16 characters in 8 registers, at most \
                 string({})",
                quoted(data),
                limits::MODBUS_TEXT_CHARS_MAX
            )
        })
    })
}

/// What each text means; reports where it is missing, and what belongs to numbers.
pub(super) fn read(row: Row<'_>, data: ModbusData) -> Option<Arc<ModbusTexts>> {
    let cell = row.cell("texts");
    let ModbusData::Text(characters) = data else {
        if cell.given().is_some() {
            cell.wrong(
                "belongs to texts, and the register holds a number; clear the cell, or write string(16) as its type",
            );
        }
        return None;
    };
    for cell in NUMBERS.into_iter().filter_map(|column| row.cell(column).given()) {
        cell.wrong(
            "belongs to numbers, and the register holds a text; clear the cell and write the number of each text",
        );
    }
    let Some(given) = cell.given() else {
        cell.wrong(
            "is empty; a tag is a number, so write the one that each text means, such as RUN=1;STOP=0. A text without a meaning is no \
             tag: look at it with davy read",
        );
        return None;
    };
    given.parse(|text| meanings(text, characters.into())).map(Arc::new)
}

/// `RUN=1;STOP=0`; a text may be empty, and has no `;`.
fn meanings(cell: &str, characters: usize) -> Result<ModbusTexts, String> {
    let mut texts = ModbusTexts::default();
    for part in cell.split([';', '；']).map(str::trim).filter(|part| !part.is_empty()) {
        let (text, number) =
            part.rsplit_once(['=', '＝']).map_or((part, None), |(text, number)| (text.trim(), Some(number)));
        let number = number.and_then(|number| number.trim().parse::<f64>().ok()).filter(|number| number.is_finite());
        let number =
            number.ok_or_else(|| format!("{} does not say a number; write such as RUN=1;STOP=0", quoted(part)))?;
        if text.len() > characters {
            return Err(format!(
                "{} is longer than the {characters} characters of the register; shorten it",
                quoted(text)
            ));
        }
        if texts.number(text).is_some() {
            return Err(format!("{} is here a second time; keep one", quoted(text)));
        }
        texts.0.push((text.to_owned(), number));
    }
    if texts.0.is_empty() || texts.0.len() > limits::MODBUS_TEXTS_MAX {
        return Err(format!("has {} texts; write 1 to {}", texts.0.len(), limits::MODBUS_TEXTS_MAX));
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for (data, expected) in [("string(16)", 16), ("STRING[8]", 8), ("文本（20）", 20), ("char 4", 4)] {
            let digits = length(data).unwrap();
            assert_eq!(digits.ok(), (data != "char 4").then_some(expected), "{data}");
        }
        for data in ["string", "string(0)", "string(251)", "text(x)"] {
            assert!(length(data).unwrap().is_err(), "{data}");
        }
        assert_eq!(length("u16"), None);
    }

    #[test]
    fn meanings_of_texts() {
        let found = |cell| meanings(cell, 8).map(|texts| texts.0);
        let of = |text: &str, number: f64| (text.to_owned(), number);
        assert_eq!(found("RUN=1; STOP = 0;"), Ok(vec![of("RUN", 1.0), of("STOP", 0.0)]));
        assert_eq!(found("A=B=2；=0"), Ok(vec![of("A=B", 2.0), of("", 0.0)]));
        for cell in ["", ";", "RUN", "RUN=x", "RUN=inf", "RUN=1;RUN=2", "MUCH TOO LONG=1"] {
            assert!(found(cell).is_err(), "{cell}");
        }
    }
}
