//! What the engine knows of the plant: the last value of each tag, where people are, which links are up. Verdicts and
//! triggers are read off here.

mod local;
mod people;
mod people_triggers;
mod tickets;
mod compound;
mod signals;
mod triggers;

use local::LocalDay;
pub(crate) use people::{PersonInput, Stay};

pub(crate) use triggers::system;

use crate::{
    compounds::{Condition, Evaluation},
    event::Sample,
    gatherings::Gatherings,
    id::*,
    limits::PEOPLE_NAMED_MAX,
    memory::{Memory, Rest, Window},
    model::{PeopleRule, RuleKind, SignalRule, Site},
    quality::{Quality, Severity},
    quiet::{self, Band},
    rules::{RuleState, Sights, Verdict, limit_verdict},
    tickets::Tickets,
    time::{Monotonic, UtcTime},
    trend::{Trend, slot_ms},
    trigger::{PersonRef, Trigger},
    watch::Watch,
};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a tag brings values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Freshness {
    /// Nothing yet since the start or since the source came back; its rules stay what they were until the wait is over.
    Waiting,
    /// Values come.
    Live,
    /// No value within the tag's limit.
    Stale,
}

/// A tag's last value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TagInput {
    pub(crate) sample: Option<Sample>,
    pub(crate) source_time_replaced: bool,
    pub(crate) freshness: Freshness,
    /// When the last sample came, or when the wait began.
    pub(crate) since: Monotonic,
    /// Where the next value may lie without changing a rule that has a band; none unless values come and can be used.
    pub(crate) quiet: Band,
}

/// A tag's value as rules over it see it.
#[derive(Clone, Copy, Debug)]
enum Reading {
    /// Nothing has been said yet, and the wait for it is not over.
    Waiting,
    /// Bad, stale, or its source is down.
    Unusable,
    /// A value that can be used.
    Is(f64),
}

/// A link as last told.
#[derive(Clone, Debug)]
pub(crate) enum LinkInput {
    /// Nothing has been said since the start.
    Connecting,
    /// Data flows.
    Up,
    /// It does not.
    Down { reason: String, since: UtcTime },
}

/// All inputs.
#[derive(Clone, Debug)]
pub(crate) struct Inputs {
    pub(crate) tags: Vec<TagInput>,
    pub(crate) people: Vec<PersonInput>,
    /// How many are in each zone.
    pub(crate) crowd: Vec<u32>,
    /// Who is in each zone.
    pub(crate) inside: Vec<BTreeSet<PersonIx>>,
    /// Who stands where, for the rules over gatherings.
    pub(crate) gatherings: Gatherings,
    /// Which of the hours that rules have it is.
    pub(crate) local: LocalDay,
    pub(crate) sources: Vec<LinkInput>,
    pub(crate) uplinks: Vec<LinkInput>,
    pub(crate) tickets: Tickets,
    /// Of the video rules that have seen something.
    pub(crate) sights: BTreeMap<RuleIx, Sights>,
    /// Their last qualifying sight.
    pub(crate) seen: BTreeMap<RuleIx, Trigger>,
    /// By rule; used by the rules over a tag's past.
    memories: Vec<Memory>,
    /// The rules whose rest is in the saved state, also when it has just ended.
    rests_saved: BTreeSet<RuleIx>,
    /// By rule; used by compound rules only.
    compounds: Vec<Option<Box<Evaluation>>>,
    /// How each rule stands, for the compounds over it.
    pub(crate) conditions: Vec<Condition>,
    /// By rule; of the rules over inspection tasks: those that are overdue.
    pub(crate) overdue: BTreeMap<RuleIx, Vec<TaskId>>,
    /// By rule: the timer that is set to judge it again.
    pub(crate) judged_again: Vec<Option<Monotonic>>,
    /// The alarm system itself.
    pub(crate) watch: Watch,
}

impl Inputs {
    pub(crate) fn new(site: &Site, now: Monotonic) -> Self {
        let waiting = TagInput {
            sample: None,
            source_time_replaced: false,
            freshness: Freshness::Waiting,
            since: now,
            quiet: Band::NONE,
        };
        Self {
            tags: vec![waiting; site.tags.len()],
            people: vec![PersonInput::unheard(now); site.people.len()],
            crowd: vec![0; site.zones.len()],
            inside: vec![BTreeSet::new(); site.zones.len()],
            gatherings: Gatherings::new(site),
            local: LocalDay::new(site),
            sources: vec![LinkInput::Connecting; site.sources.len()],
            uplinks: vec![LinkInput::Connecting; site.uplinks.len()],
            tickets: Tickets::new(site),
            sights: BTreeMap::new(),
            seen: BTreeMap::new(),
            memories: vec![Memory::Nothing; site.rules.len()],
            rests_saved: BTreeSet::new(),
            compounds: site.rules.iter().map(|rule| compound::evaluation(&rule.kind)).collect(),
            conditions: vec![Condition::Waiting; site.rules.len()],
            overdue: BTreeMap::new(),
            judged_again: vec![None; site.rules.len()],
            watch: Watch::new(site),
        }
    }

    /// Takes a value; an absurd source time is replaced by the received time, a number that is not finite is bad. True
    /// when it is good and lies in the tag's quiet band.
    pub(crate) fn take_sample(&mut self, mut sample: Sample, now: Monotonic) -> bool {
        let replaced = sample.has_absurd_source_time();
        if replaced {
            sample.source_time = Some(sample.received_time);
        }
        if !sample.value.is_finite() && sample.quality.is_usable() {
            sample.quality = Quality::BAD_DECODING;
        }
        let input = &mut self.tags[sample.tag.at()];
        let quiet = input.quiet;
        *input = TagInput {
            sample: Some(sample),
            source_time_replaced: replaced,
            freshness: Freshness::Live,
            since: now,
            quiet,
        };
        quiet.contains(sample.value) && sample.quality.severity() == Severity::Good
    }

    /// Works out the quiet band of a tag from how its rules stand; every one of them has been judged by its last value.
    pub(crate) fn settle_band(&mut self, site: &Site, tag: TagIx, rules: &[RuleIx], states: &[RuleState]) {
        let band = match self.reading(site, tag) {
            Reading::Is(_) => {
                let bands = rules.iter().filter_map(|ix| quiet::band(&site.rules[ix.at()].kind, states[ix.at()]));
                bands.fold(Band::ALL, Band::and)
            }
            Reading::Waiting | Reading::Unusable => Band::NONE,
        };
        self.tags[tag.at()].quiet = band;
    }

    /// Lets a rule over a tag's past remember the value as it is now; one that cannot be used makes it forget. A compound
    /// rule judges its nodes.
    pub(crate) fn remember(&mut self, site: &Site, ix: RuleIx, now: Monotonic) {
        let kind = &site.rules[ix.at()].kind;
        if let RuleKind::System(_) = kind {
            self.watch.expire(now);
        }
        if let RuleKind::People(PeopleRule::Immobile { person, within_m, .. }) = kind {
            self.remember_rest(site, ix, *person, *within_m);
        }
        if let RuleKind::Compound(compound) = kind {
            return self.evaluate(site, ix, compound, now);
        }
        let (RuleKind::RateOfChange { tag, .. }
        | RuleKind::Frozen { tag, .. }
        | RuleKind::Signal(SignalRule::Forecast { tag, .. })) = kind
        else {
            return;
        };
        let reading = self.reading(site, *tag);
        let memory = &mut self.memories[ix.at()];
        match (kind, reading, &mut *memory) {
            (RuleKind::RateOfChange { rate, .. }, Reading::Is(value), Memory::Window(window)) => {
                window.see(value, now, rate.window_ms);
            }
            (RuleKind::RateOfChange { .. }, Reading::Is(value), _) => {
                *memory = Memory::Window(Box::new(Window::new(value, now)));
            }
            (RuleKind::Frozen { dead_zone, .. }, Reading::Is(value), Memory::Rest(rest)) => {
                rest.see(value, *dead_zone, now);
            }
            (RuleKind::Signal(SignalRule::Forecast { forecast, .. }), Reading::Is(value), Memory::Trend(trend)) => {
                trend.see(value, now, forecast.window_ms);
            }
            (RuleKind::Signal(_), Reading::Is(value), _) => *memory = Memory::Trend(Box::new(Trend::new(value, now))),
            (_, Reading::Is(value), _) => *memory = Memory::Rest(Rest::new(value, now)),
            (_, Reading::Waiting | Reading::Unusable, _) => *memory = Memory::Nothing,
        }
    }

    /// When a rule must be judged again although no value may come: a rest is over, a fast change has ended. `stands`
    /// says that the rule is active or about to be.
    pub(crate) fn judge_again(&self, site: &Site, ix: RuleIx, stands: bool, now: Monotonic) -> Option<Monotonic> {
        match (&site.rules[ix.at()].kind, &self.memories[ix.at()]) {
            (RuleKind::RateOfChange { rate, .. }, Memory::Window(_)) if stands => {
                Some(now.after(slot_ms(rate.window_ms)))
            }
            (RuleKind::Signal(SignalRule::Forecast { forecast, .. }), Memory::Trend(_)) if stands => {
                Some(now.after(slot_ms(forecast.window_ms)))
            }
            (RuleKind::Frozen { after_ms, .. }, Memory::Rest(rest)) => {
                Some(rest.ends(*after_ms)).filter(|end| *end > now)
            }
            (RuleKind::People(rule), _) => self.judge_people_again(rule, now),
            (RuleKind::Compound(_), _) => self.compounds[ix.at()].as_ref()?.next(now),
            (RuleKind::System(system), _) => self.watch.judge_again(system, now),
            _ => None,
        }
    }

    /// What the inputs say about a rule; `None` while there is nothing to say yet.
    pub(crate) fn verdict(&self, site: &Site, ix: RuleIx, now: Monotonic) -> Option<Verdict> {
        match &site.rules[ix.at()].kind {
            RuleKind::Limit { tag, limit } => self.value_verdict(site, *tag, |value| limit_verdict(*limit, value)),
            RuleKind::BadQuality { tag } => {
                self.quality_verdict(site, *tag, |severity| truth(severity == Severity::Bad))
            }
            RuleKind::UncertainQuality { tag } => self.quality_verdict(site, *tag, |severity| match severity {
                Severity::Good => Verdict::False,
                Severity::Uncertain => Verdict::True,
                Severity::Bad => Verdict::Hold,
            }),
            RuleKind::Stale { tag } => self.stale_verdict(site, *tag),
            RuleKind::RateOfChange { tag, rate } => self.value_verdict(site, *tag, |_| match &self.memories[ix.at()] {
                Memory::Window(window) => window.verdict(*rate),
                Memory::Rest(_) | Memory::Still(_) | Memory::Trend(_) | Memory::Nothing => Verdict::Hold,
            }),
            RuleKind::OutOfRange { tag, low, high } => {
                self.value_verdict(site, *tag, |value| truth(value < *low || value > *high))
            }
            RuleKind::Frozen { tag, after_ms, .. } => {
                self.value_verdict(site, *tag, |_| match &self.memories[ix.at()] {
                    Memory::Rest(rest) => rest.verdict(*after_ms, now),
                    Memory::Window(_) | Memory::Still(_) | Memory::Trend(_) | Memory::Nothing => Verdict::Hold,
                })
            }
            RuleKind::Deviation { tag, other, difference, clear } => {
                self.pair_verdict(site, *tag, *other, |one, other| {
                    let apart = (one - other).abs();
                    if apart > *difference { Verdict::True } else { cleared(apart <= *clear) }
                })
            }
            RuleKind::Mismatch { command, feedback } => {
                self.pair_verdict(site, *command, *feedback, |command, feedback| {
                    truth((command != 0.0) != (feedback != 0.0))
                })
            }
            RuleKind::Signal(signal) => self.signal_verdict(site, ix, signal),
            RuleKind::Sos { person } => Some(truth(self.people[person.at()].sos())),
            RuleKind::OverCapacity { zone, people_max } => Some(truth(self.crowd[zone.at()] > *people_max)),
            RuleKind::People(rule) => self.people_verdict(site, ix, rule, now),
            RuleKind::Video { .. } => Some(truth(self.sights(ix).until.is_some())),
            RuleKind::SourceLost { source } => link_verdict(&self.sources[source.at()]),
            RuleKind::UplinkLost { uplink } => link_verdict(&self.uplinks[uplink.at()]),
            RuleKind::Ticket(rule) => self.tickets.slot(rule.table, rule.slot)?.verdict,
            RuleKind::Compound(_) => self.compounds[ix.at()].as_ref()?.result().verdict(),
            RuleKind::InspectionOverdue(_) => Some(truth(self.overdue.get(&ix).is_some_and(|tasks| !tasks.is_empty()))),
            RuleKind::System(system) => self.watch.verdict(system, now),
        }
    }

    fn reading(&self, site: &Site, tag: TagIx) -> Reading {
        if self.source_is_down(site, tag) {
            return Reading::Unusable;
        }
        match (self.tags[tag.at()].freshness, self.tags[tag.at()].sample) {
            (Freshness::Waiting, _) => Reading::Waiting,
            (Freshness::Live, Some(sample)) if sample.quality.is_usable() => Reading::Is(sample.value),
            (Freshness::Live | Freshness::Stale, _) => Reading::Unusable,
        }
    }

    fn value_verdict(&self, site: &Site, tag: TagIx, judge: impl Fn(f64) -> Verdict) -> Option<Verdict> {
        match self.reading(site, tag) {
            Reading::Waiting => None,
            Reading::Unusable => Some(Verdict::Unknown),
            Reading::Is(value) => Some(judge(value)),
        }
    }

    /// One that cannot be used is enough to make the pair unknown, even while the other is waited for.
    fn pair_verdict(
        &self,
        site: &Site,
        one: TagIx,
        other: TagIx,
        judge: impl Fn(f64, f64) -> Verdict,
    ) -> Option<Verdict> {
        match (self.reading(site, one), self.reading(site, other)) {
            (Reading::Unusable, _) | (_, Reading::Unusable) => Some(Verdict::Unknown),
            (Reading::Waiting, _) | (_, Reading::Waiting) => None,
            (Reading::Is(one), Reading::Is(other)) => Some(judge(one, other)),
        }
    }

    fn quality_verdict(&self, site: &Site, tag: TagIx, judge: impl Fn(Severity) -> Verdict) -> Option<Verdict> {
        if self.source_is_down(site, tag) {
            return Some(Verdict::Unknown);
        }
        match (self.tags[tag.at()].freshness, self.tags[tag.at()].sample) {
            (Freshness::Live, Some(sample)) => Some(judge(sample.quality.severity())),
            (Freshness::Stale, _) => Some(Verdict::Hold),
            (Freshness::Waiting | Freshness::Live, _) => None,
        }
    }

    fn stale_verdict(&self, site: &Site, tag: TagIx) -> Option<Verdict> {
        if self.source_is_down(site, tag) {
            return Some(Verdict::Unknown);
        }
        match self.tags[tag.at()].freshness {
            Freshness::Waiting => None,
            Freshness::Live => Some(Verdict::False),
            Freshness::Stale => Some(Verdict::True),
        }
    }

    pub(crate) fn source_is_up(&self, site: &Site, tag: TagIx) -> bool {
        matches!(self.sources[site.tags[tag.at()].source.at()], LinkInput::Up)
    }

    pub(crate) fn source_is_down(&self, site: &Site, tag: TagIx) -> bool {
        matches!(self.sources[site.tags[tag.at()].source.at()], LinkInput::Down { .. })
    }

    /// The quality to show: a lost connection and staleness go before what the device said last.
    pub(crate) fn quality(&self, site: &Site, tag: TagIx) -> Quality {
        let input = &self.tags[tag.at()];
        if self.source_is_down(site, tag) {
            return Quality::BAD_NO_COMMUNICATION;
        }
        match (input.freshness, input.sample) {
            (Freshness::Stale, _) => Quality::BAD_STALE,
            (Freshness::Waiting, _) | (_, None) => Quality::BAD_WAITING,
            (Freshness::Live, Some(sample)) => sample.quality,
        }
    }

    pub(crate) fn person_ref(&self, site: &Site, person: PersonIx) -> PersonRef {
        let about = &site.people[person.at()];
        let zone = self.people[person.at()].zone().map(|zone| site.zones[zone.at()].id.clone());
        PersonRef { id: about.id.clone(), name: about.name.clone(), zone }
    }

    /// People in zones, in the order of the configuration, at most `PEOPLE_NAMED_MAX`.
    pub(crate) fn people_in(&self, site: &Site, zones: &[ZoneIx]) -> Vec<PersonRef> {
        let inside = zones.iter().flat_map(|zone| self.inside[zone.at()].iter().take(PEOPLE_NAMED_MAX));
        let mut people: Vec<PersonIx> = inside.copied().collect();
        people.sort_unstable();
        people.into_iter().take(PEOPLE_NAMED_MAX).map(|person| self.person_ref(site, person)).collect()
    }

    /// How many people are in zones.
    pub(crate) fn crowd_in(&self, zones: &[ZoneIx]) -> u32 {
        zones.iter().map(|zone| self.crowd[zone.at()]).sum()
    }

    /// What a video rule has seen.
    pub(crate) fn sights(&self, ix: RuleIx) -> Sights {
        self.sights.get(&ix).copied().unwrap_or_default()
    }
}

fn truth(condition: bool) -> Verdict {
    if condition { Verdict::True } else { Verdict::False }
}

fn cleared(condition: bool) -> Verdict {
    if condition { Verdict::False } else { Verdict::Hold }
}

fn link_verdict(link: &LinkInput) -> Option<Verdict> {
    match link {
        LinkInput::Connecting => None,
        LinkInput::Up => Some(Verdict::False),
        LinkInput::Down { .. } => Some(Verdict::True),
    }
}
