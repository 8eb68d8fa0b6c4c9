//! `rules.toml`: `[[rule.gathering]]`, people who stand together 聚集. The level comes from how many they are, so the table
//! has no priority of its own.

use crate::{
    defaults,
    documents::Section,
    durations,
    index::Index,
    rulebook::{Rulebook, rule},
    rules::{Watched, first_given},
    sources::narrow,
    text::Text,
};
use davy_core::{
    id::ZoneIx,
    limits::{GATHERING_PEOPLE_MAX, GATHERING_RADIUS_MAX_M},
    model::{GatheringCounts, PeopleRule, Priority, Rule, RuleKind},
};
use std::ops::RangeInclusive;

/// The name of the kind.
pub(crate) const KIND: &str = "gathering";

const KEYS: [&str; 12] = [
    "id",
    "name",
    "zones",
    "radius",
    "yellow",
    "orange",
    "red",
    "on_delay",
    "off_delay",
    "threatens",
    "guidance",
    "latched",
];
const RADIUS_M: RangeInclusive<f64> = 1.0..=GATHERING_RADIUS_MAX_M;
/// AQ 3064.3-2025, 5.2.3: whoever stands together for longer is a gathering.
const ON_DELAY: RangeInclusive<u64> = 0..=60_000;

/// Reads one table.
pub(crate) fn read<'a>(
    section: &Section<'a>,
    at: usize,
    watched: &Watched<'_, 'a>,
    ids: &mut Index<'a>,
    book: &mut Rulebook<'a>,
) {
    section.knows(&KEYS);
    let id = section.needed_text("id", "gathering-tanks");
    let name = section.needed_text("name", "罐区人员聚集").and_then(Text::name).unwrap_or_default();
    let zones = zones(section, watched);
    let first = zones.first().map(|zone| &watched.places.zones[zone.at()].zone);
    let threatens = section.text("threatens").and_then(Text::needed).and_then(|text| watched.risk.event(text));
    let threatens = threatens.or(first.and_then(|zone| zone.event));
    let unit = threatens.and_then(|event| watched.risk.unit_of(event)).or(first.and_then(|zone| zone.unit));
    let own = section.text("guidance").map(Text::words).unwrap_or_default();
    let kind = PeopleRule::Gathering { zones, radius_m: radius_m(section), counts: counts(section) };
    let on_delay_ms = section.duration("on_delay", ON_DELAY, defaults::GATHERING_ON_DELAY_MS);
    let off_delay_ms = section.duration("off_delay", durations::ANY, 0);
    let latched = section.flag("latched", false);
    let Some(id) = id else { return };
    ids.add(id, at);
    let rule_id = id.code().unwrap_or_default().to_owned();
    let made = rule(rule_id, name.to_owned(), Priority::Medium, RuleKind::People(kind));
    let guidance = first_given([own, watched.risk.guidance(None, threatens, unit)]);
    book.add(id, Rule { unit, threatens, on_delay_ms, off_delay_ms, latched, guidance: guidance.into(), ..made });
}

fn zones(section: &Section<'_>, watched: &Watched<'_, '_>) -> Vec<ZoneIx> {
    let texts = section.texts("zones");
    if texts.is_empty() {
        section.missing("zones", "zones = [\"Z-21\"]");
    }
    texts.into_iter().filter_map(|text| watched.places.zone(text)).collect()
}

fn radius_m(section: &Section<'_>) -> f64 {
    let Some((text, radius_m)) = section.number("radius") else { return defaults::GATHERING_RADIUS_M };
    if !RADIUS_M.contains(&radius_m) {
        text.wrong(format_args!(
            "{radius_m} is out of range; AQ 3064.3-2025, 5.2.3 has a gathering within no more than {} m; write metres from {} to {}",
            RADIUS_M.end(),
            RADIUS_M.start(),
            RADIUS_M.end()
        ));
    }
    radius_m
}

fn counts(section: &Section<'_>) -> GatheringCounts {
    let whole = |key, default| narrow(section.whole(key, 2..=u64::from(GATHERING_PEOPLE_MAX), default));
    let counts = GatheringCounts {
        yellow: whole("yellow", defaults::GATHERING_YELLOW),
        orange: whole("orange", defaults::GATHERING_ORANGE),
        red: whole("red", defaults::GATHERING_RED),
    };
    let GatheringCounts { yellow, orange, red } = counts;
    if !(yellow < orange && orange < red) {
        section.spot().error(format_args!(
            "yellow {yellow}, orange {orange}, red {red} in [rule.gathering] do not rise; write more people for each level than for the one before"
        ));
    }
    counts
}
