//! People who stand together: when it is told, how it grows, and what is not known of it.

use super::*;
use crate::{
    event::{Command, CommandKind, Shelving},
    trigger::Trigger,
};

/// Ten people, and one rule over tanks and reactor with the standard's numbers.
fn gathering() -> Site {
    let counts = GatheringCounts { yellow: 3, orange: 4, red: 7 };
    let kind = PeopleRule::Gathering { zones: vec![ZoneIx(0), ZoneIx(1)], radius_m: 15.0, counts };
    let mut site = plant(vec![kind]);
    site.rules[0].on_delay_ms = 60_000;
    site.people = (0..10).map(|at| Person::new(&format!("p{at}"), &format!("p{at}"), &format!("c{at}"))).collect();
    site
}

impl Bench {
    /// People stand in a row in the tank farm, a metre apart.
    fn stand(&mut self, people: std::ops::Range<u32>, x: f64) -> &mut Self {
        for person in people {
            self.says(person, Some(TANKS), Some((x + f64::from(person), 0.0)), None);
        }
        self
    }

    fn acknowledge(&mut self) -> &mut Self {
        let kind = CommandKind::AcknowledgeAlarm { alarm: self.alarm().id.clone() };
        self.apply(Event::Command(Command { request: 1, by: "op".to_owned(), kind }))
    }

    fn stands(&self) -> (Priority, AlarmState) {
        (self.alarm().priority, self.alarm().state)
    }
}

#[test]
fn a_gathering_is_told_after_a_minute_and_told_anew_as_it_grows() {
    use {AlarmState::*, Priority::*};
    let mut bench = Bench::of(gathering());
    bench.link(Link::Up).stand(0..2, 0.0).at(10).stand(2..3, 0.0).at(69);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.at(70).told, ["70 gathering raised"], "a minute after the third has come");
    assert_eq!(bench.stands(), (Medium, Unacknowledged));
    let id = bench.alarm().id.clone();
    bench.acknowledge().at(80).stand(3..4, 0.0);
    assert_eq!(bench.stands(), (High, Unacknowledged), "the fourth makes it orange, at once");
    bench.acknowledge().stand(4..6, 0.0);
    assert_eq!(bench.stands(), (High, Acknowledged), "six are orange still");
    bench.stand(6..7, 0.0);
    assert_eq!(bench.stands(), (Critical, Unacknowledged));
    let trigger = bench.alarm().trigger.clone();
    assert!(
        matches!(&*trigger, Trigger::Gathering { people_count: 7, people, .. } if people.len() == 7),
        "{trigger:?}"
    );
    bench.at(90).stand(3..7, 500.0);
    assert_eq!(bench.stands(), (Critical, Unacknowledged), "it never goes down while it lasts");
    bench.at(100).stand(2..3, 300.0);
    assert_eq!(bench.told, ["70 gathering raised"], "there is another one, of the four who went away");
    bench.stand(3..6, 700.0).stand(4..5, 900.0);
    assert_eq!((bench.told[1..].to_vec(), bench.alarm().id.clone()), (vec!["100 gathering over".to_owned()], id));
}

/// Two zones of one rule are one place, another zone and another floor are not.
#[test]
fn zones_of_one_rule_are_one_place() {
    let mut bench = Bench::of(gathering());
    bench.link(Link::Up).says(0, Some(TANKS), Some((0.0, 0.0)), None).says(1, Some(REACTOR), Some((15.0, 0.0)), None);
    bench.says(2, Some(ROOM), Some((1.0, 0.0)), None).at(100);
    assert_eq!(bench.told, Vec::<String>::new());
    bench.says(2, Some(REACTOR), Some((0.0, 15.0)), None).at(159);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.at(160).told, ["160 gathering raised"]);
}

#[test]
fn whoever_goes_before_the_minute_is_over_ends_it() {
    let mut bench = Bench::of(gathering());
    bench.link(Link::Up).stand(0..3, 0.0).at(59).stand(2..3, 50.0).at(60).stand(2..3, 0.0).at(119);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.at(120).told, ["120 gathering raised"]);
}

#[test]
fn the_minute_goes_on_over_a_restart_and_positions_must_be_told_again() {
    let mut bench = Bench::of(gathering());
    bench.link(Link::Up).stand(0..4, 0.0).at(30).restart_as(gathering(), 10).link(Link::Up).at(45).stand(0..1, 0.0);
    assert_eq!(bench.at(100).told, Vec::<String>::new(), "where the others stand now has not been said");
    assert_eq!(
        bench.stand(1..3, 0.0).told,
        ["100 gathering raised"],
        "for longer than a minute, and it is known again"
    );
    bench.stand(3..4, 0.0).at(110).restart().link(Link::Up).stand(0..1, 0.0);
    assert_eq!(bench.stands(), (Priority::High, AlarmState::Unacknowledged), "nobody has said that it is over");
    bench.stand(1..4, 400.0).at(120).stand(2..3, 0.0).at(130);
    assert_eq!(bench.told[1..], ["120 gathering over"]);
}

#[test]
fn whoever_has_no_position_may_be_the_third() {
    let mut bench = Bench::of(gathering());
    bench.link(Link::Up).stand(0..3, 0.0).at(30).is_in(2, TANKS).at(40).stand(2..3, 0.0);
    assert_eq!(bench.at(60).told, ["60 gathering raised"], "a word without a position puts nothing off");
    bench.is_in(2, TANKS);
    assert!(bench.alarm().is_active() && !bench.alarm().inputs_known);
    bench.at(70).stand(1..2, 100.0);
    assert_eq!(bench.told[1..], ["70 gathering over"], "one and a second who may be there are no three");
}

/// Somebody without a position may be the third all day long: that keeps no minute running from whoever passed by.
#[test]
fn a_minute_that_ran_out_long_ago_says_nothing_of_whoever_passes_now() {
    let mut bench = Bench::of(gathering());
    bench.link(Link::Up).stand(0..2, 0.0).is_in(2, TANKS).at(10).stand(3..4, 0.0).at(15).stand(3..4, 500.0);
    bench.at(3_600).stand(0..2, 0.5).is_in(2, TANKS).stand(3..4, 0.0).at(3_601).stand(3..4, 500.0).at(4_000);
    assert_eq!(bench.told, Vec::<String>::new(), "two seconds in an hour");
    bench.stand(0..2, 0.0).stand(3..4, 0.0).at(4_059);
    assert_eq!(bench.told, Vec::<String>::new());
    assert_eq!(bench.at(4_061).told, ["4060 gathering raised"], "a minute of its own");
}

/// Positions from before an outage say nothing of what is now, and a card that is silent for long stands nowhere.
#[test]
fn an_outage_neither_raises_nor_ends_it_and_silence_ends_it_after_all() {
    let mut bench = Bench::of(gathering());
    bench.link(Link::Up).stand(0..3, 0.0).at(20).link(Link::Down("cut".to_owned())).at(200).link(Link::Up).at(210);
    assert_eq!(bench.told, Vec::<String>::new());
    bench.stand(0..3, 0.0);
    assert_eq!(bench.told, ["210 gathering raised"]);
    bench.at(220).link(Link::Down("cut".to_owned()));
    assert!(bench.alarm().is_active() && !bench.alarm().inputs_known);
    bench.at(230).link(Link::Up).stand(1..3, 0.0);
    assert!(bench.alarm().is_active());
    assert_eq!(bench.at(600).told[1..], ["530 gathering over"]);
}

/// What shows again while nobody knows where people stand now is as bad as it was when that was known last.
#[test]
fn what_shows_again_with_unknown_positions_keeps_its_priority() {
    let mut bench = Bench::of(gathering());
    bench.link(Link::Up).stand(0..7, 0.0).at(60);
    let shelf = Shelving { for_ms: 120_000, one_shot: false, reason: "演练".to_owned() };
    bench.ask(CommandKind::ShelveRule { rule: "gathering".into(), shelf });
    assert_eq!(bench.stands(), (Priority::Critical, AlarmState::Shelved));
    bench.at(70).restart().link(Link::Up).at(179);
    assert_eq!(bench.stands(), (Priority::Critical, AlarmState::Shelved));
    bench.at(200);
    assert_eq!(bench.stands(), (Priority::Critical, AlarmState::Unacknowledged), "seven were there");
}
