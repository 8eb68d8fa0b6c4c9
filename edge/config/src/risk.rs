//! `risk/`: objects, units, events and measures of the dual-prevention mechanism, with the national field names accepted.

use crate::{
    index::Index,
    table::{Column, Row, Sheet, needed, optional},
    text::Text,
    words,
};
use davy_core::{
    id::{MeasureId, MeasureIx, RiskEventId, RiskEventIx, UnitId, UnitIx},
    model::{Inspection, Measure, RiskEvent, RiskLevel, Role, Unit},
};

/// A folder without this table names the objects in its units alone.
pub(crate) const OBJECTS: &[Column] = &[
    needed("hazardCode", &["id", "编号"]),
    needed("name", &["风险分析对象名称"]),
    optional("guidance", &["处置措施"]),
];

pub(crate) const UNITS: &[Column] = &[
    needed("id", &["编号"]),
    needed("riskUnitName", &["name", "风险分析单元名称"]),
    needed("object", &["风险分析对象"]),
    needed("riskLevel", &["risk_level", "风险等级"]),
    optional("guidance", &["处置措施"]),
];

pub(crate) const EVENTS: &[Column] = &[
    needed("id", &["编号"]),
    needed("riskUnitId", &["unit", "风险分析单元"]),
    needed("riskEventName", &["name", "风险事件名称"]),
    optional("guidance", &["处置措施"]),
];

pub(crate) const MEASURES: &[Column] = &[
    needed("id", &["编号"]),
    needed("riskEventId", &["event", "风险事件"]),
    needed("dataSrc", &["管控方式"]),
    needed("riskMeasureDesc", &["description", "管控措施描述"]),
    // The three classes go with an export of the enterprise; nothing here depends on them.
    optional("classify1", &["分类1"]),
    optional("classify2", &["分类2"]),
    optional("classify3", &["分类3"]),
    optional("troubleshootContent", &["inspection", "隐患排查内容"]),
    optional("push_task", &["推送排查任务"]),
    optional("role", &["责任角色"]),
    optional("hazard_on_failure", &["失效即疑似隐患"]),
    optional("guidance", &["处置措施"]),
];

const OBJECTS_HOME: &str = "risk/objects.csv";

/// The risk model.
pub(crate) struct Risk<'a> {
    pub(crate) units: Vec<Unit>,
    pub(crate) events: Vec<RiskEvent>,
    pub(crate) measures: Vec<Measure>,
    /// What to inspect for each measure, whether or not a task is pushed.
    pub(crate) contents: Vec<String>,
    /// What to do, of each object, unit, event and measure.
    object_guidance: Vec<String>,
    unit_guidance: Vec<String>,
    event_guidance: Vec<String>,
    measure_guidance: Vec<String>,
    /// The id cells, for findings.
    pub(crate) unit_cells: Vec<Text<'a>>,
    /// The id cells, for findings.
    pub(crate) measure_cells: Vec<Text<'a>>,
    /// What the rows refer to, without the stand-ins.
    units_of_events: Vec<Option<UnitIx>>,
    events_of_measures: Vec<Option<RiskEventIx>>,
    objects_of_units: Vec<Option<usize>>,
    /// The objects by name and by code; without the table there are none.
    objects: Option<Objects<'a>>,
    unit_ids: Index<'a>,
    event_ids: Index<'a>,
    measure_ids: Index<'a>,
}

/// The risk objects 风险分析对象.
struct Objects<'a> {
    names: Vec<String>,
    by_name: Index<'a>,
    by_code: Index<'a>,
}

/// Reads the four tables.
pub(crate) fn read<'a>(
    objects: &'a Sheet<'a>,
    units: &'a Sheet<'a>,
    events: &'a Sheet<'a>,
    measures: &'a Sheet<'a>,
) -> Risk<'a> {
    let mut risk = Risk {
        units: Vec::new(),
        events: Vec::new(),
        measures: Vec::new(),
        contents: Vec::new(),
        object_guidance: Vec::new(),
        unit_guidance: Vec::new(),
        event_guidance: Vec::new(),
        measure_guidance: Vec::new(),
        unit_cells: Vec::new(),
        measure_cells: Vec::new(),
        objects_of_units: Vec::new(),
        objects: objects.is_there().then(|| Objects {
            names: Vec::new(),
            by_name: Index::new("risk object", OBJECTS_HOME, objects.complete),
            by_code: Index::new("risk object", OBJECTS_HOME, objects.complete),
        }),
        units_of_events: Vec::new(),
        events_of_measures: Vec::new(),
        unit_ids: Index::new("risk unit", "risk/units.csv", units.complete),
        event_ids: Index::new("risk event", "risk/events.csv", events.complete),
        measure_ids: Index::new("measure", "risk/measures.csv", measures.complete),
    };
    objects.rows().for_each(|row| risk.add_object(row));
    units.rows().for_each(|row| risk.add_unit(row));
    events.rows().for_each(|row| risk.add_event(row));
    measures.rows().for_each(|row| risk.add_measure(row));
    risk
}

impl<'a> Risk<'a> {
    /// The unit that a cell refers to.
    pub(crate) fn unit(&self, reference: Text<'_>) -> Option<UnitIx> {
        self.unit_ids.find(reference).map(UnitIx::from)
    }

    /// The risk event that a cell refers to.
    pub(crate) fn event(&self, reference: Text<'_>) -> Option<RiskEventIx> {
        self.event_ids.find(reference).map(RiskEventIx::from)
    }

    /// The measure that a cell refers to.
    pub(crate) fn measure(&self, reference: Text<'_>) -> Option<MeasureIx> {
        self.measure_ids.find(reference).map(MeasureIx::from)
    }

    /// The unit of an event; `None` if that was wrong, which has been reported.
    pub(crate) fn unit_of(&self, event: RiskEventIx) -> Option<UnitIx> {
        self.units_of_events[event.at()]
    }

    /// The unit of a measure; `None` if its event was wrong, which has been reported.
    pub(crate) fn unit_of_measure(&self, measure: MeasureIx) -> Option<UnitIx> {
        self.events_of_measures[measure.at()].and_then(|event| self.unit_of(event))
    }

    /// What a measure itself says: what to do, or what is to be inspected. An instrument that fails is no emergency of its
    /// unit.
    pub(crate) fn of_measure(&self, measure: Option<MeasureIx>) -> &str {
        let own = |measure: MeasureIx| [&self.measure_guidance[measure.at()], &self.contents[measure.at()]];
        let given = measure.map(own).into_iter().flatten().find(|text| !text.is_empty());
        given.map_or("", String::as_str)
    }

    /// What to do where a rule says nothing of its own: the nearest of its measure, its event and its unit that does, then what
    /// the measure says is to be inspected, and at last its object.
    pub(crate) fn guidance(
        &self,
        measure: Option<MeasureIx>,
        event: Option<RiskEventIx>,
        unit: Option<UnitIx>,
    ) -> &str {
        let event = measure.and_then(|measure| self.events_of_measures[measure.at()]).or(event);
        let unit = event.and_then(|event| self.unit_of(event)).or(unit);
        let object = unit.and_then(|unit| self.objects_of_units[unit.at()]);
        let nearest = [
            measure.map(|measure| &self.measure_guidance[measure.at()]),
            event.map(|event| &self.event_guidance[event.at()]),
            unit.map(|unit| &self.unit_guidance[unit.at()]),
            measure.map(|measure| &self.contents[measure.at()]),
            object.map(|object| &self.object_guidance[object]),
        ];
        nearest.into_iter().flatten().find(|text| !text.is_empty()).map_or("", String::as_str)
    }

    fn add_object(&mut self, row: Row<'a>) {
        let (code, name) = (row.cell("hazardCode"), row.cell("name"));
        let Some(objects) = &mut self.objects else { return };
        objects.by_code.add(code, objects.names.len());
        objects.by_name.add(name, objects.names.len());
        let _ = code.code();
        objects.names.push(name.name().unwrap_or_default().to_owned());
        self.object_guidance.push(row.cell("guidance").words().to_owned());
    }

    /// The object that a unit names, by its name or its code, and what it is called.
    fn object_of(&self, cell: Text<'a>) -> (Option<usize>, String) {
        let Some(given) = cell.needed() else { return (None, String::new()) };
        let Some(objects) = &self.objects else { return (None, given.name().unwrap_or_default().to_owned()) };
        let found = objects.by_code.position(given.text).or_else(|| objects.by_name.find(given));
        (found, found.map(|at| objects.names[at].clone()).unwrap_or_default())
    }

    fn add_unit(&mut self, row: Row<'a>) {
        let id = row.cell("id");
        self.unit_ids.add(id, self.units.len());
        self.unit_cells.push(id);
        let (object, object_name) = self.object_of(row.cell("object"));
        self.objects_of_units.push(object);
        self.unit_guidance.push(row.cell("guidance").words().to_owned());
        self.units.push(Unit {
            id: UnitId::from(id.code().unwrap_or_default()),
            name: row.cell("riskUnitName").name().unwrap_or_default().into(),
            object_name,
            assessed: row
                .cell("riskLevel")
                .needed()
                .and_then(|text| text.one_of(words::RISK_LEVELS))
                .unwrap_or(RiskLevel::Red),
        });
    }

    fn add_event(&mut self, row: Row<'a>) {
        let id = row.cell("id");
        self.event_ids.add(id, self.events.len());
        let unit = row.cell("riskUnitId").needed().and_then(|text| self.unit(text));
        self.units_of_events.push(unit);
        self.event_guidance.push(row.cell("guidance").words().to_owned());
        self.events.push(RiskEvent {
            id: RiskEventId::from(id.code().unwrap_or_default()),
            name: row.cell("riskEventName").name().unwrap_or_default().into(),
            unit: unit.unwrap_or(UnitIx(0)),
        });
    }

    fn add_measure(&mut self, row: Row<'a>) {
        let id = row.cell("id");
        self.measure_ids.add(id, self.measures.len());
        let event = row.cell("riskEventId").needed().and_then(|text| self.event(text));
        self.events_of_measures.push(event);
        self.measure_guidance.push(row.cell("guidance").words().to_owned());
        let content = row.cell("troubleshootContent").words().to_owned();
        self.measures.push(Measure {
            id: MeasureId::from(id.code().unwrap_or_default()),
            description: row.cell("riskMeasureDesc").needed().map(Text::words).unwrap_or_default().into(),
            event: event.unwrap_or(RiskEventIx(0)),
            automatic: row.cell("dataSrc").needed().and_then(|text| text.one_of(words::DATA_SOURCES)).unwrap_or(true),
            inspection: inspection(row, &content),
            hazard_on_failure: yes(row.cell("hazard_on_failure")),
        });
        self.measure_cells.push(id);
        self.contents.push(content);
    }
}

fn inspection(row: Row<'_>, content: &str) -> Option<Inspection> {
    let push = row.cell("push_task");
    let role = row.cell("role").given().and_then(|text| text.one_of(words::ROLES)).unwrap_or(Role::Operation);
    if !yes(push) {
        return None;
    }
    if row.cell("troubleshootContent").given().is_none() {
        push.wrong(
            "a task is pushed but there is nothing to inspect; fill in troubleshootContent (隐患排查内容) or write no",
        );
    }
    Some(Inspection { content: content.to_owned(), role })
}

fn yes(text: Text<'_>) -> bool {
    text.given().and_then(|text| text.one_of(words::YES_NO)).unwrap_or(false)
}
