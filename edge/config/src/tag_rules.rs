//! `rules.toml`: rules over tags that are no limits. Each names its tags; what it is evidence of, it has from the first of
//! them unless it says so itself.

use crate::{
    coverage, defaults,
    documents::Section,
    durations,
    index::Index,
    points::PointRow,
    rulebook::{Rulebook, rule},
    rules::{Watched, first_given},
    text::{Text, quoted},
    trips::tidy,
    words,
};
use davy_core::{
    id::{MeasureIx, RiskEventIx, TagIx},
    model::{Direction, Priority, Rate, Rule, RuleKind},
};
use std::ops::RangeInclusive;

type Reader = for<'a> fn(&Section<'a>, &Watched<'_, 'a>) -> Rule;

const READERS: [(&str, Reader); 5] = [
    ("rate_of_change", rate_of_change),
    ("deviation", deviation),
    ("out_of_range", out_of_range),
    ("frozen", frozen),
    ("mismatch", mismatch),
];
/// The names of the kinds.
pub(crate) const KINDS: [&str; 5] = ["rate_of_change", "deviation", "out_of_range", "frozen", "mismatch"];

const COMMON_KEYS: [&str; 9] =
    ["id", "name", "measure", "threatens", "off_delay", "priority", "guidance", "latched", "suppressed_by"];
const WINDOW: RangeInclusive<u64> = 10_000..=*durations::ANY.end();
const FROZEN_AFTER: RangeInclusive<u64> = 10_000..=*durations::ANY.end();
const BELOW: RangeInclusive<f64> = -100.0..=0.0;
const ABOVE: RangeInclusive<f64> = 100.0..=200.0;

/// Reads the rules over tags.
pub(crate) fn read<'a>(rules: &Section<'a>, watched: &Watched<'_, 'a>, ids: &mut Index<'a>, book: &mut Rulebook<'a>) {
    for (kind, reader) in READERS {
        for (at, section) in rules.sections(kind).iter().enumerate() {
            let id = section.needed_text("id", "TI-1101.rate");
            let rule = reader(section, watched);
            if let Some(id) = id {
                ids.add(id, at);
                let rule = Rule { id: id.code().unwrap_or_default().into(), ..rule };
                book.relations.suppressed_by(&rule.id, section.texts("suppressed_by"));
                book.add(id, rule);
            }
        }
    }
}

fn rate_of_change<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Rule {
    knows(section, &["tag", "per_minute", "deadband", "direction", "window", "on_delay"]);
    let tag = tag(section, ("tag", "TI-1101"), watched);
    let window_ms = lasting(section, ("window", WINDOW, defaults::RATE_WINDOW_MS), tag, 1);
    let per_minute = per_minute(section, tag, window_ms);
    let rate = Rate {
        direction: section.one_of("direction", words::DIRECTIONS, Direction::Either),
        per_minute,
        clear_per_minute: cleared_at(section, per_minute),
        window_ms,
    };
    let kind = RuleKind::RateOfChange { tag: ix(tag), rate };
    let on_delay_ms = on_delay(section, defaults::RATE_ON_DELAY_MS, [tag, None]);
    Rule { on_delay_ms, ..over(section, tag, defaults::PROCESS_PRIORITY, kind, watched) }
}

fn per_minute(section: &Section<'_>, tag: Option<Named<'_, '_>>, window_ms: u64) -> f64 {
    if section.key("per_minute").is_none() {
        section.missing("per_minute", "per_minute = 5, in the engineering unit of the tag");
    }
    let Some((text, per_minute)) = section.number("per_minute") else { return 1.0 };
    if per_minute <= 0.0 {
        text.wrong(format_args!(
            "{per_minute} is not above 0; write how much the value may change in a minute, and which way as direction"
        ));
    } else if let Some((low, high)) = tag.and_then(|tag| tag.row.tag.range) {
        let change = tidy(per_minute * window_ms as f64 / 60_000.0);
        if change >= high - low {
            text.wrong(format_args!(
                "{change} in {} is no less than the whole range {low} to {high}, so it could never be exceeded; write a smaller one or a shorter window",
                durations::show(window_ms)
            ));
        }
    }
    per_minute
}

fn deviation<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Rule {
    knows(section, &["tag", "other", "difference", "deadband", "on_delay"]);
    let (tag, other) = (tag(section, ("tag", "LI-1101"), watched), tag(section, ("other", "LI-1101B"), watched));
    if let (Some(tag), Some(other)) = (tag, other) {
        check_pair(tag, other, "name the instrument that it is compared with");
        let (unit, other_unit) = (&tag.row.tag.engineering_unit, &other.row.tag.engineering_unit);
        if unit != other_unit {
            other.text.wrong(format_args!(
                "{} is measured in {} and {} in {}; compare values of one unit",
                quoted(other.text.text),
                quoted(other_unit),
                quoted(tag.text.text),
                quoted(unit)
            ));
        }
    }
    let difference = difference(section, tag);
    let clear = cleared_at(section, difference);
    let kind = RuleKind::Deviation { tag: ix(tag), other: ix(other), difference, clear };
    let on_delay_ms = on_delay(section, defaults::DEVIATION_ON_DELAY_MS, [tag, other]);
    Rule { on_delay_ms, ..over(section, tag, defaults::INSTRUMENT_PRIORITY, kind, watched) }
}

/// Where a condition that begins beyond a threshold ends: the deadband below it.
fn cleared_at(section: &Section<'_>, threshold: f64) -> f64 {
    let Some((text, deadband)) = section.number("deadband") else { return threshold };
    if deadband < 0.0 {
        text.wrong(format_args!(
            "{deadband} is negative; write how far it must fall below before the alarm clears, or 0"
        ));
    } else if deadband >= threshold && threshold > 0.0 {
        text.wrong(format_args!(
            "{deadband} is not less than {threshold}, below which there is nothing to fall to; write a smaller one"
        ));
    }
    tidy(threshold - deadband)
}

fn difference(section: &Section<'_>, tag: Option<Named<'_, '_>>) -> f64 {
    let range = tag.and_then(|tag| tag.row.tag.range);
    if section.key("difference").is_none() {
        let of_range = range.map(|(low, high)| tidy((high - low) * defaults::DEVIATION_OF_RANGE));
        if of_range.is_none() && tag.is_some() {
            section.missing("difference", "difference = 3, or give the tag a range in tags.csv");
        }
        return of_range.unwrap_or(1.0);
    }
    let Some((text, difference)) = section.number("difference") else { return 1.0 };
    if difference <= 0.0 {
        text.wrong(format_args!("{difference} is not above 0; write how far the two may lie apart"));
    }
    within_range(text, difference, range);
    difference
}

fn out_of_range<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Rule {
    knows(section, &["tag", "below_percent", "above_percent", "on_delay"]);
    let tag = tag(section, ("tag", "TI-1101"), watched);
    let below = percent(section, "below_percent", BELOW, defaults::BELOW_PERCENT);
    let above = percent(section, "above_percent", ABOVE, defaults::ABOVE_PERCENT);
    let range = tag.and_then(|tag| tag.row.tag.range);
    if let (Some(tag), None) = (tag, range) {
        tag.text.wrong(format_args!(
            "{} has no range that it could be out of; fill in range_low (量程下限) and range_high (量程上限) in tags.csv",
            quoted(tag.text.text)
        ));
    }
    let (low, high) = range.unwrap_or((0.0, 1.0));
    let at = |percent: f64| tidy(low + (high - low) * percent / 100.0);
    let kind = RuleKind::OutOfRange { tag: ix(tag), low: at(below), high: at(above) };
    let on_delay_ms = on_delay(section, defaults::OUT_OF_RANGE_ON_DELAY_MS, [tag, None]);
    Rule { on_delay_ms, ..over(section, tag, defaults::INSTRUMENT_PRIORITY, kind, watched) }
}

fn percent(section: &Section<'_>, key: &'static str, bounds: RangeInclusive<f64>, default: f64) -> f64 {
    let Some((text, percent)) = section.number(key) else { return default };
    if !bounds.contains(&percent) {
        text.wrong(format_args!(
            "{percent} is out of range; write a part of the tag's range in % from {} to {}",
            bounds.start(),
            bounds.end()
        ));
    }
    percent
}

fn frozen<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Rule {
    knows(section, &["tag", "dead_zone", "after"]);
    let tag = tag(section, ("tag", "TI-1101"), watched);
    let dead_zone = section.number("dead_zone").map_or(0.0, |(text, dead_zone)| {
        if dead_zone < 0.0 {
            text.wrong(format_args!(
                "{dead_zone} is negative; write how far the value may move and count as still, or 0"
            ));
        }
        within_range(text, dead_zone, tag.and_then(|tag| tag.row.tag.range));
        dead_zone
    });
    let after_ms = lasting(section, ("after", FROZEN_AFTER, defaults::FROZEN_AFTER_MS), tag, 1);
    let kind = RuleKind::Frozen { tag: ix(tag), dead_zone, after_ms };
    over(section, tag, defaults::INSTRUMENT_PRIORITY, kind, watched)
}

fn mismatch<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Rule {
    knows(section, &["command", "feedback", "on_delay"]);
    let (command, feedback) =
        (tag(section, ("command", "XV-1101.CMD"), watched), tag(section, ("feedback", "XV-1101.OPEN"), watched));
    [command, feedback].into_iter().flatten().for_each(check_discrete);
    if let (Some(command), Some(feedback)) = (command, feedback) {
        check_pair(command, feedback, "name the tag that says what became of the command");
    }
    let kind = RuleKind::Mismatch { command: ix(command), feedback: ix(feedback) };
    let on_delay_ms = on_delay(section, defaults::MISMATCH_ON_DELAY_MS, [command, feedback]);
    Rule { on_delay_ms, ..over(section, command, defaults::PROCESS_PRIORITY, kind, watched) }
}

/// A tag as a rule names it.
#[derive(Clone, Copy)]
pub(crate) struct Named<'w, 'a> {
    pub(crate) text: Text<'a>,
    ix: TagIx,
    pub(crate) row: &'w PointRow<'a>,
}

/// A measurement is no state.
pub(crate) fn check_discrete(named: Named<'_, '_>) {
    if named.row.tag.range.is_some() {
        named.text.wrong(format_args!(
            "{} has a range, so it is a measurement and not on or off; name a tag that is 0 or 1",
            quoted(named.text.text)
        ));
    }
}

pub(crate) fn tag<'w, 'a>(
    section: &Section<'a>,
    (key, example): (&'static str, &str),
    watched: &Watched<'w, 'a>,
) -> Option<Named<'w, 'a>> {
    let text = section.needed_text(key, example)?;
    let at = watched.points.ids.find(text)?;
    Some(Named { text, ix: TagIx::from(at), row: &watched.points.rows[at] })
}

/// The tag's position, or a stand-in for one that is wrong, which has been reported.
pub(crate) fn ix(tag: Option<Named<'_, '_>>) -> TagIx {
    tag.map_or(TagIx(0), |tag| tag.ix)
}

pub(crate) fn knows(section: &Section<'_>, keys: &[&str]) {
    section.knows(&[keys, &COMMON_KEYS[..]].concat());
}

fn check_pair(one: Named<'_, '_>, other: Named<'_, '_>, advice: &str) {
    if one.ix == other.ix {
        other.text.wrong(format_args!("{} is the same tag as {}; {advice}", quoted(other.text.text), one.text.what));
    }
}

pub(crate) fn within_range(text: Text<'_>, amount: f64, range: Option<(f64, f64)>) {
    if let Some((low, high)) = range
        && amount >= high - low
    {
        text.wrong(format_args!(
            "{amount} is no less than the whole range {low} to {high}, so it could never be exceeded; write a smaller one"
        ));
    }
}

/// The on-delay, no shorter than the time between two values of the slower tag.
pub(crate) fn on_delay(section: &Section<'_>, default_ms: u64, tags: [Option<Named<'_, '_>>; 2]) -> u64 {
    let scan_ms = tags.into_iter().flatten().filter_map(|tag| tag.row.scan_ms).max();
    delay(section, ("on_delay", default_ms), scan_ms)
}

/// A delay as written, or the default, which follows the scan where that is slow.
fn delay(section: &Section<'_>, (key, default_ms): (&'static str, u64), scan_ms: Option<u64>) -> u64 {
    let given = section.duration(key, durations::ANY, default_ms);
    if section.key(key).is_none() {
        return slow_enough(default_ms, 1, scan_ms);
    }
    check_delay(section, key, given, scan_ms);
    given
}

/// A delay that is there has to be longer than the time between two values.
pub(crate) fn check_delay(section: &Section<'_>, key: &'static str, delay_ms: u64, scan_ms: Option<u64>) {
    let problem = scan_ms.and_then(|scan_ms| coverage::short_delay(delay_ms, scan_ms));
    if let Some((spot, problem)) = section.key(key).zip(problem) {
        spot.error(format_args!("{key}: {problem}"));
    }
}

/// How long something is looked at: no shorter than so many values of the tag take.
pub(crate) fn lasting(
    section: &Section<'_>,
    (key, bounds, default_ms): (&'static str, RangeInclusive<u64>, u64),
    tag: Option<Named<'_, '_>>,
    values: u64,
) -> u64 {
    let scan_ms = tag.and_then(|tag| tag.row.scan_ms);
    let given = section.duration(key, bounds, default_ms);
    let Some(spot) = section.key(key) else { return slow_enough(default_ms, values, scan_ms) };
    if let Some(scan_ms) = scan_ms.filter(|scan_ms| given < scan_ms * values) {
        let taken = if values == 1 { "between two values".to_owned() } else { format!("that {values} values take") };
        spot.error(format_args!(
            "{key}: {} is shorter than the {} {taken}; write at least {}",
            durations::show(given),
            durations::show(scan_ms * values),
            durations::show(scan_ms * 2 * values)
        ));
    }
    given
}

/// A default that follows the scan: two scans at least, where there is one at all.
pub(crate) fn slow_enough(default_ms: u64, values: u64, scan_ms: Option<u64>) -> u64 {
    let least_ms = scan_ms.map_or(0, |scan_ms| scan_ms * 2 * values).min(*durations::ANY.end());
    if default_ms == 0 { 0 } else { default_ms.max(least_ms) }
}

/// What all of them have in common; the id is the caller's to fill in.
pub(crate) fn over(
    section: &Section<'_>,
    tag: Option<Named<'_, '_>>,
    priority: Priority,
    kind: RuleKind,
    watched: &Watched<'_, '_>,
) -> Rule {
    let name = section.needed_text("name", "1101罐温度上升过快").and_then(Text::name).unwrap_or_default();
    let (measure, threatens) = evidence(section, tag, watched);
    let unit = measure
        .and_then(|measure| watched.risk.unit_of_measure(measure))
        .or_else(|| threatens.and_then(|event| watched.risk.unit_of(event)))
        .or_else(|| tag.and_then(|tag| tag.row.tag.unit));
    let guidance = section.text("guidance").map(Text::words).unwrap_or_default();
    let inherited = watched.risk.guidance(measure, threatens, unit);
    Rule {
        unit,
        measure,
        threatens,
        off_delay_ms: delay(section, ("off_delay", 0), tag.and_then(|tag| tag.row.scan_ms)),
        guidance: first_given([guidance, inherited]).into(),
        latched: section.flag("latched", false),
        ..rule(String::new(), name.to_owned(), section.one_of("priority", words::PRIORITIES, priority), kind)
    }
}

/// The measure whose evidence a rule over no tag is, or the event that it threatens, as written.
pub(crate) fn written_evidence(
    section: &Section<'_>,
    watched: &Watched<'_, '_>,
) -> (Option<MeasureIx>, Option<RiskEventIx>) {
    evidence(section, None, watched)
}

/// The measure whose evidence the rule is, or the event that it threatens: as written, or else the tag's measure.
fn evidence(
    section: &Section<'_>,
    tag: Option<Named<'_, '_>>,
    watched: &Watched<'_, '_>,
) -> (Option<MeasureIx>, Option<RiskEventIx>) {
    let written = |key| section.text(key).and_then(Text::needed);
    let (measure, threatens) = (written("measure"), written("threatens"));
    if let (Some(_), Some(threatens)) = (measure, threatens) {
        threatens.wrong("the measure leads to a risk event already; remove one of the two");
    }
    let (has_measure, has_event) = (section.key("measure").is_some(), section.key("threatens").is_some());
    let of_tag = tag.and_then(|tag| tag.row.measure).filter(|_| !has_measure && !has_event);
    (
        measure.and_then(|text| watched.risk.measure(text)).or(of_tag),
        threatens.and_then(|text| watched.risk.event(text)),
    )
}
