//! A small site: one level with a high-high limit, a zone, a person, a source and an uplink.

use davy_api::{MapCamera, MapZone, SiteMap};
use davy_core::{calendar::*, event::*, id::*, model::*, quality::Quality, time::UtcTime};

/// The wall clock of every test.
pub(crate) const NOW: UtcTime = UtcTime(1_795_392_000_123);

pub(crate) fn utc() -> UtcTime {
    NOW
}

/// The zone, and a plan that begins like a PNG.
pub(crate) fn map() -> SiteMap {
    let rings = vec![vec![(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 0.0)]];
    let bytes = b"\x89PNG\r\n\x1a\n".as_slice().into();
    let plan = davy_api::Plan { west: -1.0, south: -2.0, east: 30.0, north: 20.0, media_type: "image/png", bytes };
    let cameras = vec![MapCamera { camera: "CAM-1".into(), name: "罐区高点".to_owned(), zone: Some("Z1".into()) }];
    SiteMap { zones: vec![MapZone { zone: "Z1".into(), floor: None, rings }], plan: Some(plan), cameras }
}

pub(crate) fn site() -> Site {
    let tag = |id: &str, name: &str| Tag {
        id: id.into(),
        name: name.into(),
        engineering_unit: "%".into(),
        source: SourceIx(0),
        unit: Some(UnitIx(0)),
        range: Some((0.0, 100.0)),
        stale_after_ms: None,
    };
    Site {
        gateway: Gateway {
            company_code: "370100123".to_owned(),
            gateway_id: "gw-1".to_owned(),
            name: "一号网关".to_owned(),
            config_version: "c0ffee".into(),
            change: None,
        },
        sources: vec![Source { id: "dcs".into(), name: "DCS \"A\"".to_owned(), kind: SourceKind::OpcUa }],
        uplinks: vec![Uplink { id: "enterprise".into(), name: "企业平台".to_owned() }],
        tags: vec![tag("LI-1101", "储罐液位"), tag("LI-1102", "储罐液位"), tag("LI-1103", "储罐液位")],
        zones: vec![Zone { unit: Some(UnitIx(0)), ..Zone::new("Z1", "罐区") }],
        people: vec![Person::new("P1", "李雷", "C1")],
        units: vec![Unit {
            id: "U1".into(),
            name: "储罐区".into(),
            object_name: "罐区".to_owned(),
            assessed: RiskLevel::Red,
        }],
        events: vec![RiskEvent { id: "E1".into(), name: "储罐溢流".into(), unit: UnitIx(0) }],
        measures: vec![Measure {
            id: "M1".into(),
            description: "液位高高报警".into(),
            event: RiskEventIx(0),
            automatic: true,
            inspection: Some(Inspection { content: "检查液位".to_owned(), role: Role::Operation }),
            hazard_on_failure: true,
        }],
        rules: vec![
            Rule {
                id: "LI-1101.HH".into(),
                name: "液位高高".into(),
                unit: Some(UnitIx(0)),
                measure: Some(MeasureIx(0)),
                threatens: None,
                priority: Priority::Critical,
                on_delay_ms: 0,
                off_delay_ms: 0,
                guidance: "停止进料".into(),
                latched: false,
                never_hidden: false,
                suppressed_by: Vec::new(),
                kind: RuleKind::Limit { tag: TagIx(0), limit: Limit { kind: LimitKind::HH, trip: 90.0, clear: 88.0 } },
            },
            quality(),
        ],
        plans: vec![plan()],
        ..Site::default()
    }
}

/// A rule that is not active.
fn quality() -> Rule {
    Rule {
        id: "LI-1101.quality".into(),
        name: "液位信号质量坏".into(),
        unit: Some(UnitIx(0)),
        measure: None,
        threatens: None,
        priority: Priority::Medium,
        on_delay_ms: 0,
        off_delay_ms: 0,
        guidance: "检查仪表".into(),
        latched: false,
        never_hidden: false,
        suppressed_by: Vec::new(),
        kind: RuleKind::BadQuality { tag: TagIx(0) },
    }
}

/// Every day at 16:00, which is half an hour before every test's first.
fn plan() -> Plan {
    Plan {
        id: "PL1".into(),
        measure: MeasureIx(0),
        content: "检查液位计".to_owned(),
        schedule: Schedule {
            cycle: 1,
            unit: CycleUnit::Day,
            start: UtcTime(1_795_334_400_000),
            hours: None,
            days: WorkDays::Every,
        },
        role: Role::Technical,
        duty_item: Some(2),
        tolerance_ms: None,
    }
}

/// The first level reads this.
pub(crate) fn level(value: f64) -> Event {
    let sample = Sample { tag: TagIx(0), value, quality: Quality::GOOD, source_time: Some(NOW), received_time: NOW };
    Event::Samples(vec![sample])
}

/// The person stands in the zone.
pub(crate) fn located() -> Event {
    Event::Locations(vec![Location {
        person: PersonIx(0),
        zone: Some(ZoneIx(0)),
        position: None,
        sos: false,
        battery_percent: Some(80),
        source_time: None,
        received_time: NOW,
    }])
}

/// Hot work goes on in the zone.
pub(crate) fn ticket() -> Event {
    Event::Ticket(Box::new(TicketUpdate {
        id: "DH-1".into(),
        work: WorkType("01".to_owned()),
        status: TicketStatus::InWork,
        zone: Some(ZoneIx(0)),
        unit: None,
        content: "焊接".to_owned(),
        start: Some(NOW),
        end: Some(NOW.after(3_600_000)),
        analyses: Vec::new(),
        space_records: Vec::new(),
        supervisor: Some(PersonIx(0)),
        supervisor_name: "李雷".to_owned(),
        workers: Vec::new(),
        worker_names: Vec::new(),
        blind_plate: None,
        changed: false,
        cancelled: false,
        source_time: None,
        received_time: NOW,
    }))
}
