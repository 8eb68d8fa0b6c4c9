//! The story: what goes wrong in the plant, when, and what people call it. A table and nothing else; the parts that are
//! hurt look up here whether they are hurt now. It repeats for ever.

/// One line of the story.
#[derive(Debug)]
pub(crate) struct Row {
    /// Story seconds into the cycle.
    pub(crate) start_s: f64,
    pub(crate) seconds: f64,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) fault: Fault,
}

/// What a line of the story does to the plant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// The inlet of a tank stays open until its level switch closes it.
    Overfill { tank: u16 },
    /// The tank is pumped down to where it was.
    PumpDown { tank: u16 },
    /// Gas reaches a detector, and thinned its neighbours, while people stand below it.
    Gas {
        detector: &'static str,
        neighbours: &'static [&'static str],
        peak: f64,
        zone: &'static str,
        people: &'static [&'static str],
    },
    /// A transmitter says that its sensor has failed.
    BadSensor { tag: &'static str },
    /// The OPC UA server is down.
    ServerDown,
    /// The enterprise cannot be reached.
    LinkDown,
    /// A camera sees smoke.
    Smoke { camera: &'static str },
    /// A person presses the distress button.
    Sos { person: &'static str },
    /// People gather, one a second.
    Crowd { zone: &'static str, count: usize },
}

/// One cycle, in story seconds.
pub(crate) const CYCLE_S: f64 = 260.0;

/// Sorted by start.
pub(crate) const ROWS: &[Row] = &[
    Row {
        start_s: 12.0,
        seconds: 38.0,
        zh: "T-1103 进料阀内漏，液位缓慢上涨至高高限",
        en: "T-1103 overfills: its level rises to high-high",
        fault: Fault::Overfill { tank: 1103 },
    },
    Row {
        start_s: 50.0,
        seconds: 38.0,
        zh: "T-1103 联锁切断进料，倒罐降液位",
        en: "T-1103 is pumped down",
        fault: Fault::PumpDown { tank: 1103 },
    },
    Row {
        start_s: 95.0,
        seconds: 35.0,
        zh: "R-2101 法兰泄漏，GT-2101 报警，现场有三人",
        en: "Gas at GT-2101 while three people stand there",
        fault: Fault::Gas {
            detector: "GT-2101",
            neighbours: &["GT-2102", "GT-2103"],
            peak: 68.0,
            zone: "Z-07",
            people: &["P-011", "P-012", "P-013"],
        },
    },
    Row {
        start_s: 145.0,
        seconds: 15.0,
        zh: "TT-2103 热电偶断线，信号变坏",
        en: "Transmitter TT-2103 fails",
        fault: Fault::BadSensor { tag: "TT-2103" },
    },
    Row {
        start_s: 170.0,
        seconds: 5.0,
        zh: "DCS 的 OPC UA 服务器重启",
        en: "The OPC UA server restarts",
        fault: Fault::ServerDown,
    },
    Row {
        start_s: 185.0,
        seconds: 20.0,
        zh: "企业平台链路中断",
        en: "The enterprise link is down",
        fault: Fault::LinkDown,
    },
    Row {
        start_s: 190.0,
        seconds: 10.0,
        zh: "CAM-05 在断网期间识别到烟雾",
        en: "CAM-05 sees smoke while the link is down",
        fault: Fault::Smoke { camera: "CAM-05" },
    },
    Row {
        start_s: 212.0,
        seconds: 8.0,
        zh: "罐区外操一键报警（SOS）",
        en: "A field operator presses SOS",
        fault: Fault::Sos { person: "P-005" },
    },
    Row {
        start_s: 226.0,
        seconds: 20.0,
        zh: "装卸栈台人员聚集超员",
        en: "Too many people at the loading racks",
        fault: Fault::Crowd { zone: "Z-06", count: 11 },
    },
];

/// The lines that hold at a story time, which counts on over all cycles.
pub(crate) fn active(story_s: f64) -> impl Iterator<Item = &'static Row> {
    let second = story_s.rem_euclid(CYCLE_S);
    ROWS.iter().filter(move |row| row.start_s <= second && second < row.start_s + row.seconds)
}

/// The scene at a story time in Chinese and English; of two lines that hold, the later one is shown.
pub(crate) fn scene(story_s: f64) -> (&'static str, &'static str) {
    active(story_s).last().map_or(("生产平稳运行", "Steady operation"), |row| (row.zh, row.en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::{points, site};

    #[test]
    fn the_table_is_sorted_fits_its_cycle_and_leaves_quiet_time() {
        assert!(ROWS.is_sorted_by(|one, next| one.start_s < next.start_s));
        assert!(ROWS.iter().all(|row| row.seconds > 0.0 && row.start_s + row.seconds < CYCLE_S));
        let quiet = (0..260).filter(|second| active(f64::from(*second)).next().is_none()).count();
        assert!(quiet >= 60, "{quiet} quiet seconds");
    }

    #[test]
    fn everything_it_names_exists() {
        let tags: Vec<String> = points().into_iter().map(|point| point.tag).collect();
        let tag = |name: &str| assert!(tags.iter().any(|tag| tag == name), "tag {name}");
        let zone = |id: &str| assert!(site::ZONES.iter().any(|zone| zone.id == id), "zone {id}");
        let person = |id: &str| assert!(site::PEOPLE.iter().any(|person| person.id == id), "person {id}");
        for row in ROWS {
            match row.fault {
                Fault::Overfill { tank } | Fault::PumpDown { tank } => tag(&format!("LI-{tank}")),
                Fault::Gas { detector, neighbours, zone: place, people, .. } => {
                    tag(detector);
                    neighbours.iter().copied().for_each(tag);
                    zone(place);
                    people.iter().copied().for_each(person);
                }
                Fault::BadSensor { tag: name } => tag(name),
                Fault::Smoke { camera } => assert!(site::CAMERAS.iter().any(|known| known.id == camera)),
                Fault::Sos { person: id } => person(id),
                Fault::Crowd { zone: place, count } => {
                    zone(place);
                    assert!(count <= site::PEOPLE.len());
                }
                Fault::ServerDown | Fault::LinkDown => {}
            }
        }
    }

    #[test]
    fn the_scene_repeats() {
        assert_eq!(scene(0.0).1, "Steady operation");
        assert_eq!(scene(193.0).1, "CAM-05 sees smoke while the link is down");
        assert_eq!(scene(203.0).1, "The enterprise link is down");
        assert_eq!(scene(CYCLE_S * 3.0 + 20.0), scene(20.0));
    }
}
