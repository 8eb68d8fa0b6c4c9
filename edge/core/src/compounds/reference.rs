//! Random expressions over random histories, against the plain definition: a reference that keeps the whole history of every
//! leaf and recomputes everything from it, second by second. The evaluation is only called when a leaf changes and when it
//! asks to be, so its deadlines are tested as well; now and then it is saved and restored in between.

#![expect(clippy::wildcard_enum_match_arm, reason = "a random tree has no truth where a number belongs")]

use super::*;
use crate::time::UtcTime;
use rand::{Rng, SeedableRng, rngs::SmallRng};

const LEAVES: usize = 4;
const SECONDS: usize = 60;
const EXPRESSIONS: u64 = 1_500;

/// A leaf: a rule at an even place, else a tag.
#[derive(Clone, Copy, PartialEq)]
struct Now4([Value; LEAVES]);

impl Leaves for Now4 {
    fn tag(&self, tag: TagIx) -> Value {
        self.0[tag.at()]
    }

    fn people(&self, _: ZoneIx) -> f64 {
        if let Value::Number(number) = self.0[1] { number.abs() } else { 0.0 }
    }

    /// The person of the second rule is in the zone while there are people.
    fn is_in(&self, rule: RuleIx, zones: &[ZoneIx]) -> bool {
        rule == RuleIx(2) && zones.iter().any(|zone| self.people(*zone) > 0.0)
    }

    fn rule(&self, rule: RuleIx) -> Condition {
        match self.0[rule.at()] {
            Value::Waiting => Condition::Waiting,
            Value::Unknown | Value::Number(_) => Condition::Unknown,
            Value::Is(true) => Condition::Active,
            Value::Is(false) => Condition::Inactive,
        }
    }
}

struct Author {
    rng: SmallRng,
    nodes: Vec<Node>,
}

impl Author {
    fn add(&mut self, node: Node) -> NodeIx {
        self.nodes.push(node);
        NodeIx(u16::try_from(self.nodes.len() - 1).unwrap())
    }

    fn ms(&mut self) -> u64 {
        self.rng.random_range(1..12) * 1000
    }

    fn truths(&mut self, depth: u32) -> Box<[NodeIx]> {
        (0..self.rng.random_range(2..5)).map(|_| self.truth(depth)).collect()
    }

    fn truth(&mut self, depth: u32) -> NodeIx {
        let node = match self.rng.random_range(0..if depth == 0 { 4 } else { 12 }) {
            3 => Node::AnyRule {
                of: [RuleIx(0), RuleIx(2)].into(),
                zones: [ZoneIx(0)][..self.rng.random_range(0..2)].into(),
            },
            0 => Node::Rule(RuleIx([0, 2][self.rng.random_range(0..2)])),
            1 => Node::On(TagIx([1, 3][self.rng.random_range(0..2)])),
            2 => Node::Bad(TagIx([1, 3][self.rng.random_range(0..2)])),
            4 => Node::Not(self.truth(depth - 1)),
            5 => Node::All(self.truths(depth - 1)),
            6 => Node::Any(self.truths(depth - 1)),
            7 => {
                let of = self.truths(depth - 1);
                let needed = self.rng.random_range(1..=u16::try_from(of.len()).unwrap());
                let degrade = [Degrade::Voted, Degrade::NotVoted, Degrade::Unknown][self.rng.random_range(0..3)];
                Node::Vote { needed, of, degrade }
            }
            8 => Node::Lasts { of: self.truth(depth - 1), for_ms: self.ms() },
            9 => Node::Recent { of: self.truth(depth - 1), within_ms: self.ms() },
            10 => Node::Repeats { of: self.truth(depth - 1), times: self.rng.random_range(1..4), within_ms: self.ms() },
            _ => {
                let comparison = [Comparison::Above, Comparison::AtMost, Comparison::Same][self.rng.random_range(0..3)];
                Node::Compare(comparison, self.number(depth - 1), self.number(depth - 1))
            }
        };
        self.add(node)
    }

    fn number(&mut self, depth: u32) -> NodeIx {
        let node = match self.rng.random_range(0..if depth == 0 { 3 } else { 6 }) {
            0 => Node::Constant(f64::from(self.rng.random_range(-3..4))),
            1 => Node::Tag(TagIx([1, 3][self.rng.random_range(0..2)])),
            2 => Node::People(ZoneIx(0)),
            3 => Node::Absolute(self.number(depth - 1)),
            4 => Node::Average([self.number(depth - 1), self.number(depth - 1)].into()),
            _ => {
                let operation = [Arithmetic::Plus, Arithmetic::Times, Arithmetic::Over][self.rng.random_range(0..3)];
                Node::Arithmetic(operation, self.number(depth - 1), self.number(depth - 1))
            }
        };
        self.add(node)
    }

    fn leaf(&mut self, at: usize) -> Value {
        match (self.rng.random_range(0..10), at.is_multiple_of(2)) {
            (0, _) => Value::Unknown,
            (_, true) => Value::Is(self.rng.random()),
            (_, false) => Value::Number(f64::from(self.rng.random_range(-2..3))),
        }
    }
}

/// The value of a node in a second, by definition. `None` is unknown.
fn truth(nodes: &[Node], history: &[Now4], ix: NodeIx, second: usize) -> Option<bool> {
    let at = |of: &NodeIx, second| truth(nodes, history, *of, second);
    let now = |of: &NodeIx| at(of, second);
    let window = |ms: u64| usize::try_from(ms / 1000).unwrap();
    let leaf = |at: usize| history[second].0[at];
    match &nodes[ix.at()] {
        Node::AnyRule { of, zones } => {
            let counting = of.iter().filter(|rule| zones.is_empty() || history[second].is_in(**rule, zones));
            let is = |rule: &RuleIx| if let Value::Is(truth) = leaf(rule.at()) { Some(truth) } else { None };
            all(counting.map(|rule| is(rule).map(|truth| !truth))).map(|none| !none)
        }
        Node::Rule(rule) => {
            if let Value::Is(truth) = leaf(rule.at()) {
                Some(truth)
            } else {
                None
            }
        }
        Node::On(tag) => {
            if let Value::Number(number) = leaf(tag.at()) {
                Some(number != 0.0)
            } else {
                None
            }
        }
        Node::Bad(tag) => Some(leaf(tag.at()) == Value::Unknown),
        Node::Compare(comparison, a, b) => {
            let (a, b) = (number(nodes, history, *a, second)?, number(nodes, history, *b, second)?);
            Some(compare(*comparison, a, b))
        }
        Node::Not(of) => now(of).map(|truth| !truth),
        Node::All(of) => all(of.iter().map(now)),
        Node::Any(of) => all(of.iter().map(|of| now(of).map(|truth| !truth))).map(|none| !none),
        Node::Vote { needed, of, degrade } => {
            vote(&of.iter().map(now).collect::<Vec<_>>(), usize::from(*needed), *degrade)
        }
        Node::Lasts { of, for_ms } => {
            all(back(second, window(*for_ms)).map(|second| second.and_then(|second| at(of, second))))
        }
        Node::Recent { of, within_ms } => {
            let seconds = back(second, window(*within_ms));
            all(seconds.map(|second| second.and_then(|second| at(of, second)).map(|truth| !truth))).map(|none| !none)
        }
        Node::Repeats { of, times, within_ms } => {
            let first = (second + 1).saturating_sub(window(*within_ms));
            let begins = |second: &usize| {
                let before = (0..*second).rev().find_map(|second| at(of, second));
                at(of, *second) == Some(true) && before == Some(false)
            };
            if (first..=second).filter(begins).count() >= usize::from(*times) {
                return Some(true);
            }
            let known =
                back(second, window(*within_ms)).all(|second| second.is_some_and(|second| at(of, second).is_some()));
            known.then_some(false)
        }
        other => panic!("{other:?} is no truth"),
    }
}

/// The seconds of a window; those before the beginning are `None`.
fn back(second: usize, window: usize) -> impl Iterator<Item = Option<usize>> {
    (0..=window).map(move |ago| second.checked_sub(ago))
}

fn all(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let truths: Vec<_> = truths.collect();
    if truths.contains(&Some(false)) {
        return Some(false);
    }
    (!truths.contains(&None)).then_some(true)
}

/// Every way in which the bad voters might have voted, or what they count for.
fn vote(voters: &[Option<bool>], needed: usize, degrade: Degrade) -> Option<bool> {
    let good = voters.iter().flatten().count();
    let votes = voters.iter().filter(|voter| **voter == Some(true)).count();
    let bad = voters.len() - good;
    match degrade {
        Degrade::Voted => (good > 0).then(|| votes + bad >= needed && votes > 0),
        Degrade::NotVoted => (good >= needed).then_some(votes >= needed),
        Degrade::Unknown => {
            let outcomes: Vec<bool> = (0..=bad).map(|more| votes + more >= needed).collect();
            outcomes.iter().all(|outcome| *outcome == outcomes[0]).then_some(outcomes[0])
        }
    }
}

fn number(nodes: &[Node], history: &[Now4], ix: NodeIx, second: usize) -> Option<f64> {
    let of = |ix: &NodeIx| number(nodes, history, *ix, second);
    let number = match &nodes[ix.at()] {
        Node::Constant(number) => *number,
        Node::Tag(tag) => {
            if let Value::Number(number) = history[second].0[tag.at()] {
                number
            } else {
                return None;
            }
        }
        Node::People(zone) => history[second].people(*zone),
        Node::Absolute(a) => of(a)?.abs(),
        Node::Average(all) => all.iter().map(of).sum::<Option<f64>>()? / all.len() as f64,
        Node::Arithmetic(Arithmetic::Plus, a, b) => of(a)? + of(b)?,
        Node::Arithmetic(Arithmetic::Times, a, b) => of(a)? * of(b)?,
        Node::Arithmetic(Arithmetic::Over, a, b) => of(a)? / of(b)?,
        other => panic!("{other:?} is no number"),
    };
    number.is_finite().then_some(number)
}

#[test]
fn agrees_with_the_definition() {
    let (mut known, mut changes, mut by_time) = (0, 0, 0);
    for seed in 0..EXPRESSIONS {
        let mut author = Author { rng: SmallRng::seed_from_u64(seed), nodes: Vec::new() };
        let root = author.truth(3);
        let compound = Compound { when: "?".to_owned(), nodes: std::mem::take(&mut author.nodes), voting: false };
        let mut live = Evaluation::new(&compound);
        let mut leaves = Now4(std::array::from_fn(|at| author.leaf(at)));
        let mut history = Vec::new();
        let (mut asked, mut last) = (Some(Monotonic(0)), None);
        for second in 0..SECONDS {
            let moment = Monotonic(second as u64 * 1000);
            let before = leaves;
            if author.rng.random_bool(0.25) {
                let at = author.rng.random_range(0..LEAVES);
                leaves.0[at] = author.leaf(at);
            }
            history.push(leaves);
            if author.rng.random_bool(0.05) {
                restart(&mut live, &compound, moment);
            }
            let is_asked = asked.is_some_and(|asked| asked <= moment);
            if leaves != before || is_asked {
                live.evaluate(&compound, &leaves, moment);
                asked = live.next(moment);
                by_time += usize::from(leaves == before && last != Some(live.result()));
            }
            let expected = truth(&compound.nodes, &history, root, second);
            let got = if let Value::Is(truth) = live.result() { Some(truth) } else { None };
            assert_eq!(got, expected, "seed {seed}, second {second}: {:#?}\n{:?}", compound.nodes, live);
            known += usize::from(expected.is_some());
            changes += usize::from(last != Some(live.result()));
            last = Some(live.result());
        }
    }
    assert!(known > 30_000 && changes > 3_000 && by_time > 1_000, "{known} {changes} {by_time}");
}

/// Saved and restored at once, with the connectors saying the same again: nothing may change.
fn restart(live: &mut Evaluation, compound: &Compound, moment: Monotonic) {
    let now = crate::time::Now { monotonic: moment, utc: UtcTime(1_795_392_000_000) };
    let values = std::mem::take(&mut live.values);
    let saved = live.save(compound, now);
    *live = Evaluation { values, ..Evaluation::new(compound) };
    if let Some(saved) = saved {
        live.restore(compound, &saved, now);
    }
}
