//! From words and signs to a tree.

use super::{
    Duration, Expression, FUNCTIONS, Function, KEYWORDS, Keyword, Kind, Mistake, Name, UNITS, find,
    lexer::{self, Token, What},
};
use crate::{durations, limits, text::quoted};
use davy_core::{limits::COMPOUND_NODES_MAX, model::Arithmetic};
use std::ops::Range;
use winnow::{
    Parser,
    combinator::{opt, separated},
    error::{ErrMode, ParserError},
    stream::{Stream, TokenSlice},
    token::any,
};

type Tokens<'t> = TokenSlice<'t, Token>;
type Parsed<T> = Result<T, ErrMode<Mistake>>;

const OPERAND: &str = "write a tag, a rule, a number, a function or an opening parenthesis here";
const OPERATOR: &str =
    "and, or, for, within, a comparison or an arithmetic sign may stand here; names with blanks go in square brackets";

impl ParserError<Tokens<'_>> for Mistake {
    type Inner = Self;

    fn from_input(input: &Tokens<'_>) -> Self {
        Self::new(place(input), OPERATOR)
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

/// Reads an expression. The first mistake ends it.
pub(crate) fn parse(text: &str) -> Result<Expression, Mistake> {
    let tokens = lexer::tokens(text)?;
    check_size(&tokens)?;
    let mut input = TokenSlice::new(&tokens);
    let whole = alternatives(&mut input).map_err(|error| match error {
        ErrMode::Backtrack(mistake) | ErrMode::Cut(mistake) => mistake,
        ErrMode::Incomplete(_) => Mistake::new(text.len()..text.len(), OPERAND),
    })?;
    match input.peek_token() {
        None => Ok(whole),
        Some(token) => {
            Err(Mistake::new(token.span.clone(), format!("{} is not expected here; {OPERATOR}", show(token))))
        }
    }
}

/// The tree is walked by functions that call themselves, so it must not be deep; neither may a person be asked to read it.
fn check_size(tokens: &[Token]) -> Result<(), Mistake> {
    if let Some(token) = tokens.get(COMPOUND_NODES_MAX) {
        let what = format!(
            "the expression has more than {COMPOUND_NODES_MAX} words and signs; split it into rules and use those"
        );
        return Err(Mistake::new(token.span.clone(), what));
    }
    let (mut open, mut row) = (0_usize, 0_usize);
    for token in tokens {
        let is_prefix = matches!(&token.what, What::Arithmetic(_)) || is_keyword(token, Keyword::Not);
        row = if is_prefix { row + 1 } else { 0 };
        open = match token.what {
            What::Open => open + 1,
            What::Close => open.saturating_sub(1),
            What::Word(_)
            | What::Quoted(_)
            | What::Number(_)
            | What::Comma
            | What::Arithmetic(_)
            | What::Compare(_) => open,
        };
        if open + row > limits::EXPRESSION_NESTING_MAX {
            let what = format!(
                "the expression is nested deeper than {}; split it into rules and use those",
                limits::EXPRESSION_NESTING_MAX
            );
            return Err(Mistake::new(token.span.clone(), what));
        }
    }
    Ok(())
}

fn alternatives(input: &mut Tokens<'_>) -> Parsed<Expression> {
    let parts: Vec<Expression> = separated(1.., conjunction, keyword(Keyword::Or)).parse_next(input)?;
    Ok(joined(parts, Kind::Any))
}

fn conjunction(input: &mut Tokens<'_>) -> Parsed<Expression> {
    let parts: Vec<Expression> = separated(1.., timed, keyword(Keyword::And)).parse_next(input)?;
    Ok(joined(parts, Kind::All))
}

/// One part stands for itself.
fn joined(mut parts: Vec<Expression>, join: fn(Vec<Expression>) -> Kind) -> Expression {
    if parts.len() == 1 {
        return parts.remove(0);
    }
    let (start, end) = (parts[0].span.start, parts[parts.len() - 1].span.end);
    Expression { span: start..end, kind: join(parts) }
}

fn timed(input: &mut Tokens<'_>) -> Parsed<Expression> {
    let mut whole = negation(input)?;
    loop {
        if opt(keyword(Keyword::For)).parse_next(input)?.is_some() {
            let duration = duration(input)?;
            let span = whole.span.start..duration.span.end;
            whole = Expression { span, kind: Kind::For(Box::new(whole), duration) };
        } else if opt(keyword(Keyword::Within)).parse_next(input)?.is_some() {
            let duration = duration(input)?;
            expect(
                input,
                |token| is_keyword(token, Keyword::Of),
                "write of and the other condition: a within 5 min of b",
            )?;
            let other = negation(input)?;
            let span = whole.span.start..other.span.end;
            whole = Expression { span, kind: Kind::Within(Box::new(whole), duration, Box::new(other)) };
        } else {
            return Ok(whole);
        }
    }
}

fn negation(input: &mut Tokens<'_>) -> Parsed<Expression> {
    let start = place(input).start;
    if opt(keyword(Keyword::Not)).parse_next(input)?.is_none() {
        return comparison(input);
    }
    let of = negation(input)?;
    Ok(Expression { span: start..of.span.end, kind: Kind::Not(Box::new(of)) })
}

fn comparison(input: &mut Tokens<'_>) -> Parsed<Expression> {
    let first = sum(input)?;
    let sign = |token: &Token| if let What::Compare(comparison) = token.what { Some(comparison) } else { None };
    let Some(comparison) = opt(any.verify_map(|token: &Token| sign(token))).parse_next(input)? else {
        return Ok(first);
    };
    let second = sum(input)?;
    if input.peek_token().is_some_and(|token| sign(token).is_some()) {
        return cut(place(input), "two values are compared at a time; write a > b and b > c");
    }
    let span = first.span.start..second.span.end;
    Ok(Expression { span, kind: Kind::Compare(comparison, Box::new(first), Box::new(second)) })
}

fn sum(input: &mut Tokens<'_>) -> Parsed<Expression> {
    calculation(input, product, [Arithmetic::Plus, Arithmetic::Minus])
}

fn product(input: &mut Tokens<'_>) -> Parsed<Expression> {
    calculation(input, signed, [Arithmetic::Times, Arithmetic::Over])
}

fn calculation(
    input: &mut Tokens<'_>,
    operand: fn(&mut Tokens<'_>) -> Parsed<Expression>,
    operations: [Arithmetic; 2],
) -> Parsed<Expression> {
    let mut whole = operand(input)?;
    while let Some(operation) = opt(arithmetic(operations)).parse_next(input)? {
        let next = operand(input)?;
        let span = whole.span.start..next.span.end;
        whole = Expression { span, kind: Kind::Arithmetic(operation, Box::new(whole), Box::new(next)) };
    }
    Ok(whole)
}

fn signed(input: &mut Tokens<'_>) -> Parsed<Expression> {
    let start = place(input).start;
    if opt(arithmetic([Arithmetic::Minus; 2])).parse_next(input)?.is_none() {
        return operand(input);
    }
    let of = signed(input)?;
    Ok(Expression { span: start..of.span.end, kind: Kind::Negative(Box::new(of)) })
}

fn operand(input: &mut Tokens<'_>) -> Parsed<Expression> {
    let Some(token) = input.peek_token() else {
        return cut(place(input), format!("the expression ends too early; {OPERAND}"));
    };
    let span = token.span.clone();
    match &token.what {
        What::Number(number) => {
            any.parse_next(input)?;
            number_or_vote(input, *number, span)
        }
        What::Quoted(name) => {
            any.parse_next(input)?;
            Ok(Expression { span, kind: Kind::Name(name.clone()) })
        }
        What::Open => {
            any.parse_next(input)?;
            let inner = alternatives(input)?;
            let end = close(input, "the parenthesis is not closed")?;
            Ok(Expression { span: span.start..end, kind: inner.kind })
        }
        What::Word(word) if find(&KEYWORDS, word).is_none() => {
            any.parse_next(input)?;
            named(input, word, span)
        }
        What::Word(_) | What::Close | What::Comma | What::Arithmetic(_) | What::Compare(_) => {
            cut(span, format!("{} is not expected here; {OPERAND}", show(token)))
        }
    }
}

/// `80`, or `2 of (a, b, c)`.
fn number_or_vote(input: &mut Tokens<'_>, number: f64, span: Range<usize>) -> Parsed<Expression> {
    if opt(keyword(Keyword::Of)).parse_next(input)?.is_none() {
        return Ok(Expression { span, kind: Kind::Number(number) });
    }
    let Some(needed) = whole(number) else {
        return cut(span, "so many of them must be a whole number; write 2 of (a, b, c)");
    };
    vote(input, needed, None, span)
}

fn vote(input: &mut Tokens<'_>, needed: u64, total: Option<u64>, span: Range<usize>) -> Parsed<Expression> {
    let (of, end) = list(input, "write the conditions in parentheses: 2 of (a, b, c)")?;
    Ok(Expression { span: span.start..end, kind: Kind::Vote { needed, total, of } })
}

fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number.fract() == 0.0 && number < 1e6).then_some(number as u64)
}

/// A name, or a function where a parenthesis follows.
fn named(input: &mut Tokens<'_>, word: &str, span: Range<usize>) -> Parsed<Expression> {
    if !input.peek_token().is_some_and(|token| token.what == What::Open) {
        return Ok(Expression { span, kind: Kind::Name(word.to_owned()) });
    }
    if let Some((needed, total)) = m_out_of_n(word) {
        return vote(input, needed, Some(total), span);
    }
    let Some(function) = find(&FUNCTIONS, word) else {
        let names: Vec<String> = FUNCTIONS.iter().map(|(spellings, _)| spellings.join("/")).collect();
        let what = format!("{} is not a function; the functions are {}", quoted(word), names.join(", "));
        return cut(span, what);
    };
    call(input, function, span.start)
}

/// `2oo3`.
fn m_out_of_n(word: &str) -> Option<(u64, u64)> {
    let (needed, total) = word.split_once("oo")?;
    Some((needed.parse().ok()?, total.parse().ok()?))
}

fn call(input: &mut Tokens<'_>, function: Function, start: usize) -> Parsed<Expression> {
    let (kind, end) = match function {
        Function::People => {
            let (name, end) = name_in_parentheses(input, "name a zone: people(Z-21)")?;
            (Kind::People(name), end)
        }
        Function::AnyRule => {
            let (mut names, end) = names_in_parentheses(input, "name a table of rules: any(sos), any(immobile, Z-21)")?;
            (Kind::AnyRule(names.remove(0), names), end)
        }
        Function::Quality => return quality(input, start),
        Function::Absolute => {
            let (mut of, end) = list(input, OPERAND)?;
            if of.len() != 1 {
                return cut(start..end, "abs takes one number; write abs(a - b)");
            }
            (Kind::Absolute(Box::new(of.remove(0))), end)
        }
        Function::Least | Function::Greatest | Function::Average => {
            let (of, end) = list(input, OPERAND)?;
            let kind = match function {
                Function::Least => Kind::Extreme(Arithmetic::Least, of),
                Function::Greatest => Kind::Extreme(Arithmetic::Greatest, of),
                Function::Average
                | Function::People
                | Function::Quality
                | Function::Absolute
                | Function::Count
                | Function::AnyRule => Kind::Average(of),
            };
            (kind, end)
        }
        Function::Count => {
            any.parse_next(input)?;
            let of = alternatives(input)?;
            expect(input, |token| token.what == What::Comma, "write a comma and how long: count(a, 10 min)")?;
            let duration = duration(input)?;
            let end = close(input, "count ends with a parenthesis")?;
            (Kind::Count(Box::new(of), duration), end)
        }
    };
    Ok(Expression { span: start..end, kind })
}

fn quality(input: &mut Tokens<'_>, start: usize) -> Parsed<Expression> {
    let (name, _) = name_in_parentheses(input, "name a tag: quality(LI-1101) bad")?;
    let is_word = |token: &Token| is_keyword(token, Keyword::Bad) || is_keyword(token, Keyword::Good);
    let token = expect(input, is_word, "write bad or good after it: quality(LI-1101) bad")?;
    let span = start..token.span.end;
    let bad = Expression { span: span.clone(), kind: Kind::Bad(name) };
    if is_keyword(token, Keyword::Bad) {
        return Ok(bad);
    }
    Ok(Expression { span, kind: Kind::Not(Box::new(bad)) })
}

fn name_in_parentheses(input: &mut Tokens<'_>, advice: &str) -> Parsed<(Name, usize)> {
    any.parse_next(input)?;
    let name = name(input, advice)?;
    Ok((name, close(input, advice)?))
}

/// One name at least.
fn names_in_parentheses(input: &mut Tokens<'_>, advice: &str) -> Parsed<(Vec<Name>, usize)> {
    any.parse_next(input)?;
    let comma = any.verify(|token: &Token| token.what == What::Comma);
    let names = separated(1.., |input: &mut Tokens<'_>| name(input, advice), comma).parse_next(input)?;
    Ok((names, close(input, advice)?))
}

fn name(input: &mut Tokens<'_>, advice: &str) -> Parsed<Name> {
    let Some(token) = input.peek_token() else {
        return cut(place(input), format!("the expression ends too early; {advice}"));
    };
    let (What::Word(text) | What::Quoted(text)) = &token.what else {
        return cut(token.span.clone(), format!("{} is not a name; {advice}", show(token)));
    };
    let name = Name { span: token.span.clone(), text: text.clone() };
    any.parse_next(input)?;
    Ok(name)
}

/// Expressions in parentheses, and where they end.
fn list(input: &mut Tokens<'_>, advice: &str) -> Parsed<(Vec<Expression>, usize)> {
    expect(input, |token| token.what == What::Open, advice)?;
    if input.peek_token().is_some_and(|token| token.what == What::Close) {
        return cut(place(input), format!("the list is empty; {OPERAND}"));
    }
    let comma = any.verify(|token: &Token| token.what == What::Comma);
    let of = separated(1.., alternatives, comma).parse_next(input)?;
    Ok((of, close(input, "the list ends with a parenthesis")?))
}

fn duration(input: &mut Tokens<'_>) -> Parsed<Duration> {
    const ADVICE: &str = "write a whole number and ms, s, min or h, such as 30 s";
    let start = place(input);
    let number = |token: &Token| if let What::Number(number) = token.what { whole(number) } else { None };
    let Some(number) = opt(any.verify_map(|token: &Token| number(token))).parse_next(input)? else {
        return cut(start, format!("a duration is missing; {ADVICE}"));
    };
    let unit = |token: &Token| if let What::Word(word) = &token.what { find(&UNITS, word) } else { None };
    let end = place(input).end;
    let Some(factor) = opt(any.verify_map(|token: &Token| unit(token))).parse_next(input)? else {
        return cut(place(input), format!("the duration has no unit; {ADVICE}"));
    };
    let (span, ms) = (start.start..end, number.saturating_mul(factor));
    if !limits::EXPRESSION_DURATION.contains(&ms) {
        let (least, most) = (limits::EXPRESSION_DURATION.start(), limits::EXPRESSION_DURATION.end());
        let what = format!(
            "{} is out of range; write a duration from {} to {}",
            durations::show(ms),
            durations::show(*least),
            durations::show(*most)
        );
        return cut(span, what);
    }
    Ok(Duration { span, ms })
}

fn keyword<'t>(keyword: Keyword) -> impl Parser<Tokens<'t>, &'t Token, ErrMode<Mistake>> {
    any.verify(move |token: &Token| is_keyword(token, keyword))
}

fn is_keyword(token: &Token, keyword: Keyword) -> bool {
    if let What::Word(word) = &token.what { find(&KEYWORDS, word) == Some(keyword) } else { false }
}

fn arithmetic<'t>(operations: [Arithmetic; 2]) -> impl Parser<Tokens<'t>, Arithmetic, ErrMode<Mistake>> {
    any.verify_map(move |token: &Token| {
        if let What::Arithmetic(operation) = token.what {
            Some(operation).filter(|it| operations.contains(it))
        } else {
            None
        }
    })
}

fn expect<'t>(input: &mut Tokens<'t>, is_it: impl Fn(&Token) -> bool, advice: &str) -> Parsed<&'t Token> {
    let Some(token) = input.peek_token() else {
        return cut(place(input), format!("the expression ends too early; {advice}"));
    };
    if !is_it(token) {
        return cut(token.span.clone(), format!("{} is not expected here; {advice}", show(token)));
    }
    any.parse_next(input)
}

/// Where the closing parenthesis ends.
fn close(input: &mut Tokens<'_>, problem: &str) -> Parsed<usize> {
    let advice = format!("{problem}; write ) or an operator");
    expect(input, |token| token.what == What::Close, &advice).map(|token| token.span.end)
}

fn cut<T>(span: Range<usize>, what: impl Into<String>) -> Parsed<T> {
    Err(ErrMode::Cut(Mistake::new(span, what)))
}

/// The next token's place, or that behind the last.
fn place(input: &Tokens<'_>) -> Range<usize> {
    let behind = || input.previous_tokens().next().map_or(0..0, |last| last.span.end..last.span.end);
    input.peek_token().map_or_else(behind, |token| token.span.clone())
}

fn show(token: &Token) -> String {
    match &token.what {
        What::Word(text) | What::Quoted(text) => quoted(text),
        What::Number(number) => number.to_string(),
        What::Open => "(".to_owned(),
        What::Close => ")".to_owned(),
        What::Comma => "a comma".to_owned(),
        What::Arithmetic(operation) => super::print::arithmetic(*operation).to_owned(),
        What::Compare(comparison) => super::print::comparison(*comparison).to_owned(),
    }
}
