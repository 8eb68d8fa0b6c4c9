//! Warnings that nobody handles get worse with time: deadlines on the monotonic clock, one for each risk event.
//!
//! The lamp, the horn and the relay show alarms and their priorities, which stay what they are; the warning's level is shown
//! in the colour of its unit and goes to the enterprise. But what nobody answered must be heard again: a step ends the
//! silence of the horn, as a new alarm does.

use super::Engine;
use crate::{
    effect::Effects,
    id::*,
    model::Policy,
    record::*,
    saved::{SavedBody, SavedChange},
    time::{Monotonic, Now, UtcTime},
    timers::Timer,
};

impl Engine {
    /// The time of an unhandled warning is up: the fold makes it worse, if it is unhandled still.
    pub(super) fn escalate_unhandled(&mut self, event: RiskEventIx, now: Now) {
        if self.escalations[event.at()].is_some_and(|deadline| deadline <= now.monotonic) {
            self.dirty.unhandled.insert(event);
            self.dirty.events.insert(event);
            self.end_silence_now();
        }
    }

    /// A warning was folded: its time begins, goes on or stops.
    pub(super) fn follow_escalation(
        &mut self,
        event: RiskEventIx,
        before: Option<&WarningRecord>,
        now: Now,
        out: &mut Effects,
    ) {
        let after = self.warnings[event.at()].as_deref();
        if time_of(before) == time_of(after) {
            return;
        }
        let after_ms = time_of(after).and_then(|(_, level, _)| self.site.policy.escalate_after.of(level));
        let deadline = after_ms.map(|after_ms| now.monotonic.after(after_ms));
        if let Some(stopped) = std::mem::replace(&mut self.escalations[event.at()], deadline) {
            self.timers.cancel(stopped, Timer::Escalation(event));
        }
        if let Some(deadline) = deadline {
            self.timers.set(deadline, Timer::Escalation(event));
        }
        self.save_escalation(event, now, out);
    }

    fn save_escalation(&self, event: RiskEventIx, now: Now, out: &mut Effects) {
        let id = &self.site.events[event.at()].id;
        out.saved.push(match self.escalations[event.at()] {
            Some(deadline) => SavedChange::put("escalation", id, SavedBody::Escalation(now.utc_at(deadline))),
            None => SavedChange::remove("escalation", id),
        });
    }

    /// After a start.
    pub(super) fn set_escalation_timers(&mut self) {
        for (at, deadline) in self.escalations.iter().enumerate() {
            if let Some(deadline) = deadline {
                self.timers.set(*deadline, Timer::Escalation(RiskEventIx::from(at)));
            }
        }
    }

    /// What was saved in the time of a wall clock that has been stepped since is saved in that of the clock as it is now.
    pub(super) fn follow_wall_clock(&mut self, now: Now, out: &mut Effects) {
        if !self.wall_clock.was_stepped(now) {
            return;
        }
        self.set_tickets_to_wall_clock(now, out);
        for at in 0..self.escalations.len() {
            if self.escalations[at].is_some() {
                self.save_escalation(RiskEventIx::from(at), now, out);
            }
        }
    }
}

/// What tells one time of an unhandled warning from another; `None` while none runs.
fn time_of(warning: Option<&WarningRecord>) -> Option<(&WarningId, crate::model::RiskLevel, UtcTime)> {
    let warning = warning?;
    Some((&warning.id, warning.level, warning.escalates_at?))
}

/// The deadline of a warning that was taken over: what was left of its time, at most the whole of it, whatever the wall
/// clock did meanwhile. Older versions saved no row, and a new policy may have no time for the level.
pub(super) fn taken_over(
    warning: Option<&WarningRecord>,
    saved: Option<UtcTime>,
    policy: &Policy,
    now: Now,
) -> Option<Monotonic> {
    let warning = warning?;
    let at = saved.or(warning.escalates_at)?;
    Some(now.rebase(at, policy.escalate_after.of(warning.level)?))
}
