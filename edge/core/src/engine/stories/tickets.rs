//! Special-work tickets, told in minutes since the start.

use super::*;
use crate::{
    event::{Command, CommandKind, Location, TicketUpdate},
    limits::{TEXT_MAX, TICKET_ENTRIES_MAX, TICKETS_MAX},
    record::TicketRecord,
    trigger::{TicketTrigger, Trigger},
};

const MINUTE_MS: u64 = 60_000;
const START: UtcTime = UtcTime(1_795_392_000_000);
const DETECTOR: TagIx = TagIx(0);

/// A zone in a unit with a detector that has an H limit at 25 %LEL; two people; the kind in so many slots.
fn site_of(kind: &TicketKind, slots: u32) -> Site {
    let person = |id: &str| Person::new(id, id, id);
    let limit = |trip, clear| Limit { kind: LimitKind::H, trip, clear };
    let mut rules = vec![Rule {
        unit: Some(UnitIx(0)),
        ..rule("gas.H", RuleKind::Limit { tag: DETECTOR, limit: limit(25.0, 24.0) }, None)
    }];
    rules.extend((0..slots).map(|slot| {
        let kind = TicketRule { kind: kind.clone(), unit: None, table: 0, slot };
        rule(&format!("t.{}", slot + 1), RuleKind::Ticket(kind), None)
    }));
    Site {
        sources: vec![Source { id: "dcs".into(), name: "DCS".to_owned(), kind: SourceKind::OpcUa }],
        tags: vec![Tag {
            id: "gas".into(),
            name: "gas".into(),
            engineering_unit: "%LEL".into(),
            source: DCS,
            unit: Some(UnitIx(0)),
            range: Some((0.0, 100.0)),
            stale_after_ms: None,
        }],
        zones: vec![
            Zone { unit: Some(UnitIx(0)), event: Some(RiskEventIx(0)), ..Zone::new("tanks", "tanks") },
            Zone { unit: Some(UnitIx(1)), ..Zone::new("pumps", "pumps") },
        ],
        people: vec![person("wang"), person("li")],
        units: ["unit-a", "unit-b"]
            .map(|id| Unit {
                id: id.into(),
                name: id.into(),
                object_name: "object".to_owned(),
                assessed: RiskLevel::Red,
            })
            .to_vec(),
        events: vec![RiskEvent { id: "fire".into(), name: "fire".into(), unit: UnitIx(0) }],
        rules,
        ..Site::default()
    }
}

fn ticket(id: &str) -> TicketUpdate {
    TicketUpdate {
        id: id.into(),
        work: WorkType("01".to_owned()),
        status: TicketStatus::Unissued,
        zone: Some(ZoneIx(0)),
        unit: None,
        content: "焊接".to_owned(),
        start: None,
        end: None,
        analyses: Vec::new(),
        space_records: Vec::new(),
        supervisor: Some(PersonIx(0)),
        supervisor_name: "wang".to_owned(),
        workers: vec![PersonIx(1)],
        worker_names: vec!["li".to_owned()],
        blind_plate: None,
        changed: false,
        cancelled: false,
        source_time: None,
        received_time: START,
    }
}

/// Tickets on a bench; each is told as a whole whenever something of it changes.
struct Tale {
    bench: Bench,
    tickets: BTreeMap<String, TicketUpdate>,
}

impl Tale {
    fn of(kind: &TicketKind, slots: u32) -> Self {
        let mut bench = Bench::of(site_of(kind, slots));
        bench.link(Link::Up).value(DETECTOR, 2.0);
        Self { bench, tickets: BTreeMap::new() }
    }

    /// Lines of minute and event, separated by `;`: `0 a work 03, issued, start 10, gas -20 甲烷 0.1`, `7 wang in tanks`,
    /// `8 detector 12`, `9 clock 60`, `9 restart`, `9 ack t.1`.
    fn play(&mut self, script: &str) -> &mut Self {
        for line in script.split(';').map(str::trim) {
            let (minute, what) = line.split_once(' ').unwrap();
            self.bench.at(minute.parse::<u64>().unwrap() * 60);
            let words: Vec<&str> = what.split(' ').collect();
            match words[..] {
                ["-"] => {}
                ["restart"] => drop(self.bench.restart().link(Link::Up).value(DETECTOR, 2.0)),
                ["clock", minutes] => self.bench.now.utc = stamp_from(self.bench.now.utc, minutes),
                ["detector", "bad"] => self.detector(0.0, Quality::BAD_SENSOR),
                ["detector", value] => self.detector(value.parse().unwrap(), Quality::GOOD),
                ["ack", rule] => self.acknowledge(rule),
                [who @ ("wang" | "li"), "in", zone] => self.person(who, Some(ZoneIx(u32::from(zone == "pumps")))),
                [who @ ("wang" | "li"), "outside"] => self.person(who, None),
                [id, ..] => self.tell(id, what.split_once(' ').map_or("", |(_, changes)| changes)),
                [] => panic!("nothing in {line}"),
            }
        }
        self
    }

    fn tell(&mut self, id: &str, changes: &str) {
        let ticket = self.tickets.entry(id.to_owned()).or_insert_with(|| ticket(id));
        changes.split(", ").for_each(|change| change_ticket(ticket, change));
        ticket.received_time = self.bench.now.utc;
        let update = ticket.clone();
        self.bench.apply(Event::Ticket(Box::new(update)));
    }

    fn detector(&mut self, value: f64, quality: Quality) {
        let received_time = self.bench.now.utc;
        let sample = Sample { tag: DETECTOR, value, quality, source_time: None, received_time };
        self.bench.apply(Event::Samples(vec![sample]));
    }

    fn person(&mut self, who: &str, zone: Option<ZoneIx>) {
        let (person, received_time) = (PersonIx(u32::from(who == "li")), self.bench.now.utc);
        let location = Location {
            person,
            zone,
            sos: false,
            battery_percent: None,
            position: None,
            source_time: None,
            received_time,
        };
        self.bench.apply(Event::Locations(vec![location]));
    }

    fn acknowledge(&mut self, rule: &str) {
        let alarms = self.bench.engine.snapshot(self.bench.now.utc).alarms;
        let alarm = alarms.into_iter().find(|alarm| alarm.rule.as_str() == rule).unwrap().id.clone();
        let kind = CommandKind::AcknowledgeAlarm { alarm };
        self.bench.apply(Event::Command(Command { request: 1, by: "op".to_owned(), kind }));
    }

    /// `minute rule raised` of the slots' alarms.
    fn told(&self) -> Vec<String> {
        let minutes = |told: &String| {
            let (second, rest) = told.split_once(' ')?;
            rest.starts_with("t.").then(|| format!("{} {rest}", second.parse::<u64>().unwrap() / 60))
        };
        self.bench.told.iter().filter_map(minutes).collect()
    }

    /// `rule state ticket` of the alarms that are open.
    fn open(&self) -> Vec<String> {
        let alarms = self.bench.engine.alarms.iter();
        let of_tickets = alarms.filter_map(|alarm| Some((alarm, trigger_of(&alarm.trigger)?)));
        of_tickets.map(|(alarm, ticket)| format!("{} {:?} {}", alarm.rule, alarm.state, ticket.ticket)).collect()
    }

    fn tickets(&self) -> Vec<TicketRecord> {
        self.bench.engine.snapshot(self.bench.now.utc).tickets
    }
}

fn trigger_of(trigger: &Trigger) -> Option<&TicketTrigger> {
    if let Trigger::Ticket(ticket) = trigger { Some(ticket) } else { None }
}

fn stamp_from(from: UtcTime, minutes: &str) -> UtcTime {
    UtcTime(from.0 + minutes.parse::<i64>().unwrap() * 60_000)
}

fn stamp(minutes: &str) -> Option<UtcTime> {
    Some(stamp_from(START, minutes))
}

fn change_ticket(ticket: &mut TicketUpdate, change: &str) {
    let words: Vec<&str> = change.split(' ').collect();
    match words[..] {
        ["work", code] => ticket.work = WorkType(code.to_owned()),
        ["start", minute] => ticket.start = stamp(minute),
        ["end", minute] => ticket.end = stamp(minute),
        ["sent", minute] => ticket.source_time = stamp(minute),
        ["record", minute] => ticket.space_records.extend(stamp(minute)),
        ["gas", minute, gas, value] => ticket.analyses.push(GasAnalysis {
            time: if minute == "?" { None } else { stamp(minute) },
            gas: gas.to_owned(),
            value: value.parse().ok(),
        }),
        ["issued"] => ticket.status = TicketStatus::Issued,
        ["in-work"] => ticket.status = TicketStatus::InWork,
        ["suspended"] => ticket.status = TicketStatus::Suspended,
        ["accepted"] => ticket.status = TicketStatus::Accepted,
        ["cancelled"] => ticket.cancelled = true,
        ["plate", "both"] => ticket.blind_plate = Some(BlindPlate::Both),
        ["plate", "insert"] => ticket.blind_plate = Some(BlindPlate::Insert),
        ["nowhere"] => (ticket.zone, ticket.unit) = (None, None),
        ["pumps"] => ticket.zone = Some(ZoneIx(1)),
        ["nobody"] => ticket.supervisor = None,
        ["again"] => {}
        _ => panic!("cannot read: {change}"),
    }
}

#[track_caller]
fn check(kind: &TicketKind, rows: &[(&str, &[&str])]) {
    for (script, told) in rows {
        assert_eq!(Tale::of(kind, 3).play(script).told(), *told, "{script}");
    }
}

#[test]
fn gas_missing() {
    check(
        &TicketKind::GasMissing,
        &[
            ("0 a issued, start 10; 20 -", &["0 t.1 raised"]),
            ("0 a issued; 5 a gas 4 甲烷 0.1", &["0 t.1 raised", "5 t.1 over"]),
            ("0 a work 70, in-work; 9 a accepted", &["0 t.1 raised", "9 t.1 over"]),
            ("0 a issued; 9 a cancelled", &["0 t.1 raised", "9 t.1 over"]),
            ("0 a work 21, issued; 0 b work 77, in-work; 0 c again; 9 -", &[]),
            // An analysis at a time that nobody can read is neither there nor missing.
            ("0 a issued, gas ? 甲烷 0.1; 9 -", &[]),
        ],
    );
}

#[test]
fn gas_overdue() {
    check(
        &TicketKind::GasOverdue { before_ms: 30 * MINUTE_MS },
        &[
            ("0 a issued, start 20, gas -10 甲烷 0.1; 20 a in-work; 99 -", &[]),
            ("0 a issued, start 21, gas -10 甲烷 0.1; 5 -", &["0 t.1 raised"]),
            // When it really begins counts.
            ("0 a issued, start 20, gas -10 甲烷 0.1; 30 a in-work; 99 -", &["30 t.1 raised"]),
            (
                "0 a issued, start 20, gas -10 甲烷 0.1; 30 a in-work; 35 a gas 34 甲烷 0",
                &["30 t.1 raised", "35 t.1 over"],
            ),
            // Heard of late, when nobody knows when it began but by its start.
            ("100 a in-work, start 20, gas -10 甲烷 0.1", &[]),
            ("100 a in-work, start 20, gas -11 甲烷 0.1", &["100 t.1 raised"]),
            ("0 a issued, start 60, gas ? 甲烷 0.1; 9 a in-work", &[]),
            ("0 a work 21, issued, start 60, gas -10 甲烷 0.1; 9 -", &[]),
        ],
    );
}

#[test]
fn interruption() {
    check(
        &TicketKind::Interruption { major_ms: 30 * MINUTE_MS, minor_ms: 60 * MINUTE_MS },
        &[
            ("0 a in-work; 10 a suspended; 40 a in-work; 50 -", &[]),
            ("0 a in-work; 10 a suspended; 41 a in-work; 50 a accepted", &["41 t.1 raised", "50 t.1 over"]),
            ("0 a work 03, in-work; 10 a suspended; 70 a in-work; 80 -", &[]),
            (
                "0 a work 70, in-work; 10 a suspended; 71 a in-work; 80 a gas 79 氧 20",
                &["71 t.1 raised", "80 t.1 over"],
            ),
            // An analysis during the interruption is good for as long as the interruption itself may be.
            ("0 a in-work; 10 a suspended; 60 a gas 59 甲烷 0; 80 a in-work", &[]),
            ("0 a in-work; 10 a suspended; 20 a gas 19 甲烷 0; 80 a in-work", &["80 t.1 raised"]),
            // A short interruption does not make good for a long one.
            (
                "0 a in-work; 1 a suspended; 50 a in-work; 60 a suspended; 61 a in-work",
                &["50 t.1 raised", "60 t.1 over", "61 t.1 raised"],
            ),
            // Both messages waited until the box listened; the ticket system says when it sent them.
            ("0 a in-work; 90 a suspended, sent 10; 90 a in-work, sent 60", &["90 t.1 raised"]),
            ("0 a in-work; 10 a suspended; 20 restart; 41 a in-work", &["41 t.1 raised"]),
            ("0 a in-work; 10 a suspended; 20 clock 60; 25 a in-work; 99 -", &[]),
            ("0 a in-work; 10 a suspended; 20 clock -60; 41 a in-work", &["41 t.1 raised"]),
        ],
    );
}

#[test]
fn next_day() {
    // The story begins at eight in the morning in China: midnight is in the 960th minute.
    check(
        &TicketKind::NextDay { day_begins_ms: 0 },
        &[
            ("0 a work 03, in-work, gas -5 甲烷 0; 959 a again; 970 -", &["960 t.1 raised"]),
            (
                "0 a work 03, in-work, gas -5 甲烷 0; 900 a suspended; 1500 a gas 1499 甲烷 0; 1510 a in-work; 1600 -",
                &[],
            ),
            ("0 a work 03, in-work, gas -5 甲烷 0; 900 a suspended; 1500 a in-work", &["1500 t.1 raised"]),
            ("0 a work 03, in-work, gas -5 甲烷 0; 500 clock 600; 500 detector 2; 700 restart; 959 -", &[]),
            ("0 a work 03, in-work, gas -5 甲烷 0; 500 clock -600; 990 -", &["960 t.1 raised"]),
            ("0 a work 01, in-work, gas -5 甲烷 0; 990 -", &[]),
        ],
    );
    let shift = TicketKind::NextDay { day_begins_ms: 8 * 60 * MINUTE_MS };
    check(&shift, &[("0 a work 03, in-work, gas 0 甲烷 0; 1500 -", &["1440 t.1 raised"])]);
}

#[test]
fn record_overdue() {
    check(
        &TicketKind::RecordOverdue { every_ms: 120 * MINUTE_MS },
        &[
            ("0 a work 70, in-work, start 0, gas -10 氧 20; 130 -", &["120 t.1 raised"]),
            ("0 a work 70, in-work, start 0; 110 a record 109; 228 -", &[]),
            (
                "0 a work 70, in-work, start 0; 110 a record 109; 230 a record 229; 240 -",
                &["229 t.1 raised", "230 t.1 over"],
            ),
            ("0 a work 70, in-work, start 0; 119 a suspended; 300 -", &[]),
            ("0 a work 01, in-work, start 0; 300 -", &[]),
            // A record from the far future silences nothing.
            ("0 a work 70, in-work, start 0, end 480, record 99999; 130 -", &["120 t.1 raised"]),
            ("0 a work 70, in-work, start 0; 60 restart; 130 -", &["120 t.1 raised"]),
        ],
    );
}

#[test]
fn expired() {
    check(
        &TicketKind::Expired,
        &[
            ("0 a in-work, start 0, end 60; 59 -", &[]),
            ("0 a in-work, start 0, end 60; 61 -", &["60 t.1 raised"]),
            ("0 a in-work, start 0, end 60; 50 a accepted; 90 -", &[]),
            (
                "0 a in-work, start 0, end 60; 50 a suspended; 90 a in-work; 99 a accepted",
                &["90 t.1 raised", "99 t.1 over"],
            ),
            ("0 a in-work, start 0, end 60; 50 a end 120; 119 -; 121 -", &["120 t.1 raised"]),
            ("0 a issued, start 0, end 60; 99 -", &[]),
            // It was over before it was heard of.
            ("90 a in-work, start 0, end 60", &["90 t.1 raised"]),
            // The end before the start is an end.
            ("0 a in-work, start 60, end 30; 31 -", &["30 t.1 raised"]),
            // No end, one in 1970, one that no ticket can have: not known.
            ("0 a in-work, start 0; 0 b in-work, end -40000000; 0 c in-work, start 0, end 99999; 99 -", &[]),
            // Steps of the wall clock neither end a ticket nor let it go on.
            ("0 a in-work, start 0, end 60; 10 clock 60; 59 -", &[]),
            ("0 a in-work, start 0, end 60; 10 clock 60; 20 a again; 59 -", &[]),
            ("0 a in-work, start 0, end 60; 10 clock -60; 61 -", &["60 t.1 raised"]),
            ("0 a in-work, start 0, end 60; 10 clock 600; 20 a end 90; 89 -; 91 -", &["90 t.1 raised"]),
            ("0 a in-work, start 0, end 60; 10 clock -60; 10 detector 2; 20 restart; 61 -", &["60 t.1 raised"]),
            // The same again, and what is older by its own word, is nothing new.
            ("0 a in-work, sent 0, end 60; 61 -; 62 a again", &["60 t.1 raised"]),
            ("9 a accepted, sent 9, end 20; 30 a in-work, sent 5; 40 -", &[]),
            // A finished ticket that is said to be in work is watched again.
            ("0 a accepted, end 20; 30 a in-work", &["30 t.1 raised"]),
        ],
    );
}

/// A box whose clock has stood still since 1970.
#[test]
fn a_box_without_the_time_has_it_from_the_ticket() {
    let play = |script: &str| {
        let mut tale = Tale::of(&TicketKind::Expired, 1);
        tale.bench.now.utc = UtcTime(0);
        tale.play(script).told()
    };
    assert_eq!(play("0 a in-work, start 0, end 60; 61 -"), ["60 t.1 raised"], "no work lasts longer than it may");
    assert_eq!(play("0 a in-work, start 0, end 60, gas 50 甲烷 0; 11 -"), ["10 t.1 raised"], "the analysis was made");
    assert_eq!(play("0 a in-work, start 0, end 60, sent 55; 6 -"), ["5 t.1 raised"], "it was sent");
    // The clock is set, fifty-six years forward, to forty minutes after the story's beginning.
    let set = START.0 / 60_000 + 40 - 10;
    let script = format!("0 a in-work, start 0, end 60; 10 clock {set}; 10 detector 2; 29 -; 31 -");
    assert_eq!(play(&script), ["30 t.1 raised"], "and then it has the time itself");
    let script = format!("0 a in-work, start 0, end 60; 5 restart; 10 clock {set}; 10 detector 2; 11 restart; 31 -");
    assert_eq!(play(&script), ["30 t.1 raised"]);
}

#[test]
fn expired_with_people() {
    check(
        &TicketKind::ExpiredWithPeople,
        &[
            ("0 li in tanks; 0 a in-work, end 4; 4 -", &["4 t.1 raised"]),
            ("0 a in-work, end 4; 6 li in tanks; 8 li outside", &["6 t.1 raised", "8 t.1 over"]),
            ("0 li in pumps; 0 a in-work, end 4; 9 -", &[]),
            ("0 li in tanks; 0 a suspended, end 3; 4 a accepted", &["3 t.1 raised", "4 t.1 over"]),
            ("0 li in tanks; 0 a in-work, end 4, nowhere; 9 -", &[]),
        ],
    );
}

#[test]
fn blind_plates() {
    check(
        &TicketKind::BlindPlate,
        &[
            ("0 a work 50, issued, plate both; 5 a plate insert", &["0 t.1 raised", "5 t.1 over"]),
            ("0 a work 50, in-work, plate insert; 0 b work 50, in-work; 0 c work 21, in-work, plate both; 9 -", &[]),
        ],
    );
}

#[test]
fn supervisor_away() {
    check(
        &TicketKind::SupervisorAway,
        &[
            ("0 wang in tanks; 0 a in-work; 1 wang in pumps; 2 wang in tanks", &["1 t.1 raised", "2 t.1 over"]),
            ("0 wang in tanks; 0 a in-work; 1 wang outside; 2 a suspended", &["1 t.1 raised", "2 t.1 over"]),
            ("0 wang in pumps; 0 a issued; 1 a in-work", &["1 t.1 raised"]),
            ("0 li in pumps; 0 a in-work; 1 -", &[]),
            ("0 wang in pumps; 0 a in-work, nobody; 0 b in-work, nowhere; 1 -", &[]),
        ],
    );
}

#[test]
fn hot_work_with_gas() {
    let limit = Limit { kind: LimitKind::H, trip: 10.0, clear: 9.0 };
    check(
        &TicketKind::HotWorkGas { limits: vec![(DETECTOR, limit)] },
        &[
            ("0 detector 12; 5 a in-work; 8 detector 9.5; 9 detector 9", &["5 t.1 raised", "9 t.1 over"]),
            ("0 a in-work; 5 detector 9.9; 6 detector 10; 7 a accepted", &["6 t.1 raised", "7 t.1 over"]),
            ("0 a issued; 0 b work 70, in-work; 0 c in-work, pumps; 5 detector 99", &[]),
            (
                "0 a in-work; 5 detector bad; 6 detector 12; 7 detector bad; 8 detector 2",
                &["6 t.1 raised", "8 t.1 over"],
            ),
            ("0 a in-work; 6 detector 12; 7 restart; 8 -", &["6 t.1 raised", "7 t.1 over"]),
        ],
    );
    check(
        &TicketKind::HotWorkGasAlarm,
        &[
            ("0 a in-work; 5 detector 24; 6 detector 25; 7 detector 3", &["6 t.1 raised", "7 t.1 over"]),
            ("0 detector 30; 6 a in-work; 7 a suspended", &["6 t.1 raised", "7 t.1 over"]),
            ("0 detector 30; 6 a issued; 6 b in-work, pumps; 7 c work 21, in-work", &[]),
        ],
    );
}

#[test]
fn gas_over_its_limit() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let limits = GasLimits {
        high_lel: names(&["甲烷", "CH4"]),
        high_lel_max: 0.5,
        low_lel_max: 0.2,
        others: names(&["硫化氢"]),
        oxygen: names(&["氧", "O2"]),
        oxygen_min: 19.5,
        oxygen_max: 21.0,
    };
    check(
        &TicketKind::GasOverLimit(limits),
        &[
            ("0 a issued, gas 0 甲烷 0.5, gas 0 苯 0.2, gas 0 硫化氢 9", &[]),
            ("0 a issued, gas 0 ch4 0.6; 5 a gas 5 CH4 0.1", &["0 t.1 raised"]),
            ("0 a issued, gas 0 甲烷 0.6; 5 a gas 5 甲烷 0.1", &["0 t.1 raised", "5 t.1 over"]),
            // One that nobody knows is held to the lower limit.
            ("0 a in-work, gas 0 某气 0.3", &["0 t.1 raised"]),
            ("0 a work 70, issued, gas 0 O2 19.4", &["0 t.1 raised"]),
            ("0 a work 70, issued, gas 0 O2 21.1", &["0 t.1 raised"]),
            ("0 a work 70, issued, gas 0 O2 21, gas 1 氧 19.5", &[]),
            ("0 a work 01, issued, gas 0 O2 24", &[]),
            ("0 a issued, gas 0 甲烷 多, gas 1 苯 NaN; 0 b work 21, issued, gas 0 甲烷 9", &[]),
        ],
    );
}

#[test]
fn each_ticket_has_an_alarm_of_its_own() {
    let mut tale = Tale::of(&TicketKind::Expired, 3);
    tale.play("0 a in-work, end 10; 0 b in-work, end 20; 11 ack t.1; 21 -");
    assert_eq!(tale.open(), ["t.1 Acknowledged a", "t.2 Unacknowledged b"], "b does not hide behind a");
    tale.play("22 restart; 23 a accepted; 24 c in-work, end 10");
    assert_eq!(tale.open(), ["t.1 Unacknowledged c", "t.2 Unacknowledged b"], "a's place is free");
    tale.play("25 b accepted; 26 d in-work, end 10");
    assert_eq!(tale.open(), ["t.1 Unacknowledged c", "t.2 ReturnedUnacknowledged b", "t.3 Unacknowledged d"]);
}

#[test]
fn beyond_the_last_slot_every_further_ticket_is_told_anew() {
    let mut tale = Tale::of(&TicketKind::Expired, 2);
    tale.play("0 a in-work, end 10; 0 b in-work, end 10; 11 ack t.1; 11 ack t.2; 12 c in-work, end 10");
    assert_eq!(tale.open(), ["t.1 Acknowledged a", "t.2 Unacknowledged c"]);
    let shared = tale.bench.engine.alarms.get(RuleIx(2)).cloned().unwrap();
    assert_eq!(trigger_of(&shared.trigger).unwrap().further, ["b".into()]);
    tale.play("13 d in-work, end 10; 14 restart; 15 -");
    assert_eq!(tale.bench.engine.alarms.get(RuleIx(2)).unwrap().raised_count, 2, "nobody had acknowledged");
    tale.play("16 b accepted; 17 c accepted; 18 ack t.2; 19 -");
    assert_eq!(tale.open(), ["t.1 Acknowledged a", "t.2 Acknowledged d"]);
    tale.play("20 d accepted");
    assert_eq!(tale.open(), ["t.1 Acknowledged a"]);
}

/// The alarm of a ticket that is finished waits for somebody to acknowledge it, and its slot is the only one.
#[test]
fn an_alarm_names_none_that_offends_no_more() {
    let mut tale = Tale::of(&TicketKind::Expired, 1);
    tale.play("0 a in-work, end 10; 12 a accepted; 13 b in-work, end 10");
    assert_eq!(tale.open(), ["t.1 Unacknowledged b"]);
    let alarm = tale.bench.engine.alarms.get(RuleIx(1)).cloned().unwrap();
    assert_eq!(trigger_of(&alarm.trigger).unwrap().further, []);
}

/// Another ticket does not say whether it inserts the plate or takes it out: that is unknown, and no reason for the alarm of a
/// ticket that is finished to stay.
#[test]
fn an_alarm_ends_with_its_ticket_whatever_is_unknown_of_others() {
    let mut tale = Tale::of(&TicketKind::BlindPlate, 1);
    tale.play("0 a work 50, in-work, plate both; 1 b work 50, in-work; 2 a accepted");
    assert_eq!(tale.open(), ["t.1 ReturnedUnacknowledged a"]);
    assert!(!tale.bench.engine.rules[1].known, "of the other ticket nobody knows");
}

#[test]
fn an_alarm_is_where_its_ticket_is() {
    let mut tale = Tale::of(&TicketKind::Expired, 1);
    tale.play("0 a in-work, end 10; 11 -");
    let alarm = tale.bench.engine.alarms.get(RuleIx(1)).cloned().unwrap();
    assert_eq!((alarm.unit, alarm.risk_event), (Some("unit-a".into()), Some("fire".into())));
    assert_eq!(alarm.name, "t.1（a）");
    tale.play("12 a pumps");
    let alarm = tale.bench.engine.alarms.get(RuleIx(1)).cloned().unwrap();
    assert_eq!((alarm.unit, alarm.risk_event), (Some("unit-b".into()), None));
}

#[test]
fn the_finished_make_room_and_an_open_one_is_never_dropped() {
    let mut tale = Tale::of(&TicketKind::TooMany, 1);
    for number in 0..TICKETS_MAX {
        tale.tell(&format!("n{number}"), if number % 2 == 0 { "issued" } else { "accepted" });
    }
    assert_eq!(tale.tickets().len(), TICKETS_MAX / 2);
    for number in 0..TICKETS_MAX / 2 {
        tale.tell(&format!("m{number}"), "issued");
    }
    assert_eq!(tale.tickets().len(), TICKETS_MAX);
    let last = format!("t.1 Unacknowledged m{}", TICKETS_MAX / 2 - 1);
    assert_eq!(tale.open(), std::slice::from_ref(&last));
    for number in 0..2_000 {
        tale.tell(&format!("late{number}"), "issued");
    }
    assert_eq!((tale.tickets().len(), tale.open()), (TICKETS_MAX, vec![last]));
    assert_eq!(tale.bench.saved.keys().filter(|key| key.starts_with("ticket/")).count(), TICKETS_MAX);
    tale.tell("n0", "accepted");
    assert_eq!(tale.told(), ["0 t.1 raised", "0 t.1 over"]);
    tale.tell("late1", "issued");
    assert!(tale.tickets().iter().any(|ticket| ticket.id.as_str() == "late1"), "it has room now");
}

#[test]
fn what_is_huge_is_cut() {
    let mut tale = Tale::of(&TicketKind::GasMissing, 1);
    let mut huge = ticket("huge");
    let text = "长".repeat(1_000_000);
    huge.content.clone_from(&text);
    huge.supervisor_name.clone_from(&text);
    huge.worker_names = vec![text.clone(); 200];
    huge.workers = vec![PersonIx(1); 200];
    let analysis =
        |at: i64| GasAnalysis { time: Some(UtcTime(START.0 + at)), gas: text.clone(), value: Some(f64::NAN) };
    huge.analyses = (0..100).map(analysis).collect();
    huge.space_records = (0..100).map(UtcTime).collect();
    huge.work = WorkType(text.clone());
    huge.status = TicketStatus::Issued;
    tale.bench.apply(Event::Ticket(Box::new(huge)));
    let kept = tale.tickets().remove(0);
    assert_eq!((kept.content.chars().count(), kept.work.0.chars().count()), (TEXT_MAX, TEXT_MAX));
    assert_eq!((kept.workers.len(), kept.worker_names.len()), (50, 50));
    assert_eq!((kept.analyses.len(), kept.space_records.len()), (TICKET_ENTRIES_MAX, TICKET_ENTRIES_MAX));
    assert_eq!(kept.analyses[0].time, Some(UtcTime(START.0 + 68)), "the newest are kept");
    assert_eq!(kept.analyses[0].value, None, "and no number is a number");
}

#[test]
fn absurd_times_do_not_overflow() {
    for time in [i64::MIN, -1, 0, 1, i64::MAX] {
        for kind in [
            TicketKind::Expired,
            TicketKind::NextDay { day_begins_ms: u64::MAX },
            TicketKind::RecordOverdue { every_ms: u64::MAX },
            TicketKind::GasOverdue { before_ms: 0 },
        ] {
            let mut tale = Tale::of(&kind, 1);
            let mut absurd = ticket("absurd");
            (absurd.start, absurd.end, absurd.source_time) =
                (Some(UtcTime(time)), Some(UtcTime(-time.max(-i64::MAX))), Some(UtcTime(time)));
            absurd.analyses = vec![GasAnalysis { time: Some(UtcTime(time)), gas: String::new(), value: Some(0.0) }];
            absurd.space_records = vec![UtcTime(time)];
            for (status, work) in [
                (TicketStatus::Issued, "03"),
                (TicketStatus::InWork, "70"),
                (TicketStatus::Suspended, "03"),
                (TicketStatus::InWork, "03"),
            ] {
                (absurd.status, absurd.work) = (status, WorkType(work.to_owned()));
                tale.bench.apply(Event::Ticket(Box::new(absurd.clone())));
            }
            tale.play("9 restart; 99 -");
        }
    }
}
