//! The gas detection system GDS on Modbus unit 1: combustible detectors as float32 in CDAB, toxic detectors as int16
//! with scale 0.1, and a fault bit for each. Limits after GB/T 50493: 25 and 50 %LEL; toxic by the exposure limit.

use super::point::*;
use davy_core::model::Priority;

const UNIT_ID: u8 = 1;
const TOXIC_FROM: u16 = 100;

/// A row of detectors of one kind and place.
struct Detectors {
    first: u16,
    count: u16,
    gas: Gas,
    place: &'static str,
    unit: &'static str,
    measure: &'static str,
}

/// What a detector detects.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gas {
    Combustible,
    Benzene,
    CarbonMonoxide,
}

impl Gas {
    /// The occupational exposure limit of a toxic one in ppm, rounded down: 6 mg/m³ of benzene and 30 mg/m³ of carbon monoxide
    /// for a short time (GBZ 2.1-2019).
    pub(crate) fn exposure_limit(self) -> Option<f64> {
        match self {
            Self::Combustible => None,
            Self::Benzene => Some(1.8),
            Self::CarbonMonoxide => Some(24.0),
        }
    }
}

const DETECTORS: &[Detectors] = &[
    Detectors {
        first: 1101, count: 8, gas: Gas::Combustible, place: "甲醇罐组", unit: "RU-01", measure: "CM-010201"
    },
    Detectors {
        first: 1109,
        count: 4,
        gas: Gas::Combustible,
        place: "液化烃球罐组",
        unit: "RU-02",
        measure: "CM-020201",
    },
    Detectors { first: 1113, count: 4, gas: Gas::Combustible, place: "苯罐组", unit: "RU-03", measure: "CM-030203" },
    Detectors {
        first: 1201, count: 8, gas: Gas::Combustible, place: "装卸栈台", unit: "RU-04", measure: "CM-040101"
    },
    Detectors {
        first: 2101,
        count: 8,
        gas: Gas::Combustible,
        place: "R-2101框架",
        unit: "RU-05",
        measure: "CM-050201",
    },
    Detectors {
        first: 2109,
        count: 8,
        gas: Gas::Combustible,
        place: "R-2201框架",
        unit: "RU-06",
        measure: "CM-060201",
    },
    Detectors { first: 1117, count: 8, gas: Gas::Benzene, place: "苯罐组", unit: "RU-03", measure: "CM-030101" },
    Detectors {
        first: 2117,
        count: 4,
        gas: Gas::CarbonMonoxide,
        place: "R-2101框架",
        unit: "RU-05",
        measure: "CM-050203",
    },
    Detectors {
        first: 2121,
        count: 4,
        gas: Gas::CarbonMonoxide,
        place: "R-2201框架",
        unit: "RU-06",
        measure: "CM-060202",
    },
];

/// The detectors with their fault bits.
pub(crate) fn points() -> Vec<Point> {
    let (mut combustible, mut toxic, mut bit) = (0, TOXIC_FROM, 0);
    let mut points = Vec::new();
    for row in DETECTORS {
        for number in row.first..row.first + row.count {
            let register = match row.gas {
                Gas::Combustible => register(Table::Input, &mut combustible, Data::F32, 1.0),
                Gas::Benzene | Gas::CarbonMonoxide => register(Table::Input, &mut toxic, Data::I16, 0.1),
            };
            points.push(detector(row, number).on_modbus(register, row.unit));
            let fault = Point::state(format!("GT-{number}.FAULT"), format!("GT-{number}探测器故障"));
            points.push(fault.on_modbus(register_bit(&mut bit), row.unit));
        }
    }
    points
}

fn detector(row: &Detectors, number: u16) -> Point {
    let (what, unit, high, background, limits, deadband) = match row.gas {
        Gas::Combustible => ("可燃气体", "%LEL", 100.0, 1.2, Limits::high(25.0, 50.0), 2.0),
        Gas::Benzene => ("苯", "ppm", 20.0, 0.2, Limits::high(1.8, 3.6), 0.2),
        Gas::CarbonMonoxide => ("一氧化碳", "ppm", 300.0, 2.0, Limits::high(24.0, 48.0), 2.0),
    };
    let place = number - row.first + 1;
    Point::analog(format!("GT-{number}"), format!("{}{place}号{what}探测器", row.place), unit, (0.0, high), 1)
        .of_gas(row.gas)
        .moved_by(Physics::Gas { background })
        .watched(Watch {
            limits,
            deadband,
            priority: Priority::Critical,
            measure: row.measure,
            guidance: match row.gas {
                Gas::Combustible => {
                    "疏散下风向人员、停止周边动火与车辆；佩戴空气呼吸器两人同行检测确认；切断泄漏源并启动水幕。"
                }
                Gas::Benzene => "人员立即撤至上风向；佩戴防毒面具进入；关闭泄漏部位两侧阀门；通知气防站。",
                Gas::CarbonMonoxide => "人员立即撤至上风向；必须佩戴空气呼吸器进入；切断一氧化碳进料；通知气防站待命。",
            },
        })
}

fn register(table: Table, next: &mut u16, data: Data, scale: f64) -> Register {
    let address = *next;
    *next += data.registers();
    Register { unit_id: UNIT_ID, table, address, data, scale }
}

fn register_bit(next: &mut u16) -> Register {
    let address = *next;
    *next += 1;
    Register { unit_id: UNIT_ID, table: Table::Discrete, address, data: Data::Bool, scale: 1.0 }
}
