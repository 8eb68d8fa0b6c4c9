//! A special-work ticket 特殊作业票 as it is journaled and published.

use crate::{
    id::{PersonId, TicketId, UnitId, ZoneId},
    model::{BlindPlate, GasAnalysis, TicketStatus, WorkType},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};

/// A ticket as last heard of, with the fields of AQ 3064.2-2025, A.1 that rules or people on site need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TicketRecord {
    /// The ticket system's own id.
    pub id: TicketId,
    /// The code of its kind of work.
    pub work: WorkType,
    /// How far it has come.
    pub status: TicketStatus,
    /// The unit it is for.
    pub unit: Option<UnitId>,
    /// The zone it is for.
    pub zone: Option<ZoneId>,
    /// 作业内容.
    pub content: String,
    /// When work may begin.
    pub start: Option<UtcTime>,
    /// Until when it may go on.
    pub end: Option<UtcTime>,
    /// Gas analyses, at most `limits::TICKET_ENTRIES_MAX`, the newest.
    pub analyses: Vec<GasAnalysis>,
    /// When readings in a confined space were written down, at most `limits::TICKET_ENTRIES_MAX`, the newest.
    pub space_records: Vec<UtcTime>,
    /// The supervisor 监护人, where the site knows the person.
    pub supervisor: Option<PersonId>,
    /// The supervisor's name as the ticket has it.
    pub supervisor_name: String,
    /// Workers whom the site knows, at most `limits::PEOPLE_NAMED_MAX`.
    pub workers: Vec<PersonId>,
    /// Workers' names as the ticket has them, at most `limits::PEOPLE_NAMED_MAX`.
    pub worker_names: Vec<String>,
    /// What is done to a blind plate.
    pub blind_plate: Option<BlindPlate>,
    /// Whether it was changed after it was signed.
    pub changed: bool,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// Whether the rules watch it. Not when `limits::TICKETS_MAX` open ones are watched already.
    pub watched: bool,
    /// When the ticket system says that it sent this.
    pub source_time: Option<UtcTime>,
    /// When the box received it.
    pub received_time: UtcTime,
}

impl TicketRecord {
    /// Whether nothing is done under it any more.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.cancelled || self.status.is_finished()
    }
}
