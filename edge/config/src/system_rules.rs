//! `rules.toml`: the rules by which the alarm system watches itself. Every gateway has them; a table changes one.

use crate::{
    defaults as d,
    documents::Section,
    durations,
    rulebook::{Rulebook, rule},
    sources::narrow,
    text::Text,
    words,
};
use davy_core::model::{FloodLimits, Priority, Repeating, Rule, RuleKind, SystemRule};
use std::ops::RangeInclusive;

/// The names of the tables.
pub(crate) const KINDS: [&str; 11] = [
    "flood",
    "chattering",
    "fleeting",
    "standing",
    "clock_unsynchronised",
    "storage_filling",
    "journal_not_durable",
    "horn_silenced",
    "life_alarm_silenced",
    "certificate_expiring",
    "board_trouble",
];

/// So many alarms, from a few to what a day has at most.
const COUNT: RangeInclusive<u64> = 2..=1_000;
const PERCENT: RangeInclusive<u64> = 1..=99;
const TIME: RangeInclusive<u64> = 1_000..=*durations::ANY.end();

/// One table, or its absence.
#[derive(Clone, Copy)]
struct Table<'s, 'a>(Option<&'s Section<'a>>);

/// Adds the rules, changed where a table says so.
pub(crate) fn read<'a>(rules: Option<&Section<'a>>, book: &mut Rulebook<'a>) {
    let section = |kind| rules.filter(|rules| rules.key(kind).is_some()).and_then(|rules| rules.section(kind));
    let mut add = |kind: &'static str, reader: fn(Table<'_, '_>) -> Vec<Rule>| {
        let section = section(kind);
        reader(Table(section.as_ref())).into_iter().for_each(|rule| book.add_own(rule));
    };
    add("flood", flood);
    add("chattering", chattering);
    add("fleeting", fleeting);
    add("standing", standing);
    add("clock_unsynchronised", clock);
    add("storage_filling", storage);
    add("journal_not_durable", journal);
    add("horn_silenced", horn);
    add("life_alarm_silenced", life);
    add("certificate_expiring", certificate);
    add("board_trouble", board);
}

fn flood(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&["begins", "ends_below", "window"]);
    let limits = FloodLimits {
        begins: table.count("begins", d::FLOOD_BEGINS),
        ends_below: table.count("ends_below", d::FLOOD_ENDS_BELOW),
        window_ms: table.time("window", d::FLOOD_WINDOW_MS),
    };
    if limits.ends_below > limits.begins {
        table.wrong(
            "ends_below",
            format_args!(
                "{} is above begins, {}; a flood ends with fewer alarms than begin it",
                limits.ends_below, limits.begins
            ),
        );
    }
    let guidance = "按首出报警与最高优先级处置，其余报警按单元查看";
    vec![table.rule("flood", "报警泛滥", d::FLOOD_PRIORITY, guidance, SystemRule::Flood(limits))]
}

fn chattering(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&["count_min", "window", "quiet"]);
    let repeating = Repeating {
        count_min: table.count("count_min", d::CHATTERING_COUNT),
        window_ms: table.time("window", d::CHATTERING_WINDOW_MS),
        quiet_ms: table.time("quiet", d::CHATTERING_QUIET_MS),
    };
    let guidance = "检查所列报警的限值、死区与延时，或检修仪表";
    vec![table.rule("chattering", "报警抖动", d::NUISANCE_PRIORITY, guidance, SystemRule::Chattering(repeating))]
}

fn fleeting(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&["shorter", "count_min", "window", "quiet"]);
    let repeating = Repeating {
        count_min: table.count("count_min", d::FLEETING_COUNT),
        window_ms: table.time("window", d::FLEETING_WINDOW_MS),
        quiet_ms: table.time("quiet", d::FLEETING_WINDOW_MS),
    };
    let kind = SystemRule::Fleeting { shorter_ms: table.time("shorter", d::FLEETING_SHORTER_MS), repeating };
    let guidance = "检查所列报警的延时与死区";
    vec![table.rule("fleeting", "瞬时报警", d::NUISANCE_PRIORITY, guidance, kind)]
}

fn standing(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&["after"]);
    let kind = SystemRule::Standing { after_ms: table.time("after", d::STANDING_AFTER_MS) };
    let guidance = "处理所列报警的原因，或按变更管理修改限值";
    vec![table.rule("standing", "长期报警", d::NUISANCE_PRIORITY, guidance, kind)]
}

fn clock(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&["offset_max", "unsynchronised"]);
    let kind = SystemRule::ClockUnsynchronised {
        offset_max_ms: table.time("offset_max", d::CLOCK_OFFSET_MAX_MS),
        unsynchronised_ms: table.time("unsynchronised", d::CLOCK_UNSYNCHRONISED_MS),
    };
    let guidance = "检查时间服务器与网络；恢复前记录的时间不可靠";
    vec![table.rule("clock-unsynchronised", "时钟未同步", d::NUISANCE_PRIORITY, guidance, kind)]
}

/// Two rules: a warning and an alarm.
fn storage(table: Table<'_, '_>) -> Vec<Rule> {
    table.section_knows(&[
        "warn_percent",
        "alarm_percent",
        "hysteresis_percent",
        "warn_priority",
        "alarm_priority",
        "guidance",
    ]);
    let warn = table.whole("warn_percent", PERCENT, d::STORAGE_WARN_PERCENT);
    let alarm = table.whole("alarm_percent", PERCENT, d::STORAGE_ALARM_PERCENT);
    let hysteresis = table.whole("hysteresis_percent", 0..=20, d::STORAGE_HYSTERESIS_PERCENT);
    if warn >= alarm {
        table.wrong(
            "warn_percent",
            format_args!("{warn} is not below alarm_percent, {alarm}; a warning comes before the alarm"),
        );
    }
    let kind = |percent: u64| SystemRule::StorageFilling {
        percent: narrow(percent),
        clear_percent: narrow(percent.saturating_sub(hysteresis)),
    };
    let priority = |key, default| table.0.map_or(default, |section| section.one_of(key, words::PRIORITIES, default));
    let guidance = "检查上行链路是否积压，清理或扩大磁盘";
    let warning = table.own("storage-warning", "存储将满", guidance, kind(warn));
    let full = table.own("storage-alarm", "存储即将写满", guidance, kind(alarm));
    vec![
        Rule { priority: priority("warn_priority", d::NUISANCE_PRIORITY), ..warning },
        Rule { priority: priority("alarm_priority", d::STORAGE_ALARM_PRIORITY), ..full },
    ]
}

fn journal(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&[]);
    let guidance = "声光报警照常；立即检查磁盘，断电会丢失未写入的记录";
    vec![table.rule(
        "journal-not-durable",
        "日志未写入磁盘",
        d::JOURNAL_PRIORITY,
        guidance,
        SystemRule::JournalNotDurable,
    )]
}

fn horn(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&["longer", "window"]);
    let kind = SystemRule::HornSilenced {
        longer_ms: table.time("longer", d::HORN_SILENCED_LONGER_MS),
        window_ms: table.time("window", d::HORN_SILENCED_WINDOW_MS),
    };
    let guidance = "确认并处置未确认的报警，不要靠消音";
    vec![table.rule("horn-silenced", "喇叭消音时间过长", d::HORN_SILENCED_PRIORITY, guidance, kind)]
}

/// Its horn stays silent: the report must not undo what a person has just done.
fn life(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&[]);
    let guidance = "气体或一键报警被消音：先确认并派人处置";
    vec![table.rule(
        "life-alarm-silenced",
        "生命安全报警被消音",
        d::NUISANCE_PRIORITY,
        guidance,
        SystemRule::LifeAlarmSilenced,
    )]
}

fn certificate(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&["before_days"]);
    let before_days = narrow(table.whole("before_days", 1..=730, d::CERTIFICATE_BEFORE_DAYS));
    let guidance = "到期前更换证书：先在另一方信任新证书";
    vec![table.rule(
        "certificate-expiring",
        "证书即将到期",
        d::NUISANCE_PRIORITY,
        guidance,
        SystemRule::CertificateExpiring { before_days },
    )]
}

fn board(table: Table<'_, '_>) -> Vec<Rule> {
    table.knows(&[]);
    let guidance = "现场可能看不到、听不到报警：派人值守页面，检查报警箱的接线、供电与权限";
    vec![table.rule("board-trouble", "声光报警箱异常", d::BOARD_PRIORITY, guidance, SystemRule::BoardTrouble)]
}

impl Table<'_, '_> {
    /// The keys of its own, beside those of every such table.
    fn knows(self, keys: &[&str]) {
        self.section_knows(&[keys, &["priority", "guidance"]].concat());
    }

    fn section_knows(self, keys: &[&str]) {
        self.0.iter().for_each(|section| section.knows(keys));
    }

    fn whole(self, key: &'static str, bounds: RangeInclusive<u64>, default: u64) -> u64 {
        self.0.map_or(default, |section| section.whole(key, bounds, default))
    }

    fn count(self, key: &'static str, default: u64) -> u32 {
        narrow(self.whole(key, COUNT, default))
    }

    fn time(self, key: &'static str, default_ms: u64) -> u64 {
        self.0.map_or(default_ms, |section| section.duration(key, TIME, default_ms))
    }

    fn wrong(self, key: &'static str, what: std::fmt::Arguments<'_>) {
        let spot = self.0.and_then(|section| section.key(key).or_else(|| Some(section.spot())));
        spot.iter().for_each(|spot| spot.error(format!("{key}: {what}")));
    }

    fn rule(self, id: &str, name: &str, priority: Priority, guidance: &str, kind: SystemRule) -> Rule {
        let priority = self.0.map_or(priority, |section| section.one_of("priority", words::PRIORITIES, priority));
        Rule { priority, ..self.own(id, name, guidance, kind) }
    }

    fn own(self, id: &str, name: &str, guidance: &str, kind: SystemRule) -> Rule {
        let written = self.0.and_then(|section| section.text("guidance")).map(Text::words);
        let guidance = written.filter(|words| !words.is_empty()).unwrap_or(guidance).to_owned();
        let kind = RuleKind::System(kind);
        Rule { guidance: guidance.into(), ..rule(format!("system-{id}"), name.to_owned(), Priority::Low, kind) }
    }
}
