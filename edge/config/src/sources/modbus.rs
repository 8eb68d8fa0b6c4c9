//! `[[source.modbus]]`.

use super::{INTERVAL_MIN_MS, narrow};
use crate::{addresses, defaults, documents::Section, limits, types::ModbusSource};
use davy_core::id::SourceIx;

/// Reads one.
pub(super) fn read(section: &Section<'_>, source: SourceIx) -> ModbusSource {
    section.knows(&["id", "name", "address", "poll_interval", "timeout", "gap_max", "lost_after", "lost_priority"]);
    let interval = INTERVAL_MIN_MS..=limits::DURATION_MAX_MS;
    let address = section
        .needed_text("address", "192.168.1.20:502")
        .and_then(|text| text.parse(|text| addresses::host_port(text, 502)));
    let (host, port) = address.map(|address| (address.host, address.port)).unwrap_or_default();
    ModbusSource {
        source,
        host,
        port,
        poll_interval_ms: section.duration("poll_interval", interval.clone(), defaults::POLL_INTERVAL_MS),
        timeout_ms: section.duration("timeout", interval, defaults::MODBUS_TIMEOUT_MS),
        gap_max: narrow(section.whole("gap_max", 0..=120, defaults::GAP_MAX)),
        items: Vec::new(),
    }
}
