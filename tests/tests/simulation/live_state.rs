//! What must hang together within the live state: people and places, tickets, lamp and horn.

use acceptance::desk::Desk;
use davy_core::{
    annunciation::{Annunciation, LampColour, LampPattern},
    id::{PersonId, RuleId},
    limits::TICKETS_MAX,
    model::{PeopleRule, Priority, RuleKind, Site},
    record::AlarmState,
    snapshot::Snapshot,
    trigger::Trigger,
};
use std::collections::{BTreeMap, BTreeSet};

/// Whoever is said to be where they must not be is there, as far as that is known.
pub(super) fn check_presence(live: &Snapshot, site: &Site, unheard: &BTreeSet<PersonId>) {
    let rules = people_rules(site);
    for alarm in live.alarms.iter().filter(|alarm| alarm.is_active() && alarm.inputs_known) {
        let Some(kind) = rules.get(&alarm.rule) else { continue };
        let about = kind.person().map(|person| &site.people[person.at()]).filter(|about| !unheard.contains(&about.id));
        let Some(about) = about else { continue };
        let person = live.people.iter().find(|known| known.person.id == about.id);
        let zone = site.zones.iter().find(|zone| person.is_some_and(|p| p.person.zone.as_ref() == Some(&zone.id)));
        let right = match kind {
            PeopleRule::ZoneBreach { .. } => zone.is_some_and(|zone| !zone.access.is_empty()),
            // Over a restart the rest goes on where it was until something is told.
            PeopleRule::Immobile { .. } => zone.is_some_and(|zone| zone.hazardous) && names_a_position(&alarm.trigger),
            PeopleRule::Overstay { .. } => zone.is_some_and(|zone| zone.stay_max_ms.is_some()),
            PeopleRule::WrongPost { .. } => zone.is_some_and(|zone| !zone.posts.is_empty()),
            PeopleRule::CardOffline { .. } => person.is_some_and(|person| zone.is_some() || person.place_unknown),
            PeopleRule::CardBattery { .. } => person.is_some_and(|person| person.battery_percent < Some(25)),
            PeopleRule::OffPost { .. } | PeopleRule::Understaffed { .. } | PeopleRule::Gathering { .. } => true,
        };
        assert!(right, "{alarm:?} of {person:?}");
    }
}

/// By their ids: amid a flood there are too many alarms to look through all rules for each.
fn people_rules(site: &Site) -> BTreeMap<&RuleId, &PeopleRule> {
    let people = site
        .rules
        .iter()
        .filter_map(|rule| if let RuleKind::People(kind) = &rule.kind { Some((&rule.id, kind)) } else { None });
    people.collect()
}

fn names_a_position(trigger: &Trigger) -> bool {
    matches!(trigger, Trigger::Person { position: Some(_), .. })
}

/// A gathering is of people who are there, and its priority is that of so many, or of more who were.
pub(super) fn check_gatherings(live: &Snapshot, site: &Site, unheard: &BTreeSet<PersonId>) {
    let rules = people_rules(site);
    for alarm in live.alarms.iter().filter(|alarm| alarm.is_active()) {
        let Some(PeopleRule::Gathering { zones, counts, .. }) = rules.get(&alarm.rule) else { continue };
        let inside: u32 = zones.iter().map(|zone| live.zones[zone.at()].people_count).sum();
        assert!(
            !alarm.inputs_known || !unheard.is_empty() || inside >= counts.yellow,
            "{inside} people, and {alarm:?}"
        );
        let Trigger::Gathering { people_count, people, .. } = &*alarm.trigger else { panic!("{alarm:?}") };
        assert_eq!(people.len(), usize::try_from(*people_count).expect("a handful"), "{alarm:?}");
        assert!(
            people.is_empty() || counts.priority(*people_count).is_some_and(|of| of <= alarm.priority),
            "{alarm:?}"
        );
    }
}

/// Help is sent where whoever calls is now.
pub(super) fn check_calls(live: &Snapshot, site: &Site, unheard: &BTreeSet<PersonId>) {
    for rule in &site.rules {
        let RuleKind::Sos { person } = rule.kind else { continue };
        let call = live.alarms.iter().find(|alarm| alarm.rule == rule.id && alarm.is_active());
        let about = &site.people[person.at()].id;
        let caller = live.people.iter().find(|known| known.person.id == *about && !unheard.contains(about));
        let zone =
            caller.and_then(|caller| site.zones.iter().find(|zone| Some(&zone.id) == caller.person.zone.as_ref()));
        if let (Some(call), Some(event)) = (call, zone.and_then(|zone| zone.event)) {
            assert_eq!(call.risk_event.as_ref(), Some(&site.events[event.at()].id), "{call:?}");
        }
    }
}

/// No ticket has two alarms of one table, and an active one is about a ticket that is open.
pub(super) fn check_tickets(live: &Snapshot) {
    let mut named = BTreeSet::new();
    for alarm in live.alarms.iter().filter(|alarm| alarm.is_active()) {
        let Trigger::Ticket(ticket) = &*alarm.trigger else { continue };
        let its = || ticket.further.iter().chain([&ticket.ticket]);
        assert!(its().any(|id| live.tickets.iter().any(|open| open.id == *id)), "{alarm:?}");
        let table = alarm.rule.as_str().rsplit_once('.').map(|(table, _)| table.to_owned());
        assert!(!ticket.further.is_empty() || named.insert((table, ticket.ticket.clone())), "{alarm:?}");
    }
    assert!(live.tickets.len() <= TICKETS_MAX);
}

/// Lamp, horn and relay from the open alarms, as IEC 60073 and the policy have it, derived here a second time.
pub(super) fn check_lamp(live: &Snapshot, desk: &Desk, site: &Site) {
    let worst = |states: &[AlarmState]| -> Option<Priority> {
        live.alarms.iter().filter(|alarm| states.contains(&alarm.state)).map(|alarm| alarm.priority).max()
    };
    let new = worst(&[AlarmState::Unacknowledged]);
    let latched = [AlarmState::LatchedUnacknowledged, AlarmState::LatchedAcknowledged];
    let held = worst(&[&[AlarmState::Unacknowledged, AlarmState::Acknowledged], &latched[..]].concat());
    let gone = worst(&[AlarmState::ReturnedUnacknowledged, AlarmState::LatchedUnacknowledged]);
    let colour = |priority| match priority {
        Priority::Critical => LampColour::Red,
        Priority::High => LampColour::Amber,
        Priority::Medium => LampColour::Yellow,
        Priority::Low => LampColour::Blue,
    };
    let silenced_until = desk.annunciation.silenced_until;
    let expected = Annunciation {
        lamp: held.max(gone).map_or(LampColour::Green, colour),
        pattern: match (new, gone) {
            (Some(_), _) => LampPattern::Flash,
            (None, Some(_)) => LampPattern::SlowFlash,
            (None, None) => LampPattern::Steady,
        },
        horn: new.is_some_and(|new| new >= site.policy.horn_from) && silenced_until.is_none(),
        relay: held.is_some_and(|held| held >= site.policy.relay_from),
        silenced_until,
    };
    assert_eq!(desk.annunciation, expected, "what the board was told last");
    assert_eq!(desk.engine().annunciation(), expected, "what the engine says");
    assert_eq!(live.annunciation, expected, "what observers see");
}
