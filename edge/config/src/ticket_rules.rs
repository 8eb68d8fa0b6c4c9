//! `rules.toml`: rules over special-work tickets, `[[rule.ticket]]`. Each table makes a row of rules, one for each alarm that
//! it may have at once, because each ticket that offends has an alarm of its own.

use crate::{
    defaults,
    documents::Section,
    durations,
    index::Index,
    rulebook::{Rulebook, rule},
    rules::{Watched, first_given},
    text::Text,
    trips::tidy,
    words::{self, Work},
};
use davy_core::{
    id::{MeasureIx, RiskEventIx, TagIx},
    model::{GasLimits, Limit, LimitKind, Priority, Rule, RuleKind, TicketKind, TicketRule},
};
use std::ops::RangeInclusive;

const COMMON_KEYS: [&str; 11] =
    ["id", "name", "kind", "unit", "measure", "threatens", "alarms", "on_delay", "off_delay", "priority", "guidance"];
const ALARMS: RangeInclusive<u64> = 1..=64;
const LONG: RangeInclusive<u64> = 60_000..=*durations::ANY.end();
const FACTOR: RangeInclusive<f64> = 0.01..=1.0;

/// Reads the rules over tickets.
pub(crate) fn read<'a>(rules: &Section<'a>, watched: &Watched<'_, 'a>, ids: &mut Index<'a>, book: &mut Rulebook<'a>) {
    let mut table = if watched.sources.bring_tickets() { 1 } else { 0 };
    for (at, section) in rules.sections("ticket").iter().enumerate() {
        let id = section.needed_text("id", "ticket-expired");
        let Some(work) = work(section) else { continue };
        let row = row(section, work, watched);
        let alarms = section.whole("alarms", ALARMS, defaults::TICKET_ALARMS);
        let Some(id) = id else { continue };
        ids.add(id, at);
        let code = id.code().unwrap_or_default();
        for slot in 0..u32::try_from(alarms).unwrap_or(1) {
            let kind = RuleKind::Ticket(TicketRule { kind: row.kind.clone(), unit: row.rule.unit, table, slot });
            book.add(id, Rule { id: format!("{code}.{}", slot + 1).into(), kind, ..row.rule.clone() });
        }
        table += 1;
    }
}

/// The rule that follows from a source of tickets: that there is room for every one. It is the first table.
pub(crate) fn room(watched: &Watched<'_, '_>) -> Option<Rule> {
    let kind = TicketKind::TooMany;
    let kind = RuleKind::Ticket(TicketRule { kind, unit: None, table: 0, slot: 0 });
    let rule = rule("tickets-full".to_owned(), "作业票过多，新票未监视".to_owned(), Priority::High, kind);
    let guidance = "结束或作废已完工的作业票".to_owned();
    watched.sources.bring_tickets().then_some(Rule { guidance: guidance.into(), ..rule })
}

/// What the rules of a table have in common.
struct Row {
    kind: TicketKind,
    rule: Rule,
}

fn work(section: &Section<'_>) -> Option<Work> {
    section.needed_text("kind", "ticket_expired")?.one_of(words::WORKS)
}

fn row<'a>(section: &Section<'a>, work: Work, watched: &Watched<'_, 'a>) -> Row {
    section.knows(&[&COMMON_KEYS[..], keys_of(work)].concat());
    let kind = kind(section, work, watched);
    let name = section.needed_text("name", "作业票超时").and_then(Text::name).unwrap_or_default();
    let (measure, threatens) = evidence(section, watched);
    let unit = section.text("unit").and_then(Text::needed).and_then(|text| watched.risk.unit(text));
    let guidance = section.text("guidance").map(Text::words).unwrap_or_default();
    let inherited = watched.risk.guidance(measure, threatens, unit);
    let (priority, on_delay_ms) = defaults_of(work);
    let priority = section.one_of("priority", words::PRIORITIES, priority);
    let common = Rule {
        unit,
        measure,
        threatens,
        on_delay_ms: section.duration("on_delay", durations::ANY, on_delay_ms),
        off_delay_ms: section.duration("off_delay", durations::ANY, 0),
        guidance: first_given([guidance, inherited]).into(),
        never_hidden: matches!(work, Work::HotWorkGas | Work::HotWorkGasAlarm),
        ..rule(
            String::new(),
            name.to_owned(),
            priority,
            RuleKind::Ticket(TicketRule { kind: TicketKind::Expired, unit, table: 0, slot: 0 }),
        )
    };
    Row { kind, rule: common }
}

fn keys_of(work: Work) -> &'static [&'static str] {
    match work {
        Work::GasOverdue => &["before"],
        Work::Interruption => &["major", "minor"],
        Work::NextDay => &["day_begins"],
        Work::RecordOverdue => &["every"],
        Work::HotWorkGas => &["factor"],
        Work::GasOverLimit => &["high_lel_gases", "other_gases", "oxygen_max"],
        Work::GasMissing
        | Work::Expired
        | Work::ExpiredWithPeople
        | Work::BlindPlate
        | Work::SupervisorAway
        | Work::HotWorkGasAlarm => &[],
    }
}

fn defaults_of(work: Work) -> (Priority, u64) {
    match work {
        Work::ExpiredWithPeople | Work::HotWorkGasAlarm => (Priority::Critical, 0),
        Work::SupervisorAway => (Priority::High, defaults::SUPERVISOR_ON_DELAY_MS),
        Work::GasMissing
        | Work::GasOverdue
        | Work::Interruption
        | Work::NextDay
        | Work::RecordOverdue
        | Work::Expired
        | Work::BlindPlate
        | Work::HotWorkGas
        | Work::GasOverLimit => (Priority::High, 0),
    }
}

fn kind(section: &Section<'_>, work: Work, watched: &Watched<'_, '_>) -> TicketKind {
    match work {
        Work::GasMissing => TicketKind::GasMissing,
        Work::GasOverdue => {
            TicketKind::GasOverdue { before_ms: section.duration("before", LONG, defaults::ANALYSIS_BEFORE_MS) }
        }
        Work::Interruption => TicketKind::Interruption {
            major_ms: section.duration("major", LONG, defaults::INTERRUPTION_MAJOR_MS),
            minor_ms: section.duration("minor", LONG, defaults::INTERRUPTION_MINOR_MS),
        },
        Work::NextDay => TicketKind::NextDay { day_begins_ms: section.duration("day_begins", durations::ANY, 0) },
        Work::RecordOverdue => {
            TicketKind::RecordOverdue { every_ms: section.duration("every", LONG, defaults::SPACE_RECORD_EVERY_MS) }
        }
        Work::Expired => TicketKind::Expired,
        Work::ExpiredWithPeople => TicketKind::ExpiredWithPeople,
        Work::BlindPlate => TicketKind::BlindPlate,
        Work::SupervisorAway => TicketKind::SupervisorAway,
        Work::HotWorkGasAlarm => TicketKind::HotWorkGasAlarm,
        Work::HotWorkGas => TicketKind::HotWorkGas { limits: tightened(section, watched) },
        Work::GasOverLimit => TicketKind::GasOverLimit(gas_limits(section)),
    }
}

/// A part of the high limit of every detector of combustible gas, and of the greatest that GB/T 50493 allows where there
/// is none.
fn tightened(section: &Section<'_>, watched: &Watched<'_, '_>) -> Vec<(TagIx, Limit)> {
    let factor = within(section, "factor", FACTOR, defaults::HOT_WORK_FACTOR);
    let detectors = watched.points.rows.iter().enumerate().filter(|(_, row)| row.tag.is_combustible_gas());
    let limits: Vec<(TagIx, Limit)> = detectors
        .map(|(at, row)| {
            let high = row.trips.iter().find(|trip| trip.kind == LimitKind::H);
            let standard = if row.tag.is_open_path() { defaults::OPEN_PATH_LEL_M.0 } else { defaults::GAS_HIGH_LEL };
            let trip = tidy(high.map_or(standard, |high| high.trip) * factor);
            let deadband = high.map_or(0.0, |high| high.trip - high.clear).min(trip / 2.0);
            (TagIx::from(at), Limit { kind: LimitKind::H, trip, clear: tidy(trip - deadband) })
        })
        .collect();
    if limits.is_empty() {
        section.spot().warn(
            "hot_work_gas finds no tag in %LEL, so it watches nothing; add the detectors to tags.csv or remove the table",
        );
    }
    limits
}

fn gas_limits(section: &Section<'_>) -> GasLimits {
    GasLimits {
        high_lel: names(section, "high_lel_gases", defaults::HIGH_LEL_GASES),
        high_lel_max: defaults::HIGH_LEL_MAX,
        low_lel_max: defaults::LOW_LEL_MAX,
        others: names(section, "other_gases", defaults::OTHER_GASES),
        oxygen: defaults::OXYGEN_NAMES.iter().map(|&name| name.to_owned()).collect(),
        oxygen_min: defaults::OXYGEN_MIN,
        oxygen_max: oxygen_max(section),
    }
}

/// Never above what the standard allows in enriched air.
fn oxygen_max(section: &Section<'_>) -> f64 {
    within(section, "oxygen_max", defaults::OXYGEN_MIN..=defaults::OXYGEN_ENRICHED_MAX, defaults::OXYGEN_MAX)
}

fn names(section: &Section<'_>, key: &'static str, default: &[&str]) -> Vec<String> {
    if section.key(key).is_none() {
        return default.iter().map(|&name| name.to_owned()).collect();
    }
    section.texts(key).into_iter().filter_map(Text::name).map(str::to_owned).collect()
}

fn within(section: &Section<'_>, key: &'static str, bounds: RangeInclusive<f64>, default: f64) -> f64 {
    let Some((text, number)) = section.number(key) else { return default };
    if !bounds.contains(&number) {
        text.wrong(format_args!(
            "{number} is out of range; write a number from {} to {}",
            bounds.start(),
            bounds.end()
        ));
    }
    number
}

/// The measure whose evidence the rule is, or the event that it threatens; without either that of the ticket's zone.
fn evidence(section: &Section<'_>, watched: &Watched<'_, '_>) -> (Option<MeasureIx>, Option<RiskEventIx>) {
    let written = |key| section.text(key).and_then(Text::needed);
    let (measure, threatens) = (written("measure"), written("threatens"));
    if let (Some(_), Some(threatens)) = (measure, threatens) {
        threatens.wrong("the measure leads to a risk event already; remove one of the two");
    }
    (measure.and_then(|text| watched.risk.measure(text)), threatens.and_then(|text| watched.risk.event(text)))
}
