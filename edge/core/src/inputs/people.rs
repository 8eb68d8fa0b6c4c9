//! What is known of people: where they are, since when, and what their cards say. The verdicts of the rules over them.

use super::{Inputs, LinkInput, truth};
use crate::{
    event::Location,
    gatherings::Place,
    id::*,
    limits::REST_SAVED_AFTER_MS,
    memory::{Memory, Stillness},
    model::{Access, Hours, PeopleRule, Person, Position, Priority, RuleKind, Site, SourceKind, Zone},
    rules::Verdict,
    time::{Monotonic, Now, UtcTime},
};

/// A person's last position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PersonInput {
    pub(crate) location: Option<Location>,
    /// When it was last told, or when the wait for it began.
    pub(crate) heard: Monotonic,
    /// Nothing has been told since the wait began: what is known of the place is from before.
    pub(crate) awaited: bool,
    /// The place was given up, because nothing was told of it for too long.
    pub(crate) lost: bool,
    /// Whether a timer waits for the next one.
    pub(crate) watched: bool,
    /// The card's battery as told since the wait began; rules take no older word for it.
    pub(crate) battery_percent: Option<u8>,
    /// When a breach that lasts is an event to be recorded.
    pub(crate) breach_lasts: Option<Monotonic>,
    /// The time in the zone where the person is, or was when the place was given up.
    pub(crate) stay: Option<Stay>,
}

/// A person's time in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    pub(crate) zone: ZoneIx,
    pub(crate) since: UtcTime,
    /// When it becomes too long; `None` where that does not matter.
    pub(crate) ends: Option<Monotonic>,
}

impl Stay {
    pub(crate) fn begin(site: &Site, zone: ZoneIx, now: Now) -> Self {
        let ends = site.zones[zone.at()].stay_max_ms.map(|most_ms| now.monotonic.after(most_ms));
        Self { zone, since: now.utc, ends }
    }

    /// A stay that went on while the process was away.
    pub(crate) fn go_on(site: &Site, zone: ZoneIx, since: UtcTime, now: Now) -> Self {
        let ends = site.zones[zone.at()].stay_max_ms.map(|most_ms| now.rebase(since.after(most_ms), most_ms));
        Self { zone, since, ends }
    }
}

impl PersonInput {
    pub(super) fn unheard(now: Monotonic) -> Self {
        Self {
            location: None,
            heard: now,
            awaited: true,
            lost: false,
            watched: false,
            battery_percent: None,
            breach_lasts: None,
            stay: None,
        }
    }

    pub(crate) fn zone(&self) -> Option<ZoneIx> {
        self.location.and_then(|location| location.zone)
    }

    pub(crate) fn sos(&self) -> bool {
        self.location.is_some_and(|location| location.sos)
    }

    pub(crate) fn position(&self) -> Option<Position> {
        self.location.and_then(|location| location.position)
    }
}

impl Inputs {
    /// Takes a position; true when the person's zone or SOS changed. What the card does not say of its battery stays as it
    /// was said before, to be shown.
    pub(crate) fn take_location(&mut self, site: &Site, mut location: Location, now: Now) -> bool {
        location.position = location.position.filter(|position| position.makes_sense());
        let person = &mut self.people[location.person.at()];
        let (old_zone, old_sos, first) = (person.zone(), person.sos(), person.location.is_none());
        location.battery_percent =
            location.battery_percent.or(person.location.and_then(|location| location.battery_percent));
        person.location = Some(location);
        match location.zone {
            Some(zone) if person.stay.is_none_or(|stay| stay.zone != zone) => {
                person.stay = Some(Stay::begin(site, zone, now));
            }
            None if !person.lost => person.stay = None,
            Some(_) | None => {}
        }
        if old_zone != location.zone {
            if let Some(zone) = old_zone {
                self.inside[zone.at()].remove(&location.person);
                self.crowd[zone.at()] = self.crowd[zone.at()].saturating_sub(1);
            }
            if let Some(zone) = location.zone {
                self.inside[zone.at()].insert(location.person);
                self.crowd[zone.at()] = self.crowd[zone.at()].saturating_add(1);
            }
        }
        self.stand(location.person, old_zone);
        first || old_zone != location.zone || old_sos != location.sos
    }

    /// Where a person who was in a zone stands now, for the gatherings. A place that is awaited again is no longer known to
    /// within metres.
    pub(crate) fn stand(&mut self, person: PersonIx, from: Option<ZoneIx>) {
        let input = &self.people[person.at()];
        let place = match input.position() {
            _ if input.awaited => Place::Awaited,
            Some(position) => Place::At(position),
            None => Place::Somewhere,
        };
        self.gatherings.put(person, from, input.zone(), place);
    }

    /// Lets the rule of an immobile person remember the rest in a hazardous zone. While nothing is told nothing changes, and
    /// a message without a position neither adds to the rest nor ends it.
    pub(super) fn remember_rest(&mut self, site: &Site, ix: RuleIx, person: PersonIx, within_m: f64) {
        let input = &self.people[person.at()];
        if input.awaited {
            return;
        }
        let hazardous = input.zone().is_some_and(|zone| site.zones[zone.at()].hazardous);
        let memory = &mut self.memories[ix.at()];
        match (input.position(), &mut *memory) {
            _ if !hazardous => *memory = Memory::Nothing,
            (Some(position), Memory::Still(still)) => still.see(position, within_m, input.heard),
            (Some(position), _) => *memory = Memory::Still(Box::new(Stillness::new(position, input.heard))),
            (None, _) => {}
        }
    }

    /// Whether a rest has lasted for so long that it has to be saved, or has ended and was saved; once each.
    pub(crate) fn rest_to_save(&mut self, ix: RuleIx) -> bool {
        let lasts = matches!(&self.memories[ix.at()], Memory::Still(still) if still.rested_ms() >= REST_SAVED_AFTER_MS);
        if lasts { self.rests_saved.insert(ix) } else { self.rests_saved.remove(&ix) }
    }

    /// A rest as it is saved: where, and since when.
    pub(crate) fn rest(&self, ix: RuleIx, now: Now) -> Option<(Position, UtcTime)> {
        let Memory::Still(still) = &self.memories[ix.at()] else { return None };
        let ago_ms = still.rested_ms().saturating_add(now.monotonic.since(still.last));
        let since = UtcTime(now.utc.0.saturating_sub_unsigned(ago_ms));
        self.rests_saved.contains(&ix).then_some((still.at, since))
    }

    /// A rest that went on while the process was away; no more than `most_ms` of it counts, whatever the wall clock did.
    pub(crate) fn restore_rest(&mut self, ix: RuleIx, (at, since): (Position, UtcTime), most_ms: u64, now: Now) {
        let before_ms = u64::try_from(now.utc.since(since)).unwrap_or(0).min(most_ms);
        self.memories[ix.at()] = Memory::Still(Box::new(Stillness::restored(at, before_ms, now.monotonic)));
        self.rests_saved.insert(ix);
    }

    /// Whether cards can be heard: `None` while that has not been said since the start.
    pub(crate) fn beacons_are_heard(&self, site: &Site) -> Option<bool> {
        let mut heard = Some(true);
        for (about, link) in site.sources.iter().zip(&self.sources) {
            match (about.kind, link) {
                (SourceKind::Mqtt, LinkInput::Down { .. }) => return Some(false),
                (SourceKind::Mqtt, LinkInput::Connecting) => heard = None,
                (SourceKind::Mqtt, LinkInput::Up) | (SourceKind::OpcUa | SourceKind::Modbus | SourceKind::Board, _) => {
                }
            }
        }
        heard
    }

    /// A lost broker says nothing about people: unknown, for every rule.
    pub(super) fn people_verdict(&self, site: &Site, ix: RuleIx, rule: &PeopleRule, now: Monotonic) -> Option<Verdict> {
        if !self.beacons_are_heard(site)? {
            return Some(Verdict::Unknown);
        }
        match rule {
            PeopleRule::CardOffline { person, after_ms } => offline(&self.people[person.at()], *after_ms, now),
            PeopleRule::CardBattery { person, below, clear } => {
                let input = &self.people[person.at()];
                input.battery_percent.filter(|_| !input.awaited).map(|left| battery(left, *below, *clear))
            }
            PeopleRule::Understaffed { zone, people_min, named, hours } => {
                let few = self.crowd[zone.at()] < *people_min
                    || named.iter().any(|person| self.people[person.at()].zone() != Some(*zone));
                Some(truth(hours.hold(self.local.minute) && few))
            }
            PeopleRule::Gathering { .. } => self.gatherings.of(ix)?.verdict(),
            PeopleRule::OffPost { person, hours } => Some(self.off_post(site, *person, hours)),
            PeopleRule::ZoneBreach { person, .. } => Some(
                self.in_zone(site, *person, |zone, about| truth(self.breached(zone, *person, about).next().is_some())),
            ),
            PeopleRule::WrongPost { person } => {
                Some(self.in_zone(site, *person, |zone, about| truth(is_post_of_others(zone, about))))
            }
            PeopleRule::Overstay { person } => Some(self.in_zone(site, *person, |_, _| {
                truth(self.people[person.at()].stay.and_then(|stay| stay.ends).is_some_and(|ends| ends <= now))
            })),
            PeopleRule::Immobile { person, after_ms, .. } => Some(
                self.in_zone(site, *person, |zone, _| self.immobile(ix, &self.people[person.at()], zone, *after_ms)),
            ),
        }
    }

    /// Judges the zone where a person is. One who has not been heard of is nowhere, and so is whoever is outside all zones.
    fn in_zone(&self, site: &Site, person: PersonIx, judge: impl FnOnce(&Zone, &Person) -> Verdict) -> Verdict {
        let input = &self.people[person.at()];
        match input.zone() {
            Some(zone) => judge(&site.zones[zone.at()], &site.people[person.at()]),
            None if input.lost => Verdict::Unknown,
            None => Verdict::False,
        }
    }

    /// Without a position nobody knows whether the person moves.
    fn immobile(&self, ix: RuleIx, input: &PersonInput, zone: &Zone, after_ms: u64) -> Verdict {
        let Memory::Still(still) = &self.memories[ix.at()] else {
            return if zone.hazardous { Verdict::Unknown } else { Verdict::False };
        };
        if input.position().is_none() && !input.awaited { Verdict::Unknown } else { still.verdict(after_ms) }
    }

    fn off_post(&self, site: &Site, person: PersonIx, hours: &Hours) -> Verdict {
        let (about, input) = (&site.people[person.at()], &self.people[person.at()]);
        let is_kept_in =
            |zone: ZoneIx| about.post.as_ref().is_some_and(|post| site.zones[zone.at()].posts.contains(post));
        if !hours.hold(self.local.minute) {
            Verdict::False
        } else if input.lost || input.location.is_none() {
            Verdict::Unknown
        } else {
            truth(!input.zone().is_some_and(is_kept_in))
        }
    }

    /// What forbids a zone to a person now.
    fn breached<'z>(&self, zone: &'z Zone, person: PersonIx, about: &Person) -> impl Iterator<Item = &'z Access> {
        let minute = self.local.minute;
        let allows = move |access: &Access| {
            access.people.contains(&person) || about.post.as_ref().is_some_and(|post| access.posts.contains(post))
        };
        zone.access.iter().filter(move |access| access.hours.hold(minute) && !allows(access))
    }

    /// The priority that the condition has now, where it is not the rule's own.
    pub(crate) fn priority(&self, site: &Site, ix: RuleIx) -> Option<Priority> {
        let rule = &site.rules[ix.at()];
        if let RuleKind::People(PeopleRule::Gathering { counts, .. }) = &rule.kind {
            return counts.priority(self.gatherings.of(ix)?.most());
        }
        let RuleKind::People(PeopleRule::ZoneBreach { person, .. }) = &rule.kind else { return None };
        let zone = &site.zones[self.people[person.at()].zone()?.at()];
        self.breached(zone, *person, &site.people[person.at()])
            .map(|access| access.priority.unwrap_or(rule.priority))
            .max()
    }

    /// When a rule over people must be judged again although nothing may be told.
    pub(super) fn judge_people_again(&self, rule: &PeopleRule, now: Monotonic) -> Option<Monotonic> {
        match rule {
            PeopleRule::Overstay { person } => self.people[person.at()].stay?.ends,
            PeopleRule::CardOffline { person, after_ms } => {
                let input = &self.people[person.at()];
                input.zone().map(|_| input.heard.after(*after_ms))
            }
            PeopleRule::ZoneBreach { .. }
            | PeopleRule::Immobile { .. }
            | PeopleRule::Understaffed { .. }
            | PeopleRule::Gathering { .. }
            | PeopleRule::WrongPost { .. }
            | PeopleRule::OffPost { .. }
            | PeopleRule::CardBattery { .. } => None,
        }
        .filter(|at| *at > now)
    }
}

/// Silence counts where the card was in a zone: whoever goes home takes it along. A place that was given up was silent for
/// longer.
fn offline(input: &PersonInput, after_ms: u64, now: Monotonic) -> Option<Verdict> {
    if input.lost {
        return Some(Verdict::True);
    }
    if input.zone().is_none() {
        return Some(Verdict::False);
    }
    match (now.since(input.heard) >= after_ms, input.awaited) {
        (true, _) => Some(Verdict::True),
        (false, true) => None,
        (false, false) => Some(Verdict::False),
    }
}

fn battery(left: u8, below: u8, clear: u8) -> Verdict {
    if left < below {
        Verdict::True
    } else if left >= clear {
        Verdict::False
    } else {
        Verdict::Hold
    }
}

fn is_post_of_others(zone: &Zone, about: &Person) -> bool {
    about.post.as_ref().is_some_and(|post| !zone.posts.is_empty() && !zone.posts.contains(post))
}
