//! The fixed words of the format, English and Chinese.

use crate::types::{
    BoardDriver, ByteOrder, Compress, InputBias, ModbusData, ModbusFraming, ModbusTable, OpcUaPolicy,
    OpcUaSecurityMode, Sasl, SerialParity,
};
use davy_core::{
    annunciation::LampColour,
    calendar::{CycleUnit, WorkDays},
    model::{Degrade, Direction, Gas, LimitKind, Priority, RiskLevel, Role},
};

/// A word with its spellings and what it means.
pub(crate) type Word<T> = (&'static [&'static str], T);

pub(crate) const PRIORITIES: &[Word<Priority>] = &[
    (&["low", "低"], Priority::Low),
    (&["medium", "中"], Priority::Medium),
    (&["high", "高"], Priority::High),
    (&["critical", "紧急"], Priority::Critical),
];

pub(crate) const COMPRESS: &[Word<Compress>] =
    &[(&["gzip"], Compress::Gzip), (&["zstd"], Compress::Zstd), (&["none"], Compress::None)];

pub(crate) const SASL: &[Word<Sasl>] =
    &[(&["scram-sha-512"], Sasl::ScramSha512), (&["scram-sha-256"], Sasl::ScramSha256), (&["plain"], Sasl::Plain)];

/// Numbers are not accepted: one national source counts from 0 and another from 1.
pub(crate) const RISK_LEVELS: &[Word<RiskLevel>] = &[
    (&["red", "重大"], RiskLevel::Red),
    (&["orange", "较大"], RiskLevel::Orange),
    (&["yellow", "一般"], RiskLevel::Yellow),
    (&["blue", "低"], RiskLevel::Blue),
];

pub(crate) const ROLES: &[Word<Role>] = &[
    (&["operation", "操作"], Role::Operation),
    (&["technical", "技术"], Role::Technical),
    (&["principal", "主要"], Role::Principal),
    (&["routine", "日常"], Role::Routine),
];

/// national `workType`.
pub(crate) const WORK_TYPES: &[Word<Role>] = &[
    (&["0", "日常", "routine"], Role::Routine),
    (&["1", "主要负责人", "主要", "principal"], Role::Principal),
    (&["2", "技术负责人", "技术", "technical"], Role::Technical),
    (&["3", "操作负责人", "操作", "operation"], Role::Operation),
];

/// 周期单位, national `checkCycleUnit`.
pub(crate) const CYCLE_UNITS: &[Word<CycleUnit>] = &[
    (&["小时", "hour"], CycleUnit::Hour),
    (&["天", "day"], CycleUnit::Day),
    (&["月", "month"], CycleUnit::Month),
    (&["年", "year"], CycleUnit::Year),
];

/// national `workDayType`.
pub(crate) const WORK_DAYS: &[Word<WorkDays>] = &[
    (&["0", "每天", "every"], WorkDays::Every),
    (&["1", "法定工作日", "workdays"], WorkDays::Workdays),
    (&["2", "非法定工作日", "free_days"], WorkDays::FreeDays),
];

/// Whether a day is worked.
pub(crate) const DAY_KINDS: &[Word<bool>] = &[(&["班", "work"], true), (&["休", "free"], false)];

pub(crate) const YES_NO: &[Word<bool>] = &[(&["yes", "是"], true), (&["no", "否"], false)];

/// 管控方式, national code `dataSrc`: whether the measure is watched automatically.
pub(crate) const DATA_SOURCES: &[Word<bool>] = &[(&["1", "自动化监控"], true), (&["2", "隐患排查"], false)];

pub(crate) const LIMIT_KINDS: &[Word<LimitKind>] = &[
    (&["HH", "高高限"], LimitKind::HH),
    (&["H", "高限"], LimitKind::H),
    (&["L", "低限"], LimitKind::L),
    (&["LL", "低低限"], LimitKind::LL),
];

pub(crate) const DIRECTIONS: &[Word<Direction>] =
    &[(&["up", "上升"], Direction::Up), (&["down", "下降"], Direction::Down), (&["either", "双向"], Direction::Either)];

pub(crate) const DEGRADES: &[Word<Degrade>] = &[
    (&["to_1oo2", "倾向报警"], Degrade::Voted),
    (&["to_2oo2", "倾向不报"], Degrade::NotVoted),
    (&["unknown", "未知"], Degrade::Unknown),
];

pub(crate) const GASES: &[Word<Gas>] = &[
    (&["combustible", "可燃"], Gas::Combustible),
    (&["toxic", "有毒"], Gas::Toxic),
    (&["oxygen", "氧"], Gas::Oxygen),
    (&["open_path", "开路"], Gas::OpenPath),
];

pub(crate) const MODBUS_TABLES: &[Word<ModbusTable>] = &[
    (&["coil", "线圈"], ModbusTable::Coil),
    (&["discrete", "离散输入"], ModbusTable::Discrete),
    (&["holding", "保持寄存器"], ModbusTable::Holding),
    (&["input", "输入寄存器"], ModbusTable::Input),
];

pub(crate) const MODBUS_DATA: &[Word<ModbusData>] = &[
    (&["bool"], ModbusData::Bool),
    (&["u16"], ModbusData::U16),
    (&["i16"], ModbusData::I16),
    (&["u32"], ModbusData::U32),
    (&["i32"], ModbusData::I32),
    (&["f32"], ModbusData::F32),
    (&["u64"], ModbusData::U64),
    (&["i64"], ModbusData::I64),
    (&["f64"], ModbusData::F64),
    (&["bcd16"], ModbusData::Bcd16),
    (&["bcd32"], ModbusData::Bcd32),
];

pub(crate) const BYTE_ORDERS: &[Word<ByteOrder>] = &[
    (&["ABCD", "AB", "ABCDEFGH"], ByteOrder::Abcd),
    (&["CDAB", "GHEFCDAB"], ByteOrder::Cdab),
    (&["BADC", "BA", "BADCFEHG"], ByteOrder::Badc),
    (&["DCBA", "HGFEDCBA"], ByteOrder::Dcba),
    (&["CDABGHEF"], ByteOrder::Cdabghef),
    (&["DCBAHGFE"], ByteOrder::Dcbahgfe),
    (&["EFGHABCD"], ByteOrder::Efghabcd),
    (&["FEHGBADC"], ByteOrder::Fehgbadc),
];

pub(crate) const FRAMINGS: &[Word<ModbusFraming>] = &[(&["tcp"], ModbusFraming::Tcp), (&["rtu"], ModbusFraming::Rtu)];

pub(crate) const PARITIES: &[Word<SerialParity>] = &[
    (&["none", "无"], SerialParity::None),
    (&["even", "偶"], SerialParity::Even),
    (&["odd", "奇"], SerialParity::Odd),
];

/// `None` is no security at all.
pub(crate) const SECURITIES: &[Word<Option<OpcUaPolicy>>] = &[
    (&["none", "None"], None),
    (&["Basic256Sha256"], Some(OpcUaPolicy::Basic256Sha256)),
    (&["Aes128_Sha256_RsaOaep"], Some(OpcUaPolicy::Aes128Sha256RsaOaep)),
    (&["Aes256_Sha256_RsaPss"], Some(OpcUaPolicy::Aes256Sha256RsaPss)),
];

pub(crate) const SECURITY_MODES: &[Word<OpcUaSecurityMode>] =
    &[(&["Sign"], OpcUaSecurityMode::Sign), (&["SignAndEncrypt"], OpcUaSecurityMode::SignAndEncrypt)];

/// How the values of an OPC UA source are come by.
#[derive(Clone, Copy)]
pub(crate) enum OpcUaWay {
    Subscribe,
    Poll,
}

pub(crate) const OPCUA_WAYS: &[Word<OpcUaWay>] = &[(&["subscribe"], OpcUaWay::Subscribe), (&["poll"], OpcUaWay::Poll)];

pub(crate) const BOARD_DRIVERS: &[Word<BoardDriver>] = &[
    (&["simulated"], BoardDriver::Simulated),
    (&["gpio"], BoardDriver::Gpio),
    (&["raspberry_pi"], BoardDriver::RaspberryPi),
];

/// What an output of a box does, before its colour or pulse is known.
#[derive(Clone, Copy)]
pub(crate) enum BoardRole {
    Lamp,
    Horn,
    Health,
    AlarmRelay,
    HornRelay,
    AliveLed,
    TroubleLed,
}

pub(crate) const BOARD_ROLES: &[Word<BoardRole>] = &[
    (&["lamp"], BoardRole::Lamp),
    (&["horn"], BoardRole::Horn),
    (&["health"], BoardRole::Health),
    (&["alarm_relay"], BoardRole::AlarmRelay),
    (&["horn_relay"], BoardRole::HornRelay),
    (&["alive_led"], BoardRole::AliveLed),
    (&["trouble_led"], BoardRole::TroubleLed),
];

/// What an input of a box means, before what it is of is known.
#[derive(Clone, Copy)]
pub(crate) enum InputWord {
    Acknowledge,
    Silence,
    LampTest,
    PowerFail,
    Current,
    Contact,
}

pub(crate) const INPUT_ROLES: &[Word<InputWord>] = &[
    (&["acknowledge"], InputWord::Acknowledge),
    (&["silence"], InputWord::Silence),
    (&["lamp_test"], InputWord::LampTest),
    (&["power_fail"], InputWord::PowerFail),
    (&["current"], InputWord::Current),
    (&["contact"], InputWord::Contact),
];

pub(crate) const LAMP_COLOURS: &[Word<LampColour>] = &[
    (&["red"], LampColour::Red),
    (&["amber"], LampColour::Amber),
    (&["yellow"], LampColour::Yellow),
    (&["blue"], LampColour::Blue),
    (&["green"], LampColour::Green),
];

pub(crate) const BIASES: &[Word<InputBias>] = &[
    (&["as_is"], InputBias::AsIs),
    (&["none"], InputBias::None),
    (&["pull_up"], InputBias::PullUp),
    (&["pull_down"], InputBias::PullDown),
];

/// Whether it is low that counts.
pub(crate) const ACTIVE: &[Word<bool>] = &[(&["high"], false), (&["low"], true)];

pub(crate) const ON_OFF: &[Word<bool>] = &[(&["off"], false), (&["on"], true)];

/// The kinds of rules over tickets, by their published names.
#[derive(Clone, Copy)]
pub(crate) enum Work {
    GasMissing,
    GasOverdue,
    Interruption,
    NextDay,
    RecordOverdue,
    Expired,
    ExpiredWithPeople,
    BlindPlate,
    SupervisorAway,
    HotWorkGasAlarm,
    HotWorkGas,
    GasOverLimit,
}

pub(crate) const WORKS: &[Word<Work>] = &[
    (&["ticket_gas_missing"], Work::GasMissing),
    (&["ticket_gas_overdue"], Work::GasOverdue),
    (&["ticket_interruption"], Work::Interruption),
    (&["ticket_next_day"], Work::NextDay),
    (&["ticket_record_overdue"], Work::RecordOverdue),
    (&["ticket_expired"], Work::Expired),
    (&["ticket_expired_people"], Work::ExpiredWithPeople),
    (&["ticket_blind_plate"], Work::BlindPlate),
    (&["ticket_supervisor_away"], Work::SupervisorAway),
    (&["hot_work_gas_alarm"], Work::HotWorkGasAlarm),
    (&["hot_work_gas"], Work::HotWorkGas),
    (&["ticket_gas_over_limit"], Work::GasOverLimit),
];

/// The Chinese word of a limit in the name of its alarm.
pub(crate) fn limit_word(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::HH => "高高",
        LimitKind::H => "高",
        LimitKind::L => "低",
        LimitKind::LL => "低低",
    }
}

/// The limit as in rule ids and columns.
pub(crate) fn limit_code(kind: LimitKind) -> &'static str {
    match kind {
        LimitKind::HH => "HH",
        LimitKind::H => "H",
        LimitKind::L => "L",
        LimitKind::LL => "LL",
    }
}

/// A set point of a gas detector as in rule ids, and its Chinese word in the name of its alarm.
pub(crate) fn set_point(gas: Gas, kind: LimitKind) -> (&'static str, &'static str) {
    match (gas, kind) {
        (Gas::Oxygen, LimitKind::L | LimitKind::LL) => ("deficiency", "欠氧"),
        (Gas::Oxygen, LimitKind::H | LimitKind::HH) => ("enrichment", "过氧"),
        (Gas::Combustible | Gas::Toxic | Gas::OpenPath, LimitKind::H | LimitKind::L) => ("L1", "一级"),
        (Gas::Combustible | Gas::Toxic | Gas::OpenPath, LimitKind::HH | LimitKind::LL) => ("L2", "二级"),
    }
}

/// The second stage and a lack of oxygen have the tag's own priority, the first stage and too much oxygen one step less.
pub(crate) fn set_point_priority(gas: Gas, kind: LimitKind, own: Priority) -> Priority {
    match (gas, kind) {
        (Gas::Oxygen, LimitKind::L | LimitKind::LL) => own,
        (Gas::Oxygen, LimitKind::H | LimitKind::HH) => less(own),
        (Gas::Combustible | Gas::Toxic | Gas::OpenPath, _) => limit_priority(kind, own),
    }
}

/// HH and LL have the tag's own priority, H and L one step less.
pub(crate) fn limit_priority(kind: LimitKind, own: Priority) -> Priority {
    match kind {
        LimitKind::HH | LimitKind::LL => own,
        LimitKind::H | LimitKind::L => less(own),
    }
}

/// One step more; critical stays critical.
pub(crate) fn more(priority: Priority) -> Priority {
    match priority {
        Priority::Low => Priority::Medium,
        Priority::Medium => Priority::High,
        Priority::High | Priority::Critical => Priority::Critical,
    }
}

/// One step less; low stays low.
pub(crate) fn less(priority: Priority) -> Priority {
    match priority {
        Priority::Critical => Priority::High,
        Priority::High => Priority::Medium,
        Priority::Medium | Priority::Low => Priority::Low,
    }
}
