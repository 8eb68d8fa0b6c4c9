//! `gateway.toml` without its sources and uplinks: who the gateway is, its page, its board, its policy.

use crate::{
    Secrets, defaults,
    documents::Section,
    durations, plans,
    sources::narrow,
    text::{Text, quoted},
    types::{KeepConfig, SamplesConfig, StorageConfig, UpdateConfig, WebConfig},
    update, web, words,
};
use davy_core::{
    calendar::Calendar,
    model::{ByLevel, Change, EscalateAfter, Gateway, Policy},
    time::UtcTime,
};
use std::ops::RangeInclusive;

/// A shorter shelf would end before its alarm could be looked at, a longer one is out of service.
const SHELVE_MAX: RangeInclusive<u64> = 60_000..=*durations::ANY.end();

/// In a shorter time nobody could have answered.
const ESCALATE_AFTER: RangeInclusive<u64> = 60_000..=*durations::ANY.end();

/// Engineering bound: what is further apart than this is told apart by people. With 0 source times decide nothing.
const FIRST_OUT_WINDOW: RangeInclusive<u64> = 0..=10_000;

/// A card is to report 30 times a minute (AQ 3064.3-2025): a minute of silence is no accident of radio. A place that nobody
/// has repeated for longer than an hour is none.
const LOCATION_MAX_AGE: RangeInclusive<u64> = 60_000..=3_600_000;

/// Of the time that a task may take.
const OVERDUE_STEP_PERCENT: RangeInclusive<u64> = 10..=200;

/// In a shorter time nobody could have acknowledged.
const ACKNOWLEDGE_IN_TIME: RangeInclusive<u64> = 60_000..=*durations::ANY.end();

/// Room for some days of events at least, and no more than a disk has.
const BUDGET_MB: RangeInclusive<u64> = 16..=16_000_000;

/// What the file says of the gateway itself.
pub(crate) struct Head {
    pub(crate) gateway: Gateway,
    pub(crate) web: WebConfig,
    pub(crate) samples: SamplesConfig,
    pub(crate) policy: Policy,
    pub(crate) calendar: Calendar,
    pub(crate) storage: StorageConfig,
    pub(crate) update: UpdateConfig,
}

/// Reads all but sources and uplinks.
pub(crate) fn read(root: Option<Section<'_>>, config_version: String, secrets: Secrets<'_>) -> Head {
    let mut head = Head {
        gateway: Gateway { config_version: config_version.into(), ..Gateway::default() },
        web: web::DEFAULT,
        samples: defaults::SAMPLES,
        policy: Policy::default(),
        calendar: Calendar::default(),
        storage: defaults::STORAGE,
        update: update::default(),
    };
    let Some(root) = root else { return head };
    root.knows(&[
        "gateway",
        "web",
        "board",
        "recording",
        "history",
        "map",
        "policy",
        "calendar",
        "storage",
        "update",
        "change",
        "source",
        "uplink",
    ]);
    match root.section("gateway") {
        Some(section) => identity(&section, &mut head.gateway),
        None if root.key("gateway").is_none() => root.missing("[gateway]", "it with company_code, gateway_id and name"),
        None => {}
    }
    head.gateway.change = change(&root);
    if let Some(section) = root.section("web") {
        head.web = web::read(&section, secrets);
    }
    if let Some(section) = root.section("recording") {
        head.samples.recording = keep(&section, head.samples.recording);
    }
    if let Some(section) = root.section("history") {
        head.samples.history = keep(&section, head.samples.history);
    }
    if let Some(section) = root.section("storage") {
        section.knows(&["budget_mb", "days_max"]);
        head.storage.days_max = narrow(section.whole("days_max", 60..=36_600, head.storage.days_max.into()));
        let budget_mb = section.key("budget_mb").map(|_| section.whole("budget_mb", BUDGET_MB, *BUDGET_MB.start()));
        head.storage.budget_bytes = budget_mb.map(|mb| mb.saturating_mul(1_000_000));
    }
    if let Some(section) = root.section("update") {
        head.update = update::read(&section);
    }
    if let Some(section) = root.section("policy") {
        head.policy = policy(&section, head.policy);
    }
    head.calendar.utc_offset_ms = i64::from(head.policy.utc_offset_min) * 60_000;
    if let Some(section) = root.section("calendar") {
        calendar(&section, &mut head.calendar);
    }
    head
}

/// Who changed the configuration and why goes into the history of the master alarm table.
fn change(root: &Section<'_>) -> Option<Change> {
    let Some(section) = root.section("change") else {
        if root.key("change").is_none() {
            root.spot().warn("nobody says who changed this configuration and why; add [change] with author, reason and date, which the history of the alarm table shows");
        }
        return None;
    };
    section.knows(&["version", "author", "reason", "date"]);
    let author = section.needed_text("author", "李工").and_then(Text::name);
    let reason = section.needed_text("reason", "MOC-2026-017 高限下调").map(Text::words);
    let date = section.needed_text("date", "2026-11-23").and_then(|text| text.parse(date));
    let version = section.text("version").and_then(Text::given).and_then(Text::name);
    Some(Change {
        version: version.map(str::to_owned),
        author: author?.to_owned(),
        reason: reason?.to_owned(),
        date: date?,
    })
}

fn date(text: &str) -> Result<String, String> {
    let is_date = text.len() == 10 && UtcTime::parse(&format!("{text}T00:00:00Z")).is_some();
    is_date.then(|| text.to_owned()).ok_or_else(|| format!("{} is no date; write \"2026-11-23\"", quoted(text)))
}

/// Comes with the local time of the policy.
fn calendar(section: &Section<'_>, calendar: &mut Calendar) {
    section.knows(&["utc_offset", "not_before"]);
    if let Some(text) = section.text("utc_offset")
        && let Some(offset_ms) = text.parse(plans::utc_offset)
        && offset_ms != calendar.utc_offset_ms
    {
        text.wrong(
            "differs from utc_offset of [policy], and a site has one local time; remove it here and write it there",
        );
    }
    let not_before = |text: &str| plans::not_before(text, calendar.utc_offset_ms);
    if let Some(time) = section.text("not_before").and_then(|text| text.parse(not_before)) {
        calendar.not_before = time;
    }
}

fn identity(section: &Section<'_>, gateway: &mut Gateway) {
    section.knows(&["company_code", "gateway_id", "name"]);
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let code = section.needed_text("company_code", "330100123");
    gateway.company_code = code.and_then(|text| text.parse(company_code)).unwrap_or_default();
    gateway.gateway_id = owned(section.needed_text("gateway_id", "gw-1").and_then(Text::code));
    gateway.name = owned(section.needed_text("name", "罐区边缘网关").and_then(Text::name));
}

fn company_code(text: &str) -> Result<String, String> {
    if text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is not nine digits; write the enterprise's code in the hazardous-chemical registration system",
        quoted(text)
    ))
}

fn keep(section: &Section<'_>, default: KeepConfig) -> KeepConfig {
    section.knows(&["megabytes_max", "days_max"]);
    KeepConfig {
        megabytes_max: narrow(section.whole("megabytes_max", 10..=10_000_000, default.megabytes_max.into())),
        days_max: narrow(section.whole("days_max", 1..=3_660, default.days_max.into())),
    }
}

fn policy(section: &Section<'_>, default: Policy) -> Policy {
    section.knows(&[
        "task_due",
        "escalate_after",
        "horn_silence",
        "shelve_max",
        "horn_from",
        "relay_from",
        "utc_offset",
        "first_out_window",
        "location_max_age",
        "overdue_step_percent",
        "acknowledge_in_time",
    ]);
    Policy {
        task_due_ms: section
            .section("task_due")
            .map_or(default.task_due_ms, |table| task_due(&table, default.task_due_ms)),
        escalate_after: section
            .section("escalate_after")
            .map_or(default.escalate_after, |table| escalate_after(&table, default.escalate_after)),
        utc_offset_min: section
            .text("utc_offset")
            .and_then(|text| text.parse(utc_offset))
            .unwrap_or(default.utc_offset_min),
        horn_silence_ms: section.duration("horn_silence", durations::ANY, default.horn_silence_ms),
        shelve_max_ms: section.duration("shelve_max", SHELVE_MAX, default.shelve_max_ms),
        horn_from: section.one_of("horn_from", words::PRIORITIES, default.horn_from),
        relay_from: section.one_of("relay_from", words::PRIORITIES, default.relay_from),
        first_out_window_ms: section.duration("first_out_window", FIRST_OUT_WINDOW, default.first_out_window_ms),
        location_max_age_ms: section.duration("location_max_age", LOCATION_MAX_AGE, default.location_max_age_ms),
        overdue_step_percent: narrow(section.whole(
            "overdue_step_percent",
            OVERDUE_STEP_PERCENT,
            default.overdue_step_percent.into(),
        )),
        acknowledge_in_time_ms: section.duration(
            "acknowledge_in_time",
            ACKNOWLEDGE_IN_TIME,
            default.acknowledge_in_time_ms,
        ),
    }
}

fn utc_offset(text: &str) -> Result<i16, String> {
    let minutes = || {
        let (hours, minutes) = text.get(1..)?.split_once(':')?;
        let number = |digits: &str| digits.parse::<i16>().ok().filter(|_| digits.len() == 2);
        let minutes = number(hours)?.checked_mul(60)? + number(minutes).filter(|minutes| *minutes < 60)?;
        match text.as_bytes().first()? {
            b'+' => Some(minutes),
            b'-' => Some(-minutes),
            _ => None,
        }
    };
    minutes()
        .filter(|minutes| (-12 * 60..=14 * 60).contains(minutes))
        .ok_or_else(|| format!("{} is no difference to UTC; write \"+08:00\" for China", quoted(text)))
}

fn task_due(table: &Section<'_>, default: ByLevel) -> ByLevel {
    table.knows(&["red", "orange", "yellow", "blue"]);
    let due = |key, default_ms| table.duration(key, durations::ANY, default_ms);
    ByLevel {
        red: due("red", default.red),
        orange: due("orange", default.orange),
        yellow: due("yellow", default.yellow),
        blue: due("blue", default.blue),
    }
}

/// A time for each level, or `never`. Red has none: to leave it out in silence would let the author believe that it has.
fn escalate_after(table: &Section<'_>, default: EscalateAfter) -> EscalateAfter {
    if let Some(red) = table.key("red") {
        table.knows(&["red", "orange", "yellow", "blue"]);
        red.error("red has no time after which it gets worse: it is the worst level; remove the key \"red\"");
    } else {
        table.knows(&["orange", "yellow", "blue"]);
    }
    let after =
        |key, default_ms| table.text(key).map_or(default_ms, |text| text.parse(time_or_never).unwrap_or(default_ms));
    EscalateAfter {
        orange: after("orange", default.orange),
        yellow: after("yellow", default.yellow),
        blue: after("blue", default.blue),
    }
}

fn time_or_never(text: &str) -> Result<Option<u64>, String> {
    match text {
        "never" | "不升级" => Ok(None),
        time => durations::parse(time, &ESCALATE_AFTER).map(Some).map_err(|what| format!("{what}, or \"never\"")),
    }
}
