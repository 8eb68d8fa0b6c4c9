//! Where people are, and what follows from it for the rules of a person and of the zones they leave and enter.
//!
//! Where a person was is no word on where they are: a place that no beacon has repeated for long is given up, so that a
//! dead card keeps nobody in a zone. What the person called for stays.

use super::Engine;
use crate::{
    effect::Effects,
    event::Location,
    id::*,
    model::{PeopleRule, Priority, RuleKind, SourceKind, TicketKind},
    record::*,
    rules::Verdict,
    saved::{SavedBody, SavedChange},
    time::{Monotonic, Now},
    timers::Timer,
    trigger::Trigger,
};

impl Engine {
    pub(super) fn take_locations(&mut self, locations: &[Location], now: Now, out: &mut Effects) {
        for location in locations {
            let input = &mut self.inputs.people[location.person.at()];
            // Whoever is heard of outside all zones again is there, and no longer somewhere unknown.
            let found = input.lost;
            (input.awaited, input.lost) = (false, false);
            input.battery_percent = location.battery_percent.or(input.battery_percent);
            self.hear_of(location.person, now.monotonic);
            self.place_person(*location, found, now, out);
        }
        self.judge_gatherings(now, out);
    }

    fn place_person(&mut self, location: Location, found: bool, now: Now, out: &mut Effects) {
        let from = self.inputs.people[location.person.at()].zone();
        let changed = self.inputs.take_location(&self.site, location, now) || found;
        if location.zone.is_some() {
            self.wait_for_person(location.person, now.monotonic);
        }
        if changed {
            self.put_person(location, from, out);
        }
        self.judge_person(location, now, out);
        if changed {
            self.judge_zones([from, location.zone], now, out);
            self.judge_tickets(TicketKind::reads_people, now, out);
            self.judge_compounds(now, out);
        }
    }

    fn put_person(&self, location: Location, from: Option<ZoneIx>, out: &mut Effects) {
        let input = &self.inputs.people[location.person.at()];
        let record = PersonRecord {
            person: self.inputs.person_ref(&self.site, location.person),
            from_zone: from.map(|zone| self.site.zones[zone.at()].id.clone()),
            in_zone_since: input.stay.map(|stay| stay.since),
            place_unknown: input.lost,
            position: input.position(),
            sos: location.sos,
            battery_percent: input.location.and_then(|location| location.battery_percent),
            source_time: location.source_time,
            received_time: location.received_time,
        };
        out.saved.push(SavedChange::put("person", &record.person.id, SavedBody::Person(Box::new(record.clone()))));
        out.records.push(Record::Person(record));
    }

    fn judge_person(&mut self, location: Location, now: Now, out: &mut Effects) {
        for at in 0..self.index.rules_of_person[location.person.at()].len() {
            let ix = self.index.rules_of_person[location.person.at()][at];
            self.judge(ix, now, out);
            // Whoever leaves all zones is looked for where they were last.
            if location.zone.is_some() && self.rules[ix.at()].active && self.place(ix) {
                self.put_alarm_of(ix, out);
            }
        }
    }

    /// The zones that somebody has left and entered.
    fn judge_zones(&mut self, zones: [Option<ZoneIx>; 2], now: Now, out: &mut Effects) {
        for zone in zones.into_iter().flatten() {
            for at in 0..self.index.rules_of_zone[zone.at()].len() {
                self.judge(self.index.rules_of_zone[zone.at()][at], now, out);
            }
            if let Some(unit) = self.site.zones[zone.at()].unit {
                self.touch_open_warnings(unit);
            }
        }
    }

    /// Where people stand, once for all positions that came together.
    fn judge_gatherings(&mut self, now: Now, out: &mut Effects) {
        while let Some(ix) = self.inputs.gatherings.next_moved() {
            self.judge(ix, now, out);
        }
    }

    /// People inside change the level and the names in a warning.
    fn touch_open_warnings(&mut self, unit: UnitIx) {
        for event in &self.index.events_of_unit[unit.at()] {
            if self.warnings[event.at()].is_some() {
                self.dirty.events.insert(*event);
            }
        }
    }

    /// What all rules over people hang on has changed: whether cards can be heard.
    pub(super) fn judge_beacons(&mut self, now: Now, out: &mut Effects) {
        for at in 0..self.index.rules_of_beacons.len() {
            self.judge(self.index.rules_of_beacons[at], now, out);
        }
    }

    /// A person's place counts as told now.
    fn hear_of(&mut self, person: PersonIx, now: Monotonic) {
        self.inputs.people[person.at()].heard = now;
        if self.inputs.people[person.at()].zone().is_some() {
            self.wait_for_person(person, now);
        }
    }

    /// Of a timer that runs already the next deadline is found when it fires.
    fn wait_for_person(&mut self, person: PersonIx, now: Monotonic) {
        let input = &mut self.inputs.people[person.at()];
        if !input.watched {
            input.watched = true;
            self.timers.set(now.after(self.site.policy.location_max_age_ms), Timer::Person(person));
        }
    }

    /// While beacons could not be heard nobody was silent: with their broker every wait begins anew.
    pub(super) fn hear_people_again(&mut self, source: SourceIx, now: Monotonic) {
        if self.site.sources[source.at()].kind == SourceKind::Mqtt {
            self.hear_of_all(now);
        }
    }

    /// Every known place counts as told now, as at the start, and what was told of it is awaited again.
    pub(super) fn hear_of_all(&mut self, now: Monotonic) {
        for at in 0..self.inputs.people.len() {
            let person = PersonIx::from(at);
            (self.inputs.people[at].awaited, self.inputs.people[at].battery_percent) = (true, None);
            self.inputs.stand(person, self.inputs.people[at].zone());
            self.hear_of(person, now);
        }
    }

    /// Gives up a place that is too old.
    pub(super) fn check_place(&mut self, person: PersonIx, now: Now, out: &mut Effects) {
        // A lost broker has an alarm of its own and says nothing about people.
        let beacons_are_heard = self.inputs.beacons_are_heard(&self.site) == Some(true);
        let input = &mut self.inputs.people[person.at()];
        input.watched = false;
        let Some(location) = input.location.filter(|location| location.zone.is_some()) else { return };
        let deadline = input.heard.after(self.site.policy.location_max_age_ms);
        if deadline > now.monotonic {
            input.watched = true;
            self.timers.set(deadline, Timer::Person(person));
        } else if beacons_are_heard {
            input.lost = true;
            self.place_person(Location { zone: None, position: None, ..location }, false, now, out);
            self.judge_gatherings(now, out);
        }
    }

    /// A condition over people got worse while it lasted, or went on in another zone: it is told anew.
    pub(super) fn escalate(&mut self, ix: RuleIx, verdict: Verdict, now: Now, out: &mut Effects) {
        let RuleKind::People(rule) = &self.site.rules[ix.at()].kind else { return };
        let Some(alarm) = self.alarms.get(ix).filter(|alarm| alarm.condition_holds()) else { return };
        if verdict != Verdict::True || !self.rules[ix.at()].active {
            return;
        }
        let priority = self.inputs.priority(&self.site, ix).unwrap_or(alarm.priority).max(alarm.priority);
        let goes_on = matches!(rule, PeopleRule::ZoneBreach { .. }) && self.goes_on_elsewhere(rule, alarm);
        if priority == alarm.priority && !goes_on {
            return;
        }
        let trigger = self.inputs.trigger(&self.site, ix, now.utc);
        self.alarms.change(ix, |alarm| alarm.escalate(priority, trigger.into(), now.utc));
        if !self.hiding.hides(ix) {
            self.end_silence_now();
        }
        self.put_alarm_of(ix, out);
    }

    fn goes_on_elsewhere(&self, rule: &PeopleRule, alarm: &AlarmRecord) -> bool {
        let zone = rule.person().and_then(|person| self.inputs.people[person.at()].zone());
        let Trigger::Person { person: told, .. } = &*alarm.trigger else { return false };
        zone.is_some_and(|zone| told.zone.as_ref() != Some(&self.site.zones[zone.at()].id))
    }

    /// The alarm of a rule over people was raised: its priority is that of the condition, no lower than what it was when it was
    /// known last, and it may come to last.
    pub(super) fn follow_people(&mut self, ix: RuleIx, least: Option<Priority>, now: Now) {
        let RuleKind::People(PeopleRule::Gathering { .. } | PeopleRule::ZoneBreach { .. }) = self.rule(ix).kind else {
            return;
        };
        if let Some(priority) = self.inputs.priority(&self.site, ix).max(least) {
            self.alarms.change(ix, |alarm| {
                let again = alarm.raised_count > 1;
                alarm.priority = if again { alarm.priority.max(priority) } else { priority };
            });
        }
        if let RuleKind::People(PeopleRule::ZoneBreach { person, lasting_ms }) = self.site.rules[ix.at()].kind {
            self.wait_whether_it_lasts(ix, person, now.monotonic.after(lasting_ms));
        }
    }

    fn wait_whether_it_lasts(&mut self, ix: RuleIx, person: PersonIx, at: Monotonic) {
        self.inputs.people[person.at()].breach_lasts = Some(at);
        self.timers.set(at, Timer::Lasting(ix));
    }

    /// Goes on waiting after a restart.
    pub(super) fn wait_again_whether_it_lasts(&mut self, ix: RuleIx, now: Now) {
        let RuleKind::People(PeopleRule::ZoneBreach { person, lasting_ms }) = self.site.rules[ix.at()].kind else {
            return;
        };
        let waiting = self.alarms.get(ix).filter(|alarm| alarm.condition_holds() && !alarm.lasting);
        if let Some(raised) = waiting.map(|alarm| alarm.latest_raised_at) {
            let at = now.rebase(raised.after(lasting_ms), lasting_ms);
            self.wait_whether_it_lasts(ix, person, at);
        }
    }

    /// Of several timers the last one counts: the alarm may have been raised again since.
    pub(super) fn say_that_it_lasts(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        let Some(person) = self.rule(ix).kind.person() else { return };
        let due = self.inputs.people[person.at()].breach_lasts.is_some_and(|at| at <= now.monotonic);
        let waits = self.alarms.get(ix).is_some_and(|alarm| alarm.condition_holds() && !alarm.lasting);
        if due && waits {
            self.alarms.change(ix, |alarm| alarm.lasting = true);
            self.put_alarm_of(ix, out);
        }
    }
}
