//! What another configuration changes, in names. Objects are compared by what they are and whom they name, not by their places, which
//! all move when one is added.

use crate::limits;
use davy_config::SourceConfig;
use davy_core::{model::Site, table};
use std::collections::BTreeMap;

type Rows<T> = BTreeMap<String, T>;

/// What the model changes for the enterprise's risk units.
pub(crate) fn of_model(then: &Site, now: &Site) -> Vec<String> {
    let lists = [
        changed("units", &units(then), &units(now)),
        changed("events", &events(then), &events(now)),
        changed("measures", &measures(then), &measures(now)),
        changed("plans", &plans(then), &plans(now)),
        changed("rules", &rules(then), &rules(now)),
    ];
    or_nothing(lists.into_iter().flatten().collect())
}

/// What a whole configuration changes.
pub(crate) fn of_all(then: (&Site, &[SourceConfig]), now: (&Site, &[SourceConfig])) -> Vec<String> {
    let lists = [
        changed("sources", &sources(then), &sources(now)),
        changed("tags", &tags(then.0), &tags(now.0)),
        changed("zones", &zones(then.0), &zones(now.0)),
        changed("cameras", &cameras(then.0), &cameras(now.0)),
        changed("people", &people(then.0), &people(now.0)),
        changed("uplinks", &uplinks(then.0), &uplinks(now.0)),
    ];
    let of_model = of_model(then.0, now.0).into_iter().filter(|line| line != NOTHING);
    or_nothing(lists.into_iter().flatten().chain(of_model).collect())
}

const NOTHING: &str = "nothing that runs has changed";

fn or_nothing(lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() { vec![NOTHING.to_owned()] } else { lines }
}

fn sources<'s>((site, configs): (&'s Site, &'s [SourceConfig])) -> Rows<(String, &'s SourceConfig)> {
    let all = site.sources.iter().zip(configs);
    all.map(|(source, config)| (source.id.to_string(), (source.name.clone(), config))).collect()
}

fn uplinks(site: &Site) -> Rows<String> {
    site.uplinks.iter().map(|uplink| (uplink.id.to_string(), uplink.name.clone())).collect()
}

fn tags(site: &Site) -> Rows<String> {
    let row = |tag: &davy_core::model::Tag| {
        let (source, unit) = (&site.sources[tag.source.at()].id, tag.unit.map(|unit| &site.units[unit.at()].id));
        let (name, engineering_unit) = (&tag.name, &tag.engineering_unit);
        (
            tag.id.to_string(),
            format!("{name:?} {engineering_unit:?} {source} {unit:?} {:?} {:?}", tag.range, tag.stale_after_ms),
        )
    };
    site.tags.iter().map(row).collect()
}

fn zones(site: &Site) -> Rows<String> {
    let row = |zone: &davy_core::model::Zone| {
        let unit = zone.unit.map(|unit| &site.units[unit.at()].id);
        (zone.id.to_string(), format!("{:?} {unit:?} {:?}", zone.name, zone.access))
    };
    site.zones.iter().map(row).collect()
}

fn cameras(site: &Site) -> Rows<String> {
    let row = |camera: &davy_core::model::Camera| {
        let zone = camera.zone.map(|zone| &site.zones[zone.at()].id);
        (camera.id.to_string(), format!("{:?} {zone:?}", camera.name))
    };
    site.cameras.iter().map(row).collect()
}

fn people(site: &Site) -> Rows<&davy_core::model::Person> {
    site.people.iter().map(|person| (person.id.to_string(), person)).collect()
}

fn units(site: &Site) -> Rows<&davy_core::model::Unit> {
    site.units.iter().map(|unit| (unit.id.to_string(), unit)).collect()
}

fn events(site: &Site) -> Rows<String> {
    let row = |event: &davy_core::model::RiskEvent| {
        (event.id.to_string(), format!("{:?} {}", event.name, site.units[event.unit.at()].id))
    };
    site.events.iter().map(row).collect()
}

fn measures(site: &Site) -> Rows<String> {
    let row = |measure: &davy_core::model::Measure| {
        let event = &site.events[measure.event.at()].id;
        let (automatic, hazard) = (measure.automatic, measure.hazard_on_failure);
        (
            measure.id.to_string(),
            format!("{:?} {event} {automatic} {hazard} {:?}", measure.description, measure.inspection),
        )
    };
    site.measures.iter().map(row).collect()
}

fn plans(site: &Site) -> Rows<String> {
    let row = |plan: &davy_core::model::Plan| {
        let measure = &site.measures[plan.measure.at()].id;
        let without = davy_core::model::Plan { measure: davy_core::id::MeasureIx(0), ..plan.clone() };
        (plan.id.to_string(), format!("{measure} {without:?}"))
    };
    site.plans.iter().map(row).collect()
}

fn rules(site: &Site) -> Rows<table::RuleRow> {
    site.rules.iter().map(|rule| (rule.id.to_string(), table::row(site, rule))).collect()
}

/// `units: added U9`, `units: removed U2`, `units: changed U1`.
fn changed<T: PartialEq>(what: &str, then: &Rows<T>, now: &Rows<T>) -> Vec<String> {
    let added: Vec<&String> = now.keys().filter(|id| !then.contains_key(*id)).collect();
    let removed: Vec<&String> = then.keys().filter(|id| !now.contains_key(*id)).collect();
    let other = now.iter().filter(|(id, row)| then.get(*id).is_some_and(|before| before != *row));
    let lines = [("added", added), ("removed", removed), ("changed", other.map(|(id, _)| id).collect())];
    lines.into_iter().filter_map(|(word, ids)| line(what, word, &ids)).collect()
}

fn line(what: &str, word: &str, ids: &[&String]) -> Option<String> {
    let named = ids.iter().take(limits::MODEL_NAMES_MAX).map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    let more = ids.len().saturating_sub(limits::MODEL_NAMES_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!ids.is_empty()).then(|| format!("{what}: {word} {named}{more}"))
}
