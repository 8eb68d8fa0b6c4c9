//! Real records of every kind: a small site in which much goes wrong, played through the engine.

use davy_core::{
    Engine,
    effect::Effects,
    event::*,
    id::*,
    model::*,
    quality::Quality,
    record::Record,
    saved::{SavedChange, SavedState},
    time::{Monotonic, Now, UtcTime},
};

fn site() -> Site {
    let unit = Some(UnitIx(0));
    let rule = |id: &str, measure, priority, kind| Rule {
        id: RuleId::from(id),
        name: format!("{id} 报警").into(),
        unit,
        measure,
        threatens: Some(RiskEventIx(0)),
        priority,
        on_delay_ms: 0,
        off_delay_ms: 0,
        guidance: "到现场确认".into(),
        latched: false,
        never_hidden: false,
        suppressed_by: Vec::new(),
        kind,
    };
    let limit = Limit { kind: LimitKind::HH, trip: 90.0, clear: 88.0 };
    let video = RuleKind::Video {
        camera: CameraIx(0),
        algorithm: "smoke".to_owned(),
        confidence_min: 0.5,
        frames_min: 1,
        frame_gap_ms: 10_000,
        cooldown_ms: 1_000,
    };
    let measure = Some(MeasureIx(0));
    Site {
        gateway: Gateway { config_version: "c0ffee".into(), ..super::super::peers::desk::gateway() },
        sources: vec![Source { id: "dcs".into(), name: "DCS".to_owned(), kind: SourceKind::OpcUa }],
        uplinks: vec![Uplink { id: "enterprise".into(), name: "企业平台".to_owned() }],
        tags: vec![Tag {
            id: "LI-1101".into(),
            name: "储罐液位".into(),
            engineering_unit: "%".into(),
            source: SourceIx(0),
            unit,
            range: Some((0.0, 100.0)),
            stale_after_ms: None,
        }],
        zones: vec![Zone { unit, event: Some(RiskEventIx(0)), ..Zone::new("Z1", "罐区") }],
        cameras: vec![Camera { id: "C1".into(), name: "罐区东".to_owned(), zone: Some(ZoneIx(0)) }],
        people: vec![Person::new("P1", "张三", "0001")],
        units: vec![Unit {
            id: "U1".into(),
            name: "罐区单元".into(),
            object_name: "罐区".to_owned(),
            assessed: RiskLevel::Red,
        }],
        events: vec![RiskEvent { id: "E1".into(), name: "储罐冒罐".into(), unit: UnitIx(0) }],
        measures: vec![Measure {
            id: "M1".into(),
            description: "液位高高联锁".into(),
            event: RiskEventIx(0),
            automatic: true,
            inspection: Some(Inspection { content: "检查液位计".to_owned(), role: Role::Operation }),
            hazard_on_failure: true,
        }],
        rules: vec![
            rule("LI-1101.HH", measure, Priority::Critical, RuleKind::Limit { tag: TagIx(0), limit }),
            rule("LI-1101.bad", measure, Priority::Medium, RuleKind::BadQuality { tag: TagIx(0) }),
            rule(
                "expired.1",
                None,
                Priority::High,
                RuleKind::Ticket(TicketRule { kind: TicketKind::Expired, unit: None, table: 0, slot: 0 }),
            ),
            rule("sos", None, Priority::Critical, RuleKind::Sos { person: PersonIx(0) }),
            rule("Z1.capacity", None, Priority::High, RuleKind::OverCapacity { zone: ZoneIx(0), people_max: 0 }),
            rule("C1.smoke", None, Priority::High, video),
            rule("dcs.lost", None, Priority::High, RuleKind::SourceLost { source: SourceIx(0) }),
        ],
        first_out: Vec::new(),
        policy: Policy::default(),
        plans: Vec::new(),
        calendar: davy_core::calendar::Calendar::default(),
    }
}

fn utc(second: u64) -> UtcTime {
    super::super::peers::desk::NOW.after(second * 1_000)
}

fn level(value: f64, quality: Quality, second: u64) -> Event {
    let received_time = utc(second);
    Event::Samples(vec![Sample { tag: TagIx(0), value, quality, source_time: Some(received_time), received_time }])
}

fn position(zone: Option<ZoneIx>, sos: bool, second: u64) -> Event {
    let received_time = utc(second);
    let location = Location {
        person: PersonIx(0),
        zone,
        position: None,
        sos,
        battery_percent: Some(80),
        source_time: None,
        received_time,
    };
    Event::Locations(vec![location])
}

fn smoke(second: u64) -> Event {
    Event::Video(VideoSight {
        camera: CameraIx(0),
        algorithm: "smoke".to_owned(),
        confidence: 0.9,
        picture: Some("http://camera/1.jpg".to_owned()),
        source_time: None,
        received_time: utc(second),
    })
}

/// Hot work with a ticket that is over, and that says everything a ticket can say.
fn ticket(second: u64) -> Event {
    let received_time = utc(second);
    Event::Ticket(Box::new(TicketUpdate {
        id: "DH-2026-001".into(),
        work: WorkType("01".to_owned()),
        status: TicketStatus::InWork,
        zone: Some(ZoneIx(0)),
        unit: None,
        content: "管线焊接".to_owned(),
        start: Some(utc(0)),
        end: Some(utc(second)),
        analyses: vec![GasAnalysis { time: Some(utc(0)), gas: "甲烷".to_owned(), value: Some(0.1) }],
        space_records: vec![utc(1)],
        supervisor: Some(PersonIx(0)),
        supervisor_name: "张三".to_owned(),
        workers: vec![PersonIx(0)],
        worker_names: vec!["张三".to_owned()],
        blind_plate: None,
        changed: true,
        cancelled: false,
        source_time: Some(received_time),
        received_time,
    }))
}

fn command(kind: CommandKind) -> Event {
    Event::Command(Command { request: 1, by: "李四".to_owned(), kind })
}

struct Desk {
    engine: Engine,
    second: u64,
    records: Vec<Record>,
    saved: Vec<SavedChange>,
}

impl Desk {
    fn apply(&mut self, event: impl FnOnce(u64) -> Event) {
        self.second += 1;
        let now = Now { monotonic: Monotonic(self.second * 1_000), utc: utc(self.second) };
        let mut effects = Effects::default();
        self.engine.apply(now, event(self.second), &mut effects);
        self.records.extend(effects.records);
        self.saved.extend(effects.saved);
    }

    /// Starts with another configuration: a rule with other parameters, one that is gone and one that is new.
    fn configure_anew(&mut self) {
        let mut saved = SavedState::default();
        for SavedChange { key, body } in &self.saved {
            let Some(text) = body.as_ref().map(|body| serde_json::to_string(body).unwrap()) else { continue };
            saved.insert(&key.to_string(), &mut serde_json::Deserializer::from_str(&text)).unwrap();
        }
        let mut site = site();
        let (author, reason, date) = ("李工".to_owned(), "高高限上调".to_owned(), "2026-11-23".to_owned());
        site.gateway.config_version = "decade".into();
        site.gateway.change = Some(Change { version: Some("MOC-17".to_owned()), author, reason, date });
        let limit = Limit { kind: LimitKind::HH, trip: 92.0, clear: 90.0 };
        site.rules[0].kind = RuleKind::Limit { tag: TagIx(0), limit };
        site.rules[1].id = "LI-1101.quality".into();
        let now = Now { monotonic: Monotonic(0), utc: utc(self.second) };
        self.engine = Engine::restore(site, 1, saved, now);
        self.apply(|_| Event::Started);
    }

    fn find<T>(&self, pick: impl Fn(&Record) -> Option<T>) -> T {
        self.records.iter().rev().find_map(pick).expect("the engine made one")
    }
}

/// Everything that the engine says about a bad quarter of an hour.
pub(crate) fn play() -> Vec<Record> {
    let now = Now { monotonic: Monotonic(0), utc: utc(0) };
    let mut desk = Desk { engine: Engine::new(site(), 1, now), second: 0, records: Vec::new(), saved: Vec::new() };
    desk.apply(|_| Event::Started);
    desk.apply(|_| Event::Source(SourceIx(0), Link::Up));
    desk.apply(|second| level(50.0, Quality::GOOD, second));
    desk.apply(|second| position(Some(ZoneIx(0)), false, second));
    desk.apply(|second| level(95.0, Quality::GOOD, second));
    desk.apply(smoke);
    desk.apply(|second| position(Some(ZoneIx(0)), true, second));
    let alarm = desk.find(|record| if let Record::Alarm(alarm) = record { Some(alarm.id.clone()) } else { None });
    let task = desk.find(|record| if let Record::Task(task) = record { Some(task.id.clone()) } else { None });
    let hazard = desk.find(|record| if let Record::Hazard(hazard) = record { Some(hazard.id.clone()) } else { None });
    desk.apply(|_| command(CommandKind::AcknowledgeAlarm { alarm }));
    desk.apply(|_| command(CommandKind::SilenceHorn));
    desk.apply(|_| command(CommandKind::AcceptTask { task: task.clone(), attachments: Vec::new() }));
    let (result, note) = (TaskResult::HiddenDanger, "液位计卡涩".to_owned());
    let attachments = vec![Reference { uri: "photo-7".to_owned(), media_type: "image/jpeg".to_owned(), sha256: None }];
    desk.apply(|_| command(CommandKind::FinishTask { task: task.clone(), result, note, attachments }));
    let (verdict, note) = (Verdict::Confirmed, "属实".to_owned());
    let rectification = Rectification {
        danger_level: Some(DangerLevel::General),
        manage_type: Some(ManageType::ByDeadline),
        liable_person: Some("赵六".to_owned()),
        deadline: Some(utc(86_400)),
    };
    desk.apply(|_| command(CommandKind::ReviewHazard { hazard, verdict, note, rectification }));
    desk.apply(|_| command(CommandKind::AcceptTask { task, attachments: Vec::new() }));
    let shelf = Shelving { for_ms: 3_600_000, one_shot: true, reason: "液位计检修".to_owned() };
    desk.apply(|_| command(CommandKind::ShelveRule { rule: "LI-1101.bad".into(), shelf }));
    let (unit, reason) = ("U1".into(), "检修".to_owned());
    desk.apply(|_| command(CommandKind::StopUnit { unit, for_ms: None, reason }));
    desk.apply(|second| {
        Event::Platform(Box::new(PlatformCommand {
            request: 2,
            by: "王五".to_owned(),
            key: "platform".to_owned(),
            id: "c-1".to_owned(),
            kind: "stop".to_owned(),
            issued: utc(second),
            sha256: "ab".repeat(32),
            ask: PlatformAsk::Command(CommandKind::ResumeUnit { unit: "U1".into() }),
        }))
    });
    desk.apply(ticket);
    desk.apply(|second| position(None, false, second));
    desk.apply(|second| level(0.0, Quality::BAD, second));
    desk.apply(|_| Event::Source(SourceIx(0), Link::Down("no answer".to_owned())));
    desk.apply(|_| Event::Source(SourceIx(0), Link::Up));
    desk.apply(|second| level(50.0, Quality::GOOD, second));
    let warning = desk.find(|record| if let Record::Warning(one) = record { Some(one.id.clone()) } else { None });
    desk.apply(|second| {
        let (kept_at, sha256) = (utc(second), "ab".repeat(32));
        Event::Evidence(EvidenceKept { warning, kept_at, sha256, bytes: 4096 })
    });
    desk.configure_anew();
    desk.records
}
