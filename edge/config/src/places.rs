//! `zones.csv`, `cameras.csv`, `people.csv`: where people are and what looks at them.

use crate::{
    defaults, durations,
    index::Index,
    outlines::{self, Outline},
    risk::Risk,
    table::{Column, Row, Sheet, needed, optional},
    text::{Text, quoted},
    words,
};
use davy_core::{
    id::{CameraId, CameraIx, PersonId, PersonIx, RiskEventIx, UnitIx, ZoneId, ZoneIx},
    model::{Camera, Person, Priority, Zone},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

pub(crate) const ZONES: &[Column] = &[
    needed("zone", &["区域编号"]),
    needed("name", &["名称", "区域名称"]),
    optional("unit", &["风险分析单元"]),
    optional("event", &["风险事件"]),
    optional("people_max", &["限员"]),
    optional("people_min", &["最少人数"]),
    optional("stay_max", &["滞留时限"]),
    optional("hazardous", &["危险区域"]),
    optional("posts", &["岗位"]),
    optional("on_delay", &["报警延时"]),
    optional("priority", &["优先级"]),
    optional("guidance", &["处置措施"]),
    optional("polygon", &["边界"]),
    optional("floor", &["楼层"]),
];

pub(crate) const CAMERAS: &[Column] =
    &[needed("camera", &["摄像机编号"]), needed("name", &["名称"]), optional("zone", &["区域"])];

pub(crate) const PEOPLE: &[Column] = &[
    needed("person", &["人员编号"]),
    needed("name", &["姓名"]),
    needed("card", &["定位卡"]),
    optional("post", &["岗位"]),
    optional("department", &["部门"]),
    optional("contractor", &["承包商"]),
];

const STAY_MAX: RangeInclusive<u64> = 60_000..=*durations::ANY.end();
const PEOPLE_MAX: u32 = 100_000;

/// Zones, cameras and people.
pub(crate) struct Places<'a> {
    pub(crate) zones: Vec<ZoneRow<'a>>,
    pub(crate) zones_complete: bool,
    pub(crate) cameras: Vec<Camera>,
    /// The id cells, for findings.
    pub(crate) camera_cells: Vec<Text<'a>>,
    pub(crate) people: Vec<PersonRow<'a>>,
    zone_ids: Index<'a>,
    camera_ids: Index<'a>,
    person_ids: Index<'a>,
    /// The posts that somebody has.
    posts: BTreeSet<&'a str>,
    people_complete: bool,
}

/// A zone with what its rule needs.
pub(crate) struct ZoneRow<'a> {
    pub(crate) cell: Text<'a>,
    pub(crate) zone: Zone,
    pub(crate) people_max: Option<u32>,
    pub(crate) people_min: Option<u32>,
    pub(crate) posts: Text<'a>,
    pub(crate) on_delay_ms: u64,
    pub(crate) priority: Priority,
    pub(crate) guidance: String,
    pub(crate) outline: Option<Outline<'a>>,
}

/// A person.
pub(crate) struct PersonRow<'a> {
    pub(crate) cell: Text<'a>,
    pub(crate) person: Person,
}

/// Reads the three tables.
pub(crate) fn read<'a>(
    zones: &'a Sheet<'a>,
    cameras: &'a Sheet<'a>,
    people: &'a Sheet<'a>,
    risk: &Risk<'_>,
) -> Places<'a> {
    let mut places = Places {
        zones: Vec::new(),
        zones_complete: zones.complete,
        cameras: Vec::new(),
        camera_cells: Vec::new(),
        people: Vec::new(),
        zone_ids: Index::new("zone", "zones.csv", zones.complete),
        camera_ids: Index::new("camera", "cameras.csv", cameras.complete),
        person_ids: Index::new("person", "people.csv", people.complete),
        posts: BTreeSet::new(),
        people_complete: people.complete,
    };
    zones.rows().for_each(|row| places.add_zone(row, risk));
    check_zone_names(zones);
    cameras.rows().for_each(|row| places.add_camera(row));
    places.add_people(people);
    places
}

impl<'a> Places<'a> {
    /// The zone that a text refers to.
    pub(crate) fn zone(&self, reference: Text<'_>) -> Option<ZoneIx> {
        self.zone_ids.find(reference).map(ZoneIx::from)
    }

    /// The camera that a text refers to.
    pub(crate) fn camera(&self, reference: Text<'_>) -> Option<CameraIx> {
        self.camera_ids.find(reference).map(CameraIx::from)
    }

    /// The person that a text refers to.
    pub(crate) fn person(&self, reference: Text<'_>) -> Option<PersonIx> {
        self.person_ids.find(reference).map(PersonIx::from)
    }

    /// The post that a text refers to: one that somebody has.
    pub(crate) fn post(&self, reference: Text<'_>) -> Option<&'a str> {
        let found = self.posts.get(reference.text).copied();
        if found.is_none() && self.people_complete {
            let suggestion = reference.spot.suggest(reference.text, self.posts.iter().copied());
            let advice = suggestion.unwrap_or_else(|| "; correct it or give it to somebody there".to_owned());
            reference.wrong(format_args!("{} is nobody's post in people.csv{advice}", quoted(reference.text)));
        }
        found
    }

    fn add_zone(&mut self, row: Row<'a>, risk: &Risk<'_>) {
        let cell = row.cell("zone");
        self.zone_ids.add(cell, self.zones.len());
        let (unit, event) = risk_of(row, risk);
        let hazardous = row.cell("hazardous").given().and_then(|text| text.one_of(words::YES_NO)).unwrap_or(false);
        let stay_max = row.cell("stay_max").given();
        let zone = Zone {
            id: ZoneId::from(cell.label().unwrap_or_default()),
            name: row.cell("name").name().unwrap_or_default().to_owned(),
            unit,
            event,
            hazardous,
            stay_max_ms: match stay_max {
                Some(text) => text.parse(|text| durations::parse(text, &STAY_MAX)),
                None => hazardous.then_some(defaults::HAZARDOUS_STAY_MAX_MS),
            },
            posts: posts(row.cell("posts")),
            access: Vec::new(),
        };
        self.zones.push(ZoneRow {
            cell,
            zone,
            people_min: row.cell("people_min").given().and_then(|text| text.whole(1..=PEOPLE_MAX)),
            posts: row.cell("posts"),
            people_max: row.cell("people_max").given().and_then(|text| text.whole(0..=PEOPLE_MAX)),
            on_delay_ms: row
                .cell("on_delay")
                .given()
                .and_then(Text::duration)
                .unwrap_or(defaults::CAPACITY_ON_DELAY_MS),
            priority: row
                .cell("priority")
                .given()
                .and_then(|text| text.one_of(words::PRIORITIES))
                .unwrap_or(defaults::CAPACITY_PRIORITY),
            guidance: row.cell("guidance").words().to_owned(),
            outline: outlines::read(row),
        });
    }

    fn add_camera(&mut self, row: Row<'a>) {
        let cell = row.cell("camera");
        self.camera_ids.add(cell, self.cameras.len());
        self.camera_cells.push(cell);
        self.cameras.push(Camera {
            id: CameraId::from(cell.label().unwrap_or_default()),
            name: row.cell("name").name().unwrap_or_default().to_owned(),
            zone: row.cell("zone").given().and_then(|text| self.zone_ids.find(text)).map(ZoneIx::from),
        });
    }

    fn add_people(&mut self, people: &'a Sheet<'a>) {
        let mut cards = Index::new("card", "people.csv", people.complete);
        for (at, row) in people.rows().enumerate() {
            let (cell, card) = (row.cell("person"), row.cell("card"));
            self.person_ids.add(cell, at);
            cards.add(card, at);
            let person = Person {
                id: PersonId::from(cell.label().unwrap_or_default()),
                name: row.cell("name").name().unwrap_or_default().to_owned(),
                card: card.label().unwrap_or_default().to_owned(),
                post: label(row.cell("post")),
                department: label(row.cell("department")),
                contractor: label(row.cell("contractor")),
            };
            self.posts.extend(row.cell("post").given().map(|post| post.text));
            self.people.push(PersonRow { cell, person });
        }
    }
}

fn label(cell: Text<'_>) -> Option<String> {
    cell.given().and_then(Text::label).map(str::to_owned)
}

/// The posts that a cell names, one after the other.
fn posts(cell: Text<'_>) -> Vec<String> {
    let posts = cell.text.split([';', '；', '、']).map(str::trim).filter(|post| !post.is_empty());
    posts.map(str::to_owned).collect()
}

/// The unit of a zone and the event that trouble there threatens; the event leads to the unit.
fn risk_of(row: Row<'_>, risk: &Risk<'_>) -> (Option<UnitIx>, Option<RiskEventIx>) {
    let (unit_cell, event_cell) = (row.cell("unit"), row.cell("event"));
    let unit = unit_cell.given().and_then(|text| risk.unit(text));
    let event = event_cell.given().and_then(|text| risk.event(text));
    let of_event = event.and_then(|event| risk.unit_of(event));
    if let (Some(unit), Some(of_event)) = (unit, of_event)
        && unit != of_event
    {
        event_cell.wrong(format_args!(
            "{} belongs to the unit {} and not to {}; correct one of the two",
            quoted(event_cell.text),
            risk.units[of_event.at()].id,
            risk.units[unit.at()].id
        ));
    }
    (unit.or(of_event), event)
}

/// Messages name a zone by its id or by its name, so a text must not mean two zones.
fn check_zone_names(zones: &Sheet<'_>) {
    let mut meanings: BTreeMap<&str, Text<'_>> = BTreeMap::new();
    for row in zones.rows() {
        meanings.entry(row.cell("zone").text).or_insert(row.cell("zone"));
    }
    for row in zones.rows() {
        let (id, name) = (row.cell("zone"), row.cell("name"));
        let first = *meanings.entry(name.text).or_insert(id);
        if first.text != id.text && !name.text.is_empty() {
            name.wrong(format_args!(
                "{} means the zone of {} as well, and messages may name zones by their names; rename one of the two",
                quoted(name.text),
                first.spot.line()
            ));
        }
    }
}
