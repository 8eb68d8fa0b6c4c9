//! Special-work tickets 特殊作业票 and the rules over them (GB 30871-2022, AQ 3064.2-2025).

use super::Limit;
use crate::{
    id::{TagIx, UnitIx},
    time::UtcTime,
};
use serde::{Deserialize, Serialize};

/// The kind of work by its code in AQ 3064.2-2025, Annex A: `01` `02` `03` hot work of the special, first and second
/// class, `10` temporary electricity, `21`–`24` height, `30` earth, `40` road, `50` blind plates, `61`–`63` lifting, `70`
/// confined space. A code that is not among them is kept as it is; no rule is about such work in particular.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct WorkType(pub String);

impl WorkType {
    /// 动火作业 of any class.
    #[must_use]
    pub fn is_hot(&self) -> bool {
        matches!(self.0.as_str(), "01" | "02" | "03")
    }

    /// 二级动火.
    #[must_use]
    pub fn is_second_class_hot(&self) -> bool {
        self.0 == "03"
    }

    /// 受限空间.
    #[must_use]
    pub fn is_confined_space(&self) -> bool {
        self.0 == "70"
    }

    /// 盲板抽堵.
    #[must_use]
    pub fn is_blind_plate(&self) -> bool {
        self.0 == "50"
    }

    /// Whether the air must be analysed before it begins (GB 30871-2022, 5.3 and 6.3).
    #[must_use]
    pub fn needs_analysis(&self) -> bool {
        self.is_hot() || self.is_confined_space()
    }
}

/// How far a ticket has come: TICKETSTATUS of AQ 3064.2-2025, Annex A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// 0 未签发.
    Unissued,
    /// 1 已签发.
    Issued,
    /// 2 作业中.
    InWork,
    /// 3 已验收.
    Accepted,
    /// 4 作废.
    Voided,
    /// 5 撤销.
    Revoked,
    /// 6 暂停.
    Suspended,
}

impl TicketStatus {
    /// The status of a code; `None` for one that the standard does not have.
    #[must_use]
    pub fn of_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Unissued,
            1 => Self::Issued,
            2 => Self::InWork,
            3 => Self::Accepted,
            4 => Self::Voided,
            5 => Self::Revoked,
            6 => Self::Suspended,
            _ => return None,
        })
    }

    /// Nothing is done under it any more.
    #[must_use]
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Accepted | Self::Voided | Self::Revoked)
    }

    /// It is signed and not finished: work may go on under it.
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Issued | Self::InWork | Self::Suspended)
    }

    /// Work has begun and is not finished.
    #[must_use]
    pub fn has_begun(self) -> bool {
        matches!(self, Self::InWork | Self::Suspended)
    }
}

/// What is done to a blind plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BlindPlate {
    /// 堵.
    Insert,
    /// 抽.
    Remove,
    /// Both on one ticket, which AQ 3064.2-2025, 5.4.4 forbids.
    Both,
}

/// A gas analysis 气体分析.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GasAnalysis {
    /// When the sample was taken; absent when the ticket does not say so readably.
    pub time: Option<UtcTime>,
    /// The gas, in the ticket's own words.
    pub gas: String,
    /// In % vol; absent when it is no number.
    pub value: Option<f64>,
}

/// What a rule over tickets looks for. A ticket of which too little is known is unknown: it offends nothing and ends
/// nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum TicketKind {
    /// Signed hot work or confined space without any gas analysis (AQ 3064.2-2025, 5.4.3; alarm type 01).
    GasMissing,
    /// The newest analysis is older than this when the work begins (GB 30871-2022, 5.3 and 6.3; alarm type 02).
    GasOverdue {
        /// 30 min in the standard.
        before_ms: u64,
    },
    /// Work goes on after an interruption longer than this, without a new analysis (GB 30871-2022; alarm type 03).
    Interruption {
        /// Hot work of the special and the first class: 30 min.
        major_ms: u64,
        /// Hot work of the second class, and confined space: 60 min.
        minor_ms: u64,
    },
    /// Hot work of the second class goes on the next day, in the time of China, without an analysis of that day (alarm
    /// type 04).
    NextDay {
        /// So long after midnight the day begins.
        day_begins_ms: u64,
    },
    /// In a confined space the readings are not written down every so often (GB 30871-2022, 6.5; alarm type 05).
    RecordOverdue {
        /// 2 h in the standard.
        every_ms: u64,
    },
    /// Work goes on after the ticket's end (AQ 3064.2-2025, 5.9.5; alarm type 10).
    Expired,
    /// After the ticket's end people are still in its zone (alarm type 10).
    ExpiredWithPeople,
    /// One ticket for inserting and removing blind plates (AQ 3064.2-2025, 5.4.4; alarm type 20).
    BlindPlate,
    /// The supervisor 监护人 is not in the zone while work goes on (alarm type 31).
    SupervisorAway,
    /// While hot work goes on a rule over combustible gas in its unit is active: the work must stop
    /// (AQ 3064.2-2025, 5.10.5).
    HotWorkGasAlarm,
    /// While hot work goes on, combustible gas in its unit is at a limit lower than the ordinary one.
    HotWorkGas {
        /// The limit of each detector.
        limits: Vec<(TagIx, Limit)>,
    },
    /// An analysis is beyond what GB 30871-2022, 5.3.2 and 6.3 allow.
    GasOverLimit(GasLimits),
    /// No more tickets can be watched. It names the ticket that was heard last.
    TooMany,
}

/// What an analysis may say at most, in % vol.
#[derive(Clone, Debug, PartialEq)]
pub struct GasLimits {
    /// Gases whose lower explosive limit is 4 % or more, by the names that tickets use.
    pub high_lel: Vec<String>,
    /// The most of one of those: 0.5.
    pub high_lel_max: f64,
    /// The most of any other gas: 0.2.
    pub low_lel_max: f64,
    /// Gases that are no fuel, or that tickets give in another unit: they are not judged.
    pub others: Vec<String>,
    /// What tickets call oxygen.
    pub oxygen: Vec<String>,
    /// The least oxygen in a confined space: 19.5.
    pub oxygen_min: f64,
    /// The most oxygen in a confined space: 21, where the air may be enriched 23.5.
    pub oxygen_max: f64,
}

/// A rule over tickets. Tickets come and go, rules are configured: each table of the configuration makes a row of rules,
/// its slots, and every ticket that offends takes one. So each has an alarm of its own, and none hides behind another
/// one's acknowledgement. See `tickets`.
#[derive(Clone, Debug, PartialEq)]
pub struct TicketRule {
    /// What it looks for.
    pub kind: TicketKind,
    /// Only in this unit; `None` for all tickets.
    pub unit: Option<UnitIx>,
    /// The rules of one table have the same number and follow each other in `Site::rules`.
    pub table: u32,
    /// Its place in the row.
    pub slot: u32,
}

impl TicketKind {
    /// The published name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::GasMissing => "ticket_gas_missing",
            Self::GasOverdue { .. } => "ticket_gas_overdue",
            Self::Interruption { .. } => "ticket_interruption",
            Self::NextDay { .. } => "ticket_next_day",
            Self::RecordOverdue { .. } => "ticket_record_overdue",
            Self::Expired => "ticket_expired",
            Self::ExpiredWithPeople => "ticket_expired_people",
            Self::BlindPlate => "ticket_blind_plate",
            Self::SupervisorAway => "ticket_supervisor_away",
            Self::HotWorkGasAlarm => "hot_work_gas_alarm",
            Self::HotWorkGas { .. } => "hot_work_gas",
            Self::GasOverLimit(_) => "ticket_gas_over_limit",
            Self::TooMany => "tickets_full",
        }
    }

    /// The alarm type of AQ 3064.2-2025, A.3; `None` where the standard has none.
    #[must_use]
    pub fn alarm_type(&self) -> Option<&'static str> {
        match self {
            Self::GasMissing => Some("01"),
            Self::GasOverdue { .. } => Some("02"),
            Self::Interruption { .. } => Some("03"),
            Self::NextDay { .. } => Some("04"),
            Self::RecordOverdue { .. } => Some("05"),
            Self::Expired | Self::ExpiredWithPeople => Some("10"),
            Self::BlindPlate => Some("20"),
            Self::SupervisorAway => Some("31"),
            Self::HotWorkGasAlarm | Self::HotWorkGas { .. } | Self::GasOverLimit(_) | Self::TooMany => None,
        }
    }

    /// Whether it looks at gas detectors, which are unknown until their first value.
    pub(crate) fn reads_detectors(&self) -> bool {
        matches!(self, Self::HotWorkGasAlarm | Self::HotWorkGas { .. })
    }

    /// Whether it looks at where people are.
    pub(crate) fn reads_people(&self) -> bool {
        matches!(self, Self::ExpiredWithPeople | Self::SupervisorAway)
    }
}
