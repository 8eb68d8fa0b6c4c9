//! `tags.csv`, the point table 点表: what each tag is, where it is read and what watches it.

use crate::{
    coverage, defaults, durations, gas,
    index::Index,
    limits,
    quantity::{self, Quantity},
    risk::Risk,
    sources::Sources,
    table::{Column, Row, Sheet, needed, optional},
    tag_rules::slow_enough,
    text::{Text, quoted},
    trips,
    types::{ModbusItem, ModbusSource, OpcUaMode, SourceConfig},
    words,
};
use davy_core::{
    id::{MeasureIx, SourceIx, TagId, TagIx, UnitIx},
    model::{Gas, Limit, Priority, Tag},
};

mod items;

pub(crate) const COLUMNS: &[Column] = &[
    needed("tag", &["位号"]),
    needed("name", &["名称"]),
    needed("source", &["数据源"]),
    needed("address", &["地址"]),
    optional("data", &["data_type", "数据类型"]),
    optional("order", &["byte_order", "字节序"]),
    optional("scale", &["系数"]),
    optional("offset", &["偏移"]),
    optional("raw_low", &["原始下限"]),
    optional("raw_high", &["原始上限"]),
    optional("texts", &["文本对照"]),
    optional("poll", &["采集周期"]),
    optional("engineering_unit", &["工程单位"]),
    optional("range_low", &["量程下限"]),
    optional("range_high", &["量程上限"]),
    optional("unit", &["风险分析单元"]),
    optional("measure", &["管控措施"]),
    optional("LL", &["低低限"]),
    optional("L", &["低限"]),
    optional("H", &["高限"]),
    optional("HH", &["高高限"]),
    optional("deadband", &["死区"]),
    optional("on_delay", &["报警延时"]),
    optional("off_delay", &["恢复延时"]),
    optional("priority", &["优先级"]),
    optional("stale_after", &["超时"]),
    optional("quality_priority", &["质量报警优先级"]),
    optional("guidance", &["处置措施"]),
    optional("latched", &["锁定"]),
    optional("gas", &["气体"]),
    optional("oel", &["职业接触限值"]),
    optional("idlh", &["直接致害浓度"]),
    optional("report_deadband", &["上报死区"]),
];

pub(crate) const ENGINEERING_UNIT_CHARS_MAX: usize = 32;
const STALE_AFTER_MIN_MS: u64 = 100;

/// The point table.
pub(crate) struct Points<'a> {
    pub(crate) rows: Vec<PointRow<'a>>,
    pub(crate) ids: Index<'a>,
}

/// A tag with what its rules need.
pub(crate) struct PointRow<'a> {
    pub(crate) cell: Text<'a>,
    pub(crate) tag: Tag,
    /// How often its source brings values.
    pub(crate) scan_ms: Option<u64>,
    pub(crate) measure: Option<MeasureIx>,
    /// From the highest to the lowest.
    pub(crate) trips: Vec<Limit>,
    pub(crate) on_delay_ms: u64,
    pub(crate) off_delay_ms: u64,
    pub(crate) priority: Priority,
    /// Of bad and stale quality; `None` raises no alarm for them.
    pub(crate) quality_priority: Option<Priority>,
    pub(crate) guidance: String,
    /// Whether an alarm of a limit stays until a person resets it.
    pub(crate) latched: bool,
    /// What it measures, where it is a gas detector; then its limits are the set points.
    pub(crate) gas: Option<Gas>,
}

/// Reads the table and gives each source what it is to read.
pub(crate) fn read<'a>(sheet: &'a Sheet<'a>, sources: &mut Sources<'_>, risk: &Risk<'_>) -> Points<'a> {
    let mut points = Points { rows: Vec::new(), ids: Index::new("tag", "tags.csv", sheet.complete) };
    for row in sheet.rows() {
        let at = points.rows.len();
        points.ids.add(row.cell("tag"), at);
        points.rows.push(point(row, TagIx::from(at), sources, risk));
    }
    points
}

/// Where a single row is read on a Modbus line; what is wrong is reported at its cells.
pub(crate) fn modbus_item(row: Row<'_>, source: &ModbusSource) -> Option<ModbusItem> {
    items::modbus(row, TagIx(0), source.poll_interval_ms, source)
}

fn point<'a>(row: Row<'a>, tag: TagIx, sources: &mut Sources<'_>, risk: &Risk<'_>) -> PointRow<'a> {
    let cell = row.cell("tag");
    let source = row.cell("source").needed().and_then(|text| sources.ids.find(text));
    let place = source.map(|at| &mut sources.rows[at].config);
    let scan_ms = place.as_deref().and_then(|place| scan(row, place));
    let stale_after_ms = stale_after(row, place.as_deref(), scan_ms);
    if let Some(place) = place {
        add_item(row, tag, place, scan_ms);
    }
    let (measure, unit) = risk_of(row, risk);
    let range = range(row);
    let given_priority = |column| row.cell(column).given().and_then(|text| text.one_of(words::PRIORITIES));
    let gas = gas::read(row);
    let quantity = Quantity::of(cell.text, row.cell("engineering_unit").text);
    let trips = match gas {
        Some(gas) => gas::set_points(row, gas, range),
        None => trips::checked(row, &trips::given(row), range, quantity),
    };
    // A limit on a tag that has gone blind watches nothing, and nobody would know.
    let is_watched = measure.is_some() || !trips.is_empty();
    let off_delay_ms = if trips.is_empty() || gas.is_some() { 0 } else { quantity::off_delay_ms(quantity) };
    // Without a limit there is nothing that a delay could hold back.
    let delayed_scan_ms = scan_ms.filter(|_| !trips.is_empty());
    PointRow {
        cell,
        tag: Tag {
            id: TagId::from(cell.label().unwrap_or_default()),
            name: row.cell("name").name().unwrap_or_default().into(),
            engineering_unit: row
                .cell("engineering_unit")
                .one_line(ENGINEERING_UNIT_CHARS_MAX)
                .unwrap_or_default()
                .into(),
            source: source.map_or(SourceIx(0), SourceIx::from),
            unit,
            range,
            stale_after_ms,
        },
        scan_ms,
        measure,
        latched: latched(row, gas, &trips),
        gas,
        trips,
        on_delay_ms: delay(row, ("on_delay", 0), delayed_scan_ms),
        off_delay_ms: delay(row, ("off_delay", off_delay_ms), delayed_scan_ms),
        priority: given_priority("priority").unwrap_or(match gas {
            Some(_) => defaults::GAS_PRIORITY,
            None => defaults::LIMIT_PRIORITY,
        }),
        quality_priority: given_priority("quality_priority").or(is_watched.then_some(defaults::QUALITY_PRIORITY)),
        guidance: row.cell("guidance").words().to_owned(),
    }
}

/// The measure that a tag is the evidence of, and the unit it belongs to; the measure leads to the unit.
fn risk_of(row: Row<'_>, risk: &Risk<'_>) -> (Option<MeasureIx>, Option<UnitIx>) {
    let (unit_cell, measure_cell) = (row.cell("unit"), row.cell("measure"));
    let unit = unit_cell.given().and_then(|text| risk.unit(text));
    let measure = measure_cell.given().and_then(|text| risk.measure(text));
    let of_measure = measure.and_then(|measure| risk.unit_of_measure(measure));
    if let (Some(unit), Some(of_measure)) = (unit, of_measure)
        && unit != of_measure
    {
        measure_cell.wrong(format_args!(
            "{} belongs to the unit {} and not to {}; correct one of the two",
            quoted(measure_cell.text),
            risk.units[of_measure.at()].id,
            risk.units[unit.at()].id
        ));
    }
    (measure, unit.or(of_measure))
}

fn range(row: Row<'_>) -> Option<(f64, f64)> {
    let (low_cell, high_cell) = (row.cell("range_low"), row.cell("range_high"));
    match (low_cell.given(), high_cell.given()) {
        (None, None) => None,
        (Some(low), None) => {
            low.wrong("the range has no upper end; fill in range_high (量程上限) or clear this cell");
            None
        }
        (None, Some(high)) => {
            high.wrong("the range has no lower end; fill in range_low (量程下限) or clear this cell");
            None
        }
        (Some(low), Some(high)) => {
            let (low, high) = (low.number(), high.number());
            let (low, high) = (low?, high?);
            if low < high {
                return Some((low, high));
            }
            high_cell.wrong(format_args!("{high} is not above the lower end {low}; correct one of the two"));
            None
        }
    }
}

/// A delay, which has no effect when it is shorter than the time between two values.
fn delay(row: Row<'_>, (column, default_ms): (&'static str, u64), scan_ms: Option<u64>) -> u64 {
    let cell = row.cell(column);
    let Some(given) = cell.given() else { return slow_enough(default_ms, 1, scan_ms) };
    let delay_ms = given.duration().unwrap_or(0);
    if let Some(problem) = scan_ms.and_then(|scan_ms| coverage::short_delay(delay_ms, scan_ms)) {
        cell.wrong(problem);
    }
    delay_ms
}

/// It is the limits that latch: on a tag without any it would look like protection and be none.
fn latched(row: Row<'_>, gas: Option<Gas>, trips: &[Limit]) -> bool {
    let cell = row.cell("latched");
    let latched = cell.given().and_then(|text| text.one_of(words::YES_NO)).unwrap_or(gas.is_some());
    if gas.is_some() && !latched {
        cell.wrong("the alarms of a gas detector always latch; write yes or clear the cell");
    }
    if latched && trips.is_empty() && gas.is_none() {
        cell.wrong("the tag has no limit whose alarm could latch; fill in LL, L, H or HH or clear the cell");
    }
    latched
}

/// Polled tags have a default; a subscribed tag may be silent for as long as its value rests.
fn stale_after(row: Row<'_>, place: Option<&SourceConfig>, scan_ms: Option<u64>) -> Option<u64> {
    let cell = row.cell("stale_after");
    let bounds = STALE_AFTER_MIN_MS..=limits::DURATION_MAX_MS;
    let given = cell.given().and_then(|text| text.parse(|text| durations::parse(text, &bounds)));
    let (Some(answer_ms), Some(poll_ms)) = (place.and_then(polled), scan_ms) else { return given };
    let by_default = stale_by_default(answer_ms, poll_ms);
    if let Some(given) = given.filter(|&given| given <= poll_ms) {
        cell.wrong(format_args!(
            "{} is not longer than the poll interval {}, so the tag would be stale between two polls; write at least {}",
            durations::show(given),
            durations::show(poll_ms),
            durations::show(by_default)
        ));
    }
    cell.given().map_or(Some(by_default), |_| given)
}

/// How long an answer of a source that polls may take; `None` for one that does not.
fn polled(place: &SourceConfig) -> Option<u64> {
    match place {
        SourceConfig::Modbus(modbus) => Some(modbus.silence_ms()),
        SourceConfig::OpcUa(opcua) => match opcua.mode {
            OpcUaMode::Poll { .. } => Some(defaults::OPCUA_ANSWER_MS),
            OpcUaMode::Subscribe => None,
        },
        SourceConfig::Mqtt(_) | SourceConfig::Board(_) => None,
    }
}

fn stale_by_default(answer_ms: u64, poll_ms: u64) -> u64 {
    (poll_ms * defaults::STALE_POLLS + answer_ms * defaults::STALE_TIMEOUTS).min(limits::DURATION_MAX_MS)
}

/// How often the source of a row brings its value.
fn scan(row: Row<'_>, source: &SourceConfig) -> Option<u64> {
    match source {
        SourceConfig::OpcUa(opcua) => Some(match opcua.mode {
            OpcUaMode::Subscribe => opcua.publishing_interval_ms.into(),
            OpcUaMode::Poll { interval_ms } => interval_ms.into(),
        }),
        SourceConfig::Modbus(modbus) => Some(items::poll_ms(row, modbus)),
        SourceConfig::Mqtt(_) | SourceConfig::Board(_) => None,
    }
}

fn add_item(row: Row<'_>, tag: TagIx, place: &mut SourceConfig, scan_ms: Option<u64>) {
    let source = row.cell("source");
    match place {
        SourceConfig::OpcUa(opcua) => opcua.items.extend(items::opcua(row, tag, opcua.mode)),
        SourceConfig::Modbus(modbus) => {
            let item = items::modbus(row, tag, scan_ms.unwrap_or(modbus.poll_interval_ms), modbus);
            modbus.items.extend(item);
        }
        SourceConfig::Mqtt(_) => source.wrong(format_args!(
            "{} is an MQTT source, which brings people and cameras and no tags; name a source of [[source.opcua]] or [[source.modbus]]",
            quoted(source.text)
        )),
        SourceConfig::Board(board) => board.items.extend(items::board(row, tag, &board.inputs)),
    }
}
