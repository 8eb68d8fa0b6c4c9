//! From a text to words and signs.

use super::{Mistake, UNITS, find};
use davy_core::model::{Arithmetic, Comparison};
use std::ops::Range;
use winnow::{
    LocatingSlice, ModalResult, Parser,
    combinator::{alt, delimited},
    error::EmptyError,
    stream::Location,
    token::{one_of, take_while},
};

/// A word or a sign with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) span: Range<usize>,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum What {
    /// A word as it stands.
    Word(String),
    /// A name in square brackets.
    Quoted(String),
    Number(f64),
    Open,
    Close,
    Comma,
    Arithmetic(Arithmetic),
    Compare(Comparison),
}

type Input<'a> = LocatingSlice<&'a str>;
type Lexed<T> = ModalResult<T, EmptyError>;

/// All tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Mistake> {
    let mut input = LocatingSlice::new(text);
    let mut tokens: Vec<Token> = Vec::new();
    loop {
        blanks(&mut input).map_err(|_| odd(text, input.current_token_start()))?;
        if input.is_empty() {
            return Ok(tokens);
        }
        let at = input.current_token_start();
        let (what, span) = token.with_span().parse_next(&mut input).map_err(|_| odd(text, at))?;
        match what {
            What::Word(word) => add_word(&word, span, &mut tokens),
            What::Quoted(_)
            | What::Number(_)
            | What::Open
            | What::Close
            | What::Comma
            | What::Arithmetic(_)
            | What::Compare(_) => tokens.push(Token { span, what }),
        }
    }
}

fn blanks(input: &mut Input<'_>) -> Lexed<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

fn token(input: &mut Input<'_>) -> Lexed<What> {
    alt((quoted, word, sign)).parse_next(input)
}

fn quoted(input: &mut Input<'_>) -> Lexed<What> {
    let name = take_while(1.., |c: char| !matches!(c, '[' | ']') && !c.is_control());
    let trimmed = name.map(str::trim).verify(|name: &str| !name.is_empty());
    delimited('[', trimmed, ']').map(|name: &str| What::Quoted(name.to_owned())).parse_next(input)
}

/// A word goes on over `-` and `.` but begins with neither.
fn word(input: &mut Input<'_>) -> Lexed<What> {
    let begins = |c: char| c.is_alphanumeric() || c == '_';
    let goes_on = |c: char| begins(c) || matches!(c, '-' | '.' | '#');
    (one_of(begins), take_while(0.., goes_on)).take().map(|word: &str| What::Word(word.to_owned())).parse_next(input)
}

fn sign(input: &mut Input<'_>) -> Lexed<What> {
    let compare = alt((
        alt((">=", "≥", "＞＝")).value(Comparison::AtLeast),
        alt(("<=", "≤", "＜＝")).value(Comparison::AtMost),
        alt(("!=", "<>", "≠")).value(Comparison::Differs),
        alt(("==", "=", "＝")).value(Comparison::Same),
        alt((">", "＞")).value(Comparison::Above),
        alt(("<", "＜")).value(Comparison::Below),
    ));
    alt((
        compare.map(What::Compare),
        alt(("(", "（")).value(What::Open),
        alt((")", "）")).value(What::Close),
        alt((",", "，", "、")).value(What::Comma),
        alt(("+", "＋")).value(What::Arithmetic(Arithmetic::Plus)),
        alt(("-", "－", "−")).value(What::Arithmetic(Arithmetic::Minus)),
        alt(("*", "×")).value(What::Arithmetic(Arithmetic::Times)),
        alt(("/", "÷")).value(What::Arithmetic(Arithmetic::Over)),
    ))
    .parse_next(input)
}

/// A word that is a number is one; `30s` is a number and a unit. What begins with digits and goes on otherwise is a name.
fn add_word(word: &str, span: Range<usize>, tokens: &mut Vec<Token>) {
    let digits = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let (number, unit) = word.split_at(digits);
    if let Some(number) = finite(word) {
        tokens.push(Token { span, what: What::Number(number) });
    } else if let (Some(number), Some(_)) = (finite(number), find(&UNITS, unit)) {
        let middle = span.start + digits;
        tokens.push(Token { span: span.start..middle, what: What::Number(number) });
        tokens.push(Token { span: middle..span.end, what: What::Word(unit.to_owned()) });
    } else {
        tokens.push(Token { span, what: What::Word(word.to_owned()) });
    }
}

fn finite(word: &str) -> Option<f64> {
    let begins_with_digit = word.starts_with(|c: char| c.is_ascii_digit());
    word.parse().ok().filter(|number: &f64| begins_with_digit && number.is_finite())
}

fn odd(text: &str, at: usize) -> Mistake {
    let rest = &text[at..];
    let c = rest.chars().next().unwrap_or_default();
    let span = at..at + c.len_utf8().min(rest.len());
    let advice = match c {
        '[' => "a name in square brackets ends with ]; close it",
        '&' => "write and instead of &",
        '|' => "write or instead of |",
        '!' => "write not instead of !",
        _ => "this character cannot stand in an expression; put names that have it in square brackets",
    };
    Mistake::new(span, format!("{c:?}: {advice}"))
}

/// Whether a name stands for itself without brackets, as one word.
pub(super) fn is_one_word(name: &str) -> bool {
    tokens(name).is_ok_and(|tokens| matches!(&tokens[..], [Token { what: What::Word(word), .. }] if word == name))
}
