//! Files in, checked plain types out, every error at once with file, line and column.
//!
//! Raw text becomes checked types once, here; behind this crate no index points nowhere and no number is absurd. A
//! reading goes through every file to its end: a wrong value is reported where it stands and a stand-in is carried on,
//! and one report is enough to refuse the whole, so that no stand-in ever leaves. Nothing here opens a connection or
//! reads a clock.

mod addresses;
mod board;
mod broker;
mod compounds;
mod coverage;
pub mod defaults;
mod documents;
mod durations;
pub mod exchange;
mod expression;
mod files;
mod finding;
mod gas;
mod gathering_rules;
mod gateway;
mod hours;
mod index;
pub mod limits;
mod mappings;
mod modbus_address;
mod opcua_address;
mod outlines;
mod people_rules;
mod overdue_rules;
mod places;
mod plans;
mod points;
mod relations;
mod quality_rules;
mod quantity;
mod risk;
mod rulebook;
mod rules;
pub mod scaffold;
mod signal_rules;
mod similar;
mod site_map;
mod sources;
mod spans;
mod system_rules;
mod table;
mod tag_rules;
mod text;
mod ticket_rules;
mod trips;
mod types;
mod update;
mod uplinks;
mod web;
mod words;
mod written;

pub use {
    files::Files,
    finding::{Errors, Finding},
    modbus_address::{ModbusAddress, parse as modbus_address},
    opcua_address::condition as opcua_condition,
    outlines::{floor, metres},
    types::*,
};

use davy_core::model::Site;
use documents::Document;
use finding::Sink;
use std::path::Path;
use table::Sheet;

/// A secret by its name: the path of a file, or `env:NAME`.
pub type Secrets<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// What stands for every secret where a configuration is only looked at, long after it was in force, and nothing is connected.
pub const STAND_IN: &str = "\u{0}";

/// A configuration that may be run, and what is odd about it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The configuration.
    pub configuration: Configuration,
    /// What is allowed but probably not meant, sorted by file, line and column.
    pub coverage: Vec<Finding>,
}

/// Reads the configuration in a folder. Secrets are files named relative to the folder, or variables of the environment.
pub fn read_dir(dir: &Path) -> Result<Checked, Errors> {
    read(&Files::from_dir(dir)?, &|name| files::secret(dir, name))
}

/// A secret of the configuration in a folder, by the name that its files give it.
///
/// # Errors
/// In words, when it cannot be read.
pub fn secret(dir: &Path, name: &str) -> Result<String, String> {
    files::secret(dir, name)
}

/// Reads a configuration from files in memory.
pub fn read(files: &Files, secrets: Secrets<'_>) -> Result<Checked, Errors> {
    let sink = Sink::default();
    let configuration = assemble(files, &sink, secrets);
    let (errors, coverage) = sink.into_findings();
    if errors.is_empty() { Ok(Checked { configuration, coverage }) } else { Err(Errors(errors)) }
}

fn assemble(files: &Files, sink: &Sink, secrets: Secrets<'_>) -> Configuration {
    let texts = files.texts(sink);
    let gateway_toml = Document::parse(&texts, "gateway.toml");
    let rules_toml = Document::parse(&texts, "rules.toml");
    let sheet = |name, columns| Sheet::read(&texts, name, columns);
    let objects_csv = sheet("risk/objects.csv", risk::OBJECTS);
    let units_csv = sheet("risk/units.csv", risk::UNITS);
    let events_csv = sheet("risk/events.csv", risk::EVENTS);
    let measures_csv = sheet("risk/measures.csv", risk::MEASURES);
    let plans_csv = sheet("risk/plans.csv", plans::PLANS);
    let holidays_csv = sheet("risk/holidays.csv", plans::HOLIDAYS);
    let tags_csv = sheet("tags.csv", points::COLUMNS);
    let zones_csv = sheet("zones.csv", places::ZONES);
    let cameras_csv = sheet("cameras.csv", places::CAMERAS);
    let people_csv = sheet("people.csv", places::PEOPLE);

    let mut head = gateway::read(gateway_toml.root(), files.version(), secrets);
    let section = gateway_toml.root().and_then(|root| root.section("board"));
    let board = board::read(section.as_ref(), &texts, sink);
    let mut sources = sources::read(gateway_toml.root(), &head.gateway, &board, secrets);
    let mut uplinks = uplinks::read(gateway_toml.root(), &head.gateway, secrets);
    broker::check_client_ids(&sources, &uplinks);
    let risk = risk::read(&objects_csv, &units_csv, &events_csv, &measures_csv);
    plans::holidays(&holidays_csv, &mut head.calendar);
    let plans = plans::read(&plans_csv, &risk, &head.calendar);
    let points = points::read(&tags_csv, &mut sources, &risk);
    uplinks.forward(&points, &sources);
    let mut places = places::read(&zones_csv, &cameras_csv, &people_csv, &risk);
    outlines::give(&places, &mut sources);
    for (zone, access) in people_rules::accesses(rules_toml.root().as_ref(), &places) {
        places.zones[zone.at()].zone.access.push(access);
    }
    let watched = rules::Watched {
        points: &points,
        places: &places,
        risk: &risk,
        sources: &sources,
        uplinks: &uplinks,
        policy: &head.policy,
    };
    let (rules, first_out) = rules::read(rules_toml.root(), &watched);
    coverage::report(&watched, &rules);
    coverage::plans(&plans, &head.calendar);

    let (sources, source_configs) = sources.split();
    let map = site_map::read(gateway_toml.root().as_ref(), files, &places, &source_configs, sink);
    let (uplinks, uplink_configs) = uplinks.split();
    let site = Site {
        gateway: head.gateway,
        sources,
        uplinks,
        tags: points.rows.into_iter().map(|point| point.tag).collect(),
        zones: places.zones.into_iter().map(|row| row.zone).collect(),
        cameras: places.cameras,
        people: places.people.into_iter().map(|row| row.person).collect(),
        units: risk.units,
        events: risk.events,
        measures: risk.measures,
        rules,
        first_out,
        plans: plans.plans,
        calendar: head.calendar,
        policy: head.policy,
    };
    Configuration {
        site,
        sources: source_configs,
        uplinks: uplink_configs,
        web: head.web,
        board,
        samples: head.samples,
        files: files.clone(),
        storage: head.storage,
        map,
        update: head.update,
    }
}
