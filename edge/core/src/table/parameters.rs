//! What each kind of rule needs beside what all rules have, under published names.

use super::{FieldValue, Parameter};
use crate::{id::*, model::*};
use std::fmt::Write as _;

/// Characters of what is said of zones that a row holds.
const ZONES_TEXT_MAX: usize = 400;

/// Parameters as they are collected; a text that is empty is none.
#[derive(Default)]
pub(super) struct Parameters(pub(super) Vec<Parameter>);

impl Parameters {
    pub(super) fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.put(name, FieldValue::Text(text.to_owned()));
        }
    }

    pub(super) fn number(&mut self, name: &str, number: f64) {
        self.put(name, FieldValue::Number(number));
    }

    pub(super) fn count(&mut self, name: &str, count: impl Into<u64>) {
        self.put(name, FieldValue::Count(count.into()));
    }

    pub(super) fn flag(&mut self, name: &str, flag: bool) {
        self.put(name, FieldValue::Flag(flag));
    }

    fn put(&mut self, name: &str, value: FieldValue) {
        self.0.push(Parameter { name: name.to_owned(), value });
    }

    fn limit(&mut self, limit: &Limit) {
        self.number("limit", limit.trip);
        self.number("clear", limit.clear);
    }

    fn repeating(&mut self, repeating: &Repeating) {
        self.count("count_min", repeating.count_min);
        self.count("window_ms", repeating.window_ms);
        self.count("quiet_ms", repeating.quiet_ms);
    }
}

/// The tags that a kind watches, each once, in their order.
pub(super) fn tags(kind: &RuleKind) -> Vec<TagIx> {
    let mut tags = Vec::new();
    kind.watches(|watched| {
        if let Watched::Tag(tag) = watched
            && !tags.contains(&tag)
        {
            tags.push(tag);
        }
    });
    if let RuleKind::Ticket(TicketRule { kind: TicketKind::HotWorkGas { limits }, .. }) = kind {
        tags.extend(limits.iter().map(|(tag, _)| *tag));
    }
    tags
}

/// What a kind needs.
pub(super) fn of(site: &Site, kind: &RuleKind) -> Vec<Parameter> {
    let mut all = Parameters::default();
    match kind {
        RuleKind::Limit { limit, .. } => all.limit(limit),
        RuleKind::BadQuality { .. } | RuleKind::UncertainQuality { .. } | RuleKind::Mismatch { .. } => {}
        RuleKind::Stale { tag } => {
            site.tags[tag.at()].stale_after_ms.into_iter().for_each(|ms| all.count("stale_after_ms", ms));
        }
        RuleKind::RateOfChange { rate, .. } => rate_of_change(rate, &mut all),
        RuleKind::OutOfRange { low, high, .. } => {
            all.number("low", *low);
            all.number("high", *high);
        }
        RuleKind::Frozen { dead_zone, after_ms, .. } => {
            all.number("dead_zone", *dead_zone);
            all.count("after_ms", *after_ms);
        }
        RuleKind::Deviation { difference, clear, .. } => {
            all.number("difference", *difference);
            all.number("clear", *clear);
        }
        RuleKind::Signal(signal) => of_signal(signal, &mut all),
        RuleKind::Sos { person } => all.text("person", site.people[person.at()].id.as_str()),
        RuleKind::OverCapacity { zone, people_max } => {
            all.text("zone", site.zones[zone.at()].id.as_str());
            all.count("people_max", *people_max);
        }
        RuleKind::Video { camera, algorithm, confidence_min, frames_min, frame_gap_ms, cooldown_ms } => {
            all.text("camera", site.cameras[camera.at()].id.as_str());
            all.text("algorithm", algorithm);
            all.number("confidence_min", *confidence_min);
            all.count("frames_min", *frames_min);
            all.count("frame_gap_ms", *frame_gap_ms);
            all.count("cooldown_ms", *cooldown_ms);
        }
        RuleKind::People(rule) => of_people(site, rule, &mut all),
        RuleKind::SourceLost { source } => all.text("source", site.sources[source.at()].id.as_str()),
        RuleKind::UplinkLost { uplink } => all.text("uplink", site.uplinks[uplink.at()].id.as_str()),
        RuleKind::Ticket(rule) => of_ticket(site, rule, &mut all),
        RuleKind::Compound(compound) => all.text("when", &compound.when),
        RuleKind::InspectionOverdue(rule) => {
            rule.unit.into_iter().for_each(|unit| all.text("of_unit", site.units[unit.at()].id.as_str()));
            rule.role.into_iter().for_each(|role| all.text("of_role", role.word()));
        }
        RuleKind::System(rule) => of_system(rule, &mut all),
    }
    all.0
}

fn rate_of_change(rate: &Rate, all: &mut Parameters) {
    let direction = match rate.direction {
        Direction::Up => "up",
        Direction::Down => "down",
        Direction::Either => "either",
    };
    all.text("direction", direction);
    all.number("per_minute", rate.per_minute);
    all.number("clear_per_minute", rate.clear_per_minute);
    all.count("window_ms", rate.window_ms);
}

fn of_signal(signal: &SignalRule, all: &mut Parameters) {
    match signal {
        SignalRule::Gas { limit, .. } => all.limit(limit),
        SignalRule::State { test, .. } => {
            all.number("state", f64::from(test.state));
            all.text("state_word", test.word(f64::from(test.state)));
            all.flag("differs", test.differs);
        }
        SignalRule::Forecast { forecast, .. } => {
            all.limit(&forecast.limit);
            all.count("within_ms", forecast.within_ms);
            all.count("window_ms", forecast.window_ms);
            all.number("change_min", forecast.change_min);
        }
    }
}

fn of_people(site: &Site, rule: &PeopleRule, all: &mut Parameters) {
    if let Some(person) = rule.person().map(|person| &site.people[person.at()]) {
        all.text("person", person.id.as_str());
        all.text("post", person.post.as_deref().unwrap_or_default());
    }
    match rule {
        PeopleRule::ZoneBreach { lasting_ms, .. } => {
            all.count("lasting_ms", *lasting_ms);
            all.text("zones", &zones(site, |zone| (!zone.access.is_empty()).then(|| accesses(site, &zone.access))));
        }
        PeopleRule::Immobile { within_m, after_ms, .. } => {
            all.text("zones", &zones(site, |zone| zone.hazardous.then(String::new)));
            all.number("within_m", *within_m);
            all.count("after_ms", *after_ms);
        }
        PeopleRule::Understaffed { zone, people_min, named, hours } => {
            all.text("zone", site.zones[zone.at()].id.as_str());
            all.count("people_min", *people_min);
            all.text("people", &people(site, named.iter()));
            all.text("hours", &hours_of(hours));
        }
        PeopleRule::Gathering { zones, radius_m, counts } => {
            let ids: Vec<&str> = zones.iter().map(|zone| site.zones[zone.at()].id.as_str()).collect();
            all.text("zones", &ids.join(", "));
            all.number("radius_m", *radius_m);
            all.count("people_yellow", counts.yellow);
            all.count("people_orange", counts.orange);
            all.count("people_red", counts.red);
        }
        PeopleRule::Overstay { .. } => {
            all.text("zones", &zones(site, |zone| zone.stay_max_ms.map(|ms| format!(" {} s", ms / 1_000))));
        }
        PeopleRule::WrongPost { .. } => all.text("zones", &posts(site)),
        PeopleRule::OffPost { hours, .. } => {
            all.text("zones", &posts(site));
            all.text("hours", &hours_of(hours));
        }
        PeopleRule::CardOffline { after_ms, .. } => all.count("after_ms", *after_ms),
        PeopleRule::CardBattery { below, clear, .. } => {
            all.count("below_percent", *below);
            all.count("clear_percent", *clear);
        }
    }
}

/// The zones of which something is said, with what is said.
fn zones(site: &Site, said: impl Fn(&Zone) -> Option<String>) -> String {
    let zones = site.zones.iter().filter_map(|zone| Some(format!("{}{}", zone.id, said(zone)?)));
    cut(zones.collect::<Vec<_>>().join(", "))
}

/// Each person's rule repeats what is said of the zones: a long text is cut, and a number that changes with the rest stands
/// for it (FNV-1a, 64 bits).
fn cut(text: String) -> String {
    let Some((at, _)) = text.char_indices().nth(ZONES_TEXT_MAX) else { return text };
    let mixed = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let rest = text[at..].bytes().fold(0xcbf2_9ce4_8422_2325, mixed);
    format!("{} … #{rest:016x}", &text[..at])
}

fn posts(site: &Site) -> String {
    zones(site, |zone| (!zone.posts.is_empty()).then(|| format!(" {}", zone.posts.join("/"))))
}

fn people<'a>(site: &Site, people: impl Iterator<Item = &'a PersonIx>) -> String {
    people.map(|person| site.people[person.at()].id.as_str()).collect::<Vec<_>>().join(", ")
}

fn accesses(site: &Site, accesses: &[Access]) -> String {
    let mut text = String::new();
    for access in accesses {
        let posts = access.posts.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        // Writing to a string cannot fail.
        let _ = write!(text, " ({}; {posts}; {}", people(site, access.people.iter()), hours_of(&access.hours));
        let _ = access.priority.map(|priority| write!(text, "; {}", priority.word()));
        text.push(')');
    }
    text
}

/// `08:00-18:00`; empty is always.
fn hours_of(hours: &Hours) -> String {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    let windows = hours.0.iter().map(|window| format!("{}-{}", clock(window.from), clock(window.until)));
    windows.collect::<Vec<_>>().join(", ")
}

fn of_ticket(site: &Site, rule: &TicketRule, all: &mut Parameters) {
    rule.unit.into_iter().for_each(|unit| all.text("of_unit", site.units[unit.at()].id.as_str()));
    rule.kind.alarm_type().into_iter().for_each(|code| all.text("alarm_type", code));
    match &rule.kind {
        TicketKind::GasOverdue { before_ms } => all.count("before_ms", *before_ms),
        TicketKind::Interruption { major_ms, minor_ms } => {
            all.count("major_ms", *major_ms);
            all.count("minor_ms", *minor_ms);
        }
        TicketKind::NextDay { day_begins_ms } => all.count("day_begins_ms", *day_begins_ms),
        TicketKind::RecordOverdue { every_ms } => all.count("every_ms", *every_ms),
        TicketKind::HotWorkGas { limits } => {
            let limit =
                |(tag, limit): &(TagIx, Limit)| format!("{} {}/{}", site.tags[tag.at()].id, limit.trip, limit.clear);
            all.text("limits", &limits.iter().map(limit).collect::<Vec<_>>().join(", "));
        }
        TicketKind::GasOverLimit(limits) => {
            all.number("high_lel_max", limits.high_lel_max);
            all.number("low_lel_max", limits.low_lel_max);
            all.number("oxygen_min", limits.oxygen_min);
            all.number("oxygen_max", limits.oxygen_max);
            all.text("high_lel", &limits.high_lel.join(", "));
            all.text("others", &limits.others.join(", "));
            all.text("oxygen", &limits.oxygen.join(", "));
        }
        TicketKind::GasMissing
        | TicketKind::Expired
        | TicketKind::ExpiredWithPeople
        | TicketKind::BlindPlate
        | TicketKind::SupervisorAway
        | TicketKind::HotWorkGasAlarm
        | TicketKind::TooMany => {}
    }
}

fn of_system(rule: &SystemRule, all: &mut Parameters) {
    match rule {
        SystemRule::Flood(limits) => {
            all.count("begins", limits.begins);
            all.count("ends_below", limits.ends_below);
            all.count("window_ms", limits.window_ms);
        }
        SystemRule::Chattering(repeating) => all.repeating(repeating),
        SystemRule::Fleeting { shorter_ms, repeating } => {
            all.count("shorter_ms", *shorter_ms);
            all.repeating(repeating);
        }
        SystemRule::Standing { after_ms } => all.count("after_ms", *after_ms),
        SystemRule::ClockUnsynchronised { offset_max_ms, unsynchronised_ms } => {
            all.count("offset_max_ms", *offset_max_ms);
            all.count("unsynchronised_ms", *unsynchronised_ms);
        }
        SystemRule::StorageFilling { percent, clear_percent } => {
            all.count("percent", *percent);
            all.count("clear_percent", *clear_percent);
        }
        SystemRule::HornSilenced { longer_ms, window_ms } => {
            all.count("longer_ms", *longer_ms);
            all.count("window_ms", *window_ms);
        }
        SystemRule::CertificateExpiring { before_days } => all.count("before_days", *before_days),
        SystemRule::JournalNotDurable | SystemRule::LifeAlarmSilenced | SystemRule::BoardTrouble => {}
    }
}
