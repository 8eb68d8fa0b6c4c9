//! The PLC of the loading racks and the fire water on Modbus unit 2: float32 in CDAB and int16 with scale as holding
//! registers, permits as coils.

use super::point::*;
use davy_core::model::Priority;

const UNIT_ID: u8 = 2;
const RACKS: u16 = 8;
const FLOATS_FROM: u16 = 100;
const INTEGERS_FROM: u16 = 300;
const FIRE_FLOATS_FROM: u16 = FLOATS_FROM + RACKS * 8;
const FIRE_INTEGERS_FROM: u16 = INTEGERS_FROM + RACKS * 4;

/// The instruments of the PLC.
pub(crate) fn points() -> Vec<Point> {
    (0..RACKS).flat_map(rack).chain(fire_water()).collect()
}

fn rack(place: u16) -> Vec<Point> {
    let floats = FLOATS_FROM + place * 8;
    let integers = INTEGERS_FROM + place * 4;
    let tag = |prefix: &str| format!("{prefix}-{}", 1201 + place);
    let name = |what: &str| format!("{}号鹤位{what}", place + 1);
    let analog = |prefix: &str, what: &str, unit, high, decimals| {
        Point::analog(tag(prefix), name(what), unit, (0.0, high), decimals)
    };
    // Every second rack is loading.
    let load = f64::from(1 - place % 2);
    vec![
        float(analog("FI", "装车流量", "m³/h", 120.0, 1).drifting(62.0 * load, 3.0 * load, 0.5 * load), floats),
        float(analog("FQ", "本车累计量", "m³", 60.0, 2).drifting(24.0, 1.0, 0.0), floats + 2),
        float(analog("TI", "物料温度", "℃", 100.0, 1).drifting(23.0, 0.8, 0.1), floats + 4),
        float(analog("DI", "物料密度", "kg/m³", 1_000.0, 1).drifting(791.0, 0.6, 0.1), floats + 6),
        integer(grounding(place), integers, 0.1),
        integer(analog("PI", "鹤管压力", "kPa", 800.0, 1).drifting(180.0 + 120.0 * load, 8.0, 1.0), integers + 1, 0.1),
        integer(
            analog("ZI", "装车阀开度", "%", 100.0, 1).drifting(80.0 * load, 2.0 * load, 0.2 * load),
            integers + 2,
            0.1,
        ),
        integer(
            analog("II", "装车泵电流", "A", 100.0, 1).drifting(38.0 * load, 1.0 * load, 0.3 * load),
            integers + 3,
            0.1,
        ),
        coil(Point::state(tag("XS"), name("静电接地正常")).moved_by(Physics::Fixed(1.0)), place * 4),
        coil(Point::state(tag("LSH"), name("溢流探头动作")).moved_by(Physics::Fixed(0.0)), place * 4 + 1),
        coil(Point::state(tag("ZS"), name("鹤管归位")).moved_by(Physics::Fixed(1.0 - load)), place * 4 + 2),
        coil(Point::state(tag("HS"), name("车钥匙已收管")).moved_by(Physics::Fixed(load)), place * 4 + 3),
    ]
}

fn grounding(place: u16) -> Point {
    let (tag, name) = (format!("RI-{}", 1201 + place), format!("{}号鹤位静电接地电阻", place + 1));
    Point::analog(tag, name, "Ω", (0.0, 200.0), 1).drifting(6.5, 1.0, 0.2).watched(Watch {
        limits: Limits::high(50.0, 100.0),
        deadband: 2.0,
        priority: Priority::High,
        measure: "CM-040201",
        guidance: "立即停止装车；检查接地夹与车体接触；接地电阻合格前不得启泵。",
    })
}

fn fire_water() -> Vec<Point> {
    const FLOATS: [(&str, &str, &str, f64, i32, f64, f64); 8] = [
        ("PI-1301", "消防水总管压力", "MPa", 1.6, 3, 0.92, 0.02),
        ("PI-1302", "泡沫管网压力", "MPa", 1.6, 3, 0.85, 0.02),
        ("FI-1301", "消防水总管流量", "m³/h", 2_000.0, 1, 12.0, 2.0),
        ("LI-1301", "消防水池A液位", "m", 8.0, 2, 6.4, 0.05),
        ("LI-1302", "消防水池B液位", "m", 8.0, 2, 6.3, 0.05),
        ("TI-1301", "消防泵房温度", "℃", 60.0, 1, 19.0, 0.5),
        ("VI-1301", "泡沫液储量", "m³", 20.0, 1, 15.8, 0.0),
        ("FQ-1301", "消防水补水累计", "m³", 99_999.0, 0, 4_210.0, 0.0),
    ];
    const INTEGERS: [(&str, &str, &str, f64, f64, f64); 8] = [
        ("EI-1301", "消防泵柴油机启动电瓶电压", "V", 40.0, 26.4, 0.2),
        ("LI-1303", "柴油机油箱油位", "%", 100.0, 91.0, 0.3),
        ("LI-1304", "事故应急池液位", "%", 100.0, 8.0, 0.5),
        ("LI-1305", "初期雨水池液位", "%", 100.0, 14.0, 0.5),
        ("AT-1301", "事故池COD", "mg/L", 500.0, 46.0, 2.0),
        ("AT-1302", "雨水排口pH值", "", 14.0, 7.4, 0.1),
        ("FI-1302", "雨水排口流量", "m³/h", 500.0, 0.0, 0.0),
        ("II-1301", "稳压泵电流", "A", 50.0, 11.5, 0.4),
    ];
    let floats = FLOATS.into_iter().zip((FIRE_FLOATS_FROM..).step_by(2)).map(
        |((tag, name, unit, high, decimals, mean, swing), address)| {
            let point =
                Point::analog(tag.into(), name.into(), unit, (0.0, high), decimals).drifting(mean, swing, swing / 10.0);
            float(Point { watch: (tag == "PI-1301").then(fire_pressure), ..point }, address)
        },
    );
    let integers =
        INTEGERS.into_iter().zip(FIRE_INTEGERS_FROM..).map(|((tag, name, unit, high, mean, swing), address)| {
            let point =
                Point::analog(tag.into(), name.into(), unit, (0.0, high), 1).drifting(mean, swing, swing / 10.0);
            integer(point, address, 0.1)
        });
    floats.chain(integers).collect()
}

fn fire_pressure() -> Watch {
    Watch {
        limits: Limits::low(0.6, 0.7),
        deadband: 0.01,
        priority: Priority::High,
        measure: "CM-040102",
        guidance: "确认稳压泵与电动消防泵自启；检查管网泄漏；必要时手动启动柴油消防泵。",
    }
}

fn float(point: Point, address: u16) -> Point {
    held(point, address, Data::F32, 1.0)
}

fn integer(point: Point, address: u16, scale: f64) -> Point {
    held(point, address, Data::I16, scale)
}

fn held(point: Point, address: u16, data: Data, scale: f64) -> Point {
    point.on_modbus(Register { unit_id: UNIT_ID, table: Table::Holding, address, data, scale }, "RU-04")
}

fn coil(point: Point, address: u16) -> Point {
    point.on_modbus(Register { unit_id: UNIT_ID, table: Table::Coil, address, data: Data::Bool, scale: 1.0 }, "RU-04")
}
