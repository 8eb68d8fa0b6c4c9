//! Random steps for a site: values around its limits, bad quality, lost links, people who move and call, cameras, commands
//! with and without sense, time.

mod asks;
mod marks;

use crate::{
    step::{Late, Step, Value},
    tickets,
};
use davy_core::{
    event::{ClockState, Link, StorageState},
    id::*,
    model::{Forecast, PeopleRule, Position, RuleKind, Site},
    quality::Quality,
};
use marks::{forecast_of, marks_of};
use rand::{Rng, SeedableRng, rngs::SmallRng, seq::IndexedRandom};
use std::collections::VecDeque;

/// What may happen beside the plant's own life.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) clock_steps: bool,
    pub(crate) restarts: bool,
}

/// Everything up and measured first, then `count` random steps.
pub(crate) fn steps(site: &Site, seed: u64, count: usize, plan: Plan) -> Vec<Step> {
    let mut random = Random { rng: SmallRng::seed_from_u64(seed), begun: VecDeque::new(), site, plan, looks: 0 };
    let mut steps: Vec<Step> = (0..site.sources.len()).map(|at| Step::Source(SourceIx::from(at), Link::Up)).collect();
    steps.extend((0..site.uplinks.len()).map(|at| Step::Uplink(UplinkIx::from(at), Link::Up)));
    steps.push(Step::Samples((0..site.tags.len()).map(|at| calm(TagIx::from(at))).collect()));
    steps.extend((0..count).map(|_| random.step()));
    steps
}

fn calm(tag: TagIx) -> Value {
    Value { tag, value: 22.0, quality: Quality::GOOD, age_ms: Some(0) }
}

struct Random<'a> {
    rng: SmallRng,
    /// The rest of what has begun, in the order in which it happens.
    begun: VecDeque<Step>,
    site: &'a Site,
    plan: Plan,
    /// How often the shell has looked at its box.
    looks: usize,
}

/// Every so many looks of the shell are at the certificates.
const CERTIFICATES_EVERY: usize = 3;

/// Every so many of its other looks are at lamp and horn, which fail and are mended in turn.
const BOARD_EVERY: usize = 5;

/// What the certificate that ends first has left, one after the other.
const LEFT_S: [Option<i64>; 5] = [Some(30 * 86_400), Some(29 * 86_400), None, Some(-1), Some(i64::MAX)];

impl<'a> Random<'a> {
    fn step(&mut self) -> Step {
        if let Some(next) = self.begun.pop_front() {
            return next;
        }
        match self.rng.random_range(0..100) {
            0..32 => self.samples(),
            32..52 => self.observation(),
            52..55 => self.link(),
            55..56 => self.late(),
            56..58 => self.shell(),
            58..74 => self.ask(),
            74..94 => Step::Pass { ms: self.duration_ms() },
            94..97 if self.plan.clock_steps => Step::SetClock(self.clock_step_ms()),
            97..98 if self.plan.restarts => self.end(),
            98..99 if self.rng.random_bool(0.1) => self.flood(),
            _ => Step::TellAgain,
        }
    }

    /// The process ends and begins again: in order, amid something, or with another engine in its place.
    fn end(&mut self) -> Step {
        match self.rng.random_range(0..10) {
            0..3 => Step::Restart { away_ms: self.duration_ms() },
            3..6 => Step::Reconfigure,
            _ => {
                let (after, lost) = (self.rng.random_range(0..4), self.rng.random_range(0..3));
                let amid = match self.rng.random_range(0..3) {
                    0 => Step::TellAgain,
                    1 => Step::Pass { ms: self.rng.random_range(1_000..120_000) },
                    _ => self.ask(),
                };
                Step::Die { after, lost, amid: Box::new(amid) }
            }
        }
    }

    /// Everything goes beyond one of its limits at once.
    fn flood(&mut self) -> Step {
        let beyond = |random: &mut Self, tag| {
            let marks: Vec<f64> = random.site.rules.iter().flat_map(|rule| marks_of(&rule.kind, tag)).collect();
            let value = marks.choose(&mut random.rng).copied().unwrap_or(0.0);
            Value { tag, value: value + random.rng.random_range(-1.0..5.0), quality: Quality::GOOD, age_ms: Some(0) }
        };
        Step::Samples((0..self.site.tags.len()).map(|at| beyond(self, TagIx::from(at))).collect())
    }

    /// Of people, tickets and sights, where there are any.
    fn observation(&mut self) -> Step {
        match self.rng.random_range(0..20) {
            12..16 if self.watches_tickets() => self.ticket(),
            12.. if !self.site.cameras.is_empty() => self.sight(),
            _ if !self.site.people.is_empty() => self.location(),
            _ => self.samples(),
        }
    }

    /// A value, or the first of those that lead to a limit that is foretold.
    fn samples(&mut self) -> Step {
        let foretold: Vec<(TagIx, Forecast)> =
            self.site.rules.iter().filter_map(|rule| forecast_of(&rule.kind)).collect();
        if let Some((tag, forecast)) = foretold.choose(&mut self.rng).copied().filter(|_| self.rng.random_bool(0.1)) {
            self.lead(tag, forecast);
        }
        let count = self.rng.random_range(1..=3);
        Step::Samples((0..count).map(|_| self.value()).collect())
    }

    fn value(&mut self) -> Value {
        let tag = TagIx::from(self.rng.random_range(0..self.site.tags.len()));
        let marks: Vec<f64> = self.site.rules.iter().flat_map(|rule| marks_of(&rule.kind, tag)).collect();
        let near = marks.choose(&mut self.rng).copied().unwrap_or(50.0);
        let off = *[0.0, 0.0, 0.1, -0.1, 3.0, -3.0, 20.0, -20.0].choose(&mut self.rng).unwrap_or(&0.0);
        let (value, quality) = match self.rng.random_range(0..20) {
            0 => (f64::NAN, Quality::GOOD),
            1 | 2 => (near + off, Quality::BAD_SENSOR),
            3 => (near + off, Quality::UNCERTAIN),
            _ => (near + off, Quality::GOOD),
        };
        let age_ms = match self.rng.random_range(0..20) {
            0 => None,
            1 => Some(1_700_000_000_000),
            2 => Some(-7_200_000),
            _ => Some(self.rng.random_range(0..2_000)),
        };
        Value { tag, value, quality, age_ms }
    }

    /// A value goes toward a limit and reaches it, or not quite, in as long as its trend takes to be seen.
    fn lead(&mut self, tag: TagIx, forecast: Forecast) {
        let (steps, share) = (20_u16, self.rng.random_range(0.5..1.1));
        let away = if forecast.limit.kind.is_high() { -20.0 } else { 20.0 };
        for at in 0..=steps {
            let value = forecast.limit.trip + away * (1.0 - share * f64::from(at) / f64::from(steps));
            self.begun.push_back(Step::Samples(vec![Value { tag, value, quality: Quality::GOOD, age_ms: Some(0) }]));
            self.begun.push_back(Step::Pass { ms: forecast.window_ms / u64::from(steps) });
        }
    }

    /// A person somewhere, or the first of those who gather.
    fn location(&mut self) -> Step {
        if let Some(zone) = self.meeting_place().filter(|_| self.rng.random_bool(0.05)) {
            self.gather(zone);
            return self.step();
        }
        let person = PersonIx::from(self.rng.random_range(0..self.site.people.len()));
        let zone = self.rng.random_range(0..=self.site.zones.len());
        let zone = (zone < self.site.zones.len()).then(|| ZoneIx::from(zone));
        let position = self.rng.random_bool(0.9).then(|| self.position());
        let battery_percent = self.rng.random_bool(0.8).then(|| self.rng.random_range(15..40));
        Step::Location { person, zone, position, sos: self.rng.random_bool(0.1), battery_percent }
    }

    /// A zone where a rule counts who stands together.
    fn meeting_place(&mut self) -> Option<ZoneIx> {
        let zones = |kind: &'a RuleKind| {
            if let RuleKind::People(PeopleRule::Gathering { zones, .. }) = kind { Some(zones) } else { None }
        };
        let counted = self.site.rules.iter().filter_map(|rule| zones(&rule.kind));
        counted.flatten().copied().collect::<Vec<_>>().choose(&mut self.rng).copied()
    }

    /// People come together one after the other, so that some gatherings grow, stay for about as long as a rule waits, and
    /// some of them go.
    fn gather(&mut self, zone: ZoneIx) {
        let zone = Some(zone);
        let come = self.rng.random_range(2..=self.site.people.len());
        let tell = |person, zone, position| Step::Location {
            person: PersonIx::from(person),
            zone,
            position: Some(position),
            sos: false,
            battery_percent: None,
        };
        for person in 0..come {
            let position = Position { x: f64::from(self.rng.random_range(0..16)), y: 0.0, floor: 0 };
            self.begun.push_back(tell(person, zone, position));
            if self.rng.random_bool(0.3) {
                self.begun.push_back(Step::Pass { ms: self.rng.random_range(0..61_000) });
            }
        }
        self.begun.push_back(Step::Pass { ms: self.rng.random_range(50_000..70_000) });
        for person in 0..self.rng.random_range(0..come) {
            self.begun.push_back(tell(
                person,
                zone,
                Position { x: 100.0 * f64::from(self.rng.random_range(1..9)), y: 0.0, floor: 0 },
            ));
        }
    }

    /// Few places, so that people rest and meet; now and then one that no site has.
    fn position(&mut self) -> Position {
        let metres = |rng: &mut SmallRng| *[0.0, 0.5, 8.0, 20.0, f64::NAN].choose(rng).unwrap_or(&0.0);
        Position { x: metres(&mut self.rng), y: metres(&mut self.rng), floor: self.rng.random_range(0..2) }
    }

    fn sight(&mut self) -> Step {
        let camera = CameraIx::from(self.rng.random_range(0..self.site.cameras.len()));
        let algorithm = if self.rng.random_bool(0.85) { "smoke" } else { "helmet" };
        Step::Sight { camera, algorithm, confidence: self.rng.random_range(0.4..1.0) }
    }

    fn watches_tickets(&self) -> bool {
        self.site.rules.iter().any(|rule| matches!(rule.kind, RuleKind::Ticket(_)))
    }

    fn ticket(&mut self) -> Step {
        Step::Ticket(tickets::change(&mut self.rng, self.site.zones.len(), self.site.people.len()))
    }

    fn link(&mut self) -> Step {
        let link = if self.rng.random_bool(0.6) { Link::Up } else { Link::Down("connection refused".to_owned()) };
        let at = self.rng.random_range(0..self.site.sources.len() + self.site.uplinks.len());
        match at.checked_sub(self.site.sources.len()) {
            Some(uplink) => Step::Uplink(UplinkIx::from(uplink), link),
            None => Step::Source(SourceIx::from(at), link),
        }
    }

    /// A piece of what a source's own history has of a gap, often the last one.
    fn late(&mut self) -> Step {
        let source = SourceIx::from(self.rng.random_range(0..self.site.sources.len()));
        let until = self.rng.random_range(1_000..600_000);
        let from = until + self.rng.random_range(1_000..86_400_000);
        let its = |value: &Value| self.site.tags[value.tag.at()].source == source;
        let drawn: Vec<Value> = (0..self.rng.random_range(0..20)).map(|_| self.value()).collect();
        let mut values: Vec<Value> = drawn.into_iter().filter(its).collect();
        values.iter_mut().for_each(|value| value.age_ms = Some(self.rng.random_range(until..from)));
        Step::Backfill(Late { source, values, filled: self.rng.random_bool(0.7).then_some((from, until)) })
    }

    /// What the shell says of its box: the certificates in their turn, the clock, the disk, the journal, lamp and horn.
    fn shell(&mut self) -> Step {
        let step = self.box_state();
        self.looks += 1;
        if self.looks.is_multiple_of(BOARD_EVERY) {
            let fails = (self.looks / BOARD_EVERY).is_multiple_of(2);
            return Step::Board(if fails { Link::Down("horn: the chip is gone".to_owned()) } else { Link::Up });
        }
        match self.looks % CERTIFICATES_EVERY {
            0 => Step::Certificates(LEFT_S[self.looks / CERTIFICATES_EVERY % LEFT_S.len()]),
            _ => step,
        }
    }

    fn box_state(&mut self) -> Step {
        match self.rng.random_range(0..3) {
            0 => Step::Clock(ClockState {
                synchronised: *[None, Some(false), Some(true)].choose(&mut self.rng).unwrap_or(&None),
                offset_ms: *[None, Some(3), Some(-1_001), Some(i64::MIN)].choose(&mut self.rng).unwrap_or(&None),
            }),
            1 => Step::Storage(StorageState {
                used_bytes: *[0, 66, 70, 84, 90, u64::MAX].choose(&mut self.rng).unwrap_or(&0),
                budget_bytes: *[None, Some(0), Some(100)].choose(&mut self.rng).unwrap_or(&None),
                free_bytes: *[None, Some(10), Some(u64::MAX)].choose(&mut self.rng).unwrap_or(&None),
            }),
            _ if self.rng.random_bool(0.5) => Step::Journal(Link::Up),
            _ => Step::Journal(Link::Down("the disk is full".to_owned())),
        }
    }

    fn duration_ms(&mut self) -> u64 {
        match self.rng.random_range(0..20) {
            0 => self.rng.random_range(60_000..2_400_000),
            1..5 => self.rng.random_range(5_000..70_000),
            _ => self.rng.random_range(0..4_000),
        }
    }

    fn clock_step_ms(&mut self) -> i64 {
        let most = *[50, 5_000, 3_600_000, 3_600_000, 30_000_000_000_i64].choose(&mut self.rng).unwrap_or(&50);
        self.rng.random_range(-most..=most)
    }
}
