//! What the alarm system saw of itself.

use super::Inputs;
use crate::{
    id::RuleIx,
    limits::OFFENDERS_MAX,
    model::{Site, SystemRule},
    time::UtcTime,
    trigger::{Offender, RaisedRule, SystemTrigger, Trigger},
    watch::{PartLink, Raise, Repeats},
};

impl Inputs {
    /// `now` stands in where nobody has said when.
    pub(super) fn system_trigger(&self, site: &Site, system: &SystemRule, now: UtcTime) -> Trigger {
        let watch = &self.watch;
        let about = match system {
            SystemRule::Flood(limits) => match watch.floods.current {
                Some(flood) => SystemTrigger::Flood {
                    alarm_count: flood.count,
                    window_ms: limits.window_ms,
                    first_out: raised(site, flood.first_out),
                    worst: raised(site, flood.worst),
                },
                None => SystemTrigger::Offenders { rule_count: 0, rules: Vec::new() },
            },
            SystemRule::Chattering(_) => offenders(repeating(site, &watch.chattering)),
            SystemRule::Fleeting { .. } => offenders(repeating(site, &watch.fleeting)),
            SystemRule::Standing { .. } => offenders(self.standing(site)),
            SystemRule::ClockUnsynchronised { .. } => SystemTrigger::Clock(watch.clock.told.unwrap_or_default()),
            SystemRule::StorageFilling { .. } => SystemTrigger::Storage(watch.disk.told.unwrap_or_default()),
            SystemRule::CertificateExpiring { .. } => {
                SystemTrigger::Certificate(watch.certificates.told.clone().flatten().unwrap_or_default())
            }
            SystemRule::JournalNotDurable => return link("journal", "日志", &watch.journal, now),
            SystemRule::BoardTrouble => return link("board", "声光报警箱", &watch.board, now),
            SystemRule::HornSilenced { .. } | SystemRule::LifeAlarmSilenced => {
                SystemTrigger::Silence { silenced_ms: watch.silenced_ms(), by: watch.silences.by.clone() }
            }
        };
        Trigger::System { about, received_time: now }
    }

    /// The rules whose alarms stand, the oldest first.
    pub(crate) fn standing(&self, site: &Site) -> (u32, Vec<Offender>) {
        let stands: Vec<_> = self.watch.stands().collect();
        let rules = stands.iter().take(OFFENDERS_MAX).map(|(ix, at)| offender(site, *ix, 1, Some(*at)));
        (u32::try_from(stands.len()).unwrap_or(u32::MAX), rules.collect())
    }
}

fn link(id: &str, name: &str, link: &PartLink, now: UtcTime) -> Trigger {
    let (reason, since) = link.down().unwrap_or(("", now));
    Trigger::Link { id: id.to_owned(), name: name.to_owned(), reason: reason.to_owned(), received_time: since }
}

/// The rules that repeat themselves, the worst first.
pub(crate) fn repeating(site: &Site, repeats: &Repeats) -> (u32, Vec<Offender>) {
    let worst = repeats.worst();
    let rules = worst.iter().take(OFFENDERS_MAX).map(|(ix, count)| offender(site, *ix, *count, None));
    (u32::try_from(worst.len()).unwrap_or(u32::MAX), rules.collect())
}

fn offenders((rule_count, rules): (u32, Vec<Offender>)) -> SystemTrigger {
    SystemTrigger::Offenders { rule_count, rules }
}

fn offender(site: &Site, ix: RuleIx, count: u32, raised_at: Option<UtcTime>) -> Offender {
    let rule = &site.rules[ix.at()];
    let unit = rule.unit.map(|unit| site.units[unit.at()].id.clone());
    Offender { rule: rule.id.clone(), name: rule.name.clone(), unit, count, raised_at }
}

/// A rule that was raised, in words.
pub(crate) fn raised(site: &Site, raise: Raise) -> RaisedRule {
    let rule = &site.rules[raise.rule.at()];
    RaisedRule {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        unit: rule.unit.map(|unit| site.units[unit.at()].id.clone()),
        priority: rule.priority,
        raised_at: raise.at,
    }
}
