//! What is allowed but probably not meant: what nothing watches, and what watches nothing.

use crate::{
    durations,
    plans::Plans,
    rules::Watched,
    text::quoted,
    types::{ModbusData, ModbusItem, SourceConfig},
};
use davy_core::{
    calendar::{Calendar, WorkDays},
    id::{MeasureIx, ZoneIx},
    model::{PeopleRule, Rule, RuleKind, SourceKind, TicketKind},
};
use std::collections::BTreeSet;

/// Warns.
pub(crate) fn report(watched: &Watched<'_, '_>, rules: &[Rule]) {
    measures(watched, rules);
    units(watched, rules);
    points(watched);
    registers(watched);
    sources(watched);
    people(watched, rules);
    zones(watched);
    presence(watched, rules);
    cameras(watched, rules);
    tickets(watched, rules);
}

fn measures(watched: &Watched<'_, '_>, rules: &[Rule]) {
    let watching: BTreeSet<MeasureIx> = rules.iter().filter_map(|rule| rule.measure).collect();
    let risk = watched.risk;
    for (at, (measure, cell)) in risk.measures.iter().zip(&risk.measure_cells).enumerate() {
        if measure.automatic && !watching.contains(&MeasureIx::from(at)) {
            cell.warn_named("is watched automatically (dataSrc 1) but by no rule; name it as the measure (管控措施) of a tag that has limits, or write dataSrc 2");
        }
    }
}

fn units(watched: &Watched<'_, '_>, rules: &[Rule]) {
    let watched_units: BTreeSet<usize> = rules.iter().filter_map(|rule| rule.unit).map(|unit| unit.at()).collect();
    for (at, cell) in watched.risk.unit_cells.iter().enumerate() {
        if !watched_units.contains(&at) {
            cell.warn_named("is watched by no rule, so its colour never changes; give it measures with tags, or zones");
        }
    }
}

fn points(watched: &Watched<'_, '_>) {
    for row in &watched.points.rows {
        if row.tag.unit.is_none() {
            row.cell.warn_named("belongs to no risk unit; fill in measure (管控措施) or unit (风险分析单元)");
        }
        if !row.trips.is_empty() && row.measure.is_none() {
            row.cell.warn_named(
                "has limits but no measure, so its alarms raise no warning and no task; fill in measure (管控措施)",
            );
        }
        if row.gas.is_none() && !row.trips.is_empty() && measures_gas(&row.tag.engineering_unit) {
            row.cell.warn_named(
                "is given in parts of the lower explosive limit but is no gas detector here, so its alarms do not latch and can be hidden; fill in gas (气体)",
            );
        }
    }
}

/// `%LEL` and `LEL·m`, as they are written.
fn measures_gas(engineering_unit: &str) -> bool {
    engineering_unit.to_lowercase().contains("lel")
}

/// Legal workdays need the year's holidays, which the state announces each autumn.
pub(crate) fn plans(plans: &Plans<'_>, calendar: &Calendar) {
    let years = calendar.years();
    let from = calendar.date(calendar.not_before).year();
    let known = years.last().copied().unwrap_or(from);
    for (plan, cell) in plans.plans.iter().zip(&plans.cells) {
        let first = calendar.date(plan.schedule.start).year().max(from);
        let unlisted = (first..=known.max(first)).find(|year| !years.contains(year));
        if let (WorkDays::Workdays | WorkDays::FreeDays, Some(year)) = (plan.schedule.days, unlisted) {
            cell.warn(format_args!(
                "asks for legal workdays and risk/holidays.csv has no row of {year}, so Monday to Friday are taken; add the holidays of that year"
            ));
        }
    }
}

/// What is wrong with a delay that is there but shorter than the time between two values: it has no effect.
pub(crate) fn short_delay(delay_ms: u64, scan_ms: u64) -> Option<String> {
    (delay_ms > 0 && delay_ms < scan_ms).then(|| {
        format!(
            "{} is shorter than the {} between two values, so one value is enough to pass it; write at least {} or 0s",
            durations::show(delay_ms),
            durations::show(scan_ms),
            durations::show(scan_ms * 2)
        )
    })
}

/// Two values that share a register are rarely meant.
fn registers(watched: &Watched<'_, '_>) {
    for source in &watched.sources.rows {
        let SourceConfig::Modbus(modbus) = &source.config else { continue };
        let mut items: Vec<&ModbusItem> = modbus.items.iter().collect();
        items.sort_by_key(|item| (item.unit_id, item.table, item.address));
        for pair in items.windows(2).filter(|pair| overlap(pair[0], pair[1])) {
            let (first, second) = (&watched.points.rows[pair[0].tag.at()], &watched.points.rows[pair[1].tag.at()]);
            second.cell.warn_named(format_args!(
                "reads a register that {} at {} reads as well; compare the addresses",
                quoted(first.cell.text),
                first.cell.spot.line()
            ));
        }
    }
}

/// Bits of one register are different things; all else that shares one is the same.
fn overlap(first: &ModbusItem, second: &ModbusItem) -> bool {
    if let (ModbusData::Bit(one), ModbusData::Bit(other)) = (first.data, second.data)
        && one != other
    {
        return false;
    }
    let apart = u32::from(first.address) + u32::from(first.data.registers()) <= u32::from(second.address);
    first.unit_id == second.unit_id && first.table == second.table && !apart
}

fn sources(watched: &Watched<'_, '_>) {
    let used: BTreeSet<usize> = watched.points.rows.iter().map(|row| row.tag.source.at()).collect();
    for (at, row) in watched.sources.rows.iter().enumerate() {
        if row.source.kind != SourceKind::Mqtt && !used.contains(&at) {
            row.spot.warn(format_args!(
                "no tag is read from the source {}; add tags of it or remove it",
                quoted(row.source.id.as_str())
            ));
        }
    }
}

fn people(watched: &Watched<'_, '_>, rules: &[Rule]) {
    let Some(first) = watched.places.people.first() else { return };
    let locations = || {
        watched.sources.rows.iter().filter_map(|row| match &row.config {
            SourceConfig::Mqtt(mqtt) => mqtt.location.as_ref(),
            SourceConfig::OpcUa(_) | SourceConfig::Modbus(_) | SourceConfig::Board(_) => None,
        })
    };
    let has_rule = rules.iter().any(|rule| matches!(rule.kind, RuleKind::Sos { .. }));
    let has_button = locations().any(|location| location.sos.is_some());
    if locations().next().is_none() {
        first.cell.warn("people are listed but no source says where they are; add [source.mqtt.location]");
    } else if has_button && !has_rule {
        first.cell.warn("nobody is alarmed when a person presses SOS; add [[rule.sos]] to rules.toml");
    } else if has_rule && !has_button {
        first.cell.warn("[[rule.sos]] watches a button that no source reads; add sos to [source.mqtt.location]");
    }
}

fn zones(watched: &Watched<'_, '_>) {
    for row in &watched.places.zones {
        if row.people_max.is_some() && row.zone.event.is_none() {
            row.cell.warn_named("has a limit of people but no risk event, so too many people raise an alarm and no warning; fill in event (风险事件)");
        } else if row.zone.unit.is_none() {
            row.cell.warn_named(
                "belongs to no risk unit, so its people are named in no warning; fill in unit (风险分析单元)",
            );
        }
    }
}

/// What the tables say of people's presence and no rule looks at.
fn presence(watched: &Watched<'_, '_>, rules: &[Rule]) {
    let has = |kind: &str| rules.iter().any(|rule| rule.kind_name() == kind);
    if !has_positions(watched) {
        gathering_zones(rules).iter().for_each(|zone| {
            watched.places.zones[zone.at()].cell.warn_named(
                "is watched for gatherings and no source says where in it people are; add x and y to [source.mqtt.location]",
            );
        });
    }
    let posts: BTreeSet<&str> = watched.places.people.iter().filter_map(|row| row.person.post.as_deref()).collect();
    for row in &watched.places.zones {
        if row.zone.stay_max_ms.is_some() && !has("overstay") {
            row.cell.warn_named("has a longest stay that nobody watches; add [[rule.overstay]] to rules.toml");
        }
        if row.zone.hazardous && !has("immobile") {
            row.cell.warn_named(
                "is hazardous and nobody watches for people who do not move; add [[rule.immobile]] to rules.toml",
            );
        }
        for post in row.zone.posts.iter().filter(|post| !posts.contains(post.as_str())) {
            row.posts.warn(format_args!(
                "{} is nobody's post in people.csv; correct it or give it to somebody",
                quoted(post)
            ));
        }
        if row.zone.hazardous && has("immobile") && !has_positions(watched) {
            row.cell.warn_named(
                "is hazardous and no source says where in it people are; add x and y to [source.mqtt.location]",
            );
        }
        if !row.zone.posts.is_empty() && !has("wrong_post") && !has("off_post") {
            row.posts
                .warn("nobody watches who keeps the post; add [[rule.wrong_post]] or [[rule.off_post]] to rules.toml");
        }
    }
}

fn gathering_zones(rules: &[Rule]) -> BTreeSet<ZoneIx> {
    let mut all = BTreeSet::new();
    for rule in rules {
        if let RuleKind::People(PeopleRule::Gathering { zones, .. }) = &rule.kind {
            all.extend(zones);
        }
    }
    all
}

fn has_positions(watched: &Watched<'_, '_>) -> bool {
    watched.sources.rows.iter().any(|row| match &row.config {
        SourceConfig::Mqtt(mqtt) => mqtt.location.as_ref().is_some_and(|location| location.position.is_some()),
        SourceConfig::OpcUa(_) | SourceConfig::Modbus(_) | SourceConfig::Board(_) => false,
    })
}

fn cameras(watched: &Watched<'_, '_>, rules: &[Rule]) {
    let watching = |rule: &Rule| if let RuleKind::Video { camera, .. } = &rule.kind { Some(camera.at()) } else { None };
    let used: BTreeSet<usize> = rules.iter().filter_map(watching).collect();
    let has_video =
        watched.sources.rows.iter().any(|row| matches!(&row.config, SourceConfig::Mqtt(mqtt) if mqtt.video.is_some()));
    for (at, cell) in watched.places.camera_cells.iter().enumerate() {
        if !has_video {
            cell.warn("no source brings what cameras see; add [source.mqtt.video]");
        } else if !used.contains(&at) {
            cell.warn("no rule watches this camera; add a [[rule.video]] to rules.toml");
        }
    }
}

fn tickets(watched: &Watched<'_, '_>, rules: &[Rule]) {
    let is_about =
        |rule: &&Rule| matches!(&rule.kind, RuleKind::Ticket(ticket) if !matches!(ticket.kind, TicketKind::TooMany));
    let has_rule = rules.iter().any(|rule| is_about(&rule));
    for row in &watched.sources.rows {
        if !has_rule && matches!(&row.config, SourceConfig::Mqtt(mqtt) if mqtt.ticket.is_some()) {
            row.spot.warn("brings special-work tickets that no rule watches; add [[rule.ticket]] to rules.toml");
        }
    }
    if let (true, false, Some(row)) = (has_rule, watched.sources.bring_tickets(), watched.sources.rows.first()) {
        row.spot.warn("[[rule.ticket]] watches tickets that no source brings; add [source.mqtt.ticket]");
    }
}
