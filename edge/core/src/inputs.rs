//! What the engine knows of the plant: the last value of each tag, where people are, which links are up. Verdicts and
//! triggers are read off here.

use crate::{
    event::{Location, Sample},
    id::*,
    limits::{PEOPLE_NAMED_MAX, SOURCE_TIME_AHEAD_MAX_MS, SOURCE_TIME_EARLIEST_MS},
    model::{Limit, Rule, RuleKind, Site},
    quality::Quality,
    rules::{Sights, Verdict, limit_verdict},
    time::{Monotonic, UtcTime},
    trigger::{PersonRef, Trigger},
};

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
}

/// A person's last position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PersonInput {
    pub(crate) location: Option<Location>,
    /// When it was last told, or when the wait for it began.
    pub(crate) heard: Monotonic,
    /// Whether a timer waits for the next one.
    pub(crate) watched: bool,
}

impl PersonInput {
    pub(crate) fn zone(&self) -> Option<ZoneIx> {
        self.location.and_then(|location| location.zone)
    }

    pub(crate) fn sos(&self) -> bool {
        self.location.is_some_and(|location| location.sos)
    }
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
    pub(crate) crowd: Vec<u32>,
    pub(crate) sources: Vec<LinkInput>,
    pub(crate) uplinks: Vec<LinkInput>,
    /// By rule; used by video rules only.
    pub(crate) sights: Vec<Sights>,
    /// The last qualifying sight, by rule.
    pub(crate) seen: Vec<Option<Trigger>>,
}

impl Inputs {
    pub(crate) fn new(site: &Site, now: Monotonic) -> Self {
        let waiting = TagInput { sample: None, source_time_replaced: false, freshness: Freshness::Waiting, since: now };
        Self {
            tags: vec![waiting; site.tags.len()],
            people: vec![PersonInput { location: None, heard: now, watched: false }; site.people.len()],
            crowd: vec![0; site.zones.len()],
            sources: vec![LinkInput::Connecting; site.sources.len()],
            uplinks: vec![LinkInput::Connecting; site.uplinks.len()],
            sights: vec![Sights::default(); site.rules.len()],
            seen: vec![None; site.rules.len()],
        }
    }

    /// Takes a value; an absurd source time is replaced by the received time, a number that is not finite is bad.
    pub(crate) fn take_sample(&mut self, mut sample: Sample, now: Monotonic) {
        let replaced = sample.source_time.is_some_and(|time| is_absurd(time, sample.received_time));
        if replaced {
            sample.source_time = Some(sample.received_time);
        }
        if !sample.value.is_finite() && sample.quality.is_usable() {
            sample.quality = Quality::BAD_DECODING;
        }
        self.tags[sample.tag.at()] =
            TagInput { sample: Some(sample), source_time_replaced: replaced, freshness: Freshness::Live, since: now };
    }

    /// Takes a position; true when the person's zone or SOS changed.
    pub(crate) fn take_location(&mut self, location: Location) -> bool {
        let person = &mut self.people[location.person.at()];
        let (old_zone, old_sos) = (person.zone(), person.sos());
        let first = person.location.is_none();
        person.location = Some(location);
        if old_zone != location.zone {
            for (zone, step) in [(old_zone, -1), (location.zone, 1)] {
                if let Some(zone) = zone {
                    self.crowd[zone.at()] = self.crowd[zone.at()].saturating_add_signed(step);
                }
            }
        }
        first || old_zone != location.zone || old_sos != location.sos
    }

    /// What the inputs say about a rule; `None` while there is nothing to say yet.
    pub(crate) fn verdict(&self, site: &Site, ix: RuleIx) -> Option<Verdict> {
        match &site.rules[ix.at()].kind {
            RuleKind::Limit { tag, limit } => self.value_verdict(site, *tag, *limit),
            RuleKind::BadQuality { tag } => self.quality_verdict(site, *tag),
            RuleKind::Stale { tag } => self.stale_verdict(site, *tag),
            RuleKind::Sos { person } => Some(truth(self.people[person.at()].sos())),
            RuleKind::OverCapacity { zone, people_max } => Some(truth(self.crowd[zone.at()] > *people_max)),
            RuleKind::Video { .. } => Some(truth(self.sights[ix.at()].until.is_some())),
            RuleKind::SourceLost { source } => link_verdict(&self.sources[source.at()]),
            RuleKind::UplinkLost { uplink } => link_verdict(&self.uplinks[uplink.at()]),
        }
    }

    fn value_verdict(&self, site: &Site, tag: TagIx, limit: Limit) -> Option<Verdict> {
        if self.source_is_down(site, tag) {
            return Some(Verdict::Unknown);
        }
        match (self.tags[tag.at()].freshness, self.tags[tag.at()].sample) {
            (Freshness::Waiting, _) => None,
            (Freshness::Live, Some(sample)) if sample.quality.is_usable() => Some(limit_verdict(limit, sample.value)),
            (Freshness::Live | Freshness::Stale, _) => Some(Verdict::Unknown),
        }
    }

    fn quality_verdict(&self, site: &Site, tag: TagIx) -> Option<Verdict> {
        if self.source_is_down(site, tag) {
            return Some(Verdict::Unknown);
        }
        match (self.tags[tag.at()].freshness, self.tags[tag.at()].sample) {
            (Freshness::Live, Some(sample)) => Some(truth(!sample.quality.is_usable())),
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

    /// What was observed, for the reason chain.
    pub(crate) fn trigger(&self, site: &Site, ix: RuleIx, now: UtcTime) -> Trigger {
        let rule: &Rule = &site.rules[ix.at()];
        match &rule.kind {
            RuleKind::Limit { tag, limit } => self.value_trigger(site, *tag, Some(*limit), now),
            RuleKind::BadQuality { tag } | RuleKind::Stale { tag } => self.value_trigger(site, *tag, None, now),
            RuleKind::Sos { person } => self.sos_trigger(site, *person, now),
            RuleKind::OverCapacity { zone, people_max } => self.crowd_trigger(site, *zone, *people_max, now),
            RuleKind::Video { .. } => {
                self.seen[ix.at()].clone().expect("a video rule turns active only with a sight in hand")
            }
            RuleKind::SourceLost { source } => {
                let about = &site.sources[source.at()];
                link_trigger(about.id.as_str(), &about.name, &self.sources[source.at()], now)
            }
            RuleKind::UplinkLost { uplink } => {
                let about = &site.uplinks[uplink.at()];
                link_trigger(about.id.as_str(), &about.name, &self.uplinks[uplink.at()], now)
            }
        }
    }

    fn value_trigger(&self, site: &Site, tag: TagIx, limit: Option<Limit>, now: UtcTime) -> Trigger {
        let (about, input) = (&site.tags[tag.at()], &self.tags[tag.at()]);
        Trigger::Value {
            tag: about.id.clone(),
            name: about.name.clone(),
            value: input.sample.map(|sample| sample.value).filter(|value| value.is_finite()),
            engineering_unit: about.engineering_unit.clone(),
            quality: self.quality(site, tag),
            limit,
            source_time: input.sample.and_then(|sample| sample.source_time),
            source_time_replaced: input.source_time_replaced,
            received_time: input.sample.map_or(now, |sample| sample.received_time),
        }
    }

    fn sos_trigger(&self, site: &Site, person: PersonIx, now: UtcTime) -> Trigger {
        let location = self.people[person.at()].location;
        Trigger::Sos {
            person: self.person_ref(site, person),
            source_time: location.and_then(|location| location.source_time),
            received_time: location.map_or(now, |location| location.received_time),
        }
    }

    fn crowd_trigger(&self, site: &Site, zone: ZoneIx, people_max: u32, now: UtcTime) -> Trigger {
        let inside = |person: &PersonInput| person.zone() == Some(zone);
        let received = self
            .people
            .iter()
            .filter(|person| inside(person))
            .filter_map(|person| person.location)
            .map(|l| l.received_time);
        Trigger::Crowd {
            zone: site.zones[zone.at()].id.clone(),
            name: site.zones[zone.at()].name.clone(),
            people_count: self.crowd[zone.at()],
            people_max,
            people: self.people_in(site, |z| z == zone),
            received_time: received.max().unwrap_or(now),
        }
    }

    pub(crate) fn person_ref(&self, site: &Site, person: PersonIx) -> PersonRef {
        let about = &site.people[person.at()];
        let zone = self.people[person.at()].zone().map(|zone| site.zones[zone.at()].id.clone());
        PersonRef { id: about.id.clone(), name: about.name.clone(), zone }
    }

    /// People in the zones that `inside` accepts, at most `PEOPLE_NAMED_MAX`.
    pub(crate) fn people_in(&self, site: &Site, inside: impl Fn(ZoneIx) -> bool) -> Vec<PersonRef> {
        self.people
            .iter()
            .enumerate()
            .filter(|(_, person)| person.zone().is_some_and(&inside))
            .map(|(at, _)| self.person_ref(site, PersonIx::from(at)))
            .take(PEOPLE_NAMED_MAX)
            .collect()
    }

    /// How many people are in a unit's zones.
    pub(crate) fn crowd_of_unit(&self, site: &Site, unit: UnitIx) -> u32 {
        site.zones.iter().zip(&self.crowd).filter(|(zone, _)| zone.unit == Some(unit)).map(|(_, count)| count).sum()
    }
}

fn truth(condition: bool) -> Verdict {
    if condition { Verdict::True } else { Verdict::False }
}

fn link_verdict(link: &LinkInput) -> Option<Verdict> {
    match link {
        LinkInput::Connecting => None,
        LinkInput::Up => Some(Verdict::False),
        LinkInput::Down { .. } => Some(Verdict::True),
    }
}

fn link_trigger(id: &str, name: &str, link: &LinkInput, now: UtcTime) -> Trigger {
    let (reason, since) = match link {
        LinkInput::Down { reason, since } => (reason.clone(), *since),
        LinkInput::Connecting | LinkInput::Up => (String::new(), now),
    };
    Trigger::Link { id: id.to_owned(), name: name.to_owned(), reason, received_time: since }
}

/// A device without a clock says 1970 or 2000; one with a wrong clock may say next year.
fn is_absurd(source_time: UtcTime, received_time: UtcTime) -> bool {
    source_time.0 < SOURCE_TIME_EARLIEST_MS || source_time.since(received_time) > SOURCE_TIME_AHEAD_MAX_MS
}
