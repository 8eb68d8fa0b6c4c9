//! Judges compound rules: three-valued logic after Kleene over what is known now, and three operators over time with a
//! memory of their own.
//!
//! What has not been told yet after a start is kept apart from what is unknown: it leaves every memory as it is, so that a
//! restart has the same future. A memory is a handful of deadlines; they are saved and re-based like a delay's.

mod past;

use crate::{
    id::*,
    model::{Arithmetic, Comparison, Compound, Degrade, Node, NodeIx},
    rules::{RuleState, Verdict},
    saved::SavedCompound,
    time::{Monotonic, Now},
};
use past::Past;

/// How a rule stands, for compounds over it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Condition {
    /// Not active, and its inputs have said nothing since the start.
    #[default]
    Waiting,
    /// Not active, and its inputs cannot be used.
    Unknown,
    /// Known not to be active.
    Inactive,
    /// Active.
    Active,
    /// Active, though its inputs cannot be used or have said nothing since the start.
    ActiveUnknown,
}

impl Condition {
    pub(crate) fn of(state: RuleState, heard: bool) -> Self {
        match (state.active, state.known, heard) {
            (true, true, _) => Self::Active,
            (true, false, _) => Self::ActiveUnknown,
            (false, true, _) => Self::Inactive,
            (false, false, true) => Self::Unknown,
            (false, false, false) => Self::Waiting,
        }
    }

    /// Whether it has been told once that its inputs cannot be used: after that nothing is waited for.
    pub(crate) fn is_heard(self) -> bool {
        self == Self::Unknown
    }

    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::Active | Self::ActiveUnknown)
    }

    pub(crate) fn is_known(self) -> bool {
        matches!(self, Self::Active | Self::Inactive)
    }
}

/// What a node is now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Value {
    /// Not told yet since the start.
    #[default]
    Waiting,
    /// Cannot be told: bad, stale, lost, or not a number.
    Unknown,
    /// A truth.
    Is(bool),
    /// A number.
    Number(f64),
}

impl From<Condition> for Value {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Waiting => Self::Waiting,
            Condition::Unknown => Self::Unknown,
            Condition::Active | Condition::ActiveUnknown => Self::Is(true),
            Condition::Inactive => Self::Is(false),
        }
    }
}

impl Value {
    pub(crate) fn number(number: f64) -> Self {
        if number.is_finite() { Self::Number(number) } else { Self::Unknown }
    }

    pub(crate) fn verdict(self) -> Option<Verdict> {
        match self {
            Self::Waiting => None,
            Self::Unknown | Self::Number(_) => Some(Verdict::Unknown),
            Self::Is(true) => Some(Verdict::True),
            Self::Is(false) => Some(Verdict::False),
        }
    }

    /// Of two that are no value, unknown stands only where nothing is waited for.
    fn missing(self, other: Self) -> Self {
        if self == Self::Waiting || other == Self::Waiting { Self::Waiting } else { Self::Unknown }
    }

    fn not(self) -> Self {
        if let Self::Is(truth) = self { Self::Is(!truth) } else { self.missing(self) }
    }
}

/// What the leaves of an expression are read from.
pub(crate) trait Leaves {
    fn tag(&self, tag: TagIx) -> Value;
    fn people(&self, zone: ZoneIx) -> f64;
    fn rule(&self, rule: RuleIx) -> Condition;
    /// Whether the rule's person is in one of these zones.
    fn is_in(&self, rule: RuleIx, zones: &[ZoneIx]) -> bool;
}

/// A compound rule's live state.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evaluation {
    values: Vec<Value>,
    /// By node; empty memories for nodes that need none.
    pasts: Vec<Past>,
    /// A memory has changed in a way that a restart must know of.
    changed: bool,
}

impl Evaluation {
    pub(crate) fn new(compound: &Compound) -> Self {
        let count = compound.nodes.len();
        Self { values: vec![Value::Waiting; count], pasts: vec![Past::default(); count], changed: false }
    }

    /// What the whole is.
    pub(crate) fn result(&self) -> Value {
        self.values.last().copied().unwrap_or_default()
    }

    /// Whether something must be saved; asked once.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// Judges every node anew.
    pub(crate) fn evaluate(&mut self, compound: &Compound, leaves: &impl Leaves, now: Monotonic) {
        for (at, node) in compound.nodes.iter().enumerate() {
            self.values[at] = match node {
                Node::Lasts { of, for_ms } => {
                    self.recall(at, *of, now, |past, is| past.decided(is, false, *for_ms, now))
                }
                Node::Recent { of, within_ms } => {
                    self.recall(at, *of, now, |past, is| past.decided(is, true, *within_ms, now))
                }
                Node::Repeats { of, times, within_ms } => {
                    self.recall(at, *of, now, |past, is| past.repeated(is, usize::from(*times), *within_ms, now))
                }
                Node::Constant(number) => Value::number(*number),
                Node::Tag(tag) => leaves.tag(*tag),
                Node::People(zone) => Value::number(leaves.people(*zone)),
                Node::Rule(rule) => leaves.rule(*rule).into(),
                Node::AnyRule { of, zones } => {
                    let counts = |rule: &&RuleIx| zones.is_empty() || leaves.is_in(**rule, zones);
                    any(of.iter().filter(counts).map(|rule| leaves.rule(*rule).into()), true)
                }
                Node::On(tag) => on(leaves.tag(*tag)),
                Node::Bad(tag) => bad(leaves.tag(*tag)),
                Node::Arithmetic(operation, a, b) => {
                    numbers(self.value(*a), self.value(*b), |a, b| Value::number(calculate(*operation, a, b)))
                }
                Node::Absolute(of) => numbers(self.value(*of), Value::Number(0.0), |a, _| Value::Number(a.abs())),
                Node::Average(of) => self.average(of),
                Node::Compare(comparison, a, b) => {
                    numbers(self.value(*a), self.value(*b), |a, b| Value::Is(compare(*comparison, a, b)))
                }
                Node::Not(of) => self.value(*of).not(),
                Node::All(of) => any(of.iter().map(|ix| self.value(*ix)), false),
                Node::Any(of) => any(of.iter().map(|ix| self.value(*ix)), true),
                Node::Vote { needed, of, degrade } => self.vote(usize::from(*needed), of, *degrade),
            };
        }
    }

    fn value(&self, ix: NodeIx) -> Value {
        self.values.get(ix.at()).copied().unwrap_or(Value::Unknown)
    }

    fn average(&self, of: &[NodeIx]) -> Value {
        let add = |sum, ix: &NodeIx| numbers(sum, self.value(*ix), |a, b| Value::number(a + b));
        let sum = of.iter().fold(Value::Number(0.0), add);
        numbers(sum, Value::Number(of.len() as f64), |sum, count| Value::number(sum / count))
    }

    fn vote(&self, needed: usize, of: &[NodeIx], degrade: Degrade) -> Value {
        let count = |wanted: Value| of.iter().filter(|ix| self.value(**ix) == wanted).count();
        let (votes, waiting) = (count(Value::Is(true)), count(Value::Waiting));
        let bad = of.len() - votes - waiting - count(Value::Is(false));
        // What counts for sure, what it may still come to, and what is asked for.
        let (undecided, needed) = match degrade {
            Degrade::Voted if bad == of.len() => return Value::Unknown,
            Degrade::Voted => (waiting, needed.saturating_sub(bad).max(1)),
            Degrade::NotVoted if needed > of.len() - bad => return Value::Unknown,
            Degrade::NotVoted => (waiting, needed),
            Degrade::Unknown => (waiting + bad, needed),
        };
        match (votes >= needed, votes + undecided < needed) {
            (true, _) => Value::Is(true),
            (false, true) => Value::Is(false),
            (false, false) if waiting > 0 => Value::Waiting,
            (false, false) => Value::Unknown,
        }
    }

    /// Lets a node's memory take what its operand is now.
    fn recall(&mut self, at: usize, of: NodeIx, now: Monotonic, take: impl FnOnce(&mut Past, Value) -> Value) -> Value {
        let operand = self.value(of);
        let past = &mut self.pasts[at];
        let before = past.mark();
        past.forget(now);
        let value = take(past, operand);
        self.changed |= past.mark() != before;
        value
    }

    /// When time alone may change the result.
    pub(crate) fn next(&self, now: Monotonic) -> Option<Monotonic> {
        self.pasts.iter().flat_map(Past::deadlines).filter(|at| *at > now).min()
    }

    /// What a restart must know.
    pub(crate) fn save(&self, compound: &Compound, now: Now) -> Option<SavedCompound> {
        self.pasts.iter().find(|past| **past != Past::default())?;
        let pasts = self.pasts.iter().map(|past| past.save(now)).collect();
        Some(SavedCompound { when: compound.when.clone(), pasts })
    }

    /// Takes a saved memory over; that of another expression says nothing about this one, and what it holds begins anew.
    pub(crate) fn restore(&mut self, compound: &Compound, saved: &SavedCompound, now: Now) {
        if saved.when != compound.when || saved.pasts.len() != self.pasts.len() {
            return;
        }
        for ((past, saved), node) in self.pasts.iter_mut().zip(&saved.pasts).zip(&compound.nodes) {
            if let Some((ms, most)) = memory_of(node) {
                *past = Past::restore(saved, ms, most, now);
            }
        }
    }
}

/// How far back a node's memory reaches, and how many activations it holds.
fn memory_of(node: &Node) -> Option<(u64, usize)> {
    if let Node::Lasts { for_ms: ms, .. } | Node::Recent { within_ms: ms, .. } = node {
        return Some((*ms, 0));
    }
    if let Node::Repeats { times, within_ms, .. } = node {
        return Some((*within_ms, usize::from(*times)));
    }
    None
}

/// `decides` as soon as one of them is that; the opposite only when all are.
fn any(of: impl Iterator<Item = Value>, decides: bool) -> Value {
    let mut missing: Option<Value> = None;
    for value in of {
        match value {
            Value::Is(truth) if truth == decides => return value,
            Value::Is(_) => {}
            Value::Waiting | Value::Unknown | Value::Number(_) => {
                missing = Some(value.missing(missing.unwrap_or(value)));
            }
        }
    }
    missing.unwrap_or(Value::Is(!decides))
}

fn numbers(a: Value, b: Value, join: impl Fn(f64, f64) -> Value) -> Value {
    if let (Value::Number(a), Value::Number(b)) = (a, b) { join(a, b) } else { a.missing(b) }
}

fn on(value: Value) -> Value {
    if let Value::Number(number) = value { Value::Is(number != 0.0) } else { value.missing(value) }
}

fn bad(value: Value) -> Value {
    match value {
        Value::Waiting => Value::Waiting,
        Value::Unknown => Value::Is(true),
        Value::Is(_) | Value::Number(_) => Value::Is(false),
    }
}

fn calculate(operation: Arithmetic, a: f64, b: f64) -> f64 {
    match operation {
        Arithmetic::Plus => a + b,
        Arithmetic::Minus => a - b,
        Arithmetic::Times => a * b,
        Arithmetic::Over => a / b,
        Arithmetic::Least => a.min(b),
        Arithmetic::Greatest => a.max(b),
    }
}

#[expect(clippy::float_cmp, reason = "`==` is meant for codes, which are exact")]
fn compare(comparison: Comparison, a: f64, b: f64) -> bool {
    match comparison {
        Comparison::Above => a > b,
        Comparison::AtLeast => a >= b,
        Comparison::Below => a < b,
        Comparison::AtMost => a <= b,
        Comparison::Same => a == b,
        Comparison::Differs => a != b,
    }
}

#[cfg(test)]
mod reference;
