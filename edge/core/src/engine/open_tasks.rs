//! The open tasks, each under the key of its saved row, with the deadlines of those that a warning raised.

use crate::{
    effect::Effects,
    id::*,
    record::*,
    saved::{SavedBody, SavedChange},
    time::Monotonic,
};
use std::collections::BTreeMap;

/// Open tasks. A row is kept under the task's id; rows of older versions stay under their rule.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenTasks {
    by_key: BTreeMap<String, TaskRecord>,
    /// The open task that a warning raised for a measure.
    of_measure: BTreeMap<MeasureId, String>,
    of_plan: BTreeMap<PlanId, Vec<String>>,
    /// When a task is overdue, or goes one role up. Until they are overdue those of plans follow the wall clock.
    deadlines: BTreeMap<TaskId, Monotonic>,
}

impl OpenTasks {
    pub(super) fn take_over(saved: BTreeMap<String, TaskRecord>) -> Self {
        let mut tasks = Self::default();
        let mut saved: Vec<(String, TaskRecord)> = saved.into_iter().collect();
        saved.sort_by_key(|(_, task)| (task.planned_at, task.issued_at));
        saved.into_iter().for_each(|(key, task)| tasks.insert(key, task));
        tasks
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &TaskRecord> {
        self.by_key.values()
    }

    /// The key of a task.
    pub(super) fn key(&self, id: &TaskId) -> Option<String> {
        if self.by_key.contains_key(id.as_str()) {
            return Some(id.to_string());
        }
        self.by_key.iter().find(|(_, task)| task.id == *id).map(|(key, _)| key.clone())
    }

    pub(super) fn get(&self, key: &str) -> Option<&TaskRecord> {
        self.by_key.get(key)
    }

    /// The task that a warning raised for a measure.
    pub(super) fn of_measure(&self, measure: &MeasureId) -> Option<String> {
        self.of_measure.get(measure).cloned()
    }

    /// The tasks of a plan, oldest first.
    pub(super) fn of_plan(&self, plan: &PlanId) -> &[String] {
        self.of_plan.get(plan).map_or(&[], Vec::as_slice)
    }

    pub(super) fn deadline(&self, id: &TaskId) -> Option<Monotonic> {
        self.deadlines.get(id).copied()
    }

    pub(super) fn set_deadline(&mut self, id: &TaskId, at: Monotonic) {
        self.deadlines.insert(id.clone(), at);
    }

    /// Opens a task and journals it.
    pub(super) fn open(&mut self, task: TaskRecord, out: &mut Effects) {
        let key = task.id.to_string();
        put(&key, &task, out);
        self.insert(key, task);
    }

    /// Changes a task, journals it and forgets it once it is over; the record as it is then.
    pub(super) fn change(
        &mut self,
        key: &str,
        change: impl FnOnce(&mut TaskRecord),
        out: &mut Effects,
    ) -> Option<TaskRecord> {
        let task = self.by_key.get_mut(key)?;
        change(task);
        put(key, task, out);
        let task = task.clone();
        if !task.is_open() {
            self.by_key.remove(key);
            self.deadlines.remove(&task.id);
            if self.of_measure.get(&task.measure).is_some_and(|its| its == key) {
                self.of_measure.remove(&task.measure);
            }
            if let Some(tasks) = task.plan.as_ref().and_then(|plan| self.of_plan.get_mut(plan)) {
                tasks.retain(|its| its != key);
            }
        }
        Some(task)
    }

    fn insert(&mut self, key: String, task: TaskRecord) {
        if task.origin == TaskOrigin::Warning {
            self.of_measure.insert(task.measure.clone(), key.clone());
        }
        if let Some(plan) = &task.plan {
            self.of_plan.entry(plan.clone()).or_default().push(key.clone());
        }
        self.by_key.insert(key, task);
    }
}

fn put(key: &str, task: &TaskRecord, out: &mut Effects) {
    out.records.push(Record::Task(task.clone()));
    out.saved.push(if task.is_open() {
        SavedChange::put("task", key, SavedBody::Task(Box::new(task.clone())))
    } else {
        SavedChange::remove("task", key)
    });
}
