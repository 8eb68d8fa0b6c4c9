//! Zones, cameras and people.

/// A zone 区域.
#[derive(Debug)]
pub(crate) struct Zone {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The risk unit and risk event that someone in distress here threatens.
    pub(crate) threatens: Option<(&'static str, &'static str)>,
    pub(crate) people_max: Option<usize>,
    pub(crate) guidance: &'static str,
    /// West, south, east and north in metres on the plane of the location system.
    pub(crate) area: [f64; 4],
}

/// A camera 摄像机.
#[derive(Debug)]
pub(crate) struct Camera {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) zone: &'static str,
}

/// A person with a beacon.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) card: &'static str,
    /// The zones of the person's round.
    pub(crate) round: &'static [&'static str],
}

const EVACUATE: &str = "通知区域负责人清点人数；非必要人员立即撤离；现场人数降至限员以下前暂停作业。";

const fn zone(
    id: &'static str,
    name: &'static str,
    threatens: Option<(&'static str, &'static str)>,
    people_max: Option<usize>,
    area: [f64; 4],
) -> Zone {
    let guidance = if people_max.is_some() { EVACUATE } else { "" };
    Zone { id, name, threatens, people_max, guidance, area }
}

impl Zone {
    /// Its outline as well-known text.
    pub(crate) fn polygon(&self) -> String {
        let [west, south, east, north] = self.area;
        format!("POLYGON (({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))")
    }

    /// A place in it for each of many people, none at its edge and no two at the same: steps of the golden ratio.
    pub(crate) fn place(&self, person: usize) -> (f64, f64) {
        let [west, south, east, north] = self.area;
        let share = |step: f64| 0.1 + 0.8 * ((person + 1) as f64 * step).fract();
        let (x, y) = (west + (east - west) * share(0.618_034), south + (north - south) * share(0.381_966));
        ((x * 10.0).round() / 10.0, (y * 10.0).round() / 10.0)
    }
}

/// All zones. Those that threaten nothing belong to no risk unit: to the gateway a person there is outside all zones.
pub(crate) const ZONES: [Zone; 10] = [
    zone("Z-01", "中央控制室", None, None, [330.0, 12.0, 388.0, 40.0]),
    zone("Z-02", "甲醇罐组防火堤", Some(("RU-01", "RE-0102")), Some(6), [16.0, 150.0, 146.0, 238.0]),
    zone("Z-03", "液化烃球罐区", Some(("RU-02", "RE-0202")), Some(6), [166.0, 150.0, 266.0, 238.0]),
    zone("Z-04", "苯罐组防火堤", Some(("RU-03", "RE-0301")), Some(6), [286.0, 150.0, 388.0, 238.0]),
    zone("Z-05", "罐区泵房", Some(("RU-01", "RE-0101")), Some(6), [16.0, 104.0, 146.0, 136.0]),
    zone("Z-06", "装卸栈台", Some(("RU-04", "RE-0401")), Some(9), [16.0, 12.0, 146.0, 90.0]),
    zone("Z-07", "羰基合成框架（R-2101）", Some(("RU-05", "RE-0503")), Some(9), [166.0, 84.0, 268.0, 136.0]),
    zone("Z-08", "转化框架（R-2201）", Some(("RU-06", "RE-0602")), Some(9), [286.0, 84.0, 388.0, 136.0]),
    zone("Z-09", "公用工程站", Some(("RU-07", "RE-0701")), Some(9), [166.0, 12.0, 310.0, 70.0]),
    zone("Z-10", "综合办公楼", None, None, [330.0, 48.0, 388.0, 70.0]),
];

/// The zones that the gateway knows.
pub(crate) fn monitored_zones() -> impl Iterator<Item = &'static Zone> {
    ZONES.iter().filter(|zone| zone.threatens.is_some())
}

const fn camera(id: &'static str, name: &'static str, zone: &'static str) -> Camera {
    Camera { id, name, zone }
}

/// All cameras.
pub(crate) const CAMERAS: [Camera; 10] = [
    camera("CAM-01", "甲醇罐组东北角云台", "Z-02"),
    camera("CAM-02", "甲醇罐组西南角云台", "Z-02"),
    camera("CAM-03", "液化烃球罐区高点", "Z-03"),
    camera("CAM-04", "苯罐组防火堤", "Z-04"),
    camera("CAM-05", "罐区泵房", "Z-05"),
    camera("CAM-06", "装卸栈台全景", "Z-06"),
    camera("CAM-07", "羰基合成框架二层", "Z-07"),
    camera("CAM-08", "转化框架二层", "Z-08"),
    camera("CAM-09", "压缩机厂房", "Z-09"),
    camera("CAM-10", "中央控制室操作台", "Z-01"),
];

const CONTROL_ROOM: &[&str] = &["Z-01", "Z-10"];
const TANK_FARM: &[&str] = &["Z-02", "Z-03", "Z-04", "Z-05", "Z-01"];
const REACTION: &[&str] = &["Z-07", "Z-08", "Z-09", "Z-01"];
const LOADING: &[&str] = &["Z-06", "Z-05", "Z-10"];
const MAINTENANCE: &[&str] = &["Z-02", "Z-05", "Z-07", "Z-08", "Z-09", "Z-10"];
const SAFETY: &[&str] = &["Z-02", "Z-03", "Z-04", "Z-06", "Z-07", "Z-08", "Z-10"];
const OFFICE: &[&str] = &["Z-10", "Z-01"];

const fn person(id: &'static str, name: &'static str, card: &'static str, round: &'static [&'static str]) -> Person {
    Person { id, name, card, round }
}

/// All people.
pub(crate) const PEOPLE: [Person; 36] = [
    person("P-001", "陈志远", "10001", CONTROL_ROOM),
    person("P-002", "刘海燕", "10002", CONTROL_ROOM),
    person("P-003", "王建国", "10003", CONTROL_ROOM),
    person("P-004", "赵明辉", "10004", CONTROL_ROOM),
    person("P-005", "孙立军", "10005", TANK_FARM),
    person("P-006", "周晓峰", "10006", TANK_FARM),
    person("P-007", "吴国强", "10007", TANK_FARM),
    person("P-008", "郑永刚", "10008", TANK_FARM),
    person("P-009", "冯德胜", "10009", TANK_FARM),
    person("P-010", "蒋文斌", "10010", TANK_FARM),
    person("P-011", "沈浩然", "10011", REACTION),
    person("P-012", "韩雪松", "10012", REACTION),
    person("P-013", "杨树林", "10013", REACTION),
    person("P-014", "朱卫东", "10014", REACTION),
    person("P-015", "秦小龙", "10015", REACTION),
    person("P-016", "许志鹏", "10016", REACTION),
    person("P-017", "何春生", "10017", LOADING),
    person("P-018", "吕大勇", "10018", LOADING),
    person("P-019", "施永康", "10019", LOADING),
    person("P-020", "张红梅", "10020", LOADING),
    person("P-021", "孔庆祥", "10021", LOADING),
    person("P-022", "曹海波", "10022", LOADING),
    person("P-023", "严立新", "10023", MAINTENANCE),
    person("P-024", "华建平", "10024", MAINTENANCE),
    person("P-025", "金卫星", "10025", MAINTENANCE),
    person("P-026", "魏长征", "10026", MAINTENANCE),
    person("P-027", "陶志勇", "10027", MAINTENANCE),
    person("P-028", "姜一帆", "10028", MAINTENANCE),
    person("P-029", "戚文静", "10029", SAFETY),
    person("P-030", "谢东升", "10030", SAFETY),
    person("P-031", "邹广平", "10031", SAFETY),
    person("P-032", "喻春雷", "10032", SAFETY),
    person("P-033", "柏思远", "10033", OFFICE),
    person("P-034", "水清扬", "10034", OFFICE),
    person("P-035", "窦立群", "10035", OFFICE),
    person("P-036", "章晓敏", "10036", OFFICE),
];
