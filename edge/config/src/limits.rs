//! Every bound of the reader, by name, with what happens beyond it.

use davy_core::calendar::CycleUnit;

/// Bytes of one file; a longer one is an error.
pub const FILE_BYTES_MAX: usize = 16 << 20;

/// Rows of one table; the first row beyond it is an error and ends the reading of that table.
pub const ROWS_MAX: usize = 100_000;

/// Findings listed; beyond it one line says how many more there are.
pub const FINDINGS_MAX: usize = 10_000;

/// A wrong name gets a "did you mean" only among the first so many errors, because looking costs time.
pub const SUGGESTIONS_MAX: usize = 200;

/// A wrong name gets a "did you mean" only among so many candidates; with more there is none.
pub const CANDIDATES_MAX: usize = 10_000;

/// Characters of an id; a longer one is an error.
pub const ID_CHARS_MAX: usize = 64;

/// Characters of a name; a longer one is an error. The national table gives unit names 200 and event names 500.
pub const NAME_CHARS_MAX: usize = 500;

/// Characters of a guidance, description or inspection content; a longer one is an error. The national table gives
/// descriptions of measures 4000.
pub const TEXT_CHARS_MAX: usize = 4_000;

/// The longest duration, 24 hours; a longer one is an error.
pub const DURATION_MAX_MS: u64 = 24 * 3_600_000;

/// Keys by which the commands of one uplink may be signed: the one in use, its successor, and some to spare. More are an error.
pub const COMMAND_KEYS_MAX: usize = 8;

/// Bytes of a secret or certificate file; a longer one is an error.
pub const SECRET_BYTES_MAX: u64 = 256 << 10;

/// Characters of what a device that dials in says of itself; a longer text is an error.
pub const REGISTRATION_CHARS_MAX: usize = 128;

/// Characters of a text in Modbus registers, as many as one request can bring; more are an error.
pub const MODBUS_TEXT_CHARS_MAX: u8 = 250;

/// Texts of one tag that mean a number; more are an error.
pub const MODBUS_TEXTS_MAX: usize = 100;

/// Characters of a wrong value that an error message repeats; the rest becomes `…`.
pub const QUOTED_CHARS_MAX: usize = 60;

/// Bytes of the plan of the site; a larger one is an error. It is kept with every configuration that was in force.
pub const PLAN_BYTES_MAX: usize = 2 << 20;

/// Outputs of a box, and inputs of it; more are an error.
pub const BOARD_LINES_MAX: usize = 32;

/// Characters of a zone's outline; a longer one is an error.
pub const POLYGON_CHARS_MAX: usize = 20_000;

/// Servers that may stand in for the first one of an OPC UA source; more are an error.
pub const BACKUP_ENDPOINTS_MAX: usize = 4;

/// Addresses from which the live state may be seen without a log-in; more are an error.
pub const PANELS_MAX: usize = 16;

/// Names of the gateway besides its addresses; more are an error.
pub const WEB_NAMES_MAX: usize = 16;

/// Characters of a host's name (RFC 1035, 2.3.4); a longer one is an error.
pub const HOST_NAME_CHARS_MAX: usize = 253;

/// Brokers that a Kafka uplink names; more are an error. Any of them tells of all.
pub const KAFKA_BROKERS_MAX: usize = 16;

/// Characters of a Kafka topic, as Kafka itself limits it; more are an error.
pub const KAFKA_TOPIC_CHARS_MAX: usize = 249;

/// Characters of a Sparkplug group, node or host; more are an error.
pub const SPARKPLUG_NAME_CHARS_MAX: usize = 64;

/// Bytes of a Sparkplug birth certificate of one device, which cannot be sent in parts; where the forwarded tags of a source may
/// need more, it is an error.
pub const SPARKPLUG_BIRTH_BYTES_MAX: usize = 1 << 20;

/// Characters of a compound rule's expression; a longer one is an error.
pub const EXPRESSION_CHARS_MAX: usize = 2_000;

/// How deep an expression may be nested, in parentheses and signs in a row; a deeper one is an error.
pub const EXPRESSION_NESTING_MAX: usize = 16;

/// What an expression may say of time, in milliseconds; anything else is an error.
pub const EXPRESSION_DURATION: std::ops::RangeInclusive<u64> = 100..=DURATION_MAX_MS;

/// The longest cycle of a plan in each unit; a longer one is an error. More than a day is not counted in hours.
pub const PLAN_CYCLES_MAX: [(CycleUnit, u32); 4] =
    [(CycleUnit::Hour, 24), (CycleUnit::Day, 3_650), (CycleUnit::Month, 120), (CycleUnit::Year, 10)];

/// The longest tolerance of a plan, 366 days; a longer one is an error.
pub const PLAN_TOLERANCE_MAX_MS: u64 = 366 * 24 * 3_600_000;

/// Columns of a workbook; a cell further to the right is an error.
pub const WORKBOOK_COLUMNS_MAX: u32 = 256;

/// Bytes that the parts of a workbook unpack to, all together; beyond them it is refused before it is read.
pub const WORKBOOK_BYTES_MAX: usize = 128 << 20;

/// Parts of a workbook; one of more is refused.
pub const WORKBOOK_PARTS_MAX: usize = 1_000;

/// Characters of the name of an alarm condition; a longer one is an error.
pub const CONDITION_NAME_CHARS_MAX: usize = 200;

/// Digits of the number of texts that a workbook announces, for which its reader makes room at once; one of more is refused.
pub const WORKBOOK_COUNT_DIGITS_MAX: usize = 7;

/// Keys of those whose releases are installed: the one in use, the one that follows it, and as many again.
pub(crate) const UPDATE_KEYS_MAX: usize = 4;
