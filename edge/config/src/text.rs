//! A piece of text from a file together with its place, and how it becomes a checked value.
//!
//! Every reader gives `None` for a text that is wrong, after it has been reported.

use crate::{durations, finding::Spot, limits};
use std::{
    fmt,
    ops::{Range, RangeInclusive},
};

/// A cell of a table or a string of a TOML file.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    /// Where it stands.
    pub(crate) spot: Spot<'a>,
    /// Its column or key, as written in the file.
    pub(crate) what: &'a str,
    /// The text, trimmed.
    pub(crate) text: &'a str,
    /// Its whole column is missing, which has been reported already.
    pub(crate) excused: bool,
}

impl<'a> Text<'a> {
    /// Reports that the text is wrong: what, and what to do.
    pub(crate) fn wrong(self, problem: impl fmt::Display) {
        self.spot.error(format_args!("{}: {problem}", self.what));
    }

    /// Reports what is allowed but probably not meant.
    pub(crate) fn warn(self, problem: impl fmt::Display) {
        self.spot.warn(format_args!("{}: {problem}", self.what));
    }

    /// The same of an object that the text names: which one is said first.
    pub(crate) fn warn_named(self, problem: impl fmt::Display) {
        self.spot.warn(format_args!("{} {problem}", quoted(self.text)));
    }

    /// The text unless it is empty.
    pub(crate) fn given(self) -> Option<Self> {
        (!self.text.is_empty()).then_some(self)
    }

    /// The text, which must not be empty.
    pub(crate) fn needed(self) -> Option<Self> {
        if self.text.is_empty() && !self.excused {
            self.wrong("is empty; fill it in");
        }
        self.given()
    }

    /// A part of it, in bytes. Where the file writes the text otherwise than it reads, with escapes, the place is that of the
    /// whole.
    pub(crate) fn part(self, range: Range<usize>) -> Self {
        let at = self.spot.begin_of(self.text).map(|begin| begin + range.start);
        let text = self.text.get(range).unwrap_or_default();
        Self { spot: at.map_or(self.spot, |at| self.spot.moved_to(at)), text, ..self }
    }

    /// What a parser makes of it.
    pub(crate) fn parse<T>(self, parser: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        parser(self.text).map_err(|problem| self.wrong(problem)).ok()
    }

    /// An id of letters, digits, `.`, `_` and `-`, fit for addresses and topics.
    pub(crate) fn code(self) -> Option<&'a str> {
        let text = self.label()?;
        if let Some(odd) = text.chars().find(|&c| !is_code_char(c)) {
            self.wrong(format_args!(
                "{} has the character {odd:?}; use only the letters a-z and A-Z, digits, '.', '_' and '-'",
                quoted(text)
            ));
            return None;
        }
        Some(text)
    }

    /// An id in the plant's own words.
    pub(crate) fn label(self) -> Option<&'a str> {
        self.needed()?.one_line(limits::ID_CHARS_MAX)
    }

    /// A name of one line.
    pub(crate) fn name(self) -> Option<&'a str> {
        self.needed()?.one_line(limits::NAME_CHARS_MAX)
    }

    /// One line, perhaps empty.
    pub(crate) fn one_line(self, chars_max: usize) -> Option<&'a str> {
        let text = self.plain(chars_max)?;
        if text.contains(char::is_control) {
            self.wrong("has a line break or another control character; remove it");
            return None;
        }
        Some(text)
    }

    /// Words for people, perhaps none.
    pub(crate) fn words(self) -> &'a str {
        self.plain(limits::TEXT_CHARS_MAX).unwrap_or_default()
    }

    /// A finite number.
    pub(crate) fn number(self) -> Option<f64> {
        self.parse(|text| match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => Err(format!("{} is not finite; write an ordinary number such as 12.5", quoted(text))),
            Err(_) => Err(format!("{} is not a number; write digits with a decimal point, such as 12.5", quoted(text))),
        })
    }

    /// A whole number within bounds.
    pub(crate) fn whole(self, bounds: RangeInclusive<u32>) -> Option<u32> {
        self.parse(|text| {
            text.parse().ok().filter(|number| bounds.contains(number)).ok_or_else(|| {
                format!(
                    "{} is not a whole number from {} to {}; correct it",
                    quoted(text),
                    bounds.start(),
                    bounds.end()
                )
            })
        })
    }

    /// A duration in milliseconds.
    pub(crate) fn duration(self) -> Option<u64> {
        self.parse(|text| durations::parse(text, &durations::ANY))
    }

    /// One of several words, each with its other spellings.
    pub(crate) fn one_of<T: Copy>(self, words: &[(&[&str], T)]) -> Option<T> {
        let matches = |word: &&str| word.eq_ignore_ascii_case(self.text);
        let found = words.iter().find(|(spellings, _)| spellings.iter().any(matches));
        if found.is_none() {
            let list: Vec<String> = words.iter().map(|(spellings, _)| spellings.join("/")).collect();
            let candidates: Vec<&str> = words.iter().flat_map(|(spellings, _)| spellings.iter().copied()).collect();
            let suggestion = self.spot.suggest(self.text, candidates.into_iter()).unwrap_or_default();
            self.wrong(format_args!(
                "{} is not known; write one of {}{suggestion}",
                quoted(self.text),
                list.join(", ")
            ));
        }
        found.map(|&(_, value)| value)
    }

    fn plain(self, chars_max: usize) -> Option<&'a str> {
        let count = self.text.chars().count();
        if count > chars_max {
            self.wrong(format_args!("has {count} characters; shorten it to at most {chars_max}"));
            return None;
        }
        if self.text.contains('\0') {
            self.wrong("has a NUL character; remove it");
            return None;
        }
        Some(self.text)
    }
}

/// Whether a character may stand in an address or a topic as it is.
pub(crate) fn is_code_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// A wrong value for a message, in quotes, cut when it is long.
pub(crate) fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(limits::QUOTED_CHARS_MAX).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    format!("{:?}", cut + dots)
}
