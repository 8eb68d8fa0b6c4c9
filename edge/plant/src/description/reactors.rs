//! The reaction unit: methanol carbonylation in R-2101 and the conversion kettle R-2201, 36 instruments each, on OPC UA.

use super::point::*;
use davy_core::model::Priority;

/// A reactor.
#[derive(Debug)]
pub(crate) struct ReactorSpec {
    pub(crate) number: u16,
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) folder: &'static str,
    /// Core temperature, ℃.
    pub(crate) temperature: f64,
    /// MPa.
    pub(crate) pressure: f64,
    temperature_measure: &'static str,
    pressure_measure: &'static str,
    stirrer_measure: &'static str,
}

/// All reactors.
pub(crate) const REACTORS: [ReactorSpec; 2] = [
    ReactorSpec {
        number: 2101,
        name: "羰基合成釜",
        unit: "RU-05",
        folder: "R-2101羰基合成",
        temperature: 188.0,
        pressure: 2.8,
        temperature_measure: "CM-050101",
        pressure_measure: "CM-050102",
        stirrer_measure: "CM-050103",
    },
    ReactorSpec {
        number: 2201,
        name: "转化釜",
        unit: "RU-06",
        folder: "R-2201转化",
        temperature: 186.0,
        pressure: 2.7,
        temperature_measure: "CM-060101",
        pressure_measure: "CM-060102",
        stirrer_measure: "CM-060103",
    },
];

/// The instruments of all reactors.
pub(crate) fn points() -> Vec<Point> {
    let of_reactor = |(place, reactor): (usize, &'static ReactorSpec)| {
        let rows = temperatures(place, reactor).into_iter().chain(flows(place, reactor)).chain(machine(reactor));
        let rows = rows.chain(vessel(place, reactor)).chain(states(reactor));
        rows.map(|point| point.on_opcua(reactor.folder, reactor.unit)).collect::<Vec<_>>()
    };
    REACTORS.iter().enumerate().flat_map(of_reactor).collect()
}

/// `TT-2103` is the third temperature of R-2101.
fn analog(
    reactor: &ReactorSpec,
    prefix: &str,
    index: u16,
    what: &str,
    unit: &'static str,
    range: (f64, f64),
    decimals: i32,
) -> Point {
    let name = format!("R-{}{}{what}", reactor.number, reactor.name);
    Point::analog(format!("{prefix}-{}", reactor.number + index - 1), name, unit, range, decimals)
}

fn temperatures(place: usize, reactor: &ReactorSpec) -> Vec<Point> {
    let core = |index, what: &str, offset| {
        analog(reactor, "TT", index, what, "℃", (0.0, 250.0), 1)
            .moved_by(Physics::Reactor(place, ReactorQuantity::Temperature(offset)))
            .watched(Watch {
                limits: Limits::both(165.0, 175.0, 195.0, 200.0),
                deadband: 1.0,
                priority: Priority::Critical,
                measure: reactor.temperature_measure,
                guidance: "核对三点温度；加大外循环冷却、减少一氧化碳进料；达到联锁值未动作时手动紧急停车。",
            })
    };
    let other = |index, what: &str, mean, swing| {
        analog(reactor, "TT", index, what, "℃", (0.0, 250.0), 1).drifting(mean, swing, 0.15)
    };
    vec![
        core(1, "上部温度", 0.6),
        core(2, "中部温度", 0.0),
        core(3, "下部温度", -0.7),
        other(4, "循环水上水温度", 28.0, 0.8),
        analog(reactor, "TT", 5, "循环水回水温度", "℃", (0.0, 250.0), 1)
            .moved_by(Physics::Reactor(place, ReactorQuantity::CoolingReturn)),
        other(6, "进料温度", 112.0, 1.5),
        other(7, "搅拌电机轴承温度", 52.0, 1.5),
        other(8, "尾气温度", 46.0, 1.2),
    ]
}

fn flows(place: usize, reactor: &ReactorSpec) -> Vec<Point> {
    let flow = |index, what: &str, unit, high| analog(reactor, "FT", index, what, unit, (0.0, high), 1);
    let position = |index, what: &str| analog(reactor, "FV", index, what, "%", (0.0, 100.0), 1);
    vec![
        flow(1, "甲醇进料流量", "m³/h", 40.0).moved_by(Physics::Reactor(place, ReactorQuantity::Feed)),
        flow(2, "一氧化碳进料流量", "Nm³/h", 12_000.0).drifting(8_400.0, 120.0, 15.0),
        flow(3, "催化剂循环流量", "m³/h", 60.0).drifting(38.0, 0.6, 0.1),
        flow(4, "冷却水流量", "m³/h", 400.0).moved_by(Physics::Reactor(place, ReactorQuantity::CoolingFlow)).watched(
            Watch {
                limits: Limits::low(120.0, 150.0),
                deadband: 4.0,
                priority: Priority::Critical,
                measure: reactor.temperature_measure,
                guidance: "启动备用循环水泵；确认调节阀未卡涩；流量不能恢复时按应急卡停止一氧化碳进料。",
            },
        ),
        position(1, "甲醇进料调节阀阀位").drifting(52.0, 1.5, 0.2),
        position(2, "一氧化碳进料调节阀阀位").drifting(61.0, 1.5, 0.2),
        position(3, "催化剂调节阀阀位").drifting(45.0, 1.0, 0.2),
        position(4, "冷却水调节阀阀位").moved_by(Physics::Reactor(place, ReactorQuantity::CoolingPosition)),
    ]
}

fn vessel(place: usize, reactor: &ReactorSpec) -> Vec<Point> {
    vec![
        analog(reactor, "PT", 1, "釜压", "MPa", (0.0, 4.0), 3)
            .moved_by(Physics::Reactor(place, ReactorQuantity::Pressure))
            .watched(Watch {
                limits: Limits::high(3.0, 3.2),
                deadband: 0.02,
                priority: Priority::Critical,
                measure: reactor.pressure_measure,
                guidance: "开大尾气调节阀；切断一氧化碳进料；确认紧急泄放阀与火炬系统畅通。",
            }),
        analog(reactor, "PT", 2, "一氧化碳进气压力", "MPa", (0.0, 6.0), 2).drifting(3.6, 0.05, 0.01),
        analog(reactor, "LT", 1, "釜液位", "%", (0.0, 100.0), 1).drifting(58.0, 2.0, 0.2).watched(Watch {
            limits: Limits::both(30.0, 40.0, 75.0, 85.0),
            deadband: 1.0,
            priority: Priority::High,
            measure: reactor.pressure_measure,
            guidance: "核对进出料平衡；检查液位调节阀；防止满釜带液或空釜串压。",
        }),
    ]
}

fn machine(reactor: &ReactorSpec) -> Vec<Point> {
    vec![
        analog(reactor, "SI", 1, "搅拌转速", "r/min", (0.0, 150.0), 1).drifting(86.0, 1.0, 0.2).watched(Watch {
            limits: Limits::low(60.0, 72.0),
            deadband: 2.0,
            priority: Priority::High,
            measure: reactor.stirrer_measure,
            guidance: "检查搅拌电机与变频器；搅拌不能恢复时切断进料，防止局部过热。",
        }),
        analog(reactor, "II", 1, "搅拌电流", "A", (0.0, 200.0), 1).drifting(112.0, 3.0, 0.5),
        analog(reactor, "VT", 1, "搅拌轴振动", "mm/s", (0.0, 20.0), 1).drifting(2.4, 0.4, 0.1),
        analog(reactor, "AT", 1, "尾气氧含量", "%", (0.0, 25.0), 2).drifting(0.35, 0.08, 0.02).watched(Watch {
            limits: Limits::high(2.0, 4.0),
            deadband: 0.1,
            priority: Priority::High,
            measure: reactor.pressure_measure,
            guidance: "加大氮气置换；检查一氧化碳气源纯度与系统负压部位；禁止开放式采样。",
        }),
        analog(reactor, "AT", 2, "釜液水含量", "%", (0.0, 20.0), 2).drifting(6.2, 0.3, 0.05),
    ]
}

fn states(reactor: &ReactorSpec) -> Vec<Point> {
    const ROWS: [(&str, u16, &str, f64); 12] = [
        ("UV", 1, "进料紧急切断阀开到位", 1.0),
        ("UV", 2, "紧急泄放阀开到位", 0.0),
        ("XS", 1, "釜温高高联锁投用", 1.0),
        ("XS", 2, "釜压高高联锁投用", 1.0),
        ("XS", 3, "冷却水低低联锁投用", 1.0),
        ("XS", 4, "搅拌停联锁投用", 1.0),
        ("XS", 5, "液位低低联锁投用", 1.0),
        ("XS", 6, "手动紧急停车按钮", 0.0),
        ("XM", 1, "搅拌运行", 1.0),
        ("XM", 2, "进料泵A运行", 1.0),
        ("XM", 3, "进料泵B运行（备用）", 0.0),
        ("XM", 4, "外循环泵运行", 1.0),
    ];
    let state = |(prefix, index, what, value): (&str, u16, &str, f64)| {
        let tag = format!("{prefix}-{}", reactor.number + index - 1);
        Point::state(tag, format!("R-{}{what}", reactor.number)).moved_by(Physics::Fixed(value))
    };
    ROWS.into_iter().map(state).collect()
}
