//! Recurring inspections 隐患排查任务 (the national table's word for a plan) and the rule over those that are overdue.

use super::{Role, Site};
use crate::{calendar::Schedule, id::*};

/// A recurring inspection of a measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The enterprise's id.
    pub id: PlanId,
    /// The measure to inspect.
    pub measure: MeasureIx,
    /// 隐患排查内容.
    pub content: String,
    /// When it falls due.
    pub schedule: Schedule,
    /// workType: the role that it is routed to.
    pub role: Role,
    /// taskNum: the item of the duty list, where the role is not 日常.
    pub duty_item: Option<u8>,
    /// How long it may take; `None` until the next occurrence.
    pub tolerance_ms: Option<u64>,
}

impl Plan {
    /// The unit that it inspects.
    #[must_use]
    pub fn unit(&self, site: &Site) -> UnitIx {
        site.events[site.measures[self.measure.at()].event.at()].unit
    }
}

/// Inspection tasks are overdue (domain rule 31): of one unit, of one role, or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverdueRule {
    /// Only those of this unit.
    pub unit: Option<UnitIx>,
    /// Only those that are routed to this role now.
    pub role: Option<Role>,
}
