//! The alarm system watches itself: floods, nuisance alarms, its clock, its disk, its journal, its horn.

use super::*;
use crate::event::{CertificateEnd, ClockState, Command, CommandKind, StorageState};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The plain site with every rule over the alarm system at its default; the tank's alarm is never hidden, and its warning
/// does not get worse with time, which would end the silence of the horn.
fn watched() -> Site {
    let mut site = site();
    site.policy.escalate_after.orange = None;
    let repeating =
        |window_s: u64, quiet_s: u64| Repeating { count_min: 3, window_ms: window_s * 1000, quiet_ms: quiet_s * 1000 };
    let system = |id: &str, kind| Rule { priority: Priority::Medium, ..rule(id, RuleKind::System(kind), None) };
    site.rules[0].never_hidden = true;
    site.tags[1].stale_after_ms = None;
    site.rules.retain(|rule| rule.id.as_str() != "gas.stale");
    site.rules.extend([
        system("flood", SystemRule::Flood(FloodLimits { begins: 10, ends_below: 5, window_ms: 600_000 })),
        system("chattering", SystemRule::Chattering(repeating(60, 600))),
        system("fleeting", SystemRule::Fleeting { shorter_ms: 2_000, repeating: repeating(HOUR, HOUR) }),
        system("standing", SystemRule::Standing { after_ms: 24 * HOUR * 1000 }),
        system("clock", SystemRule::ClockUnsynchronised { offset_max_ms: 1_000, unsynchronised_ms: HOUR * 1000 }),
        system("warn", SystemRule::StorageFilling { percent: 70, clear_percent: 65 }),
        system("journal", SystemRule::JournalNotDurable),
        system("silenced", SystemRule::HornSilenced { longer_ms: 600_000, window_ms: HOUR * 1000 }),
        Rule { priority: Priority::Low, ..system("life", SystemRule::LifeAlarmSilenced) },
        system("certificate", SystemRule::CertificateExpiring { before_days: 30 }),
    ]);
    site
}

/// A bench with its source up, restarted every few seconds when `restarting`.
fn bench(restarting: bool) -> Story {
    let mut bench = Bench::of(watched());
    bench.link(Link::Up);
    Story { bench, restarting }
}

/// A story that must be the same whether or not the gateway dies after each line.
struct Story {
    bench: Bench,
    restarting: bool,
}

impl Story {
    fn at(&mut self, second: u64) -> &mut Self {
        if self.restarting {
            self.bench.restart().link(Link::Up);
        }
        self.bench.at(second);
        self
    }

    fn tell(&mut self, event: Event) -> &mut Self {
        self.bench.apply(event);
        self
    }

    fn tank(&mut self, value: f64) -> &mut Self {
        self.bench.value(TANK, value);
        self
    }

    fn silence(&mut self) -> &mut Self {
        self.tell(Event::Command(Command { request: 1, by: "op".to_owned(), kind: CommandKind::SilenceHorn }))
    }

    fn acknowledge(&mut self, rule: &str) -> &mut Self {
        let alarms = self.bench.engine.snapshot(self.bench.now.utc).alarms;
        let alarm = alarms.into_iter().find(|alarm| alarm.rule.as_str() == rule).unwrap().id.clone();
        let kind = CommandKind::AcknowledgeAlarm { alarm };
        self.tell(Event::Command(Command { request: 1, by: "op".to_owned(), kind }))
    }

    /// What was told of the rules over the alarm system.
    fn told(&self) -> Vec<&str> {
        let system = |told: &&String| !["tank.H", "gas.", "smoke", "lost"].iter().any(|id| told.contains(id));
        self.bench.told.iter().filter(system).map(String::as_str).collect()
    }
}

/// Plays a story twice: at one go, and with a restart before each step in time.
fn check(play: impl Fn(&mut Story), expected: &[&str]) {
    for restarting in [false, true] {
        let mut story = bench(restarting);
        play(&mut story);
        assert_eq!(story.told(), expected, "restarting: {restarting}");
    }
}

/// Raised and over five seconds later, so that it is not fleeting.
fn alarms(story: &mut Story, count: u64, from_s: u64, every_s: u64) {
    for n in 0..count {
        story.at(from_s + n * every_s).tank(90.0).at(from_s + n * every_s + 5).tank(50.0);
    }
}

#[test]
fn ten_alarms_in_ten_minutes_are_a_flood_until_there_are_fewer_than_five() {
    // Ten from second 1 to 541, one a minute; the fifth last is that of second 301.
    check(
        |story| {
            alarms(story, 10, 1, 60);
            story.at(2 * HOUR);
        },
        &["541 flood raised", "901 flood over"],
    );
    check(
        |story| {
            alarms(story, 10, 1, 59);
            story.at(2 * HOUR);
        },
        &["532 flood raised", "896 flood over"],
    );
    check(
        |story| {
            alarms(story, 9, 1, 60);
            story.at(2 * HOUR);
        },
        &[],
    );
    // Too slow: the first is forgotten when the tenth comes.
    check(
        |story| {
            alarms(story, 12, 1, 67);
            story.at(2 * HOUR);
        },
        &[],
    );
}

#[test]
fn a_flood_names_its_first_out_and_its_worst() {
    let mut story = bench(false);
    alarms(&mut story, 9, 1, 50);
    story.bench.at(460).smoke().smoke();
    let flood = story.bench.engine.snapshot(story.bench.now.utc).watch.flood.unwrap();
    assert_eq!((flood.alarm_count, flood.first_out.rule.as_str(), flood.worst.rule.as_str()), (10, "tank.H", "tank.H"));
    let before = story.bench.engine.snapshot(story.bench.now.utc).watch;
    story.bench.restart();
    assert_eq!(story.bench.engine.snapshot(story.bench.now.utc).watch.flood, before.flood, "after a restart");
    assert_eq!(story.told(), ["460 flood raised"]);
}

#[test]
fn the_alarms_of_the_last_minutes_are_counted_after_they_have_gone() {
    for restarting in [false, true] {
        let mut story = bench(restarting);
        let recent = |story: &Story| {
            let recent = story.bench.engine.snapshot(story.bench.now.utc).watch.recent.unwrap();
            (recent.count, recent.count_max, recent.window_ms)
        };
        assert_eq!(recent(&story), (0, 10, 600_000));
        alarms(&mut story, 3, 1, 50);
        assert_eq!(recent(&story), (3, 10, 600_000), "restarting: {restarting}");
        story.at(650);
        assert_eq!(recent(&story).0, 2, "the first is ten minutes old; restarting: {restarting}");
        story.at(2_000);
        assert_eq!(recent(&story).0, 0, "restarting: {restarting}");
        alarms(&mut story, 12, 2_001, 20);
        assert_eq!(recent(&story).0, 10, "no more are counted; restarting: {restarting}");
    }
}

#[test]
fn three_times_in_a_minute_are_chatter_until_it_has_been_quiet() {
    let thrice = |story: &mut Story, every_s: u64| {
        alarms(story, 3, 10, every_s);
        story.at(HOUR);
    };
    check(|story| thrice(story, 29), &["68 chattering raised", "668 chattering over"]);
    check(|story| thrice(story, 30), &[]);
    let again = |story: &mut Story| {
        alarms(story, 3, 10, 20);
        story.at(500).tank(90.0).at(510).tank(50.0).at(HOUR);
    };
    check(again, &["50 chattering raised", "1100 chattering over"]);
}

#[test]
fn alarms_that_are_over_at_once_are_fleeting() {
    let thrice = |story: &mut Story, after_ms: u64| {
        for n in 0..3 {
            story.at(100 + n * 600).tank(90.0);
            let moment = Monotonic(story.bench.now.monotonic.0 + after_ms);
            story.bench.run_to(moment);
            story.tank(50.0);
        }
        story.at(3 * HOUR);
    };
    check(|story| thrice(story, 1_999), &["1301 fleeting raised", "4901 fleeting over"]);
    check(|story| thrice(story, 2_000), &[]);
}

#[test]
fn an_alarm_that_is_active_for_a_day_stands() {
    let day = 24 * HOUR;
    check(
        |story| {
            story.at(10).tank(90.0).at(day).at(day + 9).tank(91.0).at(day + 20).tank(50.0);
        },
        &["86410 standing raised", "86420 standing over"],
    );
    let mut story = bench(false);
    story.at(10).tank(90.0).at(day + 20);
    let standing = story.bench.engine.snapshot(story.bench.now.utc).watch.standing;
    assert_eq!((standing.rule_count, standing.rules[0].rule.as_str()), (1, "tank.H"));
}

#[test]
fn a_clock_that_is_wrong_or_that_nobody_sets() {
    let clock = |synchronised, offset_ms| Event::Clock(ClockState { synchronised, offset_ms });
    check(
        |story| {
            story.tell(clock(Some(true), Some(1_001))).at(5).tell(clock(Some(true), Some(-1_000))).at(9);
        },
        &["0 clock raised", "5 clock over"],
    );
    let unset = |story: &mut Story| {
        let no = clock(Some(false), None);
        story.tell(no.clone()).at(1800).tell(no.clone()).at(HOUR).tell(no).at(HOUR + 9).tell(clock(Some(true), None));
    };
    check(unset, &["3600 clock raised", "3609 clock over"]);
    check(
        |story| {
            story.tell(clock(None, None)).at(9 * HOUR);
        },
        &[],
    );
    // Not to know ends nothing.
    check(
        |story| {
            story.tell(clock(Some(true), Some(5_000))).at(9).tell(clock(None, None)).at(99);
        },
        &["0 clock raised"],
    );
}

#[test]
fn a_certificate_is_about_to_end_and_is_renewed() {
    let ends = |left_s| Event::Certificates(Some(CertificateEnd { left_s, ..CertificateEnd::default() }));
    check(
        |story| {
            story.tell(ends(30 * 86_400)).at(1).tell(ends(30 * 86_400 - 1));
            story.at(2).tell(ends(-5)).at(3).tell(ends(9_000 * 86_400));
        },
        &["1 certificate raised", "3 certificate over"],
    );
    check(
        |story| {
            story.tell(ends(7)).at(1).tell(Event::Certificates(None));
        },
        &["0 certificate raised", "1 certificate over"],
    );
}

#[test]
fn a_disk_fills_and_is_cleared() {
    let storage =
        |used_bytes, budget_bytes, free_bytes| Event::Storage(StorageState { used_bytes, budget_bytes, free_bytes });
    check(
        |story| {
            story.tell(storage(699, Some(1000), None)).at(1).tell(storage(700, Some(1000), None));
            story.at(2).tell(storage(650, Some(1000), None)).at(3).tell(storage(649, Some(1000), None));
        },
        &["1 warn raised", "3 warn over"],
    );
    // The file system has less room than the budget allows.
    check(
        |story| {
            story.tell(storage(70, Some(1000), Some(30)));
        },
        &["0 warn raised"],
    );
    check(
        |story| {
            story.tell(storage(70, Some(1000), Some(31)));
        },
        &[],
    );
    check(
        |story| {
            story.tell(storage(70, None, None));
        },
        &[],
    );
    check(
        |story| {
            story.tell(storage(u64::MAX, Some(0), Some(u64::MAX)));
        },
        &["0 warn raised"],
    );
}

#[test]
fn a_journal_that_does_not_reach_the_disk_alarms_at_once() {
    check(
        |story| {
            story.tell(Event::Journal(Link::Down("full".to_owned()))).at(5).tell(Event::Journal(Link::Up));
        },
        &["0 journal raised", "5 journal over"],
    );
}

/// The silence is five minutes; the tank's alarm stays unacknowledged.
#[test]
fn a_horn_that_is_silenced_for_ten_minutes_of_an_hour_sounds_again() {
    let thrice = |story: &mut Story| {
        story.tank(90.0).silence().at(400).silence().at(800).silence();
        assert!(!story.bench.engine.annunciation().horn);
        story.at(801);
        assert!(story.bench.engine.annunciation().horn, "the report ends the silence");
        story.at(2 * HOUR);
    };
    let told = |story: &Story| -> Vec<String> {
        story.told().into_iter().filter(|told| told.contains("silenced")).map(str::to_owned).collect()
    };
    for restarting in [false, true] {
        let mut story = bench(restarting);
        thrice(&mut story);
        assert_eq!(told(&story), ["800 silenced raised", "3900 silenced over"], "restarting: {restarting}");
    }
    // A horn that would not sound is not muted: nobody keeps anything from anybody.
    let acknowledged = |story: &mut Story| {
        for n in 0..4 {
            story.at(n * 400).tank(90.0).silence().at(n * 400 + 10).acknowledge("tank.H").tank(50.0);
        }
        story.at(2 * HOUR);
    };
    let mut story = bench(false);
    acknowledged(&mut story);
    assert_eq!(told(&story), Vec::<String>::new());
}

#[test]
fn silencing_an_alarm_that_is_never_hidden_is_reported_and_not_undone() {
    let mut story = bench(false);
    story.at(1).tank(90.0).at(5).silence();
    assert_eq!(story.told(), ["5 life raised"]);
    assert!(!story.bench.engine.annunciation().horn, "it stays silenced");
    let silenced = story.bench.engine.snapshot(story.bench.now.utc);
    assert!(silenced.alarms.iter().any(|alarm| alarm.rule_kind == "life_alarm_silenced"));
    story.at(9).acknowledge("tank.H").at(10);
    assert_eq!(story.told(), ["5 life raised", "9 life over"]);
}

#[test]
fn the_alarm_systems_own_alarms_are_no_flood() {
    let mut story = bench(false);
    for n in 0..30 {
        let link = if n % 2 == 0 { Link::Down("full".to_owned()) } else { Link::Up };
        story.at(n).tell(Event::Journal(link));
    }
    assert!(story.bench.engine.snapshot(story.bench.now.utc).watch.flood.is_none());
    assert!(story.told().iter().all(|told| told.contains(" journal ")));
}
