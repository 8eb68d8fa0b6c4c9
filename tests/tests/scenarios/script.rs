//! The lines of a scenario. Wrong lines panic with the line: they are the author's mistake.

use acceptance::desk::Desk;
use davy_core::{
    event::{
        ClockState, Command, CommandKind, Event, Link, Location, Sample, Shelving, StorageState, TaskResult, Verdict,
        VideoSight,
    },
    id::*,
    quality::Quality,
    time::UtcTime,
};

pub(crate) enum Line {
    Comment,
    Step { utc: UtcTime, step: Step },
}

pub(crate) enum Step {
    Event(Event),
    Restart,
}

pub(crate) fn parse(line: &str, desk: &Desk) -> Line {
    if line.is_empty() || line.starts_with('#') {
        return Line::Comment;
    }
    let (clock, rest) = line.split_once(' ').unwrap_or_else(|| panic!("no time: {line}"));
    let utc = UtcTime::parse(&format!("2026-11-23T{clock}Z")).unwrap_or_else(|| panic!("no time: {line}"));
    let reader = Reader { line, desk, utc };
    Line::Step { utc, step: reader.step(rest.trim()) }
}

struct Reader<'a> {
    line: &'a str,
    desk: &'a Desk,
    utc: UtcTime,
}

impl Reader<'_> {
    fn wrong(&self) -> ! {
        panic!("cannot read the line: {}", self.line)
    }

    fn step(&self, text: &str) -> Step {
        let first = text.split(' ').next().unwrap_or_default();
        Step::Event(match first {
            "start" => Event::Started,
            "restart" => return Step::Restart,
            "." => Event::Tick,
            "source" | "uplink" => self.link(text),
            "by" => self.command(text),
            "clock" => Event::Clock(self.clock(text)),
            "disk" => Event::Storage(self.disk(text)),
            "journal" => Event::Journal(match text.split_once(": ") {
                Some((_, reason)) => Link::Down(reason.to_owned()),
                None => Link::Up,
            }),
            _ if text.contains(" = ") => self.sample(text),
            _ if text.contains(" sees ") => self.sight(text),
            _ => self.location(text),
        })
    }

    fn link(&self, text: &str) -> Event {
        let (what, reason) = text.split_once(": ").unwrap_or((text, ""));
        let words: Vec<&str> = what.split(' ').collect();
        let [kind, id, state] = words[..] else { self.wrong() };
        let link = if state == "up" { Link::Up } else { Link::Down(reason.to_owned()) };
        let site = self.desk.engine().site();
        if kind == "source" {
            let at = site.sources.iter().position(|source| source.id.as_str() == id);
            Event::Source(SourceIx::from(at.unwrap_or_else(|| self.wrong())), link)
        } else {
            let at = site.uplinks.iter().position(|uplink| uplink.id.as_str() == id);
            Event::Uplink(UplinkIx::from(at.unwrap_or_else(|| self.wrong())), link)
        }
    }

    /// `clock synchronised|unsynchronised|unknown [off N ms]`
    fn clock(&self, text: &str) -> ClockState {
        let words: Vec<&str> = text.split(' ').collect();
        let synchronised = match words[1] {
            "synchronised" => Some(true),
            "unsynchronised" => Some(false),
            "unknown" => None,
            _ => self.wrong(),
        };
        let offset_ms = words.get(3).map(|ms| ms.parse().unwrap_or_else(|_| self.wrong()));
        ClockState { synchronised, offset_ms }
    }

    /// `disk USED of BUDGET, FREE free`
    fn disk(&self, text: &str) -> StorageState {
        let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
        let number =
            |at: usize| -> u64 { words.get(at).and_then(|word| word.parse().ok()).unwrap_or_else(|| self.wrong()) };
        StorageState { used_bytes: number(1), budget_bytes: Some(number(3)), free_bytes: Some(number(4)) }
    }

    /// `TAG = value [quality] [measured time]`
    fn sample(&self, text: &str) -> Event {
        let (tag, rest) = text.split_once(" = ").unwrap_or_else(|| self.wrong());
        let (value, measured) = rest.split_once(" measured ").unwrap_or((rest, ""));
        let (value, quality) = value.split_once(' ').unwrap_or((value, "Good"));
        let tags = &self.desk.engine().site().tags;
        let at = tags.iter().position(|known| known.id.as_str() == tag).unwrap_or_else(|| self.wrong());
        Event::Samples(vec![Sample {
            tag: TagIx::from(at),
            value: value.parse().unwrap_or_else(|_| self.wrong()),
            quality: if quality == "BadSensorFailure" { Quality::BAD_SENSOR } else { Quality::GOOD },
            source_time: Some(UtcTime::parse(measured).unwrap_or(self.utc)),
            received_time: self.utc,
        }])
    }

    /// `CAMERA sees algorithm confidence`
    fn sight(&self, text: &str) -> Event {
        let words: Vec<&str> = text.split(' ').collect();
        let [camera, _, algorithm, confidence] = words[..] else { self.wrong() };
        let cameras = &self.desk.engine().site().cameras;
        let at = cameras.iter().position(|known| known.id.as_str() == camera).unwrap_or_else(|| self.wrong());
        Event::Video(VideoSight {
            camera: CameraIx::from(at),
            algorithm: algorithm.to_owned(),
            confidence: confidence.parse().unwrap_or_else(|_| self.wrong()),
            picture: None,
            source_time: Some(self.utc),
            received_time: self.utc,
        })
    }

    /// `PERSON [SOS] in ZONE` or `PERSON [SOS] outside`
    fn location(&self, text: &str) -> Event {
        let words: Vec<&str> = text.split(' ').collect();
        let site = self.desk.engine().site();
        let person =
            site.people.iter().position(|person| person.id.as_str() == words[0]).unwrap_or_else(|| self.wrong());
        let zone = match words[words.len() - 1] {
            "outside" => None,
            id => Some(site.zones.iter().position(|zone| zone.id.as_str() == id).unwrap_or_else(|| self.wrong())),
        };
        Event::Locations(vec![Location {
            person: PersonIx::from(person),
            zone: zone.map(ZoneIx::from),
            sos: words[1] == "SOS",
            battery_percent: None,
            source_time: Some(self.utc),
            received_time: self.utc,
        }])
    }

    /// `by NAME: acknowledge RULE`, `by NAME: silence the horn`, `by NAME: accept the task of RULE`, …
    fn command(&self, text: &str) -> Event {
        let (by, what) =
            text.strip_prefix("by ").and_then(|text| text.split_once(": ")).unwrap_or_else(|| self.wrong());
        let (what, rest) = what.split_once(": ").unwrap_or((what, ""));
        let rule = what.rsplit(' ').next().unwrap_or_default();
        if let Some(kind) = self.hiding(what, rest) {
            return Event::Command(Command { request: 1, by: by.to_owned(), kind });
        }
        let kind = match what.split(' ').next().unwrap_or_default() {
            "reset" => CommandKind::ResetAlarm { alarm: self.alarm(rule) },
            "acknowledge" => CommandKind::AcknowledgeAlarm { alarm: self.alarm(rule) },
            "silence" => CommandKind::SilenceHorn,
            "accept" => CommandKind::AcceptTask { task: self.task(rule) },
            "finish" => self.finish(rule, rest),
            verdict => CommandKind::ReviewHazard {
                hazard: self.hazard(rule),
                verdict: match verdict {
                    "confirm" => Verdict::Confirmed,
                    "reject" => Verdict::Rejected,
                    "close" => Verdict::Closed,
                    _ => self.wrong(),
                },
                note: rest.to_owned(),
            },
        };
        Event::Command(Command { request: 1, by: by.to_owned(), kind })
    }

    /// `shelve RULE [once] for MINUTESmin: REASON`, `unshelve RULE`, `take RULE out of service: REASON`,
    /// `return RULE to service`, `stop UNIT [for MINUTESmin]: REASON`, `resume UNIT`.
    fn hiding(&self, what: &str, reason: &str) -> Option<CommandKind> {
        let reason = reason.to_owned();
        let for_ms = |text: &str| {
            let minutes = text.strip_suffix("min").and_then(|minutes| minutes.parse::<u64>().ok());
            minutes.unwrap_or_else(|| self.wrong()) * 60_000
        };
        let words: Vec<&str> = what.split(' ').collect();
        Some(match words[..] {
            ["shelve", rule, "for", time] => {
                let shelf = Shelving { for_ms: for_ms(time), one_shot: false, reason };
                CommandKind::ShelveRule { rule: rule.into(), shelf }
            }
            ["shelve", rule, "once", "for", time] => {
                let shelf = Shelving { for_ms: for_ms(time), one_shot: true, reason };
                CommandKind::ShelveRule { rule: rule.into(), shelf }
            }
            ["unshelve", rule] => CommandKind::UnshelveRule { rule: rule.into() },
            ["take", rule, "out", "of", "service"] => CommandKind::TakeOutOfService { rule: rule.into(), reason },
            ["return", rule, "to", "service"] => CommandKind::ReturnToService { rule: rule.into() },
            ["stop", unit] => CommandKind::StopUnit { unit: unit.into(), for_ms: None, reason },
            ["stop", unit, "for", time] => {
                CommandKind::StopUnit { unit: unit.into(), for_ms: Some(for_ms(time)), reason }
            }
            ["resume", unit] => CommandKind::ResumeUnit { unit: unit.into() },
            _ => return None,
        })
    }

    fn finish(&self, rule: &str, rest: &str) -> CommandKind {
        let (result, note) = rest.split_once(", ").unwrap_or((rest, ""));
        let result = match result {
            "normal" => TaskResult::Normal,
            "hidden danger" => TaskResult::HiddenDanger,
            "could not" => TaskResult::CouldNot,
            _ => self.wrong(),
        };
        CommandKind::FinishTask { task: self.task(rule), result, note: note.to_owned() }
    }

    fn alarm(&self, rule: &str) -> AlarmId {
        let snapshot = self.desk.engine().snapshot(self.utc);
        let open = snapshot.alarms.into_iter().find(|alarm| alarm.rule.as_str() == rule);
        open.map_or_else(|| format!("{rule}~none").into(), |alarm| alarm.id)
    }

    fn task(&self, rule: &str) -> TaskId {
        let snapshot = self.desk.engine().snapshot(self.utc);
        let open = snapshot.tasks.into_iter().find(|task| task.rule.as_str() == rule);
        open.map_or_else(|| format!("{rule}~none").into(), |task| task.id)
    }

    fn hazard(&self, rule: &str) -> HazardId {
        let snapshot = self.desk.engine().snapshot(self.utc);
        let open = snapshot.hazards.into_iter().find(|hazard| hazard.rule.as_str() == rule);
        open.map_or_else(|| format!("{rule}~none").into(), |hazard| hazard.id)
    }
}
