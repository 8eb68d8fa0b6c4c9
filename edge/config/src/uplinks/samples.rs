//! `[uplink.….samples]`: which values go up, and when one has changed enough.

use crate::{
    defaults,
    documents::Section,
    points::Points,
    sources::narrow,
    text::{Text, quoted},
    types::ForwardSamples,
};
use davy_core::model::Tag;
use std::{collections::BTreeMap, ops::RangeInclusive};

/// Engineering bounds: a sampled value changes no faster, and what is older than an hour is no answer to "how is it now".
const MIN_INTERVAL_MS: RangeInclusive<u64> = 0..=3_600_000;
/// A shorter one would send everything again and again, a longer one would have to be read back at a start.
const MAX_INTERVAL_MS: RangeInclusive<u64> = 60_000..=3_600_000;

/// Reads the table.
pub(super) fn read(section: &Section<'_>, points: &Points<'_>) -> ForwardSamples {
    section.knows(&["tags", "deadband_percent", "deadband", "min_interval", "max_interval", "batch_values"]);
    let percent = section.number("deadband_percent").and_then(|(text, percent)| {
        let fits = (0.0..=50.0).contains(&percent);
        if !fits {
            text.wrong("is out of range; write a number from 0 to 50, in % of the tag's range");
        }
        fits.then_some(percent)
    });
    let percent = percent.unwrap_or(defaults::FORWARD_DEADBAND_PERCENT);
    let mut tags = deadbands(chosen(section, points), percent);
    for exception in section.sections("deadband") {
        exception.knows(&["tags", "value"]);
        let value = exception.number("value").and_then(|(text, value)| {
            if value < 0.0 {
                text.wrong("is negative; write how much the value must change, in the tags' engineering unit");
            }
            (value >= 0.0).then_some(value)
        });
        if exception.key("value").is_none() {
            exception.missing("value", "value = 0.5, in the tags' engineering unit");
        }
        if exception.key("tags").is_none() {
            exception.missing("tags", "tags = [\"FI-*\"]");
        }
        for (id, value) in
            matching(&exception.texts("tags"), points).into_iter().filter_map(|tag| Some((&tag.id, value?)))
        {
            tags.entry(id.to_string()).and_modify(|deadband| *deadband = value);
        }
    }
    ForwardSamples {
        tags,
        min_interval_ms: section.duration("min_interval", MIN_INTERVAL_MS, defaults::FORWARD_MIN_INTERVAL_MS),
        max_interval_ms: section.duration("max_interval", MAX_INTERVAL_MS, defaults::FORWARD_MAX_INTERVAL_MS),
        batch_values: narrow(section.whole("batch_values", 1..=2_000, defaults::FORWARD_BATCH_VALUES)),
    }
}

/// What goes up where there is no table.
pub(super) fn all(points: &Points<'_>) -> ForwardSamples {
    let tags = points.rows.iter().map(|point| &point.tag).collect();
    ForwardSamples {
        tags: deadbands(tags, defaults::FORWARD_DEADBAND_PERCENT),
        min_interval_ms: defaults::FORWARD_MIN_INTERVAL_MS,
        max_interval_ms: defaults::FORWARD_MAX_INTERVAL_MS,
        batch_values: narrow(defaults::FORWARD_BATCH_VALUES),
    }
}

/// Each tag with so many % of its range.
fn deadbands(tags: Vec<&Tag>, percent: f64) -> BTreeMap<String, f64> {
    let deadband = |tag: &Tag| tag.range.map_or(0.0, |(low, high)| (high - low) * percent / 100.0);
    tags.into_iter().map(|tag| (tag.id.to_string(), deadband(tag))).collect()
}

/// All tags where nothing else is said.
fn chosen<'p>(section: &Section<'_>, points: &'p Points<'_>) -> Vec<&'p Tag> {
    if section.key("tags").is_none() {
        return points.rows.iter().map(|point| &point.tag).collect();
    }
    matching(&section.texts("tags"), points)
}

fn matching<'p>(patterns: &[Text<'_>], points: &'p Points<'_>) -> Vec<&'p Tag> {
    let mut all = Vec::new();
    for pattern in patterns {
        let before = all.len();
        all.extend(points.rows.iter().map(|point| &point.tag).filter(|tag| matches(pattern.text, tag.id.as_str())));
        if all.len() == before && points.ids.is_complete() {
            let names = points.rows.iter().map(|point| point.tag.id.as_str());
            let suggestion = pattern.spot.suggest(pattern.text, names).unwrap_or_default();
            // Not wrong: a point table may lose its last tag of a kind, or be empty yet.
            pattern.warn(format_args!(
                "no tag of tags.csv is called {}; a * stands for any characters{suggestion}",
                quoted(pattern.text)
            ));
        }
    }
    all
}

/// Whether a name fits a pattern in which each `*` stands for any characters, also none.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
    ends.into_iter().any(|at| matches(rest, &name[at..]))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, name, expected) in [
            ("*", "TI-1", true),
            ("TI-*", "TI-1", true),
            ("TI-*", "TI-", true),
            ("TI-*", "PTI-1", false),
            ("*-1", "TI-11", false),
            ("*-1*", "TI-11", true),
            ("T*I*1", "TxIy1", true),
            ("T*I*1", "TxIy", false),
            ("液位*", "液位一", true),
            ("TI-1", "TI-1", true),
            ("TI-1", "TI-12", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
