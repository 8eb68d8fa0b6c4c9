//! Every rule: here those that follow from the tables and the connections, then those of `rules.toml`.

use crate::{
    defaults,
    documents::Section,
    people_rules,
    places::{Places, ZoneRow},
    points::{PointRow, Points},
    risk::Risk,
    rulebook::{Rulebook, rule, url_safe},
    sources::{Lost, Sources},
    ticket_rules,
    uplinks::Uplinks,
    words, written,
};
use davy_core::{
    id::{SourceIx, TagIx, UplinkIx, ZoneIx},
    model::{FirstOutGroup, Limit, Rule, RuleKind, SignalRule},
};

/// What there is to watch.
#[derive(Clone, Copy)]
pub(crate) struct Watched<'w, 'a> {
    pub(crate) points: &'w Points<'a>,
    pub(crate) places: &'w Places<'a>,
    pub(crate) risk: &'w Risk<'a>,
    pub(crate) sources: &'w Sources<'a>,
    pub(crate) uplinks: &'w Uplinks<'a>,
}

const CHECK_INSTRUMENT: &str = "检查仪表、接线与通信；恢复前按失去监测处置";
const CHECK_CONNECTION: &str = "检查网络、对端设备与服务";

/// Makes every rule, and the groups of which one is the first out. Those of `rules.toml` come last, so that it is their ids which give way.
pub(crate) fn read<'a>(root: Option<Section<'a>>, watched: &Watched<'_, 'a>) -> (Vec<Rule>, Vec<FirstOutGroup>) {
    let mut book = Rulebook::default();
    points(watched, &mut book);
    zones(watched, &mut book);
    links(watched, &mut book);
    let origin = watched.sources.rows.first().map(|row| row.id);
    ticket_rules::room(watched).zip(origin).into_iter().for_each(|(rule, origin)| book.add(origin, rule));
    written::read(root.as_ref(), watched, &mut book);
    book.settle()
}

fn points<'a>(watched: &Watched<'_, 'a>, book: &mut Rulebook<'a>) {
    for (at, row) in watched.points.rows.iter().enumerate() {
        let tag = TagIx::from(at);
        let inherited = watched.risk.guidance(row.measure, None, row.tag.unit);
        row.trips.iter().for_each(|trip| book.add(row.cell, limit(row, tag, *trip, inherited)));
        quality(row, tag, watched.risk.of_measure(row.measure)).into_iter().for_each(|rule| book.add(row.cell, rule));
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

fn quality(row: &PointRow<'_>, tag: TagIx, of_measure: &str) -> Vec<Rule> {
    let Some(priority) = row.quality_priority else { return Vec::new() };
    let about_tag = |what: &str, word: &str, priority, kind| {
        let (id, name) = (format!("{}.{what}", url_safe(row.cell.text)), format!("{}{word}", row.tag.name));
        let guidance = first_given([of_measure, CHECK_INSTRUMENT]);
        Rule { unit: row.tag.unit, measure: row.measure, guidance: guidance.into(), ..rule(id, name, priority, kind) }
    };
    let bad = about_tag("quality", "信号质量坏", priority, RuleKind::BadQuality { tag });
    let bad = Rule { on_delay_ms: defaults::QUALITY_ON_DELAY_MS, ..bad };
    // The limits are judged by an uncertain value as well, so the measure still does its work.
    let uncertain = about_tag("uncertain", "信号质量可疑", words::less(priority), RuleKind::UncertainQuality { tag });
    let uncertain = Rule { measure: None, on_delay_ms: defaults::UNCERTAIN_ON_DELAY_MS, ..uncertain };
    // Stale needs no delay: the time without a value is one.
    let stale = row.tag.stale_after_ms.map(|_| about_tag("stale", "数据超时", priority, RuleKind::Stale { tag }));
    [bad, uncertain].into_iter().chain(stale).collect()
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
