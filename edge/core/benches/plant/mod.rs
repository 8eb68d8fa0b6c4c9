//! A plant of any size: tags with four limits each, rules of other kinds over half of them, a compound rule for every hundred,
//! one unit, risk event and measure for every ten tags. Samples come as polls bring them, a hundred tags at a time.

use davy_core::{
    Engine,
    effect::Effects,
    event::{Event, Link, Sample},
    id::*,
    limits::{CHANGES_SLICE, CHANGES_SLICE_EVERY_MS},
    model::*,
    quality::Quality,
    time::{Monotonic, Now, UtcTime},
};

/// Tags that one poll brings.
pub(crate) const BATCH: usize = 100;

/// A value that no rule minds.
pub(crate) const CALM: f64 = 50.0;
/// Beyond `H`, within `HH`.
pub(crate) const HIGH: f64 = 85.0;

const TAGS_PER_UNIT: usize = 10;
const TAGS_PER_COMPOUND: usize = 100;
const START: UtcTime = UtcTime(1_795_392_000_000);

/// An engine with its clocks.
pub(crate) struct Plant {
    pub(crate) engine: Engine,
    /// What the last event brought about.
    pub(crate) out: Effects,
    pub(crate) now: Now,
    tags: usize,
}

impl Plant {
    /// Everything up and measured, nothing wrong.
    pub(crate) fn new(tags: usize) -> Self {
        let now = Now { monotonic: Monotonic(0), utc: START };
        let mut plant = Self { engine: Engine::new(site(tags), 1, now), out: Effects::default(), now, tags };
        plant.apply(Event::Started);
        plant.compare_table();
        plant.apply(Event::Source(SourceIx(0), Link::Up));
        (0..3).for_each(|round| plant.poll_all(CALM + f64::from(round)));
        plant
    }

    /// Lets time pass until the master alarm table has been compared, which goes on for a while after a start.
    fn compare_table(&mut self) {
        for _ in 0..self.engine.site().rules.len() / CHANGES_SLICE {
            self.pass(CHANGES_SLICE_EVERY_MS, Event::Tick);
        }
    }

    /// One poll of every tag, over one second.
    pub(crate) fn poll_all(&mut self, value: f64) {
        self.polls(value).into_iter().for_each(|event| self.apply(event));
    }

    /// The polls of every tag.
    pub(crate) fn polls(&self, value: f64) -> Vec<Event> {
        let tags: Vec<usize> = (0..self.tags).collect();
        tags.chunks(BATCH).map(|batch| Event::Samples(batch.iter().map(|at| sample(*at, value)).collect())).collect()
    }

    /// Takes an event, a little later than the last one.
    pub(crate) fn apply(&mut self, event: Event) {
        self.pass((BATCH * 1_000).div_ceil(self.tags) as u64, event);
    }

    fn pass(&mut self, passed_ms: u64, event: Event) {
        self.now = Now { monotonic: self.now.monotonic.after(passed_ms), utc: self.now.utc.after(passed_ms) };
        self.out.records.clear();
        self.out.saved.clear();
        self.engine.apply(self.now, event, &mut self.out);
    }
}

fn sample(at: usize, value: f64) -> Sample {
    let (tag, quality) = (TagIx::from(at), Quality::GOOD);
    Sample { tag, value, quality, source_time: Some(START), received_time: START }
}

/// A site of so many tags.
pub(crate) fn site(tags: usize) -> Site {
    let units = 0..tags.div_ceil(TAGS_PER_UNIT);
    Site {
        sources: vec![Source { id: "dcs".into(), name: "集散控制系统".to_owned(), kind: SourceKind::Modbus }],
        tags: (0..tags).map(tag).collect(),
        units: units.clone().map(unit).collect(),
        events: units.clone().map(event).collect(),
        measures: units.map(measure).collect(),
        rules: rules(tags),
        ..Site::default()
    }
}

fn rules(tags: usize) -> Vec<Rule> {
    let mut rules: Vec<Rule> = (0..tags).flat_map(|at| limits(at).into_iter().chain(other_rule(at))).collect();
    // By their ids, where each tag's H stands.
    let highs: Vec<RuleIx> =
        (0..rules.len()).filter(|at| rules[*at].id.as_str().ends_with(".H")).map(RuleIx::from).collect();
    rules.extend((0..tags.saturating_sub(1)).step_by(TAGS_PER_COMPOUND).map(|at| compound(at, &highs)));
    rules
}

fn tag(at: usize) -> Tag {
    Tag {
        id: format!("TI-{at:06}").into(),
        name: format!("{at} 号反应器温度").into(),
        engineering_unit: "℃".into(),
        source: SourceIx(0),
        unit: Some(UnitIx::from(at / TAGS_PER_UNIT)),
        range: Some((0.0, 100.0)),
        stale_after_ms: Some(60_000),
    }
}

fn unit(at: usize) -> Unit {
    Unit {
        id: format!("U{at:05}").into(),
        name: format!("{at} 号单元").into(),
        object_name: "聚合工段".to_owned(),
        assessed: RiskLevel::Orange,
    }
}

fn event(at: usize) -> RiskEvent {
    RiskEvent { id: format!("E{at:05}").into(), name: format!("{at} 号单元超温").into(), unit: UnitIx::from(at) }
}

fn measure(at: usize) -> Measure {
    Measure {
        id: format!("M{at:05}").into(),
        description: format!("{at} 号单元温度监测").into(),
        event: RiskEventIx::from(at),
        automatic: true,
        inspection: None,
        hazard_on_failure: false,
    }
}

fn limits(at: usize) -> Vec<Rule> {
    let four = [
        (LimitKind::HH, 90.0, 88.0, Priority::Critical),
        (LimitKind::H, 80.0, 78.0, Priority::High),
        (LimitKind::L, 20.0, 22.0, Priority::High),
        (LimitKind::LL, 10.0, 12.0, Priority::Critical),
    ];
    let rule = |(kind, trip, clear, priority)| {
        let limit = RuleKind::Limit { tag: TagIx::from(at), limit: Limit { kind, trip, clear } };
        rule(at, &format!("{kind:?}"), priority, limit)
    };
    four.map(rule).into()
}

/// Half of the tags have one more rule.
fn other_rule(at: usize) -> Option<Rule> {
    let (tag, other) = (TagIx::from(at), TagIx::from(at.saturating_sub(1)));
    let rate = Rate { direction: Direction::Either, per_minute: 1e6, window_ms: 60_000, clear_per_minute: 1e6 };
    let kind = match at % 20 {
        0 | 2 => RuleKind::RateOfChange { tag, rate },
        4 | 6 => RuleKind::Frozen { tag, dead_zone: 0.1, after_ms: 1_800_000 },
        8 | 10 => RuleKind::Deviation { tag, other, difference: 60.0, clear: 60.0 },
        12 | 14 => RuleKind::OutOfRange { tag, low: -2.5, high: 103.0 },
        16 => RuleKind::BadQuality { tag },
        18 => RuleKind::Stale { tag },
        _ => return None,
    };
    Some(rule(at, "other", Priority::Medium, kind))
}

/// By turns over two alarms that last, and over the values of two tags, which it takes anew with each of them.
fn compound(at: usize, highs: &[RuleIx]) -> Rule {
    let (tag, other) = (TagIx::from(at), TagIx::from(at + 1));
    let node = |at| NodeIx(at);
    let nodes = if at.is_multiple_of(2 * TAGS_PER_COMPOUND) {
        let both = Node::All([node(0), node(1)].into());
        vec![Node::Rule(highs[at]), Node::Rule(highs[at + 1]), both, Node::Lasts { of: node(2), for_ms: 30_000 }]
    } else {
        let apart = Node::Arithmetic(Arithmetic::Minus, node(0), node(1));
        let limit = Node::Constant(60.0);
        let above = Node::Compare(Comparison::Above, node(3), node(4));
        vec![Node::Tag(tag), Node::Tag(other), apart, Node::Absolute(node(2)), limit, above]
    };
    let compound = Compound { when: String::new(), nodes, voting: false };
    rule(at, "compound", Priority::High, RuleKind::Compound(Box::new(compound)))
}

fn rule(at: usize, name: &str, priority: Priority, kind: RuleKind) -> Rule {
    Rule {
        id: format!("TI-{at:06}.{name}").into(),
        name: format!("{at} 号反应器温度 {name}").into(),
        unit: Some(UnitIx::from(at / TAGS_PER_UNIT)),
        measure: Some(MeasureIx::from(at / TAGS_PER_UNIT)),
        threatens: None,
        priority,
        on_delay_ms: 0,
        off_delay_ms: 0,
        guidance: "关小蒸汽阀，现场确认".into(),
        latched: false,
        never_hidden: false,
        suppressed_by: Vec::new(),
        kind,
    }
}
