//! From an event to the rules it concerns, and from a rule to its alarm.

use super::{Engine, put_alarm};
use crate::{
    alarms,
    effect::Effects,
    event::{Link, VideoSight},
    id::*,
    inputs::{Freshness, LinkInput},
    limits::{INITIAL_WAIT_MS, LATE_TICK_GRACE_MS, LATE_TICK_MS},
    model::{Priority, RuleKind, SourceKind},
    record::*,
    rules::{RuleState, Verdict},
    saved::{SavedBody, SavedChange, SavedRule},
    time::{Monotonic, Now},
    timers::Timer,
    trigger::Trigger,
};
use std::sync::Arc;

impl Engine {
    pub(super) fn fire_timers(&mut self, now: Now, out: &mut Effects) {
        while let Some((due, timer)) = self.timers.pop_due(now.monotonic) {
            if timer.judges_silence() && now.monotonic.since(due) > LATE_TICK_MS {
                let moved = now.monotonic.after(LATE_TICK_GRACE_MS);
                if let Timer::Verdict(rule) = timer {
                    self.inputs.judged_again[rule.at()] = Some(moved);
                }
                self.timers.set(moved, timer);
                continue;
            }
            match timer {
                // While the inputs say nothing, after a restart, the delay is only over: the first value decides.
                Timer::Delay(rule) => self.judge(rule, now, out),
                Timer::CoolDown(rule) => self.cool_down(rule, now, out),
                Timer::Verdict(rule) => {
                    self.inputs.judged_again[rule.at()] = None;
                    self.judge(rule, now, out);
                }
                Timer::Tag(tag) => self.check_freshness(tag, now, out),
                Timer::Person(person) => self.check_place(person, now, out),
                Timer::Tickets(row) => self.look_at_tickets(row, now, out),
                Timer::Source(source) => self.give_up_source(source, now, out),
                Timer::Uplink(uplink) => self.give_up_uplink(uplink, now, out),
                Timer::Lasting(rule) => self.say_that_it_lasts(rule, now, out),
                Timer::Clock => self.look_at_clock_again(now),
                Timer::Horn => self.end_silence(now),
                Timer::Table => self.go_on_telling(now, out),
                Timer::TaskDue(task) => self.pass_due(&task, now, out),
                Timer::Escalation(event) => self.escalate_unhandled(event, now),
                Timer::Plans => self.look_at_plans(now, out),
                Timer::Shelf(rule) => self.check_shelf(rule, now, out),
                Timer::Stop(unit) => self.check_stop(unit, now, out),
                Timer::Suppressor(rule) => self.give_up_suppressor(rule, now, out),
            }
            self.judge_compounds(now, out);
        }
    }

    pub(super) fn take_sight(&mut self, sight: VideoSight, now: Now, out: &mut Effects) {
        for at in 0..self.index.rules_of_camera[sight.camera.at()].len() {
            let ix = self.index.rules_of_camera[sight.camera.at()][at];
            let RuleKind::Video { algorithm, confidence_min, frames_min, frame_gap_ms, cooldown_ms, .. } =
                &self.rule(ix).kind
            else {
                continue;
            };
            if *algorithm != sight.algorithm || sight.confidence < *confidence_min {
                continue;
            }
            let (frames_min, times_ms) = (*frames_min, (*frame_gap_ms, *cooldown_ms));
            self.inputs.sights.entry(ix).or_default().see(now.monotonic, frames_min, times_ms);
            self.inputs.seen.insert(ix, self.sight_trigger(ix, &sight));
            if let Some(until) = self.inputs.sights(ix).until {
                self.timers.set(until, Timer::CoolDown(ix));
            }
            self.save_rule(ix, now, out);
            self.judge(ix, now, out);
        }
    }

    fn sight_trigger(&self, ix: RuleIx, sight: &VideoSight) -> Trigger {
        let camera = &self.site.cameras[sight.camera.at()];
        Trigger::Sight {
            camera: camera.id.clone(),
            name: camera.name.clone(),
            algorithm: sight.algorithm.clone(),
            confidence: sight.confidence,
            frames: self.inputs.sights(ix).frames,
            picture: sight.picture.clone(),
            source_time: sight.source_time,
            received_time: sight.received_time,
        }
    }

    fn cool_down(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        if self.inputs.sights.get_mut(&ix).is_some_and(|sights| sights.cool_down(now.monotonic)) {
            self.save_rule(ix, now, out);
            self.judge(ix, now, out);
        }
    }

    pub(super) fn take_source(&mut self, source: SourceIx, link: Link, now: Now, out: &mut Effects) {
        let before = self.inputs.sources[source.at()].clone();
        self.inputs.sources[source.at()] = next_link(&before, link, now);
        let after = &self.inputs.sources[source.at()];
        if std::mem::discriminant(&before) == std::mem::discriminant(after) {
            return;
        }
        let is_up = matches!(after, LinkInput::Up);
        if let (LinkInput::Down { reason, since }, true) = (before, is_up) {
            out.records.push(Record::Gap(GapRecord {
                source: self.site.sources[source.at()].id.clone(),
                from: since,
                until: now.utc,
                reason,
                filled: None,
            }));
            for tag in &self.index.tags_of_source[source.at()] {
                self.inputs.tags[tag.at()].freshness = Freshness::Waiting;
            }
        }
        if is_up {
            self.wait_for_tags(source, now);
            self.hear_people_again(source, now.monotonic);
        }
        self.judge_source(source, now, out);
        if self.site.sources[source.at()].kind == SourceKind::Mqtt {
            self.judge_beacons(now, out);
        }
    }

    /// From the moment its source is up, every tag that has brought nothing gets the initial wait before it is stale.
    fn wait_for_tags(&mut self, source: SourceIx, now: Now) {
        for at in 0..self.index.tags_of_source[source.at()].len() {
            let tag = self.index.tags_of_source[source.at()][at];
            if self.inputs.tags[tag.at()].freshness == Freshness::Waiting {
                self.inputs.tags[tag.at()].since = now.monotonic;
            }
            self.wait_for_tag(tag, self.inputs.tags[tag.at()].since);
        }
    }

    fn judge_source(&mut self, source: SourceIx, now: Now, out: &mut Effects) {
        for at in 0..self.index.rules_of_source[source.at()].len() {
            self.judge(self.index.rules_of_source[source.at()][at], now, out);
        }
        for at in 0..self.index.tags_of_source[source.at()].len() {
            self.judge_tag(self.index.tags_of_source[source.at()][at], now, out);
        }
    }

    pub(super) fn take_uplink(&mut self, uplink: UplinkIx, link: Link, now: Now, out: &mut Effects) {
        let next = next_link(&self.inputs.uplinks[uplink.at()], link, now);
        self.inputs.uplinks[uplink.at()] = next;
        for at in 0..self.index.rules_of_uplink[uplink.at()].len() {
            self.judge(self.index.rules_of_uplink[uplink.at()][at], now, out);
        }
    }

    fn give_up_source(&mut self, source: SourceIx, now: Now, out: &mut Effects) {
        if matches!(self.inputs.sources[source.at()], LinkInput::Connecting) {
            self.take_source(source, never_came(), now, out);
        }
    }

    fn give_up_uplink(&mut self, uplink: UplinkIx, now: Now, out: &mut Effects) {
        if matches!(self.inputs.uplinks[uplink.at()], LinkInput::Connecting) {
            self.take_uplink(uplink, never_came(), now, out);
        }
    }

    pub(super) fn wait_for_tag(&mut self, tag: TagIx, since: Monotonic) {
        if let Some(limit_ms) = self.freshness_limit_ms(tag) {
            self.timers.set(since.after(limit_ms), Timer::Tag(tag));
        }
    }

    fn freshness_limit_ms(&self, tag: TagIx) -> Option<u64> {
        let own = self.site.tags[tag.at()].stale_after_ms;
        match self.inputs.tags[tag.at()].freshness {
            Freshness::Waiting => Some(own.map_or(INITIAL_WAIT_MS, |own| own.max(INITIAL_WAIT_MS))),
            Freshness::Live => own,
            Freshness::Stale => None,
        }
    }

    fn check_freshness(&mut self, tag: TagIx, now: Now, out: &mut Effects) {
        let Some(limit_ms) = self.freshness_limit_ms(tag) else { return };
        if !self.inputs.source_is_up(&self.site, tag) {
            return;
        }
        let since = self.inputs.tags[tag.at()].since;
        if now.monotonic.since(since) < limit_ms {
            self.timers.set(since.after(limit_ms), Timer::Tag(tag));
            return;
        }
        self.inputs.tags[tag.at()].freshness = Freshness::Stale;
        self.judge_tag(tag, now, out);
    }

    fn end_silence(&mut self, now: Now) {
        if self.silenced_until.is_some_and(|until| until <= now.monotonic) {
            self.end_silence_now();
        }
    }

    pub(super) fn end_silence_now(&mut self) {
        if self.silenced_until.take().is_none() {
            return;
        }
        self.saved.silenced_until = None;
        self.dirty.counters = true;
        self.dirty.annunciation = true;
    }

    /// Has a rule judged. Without a change it allocates nothing.
    pub(super) fn judge(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        if !self.put_off_compound(ix) {
            self.judge_now(ix, now, out);
        }
    }

    /// Puts the inputs' verdict to a rule.
    pub(super) fn judge_now(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        self.inputs.remember(&self.site, ix, now.monotonic);
        if self.inputs.rest_to_save(ix) {
            self.save_rule(ix, now, out);
        }
        let verdict = self.inputs.verdict(&self.site, ix, now.monotonic);
        let before = self.rules[ix.at()];
        if let Some(verdict) = verdict {
            let delays = self.delays(ix);
            self.rules[ix.at()].observe(verdict, now.monotonic, delays);
            debug_assert!(verdict != Verdict::Unknown || !self.rules[ix.at()].known);
        }
        let remembers = self.inputs.take_compound_changed(ix);
        if self.rules[ix.at()] != before {
            self.follow(ix, before, now, out);
        } else if remembers {
            self.save_rule(ix, now, out);
        }
        self.tell_compounds(ix, verdict.is_some());
        if let Some(verdict) = verdict {
            self.escalate(ix, verdict, now, out);
        }
        self.judge_again_in_time(ix, verdict, now.monotonic);
    }

    /// Sets the timer of a rule on which time alone may have another verdict, unless one is set that comes no later. It may
    /// be early: then the rule is judged as before and the timer set anew.
    fn judge_again_in_time(&mut self, ix: RuleIx, verdict: Option<Verdict>, now: Monotonic) {
        let stands = verdict == Some(Verdict::True) || self.rules[ix.at()].active;
        let Some(at) = self.inputs.judge_again(&self.site, ix, stands, now) else { return };
        match self.inputs.judged_again[ix.at()] {
            Some(set) if set <= at => return,
            Some(set) => self.timers.cancel(set, Timer::Verdict(ix)),
            None => {}
        }
        self.inputs.judged_again[ix.at()] = Some(at);
        self.timers.set(at, Timer::Verdict(ix));
    }

    /// A rule stands otherwise than before: its timer, its alarm and its measure follow.
    fn follow(&mut self, ix: RuleIx, before: RuleState, now: Now, out: &mut Effects) {
        let after = self.rules[ix.at()];
        self.disquiet(ix);
        if before.pending != after.pending {
            before.pending.into_iter().for_each(|at| self.timers.cancel(at, Timer::Delay(ix)));
            after.pending.into_iter().for_each(|at| self.timers.set(at, Timer::Delay(ix)));
        }
        if before.active != after.active {
            self.remember_turn(ix, after.active, now);
        }
        self.save_rule(ix, now, out);
        if before.active != after.active || before.known != after.known {
            match (before.active, after.active) {
                (false, true) => self.raise(ix, now, out),
                (true, false) => self.return_to_normal(ix, now, out),
                (true, true) | (false, false) => self.tell_inputs_known(ix, after.known, out),
            }
            self.touch(ix);
            self.settle_suppressed(ix, now, out);
            self.judge_tickets_of_rule(ix, now, out);
        }
    }

    pub(super) fn raise(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        let trigger = self.inputs.trigger(&self.site, ix, now.utc);
        self.raise_for(ix, trigger.into(), None, now, out);
    }

    /// Raises an alarm for what was observed, of no lower priority than what was observed had.
    pub(super) fn raise_for(
        &mut self,
        ix: RuleIx,
        trigger: Arc<Trigger>,
        least: Option<Priority>,
        now: Now,
        out: &mut Effects,
    ) {
        let is_hidden = self.hiding.hides(ix);
        if !is_hidden && self.alarms.get(ix).is_some_and(AlarmRecord::is_acknowledged) {
            self.end_alarm(ix, "came back before it was reset", now, out);
        }
        if self.alarms.get(ix).is_some() {
            self.alarms.change(ix, |alarm| alarm.raise_again(trigger, now.utc));
        } else {
            let rule_id = self.rule(ix).id.clone();
            let id = self.occurrence(rule_id.as_str()).into();
            let hidden = self.hiding.of(ix);
            self.alarms.open(ix, alarms::raise(&self.site, self.rule(ix), id, trigger, hidden, now.utc));
        }
        // An alarm that shows again may have its inputs unknown.
        let known = self.rules[ix.at()].known;
        self.alarms.change(ix, |alarm| alarm.inputs_known = known);
        self.name_ticket(ix);
        self.place(ix);
        self.follow_people(ix, least, now);
        let mut followers = Vec::new();
        if !is_hidden {
            followers = self.mark_first_out(ix, now, out);
            if !self.is_told_silently(ix) {
                self.end_silence_now();
            }
            self.dirty.raised.push(ix);
        }
        self.put_alarm_of(ix, out);
        for follower in followers {
            self.put_alarm_of(follower, out);
        }
    }

    /// Ends an open occurrence because another one takes its place. What has been heard since a start is known of it, too.
    pub(super) fn end_alarm(&mut self, ix: RuleIx, because: &str, now: Now, out: &mut Effects) {
        let known = self.rules[ix.at()].known;
        let ended = self.alarms.change(ix, |alarm| {
            alarm.inputs_known = known;
            alarm.end(because, now.utc);
        });
        if ended.is_some() {
            self.put_alarm_of(ix, out);
        }
    }

    /// Sets an open alarm's risk event and unit; true when they are others than before. The warning that it leaves keeps
    /// it in its list as it was and goes on with the alarms that stay, closed if there are none; the event where it is now
    /// gets a warning.
    pub(super) fn place(&mut self, ix: RuleIx) -> bool {
        self.place_in(ix, self.event_of(ix))
    }

    pub(super) fn place_in(&mut self, ix: RuleIx, event: Option<RiskEventIx>) -> bool {
        let before = self.alarms.event(ix);
        let about = event.map(|event| &self.site.events[event.at()]);
        let unit = about.map(|event| event.unit).or_else(|| self.unit_of(ix));
        let place = (about.map(|event| &event.id), unit.map(|unit| &self.site.units[unit.at()].id));
        let is_there = |alarm: &AlarmRecord| (alarm.risk_event.as_ref(), alarm.unit.as_ref()) == place;
        if self.alarms.get(ix).is_none_or(is_there) {
            return false;
        }
        self.alarms.change(ix, |alarm| (alarm.risk_event, alarm.unit) = (place.0.cloned(), place.1.cloned()));
        self.alarms.put_into(ix, event);
        self.dirty.events.extend(before);
        self.dirty.placed.insert(ix);
        true
    }

    /// For the rules of a person the zone decides: help is needed where the person is. A ticket's zone decides where its rule
    /// does not.
    pub(super) fn event_of(&self, ix: RuleIx) -> Option<RiskEventIx> {
        let rule = self.rule(ix);
        let own = rule.event(&self.site);
        if let RuleKind::Ticket(ticket) = &rule.kind {
            let zone = self.inputs.ticket_of(ticket).and_then(|ticket| ticket.zone);
            return own.or(zone.and_then(|zone| self.site.zones[zone.at()].event));
        }
        let Some(person) = rule.kind.person() else { return own };
        self.inputs.people[person.at()].zone().and_then(|zone| self.site.zones[zone.at()].event).or(own)
    }

    /// The unit of an alarm that is in no risk event.
    fn unit_of(&self, ix: RuleIx) -> Option<UnitIx> {
        let rule = self.rule(ix);
        let RuleKind::Ticket(ticket) = &rule.kind else { return rule.unit };
        self.inputs.ticket_of(ticket).and_then(|ticket| ticket.unit).or(rule.unit)
    }

    pub(super) fn return_to_normal(&mut self, ix: RuleIx, now: Now, out: &mut Effects) {
        let known = self.rules[ix.at()].known;
        let returned = self.alarms.change(ix, |alarm| {
            alarm.inputs_known = known;
            alarm.return_to_normal(now.utc);
        });
        if returned.is_some() {
            self.put_alarm_of(ix, out);
        }
        self.end_one_shot(ix, now, out);
    }

    pub(super) fn tell_inputs_known(&mut self, ix: RuleIx, known: bool, out: &mut Effects) {
        if self.alarms.get(ix).is_some_and(|alarm| alarm.inputs_known != known) {
            self.alarms.change(ix, |alarm| alarm.inputs_known = known);
            self.put_alarm_of(ix, out);
        }
    }

    /// Journals an alarm and forgets it once it is over.
    pub(super) fn put_alarm_of(&mut self, ix: RuleIx, out: &mut Effects) {
        let Some(alarm) = self.alarms.shared(ix) else { return };
        put_alarm(alarm, out);
        let is_over = alarm.state == AlarmState::Normal;
        self.touch(ix);
        if is_over {
            // A call that moved on is listed where it was, too.
            self.dirty.events.extend(self.alarms.left(ix));
            self.alarms.close(ix);
        }
    }

    /// What hangs on a rule must be looked at again.
    pub(super) fn touch(&mut self, ix: RuleIx) {
        self.dirty.measures.extend(self.rule(ix).measure);
        self.dirty.events.extend(self.alarms.event(ix));
        self.dirty.annunciation = true;
    }

    pub(super) fn save_rule(&self, ix: RuleIx, now: Now, out: &mut Effects) {
        let (state, sights) = (self.rules[ix.at()], self.inputs.sights(ix));
        let body = SavedRule {
            active: state.active,
            known: state.known,
            pending_until: state.pending.map(|at| now.utc_at(at)),
            frames: sights.frames,
            row_until: sights.row_until.filter(|at| *at >= now.monotonic).map(|at| now.utc_at(at)),
            sight_until: sights.until.map(|at| now.utc_at(at)),
            sight: self.inputs.seen.get(&ix).cloned().map(Box::new),
            rest: self.inputs.rest(ix, now),
            tickets: self.tickets_in(ix),
            compound: self.inputs.save_compound(&self.site, ix, now).map(Box::new),
            nuisance: self.inputs.watch.saved_nuisance(ix, now).map(Box::new),
        };
        out.saved.push(SavedChange::put("rule", &self.rule(ix).id, SavedBody::Rule(Box::new(body))));
    }
}

fn next_link(before: &LinkInput, link: Link, now: Now) -> LinkInput {
    match (before, link) {
        (_, Link::Up) => LinkInput::Up,
        (LinkInput::Down { since, .. }, Link::Down(reason)) => LinkInput::Down { reason, since: *since },
        (LinkInput::Connecting | LinkInput::Up, Link::Down(reason)) => LinkInput::Down { reason, since: now.utc },
    }
}

fn never_came() -> Link {
    Link::Down("no connection since the start; check the address and that the far side runs".to_owned())
}
