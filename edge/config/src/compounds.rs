//! `rules.toml`: `[[rule.compound]]`, an expression over other rules, tags and people of a risk unit, and `[[rule.voting]]`,
//! M out of N redundant instruments. Both become the core's compound rules; nothing is left to interpret when they run.

mod check;
mod cycles;
mod voting;

use crate::{
    defaults,
    documents::Section,
    durations, expression,
    index::Index,
    limits,
    rulebook::{Rulebook, rule},
    rules::{Watched, first_given},
    tag_rules::{self, check_delay},
    text::{Text, quoted},
    words,
};
use check::{Checked, Known, Used};
use davy_core::{
    id::{RuleIx, UnitIx},
    model::{Compound, Rule, RuleKind},
};
use std::collections::BTreeMap;

/// The names of the kinds.
pub(crate) const KINDS: [&str; 2] = ["compound", "voting"];

const COMMON_KEYS: [&str; 11] = [
    "id",
    "name",
    "unit",
    "measure",
    "threatens",
    "on_delay",
    "off_delay",
    "priority",
    "guidance",
    "latched",
    "suppressed_by",
];

/// A rule that has been added, with what is still to be read.
struct Added<'a> {
    section: Section<'a>,
    at: usize,
    is_voting: bool,
}

/// Reads both kinds. They come last of all, because they may name any other rule, and one another.
pub(crate) fn read<'a>(rules: &Section<'a>, watched: &Watched<'_, 'a>, ids: &mut Index<'a>, book: &mut Rulebook<'a>) {
    let mut added = Vec::new();
    for kind in KINDS {
        for (nth, section) in rules.sections(kind).into_iter().enumerate() {
            let is_voting = kind == "voting";
            let keys: &[&str] = if is_voting { &voting::KEYS } else { &["when"] };
            section.knows(&[keys, &COMMON_KEYS].concat());
            let rule = common(&section, is_voting, watched);
            let Some(id) = section.needed_text("id", "EV-2101.evacuate") else { continue };
            ids.add(id, nth);
            let rule = Rule { id: id.code().unwrap_or_default().into(), ..rule };
            book.relations.suppressed_by(&rule.id, section.texts("suppressed_by"));
            added.push(Added { section, at: book.rules().len(), is_voting });
            book.add(id, rule);
        }
    }
    let names: BTreeMap<String, RuleIx> =
        book.rules().iter().enumerate().map(|(at, rule)| (rule.id.to_string(), RuleIx::from(at))).collect();
    let mut written = Vec::new();
    for one in &added {
        let checked = if one.is_voting {
            voting::read(&one.section, watched)
        } else {
            let known = Known { names: &names, rules: book.rules() };
            when(&one.section).and_then(|text| compound(text, known, watched))
        };
        let Some(Checked { compound, used }) = checked else { continue };
        complete(one, compound, &used, book, watched);
        written.extend(one.section.text("when").map(|text| (one.at, text)));
    }
    cycles::report(&written, book.rules());
}

/// All but what it watches.
fn common(section: &Section<'_>, is_voting: bool, watched: &Watched<'_, '_>) -> Rule {
    let example =
        if is_voting { "1101罐液位三取二高高" } else { "可燃气体报警且有人聚集，须撤离" };
    let name = section.needed_text("name", example).and_then(Text::name).unwrap_or_default();
    let (measure, threatens) = tag_rules::written_evidence(section, watched);
    let unit = section.text("unit").and_then(Text::needed);
    let of_evidence = measure
        .and_then(|measure| watched.risk.unit_of_measure(measure))
        .or_else(|| threatens.and_then(|event| watched.risk.unit_of(event)));
    let own = unit.and_then(|text| watched.risk.unit(text));
    if let (Some(text), Some(own), Some(of_evidence)) = (unit, own, of_evidence)
        && own != of_evidence
    {
        text.wrong(format_args!(
            "its measure or risk event belongs to the unit {}; correct one of the two or remove unit",
            watched.risk.units[of_evidence.at()].id
        ));
    }
    let guidance = section.text("guidance").map(Text::words).unwrap_or_default();
    let inherited = watched.risk.guidance(measure, threatens, own);
    let kind = RuleKind::Compound(Box::default());
    Rule {
        unit: of_evidence.or(own),
        measure,
        threatens,
        on_delay_ms: section.duration("on_delay", durations::ANY, 0),
        off_delay_ms: section.duration("off_delay", durations::ANY, 0),
        guidance: first_given([guidance, inherited]).into(),
        latched: section.flag("latched", false),
        ..rule(
            String::new(),
            name.to_owned(),
            section.one_of("priority", words::PRIORITIES, defaults::COMPOUND_PRIORITY),
            kind,
        )
    }
}

fn when<'a>(section: &Section<'a>) -> Option<Text<'a>> {
    let text = section.needed_text("when", "GT-2101.H and people(Z-21) >= 3")?;
    let count = text.text.chars().count();
    if count > limits::EXPRESSION_CHARS_MAX {
        text.wrong(format_args!(
            "has {count} characters and may have {}; split it into rules and use those",
            limits::EXPRESSION_CHARS_MAX
        ));
        return None;
    }
    Some(text)
}

fn compound<'a>(text: Text<'a>, known: Known<'_>, watched: &Watched<'_, 'a>) -> Option<Checked<'a>> {
    match expression::parse(text.text) {
        Ok(expression) => check::check(text, &expression, known, watched),
        Err(mistake) => {
            text.part(mistake.span).wrong(mistake.what);
            None
        }
    }
}

/// Gives the rule what it watches, and its unit where it says none: the one that all it is made of belongs to.
fn complete<'a>(
    one: &Added<'a>,
    compound: Compound,
    used: &[(Text<'a>, Used)],
    book: &mut Rulebook<'a>,
    watched: &Watched<'_, 'a>,
) {
    let rule = &book.rules()[one.at];
    let units: Vec<(Text<'a>, UnitIx)> =
        used.iter().filter_map(|(text, used)| Some((*text, unit_of(*used, book.rules(), watched)?))).collect();
    let common = units.first().map(|(_, unit)| *unit).filter(|first| units.iter().all(|(_, unit)| unit == first));
    let unit = rule.unit.or(common);
    let has_evidence = rule.measure.is_some() || rule.threatens.is_some();
    match unit {
        None if !["unit", "measure", "threatens"].iter().any(|key| one.section.key(key).is_some()) => {
            one.section.missing("threatens", "threatens = \"EV-2101\", because what it is made of belongs to no unit or to several");
        }
        None => {}
        Some(_) if !has_evidence => one.section.spot().warn(
            "has neither measure nor threatens, so its alarms raise no warning and no task; add threatens = \"EV-2101\"",
        ),
        Some(unit) => warn_of_others(unit, &units, watched),
    }
    if rule.measure.is_some() {
        refuse_video(used, book.rules());
    }
    let scan_ms = scan_ms(used.iter().map(|(_, used)| *used), watched);
    check_delay(&one.section, "on_delay", rule.on_delay_ms, scan_ms);
    check_delay(&one.section, "off_delay", rule.off_delay_ms, scan_ms);
    // What is made of an alarm on which lives hang is one.
    let never_hidden = used.iter().any(
        |(_, used)| matches!(used, Used::Rule(rule) | Used::AnyRule(rule) if book.rules()[rule.at()].never_hidden),
    );
    book.complete(one.at, |rule| {
        (rule.unit, rule.kind, rule.never_hidden) = (unit, RuleKind::Compound(Box::new(compound)), never_hidden);
    });
}

/// The time between two values of the slowest tag.
fn scan_ms(used: impl Iterator<Item = Used>, watched: &Watched<'_, '_>) -> Option<u64> {
    used.filter_map(|used| if let Used::Tag(tag) = used { watched.points.rows[tag.at()].scan_ms } else { None }).max()
}

fn unit_of(used: Used, rules: &[Rule], watched: &Watched<'_, '_>) -> Option<UnitIx> {
    match used {
        // A person's rules go with the person.
        Used::AnyRule(rule) if rules[rule.at()].kind.person().is_some() => None,
        Used::Rule(rule) | Used::AnyRule(rule) => rules[rule.at()].unit,
        Used::Tag(tag) => watched.points.rows[tag.at()].tag.unit,
        Used::Zone(zone) => watched.places.zones[zone.at()].zone.unit,
    }
}

/// A compound rule is one of a single unit (AQ 3064.3-2025 5.2.3 b). A detector on the border to the next one may be meant
/// all the same, so this refuses nothing.
fn warn_of_others(unit: UnitIx, units: &[(Text<'_>, UnitIx)], watched: &Watched<'_, '_>) {
    for (text, its) in units.iter().filter(|(_, its)| *its != unit) {
        text.warn(format_args!(
            "{} belongs to the unit {} and the rule to {}; name something of the same unit, unless this is meant",
            quoted(text.text),
            watched.risk.units[its.at()].id,
            watched.risk.units[unit.at()].id
        ));
    }
}

/// Video is an initial screening: it may warn, and never makes a suspected hazard, not by way of a compound rule either.
fn refuse_video(used: &[(Text<'_>, Used)], rules: &[Rule]) {
    let is_video = |used: &Used| {
        if let Used::Rule(rule) = used { matches!(rules[rule.at()].kind, RuleKind::Video { .. }) } else { false }
    };
    for (text, _) in used.iter().filter(|(_, used)| is_video(used)) {
        text.wrong(format_args!(
            "{} is a video rule, which is no evidence of a measure; write threatens instead of measure",
            quoted(text.text)
        ));
    }
}
