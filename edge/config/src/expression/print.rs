//! An expression as one line, with as few parentheses as it needs to mean the same.

use super::{Expression, FUNCTIONS, KEYWORDS, Kind, find, lexer};
use crate::durations;
use davy_core::model::{Arithmetic, Comparison};
use std::fmt::{self, Display, Formatter};

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number(number) => write!(f, "{number}"),
            Kind::Name(name) => write_name(f, name),
            Kind::AnyRule(table, zones) => {
                f.write_str("any(")?;
                write_name(f, &table.text)?;
                for zone in zones {
                    f.write_str(", ")?;
                    write_name(f, &zone.text)?;
                }
                f.write_str(")")
            }
            Kind::People(zone) => {
                f.write_str("people(")?;
                write_name(f, &zone.text)?;
                f.write_str(")")
            }
            Kind::Bad(tag) => {
                f.write_str("quality(")?;
                write_name(f, &tag.text)?;
                f.write_str(") bad")
            }
            Kind::Negative(of) => write!(f, "-{}", Within(of, Level::Signed)),
            Kind::Absolute(of) => write!(f, "abs({of})"),
            Kind::Arithmetic(operation, a, b) => {
                let (level, above) = match operation {
                    Arithmetic::Times | Arithmetic::Over => (Level::Product, Level::Signed),
                    Arithmetic::Plus | Arithmetic::Minus | Arithmetic::Least | Arithmetic::Greatest => {
                        (Level::Sum, Level::Product)
                    }
                };
                write!(f, "{} {} {}", Within(a, level), arithmetic(*operation), Within(b, above))
            }
            Kind::Extreme(operation, of) => {
                f.write_str(arithmetic(*operation))?;
                write_list(f, of)
            }
            Kind::Average(of) => {
                f.write_str("avg")?;
                write_list(f, of)
            }
            Kind::Count(of, duration) => write!(f, "count({of}, {})", Spaced(duration.ms)),
            Kind::Compare(sign, a, b) => {
                write!(f, "{} {} {}", Within(a, Level::Sum), comparison(*sign), Within(b, Level::Sum))
            }
            Kind::Not(of) => write!(f, "not {}", Within(of, Level::Negation)),
            Kind::All(of) => write_joined(f, of, " and ", Level::Timed),
            Kind::Any(of) => write_joined(f, of, " or ", Level::Conjunction),
            Kind::Vote { needed, of, .. } => {
                write!(f, "{needed} of ")?;
                write_list(f, of)
            }
            Kind::For(of, duration) => write!(f, "{} for {}", Within(of, Level::Timed), Spaced(duration.ms)),
            Kind::Within(a, duration, b) => {
                let (a, b) = (Within(a, Level::Timed), Within(b, Level::Negation));
                write!(f, "{a} within {} of {b}", Spaced(duration.ms))
            }
        }
    }
}

/// How strongly a part holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Alternatives,
    Conjunction,
    Timed,
    Negation,
    Comparison,
    Sum,
    Product,
    Signed,
    Operand,
}

fn level(kind: &Kind) -> Level {
    match kind {
        Kind::Any(_) => Level::Alternatives,
        Kind::All(_) => Level::Conjunction,
        Kind::For(..) | Kind::Within(..) => Level::Timed,
        Kind::Not(_) => Level::Negation,
        Kind::Compare(..) => Level::Comparison,
        Kind::Arithmetic(Arithmetic::Times | Arithmetic::Over, ..) => Level::Product,
        Kind::Arithmetic(..) => Level::Sum,
        Kind::Negative(_) => Level::Signed,
        Kind::Number(_)
        | Kind::Name(_)
        | Kind::AnyRule(..)
        | Kind::People(_)
        | Kind::Bad(_)
        | Kind::Absolute(_)
        | Kind::Extreme(..)
        | Kind::Average(_)
        | Kind::Count(..)
        | Kind::Vote { .. } => Level::Operand,
    }
}

/// A part where at least so much must hold together: in parentheses if it does not.
struct Within<'a>(&'a Expression, Level);

impl Display for Within<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if level(&self.0.kind) < self.1 { write!(f, "({})", self.0) } else { write!(f, "{}", self.0) }
    }
}

struct Spaced(u64);

impl Display for Spaced {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = durations::show(self.0);
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        write!(f, "{number} {unit}")
    }
}

fn write_joined(f: &mut Formatter<'_>, of: &[Expression], word: &str, above: Level) -> fmt::Result {
    for (at, part) in of.iter().enumerate() {
        write!(f, "{}{}", if at == 0 { "" } else { word }, Within(part, above))?;
    }
    Ok(())
}

fn write_list(f: &mut Formatter<'_>, of: &[Expression]) -> fmt::Result {
    for (at, part) in of.iter().enumerate() {
        write!(f, "{}{part}", if at == 0 { "(" } else { ", " })?;
    }
    f.write_str(")")
}

fn write_name(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    let is_of_the_language = find(&KEYWORDS, name).is_some() || find(&FUNCTIONS, name).is_some();
    if lexer::is_one_word(name) && !is_of_the_language { f.write_str(name) } else { write!(f, "[{name}]") }
}

pub(super) fn arithmetic(operation: Arithmetic) -> &'static str {
    match operation {
        Arithmetic::Plus => "+",
        Arithmetic::Minus => "-",
        Arithmetic::Times => "*",
        Arithmetic::Over => "/",
        Arithmetic::Least => "min",
        Arithmetic::Greatest => "max",
    }
}

pub(super) fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Above => ">",
        Comparison::AtLeast => ">=",
        Comparison::Below => "<",
        Comparison::AtMost => "<=",
        Comparison::Same => "==",
        Comparison::Differs => "!=",
    }
}
