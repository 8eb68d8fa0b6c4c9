//! What an engine raised, as spans of time: an alarm from its raise to its return, a warning from its raise to its close.

use davy_core::{
    model::{Priority, RiskLevel},
    record::{AlarmRecord, Record, WarningRecord, WarningState},
    time::UtcTime,
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// From when to when; open while the end is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: UtcTime,
    pub(super) until: Option<UtcTime>,
    /// How bad it got.
    pub(super) worst: Worst,
}

/// The priority of an alarm, the level of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub(super) enum Worst {
    Priority(Priority),
    Level(RiskLevel),
}

impl fmt::Display for Worst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Priority(priority) => priority.word(),
            Self::Level(level) => level.word(),
        })
    }
}

/// The spans of one rule or risk event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spans {
    /// The words of the alarm, the name of the risk event.
    pub(super) name: String,
    pub(super) spans: Vec<Span>,
}

/// Everything that an engine raised.
#[derive(Debug, Default)]
pub(super) struct Raised {
    /// By rule.
    pub(super) alarms: BTreeMap<String, Spans>,
    /// By risk event.
    pub(super) warnings: BTreeMap<String, Spans>,
}

impl Raised {
    pub(super) fn take(&mut self, record: &Record) {
        if let Record::Alarm(alarm) = record {
            self.take_alarm(alarm);
        } else if let Record::Warning(warning) = record {
            self.take_warning(warning);
        }
    }

    fn take_alarm(&mut self, alarm: &AlarmRecord) {
        let spans = of(&mut self.alarms, alarm.rule.as_str(), &alarm.name);
        spans.begin(alarm.latest_raised_at, Worst::Priority(alarm.priority));
        if !alarm.is_active() {
            spans.end(alarm.returned_at);
        }
    }

    fn take_warning(&mut self, warning: &WarningRecord) {
        let spans = of(&mut self.warnings, warning.risk_event.as_str(), &warning.name);
        spans.begin(warning.raised_at, Worst::Level(warning.level));
        if warning.state == WarningState::Closed {
            spans.end(warning.cleared_at);
        }
    }

    /// Leaves out what began outside a span of time.
    pub(super) fn within(mut self, from: UtcTime, until: UtcTime) -> Self {
        for spans in self.alarms.values_mut().chain(self.warnings.values_mut()) {
            spans.spans.retain(|span| (from..=until).contains(&span.from));
        }
        self
    }
}

impl Spans {
    /// A record tells the whole object each time; a span begins when its raise is another than the last one's.
    fn begin(&mut self, from: UtcTime, worst: Worst) {
        match self.spans.last_mut().filter(|last| last.from == from) {
            Some(last) => last.worst = last.worst.max(worst),
            None => self.spans.push(Span { from, until: None, worst }),
        }
    }

    fn end(&mut self, until: Option<UtcTime>) {
        if let Some(last) = self.spans.last_mut() {
            last.until = last.until.or(until);
        }
    }
}

fn of<'m>(map: &'m mut BTreeMap<String, Spans>, id: &str, name: &str) -> &'m mut Spans {
    if !map.contains_key(id) {
        map.insert(id.to_owned(), Spans::default());
    }
    let spans = map.get_mut(id).expect("it has just been put there");
    name.clone_into(&mut spans.name);
    spans
}
