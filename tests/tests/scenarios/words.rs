//! What the engine derives, one line each, in words.

use davy_core::{
    annunciation::Annunciation,
    effect::Effects,
    event::ClockState,
    id::RuleId,
    model::{Against, LimitKind},
    record::*,
    time::UtcTime,
    trigger::{CompoundPart, Offender, PairedValue, SystemTrigger, TicketTrigger, Trigger},
};
use serde::Serialize;

pub(crate) fn effects(utc: UtcTime, effects: &Effects) -> String {
    // That a site begins with its first configuration goes without saying.
    let is_told = |record: &&Record| !matches!(record, Record::Change(change) if change.previous_version.is_none());
    let mut lines: String = effects.records.iter().filter(is_told).map(|record| line(utc, &words(record))).collect();
    if let Some(shown) = effects.annunciation {
        lines.push_str(&annunciation(utc, shown));
    }
    lines
}

pub(crate) fn annunciation(utc: UtcTime, shown: Annunciation) -> String {
    let mut words = format!("lamp {} {}", name(shown.lamp), name(shown.pattern));
    words.push_str(if shown.horn { ", horn" } else { "" });
    words.push_str(if shown.relay { ", relay" } else { "" });
    if let Some(until) = shown.silenced_until {
        words.push_str(&format!(", horn silenced until {}", clock(until)));
    }
    line(utc, &words)
}

fn line(utc: UtcTime, words: &str) -> String {
    format!("    {} {words}\n", clock(utc))
}

/// `08:00:00` on the day on which scenarios begin, `11-24 08:00:00` on another.
fn clock(utc: UtcTime) -> String {
    moment(UtcTime(1_795_392_000_000), utc)
}

/// A time of the same day, or with its date, or with its year.
fn moment(now: UtcTime, utc: UtcTime) -> String {
    let (now, utc) = (now.to_string(), utc.to_string());
    let from = if now[..10] == utc[..10] {
        11
    } else if now[..4] == utc[..4] {
        5
    } else {
        0
    };
    utc[from..19].replace('T', " ")
}

/// The published name of a unit variant, with spaces.
fn name(variant: impl Serialize) -> String {
    let name = serde_json::to_value(variant).expect("a unit variant is a text");
    name.as_str().expect("a unit variant is a text").replace('_', " ")
}

fn words(record: &Record) -> String {
    match record {
        Record::Alarm(alarm) => alarm_words(alarm),
        Record::Measure(measure) => measure_words(measure),
        Record::Warning(warning) => warning_words(warning),
        Record::Unit(unit) => unit_words(unit),
        Record::Task(task) => task_words(task),
        Record::Hazard(hazard) => hazard_words(hazard),
        Record::Hidden(hidden) => hidden_words(hidden),
        Record::Person(person) => person_words(person),
        Record::Ticket(ticket) => ticket_words(ticket),
        Record::Change(change) => change_words(change),
        Record::Gap(gap) => {
            let filled = gap.filled.map(|values| format!(", {values} values")).unwrap_or_default();
            format!("gap {} from {} until {} ({}{filled})", gap.source, clock(gap.from), clock(gap.until), gap.reason)
        }
        Record::Evidence(kept) => format!("evidence of {} kept, {} bytes, {}", kept.warning, kept.bytes, kept.sha256),
        Record::Status(status) => {
            format!("gateway {}, alarms taken over: {}", name(status.change), status.alarms_taken_over)
        }
        Record::Audit(audit) => audit_words(audit),
    }
}

fn change_words(change: &ChangeRecord) -> String {
    let fields = change.fields.iter().map(|field| {
        let word = |value| serde_json::to_value(value).map(|value| value.to_string()).unwrap_or_default();
        format!("{} {} > {}", field.field, word(&field.from), word(&field.to))
    });
    let of = change.rule.as_ref().map_or("configuration", RuleId::as_str);
    format!("table {of} {}: {}", name(change.change), fields.collect::<Vec<_>>().join("; "))
}

fn alarm_words(alarm: &AlarmRecord) -> String {
    let mut words = format!(
        "alarm {} {} [{}] “{}”: {}",
        alarm.id,
        name(alarm.state),
        name(alarm.priority),
        alarm.name,
        trigger_words(&alarm.trigger)
    );
    if alarm.raised_count > 1 {
        words.push_str(&format!(", raised {} times", alarm.raised_count));
    }
    if alarm.first_out {
        words.push_str(", first out");
    }
    if let Some(first) = &alarm.first_out_alarm {
        words.push_str(&format!(", first out was {first}"));
    }
    if let Some(by) = &alarm.acknowledged_by {
        words.push_str(&format!(", acknowledged by {by}"));
    }
    if let Some(by) = &alarm.reset_by {
        words.push_str(&format!(", reset by {by}"));
    }
    if alarm.lasting {
        words.push_str(", lasting");
    }
    if !alarm.inputs_known {
        words.push_str(", inputs unknown");
    }
    if let Some(because) = &alarm.ended_because {
        words.push_str(&format!(", ended: {because}"));
    }
    words
}

fn hidden_words(hidden: &HiddenRecord) -> String {
    if hidden.hidden_because.is_empty() {
        return format!("rule {} annunciates again", hidden.rule);
    }
    let why: Vec<String> = hidden.hidden_because.iter().map(hiding_words).collect();
    format!("rule {} hidden: {}", hidden.rule, why.join("; "))
}

fn hiding_words(hiding: &Hiding) -> String {
    let by = hiding.by.as_deref().or(hiding.suppressor.as_ref().map(RuleId::as_str)).unwrap_or_default();
    let until = hiding.until.map_or(String::new(), |until| format!(" until {}", clock(until)));
    let once = if hiding.one_shot { ", once" } else { "" };
    format!("{} by {by}{until}{once} ({})", name(hiding.kind), hiding.reason)
}

fn trigger_words(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Value {
            value,
            engineering_unit,
            quality,
            limit,
            against,
            source_time_replaced,
            received_time,
            ..
        } => {
            let value = value.map_or("no value".to_owned(), |value| format!("{value} {engineering_unit}"));
            let replaced = if *source_time_replaced { ", source time absurd" } else { "" };
            let limit = limit.map_or(String::new(), |limit| {
                let relation = match limit.kind {
                    LimitKind::HH | LimitKind::H => "≥",
                    LimitKind::LL | LimitKind::L => "≤",
                };
                format!(" {relation} {}", limit.trip)
            });
            let against = against.as_ref().map_or(String::new(), against_words);
            format!("{value}{limit}{against}, {quality}, received {}{replaced}", clock(*received_time))
        }
        Trigger::Pair { first, second, difference, received_time } => {
            let most = difference.map_or(String::new(), |most| format!(", allowed difference {most}"));
            format!("{} and {}{most}, received {}", paired(first), paired(second), clock(*received_time))
        }
        Trigger::Sos { person, .. } => {
            let zone = person.zone.as_ref().map_or("outside".to_owned(), |zone| format!("in {zone}"));
            format!("SOS of {} {zone}", person.name)
        }
        Trigger::Crowd { zone, people_count, people_max, people, .. } => {
            let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
            format!("{people_count} people in {zone}, allowed {people_max}: {}", names.join("、"))
        }
        Trigger::Gathering { zone, position, radius_m, people_count, people_min, people, .. } => {
            let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
            let of = position.map_or(String::new(), |at| format!(" of {},{} floor {}", at.x, at.y, at.floor));
            format!("{people_count} people within {radius_m} m{of} in {zone}, from {people_min}: {}", names.join("、"))
        }
        Trigger::Person { .. } => person_trigger_words(trigger),
        Trigger::Staffing { zone, people_count, people_min, missing, .. } => {
            let names: Vec<&str> = missing.iter().map(|person| person.name.as_str()).collect();
            let missing = if names.is_empty() { String::new() } else { format!(", missing: {}", names.join("、")) };
            format!("{people_count} people in {zone}, needed {people_min}{missing}")
        }
        Trigger::Sight { camera, algorithm, confidence, frames, .. } => {
            format!("{camera} saw {algorithm}, confidence {confidence}, {frames} in a row")
        }
        Trigger::Ticket(ticket) => ticket_trigger_words(ticket),
        Trigger::Overdue { tasks, role, unit, .. } => {
            let role = role.map_or(String::new(), |role| format!(" at {}", name(role)));
            let unit = unit.as_ref().map_or(String::new(), |unit| format!(" in {unit}"));
            format!("overdue{role}{unit}: {}", list(tasks))
        }
        Trigger::System { about, .. } => system_words(about),
        Trigger::Link { id, reason, .. } => format!("{id}: {reason}"),
        Trigger::Compound { when, parts, deviation, received_time } => {
            let parts: Vec<String> = parts.iter().map(part_words).collect();
            let apart = deviation.map_or(String::new(), |apart| format!(", voters {apart} apart"));
            format!("{when} — {}{apart}, received {}", parts.join("; "), clock(*received_time))
        }
    }
}

fn part_words(part: &CompoundPart) -> String {
    match part {
        CompoundPart::Rule { rule, active, known, .. } => {
            let state = if *active { "active" } else { "not active" };
            format!("{rule} {state}{}", if *known { "" } else { ", inputs unknown" })
        }
        CompoundPart::Tag(one) if one.quality.is_usable() => paired(one),
        CompoundPart::Tag(one) => format!("{} {}", paired(one), one.quality),
        CompoundPart::Zone { zone, people_count, people, .. } => {
            let names: Vec<&str> = people.iter().map(|person| person.name.as_str()).collect();
            format!("{zone} {people_count} people: {}", names.join("、"))
        }
    }
}

fn person_trigger_words(trigger: &Trigger) -> String {
    let Trigger::Person { person, post, position, battery_percent, since, limit_ms, .. } = trigger else {
        return String::new();
    };
    let mut words = person.zone.as_ref().map_or("outside".to_owned(), |zone| format!("in {zone}"));
    if let Some(post) = post {
        words.push_str(&format!(", post {post}"));
    }
    if let Some(position) = position {
        words.push_str(&format!(", at {},{} floor {}", position.x, position.y, position.floor));
    }
    if let Some(battery) = battery_percent {
        words.push_str(&format!(", battery {battery} %"));
    }
    if let Some(since) = since {
        words.push_str(&format!(", since {}", clock(*since)));
    }
    if let Some(limit_ms) = limit_ms {
        words.push_str(&format!(", limit {} s", limit_ms / 1000));
    }
    words
}

fn against_words(against: &Against) -> String {
    match against {
        Against::Rate { per_minute, most_per_minute } => {
            let rate = per_minute.map_or("unknown".to_owned(), |rate| format!("{rate:.2}"));
            format!(", {rate} a minute, allowed {most_per_minute}")
        }
        Against::Rest { dead_zone, after_ms } => format!(", within {dead_zone} for {} s", after_ms / 1000),
        Against::Range { low, high } => format!(" outside {low} to {high}"),
        Against::State { word, state, state_word, differs } => {
            let relation = if *differs { "≠" } else { "=" };
            format!("{word} {relation} {state} {state_word}").trim_end().to_owned()
        }
        Against::Forecast { per_minute, minutes_left } => {
            format!(", {per_minute:.2} a minute, reached in {minutes_left:.1} min")
        }
    }
}

fn system_words(about: &SystemTrigger) -> String {
    let of = |bytes: Option<u64>| bytes.map_or("unknown".to_owned(), |bytes| format!("{bytes} bytes"));
    match about {
        SystemTrigger::Flood { alarm_count, window_ms, first_out, worst } => format!(
            "{alarm_count} alarms in {} min, first {} at {}, worst {} [{}]",
            window_ms / 60_000,
            first_out.rule,
            clock(first_out.raised_at),
            worst.rule,
            name(worst.priority)
        ),
        SystemTrigger::Offenders { rule_count, rules } => {
            let rule = |rule: &Offender| match rule.raised_at {
                Some(at) => format!("{} since {}", rule.rule, clock(at)),
                None => format!("{} {} times", rule.rule, rule.count),
            };
            format!("{rule_count} rules: {}", rules.iter().map(rule).collect::<Vec<_>>().join(", "))
        }
        SystemTrigger::Clock(ClockState { synchronised, offset_ms }) => {
            let synchronised = match synchronised {
                Some(true) => "synchronised",
                Some(false) => "not synchronised",
                None => "unknown",
            };
            format!("clock {synchronised}{}", offset_ms.map_or(String::new(), |ms| format!(", off by {ms} ms")))
        }
        SystemTrigger::Storage(state) => format!(
            "disk {} bytes used of {}, {} % full",
            state.used_bytes,
            of(state.room_bytes()),
            state.filled_percent().unwrap_or_default()
        ),
        SystemTrigger::Certificate(end) => {
            format!("certificate {} ends in {} days", end.subject, end.left_s.div_euclid(86_400))
        }
        SystemTrigger::Silence { silenced_ms, by } => {
            let by = by.as_ref().map_or(String::new(), |by| format!(", last by {by}"));
            format!("horn silenced for {} s of the last hour{by}", silenced_ms / 1000)
        }
    }
}

fn paired(one: &PairedValue) -> String {
    let value = one.value.map_or("no value".to_owned(), |value| format!("{value} {}", one.engineering_unit));
    format!("{} {}", one.tag, value.trim_end())
}

fn measure_words(measure: &MeasureRecord) -> String {
    let mut words = format!("measure {} {}", measure.measure, name(measure.state));
    if !measure.alarms.is_empty() {
        words.push_str(&format!(" because of {}", list(&measure.alarms)));
    }
    if !measure.unknown_rules.is_empty() {
        words.push_str(&format!(", unknown: {}", list(&measure.unknown_rules)));
    }
    if !measure.bypassed_rules.is_empty() {
        let rules: Vec<&RuleId> = measure.bypassed_rules.iter().map(|bypassed| &bypassed.rule).collect();
        words.push_str(&format!(", bypassed: {}", list(&rules)));
    }
    words
}

fn warning_words(warning: &WarningRecord) -> String {
    let reasons: Vec<String> = warning.level_reasons.iter().map(name).collect();
    let people: Vec<&str> = warning.people.iter().map(|person| person.name.as_str()).collect();
    let mut words = format!(
        "warning {} {} {} “{}” ({}), alarms: {}",
        warning.id,
        name(warning.state),
        name(warning.level),
        warning.name,
        reasons.join(" + "),
        warning.alarm_count
    );
    if let Some(at) = warning.escalates_at {
        words.push_str(&format!(", worse at {}", clock(at)));
    }
    if warning.people_count > 0 {
        words.push_str(&format!(", {} inside: {}", warning.people_count, people.join("、")));
    }
    if !warning.tasks.is_empty() {
        words.push_str(&format!(", tasks: {}", list(&warning.tasks)));
    }
    words
}

fn unit_words(unit: &UnitRecord) -> String {
    let mut words = format!("unit {} “{}” {}", unit.unit, unit.name, name(unit.colour));
    if !unit.warnings.is_empty() {
        words.push_str(&format!(" because of {}", list(&unit.warnings)));
    }
    if unit.unknown {
        words.push_str(&format!(", unknown: {}", list(&unit.unknown_measures)));
    }
    if !unit.bypassed_measures.is_empty() {
        words.push_str(&format!(", bypassed: {}", list(&unit.bypassed_measures)));
    }
    if let Some(stop) = &unit.stopped {
        let until = stop.until.map_or(String::new(), |until| format!(" until {}", clock(until)));
        words.push_str(&format!(", stopped by {}{until}: {}", stop.by, stop.reason));
    }
    words
}

fn task_words(task: &TaskRecord) -> String {
    let mut words = format!(
        "task {} {} to {}: {}, due {}",
        task.id,
        name(task.state),
        name(task.role),
        task.content,
        clock(task.due_at)
    );
    if let Some(planned_at) = task.planned_at {
        words.push_str(&format!(", planned for {}", clock(planned_at)));
    }
    if let Some(item) = task.duty_item {
        words.push_str(&format!(", duty item {item}"));
    }
    words.push_str(if task.late { ", late" } else { "" });
    if let Some(from) = task.escalated_from {
        words.push_str(&format!(", gone up {} from {}", task.escalations, name(from)));
    }
    if let Some(before) = &task.reissue_of {
        words.push_str(&format!(", in place of {before}"));
    }
    if !task.causes.is_empty() {
        let causes: Vec<&str> = task.causes.iter().map(|cause| cause.alarm.as_str()).collect();
        words.push_str(&format!(", also because of {}", causes.join(", ")));
    }
    if !task.attachments.is_empty() {
        let files: Vec<String> = task.attachments.iter().map(|file| format!("{} by {}", file.uri, file.by)).collect();
        words.push_str(&format!(", attached: {}", files.join(", ")));
    }
    if let Some(because) = &task.ended_because {
        let by = task.ended_by.as_ref().map_or(String::new(), |by| format!("{by}: "));
        words.push_str(&format!(" ({by}{because})"));
    }
    words.push_str(if task.overdue { ", overdue" } else { "" });
    if task.recurrences > 0 {
        words.push_str(&format!(", came back {} times", task.recurrences));
    }
    if let Some(result) = task.result {
        words.push_str(&format!(", {} {}", name(result), task.note));
    }
    words.trim_end().to_owned()
}

fn hazard_words(hazard: &HazardRecord) -> String {
    let mut words = format!("hazard {} {} ({}) {}", hazard.id, name(hazard.state), name(hazard.origin), hazard.name);
    if hazard.recurrences > 0 {
        words.push_str(&format!(", came back {} times", hazard.recurrences));
    }
    if hazard.findings.len() > 1 {
        let notes: Vec<&str> = hazard.findings.iter().map(|finding| finding.note.as_str()).collect();
        words.push_str(&format!(", found: {}", notes.join("；")));
    }
    if let Some(by) = &hazard.reviewed_by {
        words.push_str(&format!(", {by}: {}", hazard.note));
    }
    if let Some(level) = hazard.danger_level {
        words.push_str(&format!(", {}", name(level)));
    }
    if let Some(manage) = hazard.manage_type {
        words.push_str(&format!(", to be rectified {}", name(manage)));
    }
    if let (Some(person), Some(deadline)) = (&hazard.liable_person, hazard.deadline) {
        words.push_str(&format!(" by {person} until {}", clock(deadline)));
    }
    words
}

fn person_words(person: &PersonRecord) -> String {
    let zone = person.person.zone.as_ref().map_or("outside".to_owned(), |zone| format!("in {zone}"));
    let sos = if person.sos { ", SOS" } else { "" };
    let unknown = if person.place_unknown { ", place unknown" } else { "" };
    format!("person {} {zone}{sos}{unknown}", person.person.name)
}

fn ticket_words(ticket: &TicketRecord) -> String {
    let mut words = format!("ticket {} (work {}) {}", ticket.id, ticket.work.0, name(ticket.status));
    words.push_str(&ticket.zone.as_ref().map_or(String::new(), |zone| format!(" in {zone}")));
    words.push_str(&ticket.end.map_or(String::new(), |end| format!(", until {}", clock(end))));
    words.push_str(if ticket.cancelled { ", cancelled" } else { "" });
    words.push_str(if ticket.watched { "" } else { ", not watched" });
    words
}

fn ticket_trigger_words(ticket: &TicketTrigger) -> String {
    let mut words = format!("ticket {} (work {}) {}", ticket.ticket, ticket.work.0, name(ticket.status));
    words.push_str(&ticket.alarm_type.as_ref().map_or(String::new(), |code| format!(", type {code}")));
    words.push_str(&ticket.end.map_or(String::new(), |end| format!(", until {}", clock(end))));
    if let Some(analysis) = &ticket.analysis {
        let time = analysis.time.map_or("at an unknown time".to_owned(), |time| format!("at {}", clock(time)));
        let value = analysis.value.map_or("no value".to_owned(), |value| format!("{value} %"));
        words.push_str(&format!(", analysed {} {value} {time}", analysis.gas));
    }
    if let Some(supervisor) = &ticket.supervisor {
        let zone = supervisor.zone.as_ref().map_or("outside".to_owned(), |zone| format!("in {zone}"));
        words.push_str(&format!(", supervisor {} {zone}", supervisor.name));
    }
    if let Some(detector) = &ticket.detector {
        let limit = ticket.limit.map(|limit| format!(", limit {limit}")).unwrap_or_default();
        words.push_str(&format!(", {}{limit}", paired(detector)));
    }
    if ticket.people_count > 0 {
        let names: Vec<&str> = ticket.people.iter().map(|person| person.name.as_str()).collect();
        words.push_str(&format!(", {} inside: {}", ticket.people_count, names.join("、")));
    }
    if !ticket.further.is_empty() {
        words.push_str(&format!(", and {}", list(&ticket.further)));
    }
    words
}

fn audit_words(audit: &AuditRecord) -> String {
    let object = audit.object.as_deref().unwrap_or_default();
    let refused = audit.refused.as_ref().map_or(String::new(), |why| format!(" refused: {why}"));
    format!("audit {}: {} {object}{refused}", audit.by, audit.action.replace('_', " "))
}

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
