//! What a run has played, kind by kind. A kind that the engine learns stops the compiler here until it has a name, and the test
//! until something plays it.

use crate::world::Happened;
use davy_core::{
    event::{CommandKind, Event},
    model::{
        BypassStage, Gas::*, Limit, LimitKind::*, PeopleRule, RuleKind, SignalRule, Site, StateMeaning, SystemRule,
        TicketKind, TicketRule,
    },
    record::Record,
};
use std::{collections::BTreeMap, fmt};

/// The names of all kinds, and the one of each: as one list, so that neither can leave out what the other has.
macro_rules! kinds {
    ($all:ident, $name:ident: $type:ty { $($pattern:pat $(if $guard:expr)? => $word:literal,)* }) => {
        const $all: &[&str] = &[$($word),*];

        fn $name(kind: $type) -> &'static str {
            match kind { $($pattern $(if $guard)? => $word),* }
        }
    };
}

kinds! { EVENTS, event: &Event {
    Event::Started => "started",
    Event::Samples(_) => "samples",
    Event::Locations(_) => "locations",
    Event::Video(_) => "video",
    Event::Ticket(_) => "ticket",
    Event::Source(..) => "source",
    Event::Uplink(..) => "uplink",
    Event::Clock(_) => "clock",
    Event::Storage(_) => "storage",
    Event::Journal(_) => "journal",
    Event::Command(_) => "command",
    Event::Tick => "tick",
    Event::Evidence(_) => "evidence",
    Event::Certificates(_) => "certificates",
    Event::Backfill(_) => "backfill",
    Event::Reconfigured => "reconfigured",
    Event::Platform(_) => "platform",
    Event::Board(_) => "board",
} }

kinds! { COMMANDS, command: &CommandKind {
    CommandKind::AcknowledgeAlarm { .. } => "acknowledge alarm",
    CommandKind::ResetAlarm { .. } => "reset alarm",
    CommandKind::ShelveAlarm { .. } => "shelve alarm",
    CommandKind::UnshelveAlarm { .. } => "unshelve alarm",
    CommandKind::ShelveRule { .. } => "shelve rule",
    CommandKind::UnshelveRule { .. } => "unshelve rule",
    CommandKind::TakeOutOfService { .. } => "take out of service",
    CommandKind::ReturnToService { .. } => "return to service",
    CommandKind::StopUnit { .. } => "stop unit",
    CommandKind::ResumeUnit { .. } => "resume unit",
    CommandKind::SilenceHorn => "silence horn",
    CommandKind::AcceptTask { .. } => "accept task",
    CommandKind::FinishTask { .. } => "finish task",
    CommandKind::CancelTask { .. } => "cancel task",
    CommandKind::AddAttachment { .. } => "add attachment",
    CommandKind::ReviewHazard { .. } => "review hazard",
    CommandKind::DecideCertificate { .. } => "decide certificate",
    CommandKind::RetryParked { .. } => "retry parked",
    CommandKind::NoteUnauthenticated { .. } => "note unauthenticated",
    CommandKind::Note(_) => "note access",
} }

kinds! { RULES, rule: &RuleKind {
    RuleKind::Limit { limit: Limit { kind: HH, .. }, .. } => "limit_hh",
    RuleKind::Limit { limit: Limit { kind: H, .. }, .. } => "limit_h",
    RuleKind::Limit { limit: Limit { kind: L, .. }, .. } => "limit_l",
    RuleKind::Limit { limit: Limit { kind: LL, .. }, .. } => "limit_ll",
    RuleKind::BadQuality { .. } => "bad_quality",
    RuleKind::UncertainQuality { .. } => "uncertain_quality",
    RuleKind::Stale { .. } => "stale",
    RuleKind::RateOfChange { .. } => "rate_of_change",
    RuleKind::OutOfRange { .. } => "out_of_range",
    RuleKind::Frozen { .. } => "frozen",
    RuleKind::Deviation { .. } => "deviation",
    RuleKind::Mismatch { .. } => "mismatch",
    RuleKind::Signal(SignalRule::Gas { gas: Combustible, .. }) => "gas, combustible",
    RuleKind::Signal(SignalRule::Gas { gas: Toxic, .. }) => "gas, toxic",
    RuleKind::Signal(SignalRule::Gas { gas: Oxygen, .. }) => "gas, oxygen",
    RuleKind::Signal(SignalRule::Gas { gas: OpenPath, .. }) => "gas, open path",
    RuleKind::Signal(SignalRule::State { meaning: StateMeaning::State, .. }) => "state",
    RuleKind::Signal(SignalRule::State { meaning: StateMeaning::SisTrip, .. }) => "sis_trip",
    RuleKind::Signal(SignalRule::State { meaning: StateMeaning::SisBypass(BypassStage::Begun), .. }) => "sis_bypass",
    RuleKind::Signal(SignalRule::State { meaning: StateMeaning::SisBypass(BypassStage::Reminder), .. }) =>
        "sis_bypass_reminder",
    RuleKind::Signal(SignalRule::State { meaning: StateMeaning::SisBypass(BypassStage::Overdue), .. }) =>
        "sis_bypass_overdue",
    RuleKind::Signal(SignalRule::Forecast { .. }) => "forecast",
    RuleKind::Sos { .. } => "sos",
    RuleKind::OverCapacity { .. } => "over_capacity",
    RuleKind::Video { .. } => "video",
    RuleKind::People(PeopleRule::ZoneBreach { .. }) => "zone_breach",
    RuleKind::People(PeopleRule::Immobile { .. }) => "immobile",
    RuleKind::People(PeopleRule::Understaffed { .. }) => "understaffed",
    RuleKind::People(PeopleRule::Gathering { .. }) => "gathering",
    RuleKind::People(PeopleRule::Overstay { .. }) => "overstay",
    RuleKind::People(PeopleRule::WrongPost { .. }) => "wrong_post",
    RuleKind::People(PeopleRule::OffPost { .. }) => "off_post",
    RuleKind::People(PeopleRule::CardOffline { .. }) => "card_offline",
    RuleKind::People(PeopleRule::CardBattery { .. }) => "card_battery",
    RuleKind::SourceLost { .. } => "source_lost",
    RuleKind::UplinkLost { .. } => "uplink_lost",
    RuleKind::Ticket(TicketRule { kind: TicketKind::GasMissing, .. }) => "ticket_gas_missing",
    RuleKind::Ticket(TicketRule { kind: TicketKind::GasOverdue { .. }, .. }) => "ticket_gas_overdue",
    RuleKind::Ticket(TicketRule { kind: TicketKind::Interruption { .. }, .. }) => "ticket_interruption",
    RuleKind::Ticket(TicketRule { kind: TicketKind::NextDay { .. }, .. }) => "ticket_next_day",
    RuleKind::Ticket(TicketRule { kind: TicketKind::RecordOverdue { .. }, .. }) => "ticket_record_overdue",
    RuleKind::Ticket(TicketRule { kind: TicketKind::Expired, .. }) => "ticket_expired",
    RuleKind::Ticket(TicketRule { kind: TicketKind::ExpiredWithPeople, .. }) => "ticket_expired_people",
    RuleKind::Ticket(TicketRule { kind: TicketKind::BlindPlate, .. }) => "ticket_blind_plate",
    RuleKind::Ticket(TicketRule { kind: TicketKind::SupervisorAway, .. }) => "ticket_supervisor_away",
    RuleKind::Ticket(TicketRule { kind: TicketKind::HotWorkGasAlarm, .. }) => "hot_work_gas_alarm",
    RuleKind::Ticket(TicketRule { kind: TicketKind::HotWorkGas { .. }, .. }) => "hot_work_gas",
    RuleKind::Ticket(TicketRule { kind: TicketKind::GasOverLimit(_), .. }) => "ticket_gas_over_limit",
    RuleKind::Ticket(TicketRule { kind: TicketKind::TooMany, .. }) => "tickets_full",
    RuleKind::Compound(compound) if compound.voting => "voting",
    RuleKind::Compound(_) => "compound",
    RuleKind::InspectionOverdue(_) => "inspection_overdue",
    RuleKind::System(SystemRule::Flood(_)) => "flood",
    RuleKind::System(SystemRule::Chattering(_)) => "chattering",
    RuleKind::System(SystemRule::Fleeting { .. }) => "fleeting",
    RuleKind::System(SystemRule::Standing { .. }) => "standing",
    RuleKind::System(SystemRule::ClockUnsynchronised { .. }) => "clock_unsynchronised",
    RuleKind::System(SystemRule::StorageFilling { .. }) => "storage_filling",
    RuleKind::System(SystemRule::JournalNotDurable) => "journal_not_durable",
    RuleKind::System(SystemRule::BoardTrouble) => "board_trouble",
    RuleKind::System(SystemRule::HornSilenced { .. }) => "horn_silenced",
    RuleKind::System(SystemRule::LifeAlarmSilenced) => "life_alarm_silenced",
    RuleKind::System(SystemRule::CertificateExpiring { .. }) => "certificate_expiring",
} }

/// How often each kind was played.
#[derive(Default)]
pub(crate) struct Coverage {
    events: BTreeMap<&'static str, u64>,
    /// Commands that were obeyed, and those that were refused.
    obeyed: BTreeMap<&'static str, u64>,
    refused: BTreeMap<&'static str, u64>,
    /// Rules that stand in a site, and alarms that one of the kind raised.
    configured: BTreeMap<&'static str, u64>,
    raised: BTreeMap<&'static str, u64>,
    /// Records that were journaled.
    records: BTreeMap<&'static str, u64>,
}

impl Coverage {
    pub(crate) fn configured(&mut self, site: &Site) {
        site.rules.iter().for_each(|known| *self.configured.entry(rule(&known.kind)).or_default() += 1);
    }

    pub(crate) fn take(&mut self, happened: &Happened, site: &Site) {
        for (what, effects) in happened {
            *self.events.entry(event(what)).or_default() += 1;
            if let (Event::Command(asked), Some(answer)) = (what, effects.answers.first()) {
                let answers = if answer.result.is_ok() { &mut self.obeyed } else { &mut self.refused };
                *answers.entry(command(&asked.kind)).or_default() += 1;
            }
            for record in &effects.records {
                *self.records.entry(record.kind()).or_default() += 1;
                let Record::Alarm(alarm) = record else { continue };
                let its = site.rules.iter().find(|known| known.id == alarm.rule);
                its.into_iter().for_each(|known| *self.raised.entry(rule(&known.kind)).or_default() += 1);
            }
        }
    }

    /// What was never played, but for the alarms of rules that need more time.
    pub(crate) fn missing(&self, too_long: &[&str]) -> Vec<String> {
        let gaps = |of: &str, all: &[&str], played: &BTreeMap<&'static str, u64>| -> Vec<String> {
            all.iter().filter(|kind| !played.contains_key(*kind)).map(|kind| format!("{of} {kind}")).collect()
        };
        let mut raised = gaps("alarm of", RULES, &self.raised);
        raised.retain(|gap| !too_long.iter().any(|kind| gap.ends_with(&format!(" {kind}"))));
        [
            gaps("event", EVENTS, &self.events),
            gaps("obeyed command", COMMANDS, &self.obeyed),
            gaps("refused command", COMMANDS, &self.refused),
            gaps("rule", RULES, &self.configured),
            raised,
            gaps("record", Record::KINDS, &self.records),
        ]
        .concat()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = [
            ("events", &self.events),
            ("commands obeyed", &self.obeyed),
            ("commands refused", &self.refused),
            ("rules configured", &self.configured),
            ("records of alarms", &self.raised),
            ("records", &self.records),
        ];
        each.into_iter().try_for_each(|(of, counts)| {
            let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
            writeln!(f, "{of}: {}", counts.join(", "))
        })
    }
}
