//! `tags.csv`, `zones.csv`, `cameras.csv`, `people.csv`.

use super::{
    gateway::{MODBUS_SOURCE, OPCUA_SOURCE},
    priority,
    sheet::{maybe, number, sheet},
};
use crate::description::{Data, Gas, Limits, Place, Point, Register, Table, points, site};

/// Watched values must hold beyond their limit for so long. Gas is told at once: a life may hang on it.
const ON_DELAY: &str = "1s";
const OFF_DELAY: &str = "2s";
/// A polled value is stale after this long, which a busy desk does not reach.
const STALE_AFTER: &str = "10s";
/// AQ 3064.3-2025 wants personnel alarms within 5 s.
const CAPACITY_ON_DELAY: &str = "2s";

/// The point table.
pub(super) fn tags() -> String {
    let header = [
        "位号",
        "名称",
        "数据源",
        "地址",
        "数据类型",
        "字节序",
        "系数",
        "工程单位",
        "量程下限",
        "量程上限",
        "风险分析单元",
        "管控措施",
        "低低限",
        "低限",
        "高限",
        "高高限",
        "死区",
        "报警延时",
        "恢复延时",
        "优先级",
        "超时",
        "处置措施",
        "气体",
        "职业接触限值",
    ];
    sheet(header, points().iter().map(tag))
}

fn tag(point: &Point) -> [String; 24] {
    let [source, address, data, order, scale, stale_after] = place(point);
    let [measure, low_low, low, high, high_high, deadband, on_delay, off_delay, urgency, guidance] = watch(point);
    let (range_low, range_high) = point.range.unzip();
    [
        point.tag.clone(),
        point.name.clone(),
        source,
        address,
        data,
        order,
        scale,
        point.engineering_unit.to_owned(),
        maybe(range_low),
        maybe(range_high),
        point.unit.to_owned(),
        measure,
        low_low,
        low,
        high,
        high_high,
        deadband,
        on_delay,
        off_delay,
        urgency,
        stale_after,
        guidance,
        point.gas.map_or("", kind_of_gas).to_owned(),
        maybe(point.gas.and_then(Gas::exposure_limit)),
    ]
}

fn kind_of_gas(gas: Gas) -> &'static str {
    match gas {
        Gas::Combustible => "可燃",
        Gas::Benzene | Gas::CarbonMonoxide => "有毒",
    }
}

/// Source, address, data type, order, scale, time until stale.
fn place(point: &Point) -> [String; 6] {
    let (source, address, data, order, scale, stale_after) = match point.place {
        Place::OpcUa { .. } => (OPCUA_SOURCE, format!("ns=2;s={}", point.tag), "", "", String::new(), ""),
        Place::Modbus(register) => {
            let (data, order, scale) = encoding(register);
            (MODBUS_SOURCE, register_address(register), data, order, scale, STALE_AFTER)
        }
    };
    [source.to_owned(), address, data.to_owned(), order.to_owned(), scale, stale_after.to_owned()]
}

fn register_address(register: Register) -> String {
    let table = match register.table {
        Table::Coil => "coil",
        Table::Discrete => "discrete",
        Table::Holding => "holding",
        Table::Input => "input",
    };
    format!("{}/{table}/{}", register.unit_id, register.address)
}

fn encoding(register: Register) -> (&'static str, &'static str, String) {
    match register.data {
        Data::Bool => ("", "", String::new()),
        Data::I16 => ("i16", "", number(register.scale)),
        Data::F32 => ("f32", "CDAB", String::new()),
    }
}

/// Measure, the four limits from the lowest, deadband, both delays, priority, guidance.
fn watch(point: &Point) -> [String; 10] {
    let Some(watch) = &point.watch else { return Default::default() };
    let Limits { low_low, low, high, high_high } = watch.limits;
    let on_delay = if point.tag.starts_with("GT-") { "0s" } else { ON_DELAY };
    [
        watch.measure.to_owned(),
        maybe(low_low),
        maybe(low),
        maybe(high),
        maybe(high_high),
        number(watch.deadband),
        on_delay.to_owned(),
        OFF_DELAY.to_owned(),
        priority(watch.priority).to_owned(),
        watch.guidance.to_owned(),
    ]
}

/// The zones that belong to a risk unit.
pub(super) fn zones() -> String {
    let header = ["区域编号", "区域名称", "风险分析单元", "风险事件", "限员", "报警延时", "优先级", "处置措施", "边界"];
    let row = |zone: &site::Zone| {
        let (unit, event) = zone.threatens.unwrap_or_default();
        let people_max = zone.people_max.map(|people_max| people_max.to_string()).unwrap_or_default();
        [zone.id, zone.name, unit, event, &people_max, CAPACITY_ON_DELAY, "高", zone.guidance, &zone.polygon()]
            .map(str::to_owned)
    };
    sheet(header, site::monitored_zones().map(row))
}

/// The cameras; one that looks at no monitored zone has none.
pub(super) fn cameras() -> String {
    let row = |camera: &site::Camera| {
        let zone = site::monitored_zones().find(|zone| zone.id == camera.zone).map_or("", |zone| zone.id);
        [camera.id, camera.name, zone].map(str::to_owned)
    };
    sheet(["摄像机编号", "名称", "区域"], site::CAMERAS.iter().map(row))
}

/// The people.
pub(super) fn people() -> String {
    let row = |person: &site::Person| [person.id, person.name, person.card].map(str::to_owned);
    sheet(["人员编号", "姓名", "定位卡"], site::PEOPLE.iter().map(row))
}
