//! Where people may be, for how long, and whether their cards are heard of: one story for each rule and its edges.

mod gatherings;
mod histories;

use super::*;
use crate::{event::Location, record::AlarmRecord};

const TANKS: usize = 0;
const REACTOR: usize = 1;
const ROOM: usize = 2;
const WANG: u32 = 0;
const LI: u32 = 1;

/// Tanks and reactor are hazardous, the control room is the post of the operators, of whom Wang is one; Li is a fitter.
fn plant(rules: Vec<PeopleRule>) -> Site {
    let zone = |id: &str| Zone { unit: Some(UnitIx(0)), event: Some(RiskEventIx(0)), ..Zone::new(id, id) };
    let person = |id: &str, post: &str| Person { post: Some(post.to_owned()), ..Person::new(id, id, id) };
    Site {
        sources: vec![Source { id: "beacons".into(), name: "beacons".to_owned(), kind: SourceKind::Mqtt }],
        zones: vec![
            Zone { hazardous: true, stay_max_ms: Some(600_000), ..zone("tanks") },
            Zone { hazardous: true, stay_max_ms: Some(60_000), ..zone("reactor") },
            Zone { posts: vec!["operator".to_owned()], ..zone("room") },
        ],
        people: vec![person("wang", "operator"), person("li", "fitter")],
        units: vec![Unit {
            id: "unit".into(),
            name: "unit".into(),
            object_name: "object".to_owned(),
            assessed: RiskLevel::Red,
        }],
        events: vec![RiskEvent { id: "event".into(), name: "event".into(), unit: UnitIx(0) }],
        rules: rules.into_iter().map(|kind| rule(kind.kind_name(), RuleKind::People(kind), None)).collect(),
        ..Site::default()
    }
}

fn of_wang(rule: fn(PersonIx) -> PeopleRule) -> Site {
    plant(vec![rule(PersonIx(WANG))])
}

impl Bench {
    /// A card says where it is: `zone x,y battery`, as far as it does.
    fn says(
        &mut self,
        person: u32,
        zone: Option<usize>,
        position: Option<(f64, f64)>,
        battery: Option<u8>,
    ) -> &mut Self {
        self.apply(Event::Locations(vec![Location {
            person: PersonIx(person),
            zone: zone.map(ZoneIx::from),
            position: position.map(|(x, y)| Position { x, y, floor: 0 }),
            sos: false,
            battery_percent: battery,
            source_time: None,
            received_time: self.now.utc,
        }]))
    }

    fn is_in(&mut self, person: u32, zone: usize) -> &mut Self {
        self.says(person, Some(zone), None, None)
    }

    fn is_outside(&mut self, person: u32) -> &mut Self {
        self.says(person, None, None, None)
    }

    /// A card repeats every two seconds until a second where it is.
    fn stays(&mut self, person: u32, zone: usize, position: (f64, f64), until_s: u64) -> &mut Self {
        let mut second = self.before_s + self.now.monotonic.0 / 1000;
        while second + 2 <= until_s {
            second += 2;
            self.at(second).says(person, Some(zone), Some(position), None);
        }
        self
    }

    fn alarm(&self) -> std::sync::Arc<AlarmRecord> {
        self.engine.snapshot(self.now.utc).alarms.remove(0)
    }

    /// Sets the wall clock to a time of 2026-11-23, UTC.
    fn clock(&mut self, time: &str) -> &mut Self {
        self.now.utc = UtcTime::parse(&format!("2026-11-23T{time}:00Z")).unwrap();
        self.apply(Event::Tick)
    }
}

fn closed_to_all_but(posts: &[&str], hours: &[(u16, u16)], priority: Option<Priority>) -> Access {
    let hours = Hours(hours.iter().map(|(from, until)| Window { from: *from, until: *until }).collect());
    Access { posts: posts.iter().map(|post| (*post).to_owned()).collect(), hours, priority, ..Access::default() }
}

#[test]
fn a_breach_is_told_and_told_again_where_it_goes_on() {
    let mut site = of_wang(|person| PeopleRule::ZoneBreach { person, lasting_ms: 30_000 });
    site.zones[TANKS].access = vec![closed_to_all_but(&["fitter"], &[], Some(Priority::Medium))];
    site.zones[REACTOR].access = vec![closed_to_all_but(&[], &[], Some(Priority::Critical))];
    site.rules[0].on_delay_ms = 3_000;
    let mut bench = Bench::of(site);
    bench.link(Link::Up).is_in(WANG, TANKS).at(3);
    assert_eq!(bench.told, ["3 zone_breach raised"]);
    assert_eq!((bench.alarm().priority, bench.alarm().lasting), (Priority::Medium, false));
    let id = bench.alarm().id.clone();
    let command = |kind| Event::Command(crate::event::Command { request: 1, by: "op".to_owned(), kind });
    bench.at(20).apply(command(crate::event::CommandKind::AcknowledgeAlarm { alarm: id.clone() }));
    assert_eq!(bench.at(32).alarm().state, AlarmState::Acknowledged);
    assert!(!bench.alarm().lasting && bench.at(33).alarm().lasting, "an event to be recorded after thirty seconds");
    bench.is_in(WANG, REACTOR);
    let alarm = bench.alarm();
    assert_eq!((alarm.priority, alarm.state), (Priority::Critical, AlarmState::Unacknowledged));
    assert_eq!(alarm.id, id, "it is one breach");
    bench.apply(command(crate::event::CommandKind::AcknowledgeAlarm { alarm: id })).is_in(WANG, TANKS);
    assert_eq!(
        bench.alarm().state,
        AlarmState::Unacknowledged,
        "another closed zone is told, though it is a lesser one"
    );
    assert_eq!(bench.alarm().priority, Priority::Critical, "an open alarm only gets worse");
    bench.at(40).is_in(WANG, ROOM);
    assert_eq!(bench.told, ["3 zone_breach raised", "40 zone_breach over"]);
}

/// Over a restart, too.
#[test]
fn a_breach_lasts_after_the_time_of_its_rule() {
    let mut site = of_wang(|person| PeopleRule::ZoneBreach { person, lasting_ms: 12_000 });
    site.zones[TANKS].access = vec![closed_to_all_but(&[], &[], None)];
    let mut bench = Bench::of(site);
    bench.link(Link::Up).is_in(WANG, TANKS).at(5).restart().link(Link::Up);
    assert!(!bench.at(11).alarm().lasting && bench.at(12).alarm().lasting);
}

#[test]
fn whoever_is_named_and_whoever_has_the_post_may_be_there() {
    let mut site = plant(vec![
        PeopleRule::ZoneBreach { person: PersonIx(WANG), lasting_ms: 30_000 },
        PeopleRule::ZoneBreach { person: PersonIx(LI), lasting_ms: 30_000 },
    ]);
    site.zones[TANKS].access =
        vec![Access { people: [PersonIx(WANG)].into(), ..closed_to_all_but(&["fitter"], &[], None) }];
    let mut bench = Bench::of(site);
    bench.link(Link::Up).is_in(WANG, TANKS).is_in(LI, TANKS);
    assert_eq!(bench.told, Vec::<String>::new());
}

/// Nine to seventeen local time is one to nine UTC.
#[test]
fn hours_begin_and_end_by_the_local_day_and_a_step_of_the_clock_is_followed_at_once() {
    let mut site = of_wang(|person| PeopleRule::ZoneBreach { person, lasting_ms: 30_000 });
    site.zones[TANKS].access = vec![closed_to_all_but(&[], &[(9 * 60, 17 * 60)], None)];
    let mut bench = Bench::of(site);
    bench.link(Link::Up).clock("00:59").is_in(WANG, TANKS).at(59);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.at(60).told, ["60 zone_breach raised"], "nobody had to move, nothing had to be told");
    bench.clock("05:00").at(100).clock("08:59").at(110).clock("01:00").at(120);
    assert_eq!(bench.told.len(), 1, "within the hours no step changes anything");
    assert_eq!(bench.clock("20:00").told[1..], ["120 zone_breach over"], "a step out of the hours ends them");
    assert_eq!(bench.at(130).clock("03:00").told[2..], ["130 zone_breach raised"]);
    bench.at(140).is_in(WANG, TANKS).at(141).restart();
    assert_eq!(bench.link(Link::Up).told.len(), 3, "a restart changes nothing");
    bench.clock("08:59").is_in(WANG, TANKS).at(201);
    assert_eq!(bench.told[3..], ["201 zone_breach over"]);
}

#[test]
fn a_lost_broker_and_a_silent_card_make_presence_unknown() {
    let mut site = of_wang(|person| PeopleRule::ZoneBreach { person, lasting_ms: 30_000 });
    site.zones[TANKS].access = vec![closed_to_all_but(&[], &[], None)];
    let mut bench = Bench::of(site);
    bench.link(Link::Up).is_in(WANG, TANKS).at(10).link(Link::Down("cut".to_owned()));
    assert!(!bench.alarm().inputs_known);
    bench.at(20).link(Link::Up);
    assert!(bench.alarm().inputs_known && bench.alarm().is_active());
    bench.at(330);
    let wang = bench.engine.snapshot(bench.now.utc).people.remove(0);
    assert!(wang.place_unknown && wang.person.zone.is_none(), "not heard of for five minutes");
    assert!(bench.alarm().is_active() && !bench.alarm().inputs_known, "which ends nothing");
    bench.restart().link(Link::Up);
    assert!(bench.alarm().is_active() && !bench.alarm().inputs_known);
    assert_eq!(bench.is_outside(WANG).told, ["0 zone_breach raised", "330 zone_breach over"]);
    bench.restart();
    let wang = bench.engine.snapshot(bench.now.utc).people.remove(0);
    assert!(!wang.place_unknown, "outside is a place");
}

fn immobile() -> Site {
    of_wang(|person| PeopleRule::Immobile { person, within_m: 1.0, after_ms: 300_000 })
}

#[test]
fn whoever_rests_for_five_minutes_in_a_hazardous_zone_is_immobile() {
    let mut bench = Bench::of(immobile());
    bench.link(Link::Up).says(WANG, Some(TANKS), Some((0.0, 0.0)), None).stays(WANG, TANKS, (0.6, 0.8), 298);
    assert_eq!(bench.told, Vec::<String>::new());
    bench.stays(WANG, TANKS, (0.0, 0.0), 300);
    assert_eq!(bench.told, ["300 immobile raised"], "a metre around where the rest began is no movement");
    bench.stays(WANG, TANKS, (0.0, 1.1), 302);
    assert_eq!(bench.told, ["300 immobile raised", "302 immobile over"]);
    let mut bench = Bench::of(immobile());
    bench.link(Link::Up).says(WANG, Some(ROOM), Some((0.0, 0.0)), None).stays(WANG, ROOM, (0.0, 0.0), 400);
    assert_eq!(bench.told, Vec::<String>::new(), "the control room is no hazardous zone");
}

#[test]
fn without_a_position_nobody_is_immobile_and_nobody_has_moved() {
    let mut bench = Bench::of(immobile());
    bench.link(Link::Up).says(WANG, Some(TANKS), Some((0.0, 0.0)), None).stays(WANG, TANKS, (0.0, 0.0), 200);
    bench.at(202).is_in(WANG, TANKS).at(204).says(WANG, Some(TANKS), Some((0.0, f64::NAN)), None);
    bench.at(298).stays(WANG, TANKS, (0.0, 0.0), 298).at(300).is_in(WANG, TANKS);
    assert_eq!(bench.told, Vec::<String>::new());
    bench.stays(WANG, TANKS, (0.0, 0.0), 302);
    assert_eq!(bench.told, ["302 immobile raised"], "messages without a position neither add to the rest nor end it");
    bench.at(508).is_in(WANG, TANKS);
    assert!(bench.alarm().is_active() && !bench.alarm().inputs_known);
    bench.at(520).says(WANG, Some(TANKS), Some((0.0, 0.0)), None);
    assert!(bench.alarm().is_active(), "until a movement is seen");
}

#[test]
fn a_rest_goes_on_over_a_restart_and_silence_is_no_rest() {
    let mut bench = Bench::of(immobile());
    bench.link(Link::Up).says(WANG, Some(TANKS), Some((0.0, 0.0)), None).stays(WANG, TANKS, (0.0, 0.0), 200);
    bench.restart_as(immobile(), 20).link(Link::Up).stays(WANG, TANKS, (0.0, 0.0), 298);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.stays(WANG, TANKS, (0.0, 0.0), 300).told, ["300 immobile raised"]);
    bench.restart().link(Link::Up).stays(WANG, TANKS, (0.0, 0.0), 310);
    assert_eq!(bench.told.len(), 1);
    assert_eq!(bench.stays(WANG, TANKS, (9.0, 0.0), 312).told[1..], ["312 immobile over"]);
    bench.at(325).restart().link(Link::Up).stays(WANG, TANKS, (0.0, 0.0), 500);
    assert_eq!(bench.told.len(), 2, "what had moved before the restart is no rest at the old place");
    let mut bench = Bench::of(immobile());
    bench.link(Link::Up).says(WANG, Some(TANKS), Some((0.0, 0.0)), None).stays(WANG, TANKS, (0.0, 0.0), 200);
    bench.at(210).is_outside(WANG).restart_as(immobile(), 200).link(Link::Up).stays(WANG, TANKS, (0.0, 0.0), 600);
    assert_eq!(bench.told, Vec::<String>::new(), "nor is it for whoever has been away");
    let mut bench = Bench::of(immobile());
    bench.link(Link::Up).says(WANG, Some(TANKS), Some((0.0, 0.0)), None).at(299);
    assert_eq!(bench.told, Vec::<String>::new());
}

#[test]
fn too_few_people_and_a_missing_one_are_told_in_their_hours() {
    let kind = PeopleRule::Understaffed { zone: ZoneIx(2), people_min: 1, named: Vec::new(), hours: Hours::default() };
    let mut site = plant(vec![kind]);
    site.rules[0].on_delay_ms = 120_000;
    let mut bench = Bench::of(site);
    assert_eq!(bench.at(29).link(Link::Up).at(148).told, Vec::<String>::new());
    assert_eq!(bench.at(149).told, ["149 understaffed raised"], "from the moment that cards could be heard");
    assert_eq!(bench.at(160).is_in(LI, ROOM).told[1..], ["160 understaffed over"]);
    bench.at(170).is_in(LI, TANKS).at(200).restart().link(Link::Up).at(289);
    assert_eq!(bench.told.len(), 2);
    assert_eq!(bench.at(290).told[2..], ["290 understaffed raised"], "the delay went on over the restart");

    let hours = Hours(vec![Window { from: 0, until: 60 }]);
    let kind = PeopleRule::Understaffed { zone: ZoneIx(2), people_min: 0, named: vec![PersonIx(WANG)], hours };
    let mut bench = Bench::of(plant(vec![kind]));
    bench.clock("10:00").link(Link::Up).is_in(LI, ROOM);
    assert_eq!(bench.told, Vec::<String>::new(), "it is eighteen o'clock");
    assert_eq!(bench.clock("16:00").told, ["0 understaffed raised"], "midnight, and another is there");
    assert_eq!(bench.at(5).is_in(WANG, ROOM).told[1..], ["5 understaffed over"]);
}

#[test]
fn a_stay_is_measured_in_each_zone_and_survives_a_restart() {
    let site = || of_wang(|person| PeopleRule::Overstay { person });
    let mut bench = Bench::of(site());
    bench.link(Link::Up).is_in(WANG, TANKS).at(300).is_in(WANG, TANKS).at(560).is_in(WANG, TANKS).at(599);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.at(600).told, ["600 overstay raised"]);
    assert_eq!(bench.at(610).is_in(WANG, REACTOR).told[1..], ["610 overstay over"]);
    assert_eq!(bench.at(670).told[2..], ["670 overstay raised"], "one minute is all that this zone allows");

    let mut bench = Bench::of(site());
    bench.link(Link::Up).is_in(WANG, TANKS).at(200).restart_as(site(), 100).link(Link::Up).at(310).is_in(WANG, TANKS);
    assert_eq!(bench.at(599).told, Vec::<String>::new());
    assert_eq!(bench.at(600).told, ["600 overstay raised"]);

    let mut bench = Bench::of(site());
    bench.link(Link::Up).is_in(WANG, TANKS).at(400);
    assert_eq!(bench.engine.snapshot(bench.now.utc).people[0].person.zone, None, "the place was given up");
    bench.restart().link(Link::Up).at(500).is_in(WANG, TANKS).at(600);
    assert_eq!(bench.told, ["600 overstay raised"], "who is heard of again in the zone has not left it");
}

#[test]
fn a_post_is_kept_by_those_who_have_it() {
    let hours = Hours::default();
    let mut site = plant(vec![
        PeopleRule::WrongPost { person: PersonIx(LI) },
        PeopleRule::OffPost { person: PersonIx(WANG), hours },
    ]);
    site.rules[1].on_delay_ms = 300_000;
    let mut bench = Bench::of(site);
    bench.link(Link::Up).at(400);
    assert_eq!(bench.told, Vec::<String>::new(), "nobody knows where an unheard card is");
    bench.is_in(LI, ROOM).is_in(WANG, ROOM);
    assert_eq!(bench.told, ["400 wrong_post raised"]);
    bench.at(410).is_in(LI, TANKS).at(420).is_outside(WANG).at(700).is_outside(WANG).at(719);
    assert_eq!(bench.told[1..], ["410 wrong_post over"]);
    assert_eq!(bench.at(720).told[2..], ["720 off_post raised"]);
    assert_eq!(bench.at(730).is_in(WANG, ROOM).told[3..], ["730 off_post over"]);
}

#[test]
fn a_silent_card_is_offline_while_its_broker_is_up() {
    let mut bench = Bench::of(of_wang(|person| PeopleRule::CardOffline { person, after_ms: 30_000 }));
    bench.link(Link::Up).at(60);
    assert_eq!(bench.told, Vec::<String>::new(), "a card in its rack");
    bench.is_in(WANG, TANKS).at(80).is_in(WANG, TANKS).at(109);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.at(110).told, ["110 card_offline raised"]);
    bench.at(120).restart().at(140).link(Link::Up).at(169);
    assert_eq!(bench.told.len(), 1, "a restart ends nothing");
    assert_eq!(bench.at(175).is_in(WANG, TANKS).told[1..], ["175 card_offline over"]);
    bench.at(180).link(Link::Down("cut".to_owned())).at(400).link(Link::Up).at(429);
    assert_eq!(bench.told.len(), 2, "nobody could be heard");
    assert_eq!(bench.at(430).told[2..], ["430 card_offline raised"]);
    bench.at(800);
    assert_eq!(bench.told.len(), 3, "offline stays offline when the place is given up");
    assert_eq!(bench.is_outside(WANG).at(900).told[3..], ["800 card_offline over"], "and outside it may go home");
}

#[test]
fn a_low_battery_is_told_once_and_not_forgotten() {
    let mut bench = Bench::of(of_wang(|person| PeopleRule::CardBattery { person, below: 20, clear: 25 }));
    bench.link(Link::Up).says(WANG, None, None, Some(20)).at(5).says(WANG, None, None, Some(19));
    assert_eq!(bench.told, ["5 card_battery raised"]);
    bench.at(10).says(WANG, None, None, Some(24)).at(15).is_outside(WANG).at(20).restart().link(Link::Up);
    bench.at(25).is_outside(WANG);
    assert_eq!(bench.told.len(), 1, "neither a little more nor a restart nor a word without it ends it");
    assert_eq!(bench.at(30).says(WANG, None, None, Some(25)).told[1..], ["30 card_battery over"]);
}
