//! What the log says about the records: one line for what a person would want to find there later. Values, people moving
//! and measures are in the journal; the log is for those who read along.

use davy_core::{
    id::{RuleId, SourceId},
    model::Against,
    record::{
        AlarmState, ChangeCounts, ChangeRecord, HazardState, Hiding, HidingKind, LevelReason, Record, StatusChange,
        TaskState, WarningState,
    },
    time::UtcTime,
    trigger::{CompoundPart, PairedValue, SystemTrigger, TicketTrigger, Trigger},
};

/// Says what an event has brought about. A record is the full state of its object; what is said is the change that this
/// moment made, and nothing where it only brought something up to date.
pub(crate) fn records(records: &[Record], now: UtcTime) {
    records.iter().filter_map(|record| line(record, now)).for_each(|line| tracing::info!("{line}"));
}

fn line(record: &Record, now: UtcTime) -> Option<String> {
    if !is_news(record, now) {
        return None;
    }
    Some(match record {
        Record::Alarm(alarm) => {
            let state = match alarm.state {
                AlarmState::Unacknowledged => format!("raised, {}", observed(&alarm.trigger)),
                AlarmState::Acknowledged => {
                    format!("acknowledged by {}", alarm.acknowledged_by.as_deref().unwrap_or("?"))
                }
                AlarmState::ReturnedUnacknowledged => "returned, unacknowledged".to_owned(),
                AlarmState::LatchedUnacknowledged => "returned and latched, unacknowledged".to_owned(),
                AlarmState::LatchedAcknowledged => "latched, waits for its reset".to_owned(),
                AlarmState::Shelved | AlarmState::Suppressed | AlarmState::OutOfService => {
                    format!("hidden, {}", hidden_because(&alarm.hidden_because))
                }
                AlarmState::Normal => alarm.ended_because.clone().unwrap_or_else(|| "over".to_owned()),
            };
            format!("alarm {} {}: {state}", alarm.id, alarm.name)
        }
        Record::Warning(warning) => match warning.state {
            WarningState::Raised | WarningState::Closed => {
                let level = format!("{:?}", warning.level).to_lowercase();
                let state = if warning.state == WarningState::Closed { "closed" } else { "open" };
                let reasons = &warning.level_reasons;
                let unhandled = if reasons.contains(&LevelReason::Unhandled) { ", unhandled for too long" } else { "" };
                format!(
                    "warning {} {} ({}): {level}, {state}, {} inside{unhandled}",
                    warning.id, warning.name, warning.unit_name, warning.people_count
                )
            }
            WarningState::Acknowledged | WarningState::BeingHandled | WarningState::Cleared => return None,
        },
        Record::Task(task) => match task.state {
            TaskState::Issued => format!("task {} issued, due {}: {}", task.id, task.due_at, task.content),
            TaskState::Accepted => format!("task {} taken by {}", task.id, task.accepted_by.as_deref().unwrap_or("?")),
            TaskState::Done => format!("task {} done by {}", task.id, task.finished_by.as_deref().unwrap_or("?")),
            TaskState::Cancelled => {
                format!("task {} cancelled by {}", task.id, task.ended_by.as_deref().unwrap_or("?"))
            }
            TaskState::Closed => {
                format!("task {} closed undone: {}", task.id, task.ended_because.as_deref().unwrap_or("?"))
            }
        },
        Record::Hazard(hazard) => match hazard.state {
            HazardState::Suspected => format!("hazard {} suspected: {}", hazard.id, hazard.name),
            HazardState::Confirmed | HazardState::Rejected | HazardState::Closed => {
                let state = format!("{:?}", hazard.state).to_lowercase();
                format!("hazard {} {state} by {}", hazard.id, hazard.reviewed_by.as_deref().unwrap_or("?"))
            }
        },
        Record::Change(change) => changed(change)?,
        Record::Gap(gap) => {
            let filled = gap.filled.map(|values| format!(", {values} values")).unwrap_or_default();
            format!("gap {}: from {} to {}, {}{filled}", gap.source, gap.from, gap.until, gap.reason)
        }
        Record::Evidence(kept) => {
            format!("evidence of warning {} kept, {} bytes, sha256 {}", kept.warning, kept.bytes, kept.sha256)
        }
        Record::Status(status) => match status.change {
            StatusChange::FirstStart => format!("first start, configuration {}", status.config_version),
            StatusChange::Restarted => format!("started again, {} active alarms taken over", status.alarms_taken_over),
            StatusChange::Reconfigured => {
                format!(
                    "configuration {}, {} active alarms taken over",
                    status.config_version, status.alarms_taken_over
                )
            }
        },
        Record::Audit(audit) => {
            let refused = audit.refused.as_ref().map(|why| format!(", refused: {why}")).unwrap_or_default();
            format!("audit {} {} by {}{refused}", audit.action, audit.object.as_deref().unwrap_or(""), audit.by)
        }
        Record::Hidden(hidden) if hidden.hidden_because.is_empty() => format!("rule {} annunciates again", hidden.rule),
        Record::Hidden(hidden) => format!("rule {} is hidden, {}", hidden.rule, hidden_because(&hidden.hidden_because)),
        Record::Ticket(ticket) => {
            let state = format!("{:?}", ticket.status).to_lowercase();
            let watched = if ticket.watched { "" } else { ", NOT WATCHED: too many are open" };
            format!("ticket {} of work {}: {state}, until {}{watched}", ticket.id, ticket.work.0, until(ticket.end))
        }
        Record::Measure(_) | Record::Unit(_) | Record::Person(_) => return None,
    })
}

/// Of another configuration one line; its rules are in the journal.
fn changed(change: &ChangeRecord) -> Option<String> {
    let ChangeCounts { rules, added, removed, changed, later } = change.counts?;
    let before = change.previous_version.as_ref().map(|version| format!(" after {version}")).unwrap_or_default();
    let why = match &change.stated {
        Some(stated) if change.stated_before => format!("; its reason is that of the one before: {}", stated.reason),
        Some(stated) => format!(", {} by {}", stated.reason, stated.author),
        None => "; nobody has said who changed it and why: fill in [change] in gateway.toml".to_owned(),
    };
    let later = if later > 0 { format!(", {later} of them told at the next start") } else { String::new() };
    Some(format!(
        "configuration {}{before}: {rules} rules, {added} added, {removed} removed, {changed} changed{later}{why}",
        change.config_version
    ))
}

fn is_news(record: &Record, now: UtcTime) -> bool {
    let is_now = |time: Option<UtcTime>| time == Some(now);
    match record {
        Record::Alarm(alarm) => match alarm.state {
            AlarmState::Unacknowledged => alarm.latest_raised_at == now,
            AlarmState::Acknowledged => is_now(alarm.acknowledged_at),
            AlarmState::ReturnedUnacknowledged | AlarmState::LatchedUnacknowledged => is_now(alarm.returned_at),
            AlarmState::LatchedAcknowledged => is_now(alarm.returned_at) || is_now(alarm.acknowledged_at),
            AlarmState::Shelved | AlarmState::Suppressed | AlarmState::OutOfService => alarm.latest_raised_at == now,
            AlarmState::Normal => true,
        },
        Record::Warning(warning) => is_now(warning.level_since) || warning.state == WarningState::Closed,
        Record::Task(task) => {
            task.issued_at == now || [task.accepted_at, task.finished_at, task.ended_at].into_iter().any(is_now)
        }
        Record::Hazard(hazard) => hazard.suspected_at == now || is_now(hazard.reviewed_at),
        Record::Hidden(_)
        | Record::Ticket(_)
        | Record::Change(_)
        | Record::Evidence(_)
        | Record::Gap(_)
        | Record::Status(_)
        | Record::Audit(_) => true,
        Record::Measure(_) | Record::Unit(_) | Record::Person(_) => false,
    }
}

fn hidden_because(hidings: &[Hiding]) -> String {
    let words = hidings.iter().map(|hiding| {
        let by = hiding.by.as_deref().or(hiding.suppressor.as_ref().map(RuleId::as_str)).unwrap_or("?");
        let until = hiding.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let kind = match hiding.kind {
            HidingKind::OutOfService => "out of service",
            HidingKind::Shelved => "shelved",
            HidingKind::UnitStopped => "unit stopped",
            HidingKind::SuppressedByRule => "suppressed",
        };
        format!("{kind} by {by}{until}: {}", hiding.reason)
    });
    words.collect::<Vec<_>>().join("; ")
}

fn until(end: Option<UtcTime>) -> String {
    end.map_or_else(|| "it does not say when".to_owned(), |end| end.to_string())
}

fn paired(one: &PairedValue) -> String {
    let value = one.value.map_or_else(|| one.quality.to_string(), |value| format!("{value} {}", one.engineering_unit));
    format!("{} {}", one.tag, value.trim_end())
}

fn part(part: &CompoundPart) -> String {
    match part {
        CompoundPart::Rule { rule, active, known, .. } => {
            format!("{rule} {}{}", if *active { "active" } else { "not active" }, if *known { "" } else { " unknown" })
        }
        CompoundPart::Tag(one) => paired(one),
        CompoundPart::Zone { zone, people_count, .. } => format!("{zone} {people_count} people"),
    }
}

fn observed(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Value { value, engineering_unit, quality, limit, against, .. } => {
            let value =
                value.map_or_else(|| quality.to_string(), |value| format!("{value} {engineering_unit} {quality}"));
            let limit = limit.map(|limit| format!(", limit {:?} {}", limit.kind, limit.trip)).unwrap_or_default();
            let against = against.as_ref().map(held_against).unwrap_or_default();
            format!("{value}{limit}{against}")
        }
        Trigger::Pair { first, second, difference, .. } => {
            let most = difference.map(|most| format!(", allowed difference {most}")).unwrap_or_default();
            format!("{}, {}{most}", paired(first), paired(second))
        }
        Trigger::Sos { person, .. } | Trigger::Person { person, .. } => {
            format!("{} {} in {}", person.id, person.name, person.zone.as_ref().map_or("no zone", |zone| zone.as_str()))
        }
        Trigger::Crowd { people_count, people_max, .. } => format!("{people_count} people, {people_max} allowed"),
        Trigger::Gathering { zone, radius_m, people_count, .. } => {
            format!("{people_count} people within {radius_m} m in {zone}")
        }
        Trigger::Staffing { people_count, people_min, .. } => format!("{people_count} people, {people_min} needed"),
        Trigger::Sight { algorithm, confidence, frames, .. } => format!("{algorithm} {confidence}, {frames} in a row"),
        Trigger::Ticket(ticket) => observed_of_ticket(ticket),
        Trigger::Overdue { count, .. } => format!("{count} inspections"),
        Trigger::System { about, .. } => observed_of_system(about),
        Trigger::Link { reason, .. } => reason.clone(),
        Trigger::Compound { when, parts, .. } => {
            let parts: Vec<String> = parts.iter().map(part).collect();
            format!("{when} ({})", parts.join(", "))
        }
    }
}

/// The analysis and the detector that the alarm may be about; one about the supervisor is about neither.
fn observed_of_ticket(ticket: &TicketTrigger) -> String {
    let analysis = ticket.analysis.as_ref().filter(|_| ticket.supervisor.is_none()).map(|analysis| {
        let value = analysis.value.map_or_else(|| "without a value".to_owned(), |value| format!("{value} %"));
        format!(", analysis {} {value}", analysis.gas)
    });
    let limit = ticket.limit.map(|limit| format!(", limit {limit}")).unwrap_or_default();
    let detector = ticket.detector.as_ref().map(|detector| format!(", {}{limit}", paired(detector)));
    let (analysis, detector) = (analysis.unwrap_or_default(), detector.unwrap_or_default());
    format!("ticket {} until {}{analysis}{detector}", ticket.ticket, until(ticket.end))
}

fn held_against(against: &Against) -> String {
    match against {
        Against::Rate { per_minute, most_per_minute } => {
            let rate = per_minute.map(|rate| format!(", {rate:.2} a minute")).unwrap_or_default();
            format!("{rate}, allowed {most_per_minute} a minute")
        }
        Against::Rest { dead_zone, after_ms } => {
            format!(", moved by no more than {dead_zone} for {} s", after_ms / 1000)
        }
        Against::Range { low, high } => format!(", outside {low} to {high}"),
        Against::State { state, differs, .. } => format!(", {} state {state}", if *differs { "not" } else { "in" }),
        Against::Forecast { per_minute, minutes_left } => {
            format!(", {per_minute:.2} a minute, reached in {minutes_left:.1} min")
        }
    }
}

fn observed_of_system(about: &SystemTrigger) -> String {
    match about {
        SystemTrigger::Flood { alarm_count, window_ms, first_out, worst } => {
            format!("{alarm_count} alarms in {} s, first {}, worst {}", window_ms / 1000, first_out.rule, worst.rule)
        }
        SystemTrigger::Offenders { rule_count, rules } => {
            let rules: Vec<&str> = rules.iter().map(|rule| rule.rule.as_str()).collect();
            format!("{rule_count} rules, the worst: {}", rules.join(", "))
        }
        SystemTrigger::Clock(clock) => {
            format!("synchronised {:?}, offset {:?} ms", clock.synchronised, clock.offset_ms)
        }
        SystemTrigger::Storage(disk) => format!("{} % full", disk.filled_percent().unwrap_or_default()),
        SystemTrigger::Certificate(end) => {
            let whose = end.source.as_ref().map_or("this gateway", SourceId::as_str);
            format!("the certificate of {whose} ends in {} days, {}", end.left_s.div_euclid(86_400), end.not_after)
        }
        SystemTrigger::Silence { silenced_ms, by } => {
            format!("silenced for {} s, last by {}", silenced_ms / 1000, by.as_deref().unwrap_or("somebody"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_ticket_is_told_with_what_its_alarm_is_about() {
        let detector = json!({ "tag": "GT-1", "name": "gas", "value": 12.0, "quality": 0, "engineering_unit": "%LEL",
            "source_time": null });
        let analysis = json!({ "time": null, "gas": "CH4", "value": 0.6 });
        let supervisor = json!({ "id": "P-1", "name": "Li", "card": "c", "zone": null });
        let nothing = json!(null);
        for (detector, limit, analysis, supervisor, expected) in [
            (&detector, json!(10.0), &nothing, &nothing, ", GT-1 12 %LEL, limit 10"),
            (&detector, json!(null), &nothing, &nothing, ", GT-1 12 %LEL"),
            (&nothing, json!(null), &analysis, &nothing, ", analysis CH4 0.6 %"),
            (&nothing, json!(null), &analysis, &supervisor, ""),
        ] {
            let ticket = json!({
                "observed": "ticket", "ticket": "T-1", "work": "01", "status": "in_work", "alarm_type": null,
                "content": "", "zone": null, "unit": null, "start": null, "end": null, "analysis": analysis,
                "supervisor_name": "", "supervisor": supervisor, "people_count": 0, "people": [], "detector": detector,
                "limit": limit, "further": [], "received_time": "2026-11-23T00:00:00.000Z",
            });
            let trigger: Trigger = serde_json::from_value(ticket).unwrap();
            assert_eq!(observed(&trigger), format!("ticket T-1 until it does not say when{expected}"));
        }
    }
}
