//! The tank farm: eight tanks with 23 instruments each, on OPC UA.

use super::point::*;
use davy_core::model::Priority;

/// A tank.
#[derive(Debug)]
pub(crate) struct TankSpec {
    pub(crate) number: u16,
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) folder: &'static str,
    pub(crate) capacity_m3: f64,
    /// kg/m³.
    pub(crate) density: f64,
    pub(crate) temperature: f64,
    /// In the unit that `pressure_unit` names.
    pub(crate) pressure: f64,
    pub(crate) sphere: bool,
    /// At the start, in percent.
    pub(crate) level: f64,
    pub(crate) duty: Duty,
    level_measure: &'static str,
    pressure_measure: &'static str,
}

/// What a tank does while nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    Resting,
    Receiving,
    Delivering,
}

const METHANOL: TankSpec = TankSpec {
    number: 0,
    name: "甲醇储罐",
    unit: "RU-01",
    folder: "甲醇罐组",
    capacity_m3: 1_000.0,
    density: 791.0,
    temperature: 24.0,
    pressure: 0.8,
    sphere: false,
    level: 60.0,
    duty: Duty::Resting,
    level_measure: "CM-010101",
    pressure_measure: "CM-010202",
};

const LPG: TankSpec = TankSpec {
    name: "液化烃球罐",
    unit: "RU-02",
    folder: "液化烃球罐组",
    density: 530.0,
    temperature: 18.0,
    pressure: 0.72,
    sphere: true,
    level_measure: "CM-020102",
    pressure_measure: "CM-020101",
    ..METHANOL
};

const BENZENE: TankSpec = TankSpec {
    name: "苯储罐",
    unit: "RU-03",
    folder: "苯罐组",
    density: 879.0,
    temperature: 22.0,
    level_measure: "CM-030201",
    pressure_measure: "CM-030202",
    ..METHANOL
};

/// All tanks.
pub(crate) const TANKS: [TankSpec; 8] = [
    TankSpec { number: 1101, level: 52.0, duty: Duty::Receiving, ..METHANOL },
    TankSpec { number: 1102, level: 66.0, duty: Duty::Delivering, ..METHANOL },
    TankSpec { number: 1103, level: 75.0, ..METHANOL },
    TankSpec { number: 1104, level: 38.0, ..METHANOL },
    TankSpec { number: 1105, level: 58.0, duty: Duty::Delivering, ..LPG },
    TankSpec { number: 1106, level: 44.0, ..LPG },
    TankSpec { number: 1107, level: 63.0, ..BENZENE },
    TankSpec { number: 1108, level: 55.0, duty: Duty::Receiving, ..BENZENE },
];

/// The instruments of all tanks.
pub(crate) fn points() -> Vec<Point> {
    let of_tank = |(place, tank): (usize, &'static TankSpec)| {
        let rows = levels(place, tank).into_iter().chain(process(place, tank)).chain(valves_and_pumps(place, tank));
        rows.map(|point| point.on_opcua(tank.folder, tank.unit)).collect::<Vec<_>>()
    };
    TANKS.iter().enumerate().flat_map(of_tank).collect()
}

fn levels(place: usize, tank: &TankSpec) -> Vec<Point> {
    let point = |prefix: &str, suffix: &str, what: &str, unit, high, decimals, quantity| {
        let name = format!("T-{}{}{what}", tank.number, tank.name);
        Point::analog(format!("{prefix}-{}{suffix}", tank.number), name, unit, (0.0, high), decimals)
            .moved_by(Physics::Tank(place, quantity))
    };
    vec![
        point("LI", "", "液位", "%", 100.0, 1, TankQuantity::Level).watched(Watch {
            limits: Limits::both(5.0, 15.0, 85.0, 90.0),
            deadband: 1.0,
            priority: Priority::High,
            measure: tank.level_measure,
            guidance: "核对两套液位计；立即停止进料并确认进料切断阀关闭；联系调度倒罐；禁止人员上罐。",
        }),
        point("LI", "B", "第二液位（伺服）", "%", 100.0, 1, TankQuantity::LevelSecond),
        point("VI", "", "体积", "m³", tank.capacity_m3, 0, TankQuantity::Volume),
        point("WI", "", "质量", "t", tank.capacity_m3, 0, TankQuantity::Mass),
    ]
}

fn process(place: usize, tank: &TankSpec) -> Vec<Point> {
    let name = |what: &str| format!("T-{}{}{what}", tank.number, tank.name);
    let tag = |prefix: &str, suffix: &str| format!("{prefix}-{}{suffix}", tank.number);
    let temperature = |suffix: &str, what: &str, colder: f64| {
        Point::analog(tag("TI", suffix), name(what), "℃", (-20.0, 80.0), 1).drifting(
            tank.temperature - colder,
            0.8,
            0.1,
        )
    };
    let flow = |suffix: &str, what: &str, quantity| {
        Point::analog(tag("FI", suffix), name(what), "m³/h", (0.0, 400.0), 1).moved_by(Physics::Tank(place, quantity))
    };
    vec![
        Point::analog(tag("DI", ""), name("密度"), "kg/m³", (400.0, 1_000.0), 1).drifting(tank.density, 0.6, 0.2),
        Point { physics: Physics::Tank(place, TankQuantity::Temperature), ..temperature("A", "上部温度", 0.0) },
        temperature("B", "中部温度", 0.6),
        temperature("C", "下部温度", 1.2),
        pressure(place, tank),
        flow("A", "进料流量", TankQuantity::InletFlow),
        flow("B", "出料流量", TankQuantity::OutletFlow),
    ]
}

/// Atmospheric tanks: nitrogen blanket in kPa. Spheres: vapour pressure in MPa.
fn pressure(place: usize, tank: &TankSpec) -> Point {
    let tag = format!("PI-{}", tank.number);
    let watch = Watch {
        limits: Limits::both(0.1, 0.3, 1.5, 1.8),
        deadband: 0.05,
        priority: Priority::Medium,
        measure: tank.pressure_measure,
        guidance: "检查氮封阀与呼吸阀动作；核对收付料作业；防止罐内形成负压或超压。",
    };
    let point = match tank.sphere {
        false => {
            Point::analog(tag, format!("T-{}{}氮封压力", tank.number, tank.name), "kPa", (-1.0, 3.0), 2).watched(watch)
        }
        true => {
            Point::analog(tag, format!("T-{}{}压力", tank.number, tank.name), "MPa", (0.0, 2.5), 3).watched(Watch {
                limits: Limits::high(1.45, 1.6),
                deadband: 0.02,
                priority: Priority::High,
                guidance: "启动球罐喷淋降温；停止进料；确认安全阀根部阀全开；必要时向火炬系统泄压。",
                ..watch
            })
        }
    };
    point.moved_by(Physics::Tank(place, TankQuantity::Pressure))
}

fn valves_and_pumps(place: usize, tank: &TankSpec) -> Vec<Point> {
    let tag = |prefix: &str, suffix: &str| format!("{prefix}-{}{suffix}", tank.number);
    let name = |what: &str| format!("T-{}{what}", tank.number);
    let state = |prefix: &str, suffix: &str, what: &str, quantity| {
        Point::state(tag(prefix, suffix), name(what)).moved_by(Physics::Tank(place, quantity))
    };
    let analog = |prefix: &str, suffix: &str, what: &str, unit, high, decimals, quantity| {
        Point::analog(tag(prefix, suffix), name(what), unit, (0.0, high), decimals)
            .moved_by(Physics::Tank(place, quantity))
    };
    vec![
        analog("ZI", "A", "进料阀开度", "%", 100.0, 0, TankQuantity::InletPosition),
        analog("ZI", "B", "出料阀开度", "%", 100.0, 0, TankQuantity::OutletPosition),
        state("XV", "A", "进料切断阀开到位", TankQuantity::InletOpen),
        state("XV", "B", "出料切断阀开到位", TankQuantity::OutletOpen),
        state("LSHH", "", "高高液位开关", TankQuantity::LevelSwitchHigh),
        state("LSLL", "", "低低液位开关", TankQuantity::LevelSwitchLow),
        state("P", "A", "出料泵A运行", TankQuantity::PumpRunning),
        Point::state(tag("P", "B"), name("出料泵B运行（备用）")).moved_by(Physics::Fixed(0.0)),
        analog("II", "A", "出料泵A电流", "A", 120.0, 1, TankQuantity::PumpCurrent),
        analog("PI", "A", "出料泵A出口压力", "MPa", 1.6, 2, TankQuantity::DischargePressure),
        analog("VT", "A", "出料泵A振动", "mm/s", 20.0, 1, TankQuantity::Vibration),
        Point::analog(tag("TI", "D"), name("出料泵A轴承温度"), "℃", (0.0, 150.0), 1).drifting(41.0, 2.0, 0.2),
    ]
}
