//! Compound rules 复合规则: a condition over other rules, tags and people within a risk unit (AQ 3064.3-2025 5.2.3 b asks for
//! one: a gas alarm and people together mean evacuation). The form of the expression is an engineering default.
//!
//! `davy-config` parses and checks the expression; here it is a list of nodes in which every node stands after those that
//! it is made of, so that one pass from the first to the last judges the whole and nothing recurses.

use super::Watched;
use crate::id::*;

/// A place in `Compound::nodes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeIx(pub u16);

impl NodeIx {
    /// The position.
    #[must_use]
    pub fn at(self) -> usize {
        usize::from(self.0)
    }
}

/// A compound rule's condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compound {
    /// The expression as people read it.
    pub when: String,
    /// The nodes; the last one is the whole. Without a node nothing is known, ever.
    pub nodes: Vec<Node>,
    /// What to show of the voters, where the rule is a vote of redundant instruments.
    pub voting: bool,
}

/// A node: a number, or a truth of three values (true, false, unknown, after Kleene).
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A number as written.
    Constant(f64),
    /// A tag's value.
    Tag(TagIx),
    /// How many people are in a zone.
    People(ZoneIx),
    /// Two numbers become one; unknown when the result is not finite.
    Arithmetic(Arithmetic, NodeIx, NodeIx),
    /// A number without its sign.
    Absolute(NodeIx),
    /// The mean of numbers.
    Average(Box<[NodeIx]>),
    /// Whether a rule is active: while it is, also when its inputs have become unknown; otherwise unknown while they are.
    Rule(RuleIx),
    /// Whether any rule of a table is active that holds for each person or each ticket. Of people, where zones are named,
    /// only of those who are in one of them.
    AnyRule {
        /// The rules.
        of: Box<[RuleIx]>,
        /// Where the rule's person must be; anywhere if there is none.
        zones: Box<[ZoneIx]>,
    },
    /// Whether a tag is on (not 0).
    On(TagIx),
    /// Whether a tag's value cannot be used: bad, stale, or its source is down.
    Bad(TagIx),
    /// Whether two numbers compare so.
    Compare(Comparison, NodeIx, NodeIx),
    /// The opposite.
    Not(NodeIx),
    /// All of them.
    All(Box<[NodeIx]>),
    /// Any of them.
    Any(Box<[NodeIx]>),
    /// So many of them, M out of N.
    Vote {
        /// M.
        needed: u16,
        /// The N.
        of: Box<[NodeIx]>,
        /// What a voter counts for that cannot be used.
        degrade: Degrade,
    },
    /// It has been true without interruption for so long.
    Lasts {
        /// What.
        of: NodeIx,
        /// How long, milliseconds.
        for_ms: u64,
    },
    /// It has been true at some time within so long.
    Recent {
        /// What.
        of: NodeIx,
        /// How long, milliseconds.
        within_ms: u64,
    },
    /// It has become true so often within so long.
    Repeats {
        /// What.
        of: NodeIx,
        /// How often at least, from 1 to `limits::COMPOUND_REPEATS_MAX`.
        times: u16,
        /// How long, milliseconds.
        within_ms: u64,
    },
}

/// What becomes of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Their sum.
    Plus,
    /// Their difference.
    Minus,
    /// Their product.
    Times,
    /// Their quotient.
    Over,
    /// The smaller.
    Least,
    /// The greater.
    Greatest,
}

/// How two numbers compare. There is no deadband here: that belongs to a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>`.
    Above,
    /// `>=`.
    AtLeast,
    /// `<`.
    Below,
    /// `<=`.
    AtMost,
    /// `==`.
    Same,
    /// `!=`.
    Differs,
}

/// What a voter counts for that cannot be used. Safety-instrumented systems degrade either way; which one is a decision
/// of the plant (IEC 61511-1 leaves it to the safety requirements).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Degrade {
    /// It counts as a vote, 2oo3 becomes 1oo2; one good voter at least must say so. The default: the safe side.
    #[default]
    Voted,
    /// It counts as none, 2oo3 becomes 2oo2.
    NotVoted,
    /// The vote is unknown unless the good voters decide it alone.
    Unknown,
}

impl Compound {
    /// Names everything that it is judged from.
    pub(crate) fn watches(&self, mut each: impl FnMut(Watched)) {
        for node in &self.nodes {
            match node {
                Node::Tag(tag) | Node::On(tag) | Node::Bad(tag) => each(Watched::Tag(*tag)),
                Node::People(zone) => each(Watched::Zone(*zone)),
                Node::Rule(rule) => each(Watched::Rule(*rule)),
                Node::AnyRule { of, zones } => {
                    of.iter().for_each(|rule| each(Watched::Rule(*rule)));
                    zones.iter().for_each(|zone| each(Watched::Zone(*zone)));
                }
                Node::Constant(_)
                | Node::Arithmetic(..)
                | Node::Absolute(_)
                | Node::Average(_)
                | Node::Compare(..)
                | Node::Not(_)
                | Node::All(_)
                | Node::Any(_)
                | Node::Vote { .. }
                | Node::Lasts { .. }
                | Node::Recent { .. }
                | Node::Repeats { .. } => {}
            }
        }
    }

    /// The published name of its kind.
    pub(crate) fn kind_name(&self) -> &'static str {
        if self.voting { "voting" } else { "compound" }
    }
}
