//! TOML files: tables whose keys are all known, and values of the right type, each with its place.

use crate::{
    durations,
    files::{Found, TextFile, Texts},
    finding::Spot,
    text::{Text, quoted},
};
use std::{fmt, ops::RangeInclusive};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A TOML file; nothing is in it where it is absent or broken.
pub(crate) struct Document<'a> {
    file: Option<(&'a TextFile<'a>, Spanned<DeTable<'a>>)>,
}

impl<'a> Document<'a> {
    /// Parses a file; a mistake of syntax is reported and leaves nothing.
    pub(crate) fn parse(texts: &'a Texts<'a>, name: &str) -> Self {
        match texts.get(name) {
            Found::Text(file) => Self::of(file),
            Found::Absent | Found::Refused => Self { file: None },
        }
    }

    /// The same of a file that is there.
    pub(crate) fn of(file: &'a TextFile<'a>) -> Self {
        match DeTable::parse(file.text) {
            Ok(table) => Self { file: Some((file, table)) },
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                file.spot(at).error(format_args!(
                    "this is not TOML: {}; correct it (the rest of the file is read after that)",
                    error.message()
                ));
                Self { file: None }
            }
        }
    }

    /// The file's top table.
    pub(crate) fn root(&'a self) -> Option<Section<'a>> {
        let (file, table) = self.file.as_ref()?;
        Some(Section { file, name: String::new(), at: 0, table: table.get_ref() })
    }
}

/// A table of a TOML file.
#[derive(Clone)]
pub(crate) struct Section<'a> {
    file: &'a TextFile<'a>,
    /// `source.opcua`; empty for the top.
    name: String,
    at: usize,
    table: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// Where the table begins.
    pub(crate) fn spot(&self) -> Spot<'a> {
        self.file.spot(self.at)
    }

    /// Its place among the tables of the file.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Reports every key that is not among the known ones.
    pub(crate) fn knows(&self, keys: &[&str]) {
        for (key, _) in self.table.iter().filter(|(key, _)| !keys.contains(&key.get_ref().as_ref())) {
            let spot = self.file.spot(key.span().start);
            let suggestion = spot.suggest(key.get_ref(), keys.iter().copied());
            let advice = suggestion.unwrap_or_else(|| format!("; the keys here are {}", keys.join(", ")));
            spot.error(format_args!("the key {} is not known{advice}", quoted(key.get_ref())));
        }
    }

    /// Whether a key is there at all.
    pub(crate) fn key(&self, key: &str) -> Option<Spot<'a>> {
        self.table.get_key_value(key).map(|(key, _)| self.file.spot(key.span().start))
    }

    /// A text.
    pub(crate) fn text(&self, key: &'static str) -> Option<Text<'a>> {
        let field = self.field(key)?;
        match field.value {
            DeValue::String(text) => Some(Text { spot: field.spot, what: key, text: text.trim(), excused: false }),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => field.wrong_type("a text in double quotes"),
        }
    }

    /// A text that must be there; the example says what it looks like.
    pub(crate) fn needed_text(&self, key: &'static str, example: &str) -> Option<Text<'a>> {
        if !self.table.contains_key(key) {
            self.missing(key, format_args!("{key} = \"{example}\""));
        }
        self.text(key).and_then(Text::needed)
    }

    /// A finite number with its place.
    pub(crate) fn number(&self, key: &'static str) -> Option<(Text<'a>, f64)> {
        let field = self.field(key)?;
        let text = match field.value {
            DeValue::Float(float) => float.as_str(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            DeValue::Integer(_)
            | DeValue::String(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                return field.wrong_type("a number without quotes");
            }
        };
        let text = Text { spot: field.spot, what: key, text, excused: false };
        Some((text, text.number()?))
    }

    /// A whole number within bounds.
    pub(crate) fn whole(&self, key: &'static str, bounds: RangeInclusive<u64>, default: u64) -> u64 {
        let Some(field) = self.field(key) else { return default };
        let integer = match field.value {
            DeValue::Integer(integer) => i128::from_str_radix(integer.as_str(), integer.radix()).ok(),
            DeValue::String(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                return field.wrong_type("a whole number without quotes").unwrap_or(default);
            }
        };
        let number = integer.and_then(|integer| u64::try_from(integer).ok()).filter(|number| bounds.contains(number));
        if number.is_none() {
            field.wrong(format_args!(
                "is out of range; write a whole number from {} to {}",
                bounds.start(),
                bounds.end()
            ));
        }
        number.unwrap_or(default)
    }

    /// A duration in milliseconds, within bounds.
    pub(crate) fn duration(&self, key: &'static str, bounds: RangeInclusive<u64>, default_ms: u64) -> u64 {
        let Some(field) = self.field(key) else { return default_ms };
        match field.value {
            DeValue::String(_) => self.text(key).and_then(|text| text.parse(|text| durations::parse(text, &bounds))),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                field.wrong_type(&format!("a text with a unit, such as \"{}\"", durations::show(default_ms.max(1))))
            }
        }
        .unwrap_or(default_ms)
    }

    /// Yes or no.
    pub(crate) fn flag(&self, key: &'static str, default: bool) -> bool {
        let Some(field) = self.field(key) else { return default };
        match field.value {
            DeValue::Boolean(flag) => *flag,
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => field.wrong_type("true or false without quotes").unwrap_or(default),
        }
    }

    /// One of several words.
    pub(crate) fn one_of<T: Copy>(&self, key: &'static str, words: &[(&[&str], T)], default: T) -> T {
        self.text(key).and_then(|text| text.one_of(words)).unwrap_or(default)
    }

    /// A list of texts.
    pub(crate) fn texts(&self, key: &'static str) -> Vec<Text<'a>> {
        let Some(field) = self.field(key) else { return Vec::new() };
        let Some(array) = field.value.as_array() else {
            return field.wrong_type("a list of texts in square brackets").unwrap_or_default();
        };
        let texts = array.iter().filter_map(|item| {
            let item = Field { spot: self.file.spot(item.span().start), key, value: item.get_ref() };
            match item.value.as_str() {
                Some(text) => Some(Text { spot: item.spot, what: key, text: text.trim(), excused: false }),
                None => item.wrong_type("a text in double quotes"),
            }
        });
        texts.collect()
    }

    /// A table within this one.
    pub(crate) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let field = self.field(key)?;
        let name = self.path(key);
        match field.value.as_table() {
            Some(table) => Some(Section { file: self.file, name, at: self.table.get(key)?.span().start, table }),
            None => field.wrong_type(&format!("a table; write [{name}] or {key} = {{ … }}")),
        }
    }

    /// A list of tables within this one, `[[source.opcua]]`.
    pub(crate) fn sections(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(field) = self.field(key) else { return Vec::new() };
        let name = self.path(key);
        let tables = field.value.as_array().filter(|array| array.iter().all(|item| item.get_ref().is_table()));
        let Some(array) = tables else {
            return field
                .wrong_type(&format!("a list of tables; write [[{name}]] with two brackets above each"))
                .unwrap_or_default();
        };
        let section = |item: &'a Spanned<DeValue<'a>>| {
            Some(Section {
                file: self.file,
                name: name.clone(),
                at: item.span().start,
                table: item.get_ref().as_table()?,
            })
        };
        array.iter().filter_map(section).collect()
    }

    /// Each key of the table with its text.
    pub(crate) fn entries(&self) -> Vec<(&'a str, Text<'a>)> {
        let entries = self.table.iter().filter_map(|(key, value)| {
            let key = key.get_ref().as_ref();
            let field = Field { spot: self.file.spot(value.span().start), key, value: value.get_ref() };
            match field.value.as_str() {
                Some(text) => Some((key, Text { spot: field.spot, what: key, text: text.trim(), excused: false })),
                None => field.wrong_type("a text in double quotes"),
            }
        });
        entries.collect()
    }

    /// Reports that something must be written here.
    pub(crate) fn missing(&self, what: &str, example: impl fmt::Display) {
        let place = if self.name.is_empty() { String::new() } else { format!(" in [{}]", self.name) };
        self.spot().error(format_args!("{what} is missing{place}; add {example}"));
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn field(&self, key: &'a str) -> Option<Field<'a>> {
        let value = self.table.get(key)?;
        Some(Field { spot: self.file.spot(value.span().start), key, value: value.get_ref() })
    }
}

struct Field<'a> {
    spot: Spot<'a>,
    key: &'a str,
    value: &'a DeValue<'a>,
}

impl Field<'_> {
    fn wrong(&self, problem: impl fmt::Display) {
        self.spot.error(format_args!("{}: {problem}", self.key));
    }

    /// Always `None`, for the value that could not be read.
    fn wrong_type<T>(&self, wanted: &str) -> Option<T> {
        self.wrong(format_args!("is {}; it must be {wanted}", article(self.value.type_str())));
        None
    }
}

fn article(kind: &str) -> String {
    let vowel = kind.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {kind}", if vowel { "an" } else { "a" })
}
