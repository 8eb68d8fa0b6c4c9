//! The language of compound rules: from a text to a tree, each part with its place.
//!
//! Whatever stands together without a blank is one word, so that tag numbers need no quotes: `LI-1101` is a tag,
//! `LI-1101 - LI-1102` a difference. What has other characters, or is a word of the language, stands in square brackets:
//! `[1101/LI 2]`. From what binds least to what binds most: `or`; `and`; `for`, `within … of`; `not`; comparisons;
//! `+ -`; `* /`. `not P-1 for 30 s` therefore means that P-1 has not been on for 30 s, and `A and B for 30 s` that B has
//! lasted, with A now.

mod grammar;
mod lexer;
mod print;
#[cfg(test)]
mod tests;

pub(crate) use grammar::parse;

use davy_core::model::{Arithmetic, Comparison};
use std::ops::Range;

/// A part of an expression.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    /// Its bytes in the text.
    pub(crate) span: Range<usize>,
    pub(crate) kind: Kind,
}

/// What a part is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Number(f64),
    /// A tag or a rule.
    Name(String),
    /// `any(sos)`, `any(immobile, Z-21, Z-22)`: the rules of a table, and zones.
    AnyRule(Name, Vec<Name>),
    /// `people(Z-21)`.
    People(Name),
    /// `quality(LI-1101) bad`.
    Bad(Name),
    Negative(Box<Expression>),
    Absolute(Box<Expression>),
    /// Left to right.
    Arithmetic(Arithmetic, Box<Expression>, Box<Expression>),
    /// `min`, `max`.
    Extreme(Arithmetic, Vec<Expression>),
    Average(Vec<Expression>),
    /// `count(x, 10 min)`.
    Count(Box<Expression>, Duration),
    Compare(Comparison, Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    /// `2 of (a, b, c)`; with `2oo3` the three as well.
    Vote {
        needed: u64,
        total: Option<u64>,
        of: Vec<Expression>,
    },
    For(Box<Expression>, Duration),
    /// `a within 5 min of b`.
    Within(Box<Expression>, Duration, Box<Expression>),
}

/// A name with its place.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) span: Range<usize>,
    pub(crate) text: String,
}

/// A duration with its place.
#[derive(Clone, Debug)]
pub(crate) struct Duration {
    pub(crate) span: Range<usize>,
    pub(crate) ms: u64,
}

/// What is wrong, what to do, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) span: Range<usize>,
    pub(crate) what: String,
}

impl Mistake {
    fn new(span: Range<usize>, what: impl Into<String>) -> Self {
        Self { span, what: what.into() }
    }
}

/// The words of the language, the Chinese ones beside the English ones. They are not told apart by their case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    And,
    Or,
    Not,
    For,
    Within,
    Of,
    Bad,
    Good,
}

const KEYWORDS: [(&[&str], Keyword); 8] = [
    (&["and", "且", "并且"], Keyword::And),
    (&["or", "或", "或者"], Keyword::Or),
    (&["not", "非", "未"], Keyword::Not),
    (&["for", "持续"], Keyword::For),
    (&["within", "相隔"], Keyword::Within),
    (&["of", "取", "于"], Keyword::Of),
    (&["bad", "坏"], Keyword::Bad),
    (&["good", "好"], Keyword::Good),
];

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    People,
    Quality,
    Absolute,
    Least,
    Greatest,
    Average,
    Count,
    AnyRule,
}

const FUNCTIONS: [(&[&str], Function); 8] = [
    (&["people", "人数"], Function::People),
    (&["quality", "质量"], Function::Quality),
    (&["abs", "绝对值"], Function::Absolute),
    (&["min", "最小"], Function::Least),
    (&["max", "最大"], Function::Greatest),
    (&["avg", "平均"], Function::Average),
    (&["count", "次数"], Function::Count),
    (&["any", "任一"], Function::AnyRule),
];

const UNITS: [(&[&str], u64); 4] =
    [(&["ms", "毫秒"], 1), (&["s", "秒"], 1_000), (&["min", "分", "分钟"], 60_000), (&["h", "小时", "时"], 3_600_000)];

fn find<T: Copy>(words: &[(&[&str], T)], word: &str) -> Option<T> {
    let is_it = |(spellings, _): &&(&[&str], T)| spellings.iter().any(|one| one.eq_ignore_ascii_case(word));
    words.iter().find(is_it).map(|(_, what)| *what)
}
