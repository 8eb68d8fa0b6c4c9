//! `rules.toml`: rules over people. One table holds for all people, as with SOS, except where a table names a zone or posts.

use crate::{
    defaults,
    documents::Section,
    durations, gathering_rules, hours,
    index::Index,
    places::{Places, ZoneRow},
    rulebook::{Rulebook, rule, url_safe},
    rules::{Watched, first_given},
    sources::narrow,
    text::{Text, quoted},
    words,
};
use davy_core::{
    id::{PersonIx, ZoneIx},
    model::{Access, Hours, PeopleRule, Priority, Rule, RuleKind},
};
use std::{collections::BTreeMap, ops::RangeInclusive};

/// The names of the kinds.
pub(crate) const KINDS: [&str; 9] = [
    "zone_breach",
    "immobile",
    "understaffed",
    gathering_rules::KIND,
    "overstay",
    "wrong_post",
    "off_post",
    "card_offline",
    "card_battery",
];

const COMMON_KEYS: [&str; 6] = ["threatens", "off_delay", "priority", "guidance", "latched", "on_delay"];
/// AQ 3064.3-2025 wants a zone breach alarmed within 5 s.
const BREACH_DELAY: RangeInclusive<u64> = 0..=5_000;
/// AQ 3064.3-2025 wants one that lasts for 30 s recorded.
const BREACH_LASTING: RangeInclusive<u64> = 1_000..=30_000;
const AFTER: RangeInclusive<u64> = 10_000..=*durations::ANY.end();
const WITHIN_M: RangeInclusive<f64> = 0.1..=50.0;
const PEOPLE_MIN: RangeInclusive<u64> = 0..=100_000;

/// Reads the rules over people.
pub(crate) fn read<'a>(rules: &Section<'a>, watched: &Watched<'_, 'a>, ids: &mut Index<'a>, book: &mut Rulebook<'a>) {
    let people = PeopleRules { watched };
    if let Some(section) = only(rules, "zone_breach") {
        people.zone_breach(&section, book);
    }
    if let Some(section) = only(rules, "immobile") {
        people.immobile(&section, book);
    }
    for (at, section) in rules.sections("understaffed").iter().enumerate() {
        people.understaffed(section, at, ids, book);
    }
    for (at, section) in rules.sections(gathering_rules::KIND).iter().enumerate() {
        gathering_rules::read(section, at, watched, ids, book);
    }
    if let Some(section) = only(rules, "overstay") {
        people.overstay(&section, book);
    }
    if let Some(section) = only(rules, "wrong_post") {
        people.wrong_post(&section, book);
    }
    people.off_post(&rules.sections("off_post"), book);
    if let Some(section) = only(rules, "card_offline") {
        people.card_offline(&section, book);
    }
    if let Some(section) = only(rules, "card_battery") {
        people.card_battery(&section, book);
    }
}

/// The one table that holds for all people.
fn only<'a>(rules: &Section<'a>, kind: &'static str) -> Option<Section<'a>> {
    let sections = rules.sections(kind);
    for section in sections.iter().skip(1) {
        section
            .spot()
            .error(format_args!("[[rule.{kind}]] is here a second time and one holds for all people; remove it"));
    }
    sections.into_iter().next()
}

/// The rule that a zone has by its least number of people, day and night.
pub(crate) fn understaffed_zone(row: &ZoneRow<'_>, zone: ZoneIx, people_min: u32) -> Rule {
    let (id, name) = (format!("understaffed-{}", url_safe(row.cell.text)), format!("{}缺员", row.zone.name));
    let kind = PeopleRule::Understaffed { zone, people_min, named: Vec::new(), hours: Hours::default() };
    Rule {
        unit: row.zone.unit,
        threatens: row.zone.event,
        on_delay_ms: defaults::UNDERSTAFFED_ON_DELAY_MS,
        guidance: row.guidance.clone().into(),
        ..rule(id, name, defaults::PRESENCE_PRIORITY, RuleKind::People(kind))
    }
}

/// Who may be in which zone, before the zones become the site's.
pub(crate) fn accesses(root: Option<&Section<'_>>, places: &Places<'_>) -> Vec<(ZoneIx, Access)> {
    let rules = root.and_then(|root| root.section("rule"));
    let breach = rules.and_then(|rules| rules.sections("zone_breach").into_iter().next());
    let sections = breach.map(|breach| breach.sections("access")).unwrap_or_default();
    sections.iter().flat_map(|section| access(section, places)).collect()
}

fn access(section: &Section<'_>, places: &Places<'_>) -> Vec<(ZoneIx, Access)> {
    section.knows(&["zones", "people", "posts", "hours", "priority"]);
    if section.key("zones").is_none() {
        section.missing("zones", "zones = [\"Z-21\"]");
    }
    let access = Access {
        people: section.texts("people").into_iter().filter_map(|text| places.person(text)).collect(),
        posts: section.texts("posts").into_iter().filter_map(|text| places.post(text)).map(str::to_owned).collect(),
        hours: hours::read(section),
        priority: section.text("priority").and_then(|text| text.one_of(words::PRIORITIES)),
    };
    let zones = section.texts("zones").into_iter().filter_map(|text| places.zone(text));
    zones.map(|zone| (zone, access.clone())).collect()
}

struct PeopleRules<'w, 'p, 'a> {
    watched: &'w Watched<'p, 'a>,
}

impl<'a> PeopleRules<'_, '_, 'a> {
    fn zone_breach(&self, section: &Section<'a>, book: &mut Rulebook<'a>) {
        knows(section, &["access", "lasting_after"]);
        if section.key("access").is_none() {
            section.missing(
                "[[rule.zone_breach.access]]",
                "one with zones = [\"Z-21\"] for each zone that is not open to all",
            );
        }
        let on_delay_ms = section.duration("on_delay", BREACH_DELAY, defaults::BREACH_ON_DELAY_MS);
        let about = About { on_delay_ms, ..About::new("zone-breach", "越界", defaults::BREACH_PRIORITY) };
        let lasting_ms = section.duration("lasting_after", BREACH_LASTING, defaults::BREACH_LASTING_MS);
        self.each(section, about, book, |person| Some(PeopleRule::ZoneBreach { person, lasting_ms }));
    }

    fn immobile(&self, section: &Section<'a>, book: &mut Rulebook<'a>) {
        section.knows(&["after", "within", "threatens", "off_delay", "priority", "guidance", "latched"]);
        let after_ms = section.duration("after", AFTER, defaults::IMMOBILE_AFTER_MS);
        let within_m = section.number("within").map_or(defaults::IMMOBILE_WITHIN_M, |(text, within_m)| {
            if !WITHIN_M.contains(&within_m) {
                text.wrong(format_args!(
                    "{within_m} is out of range; write how far a resting card may seem to move, in metres from {} to {}",
                    WITHIN_M.start(),
                    WITHIN_M.end()
                ));
            }
            within_m
        });
        let about = About::new("immobile", "长时间静止", defaults::IMMOBILE_PRIORITY);
        self.each(section, about, book, |person| Some(PeopleRule::Immobile { person, within_m, after_ms }));
    }

    fn understaffed(&self, section: &Section<'a>, at: usize, ids: &mut Index<'a>, book: &mut Rulebook<'a>) {
        knows(section, &["id", "name", "zone", "people_min", "people", "hours"]);
        let places = self.watched.places;
        let id = section.needed_text("id", "control-room-night");
        let name = section.needed_text("name", "控制室夜班缺员").and_then(Text::name).unwrap_or_default();
        let zone = section.needed_text("zone", "Z-31").and_then(|text| places.zone(text));
        let people_min = narrow(section.whole("people_min", PEOPLE_MIN, 0));
        let named: Vec<PersonIx> = section.texts("people").into_iter().filter_map(|text| places.person(text)).collect();
        if people_min == 0 && section.key("people").is_none() {
            section.missing("people_min", "people_min = 2, or people = [\"P-001\"] for those who must be there");
        }
        let of_zone = zone.map(|zone| &places.zones[zone.at()].zone);
        let threatens = self.threatens(section).or(of_zone.and_then(|zone| zone.event));
        let unit = threatens.and_then(|event| self.watched.risk.unit_of(event));
        let kind = PeopleRule::Understaffed {
            zone: zone.unwrap_or(ZoneIx(0)),
            people_min,
            named,
            hours: hours::read(section),
        };
        let priority = section.one_of("priority", words::PRIORITIES, defaults::PRESENCE_PRIORITY);
        let Some(id) = id else { return };
        ids.add(id, at);
        let rule_id = id.code().unwrap_or_default().to_owned();
        book.add(
            id,
            Rule {
                unit: unit.or(of_zone.and_then(|zone| zone.unit)),
                threatens,
                on_delay_ms: section.duration("on_delay", durations::ANY, defaults::UNDERSTAFFED_ON_DELAY_MS),
                off_delay_ms: section.duration("off_delay", durations::ANY, 0),
                guidance: self.guidance(section, threatens).into(),
                latched: section.flag("latched", false),
                ..rule(rule_id, name.to_owned(), priority, RuleKind::People(kind))
            },
        );
    }

    fn overstay(&self, section: &Section<'a>, book: &mut Rulebook<'a>) {
        section.knows(&["threatens", "off_delay", "priority", "guidance", "latched"]);
        let about = About::new("overstay", "滞留超时", defaults::PRESENCE_PRIORITY);
        self.each(section, about, book, |person| Some(PeopleRule::Overstay { person }));
    }

    fn wrong_post(&self, section: &Section<'a>, book: &mut Rulebook<'a>) {
        knows(section, &[]);
        let on_delay_ms = section.duration("on_delay", durations::ANY, defaults::WRONG_POST_ON_DELAY_MS);
        let about = About { on_delay_ms, ..About::new("wrong-post", "串岗", defaults::PRESENCE_PRIORITY) };
        let people = &self.watched.places.people;
        self.each(section, about, book, |person| {
            people[person.at()].person.post.as_ref().map(|_| PeopleRule::WrongPost { person })
        });
    }

    /// Each post has the hours of one table.
    fn off_post(&self, sections: &[Section<'a>], book: &mut Rulebook<'a>) {
        let mut tables: BTreeMap<&str, Text<'_>> = BTreeMap::new();
        let people = &self.watched.places.people;
        for section in sections {
            section.knows(&["posts", "hours", "after", "threatens", "off_delay", "priority", "guidance", "latched"]);
            if section.key("posts").is_none() {
                section.missing("posts", "posts = [\"内操\"]");
            }
            let (mut posts, hours) = (Vec::new(), hours::read(section));
            for text in section.texts("posts") {
                let first = *tables.entry(text.text).or_insert(text);
                if first.spot.line() != text.spot.line() {
                    text.wrong(format_args!(
                        "{} has its hours in {} already; remove one of the two",
                        quoted(text.text),
                        first.spot.line()
                    ));
                }
                posts.extend(self.watched.places.post(text));
            }
            let on_delay_ms = section.duration("after", AFTER, defaults::OFF_POST_AFTER_MS);
            let about = About { on_delay_ms, ..About::new("off-post", "离岗", defaults::PRESENCE_PRIORITY) };
            self.each(section, about, book, |person| {
                let post = people[person.at()].person.post.as_deref()?;
                posts.contains(&post).then(|| PeopleRule::OffPost { person, hours: hours.clone() })
            });
        }
    }

    fn card_offline(&self, section: &Section<'a>, book: &mut Rulebook<'a>) {
        section.knows(&["after", "threatens", "off_delay", "priority", "guidance", "latched"]);
        let after_ms = section.duration("after", 5_000..=300_000, defaults::CARD_OFFLINE_AFTER_MS);
        let most_ms = self.watched.policy.location_max_age_ms;
        if let Some(spot) = section.key("after").filter(|_| after_ms > most_ms) {
            spot.error(format_args!(
                "after: {} is longer than location_max_age in [policy] of gateway.toml, {}, after which nobody knows where the person is; write no more than that",
                durations::show(after_ms),
                durations::show(most_ms)
            ));
        }
        let about = About::new("card-offline", "定位卡离线", defaults::CARD_OFFLINE_PRIORITY);
        self.each(section, about, book, |person| Some(PeopleRule::CardOffline { person, after_ms }));
    }

    fn card_battery(&self, section: &Section<'a>, book: &mut Rulebook<'a>) {
        section.knows(&["below", "hysteresis", "threatens", "off_delay", "priority", "guidance", "latched"]);
        let percent = |key, most, default| u8::try_from(section.whole(key, 1..=most, default)).unwrap_or(u8::MAX);
        let below = percent("below", 90, defaults::CARD_BATTERY_BELOW);
        let clear = below.saturating_add(percent("hysteresis", 10, defaults::CARD_BATTERY_HYSTERESIS));
        let about = About::new("card-battery", "定位卡电量低", defaults::CARD_BATTERY_PRIORITY);
        self.each(section, about, book, |person| Some(PeopleRule::CardBattery { person, below, clear }));
    }

    /// A rule for each person for whom there is one.
    fn each(
        &self,
        section: &Section<'a>,
        about: About,
        book: &mut Rulebook<'a>,
        kind: impl Fn(PersonIx) -> Option<PeopleRule>,
    ) {
        let threatens = self.threatens(section);
        let unit = threatens.and_then(|event| self.watched.risk.unit_of(event));
        let priority = section.one_of("priority", words::PRIORITIES, about.priority);
        let (guidance, latched) = (self.guidance(section, threatens), section.flag("latched", false));
        let off_delay_ms = section.duration("off_delay", durations::ANY, 0);
        for (at, row) in self.watched.places.people.iter().enumerate() {
            let Some(kind) = kind(PersonIx::from(at)) else { continue };
            let id = format!("{}-{}", about.id, url_safe(row.cell.text));
            let name = format!("{}{}", row.person.name, about.word);
            let made = rule(id, name, priority, RuleKind::People(kind));
            let guidance = guidance.clone();
            book.add(
                row.cell,
                Rule {
                    unit,
                    threatens,
                    guidance: guidance.into(),
                    latched,
                    off_delay_ms,
                    on_delay_ms: about.on_delay_ms,
                    ..made
                },
            );
        }
    }

    /// Its own, or that of the event that it threatens.
    fn guidance(&self, section: &Section<'_>, threatens: Option<davy_core::id::RiskEventIx>) -> String {
        let own = section.text("guidance").map(Text::words).unwrap_or_default();
        first_given([own, self.watched.risk.guidance(None, threatens, None)])
    }

    fn threatens(&self, section: &Section<'_>) -> Option<davy_core::id::RiskEventIx> {
        section.text("threatens").and_then(Text::needed).and_then(|text| self.watched.risk.event(text))
    }
}

/// What the rules of one table have in common.
struct About {
    id: &'static str,
    word: &'static str,
    priority: Priority,
    on_delay_ms: u64,
}

impl About {
    fn new(id: &'static str, word: &'static str, priority: Priority) -> Self {
        Self { id, word, priority, on_delay_ms: 0 }
    }
}

fn knows(section: &Section<'_>, keys: &[&str]) {
    section.knows(&[keys, &COMMON_KEYS[..]].concat());
}
