//! `[[source.modbus]]`.

use super::{INTERVAL_MIN_MS, SourceRow, narrow};
use crate::{
    defaults,
    documents::Section,
    limits,
    text::quoted,
    types::{ModbusLink, ModbusPace, ModbusSource, SourceConfig},
};
use davy_core::id::SourceIx;

mod adapter;
mod caps;
mod link;

const KEYS: [&str; 28] = [
    "id",
    "name",
    "address",
    "backup_address",
    "serial",
    "baud",
    "parity",
    "data_bits",
    "stop_bits",
    "listen",
    "allow",
    "registration",
    "framing",
    "poll_interval",
    "timeout",
    "late_answers",
    "retries",
    "pause_after_connect",
    "pause_between_requests",
    "gap_max",
    "registers_max",
    "bits_max",
    "one_by_one",
    "forbidden",
    "unit",
    "identify",
    "lost_after",
    "lost_priority",
];

/// Longer rests than that are other intervals of polling.
const PAUSE_MAX_MS: u64 = 60_000;

/// More than that would hold up the line for a unit that is dead.
const RETRIES_MAX: u64 = 5;

/// Reads one.
pub(super) fn read(section: &Section<'_>, source: SourceIx) -> ModbusSource {
    section.knows(&KEYS);
    let link = link::read(section);
    let interval = INTERVAL_MIN_MS..=limits::DURATION_MAX_MS;
    let own = caps::read(section, &caps::PROTOCOL);
    ModbusSource {
        source,
        link,
        poll_interval_ms: section.duration("poll_interval", interval, defaults::POLL_INTERVAL_MS),
        pace: pace(section),
        units: caps::units(section, &own),
        limits: own,
        identify: section.flag("identify", false),
        items: Vec::new(),
    }
}

fn pace(section: &Section<'_>) -> ModbusPace {
    let interval = INTERVAL_MIN_MS..=limits::DURATION_MAX_MS;
    let ModbusPace { timeout_ms, retries, pause_after_connect_ms, pause_between_requests_ms, .. } =
        ModbusPace::default();
    let timeout_ms = section.duration("timeout", interval.clone(), timeout_ms);
    let pause = |key, default_ms| section.duration(key, 0..=PAUSE_MAX_MS, default_ms);
    ModbusPace {
        timeout_ms,
        late_ms: section.duration("late_answers", interval, timeout_ms),
        retries: narrow(section.whole("retries", 0..=RETRIES_MAX, retries.into())),
        pause_after_connect_ms: pause("pause_after_connect", pause_after_connect_ms),
        pause_between_requests_ms: pause("pause_between_requests", pause_between_requests_ms),
    }
}

/// A serial port and a port that is listened on belong to one source: two would take each other's answers.
pub(super) fn check_shared(rows: &[SourceRow<'_>]) {
    let own = |row: &SourceRow<'_>| match &row.config {
        SourceConfig::Modbus(ModbusSource { link: ModbusLink::Serial(line), .. }) => Some(line.path.clone()),
        SourceConfig::Modbus(ModbusSource { link: ModbusLink::Listen { address, .. }, .. }) => {
            Some(address.to_string())
        }
        SourceConfig::Modbus(_) | SourceConfig::OpcUa(_) | SourceConfig::Mqtt(_) | SourceConfig::Board(_) => None,
    };
    for (at, row) in rows.iter().enumerate() {
        let Some(place) = own(row).filter(|place| !place.is_empty()) else { continue };
        if let Some(first) = rows[..at].iter().find(|first| own(first).as_ref() == Some(&place)) {
            row.spot.error(format_args!(
                "{place} belongs to the source {} already; read all units of a line by one source",
                quoted(first.source.id.as_str())
            ));
        }
    }
}
