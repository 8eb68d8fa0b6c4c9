//! A ticket of the platform, by the places that are in force when the engine is told.

use davy_core::{event::TicketUpdate, model::Site, time::UtcTime};
use davy_uplink::commands::asks::TicketAsk;

/// With the ids of zone, unit and people found in the site.
///
/// # Errors
/// In words, naming every id that is not there.
pub(crate) fn resolve(site: &Site, ask: TicketAsk, received_time: UtcTime) -> Result<TicketUpdate, Vec<String>> {
    let mut missing = Vec::new();
    let mut person = |id: &davy_core::id::PersonId| {
        let found = site.people.iter().position(|person| person.id == *id);
        found.is_none().then(|| missing.push(format!("there is no person {id}")));
        found.map(Into::into)
    };
    let supervisor = ask.supervisor.as_ref().and_then(&mut person);
    let workers = ask.workers.iter().filter_map(&mut person).collect();
    let zone = ask.zone.as_ref().and_then(|id| {
        let found = site.zones.iter().position(|zone| zone.id == *id);
        found.is_none().then(|| missing.push(format!("there is no zone {id}")));
        found.map(Into::into)
    });
    let unit = ask.unit.as_ref().and_then(|id| {
        let found = site.units.iter().position(|unit| unit.id == *id);
        found.is_none().then(|| missing.push(format!("there is no unit {id}")));
        found.map(Into::into)
    });
    if !missing.is_empty() {
        return Err(missing);
    }
    Ok(TicketUpdate {
        status: ask.status,
        zone,
        unit,
        content: ask.content,
        start: ask.start,
        end: ask.end,
        analyses: ask.analyses,
        space_records: ask.space_records,
        supervisor,
        supervisor_name: ask.supervisor_name,
        workers,
        worker_names: ask.worker_names,
        blind_plate: ask.blind_plate,
        changed: ask.changed,
        cancelled: ask.cancelled,
        source_time: ask.time,
        ..TicketUpdate::new(ask.id, ask.work, received_time)
    })
}
