//! From a message to a special-work ticket. Pure. A ticket whose kind, status or id cannot be read says nothing; anything
//! else that is wrong leaves its place empty and is counted, because a ticket must not be lost for a word.

use super::{
    mapping::{Mapping, Oddity, Reading, readable, unknown},
    message::Message,
    values,
};
use davy_config::{Pick, TicketMapping};
use davy_core::{
    event::TicketUpdate,
    id::{PersonIx, UnitIx, ZoneIx},
    model::{BlindPlate, GasAnalysis, Site, TicketStatus, WorkType},
    time::UtcTime,
};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};

/// Whom tickets name: people by their number, card or name, units by their id.
pub(crate) struct Named {
    people: BTreeMap<String, PersonIx>,
    names: BTreeMap<String, Option<PersonIx>>,
    units: BTreeMap<String, UnitIx>,
}

impl Named {
    pub(crate) fn new(site: &Site) -> Self {
        let mut names = BTreeMap::new();
        for (at, person) in site.people.iter().enumerate() {
            // A name that two people have names nobody.
            names.entry(person.name.clone()).and_modify(|known| *known = None).or_insert(Some(PersonIx::from(at)));
        }
        let cards = site.people.iter().enumerate().map(|(at, person)| (person.card.clone(), PersonIx::from(at)));
        let ids = site.people.iter().enumerate().map(|(at, person)| (person.id.to_string(), PersonIx::from(at)));
        let units = site.units.iter().enumerate().map(|(at, unit)| (unit.id.to_string(), UnitIx::from(at)));
        Self { people: cards.chain(ids).collect(), names, units: units.collect() }
    }
}

/// What is wrong with a ticket beside what it says; the first of it is kept.
#[derive(Default)]
struct Wrong(Option<Oddity>);

impl Wrong {
    fn note(&mut self, oddity: Oddity) {
        self.0.get_or_insert(oddity);
    }

    fn or_none<T>(&mut self, read: Result<Option<T>, Oddity>) -> Option<T> {
        read.unwrap_or_else(|oddity| {
            self.note(oddity);
            None
        })
    }
}

impl Mapping {
    pub(super) fn ticket(&self, mapping: &TicketMapping, message: Message<'_>) -> Result<Reading, Oddity> {
        let id = message.text(&mapping.id, "id")?.into_owned();
        let work = WorkType(message.text(&mapping.work, "work")?.into_owned());
        let status = status(mapping, message)?;
        let mut wrong = Wrong::default();
        let text = |pick: &Pick| message.pick(Some(pick)).and_then(|value| values::text(&value).map(Cow::into_owned));
        let supervisor_name = text(&mapping.supervisor_name).unwrap_or_default();
        let worker_names = names(message.pick(Some(&mapping.worker_names)));
        let deleted = flag(message, &mapping.deleted, &mut wrong);
        let update = TicketUpdate {
            id: id.into(),
            work,
            status: if deleted { TicketStatus::Revoked } else { status },
            zone: wrong.or_none(self.zone_of(mapping, message)),
            unit: wrong.or_none(self.unit_of(mapping, message)),
            content: text(&mapping.content).unwrap_or_default(),
            start: wrong.or_none(time(message, &mapping.start, "start")),
            end: wrong.or_none(time(message, &mapping.end, "end")),
            analyses: analyses(mapping, message, &mut wrong),
            space_records: space_records(mapping, message, &mut wrong),
            supervisor: wrong.or_none(self.supervisor_of(mapping, message, &supervisor_name)),
            supervisor_name,
            workers: worker_names.iter().filter_map(|name| *self.named.names.get(name)?).collect(),
            worker_names,
            blind_plate: wrong.or_none(blind_plate(mapping, message)),
            changed: flag(message, &mapping.changed, &mut wrong),
            cancelled: flag(message, &mapping.cancelled, &mut wrong),
            source_time: wrong.or_none(time(message, &mapping.time, "time")),
            received_time: message.received_time,
        };
        Ok(Reading::Ticket { update: Box::new(update), oddity: wrong.0 })
    }

    fn zone_of(&self, mapping: &TicketMapping, message: Message<'_>) -> Result<Option<ZoneIx>, Oddity> {
        let Some(zone) = given(message, &mapping.zone, "zone")? else { return Ok(None) };
        self.zones.get(&zone).copied().map(Some).ok_or_else(|| unknown("zone", &zone))
    }

    fn unit_of(&self, mapping: &TicketMapping, message: Message<'_>) -> Result<Option<UnitIx>, Oddity> {
        let Some(pick) = &mapping.unit else { return Ok(None) };
        let Some(unit) = given(message, pick, "unit")? else { return Ok(None) };
        self.named.units.get(&unit).copied().map(Some).ok_or_else(|| unknown("unit", &unit))
    }

    /// By number or card, or else by a name that only one person has.
    fn supervisor_of(
        &self,
        mapping: &TicketMapping,
        message: Message<'_>,
        name: &str,
    ) -> Result<Option<PersonIx>, Oddity> {
        let by_name = self.named.names.get(name).copied().flatten();
        let Some(pick) = &mapping.supervisor else { return Ok(by_name) };
        let Some(person) = given(message, pick, "supervisor")? else { return Ok(by_name) };
        self.named.people.get(&person).copied().or(by_name).map(Some).ok_or_else(|| unknown("person", &person))
    }
}

/// A text that is there and not empty.
fn given(message: Message<'_>, pick: &Pick, what: &str) -> Result<Option<String>, Oddity> {
    let Some(value) = message.pick(Some(pick)).filter(|value| !value.is_null()) else { return Ok(None) };
    let text = readable(values::text(&value), what, &value)?;
    Ok(Some(text.into_owned()).filter(|text| !text.is_empty()))
}

fn status(mapping: &TicketMapping, message: Message<'_>) -> Result<TicketStatus, Oddity> {
    let value = message.needed(&mapping.status, "status")?;
    let code = values::number(&value).filter(|code| code.fract() == 0.0 && (0.0..=9.0).contains(code));
    // In range, so the cast keeps it.
    readable(code.and_then(|code| TicketStatus::of_code(code as u8)), "status", &value)
}

fn time(message: Message<'_>, pick: &Pick, what: &str) -> Result<Option<UtcTime>, Oddity> {
    let value = message.pick(Some(pick));
    value.map_or(Ok(None), |value| stamp(&value, what))
}

fn stamp(value: &Value, what: &str) -> Result<Option<UtcTime>, Oddity> {
    let is_empty = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    if is_empty { Ok(None) } else { readable(values::stamp(value), what, value).map(Some) }
}

fn flag(message: Message<'_>, pick: &Pick, wrong: &mut Wrong) -> bool {
    let value = message.pick(Some(pick));
    let read = value.map_or(Ok(None), |value| readable(values::flag(&value), "flag", &value).map(Some));
    wrong.or_none(read).unwrap_or(false)
}

fn blind_plate(mapping: &TicketMapping, message: Message<'_>) -> Result<Option<BlindPlate>, Oddity> {
    let Some(pick) = &mapping.blind_plate else { return Ok(None) };
    let Some(text) = given(message, pick, "blind_plate")? else { return Ok(None) };
    let (inserts, removes) = (text.contains('堵') || text == "insert", text.contains('抽') || text == "remove");
    match (inserts || text == "both", removes || text == "both") {
        (true, true) => Ok(Some(BlindPlate::Both)),
        (true, false) => Ok(Some(BlindPlate::Insert)),
        (false, true) => Ok(Some(BlindPlate::Remove)),
        (false, false) => Err(Oddity::Malformed(format!("the blind_plate is {text}"))),
    }
}

/// One analysis or a list: where name, time and value are lists they belong together by their places.
fn analyses(mapping: &TicketMapping, message: Message<'_>, wrong: &mut Wrong) -> Vec<GasAnalysis> {
    let [gases, times, amounts] =
        [&mapping.gas_name, &mapping.gas_time, &mapping.gas_value].map(|pick| list(message.pick(Some(pick))));
    let count = gases.len().max(times.len()).max(amounts.len()).min(ENTRIES_READ_MAX);
    let analysis = |at: usize| GasAnalysis {
        time: wrong.or_none(times.get(at).map_or(Ok(None), |time| stamp(time, "gas_time"))),
        gas: gases.get(at).and_then(|gas| values::text(gas).map(Cow::into_owned)).unwrap_or_default(),
        value: amounts.get(at).and_then(values::number),
    };
    let analyses: Vec<GasAnalysis> = (0..count).map(analysis).collect();
    let says_something = |analysis: &GasAnalysis| analysis.time.is_some() || analysis.value.is_some();
    analyses.into_iter().filter(says_something).collect()
}

fn space_records(mapping: &TicketMapping, message: Message<'_>, wrong: &mut Wrong) -> Vec<UtcTime> {
    let Some(pick) = &mapping.space_records else { return Vec::new() };
    let records = list(message.pick(Some(pick)));
    records.iter().take(ENTRIES_READ_MAX).filter_map(|time| wrong.or_none(stamp(time, "space_records"))).collect()
}

/// More entries of one list are not read.
const ENTRIES_READ_MAX: usize = 1_000;

fn list(value: Option<Cow<'_, Value>>) -> Vec<Value> {
    match value.map(Cow::into_owned) {
        Some(Value::Array(items)) => items,
        None | Some(Value::Null) => Vec::new(),
        Some(one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_))) => vec![one],
    }
}

/// Names in a list, or in one text with the marks that people put between names.
fn names(value: Option<Cow<'_, Value>>) -> Vec<String> {
    let texts = list(value);
    let texts = texts.iter().filter_map(values::text);
    let names = texts.flat_map(|text| {
        text.split(['、', ',', '，', ';', '；', '/']).map(|name| name.trim().to_owned()).collect::<Vec<_>>()
    });
    names.filter(|name| !name.is_empty()).take(ENTRIES_READ_MAX).collect()
}
