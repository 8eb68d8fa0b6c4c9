//! The lines of a scenario. Wrong lines panic with the line: they are the author's mistake.

use acceptance::desk::Desk;
use davy_core::{
    event::{
        Backfill, CertificateEnd, ClockState, Command, CommandKind, DangerLevel, Event, Filled, Link, Location,
        ManageType, Rectification, Reference, Sample, Shelving, StorageState, TaskResult, TicketUpdate, Verdict,
        VideoSight,
    },
    id::*,
    model::Position,
    model::{BlindPlate, GasAnalysis, TicketStatus, WorkType},
    quality::Quality,
    record::TicketRecord,
    record::{HazardRecord, TaskRecord},
    time::UtcTime,
};

pub(crate) enum Line {
    Comment,
    /// When, and what then.
    Step {
        utc: UtcTime,
        text: String,
    },
}

pub(crate) enum Step {
    Event(Event),
    Restart,
    /// The process dies and stays away for so long.
    Away(u64),
    /// The wall clock alone jumps, milliseconds.
    SetClock(i64),
}

/// What a value of a script may come with.
const QUALITIES: [Quality; 4] = [Quality::GOOD, Quality(0x4093_0000), Quality(0x4095_0000), Quality::BAD_SENSOR];

pub(crate) fn parse(line: &str) -> Line {
    if line.is_empty() || line.starts_with('#') {
        return Line::Comment;
    }
    // `08:00:00 …` of the first day, `11-24 08:00:00 …` of another, `1970-01-01 08:00:00 …` of another year.
    let (date, rest) = match line.find('-') {
        Some(2) => (format!("2026-{}", &line[..5]), &line[6..]),
        Some(4) => (line[..10].to_owned(), &line[11..]),
        _ => ("2026-11-23".to_owned(), line),
    };
    let (clock, rest) = rest.split_once(' ').unwrap_or_else(|| panic!("no time: {line}"));
    let utc = UtcTime::parse(&format!("{date}T{clock}Z")).unwrap_or_else(|| panic!("no time: {line}"));
    Line::Step { utc, text: rest.trim().to_owned() }
}

/// What a line says, at the desk as it is at the line's time.
pub(crate) fn step(line: &str, text: &str, desk: &Desk, utc: UtcTime) -> Step {
    Reader { line, desk, utc }.step(text)
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
            "restart" if text == "restart" => return Step::Restart,
            "restart" => return Step::Away(self.ms(text, "restart after ").unsigned_abs()),
            "clock" if text.starts_with("clock set") => return Step::SetClock(self.ms(text, "clock set by ")),
            "." => Event::Tick,
            "all" => Event::Locations(self.cards_again(text)),
            "source" | "uplink" => self.link(text),
            "by" => self.command(text),
            "ticket" => self.ticket(text),
            "clock" => Event::Clock(self.clock_state(text)),
            "disk" => Event::Storage(self.disk(text)),
            "certificate" => Event::Certificates(self.certificate(text)),
            "journal" => Event::Journal(of_box(text)),
            "board" => Event::Board(of_box(text)),
            "history" => self.history(text),
            _ if text.contains(" = ") => self.sample(text),
            _ if text.contains(" sees ") => self.sight(text),
            _ => self.location(text),
        })
    }

    /// `PREFIX-26h`, `PREFIX+90min`.
    fn ms(&self, text: &str, prefix: &str) -> i64 {
        let amount = text.strip_prefix(prefix).unwrap_or_else(|| self.wrong());
        let units = [("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
        let (number, factor) = units
            .iter()
            .find_map(|(unit, factor)| Some((amount.strip_suffix(unit)?, factor)))
            .unwrap_or_else(|| self.wrong());
        number.parse::<i64>().unwrap_or_else(|_| self.wrong()) * factor
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
    fn clock_state(&self, text: &str) -> ClockState {
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

    /// `certificate of SOURCE ends in DAYS days`, `certificate of nobody`
    fn certificate(&self, text: &str) -> Option<CertificateEnd> {
        let words: Vec<&str> = text.split(' ').collect();
        if words[..] == ["certificate", "of", "nobody"] {
            return None;
        }
        let ["certificate", "of", source, "ends", "in", days, "days"] = words[..] else { self.wrong() };
        let left_s = days.parse::<i64>().unwrap_or_else(|_| self.wrong()) * 86_400;
        let source = Some(SourceId::from(source));
        Some(CertificateEnd { source, subject: "CN=DCS".to_owned(), left_s, ..CertificateEnd::default() })
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
            quality: QUALITIES
                .iter()
                .find(|known| known.to_string() == quality)
                .copied()
                .unwrap_or_else(|| self.wrong()),
            source_time: Some(UtcTime::parse(measured).unwrap_or(self.utc)),
            received_time: self.utc,
        }])
    }

    /// `history TAG = value [quality] measured time`: what the source kept of a gap that ends now.
    fn history(&self, text: &str) -> Event {
        let Event::Samples(samples) = self.sample(text.strip_prefix("history ").unwrap_or_else(|| self.wrong())) else {
            self.wrong()
        };
        let source = self.desk.engine().site().tags[samples[0].tag.at()].source;
        let from = samples[0].source_time.unwrap_or(self.utc);
        let filled = Some(Filled { from, until: self.utc, values: samples.len() as u64 });
        Event::Backfill(Backfill { source, samples, filled })
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

    /// `PERSON [SOS] in ZONE` or `PERSON [SOS] outside`, and perhaps ` at X,Y[,FLOOR]` and ` battery PERCENT`
    fn location(&self, text: &str) -> Event {
        let (text, battery) = text.split_once(" battery ").unwrap_or((text, ""));
        let (text, position) = text.split_once(" at ").unwrap_or((text, ""));
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
            position: self.position(position),
            sos: words[1] == "SOS",
            battery_percent: battery.parse().ok(),
            source_time: Some(self.utc),
            received_time: self.utc,
        }])
    }

    /// `all cards again`, or `all cards again but P-001 P-002`: every other card in a zone says what it said last.
    fn cards_again(&self, text: &str) -> Vec<Location> {
        let silent = text.strip_prefix("all cards again").unwrap_or_else(|| self.wrong());
        let silent: Vec<&str> = silent.strip_prefix(" but ").unwrap_or(silent).split_whitespace().collect();
        let known = self.desk.engine().snapshot(self.utc).people.into_iter();
        let heard = known.filter(|known| {
            known.person.zone.is_some() && !known.place_unknown && !silent.contains(&known.person.id.as_str())
        });
        let again = heard.map(|known| Location {
            person: self.person(known.person.id.as_str()),
            zone: known.person.zone.map(|zone| self.zone(zone.as_str())),
            position: known.position,
            sos: known.sos,
            battery_percent: known.battery_percent,
            source_time: Some(self.utc),
            received_time: self.utc,
        });
        again.collect()
    }

    fn position(&self, text: &str) -> Option<Position> {
        let numbers: Vec<f64> = text
            .split(',')
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().unwrap_or_else(|_| self.wrong()))
            .collect();
        let (x, y) = (*numbers.first()?, *numbers.get(1)?);
        Some(Position { x, y, floor: numbers.get(2).map_or(0, |floor| *floor as i32) })
    }

    /// `ticket ID: work 01, in work, zone Z-11, end 16:00:00, gas CH4 0.1 at 07:40:00, supervisor P-001`, what it says
    /// beside what the gateway has of it; a finished ticket begins anew.
    fn ticket(&self, text: &str) -> Event {
        let (id, changes) =
            text.strip_prefix("ticket ").and_then(|text| text.split_once(": ")).unwrap_or_else(|| self.wrong());
        let known = self.desk.engine().snapshot(self.utc).tickets.into_iter().find(|ticket| ticket.id.as_str() == id);
        let mut ticket = known.map_or_else(|| self.new_ticket(id), |known| self.said_again(known));
        changes.split(", ").for_each(|change| self.change(&mut ticket, change));
        Event::Ticket(Box::new(ticket))
    }

    fn new_ticket(&self, id: &str) -> TicketUpdate {
        TicketUpdate::new(id.into(), WorkType("01".to_owned()), self.utc)
    }

    fn said_again(&self, known: TicketRecord) -> TicketUpdate {
        TicketUpdate {
            work: known.work,
            status: known.status,
            zone: known.zone.map(|zone| self.zone(zone.as_str())),
            content: known.content,
            start: known.start,
            end: known.end,
            analyses: known.analyses,
            space_records: known.space_records,
            supervisor: known.supervisor.map(|person| self.person(person.as_str())),
            supervisor_name: known.supervisor_name,
            blind_plate: known.blind_plate,
            ..self.new_ticket(known.id.as_str())
        }
    }

    fn change(&self, ticket: &mut TicketUpdate, change: &str) {
        let words: Vec<&str> = change.split(' ').collect();
        match words[..] {
            ["work", code] => ticket.work = WorkType(code.to_owned()),
            ["unissued"] => ticket.status = TicketStatus::Unissued,
            ["issued"] => ticket.status = TicketStatus::Issued,
            ["in", "work"] => ticket.status = TicketStatus::InWork,
            ["suspended"] => ticket.status = TicketStatus::Suspended,
            ["accepted"] => ticket.status = TicketStatus::Accepted,
            ["revoked"] => ticket.status = TicketStatus::Revoked,
            ["zone", zone] => ticket.zone = Some(self.zone(zone)),
            ["start", clock] => ticket.start = Some(self.clock(clock)),
            ["end", clock] => ticket.end = Some(self.clock(clock)),
            ["record", clock] => ticket.space_records.push(self.clock(clock)),
            ["supervisor", person] => ticket.supervisor = Some(self.person(person)),
            ["plate", "both"] => ticket.blind_plate = Some(BlindPlate::Both),
            ["plate", "insert"] => ticket.blind_plate = Some(BlindPlate::Insert),
            ["gas", gas, value, "at", clock] => ticket.analyses.push(GasAnalysis {
                time: Some(self.clock(clock)),
                gas: gas.to_owned(),
                value: value.parse().ok(),
            }),
            ["again"] => {}
            _ => self.wrong(),
        }
    }

    fn clock(&self, clock: &str) -> UtcTime {
        UtcTime::parse(&format!("2026-11-23T{clock}Z")).unwrap_or_else(|| self.wrong())
    }

    fn zone(&self, id: &str) -> ZoneIx {
        let zones = &self.desk.engine().site().zones;
        ZoneIx::from(zones.iter().position(|zone| zone.id.as_str() == id).unwrap_or_else(|| self.wrong()))
    }

    fn person(&self, id: &str) -> PersonIx {
        let people = &self.desk.engine().site().people;
        PersonIx::from(people.iter().position(|person| person.id.as_str() == id).unwrap_or_else(|| self.wrong()))
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
            "accept" => CommandKind::AcceptTask { task: self.task(rule), attachments: references(rest) },
            "finish" => self.finish(rule, rest),
            "cancel" => CommandKind::CancelTask { task: self.task(rule), reason: rest.to_owned() },
            "attach" => {
                let attachment = references(rest).pop().unwrap_or_default();
                CommandKind::AddAttachment { task: self.task(rule), attachment }
            }
            verdict => CommandKind::ReviewHazard {
                hazard: self.hazard(rule),
                verdict: match verdict {
                    "confirm" => Verdict::Confirmed,
                    "reject" => Verdict::Rejected,
                    "close" => Verdict::Closed,
                    _ => self.wrong(),
                },
                note: rest.split(" [").next().unwrap_or_default().to_owned(),
                rectification: self.rectification(rest),
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
        let (rest, attached) = rest.split_once(", attached ").unwrap_or((rest, ""));
        let (result, note) = rest.split_once(", ").unwrap_or((rest, ""));
        let result = match result {
            "normal" => TaskResult::Normal,
            "hidden danger" => TaskResult::HiddenDanger,
            "could not" => TaskResult::CouldNot,
            _ => self.wrong(),
        };
        let attachments = references(attached);
        CommandKind::FinishTask { task: self.task(rule), result, note: note.to_owned(), attachments }
    }

    /// `note [major, by deadline, PERSON until TIME]`
    fn rectification(&self, rest: &str) -> Rectification {
        let mut rectification = Rectification::default();
        let Some((_, given)) = rest.split_once(" [") else { return rectification };
        for part in given.trim_end_matches(']').split(", ") {
            match part {
                "general" => rectification.danger_level = Some(DangerLevel::General),
                "major" => rectification.danger_level = Some(DangerLevel::Major),
                "at once" => rectification.manage_type = Some(ManageType::AtOnce),
                "by deadline" => rectification.manage_type = Some(ManageType::ByDeadline),
                person => {
                    let (person, deadline) = person.split_once(" until ").unwrap_or_else(|| self.wrong());
                    rectification.liable_person = Some(person.to_owned());
                    rectification.deadline = Some(UtcTime::parse(deadline).unwrap_or_else(|| self.wrong()));
                }
            }
        }
        rectification
    }

    fn alarm(&self, rule: &str) -> AlarmId {
        let snapshot = self.desk.engine().snapshot(self.utc);
        let open = snapshot.alarms.into_iter().find(|alarm| alarm.rule.as_str() == rule);
        open.map_or_else(|| format!("{rule}~none").into(), |alarm| alarm.id.clone())
    }

    fn task(&self, rule: &str) -> TaskId {
        let snapshot = self.desk.engine().snapshot(self.utc);
        let about = |id: &str| id == rule;
        let is_it = |task: &TaskRecord| {
            task.rule.as_ref().is_some_and(|rule| about(rule.as_str()))
                || task.causes.iter().any(|cause| about(cause.rule.as_str()))
                || task.plan.as_ref().is_some_and(|plan| about(plan.as_str()))
        };
        let open = snapshot.tasks.into_iter().find(is_it);
        open.map_or_else(|| format!("{rule}~none").into(), |task| task.id)
    }

    fn hazard(&self, rule: &str) -> HazardId {
        let snapshot = self.desk.engine().snapshot(self.utc);
        let is_it =
            |hazard: &HazardRecord| hazard.rule.as_ref().map_or(hazard.measure.as_str(), |rule| rule.as_str()) == rule;
        let open = snapshot.hazards.into_iter().find(is_it);
        open.map_or_else(|| format!("{rule}~none").into(), |hazard| hazard.id)
    }
}

/// `URI`, `URI` and so on, as photos.
fn references(text: &str) -> Vec<Reference> {
    let media_type = "image/jpeg".to_owned();
    let uris = text.split(", ").filter(|uri| !uri.is_empty());
    uris.map(|uri| Reference { uri: uri.to_owned(), media_type: media_type.clone(), sha256: None }).collect()
}

/// `journal is written`, `journal is not written: the disk is full`.
fn of_box(text: &str) -> Link {
    match text.split_once(": ") {
        Some((_, reason)) => Link::Down(reason.to_owned()),
        None => Link::Up,
    }
}
