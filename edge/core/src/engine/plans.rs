//! Recurring inspections: what falls due, by the wall clock and nothing else.
//!
//! Each plan remembers the last occurrence that was issued, in the transaction that issued it, so that none is issued
//! twice whatever the clock does. What fell due while the gateway was off is issued once and marked late. An occurrence
//! that nobody has taken is closed undone when the next one comes, so that one task of a plan waits at most.

use super::{
    Engine,
    plan_clock::{PlanClock, Trust},
};
use crate::{
    effect::Effects,
    id::*,
    limits::{PLAN_LATE_MS, PLAN_LOOK_MS, PLAN_SAVE_MS},
    model::Plan,
    record::*,
    saved::{SavedBody, SavedChange, SavedPlan},
    tasks::{self, Occurrence},
    time::{Monotonic, Now, UtcTime},
    timers::Timer,
};
use std::collections::BTreeMap;

/// Where the plans stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Plans {
    clock: PlanClock,
    /// By plan.
    pub(super) progress: Vec<Progress>,
    pub(super) waits_for_clock: bool,
    /// The timer that is set.
    look: Option<Monotonic>,
}

/// Where one plan stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// The last occurrence that was issued.
    pub(super) issued: Option<UtcTime>,
    /// The next one.
    pub(super) next: Option<UtcTime>,
}

impl Plans {
    pub(super) fn restored(plans: &[Plan], saved: &mut BTreeMap<PlanId, SavedPlan>, seen: Option<UtcTime>) -> Self {
        let issued =
            |plan: &Plan, saved: &mut BTreeMap<PlanId, SavedPlan>| saved.remove(&plan.id).map(|row| row.issued);
        let progress = plans.iter().map(|plan| Progress { issued: issued(plan, saved), next: None }).collect();
        Self { clock: PlanClock::restored(seen), progress, waits_for_clock: false, look: None }
    }
}

impl Engine {
    /// After a start: what has no plan any more is closed, and all plans go on from where they were.
    pub(super) fn start_plans(&mut self, now: Now, out: &mut Effects) {
        self.close_tasks_without_plan(now, out);
        if let Some(seen) = self.saved.plans_seen {
            for at in 0..self.site.plans.len() {
                let from = self.plans.progress[at].issued.map_or(seen, |issued| issued.max(seen));
                self.expect_after(at, from);
            }
        }
        self.look_at_plans(now, out);
    }

    fn close_tasks_without_plan(&mut self, now: Now, out: &mut Effects) {
        let is_gone =
            |task: &&TaskRecord| task.plan.as_ref().is_some_and(|id| self.site.plans.iter().all(|plan| plan.id != *id));
        let gone: Vec<TaskId> = self.tasks.iter().filter(is_gone).map(|task| task.id.clone()).collect();
        for key in gone.iter().filter_map(|id| self.tasks.key(id)).collect::<Vec<_>>() {
            self.tasks.change(&key, |task| task.close("plan removed", now.utc), out);
        }
    }

    /// What falls due by the wall clock is issued; what was due and is not done is overdue.
    pub(super) fn look_at_plans(&mut self, now: Now, out: &mut Effects) {
        self.plans.look = None;
        let trust = self.plans.clock.judge(now, self.site.calendar.not_before);
        self.plans.waits_for_clock = trust == Trust::No;
        if trust == Trust::Anew {
            self.begin_anew(now);
        }
        if trust != Trust::No {
            let records = out.records.len();
            for at in 0..self.site.plans.len() {
                if self.plans.progress[at].next.is_some_and(|next| next <= now.utc) {
                    self.issue_planned(at, now, out);
                }
            }
            self.pass_planned(now, out);
            self.note_seen(now, trust);
            if out.records.len() > records {
                self.look_at_overdue(now, out);
            }
        }
        self.look_again_at_plans(now);
    }

    /// With nothing to go on from, nothing is made up for: the next occurrence is the first.
    fn begin_anew(&mut self, now: Now) {
        for at in 0..self.site.plans.len() {
            self.expect_after(at, now.utc);
        }
    }

    fn expect_after(&mut self, at: usize, time: UtcTime) {
        let plan = &self.site.plans[at];
        self.plans.progress[at].next = plan.schedule.next_after(&self.site.calendar, time);
    }

    fn issue_planned(&mut self, at: usize, now: Now, out: &mut Effects) {
        let Some(first) = self.plans.progress[at].next else { return };
        let (schedule, calendar) = (self.site.plans[at].schedule, &self.site.calendar);
        // Of several that were missed the last one counts.
        let planned_at = schedule.last_until(calendar, now.utc, first).unwrap_or(first);
        let next = schedule.next_after(calendar, planned_at);
        let occurrence = self.occurrence_of(&self.site.plans[at], planned_at, next, now.utc);
        self.plans.progress[at] = Progress { issued: Some(planned_at), next };
        let plan = self.site.plans[at].id.clone();
        out.saved.push(SavedChange::put("plan", &plan, SavedBody::Plan(SavedPlan { issued: planned_at })));
        // A stopped unit has nothing to inspect; its occurrences pass and are not made up for.
        if self.hiding.stops.contains_key(&self.site.plans[at].unit(&self.site)) {
            return;
        }
        for key in self.tasks.of_plan(&plan).to_vec() {
            if self.tasks.get(&key).is_some_and(|task| task.state == TaskState::Issued) {
                self.tasks.change(&key, |task| task.close("next occurrence", now.utc), out);
            }
        }
        let id = self.occurrence(plan.as_str()).into();
        let task = tasks::issue_planned(&self.site, id, &self.site.plans[at], occurrence, now.utc);
        self.open_task(task, now, out);
    }

    /// Until when an occurrence is to be done: its tolerance, or the next occurrence. Where that is over already, because
    /// the gateway was off, its window begins now: nobody could know of it.
    fn occurrence_of(&self, plan: &Plan, planned_at: UtcTime, next: Option<UtcTime>, now: UtcTime) -> Occurrence {
        const DAY_MS: u64 = 86_400_000;
        let until_next = next.and_then(|next| u64::try_from(next.since(planned_at)).ok());
        let window_ms = plan.tolerance_ms.or(until_next).unwrap_or(DAY_MS);
        let due_at = planned_at.after(window_ms);
        let due_at = if due_at > now { due_at } else { now.after(window_ms) };
        Occurrence { planned_at, due_at, window_ms, late: now.since(planned_at) > PLAN_LATE_MS }
    }

    /// Planned tasks whose time is over are overdue. From then on the monotonic clock moves them up, as all others.
    fn pass_planned(&mut self, now: Now, out: &mut Effects) {
        let is_due = |task: &&TaskRecord| self.is_waiting(task) && task.due_at <= now.utc;
        let due: Vec<TaskId> = self.tasks.iter().filter(is_due).map(|task| task.id.clone()).collect();
        for id in due {
            self.pass(&id, now.monotonic, out);
        }
    }

    fn note_seen(&mut self, now: Now, trust: Trust) {
        let is_old = |seen: UtcTime| now.utc.since(seen) >= PLAN_SAVE_MS || now.utc < seen;
        let plans = !self.site.plans.is_empty();
        if plans && (trust == Trust::Anew || self.saved.plans_seen.is_none_or(is_old)) {
            self.saved.plans_seen = Some(now.utc);
            self.dirty.counters = true;
        }
    }

    /// Sets the timer for what is due next, and no further away than the clock may be set meanwhile.
    pub(super) fn look_again_at_plans(&mut self, now: Now) {
        let mut waiting = self.tasks.iter().filter(|task| self.is_waiting(task)).map(|task| task.due_at).peekable();
        if self.site.plans.is_empty() && waiting.peek().is_none() {
            return;
        }
        let occurrences = self.plans.progress.iter().filter_map(|progress| progress.next);
        let next = if self.plans.waits_for_clock { None } else { occurrences.chain(waiting).min() };
        let at = next.map_or(now.monotonic.after(PLAN_LOOK_MS), |due| now.rebase(due, PLAN_LOOK_MS));
        if let Some(before) = self.plans.look {
            if before <= at {
                return;
            }
            self.timers.cancel(before, Timer::Plans);
        }
        self.plans.look = Some(at);
        self.timers.set(at, Timer::Plans);
    }

    /// Whether a task waits for the wall clock; in a stopped unit nothing is due.
    fn is_waiting(&self, task: &TaskRecord) -> bool {
        let is_stopped = || self.hiding.stops.keys().any(|unit| self.site.units[unit.at()].id == task.unit);
        task.origin == TaskOrigin::Plan && !task.overdue && !is_stopped()
    }
}
