//! People call for help where they are, and are counted where they are.

use super::*;
use crate::{
    event::{Command, CommandKind, Location},
    record::AlarmRecord,
};

const CALL: RuleIx = RuleIx(0);
const TANKS: Option<ZoneIx> = Some(ZoneIx(0));
const REACTOR: Option<ZoneIx> = Some(ZoneIx(1));

/// Two zones, each in a unit with a risk event; three people, of whom the first can call; at most two in the tanks' zone.
fn peopled(people_max: u32) -> Site {
    let unit =
        |id: &str| Unit { id: id.into(), name: id.into(), object_name: "object".to_owned(), assessed: RiskLevel::Red };
    let event = |id: &str, unit| RiskEvent { id: id.into(), name: id.into(), unit };
    let zone = |id: &str, unit, event| Zone { unit: Some(unit), event: Some(event), ..Zone::new(id, id) };
    let person = |id: &str| Person::new(id, id, id);
    Site {
        sources: vec![Source { id: "beacons".into(), name: "beacons".to_owned(), kind: SourceKind::Mqtt }],
        zones: vec![zone("tanks", UnitIx(0), RiskEventIx(0)), zone("reactor", UnitIx(1), RiskEventIx(1))],
        people: vec![person("wang"), person("li"), person("liu")],
        units: vec![unit("unit-a"), unit("unit-b")],
        events: vec![event("overflow", UnitIx(0)), event("leak", UnitIx(1))],
        rules: vec![
            rule("call", RuleKind::Sos { person: PersonIx(0) }, None),
            rule("crowd", RuleKind::OverCapacity { zone: ZoneIx(0), people_max }, Some(RiskEventIx(0))),
        ],
        ..Site::default()
    }
}

impl Bench {
    fn crowd(&self) -> u32 {
        self.engine.snapshot(self.now.utc).zones[0].people_count
    }

    fn person(&mut self, person: u32, zone: Option<ZoneIx>, sos: bool) -> &mut Self {
        self.apply(Event::Locations(vec![Location {
            person: PersonIx(person),
            zone,
            position: None,
            sos,
            battery_percent: None,
            source_time: None,
            received_time: self.now.utc,
        }]))
    }

    /// The state of the first alarm that an event's warning lists.
    fn listed_in(&self, event: &str) -> AlarmState {
        let warnings = self.engine.snapshot(self.now.utc).warnings;
        warnings.iter().find(|warning| warning.risk_event == event.into()).unwrap().alarms[0].state
    }

    fn call(&self) -> AlarmRecord {
        self.engine.alarms.get(CALL).cloned().unwrap()
    }

    /// `event state alarms listed` of each open warning, in the order of their ids.
    fn warned(&self) -> Vec<String> {
        let mut warnings = self.engine.snapshot(self.now.utc).warnings;
        warnings.sort_by(|a, b| a.id.cmp(&b.id));
        let words = |w: &std::sync::Arc<crate::record::WarningRecord>| {
            format!("{} {:?} {}", w.risk_event, w.state, w.alarm_count)
        };
        warnings.iter().map(words).collect()
    }
}

#[test]
fn help_goes_where_the_person_calls_again() {
    let mut bench = Bench::of(peopled(2));
    bench.person(0, TANKS, true).at(5).person(0, TANKS, false).at(10).person(0, REACTOR, false);
    assert_eq!(bench.warned(), ["overflow Cleared 1"], "a call that is over stays where it was");
    bench.at(20).person(0, REACTOR, true);
    assert_eq!(bench.told, ["0 call raised", "5 call over", "20 call raised"]);
    assert_eq!((bench.call().risk_event, bench.call().unit), (Some("leak".into()), Some("unit-b".into())));
    assert_eq!(bench.warned(), ["leak Raised 1"], "nothing is left to do in the tanks");
}

#[test]
fn help_follows_whoever_moves_while_calling() {
    let mut bench = Bench::of(peopled(1));
    bench.person(0, TANKS, true).person(1, TANKS, false).at(10).person(2, TANKS, false).person(0, REACTOR, true);
    assert_eq!(bench.call().unit, Some("unit-b".into()));
    assert_eq!(bench.warned(), ["leak Raised 1", "overflow Raised 2"], "the crowd is still there");
    assert_eq!(bench.listed_in("overflow"), AlarmState::Unacknowledged, "as it was when it moved on");
    bench.at(20).person(0, None, true);
    assert_eq!(bench.call().unit, Some("unit-b".into()), "where the person was last");
    bench.at(30).restart().person(0, TANKS, true);
    assert_eq!(bench.call().unit, Some("unit-a".into()));
    assert_eq!(bench.warned(), ["overflow Raised 2"], "and back: it has been counted there");
    assert_eq!(bench.told[0], "0 call raised");
    assert_eq!(bench.told.iter().filter(|told| told.contains("call")).count(), 1, "it is one call");
}

#[test]
fn a_call_that_ends_elsewhere_is_over_wherever_it_is_listed() {
    let mut bench = Bench::of(peopled(1));
    bench.person(0, TANKS, true).person(1, TANKS, false).at(10).person(2, TANKS, false).person(0, REACTOR, true);
    let kind = CommandKind::AcknowledgeAlarm { alarm: bench.call().id };
    bench.apply(Event::Command(Command { request: 1, by: "op".to_owned(), kind })).person(0, REACTOR, false);
    assert_eq!(bench.warned(), ["overflow Raised 2"]);
    assert_eq!(bench.listed_in("overflow"), AlarmState::Normal);
}

#[test]
fn a_changed_capacity_counts_from_the_start() {
    let mut bench = Bench::of(peopled(2));
    bench.person(1, TANKS, false).person(2, TANKS, false).at(10).restart_as(peopled(1), 10);
    assert_eq!(bench.told, ["20 crowd raised"], "nobody had to move");
    bench.at(30).restart_as(peopled(2), 10);
    assert_eq!(bench.told, ["20 crowd raised", "40 crowd over"]);
}

#[test]
fn a_dead_card_keeps_nobody_in_a_zone() {
    let mut bench = Bench::of(peopled(1));
    bench.link(Link::Up).person(0, TANKS, true).person(1, TANKS, false).at(200).person(1, TANKS, false).at(299);
    assert_eq!(bench.crowd(), 2);
    assert_eq!(bench.at(300).crowd(), 1, "the first has not been heard of for five minutes");
    assert_eq!(bench.told, ["0 call raised", "0 crowd raised", "300 crowd over"]);
    assert_eq!(bench.call().unit, Some("unit-a".into()), "the call stays, and where it came from");
    let caller = bench.engine.snapshot(bench.now.utc).people.remove(0);
    assert_eq!((caller.sos, caller.person.zone), (true, None));
    assert_eq!(bench.at(310).person(0, TANKS, true).crowd(), 2, "a new battery");
    assert_eq!(bench.at(500).crowd(), 1, "the second was heard of at 200");
}

#[test]
fn who_cannot_be_heard_is_not_silent() {
    let mut bench = Bench::of(peopled(1));
    bench.link(Link::Up).person(1, TANKS, false).at(100).link(Link::Down("cut".to_owned())).at(900);
    assert_eq!(bench.crowd(), 1, "the broker is lost");
    assert_eq!(bench.link(Link::Up).at(1199).crowd(), 1);
    assert_eq!(bench.at(1200).crowd(), 0, "five minutes after it came back");
    let mut bench = Bench::of(peopled(1));
    bench.link(Link::Up).person(1, TANKS, false).at(290).restart().at(300).link(Link::Up).at(599);
    assert_eq!(bench.crowd(), 1, "after a restart the wait begins anew");
    assert_eq!(bench.at(600).crowd(), 0);
}

/// As a broken beacon server might say: all are counted, few are named, and each message costs what it says and no more.
#[test]
fn a_million_people_in_a_zone_are_counted_and_few_of_them_named() {
    const PEOPLE: u32 = 1_000_000;
    let mut site = peopled(2);
    site.people = (0..PEOPLE).map(|number| Person::new(&number.to_string(), "", "")).collect();
    let now = Now { monotonic: Monotonic(0), utc: UtcTime(1_795_392_000_000) };
    let mut engine = Engine::new(site, 1, now);
    let mut tell = |event| engine.apply(now, event, &mut Effects::default());
    tell(Event::Started);
    tell(Event::Source(SourceIx(0), Link::Up));
    let said = |person: u32, zone| Location {
        person: PersonIx(person),
        zone,
        position: None,
        sos: false,
        battery_percent: None,
        source_time: None,
        received_time: now.utc,
    };
    for from in (0..PEOPLE).step_by(1_000) {
        tell(Event::Locations((from..from + 1_000).map(|person| said(person, TANKS)).collect()));
    }
    // Whoever comes last is told of with all the others.
    tell(Event::Locations(vec![said(0, None)]));
    tell(Event::Locations(vec![said(0, TANKS)]));
    let live = engine.snapshot(now.utc);
    assert_eq!(live.zones[0].people_count, PEOPLE);
    let (alarm, warning) = (says(&*live.alarms[0]), says(&*live.warnings[0]));
    assert_eq!(alarm["rule"], "crowd");
    assert!(alarm.to_string().len() + warning.to_string().len() < 20_000, "{} {}", alarm, warning);
}
