//! Every rule: here those that follow from the tables and the connections, then those of `rules.toml`.

use crate::{
    defaults,
    documents::Section,
    places::{Places, ZoneRow},
    points::{PointRow, Points},
    risk::Risk,
    rulebook::{Rulebook, rule, url_safe},
    sources::{Lost, Sources},
    uplinks::Uplinks,
    words, written,
};
use davy_core::{
    id::{SourceIx, TagIx, UplinkIx, ZoneIx},
    model::{FirstOutGroup, Limit, Rule, RuleKind},
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
    zones(watched.places, &mut book);
    links(watched, &mut book);
    written::read(root.as_ref(), watched, &mut book);
    book.settle()
}

fn points<'a>(watched: &Watched<'_, 'a>, book: &mut Rulebook<'a>) {
    for (at, row) in watched.points.rows.iter().enumerate() {
        let (tag, inspection) = (TagIx::from(at), inspection(row, watched.risk));
        row.trips.iter().for_each(|trip| book.add(row.cell, limit(row, tag, *trip, inspection)));
        quality(row, tag, inspection).into_iter().for_each(|rule| book.add(row.cell, rule));
    }
}

/// What the measure says is to be inspected: the words for those who must act where the table has none.
fn inspection<'r>(row: &PointRow<'_>, risk: &'r Risk<'_>) -> &'r str {
    row.measure.map_or("", |measure| &risk.contents[measure.at()])
}

fn limit(row: &PointRow<'_>, tag: TagIx, limit: Limit, inspection: &str) -> Rule {
    let id = format!("{}.{}", url_safe(row.cell.text), words::limit_code(limit.kind));
    let name = format!("{}{}报警", row.tag.name, words::limit_word(limit.kind));
    let priority = words::limit_priority(limit.kind, row.priority);
    Rule {
        unit: row.tag.unit,
        measure: row.measure,
        on_delay_ms: row.on_delay_ms,
        off_delay_ms: row.off_delay_ms,
        guidance: first_given([&row.guidance, inspection]),
        latched: row.latched,
        ..rule(id, name, priority, RuleKind::Limit { tag, limit })
    }
}

fn quality(row: &PointRow<'_>, tag: TagIx, inspection: &str) -> Vec<Rule> {
    let Some(priority) = row.quality_priority else { return Vec::new() };
    let about_tag = |what: &str, word: &str, kind| {
        let (id, name) = (format!("{}.{what}", url_safe(row.cell.text)), format!("{}{word}", row.tag.name));
        let guidance = first_given([inspection, CHECK_INSTRUMENT]);
        Rule { unit: row.tag.unit, measure: row.measure, guidance, ..rule(id, name, priority, kind) }
    };
    let bad = about_tag("quality", "信号质量坏", RuleKind::BadQuality { tag });
    let bad = Rule { on_delay_ms: defaults::QUALITY_ON_DELAY_MS, ..bad };
    // Stale needs no delay: the time without a value is one.
    let stale = row.tag.stale_after_ms.map(|_| about_tag("stale", "数据超时", RuleKind::Stale { tag }));
    [bad].into_iter().chain(stale).collect()
}

/// The first that is not empty.
pub(crate) fn first_given(texts: [&str; 2]) -> String {
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
}

fn zones<'a>(places: &Places<'a>, book: &mut Rulebook<'a>) {
    for (at, row) in places.zones.iter().enumerate() {
        if let Some(people_max) = row.people_max {
            book.add(row.cell, over_capacity(row, ZoneIx::from(at), people_max));
        }
    }
}

fn over_capacity(row: &ZoneRow<'_>, zone: ZoneIx, people_max: u32) -> Rule {
    let (id, name) = (format!("over-capacity-{}", url_safe(row.cell.text)), format!("{}超员", row.zone.name));
    Rule {
        unit: row.zone.unit,
        threatens: row.zone.event,
        on_delay_ms: row.on_delay_ms,
        guidance: row.guidance.clone(),
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
    Rule { on_delay_ms: lost.after_ms, guidance, ..rule(id, format!("{name}通信中断"), lost.priority, kind) }
}
