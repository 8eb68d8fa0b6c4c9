//! Rules over the quality of a tag. They follow from the point table; `[rule.quality]` of `rules.toml` has their delays.

use crate::{
    defaults,
    documents::Section,
    points::PointRow,
    rulebook::{rule, url_safe},
    rules::{Watched, first_given},
    tag_rules::check_delay,
    words,
};
use davy_core::{
    id::TagIx,
    model::{Rule, RuleKind},
};
use std::ops::RangeInclusive;

/// The name of the table.
pub(crate) const KIND: &str = "quality";

/// Whoever waits longer works without the measurement, and nobody knows.
const ON_DELAY: RangeInclusive<u64> = 0..=3_600_000;
const CHECK_INSTRUMENT: &str = "检查仪表、接线与通信；恢复前按失去监测处置";

/// How long a quality lasts before it is told, in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct QualityDelays {
    bad_ms: u64,
    uncertain_ms: u64,
}

/// The delays as written, no shorter than the slowest scan of the tags that have such rules.
pub(crate) fn delays(root: Option<&Section<'_>>, watched: &Watched<'_, '_>) -> QualityDelays {
    let default =
        QualityDelays { bad_ms: defaults::QUALITY_ON_DELAY_MS, uncertain_ms: defaults::UNCERTAIN_ON_DELAY_MS };
    let rules = root.and_then(|root| root.section("rule")).filter(|rules| rules.key(KIND).is_some());
    let Some(section) = rules.and_then(|rules| rules.section(KIND)) else { return default };
    section.knows(&["bad_on_delay", "uncertain_on_delay"]);
    let rows = watched.points.rows.iter().filter(|row| row.quality_priority.is_some());
    let scan_ms = rows.filter_map(|row| row.scan_ms).max();
    let delay = |key, default_ms| {
        let delay_ms = section.duration(key, ON_DELAY, default_ms);
        check_delay(&section, key, delay_ms, scan_ms);
        delay_ms
    };
    QualityDelays {
        bad_ms: delay("bad_on_delay", default.bad_ms),
        uncertain_ms: delay("uncertain_on_delay", default.uncertain_ms),
    }
}

/// The rules of a tag: none where nothing hangs on it.
pub(crate) fn of(row: &PointRow<'_>, tag: TagIx, of_measure: &str, delays: QualityDelays) -> Vec<Rule> {
    let Some(priority) = row.quality_priority else { return Vec::new() };
    let about_tag = |what: &str, word: &str, priority, kind| {
        let (id, name) = (format!("{}.{what}", url_safe(row.cell.text)), format!("{}{word}", row.tag.name));
        let guidance = first_given([of_measure, CHECK_INSTRUMENT]);
        Rule { unit: row.tag.unit, measure: row.measure, guidance: guidance.into(), ..rule(id, name, priority, kind) }
    };
    let bad = about_tag("quality", "信号质量坏", priority, RuleKind::BadQuality { tag });
    let bad = Rule { on_delay_ms: delays.bad_ms, ..bad };
    // The limits are judged by an uncertain value as well, so the measure still does its work.
    let uncertain = about_tag("uncertain", "信号质量可疑", words::less(priority), RuleKind::UncertainQuality { tag });
    let uncertain = Rule { measure: None, on_delay_ms: delays.uncertain_ms, ..uncertain };
    // Stale needs no delay: the time without a value is one.
    let stale = row.tag.stale_after_ms.map(|_| about_tag("stale", "数据超时", priority, RuleKind::Stale { tag }));
    [bad, uncertain].into_iter().chain(stale).collect()
}
