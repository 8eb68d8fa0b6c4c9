//! Numbers of an expression: their engineering units, and between what they can lie.

use super::{Checker, Meaning, Used};
use crate::{
    expression::{Expression, Kind},
    text::quoted,
};
use davy_core::{
    id::TagIx,
    model::{Arithmetic, Comparison, Node, NodeIx},
};
use std::ops::Range;

/// The unit of `people(…)`.
const PEOPLE: &str = "people";

/// A number of an expression.
pub(super) struct Number {
    pub(super) ix: NodeIx,
    /// What it is measured in; `None` goes with anything.
    unit: Option<String>,
    low: f64,
    high: f64,
}

impl Number {
    /// What a comparison always gives, if it always gives the same.
    pub(super) fn always(&self, comparison: Comparison, other: &Self) -> Option<bool> {
        let (certain, possible) = match comparison {
            Comparison::Above => (self.low > other.high, self.high > other.low),
            Comparison::AtLeast => (self.low >= other.high, self.high >= other.low),
            Comparison::Below => (self.high < other.low, self.low < other.high),
            Comparison::AtMost => (self.high <= other.low, self.low <= other.high),
            Comparison::Same => (false, self.low <= other.high && other.low <= self.high),
            Comparison::Differs => (self.low > other.high || self.high < other.low, true),
        };
        if certain { Some(true) } else { (!possible).then_some(false) }
    }

    /// `0 to 100 against 120`.
    pub(super) fn against(&self, other: &Self) -> String {
        let show = |one: &Self| {
            if one.low < one.high { format!("{} to {}", one.low, one.high) } else { one.low.to_string() }
        };
        format!("{} against {}", show(self), show(other))
    }
}

impl Checker<'_, '_, '_> {
    /// A number; `None` when something in it is wrong, which has been reported.
    pub(super) fn number(&mut self, expression: &Expression) -> Option<Number> {
        match &expression.kind {
            Kind::Number(number) => {
                let ix = self.add(Node::Constant(*number));
                Some(Number { ix, unit: None, low: *number, high: *number })
            }
            Kind::Name(name) => {
                let tag = self.measured(name, expression.span.clone())?;
                Some(self.tag_number(tag))
            }
            Kind::People(name) => {
                let zone = self.zone(name)?;
                let ix = self.add(Node::People(zone));
                Some(Number { ix, unit: Some(PEOPLE.to_owned()), low: 0.0, high: f64::INFINITY })
            }
            Kind::Negative(of) => {
                let zero = self.add(Node::Constant(0.0));
                let of = self.number(of)?;
                let ix = self.add(Node::Arithmetic(Arithmetic::Minus, zero, of.ix));
                Some(Number { ix, low: -of.high, high: -of.low, ..of })
            }
            Kind::Absolute(of) => {
                let of = self.number(of)?;
                let crosses = of.low <= 0.0 && of.high >= 0.0;
                let (one, other) = (of.low.abs(), of.high.abs());
                let ix = self.add(Node::Absolute(of.ix));
                Some(Number { ix, low: if crosses { 0.0 } else { one.min(other) }, high: one.max(other), ..of })
            }
            Kind::Arithmetic(operation, a, b) => {
                let (first, second) = (self.number(a), self.number(b));
                self.calculate(*operation, first?, second?, b.span.clone())
            }
            Kind::Extreme(operation, of) => {
                let mut numbers = self.numbers(of)?.into_iter();
                let mut whole = numbers.next()?;
                for (next, part) in numbers.zip(of.iter().skip(1)) {
                    whole = self.calculate(*operation, whole, next, part.span.clone())?;
                }
                Some(whole)
            }
            Kind::Average(of) => self.average(of),
            Kind::Count(..) => {
                self.wrong(expression.span.clone(), "count is compared with a number alone: count(…) >= 3");
                None
            }
            Kind::Bad(_)
            | Kind::AnyRule(..)
            | Kind::Compare(..)
            | Kind::Not(_)
            | Kind::All(_)
            | Kind::Any(_)
            | Kind::Vote { .. }
            | Kind::For(..)
            | Kind::Within(..) => {
                self.wrong(
                    expression.span.clone(),
                    "this is true or false and a number is needed; name a tag or write a number",
                );
                None
            }
        }
    }

    fn measured(&mut self, name: &str, span: Range<usize>) -> Option<TagIx> {
        if let Meaning::Tag(tag) = self.meaning(name, span.clone())? {
            self.uses(span, Used::Tag(tag));
            return Some(tag);
        }
        self.wrong(span, format_args!("{} is a rule, true or false, and a number is needed; name a tag", quoted(name)));
        None
    }

    fn tag_number(&mut self, tag: TagIx) -> Number {
        let ix = self.add(Node::Tag(tag));
        let about = self.point(tag);
        let (low, high) = about.range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let unit = Some(about.engineering_unit.to_string()).filter(|unit| !unit.is_empty());
        Number { ix, unit, low, high }
    }

    fn numbers(&mut self, of: &[Expression]) -> Option<Vec<Number>> {
        let found: Vec<Option<Number>> = of.iter().map(|part| self.number(part)).collect();
        found.into_iter().collect()
    }

    fn average(&mut self, of: &[Expression]) -> Option<Number> {
        let numbers = self.numbers(of)?;
        for (number, part) in numbers.iter().zip(of).skip(1) {
            self.same_unit(&numbers[0], number, part.span.clone());
        }
        let ix = self.add(Node::Average(numbers.iter().map(|number| number.ix).collect()));
        let unit = numbers.iter().find_map(|number| number.unit.clone());
        let low = numbers.iter().map(|number| number.low).fold(f64::INFINITY, f64::min);
        let high = numbers.iter().map(|number| number.high).fold(f64::NEG_INFINITY, f64::max);
        Some(Number { ix, unit, low, high })
    }

    fn calculate(&mut self, operation: Arithmetic, a: Number, b: Number, span: Range<usize>) -> Option<Number> {
        let (low, high) = match operation {
            Arithmetic::Plus => (a.low + b.low, a.high + b.high),
            Arithmetic::Minus => (a.low - b.high, a.high - b.low),
            Arithmetic::Least => (a.low.min(b.low), a.high.min(b.high)),
            Arithmetic::Greatest => (a.low.max(b.low), a.high.max(b.high)),
            Arithmetic::Times => corners(&a, &b, |a, b| a * b),
            Arithmetic::Over if b.low == 0.0 && b.high == 0.0 => {
                self.wrong(span, "divides by 0; correct it");
                return None;
            }
            Arithmetic::Over if b.low <= 0.0 && b.high >= 0.0 => (f64::NEG_INFINITY, f64::INFINITY),
            Arithmetic::Over => corners(&a, &b, |a, b| a / b),
        };
        let unit = match operation {
            Arithmetic::Times if a.unit.is_some() && b.unit.is_some() => None,
            Arithmetic::Over if b.unit.is_some() => None,
            Arithmetic::Times | Arithmetic::Over => a.unit.or(b.unit),
            Arithmetic::Plus | Arithmetic::Minus | Arithmetic::Least | Arithmetic::Greatest => {
                self.same_unit(&a, &b, span);
                a.unit.or(b.unit)
            }
        };
        let ix = self.add(Node::Arithmetic(operation, a.ix, b.ix));
        Some(Number { ix, unit, low, high })
    }

    pub(super) fn same_unit(&mut self, a: &Number, b: &Number, span: Range<usize>) {
        if let (Some(first), Some(second)) = (&a.unit, &b.unit)
            && first != second
        {
            self.wrong(
                span,
                format_args!(
                    "is in {} and what stands before it in {}; put numbers of one unit together",
                    quoted(second),
                    quoted(first)
                ),
            );
        }
    }
}

/// Between what a product or a quotient lies; what cannot be told is anything.
fn corners(a: &Number, b: &Number, join: impl Fn(f64, f64) -> f64) -> (f64, f64) {
    let all = [join(a.low, b.low), join(a.low, b.high), join(a.high, b.low), join(a.high, b.high)];
    if all.iter().any(|corner| corner.is_nan()) {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    (all.into_iter().fold(f64::INFINITY, f64::min), all.into_iter().fold(f64::NEG_INFINITY, f64::max))
}
