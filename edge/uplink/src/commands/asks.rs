//! What a command asks for: the `data` of each kind. These types are the published schemas.

use super::claims::NotAsked;
use crate::limits;
use davy_config::AskKind;
use davy_core::{
    event::{CommandKind, DangerLevel, ManageType, Rectification, Reference, TaskResult, Verdict},
    id::*,
    model::{BlindPlate, GasAnalysis, TicketStatus, WorkType},
    time::UtcTime,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeMap;

/// All that can be asked for. None of it names a tag, a register or a node.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// What a person could ask for on the page.
    Command(CommandKind),
    /// A ticket, as the platform has it.
    Ticket(Box<TicketAsk>),
    /// The files of `risk/`.
    RiskModel(RiskModelAsk),
}

/// Kind `acknowledge`: acknowledge an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeAsk {
    /// The alarm's `id`.
    pub alarm: AlarmId,
}

/// Kind `task`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum TaskAsk {
    /// Take it.
    Accept {
        /// The task's `id`.
        task: TaskId,
        /// What goes with it.
        #[serde(default)]
        attachments: Vec<Reference>,
    },
    /// Say what was found.
    Finish {
        /// The task's `id`.
        task: TaskId,
        /// What was found.
        result: TaskResult,
        /// In words; required unless the result is normal.
        #[serde(default)]
        note: String,
        /// What goes with it.
        #[serde(default)]
        attachments: Vec<Reference>,
    },
    /// Say that it is not to be done.
    Cancel {
        /// The task's `id`.
        task: TaskId,
        /// Why.
        reason: String,
    },
    /// Attach something to it.
    Attach {
        /// The task's `id`.
        task: TaskId,
        /// What.
        attachment: Reference,
    },
}

/// Kind `hazard`: decide on a suspected hazard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HazardAsk {
    /// The hazard's `id`.
    pub hazard: HazardId,
    /// The decision.
    pub verdict: Verdict,
    /// In words.
    pub note: String,
    /// 隐患等级, with a confirmation.
    pub danger_level: Option<DangerLevel>,
    /// 治理类型, with a confirmation.
    pub manage_type: Option<ManageType>,
    /// 整改责任人, with a confirmation.
    pub liable_person: Option<String>,
    /// 整改期限, with a confirmation.
    pub deadline: Option<UtcTime>,
}

/// Kind `stop`: a unit's stop record 停用/检修.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum StopAsk {
    /// Open it.
    Open {
        /// The unit's id.
        unit: UnitId,
        /// It ends by itself after so many seconds; absent until it is closed.
        for_s: Option<u64>,
        /// Why.
        reason: String,
    },
    /// Close it.
    Close {
        /// The unit's id.
        unit: UnitId,
    },
}

/// Kind `ticket`: a special-work ticket as the platform has it, the whole of it and not what has changed (AQ 3064.2-2025, A.1). Zones,
/// units and people are named by their ids in the configuration; an id that is not there refuses the whole.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketAsk {
    /// The ticket system's own id.
    pub id: TicketId,
    /// The code of its kind of work.
    pub work: WorkType,
    /// How far it has come.
    pub status: TicketStatus,
    /// The zone it is for.
    pub zone: Option<ZoneId>,
    /// The unit it is for; without one, that of the zone.
    pub unit: Option<UnitId>,
    /// 作业内容.
    #[serde(default)]
    pub content: String,
    /// When work may begin.
    pub start: Option<UtcTime>,
    /// Until when it may go on.
    pub end: Option<UtcTime>,
    /// Gas analyses, in any order.
    #[serde(default)]
    pub analyses: Vec<GasAnalysis>,
    /// When readings in a confined space were written down, in any order.
    #[serde(default)]
    pub space_records: Vec<UtcTime>,
    /// The supervisor 监护人, where the site knows the person.
    pub supervisor: Option<PersonId>,
    /// The supervisor's name.
    #[serde(default)]
    pub supervisor_name: String,
    /// Workers whom the site knows.
    #[serde(default)]
    pub workers: Vec<PersonId>,
    /// Workers' names.
    #[serde(default)]
    pub worker_names: Vec<String>,
    /// What is done to a blind plate.
    pub blind_plate: Option<BlindPlate>,
    /// Whether it was changed after it was signed.
    #[serde(default)]
    pub changed: bool,
    /// Whether it is cancelled.
    #[serde(default)]
    pub cancelled: bool,
    /// When the platform's ticket system says that it is of; of two the later is taken, whichever came first.
    pub time: Option<UtcTime>,
}

/// Kind `risk_model`: all files of `risk/`. A file that is not here is not there afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RiskModelAsk {
    /// Name within `risk/` (`objects.csv`, `units.csv`, `events.csv`, `measures.csv`, `plans.csv`, `holidays.csv`) → the CSV as text.
    pub files: BTreeMap<String, String>,
}

/// Reads the `data` of a command.
pub(crate) fn read(kind: AskKind, data: Value) -> Result<Ask, NotAsked> {
    Ok(match kind {
        AskKind::Acknowledge => {
            let AcknowledgeAsk { alarm } = typed(data)?;
            Ask::Command(CommandKind::AcknowledgeAlarm { alarm })
        }
        AskKind::Task => Ask::Command(match typed(data)? {
            TaskAsk::Accept { task, attachments } => CommandKind::AcceptTask { task, attachments },
            TaskAsk::Finish { task, result, note, attachments } => {
                CommandKind::FinishTask { task, result, note, attachments }
            }
            TaskAsk::Cancel { task, reason } => CommandKind::CancelTask { task, reason },
            TaskAsk::Attach { task, attachment } => CommandKind::AddAttachment { task, attachment },
        }),
        AskKind::Hazard => {
            let HazardAsk { hazard, verdict, note, danger_level, manage_type, liable_person, deadline } = typed(data)?;
            let rectification = Rectification { danger_level, manage_type, liable_person, deadline };
            Ask::Command(CommandKind::ReviewHazard { hazard, verdict, note, rectification })
        }
        AskKind::Stop => Ask::Command(match typed(data)? {
            StopAsk::Open { unit, for_s, reason } => {
                let for_ms = for_s.map(|for_s| for_s.saturating_mul(1_000));
                CommandKind::StopUnit { unit, for_ms, reason }
            }
            StopAsk::Close { unit } => CommandKind::ResumeUnit { unit },
        }),
        AskKind::Ticket => Ask::Ticket(Box::new(ticket(typed(data)?)?)),
        AskKind::RiskModel => Ask::RiskModel(typed(data)?),
    })
}

fn typed<T: DeserializeOwned>(data: Value) -> Result<T, NotAsked> {
    serde_json::from_value(data).map_err(|error| {
        let reason: String = error.to_string().chars().take(limits::REASON_CHARS_MAX).collect();
        NotAsked::invalid(format!("its data is not as the schema of its kind says: {reason}"))
    })
}

fn ticket(ticket: TicketAsk) -> Result<TicketAsk, NotAsked> {
    let id = ticket.id.as_str();
    if id.is_empty() || id.chars().count() > limits::COMMAND_NAME_CHARS_MAX || ticket.work.0.is_empty() {
        return Err(NotAsked::invalid(format!(
            "a ticket needs an id of 1 to {} characters and the code of its work",
            limits::COMMAND_NAME_CHARS_MAX
        )));
    }
    Ok(ticket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_says_what_its_schema_allows_and_nothing_else() {
        let photo = json!({ "uri": "photo-7", "media_type": "image/jpeg" });
        for (kind, data, good) in [
            (AskKind::Acknowledge, json!({ "alarm": "a" }), true),
            (AskKind::Acknowledge, json!({}), false),
            (AskKind::Task, json!({ "action": "accept", "task": "t" }), true),
            (
                AskKind::Task,
                json!({ "action": "finish", "task": "t", "result": "normal", "attachments": [photo] }),
                true,
            ),
            (AskKind::Task, json!({ "action": "cancel", "task": "t", "reason": "r" }), true),
            (AskKind::Task, json!({ "action": "attach", "task": "t", "attachment": photo }), true),
            (AskKind::Task, json!({ "action": "accept", "task": "t", "result": "normal" }), false),
            (AskKind::Task, json!({ "action": "reopen", "task": "t" }), false),
            (AskKind::Task, json!({ "task": "t" }), false),
            (AskKind::Hazard, json!({ "hazard": "h", "verdict": "confirmed", "note": "n" }), true),
            (AskKind::Hazard, json!({ "hazard": "h", "verdict": "confirmed", "note": "n", "deadline": "soon" }), false),
            (AskKind::Stop, json!({ "action": "open", "unit": "U1", "for_s": 60, "reason": "r" }), true),
            (AskKind::Stop, json!({ "action": "close", "unit": "U1" }), true),
            (AskKind::Stop, json!({ "action": "open", "unit": "U1", "for_s": -1, "reason": "r" }), false),
            (AskKind::Ticket, json!({ "id": "T1", "work": "01", "status": "in_work" }), true),
            (AskKind::Ticket, json!({ "id": "", "work": "01", "status": "in_work" }), false),
            (AskKind::Ticket, json!({ "id": "T1", "work": "01", "status": 2 }), false),
            (AskKind::RiskModel, json!({ "files": { "units.csv": "" } }), true),
            (AskKind::RiskModel, json!({ "files": { "units.csv": 1 } }), false),
        ] {
            let read = read(kind, data.clone());
            assert_eq!(read.is_ok(), good, "{data}: {read:?}");
        }
    }
}
