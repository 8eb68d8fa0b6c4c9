//! `rules.toml`: rules over one tag that stands for something of its own: a state, a bypass or a trip of the SIS, a trend.

use crate::{
    defaults,
    documents::Section,
    durations,
    index::Index,
    rulebook::Rulebook,
    rules::Watched,
    tag_rules::{Named, check_discrete, ix, knows, lasting, on_delay, over, tag, within_range},
    text::{Text, quoted},
    trips::tidy,
    words,
};
use davy_core::{
    id::TagIx,
    limits::RATE_SLOTS,
    model::{
        BypassStage, Direction, Forecast, Limit, LimitKind, Priority, Rule, RuleKind, SignalRule, StateMeaning,
        StateTest,
    },
};
use std::ops::RangeInclusive;

/// A rule, with what its id has after the id of the table.
type Made = (&'static str, Rule);
type Reader = for<'a> fn(&Section<'a>, &Watched<'_, 'a>) -> Vec<Made>;

const READERS: [(&str, Reader); 4] =
    [("state", state), ("sis_bypass", sis_bypass), ("sis_trip", sis_trip), ("forecast", forecast)];
/// The names of the kinds.
pub(crate) const KINDS: [&str; 4] = ["state", "sis_bypass", "sis_trip", "forecast"];

const STATES: RangeInclusive<u64> = 0..=65_535;
const ON_OFF: RangeInclusive<u64> = 0..=1;
const MINUTE_MS: u64 = 60_000;
const MINUTES: RangeInclusive<u64> = MINUTE_MS..=*durations::ANY.end();

/// Reads the rules over signals.
pub(crate) fn read<'a>(rules: &Section<'a>, watched: &Watched<'_, 'a>, ids: &mut Index<'a>, book: &mut Rulebook<'a>) {
    for (kind, reader) in READERS {
        for (at, section) in rules.sections(kind).iter().enumerate() {
            let id = section.needed_text("id", "P-1101.run");
            let made = reader(section, watched);
            let Some(id) = id else { continue };
            ids.add(id, at);
            let code = id.code().unwrap_or_default();
            for (suffix, rule) in made {
                book.add(id, Rule { id: format!("{code}{suffix}").into(), ..rule });
            }
        }
    }
}

fn state<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Vec<Made> {
    knows(section, &["tag", "is", "is_not", "states", "on_delay"]);
    let tag = discrete(section, "P-1101", watched);
    let (is, is_not) = (section.key("is"), section.key("is_not"));
    if let (Some(_), Some(spot)) = (is, is_not) {
        spot.error("is_not: the rule has an is already; remove one of the two");
    } else if is.is_none() && is_not.is_none() {
        section.missing("is or is_not", "is = 1, the state that raises the alarm, or is_not = 1 for any but it");
    }
    let differs = is.is_none();
    let state = section.whole(if differs { "is_not" } else { "is" }, STATES, 0);
    let test = StateTest { state: narrow(state), differs, words: states(section) };
    let kind = signal(tag, test, StateMeaning::State);
    let on_delay_ms = on_delay(section, 0, [tag, None]);
    vec![("", Rule { on_delay_ms, ..over(section, tag, defaults::PROCESS_PRIORITY, kind, watched) })]
}

/// What the states are called, `states = { 0 = "关", 1 = "开" }`.
fn states(section: &Section<'_>) -> Vec<(i32, String)> {
    let Some(states) = section.section("states") else { return Vec::new() };
    let named = states.entries().into_iter().filter_map(|(key, word)| {
        let state = key.parse::<u64>().ok().filter(|state| STATES.contains(state));
        if state.is_none() {
            word.wrong(format_args!(
                "{} is no state; write a whole number from {} to {}, such as 0 = \"关\"",
                quoted(key),
                STATES.start(),
                STATES.end()
            ));
        }
        Some((narrow(state?), word.name()?.to_owned()))
    });
    named.collect()
}

/// Three rules of one bypass: that it has begun, that it lasts longer than a shift, that it lasts too long. The measure is
/// bypassed once, so the later two threaten its event and push no task of their own.
fn sis_bypass<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Vec<Made> {
    knows(section, &["tag", "active", "remind_after", "overdue_after"]);
    let tag = discrete(section, "XS-2101.BYP", watched);
    let remind_ms = section.duration("remind_after", MINUTES, defaults::BYPASS_REMIND_AFTER_MS);
    let overdue_ms = section.duration("overdue_after", MINUTES, defaults::BYPASS_OVERDUE_AFTER_MS);
    if remind_ms >= overdue_ms {
        let spot = section.key("overdue_after").or(section.key("remind_after")).unwrap_or(section.spot());
        spot.error(format_args!(
            "overdue_after: {} is not later than remind_after {}; correct one of the two",
            durations::show(overdue_ms),
            durations::show(remind_ms)
        ));
    }
    let kind = |stage| signal(tag, active(section), StateMeaning::SisBypass(stage));
    let begun = over(section, tag, defaults::BYPASS_PRIORITY, kind(BypassStage::Begun), watched);
    let lasting = |stage, on_delay_ms, priority: Priority| Rule {
        name: format!("{}，已超过{}", begun.name, durations::show(on_delay_ms)).into(),
        priority,
        on_delay_ms,
        kind: kind(stage),
        ..threatening(begun.clone(), watched)
    };
    let reminder = lasting(BypassStage::Reminder, remind_ms, words::more(begun.priority));
    let overdue = lasting(BypassStage::Overdue, overdue_ms, Priority::Critical);
    vec![("", begun), (".reminder", reminder), (".overdue", overdue)]
}

fn sis_trip<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Vec<Made> {
    knows(section, &["tag", "active"]);
    let tag = discrete(section, "XS-2101.TRIP", watched);
    let kind = signal(tag, active(section), StateMeaning::SisTrip);
    let latched = section.flag("latched", true);
    let rule = Rule { latched, ..over(section, tag, defaults::TRIP_PRIORITY, kind, watched) };
    vec![("", unless_measured(section, rule, watched))]
}

/// A trip shows that the measure works, and a forecast that it has not failed yet: they threaten the event of the tag's
/// measure and are no evidence against it, unless the rule itself names the measure.
fn unless_measured(section: &Section<'_>, rule: Rule, watched: &Watched<'_, '_>) -> Rule {
    if section.key("measure").is_some() { rule } else { threatening(rule, watched) }
}

/// The rule as one that threatens the event of its measure.
fn threatening(rule: Rule, watched: &Watched<'_, '_>) -> Rule {
    let event = rule.measure.and_then(|measure| watched.risk.measures.get(measure.at())).map(|measure| measure.event);
    Rule { measure: None, threatens: rule.threatens.or(event), ..rule }
}

/// On is anything but 0, as everywhere.
fn active(section: &Section<'_>) -> StateTest {
    let differs = section.whole("active", ON_OFF, 1) == 1;
    StateTest { state: 0, differs, words: Vec::new() }
}

fn forecast<'a>(section: &Section<'a>, watched: &Watched<'_, 'a>) -> Vec<Made> {
    knows(section, &["tag", "toward", "limit", "direction", "within", "window", "change_min", "on_delay"]);
    let tag = tag(section, ("tag", "LI-1101"), watched);
    let window = ("window", MINUTES, defaults::FORECAST_WINDOW_MS);
    let forecast = Forecast {
        limit: limit(section, tag),
        window_ms: lasting(section, window, tag, RATE_SLOTS as u64),
        within_ms: section.duration("within", MINUTES, defaults::FORECAST_WITHIN_MS),
        change_min: change_min(section, tag),
    };
    let kind = RuleKind::Signal(SignalRule::Forecast { tag: ix(tag), forecast });
    let on_delay_ms = on_delay(section, defaults::FORECAST_ON_DELAY_MS, [tag, None]);
    if let Some(spot) = section.key("on_delay").filter(|_| on_delay_ms >= forecast.within_ms) {
        spot.error(format_args!(
            "on_delay: {} is not shorter than within {}, so the limit would be reached first; write a shorter one",
            durations::show(on_delay_ms),
            durations::show(forecast.within_ms)
        ));
    }
    let rule = Rule { on_delay_ms, ..over(section, tag, defaults::FORECAST_PRIORITY, kind, watched) };
    vec![("", unless_measured(section, rule, watched))]
}

/// One of the tag's own limits, or one that is written here.
fn limit(section: &Section<'_>, tag: Option<Named<'_, '_>>) -> Limit {
    let none = Limit { kind: LimitKind::HH, trip: 0.0, clear: 0.0 };
    let toward = section.text("toward");
    match (toward, section.number("limit")) {
        (Some(_), Some((limit, _))) => {
            limit.wrong("the rule says toward which limit already; remove one of the two");
            none
        }
        (Some(toward), None) => own_limit(section, toward, tag).unwrap_or(none),
        (None, Some((text, trip))) => written_limit(section, text, trip, tag),
        (None, None) => {
            if section.key("toward").or(section.key("limit")).is_none() {
                section.missing("toward", "toward = \"HH\", a limit of the tag, or limit = 85");
            }
            none
        }
    }
}

fn own_limit(section: &Section<'_>, toward: Text<'_>, tag: Option<Named<'_, '_>>) -> Option<Limit> {
    if let Some(spot) = section.key("direction") {
        spot.error("direction: a limit of the tag has its own; remove it");
    }
    let (kind, named) = (toward.one_of(words::LIMIT_KINDS)?, tag?);
    let limit = named.row.trips.iter().find(|limit| limit.kind == kind).copied();
    if limit.is_none() {
        toward.wrong(format_args!(
            "{} has no {}; fill it in in tags.csv, or write limit = with a number",
            quoted(named.text.text),
            words::limit_code(kind)
        ));
    }
    limit
}

fn written_limit(section: &Section<'_>, text: Text<'_>, trip: f64, tag: Option<Named<'_, '_>>) -> Limit {
    let direction = section.one_of("direction", words::DIRECTIONS, Direction::Up);
    let kind = match direction {
        Direction::Up => LimitKind::H,
        Direction::Down => LimitKind::L,
        Direction::Either => {
            if let Some(spot) = section.key("direction") {
                spot.error("direction: a limit is reached one way; write up or down");
            }
            LimitKind::H
        }
    };
    if let Some((low, high)) = tag.and_then(|tag| tag.row.tag.range)
        && !(low..=high).contains(&trip)
    {
        text.wrong(format_args!("{trip} lies outside the range {low} to {high}, so it is never reached; correct it"));
    }
    Limit { kind, trip, clear: trip }
}

fn change_min(section: &Section<'_>, tag: Option<Named<'_, '_>>) -> f64 {
    let range = tag.and_then(|tag| tag.row.tag.range);
    if section.key("change_min").is_none() {
        let of_range = range.map(|(low, high)| tidy((high - low) * defaults::FORECAST_CHANGE_OF_RANGE));
        if of_range.is_none() && tag.is_some() {
            section.missing("change_min", "change_min = 1, or give the tag a range in tags.csv");
        }
        return of_range.unwrap_or(1.0);
    }
    let Some((text, change)) = section.number("change_min") else { return 1.0 };
    if change <= 0.0 {
        text.wrong(format_args!("{change} is not above 0; write a change that is more than noise"));
    }
    within_range(text, change, range);
    change
}

fn discrete<'w, 'a>(section: &Section<'a>, example: &str, watched: &Watched<'w, 'a>) -> Option<Named<'w, 'a>> {
    let named = tag(section, ("tag", example), watched);
    named.into_iter().for_each(check_discrete);
    named
}

fn signal(tag: Option<Named<'_, '_>>, test: StateTest, meaning: StateMeaning) -> RuleKind {
    let tag: TagIx = ix(tag);
    RuleKind::Signal(SignalRule::State { tag, test, meaning })
}

/// Within `STATES`.
fn narrow(state: u64) -> i32 {
    i32::try_from(state).unwrap_or(0)
}
