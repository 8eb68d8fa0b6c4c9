//! Every rule: here those that follow from the tables and the connections, then those of `rules.toml`.

use crate::{
    documents::Section,
    people_rules,
    places::{Places, ZoneRow},
    points::{PointRow, Points},
    quality_rules::{self, QualityDelays},
    risk::Risk,
    rulebook::{Rulebook, rule, url_safe},
    sources::{Lost, Sources},
    ticket_rules,
    uplinks::Uplinks,
    words, written,
};
use davy_core::{
    id::{SourceIx, TagIx, UplinkIx, ZoneIx},
    model::{FirstOutGroup, Limit, Policy, Rule, RuleKind, SignalRule},
};

/// What there is to watch.
#[derive(Clone, Copy)]
pub(crate) struct Watched<'w, 'a> {
    pub(crate) points: &'w Points<'a>,
    pub(crate) places: &'w Places<'a>,
    pub(crate) risk: &'w Risk<'a>,
    pub(crate) sources: &'w Sources<'a>,
    pub(crate) uplinks: &'w Uplinks<'a>,
    pub(crate) policy: &'w Policy,
}

const CHECK_CONNECTION: &str = "检查网络、对端设备与服务";

/// Makes every rule, and the groups of which one is the first out. Those of `rules.toml` come last, so that it is their ids which give way.
pub(crate) fn read<'a>(root: Option<Section<'a>>, watched: &Watched<'_, 'a>) -> (Vec<Rule>, Vec<FirstOutGroup>) {
    let mut book = Rulebook::default();
    points(watched, quality_rules::delays(root.as_ref(), watched), &mut book);
    zones(watched, &mut book);
    links(watched, &mut book);
    let origin = watched.sources.rows.first().map(|row| row.id);
    ticket_rules::room(watched).zip(origin).into_iter().for_each(|(rule, origin)| book.add(origin, rule));
    written::read(root.as_ref(), watched, &mut book);
    book.settle()
}

fn points<'a>(watched: &Watched<'_, 'a>, delays: QualityDelays, book: &mut Rulebook<'a>) {
    for (at, row) in watched.points.rows.iter().enumerate() {
        let tag = TagIx::from(at);
        let inherited = watched.risk.guidance(row.measure, None, row.tag.unit);
        row.trips.iter().for_each(|trip| book.add(row.cell, limit(row, tag, *trip, inherited)));
        let of_measure = watched.risk.of_measure(row.measure);
        quality_rules::of(row, tag, of_measure, delays).into_iter().for_each(|rule| book.add(row.cell, rule));
    }
}

/// A limit of the point table, or a set point of a gas detector.
fn limit(row: &PointRow<'_>, tag: TagIx, limit: Limit, inherited: &str) -> Rule {
    let ((code, word), priority, kind) = match row.gas {
        Some(gas) => (
            words::set_point(gas, limit.kind),
            words::set_point_priority(gas, limit.kind, row.priority),
            RuleKind::Signal(SignalRule::Gas { tag, gas, limit }),
        ),
        None => (
            (words::limit_code(limit.kind), words::limit_word(limit.kind)),
            words::limit_priority(limit.kind, row.priority),
            RuleKind::Limit { tag, limit },
        ),
    };
    let id = format!("{}.{code}", url_safe(row.cell.text));
    let name = format!("{}{word}报警", row.tag.name);
    Rule {
        never_hidden: row.gas.is_some(),
        unit: row.tag.unit,
        measure: row.measure,
        on_delay_ms: row.on_delay_ms,
        off_delay_ms: row.off_delay_ms,
        guidance: first_given([&row.guidance, inherited]).into(),
        latched: row.latched,
        ..rule(id, name, priority, kind)
    }
}

/// The first that is not empty.
pub(crate) fn first_given(texts: [&str; 2]) -> String {
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
}

fn zones<'a>(watched: &Watched<'_, 'a>, book: &mut Rulebook<'a>) {
    for (at, row) in watched.places.zones.iter().enumerate() {
        if let Some(people_max) = row.people_max {
            book.add(row.cell, over_capacity(row, ZoneIx::from(at), people_max, watched.risk));
        }
        if let Some(people_min) = row.people_min {
            book.add(row.cell, people_rules::understaffed_zone(row, ZoneIx::from(at), people_min));
        }
    }
}

fn over_capacity(row: &ZoneRow<'_>, zone: ZoneIx, people_max: u32, risk: &Risk<'_>) -> Rule {
    let (id, name) = (format!("over-capacity-{}", url_safe(row.cell.text)), format!("{}超员", row.zone.name));
    Rule {
        unit: row.zone.unit,
        threatens: row.zone.event,
        on_delay_ms: row.on_delay_ms,
        guidance: first_given([&row.guidance, risk.guidance(None, row.zone.event, row.zone.unit)]).into(),
        ..rule(id, name, row.priority, RuleKind::OverCapacity { zone, people_max })
    }
}

fn links<'a>(watched: &Watched<'_, 'a>, book: &mut Rulebook<'a>) {
    for (at, row) in watched.sources.rows.iter().enumerate() {
        let (id, kind) =
            (format!("source-lost-{}", row.source.id), RuleKind::SourceLost { source: SourceIx::from(at) });
        book.add(row.id, lost(id, &row.source.name, &row.lost, kind));
    }
    for (at, row) in watched.uplinks.rows.iter().enumerate() {
        let (id, kind) =
            (format!("uplink-lost-{}", row.uplink.id), RuleKind::UplinkLost { uplink: UplinkIx::from(at) });
        book.add(row.id, lost(id, &row.uplink.name, &row.lost, kind));
    }
}

fn lost(id: String, name: &str, lost: &Lost, kind: RuleKind) -> Rule {
    let guidance = CHECK_CONNECTION.to_owned();
    Rule {
        on_delay_ms: lost.after_ms,
        guidance: guidance.into(),
        ..rule(id, format!("{name}通信中断"), lost.priority, kind)
    }
}
