//! The open alarms, found by their rule, by their risk event and by their id, and counted by what they show: whatever is
//! asked of them costs the same however many rules there are.

use crate::{annunciation::Shown, id::*, record::AlarmRecord};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// All open alarms. One changes only through [`OpenAlarms::change`], so that it is always found where it belongs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct OpenAlarms {
    of_rule: BTreeMap<RuleIx, Box<OpenAlarm>>,
    of_event: BTreeSet<(RiskEventIx, Raised, RuleIx)>,
    ids: BTreeMap<AlarmId, RuleIx>,
    shown: BTreeMap<Shown, usize>,
}

#[derive(Clone, Debug, PartialEq)]
struct OpenAlarm {
    record: Arc<AlarmRecord>,
    /// For SOS it depends on where the person was.
    event: Option<RiskEventIx>,
    /// Events that it has left; their warnings may list it still.
    left: BTreeSet<RiskEventIx>,
}

/// The place in the order of raising: epoch and number of the occurrence. Times would follow the steps of the wall clock.
type Raised = (u32, u64);

impl OpenAlarms {
    pub(super) fn get(&self, rule: RuleIx) -> Option<&AlarmRecord> {
        self.shared(rule).map(|record| &**record)
    }

    /// The same, to be shared.
    pub(super) fn shared(&self, rule: RuleIx) -> Option<&Arc<AlarmRecord>> {
        self.of_rule.get(&rule).map(|open| &open.record)
    }

    /// The risk event of an open alarm.
    pub(super) fn event(&self, rule: RuleIx) -> Option<RiskEventIx> {
        self.of_rule.get(&rule).and_then(|open| open.event)
    }

    /// Events that an open alarm was in before.
    pub(super) fn left(&self, rule: RuleIx) -> impl Iterator<Item = RiskEventIx> {
        self.of_rule.get(&rule).into_iter().flat_map(|open| open.left.iter().copied())
    }

    pub(super) fn rule_of(&self, id: &AlarmId) -> Option<RuleIx> {
        self.ids.get(id).copied()
    }

    /// By rule.
    pub(super) fn iter(&self) -> impl Iterator<Item = &AlarmRecord> {
        self.of_rule.values().map(|open| &*open.record)
    }

    /// The same, to be shared.
    pub(super) fn all_shared(&self) -> impl Iterator<Item = &Arc<AlarmRecord>> {
        self.of_rule.values().map(|open| &open.record)
    }

    /// With their rules.
    pub(super) fn by_rule(&self) -> impl Iterator<Item = (RuleIx, &AlarmRecord)> {
        self.of_rule.iter().map(|(rule, open)| (*rule, &*open.record))
    }

    /// In the order in which they were raised.
    pub(super) fn of_event(&self, event: RiskEventIx) -> impl Iterator<Item = &AlarmRecord> {
        let first = (event, (0, 0), RuleIx(0));
        let last = (event, (u32::MAX, u64::MAX), RuleIx(u32::MAX));
        self.of_event.range(first..=last).filter_map(|(_, _, rule)| self.get(*rule))
    }

    /// Each sort of alarm that is open now.
    pub(super) fn shown(&self) -> impl Iterator<Item = Shown> + Clone {
        self.shown.keys().copied()
    }

    /// Adds an alarm that stands in no risk event yet.
    pub(super) fn open(&mut self, rule: RuleIx, record: AlarmRecord) {
        self.close(rule);
        self.ids.insert(record.id.clone(), rule);
        self.count(Shown::of(&record));
        let record = Arc::new(record);
        self.of_rule.insert(rule, Box::new(OpenAlarm { record, event: None, left: BTreeSet::new() }));
    }

    /// Changes an open alarm; `None` when there is none.
    pub(super) fn change<T>(&mut self, rule: RuleIx, change: impl FnOnce(&mut AlarmRecord) -> T) -> Option<T> {
        let record = Arc::make_mut(&mut self.of_rule.get_mut(&rule)?.record);
        let before = Shown::of(record);
        let result = change(record);
        let after = Shown::of(record);
        if before != after {
            self.discount(before);
            self.count(after);
        }
        Some(result)
    }

    /// Moves an open alarm into a risk event.
    pub(super) fn put_into(&mut self, rule: RuleIx, event: Option<RiskEventIx>) {
        let Some(open) = self.of_rule.get_mut(&rule) else { return };
        let raised = raised(&open.record.id);
        if let Some(before) = open.event {
            self.of_event.remove(&(before, raised, rule));
            open.left.insert(before);
        }
        if let Some(event) = event {
            self.of_event.insert((event, raised, rule));
            open.left.remove(&event);
        }
        open.event = event;
    }

    /// Notes that an event's warning lists an open alarm that has left it.
    pub(super) fn note_left(&mut self, rule: RuleIx, event: RiskEventIx) {
        if let Some(open) = self.of_rule.get_mut(&rule).filter(|open| open.event != Some(event)) {
            open.left.insert(event);
        }
    }

    /// Forgets an alarm.
    pub(super) fn close(&mut self, rule: RuleIx) -> Option<Arc<AlarmRecord>> {
        let OpenAlarm { record, event, .. } = *self.of_rule.remove(&rule)?;
        if let Some(event) = event {
            self.of_event.remove(&(event, raised(&record.id), rule));
        }
        self.ids.remove(&record.id);
        self.discount(Shown::of(&record));
        Some(record)
    }

    fn count(&mut self, shown: Shown) {
        *self.shown.entry(shown).or_default() += 1;
    }

    fn discount(&mut self, shown: Shown) {
        if let Some(count) = self.shown.get_mut(&shown) {
            *count -= 1;
            if *count == 0 {
                self.shown.remove(&shown);
            }
        }
    }
}

fn raised(id: &AlarmId) -> Raised {
    let occurrence = id.as_str().rsplit_once('~').and_then(|(_, occurrence)| occurrence.split_once('.'));
    let (epoch, n) = occurrence.unwrap_or(("", ""));
    (epoch.parse().unwrap_or_default(), n.parse().unwrap_or_default())
}
