//! The live state as observers see it.

use super::Engine;
use crate::{
    id::*,
    inputs::TagInput,
    record::*,
    snapshot::{PersonView, PlanView, Snapshot, TagNow, TagViews, ZoneView},
    time::UtcTime,
};
use std::sync::Arc;

impl Engine {
    /// The whole live state.
    #[must_use]
    pub fn snapshot(&self, at: UtcTime) -> Snapshot {
        let mut alarms: Vec<_> = self.alarms.all_shared().cloned().collect();
        alarms.sort_by(|a, b| b.priority.cmp(&a.priority).then_with(|| b.latest_raised_at.cmp(&a.latest_raised_at)));
        let mut warnings: Vec<_> = self.warnings.iter().flatten().cloned().collect();
        warnings.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| b.raised_at.cmp(&a.raised_at)));
        let mut tasks: Vec<TaskRecord> = self.tasks.iter().cloned().collect();
        tasks.sort_by_key(|task| task.due_at);
        Snapshot {
            at,
            annunciation: self.annunciation,
            alarms,
            warnings,
            units: self.units.iter().flatten().cloned().collect(),
            measures: self.measures.iter().flatten().cloned().collect(),
            tasks,
            hazards: self.hazards.values().cloned().collect(),
            hidden: self.hidden_rules(),
            shelve_max_ms: self.site.policy.shelve_max_ms,
            plans: (0..self.site.plans.len()).map(|at| self.plan(at)).collect(),
            people: self.people(),
            tickets: self.tickets(),
            zones: (0..self.site.zones.len()).map(|at| self.zone(ZoneIx::from(at))).collect(),
            tags: self.tags(),
            watch: self.watch_view(),
        }
    }

    fn plan(&self, at: usize) -> PlanView {
        let (plan, progress) = (&self.site.plans[at], self.plans.progress[at]);
        let open = self.tasks.of_plan(&plan.id);
        PlanView {
            plan: plan.id.clone(),
            measure: self.site.measures[plan.measure.at()].id.clone(),
            unit: self.site.units[plan.unit(&self.site).at()].id.clone(),
            content: plan.content.clone(),
            role: plan.role,
            duty_item: plan.duty_item,
            cycle: plan.schedule.cycle,
            cycle_unit: plan.schedule.unit,
            last: progress.issued,
            next: progress.next.filter(|_| !self.plans.waits_for_clock),
            waits_for_clock: self.plans.waits_for_clock,
            open: open.iter().filter_map(|key| self.tasks.get(key)).map(|task| task.id.clone()).collect(),
        }
    }

    fn people(&self) -> Vec<PersonView> {
        let located = self.inputs.people.iter().enumerate();
        let located = located.filter_map(|(at, person)| Some((PersonIx::from(at), person.location?)));
        located
            .map(|(ix, location)| PersonView {
                person: self.inputs.person_ref(&self.site, ix),
                post: self.site.people[ix.at()].post.clone(),
                department: self.site.people[ix.at()].department.clone(),
                contractor: self.site.people[ix.at()].contractor.clone(),
                in_zone_since: self.inputs.people[ix.at()].stay.map(|stay| stay.since),
                place_unknown: self.inputs.people[ix.at()].lost,
                position: location.position,
                sos: location.sos,
                battery_percent: location.battery_percent,
                received_time: location.received_time,
            })
            .collect()
    }

    /// Those that are not finished.
    fn tickets(&self) -> Vec<TicketRecord> {
        let open =
            self.inputs.tickets.held.values().map(|ticket| &ticket.record).filter(|ticket| !ticket.is_finished());
        open.cloned().collect()
    }

    fn zone(&self, ix: ZoneIx) -> ZoneView {
        let zone = &self.site.zones[ix.at()];
        ZoneView {
            zone: zone.id.clone(),
            name: zone.name.clone(),
            unit: zone.unit.map(|unit| self.site.units[unit.at()].id.clone()),
            people_count: self.inputs.crowd[ix.at()],
        }
    }

    fn tags(&self) -> TagViews {
        let now = |(at, input): (usize, &TagInput)| TagNow {
            sample: input.sample,
            quality: self.inputs.quality(&self.site, TagIx::from(at)),
            source_time_replaced: input.source_time_replaced,
        };
        TagViews { site: Arc::clone(&self.site), tags: self.inputs.tags.iter().enumerate().map(now).collect() }
    }
}
