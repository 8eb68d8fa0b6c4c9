//! The configuration folder of a `davy run` under test, for the ports at hand: numbered levels over OPC UA, gas detectors
//! over Modbus, people and cameras over MQTT, each rule with a risk event of its own, so that every crossing shows alone.

use anyhow::{Context, Result};
use std::{fmt::Write as _, fs, path::Path};

/// What the gateway reads and where.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Port of the page; 0 lets the gateway choose.
    pub web: u16,
    /// Address of the OPC UA and the Modbus server; empty for 127.0.0.1.
    pub field_host: String,
    /// Port of the OPC UA server.
    pub opcua: u16,
    /// Port of the Modbus server.
    pub modbus: u16,
    /// Port of the field broker.
    pub field: u16,
    /// Port of the enterprise broker.
    pub enterprise: u16,
    /// Levels `LI-001`, …, at `ns=2;s=LI-001`, …; see [`level_rule`].
    pub levels: usize,
    /// Gas detectors `GT-001`, …; see [`gas_place`].
    pub gases: usize,
    /// People `P-001`, … with the cards `C-001`, …; each has the rule `sos-P-001`, ….
    pub people: usize,
    /// Zones `Z-001`, …, each for at most [`PEOPLE_MAX`] people.
    pub zones: usize,
    /// Cameras `CAM-001`, …, each with the rule `smoke-CAM-001`, … of two frames.
    pub cameras: usize,
    /// Whether zones belong to units, cameras stand in zones and special-work tickets are read; see [`unit`].
    pub places: bool,
    /// Further lines of the uplink.
    pub uplink: String,
    /// Further rows of `tags.csv`, in the columns of [`TAG_COLUMNS`].
    pub more_tags: Vec<String>,
}

/// What everybody is told before a log-in.
pub const NOTICE: &str = "仅限授权人员使用，操作均留痕";

/// How many people a zone may hold.
pub const PEOPLE_MAX: usize = 3;
/// The publishing interval of the OPC UA source.
pub const PUBLISHING_MS: u64 = 200;
/// The poll interval of the Modbus source.
pub const POLL_MS: u64 = 250;
/// A value inside every limit.
pub const CALM: f64 = 50.0;
/// The columns of `tags.csv`.
pub const TAG_COLUMNS: &str = "位号,名称,数据源,地址,数据类型,字节序,工程单位,量程下限,量程上限,管控措施,低低限,低限,高限,高高限,死区,\
    报警延时,恢复延时,优先级,超时,处置措施";

const UNITS: usize = 8;

/// The rule of a level (its one limit goes round HH, H, L, LL) and a value beyond it.
#[must_use]
pub fn level_rule(number: usize) -> (String, f64) {
    let (limit, beyond) = [("HH", 95.0), ("H", 85.0), ("L", 15.0), ("LL", 5.0)][number % 4];
    (format!("{}.{limit}", level(number)), beyond)
}

/// The tag of a level.
#[must_use]
pub fn level(number: usize) -> String {
    format!("LI-{number:03}")
}

/// The tag of a gas detector; its rule is `GT-001.H`, …, at 25 %LEL.
#[must_use]
pub fn gas(number: usize) -> String {
    format!("GT-{number:03}")
}

/// Unit id, table and address of a gas detector, a float in the order CDAB: odd ones are holding registers of the unit id
/// 1, even ones input registers of the unit id 2.
#[must_use]
pub fn gas_place(number: usize) -> (u8, &'static str, u16) {
    let address = u16::try_from(2 * number).expect("a test has few detectors");
    if number % 2 == 1 { (1, "holding", address) } else { (2, "input", address) }
}

/// Whether the measure of a numbered level or detector pushes an inspection task.
#[must_use]
pub fn pushes_task(number: usize) -> bool {
    !number.is_multiple_of(3)
}

/// The unit of a numbered level, detector or zone.
#[must_use]
pub fn unit(number: usize) -> String {
    format!("U-{}", number % UNITS + 1)
}

impl Folder {
    /// Writes `FOLDER/config`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let config = folder.join("config");
        fs::create_dir_all(config.join("risk")).with_context(|| format!("create {}", config.display()))?;
        for (name, text) in [
            ("gateway.toml", self.gateway()),
            ("tags.csv", self.tags()),
            ("people.csv", table("人员编号,姓名,定位卡", self.people, |n| format!("P-{n:03},人员{n},C-{n:03}"))),
            ("zones.csv", self.zone_table()),
            (
                "cameras.csv",
                table("摄像机编号,名称,区域", self.cameras, |n| {
                    let zone = if self.places { format!("Z-{n:03}") } else { String::new() };
                    format!("CAM-{n:03},摄像机{n},{zone}")
                }),
            ),
            ("rules.toml", self.rules()),
            (
                "risk/units.csv",
                table("编号,风险分析单元名称,风险分析对象,风险等级", UNITS, |n| {
                    format!("U-{n},单元{n},装置,重大")
                }),
            ),
            ("risk/events.csv", self.events()),
            ("risk/measures.csv", self.measures()),
        ] {
            fs::write(config.join(name), text).with_context(|| format!("write {name}"))?;
        }
        Ok(())
    }

    fn gateway(&self) -> String {
        let Self { web, opcua, modbus, field, enterprise, uplink, .. } = self;
        let host = if self.field_host.is_empty() { "127.0.0.1" } else { &self.field_host };
        let tickets = if self.places { "[source.mqtt.ticket]\ntopic = \"site/ticket/+\"\n" } else { "" };
        format!(
            r#"
[gateway]
company_code = "330100123"
gateway_id = "gw-1"
name = "端到端试验"

[web]
listen = "127.0.0.1:{web}"
notice = "{NOTICE}"

[[source.opcua]]
id = "dcs"
name = "DCS"
endpoint = "opc.tcp://{host}:{opcua}/"
security = "none"
publishing_interval = "{PUBLISHING_MS}ms"
lost_after = "2s"

[[source.modbus]]
id = "gds"
name = "GDS"
address = "{host}:{modbus}"
poll_interval = "{POLL_MS}ms"
lost_after = "2s"

[[source.mqtt]]
id = "people"
name = "人员定位与视频"
url = "mqtt://127.0.0.1:{field}"
lost_after = "2s"

[source.mqtt.location]
topic = "site/location/+"
card = {{ topic_level = 2 }}
zone = {{ pointer = "/zone" }}
sos = {{ pointer = "/sos" }}

[source.mqtt.video]
topic = "site/video/+"
camera = {{ topic_level = 2 }}
algorithm = {{ pointer = "/algorithm" }}
confidence = {{ pointer = "/confidence" }}
picture = {{ pointer = "/picture" }}

{tickets}
[[uplink.mqtt]]
id = "enterprise"
name = "企业平台"
url = "mqtt://127.0.0.1:{enterprise}"
lost_after = "2s"
lost_priority = "low"
{uplink}

[change]
author = "李工"
reason = "端到端试验"
date = "2026-11-23"
"#
        )
    }

    fn tags(&self) -> String {
        let mut text = format!("{TAG_COLUMNS}\n");
        for number in 1..=self.levels {
            let tag = level(number);
            let limits = ["10,,,", ",20,,", ",,80,", ",,,90"];
            let limits = limits[3 - number % 4];
            let _ =
                writeln!(text, "{tag},液位{number},dcs,ns=2;s={tag},,,%,0,100,M-{tag},{limits},1,0s,0s,high,,现场确认");
        }
        for number in 1..=self.gases {
            let (tag, (unit_id, table, address)) = (gas(number), gas_place(number));
            let place = format!("{unit_id}/{table}/{address},f32,CDAB");
            let _ = writeln!(text, "{tag},气体{number},gds,{place},%LEL,0,100,M-{tag},,,25,,1,0s,0s,high,,撤离人员");
        }
        self.more_tags.iter().for_each(|row| text.extend([row, "\n"]));
        text
    }

    fn zone_table(&self) -> String {
        let head = "区域编号,区域名称,风险分析单元,风险事件,限员,报警延时,优先级,边界";
        table(head, self.zones, |n| {
            let unit = if self.places { unit(n) } else { String::new() };
            let (west, east) = (30 * n, 30 * n + 25);
            let outline = format!("\"POLYGON (({west} 0, {east} 0, {east} 20, {west} 20, {west} 0))\"");
            format!("Z-{n:03},区域{n},{unit},EV-Z-{n:03},{PEOPLE_MAX},0s,high,{outline}")
        })
    }

    fn rules(&self) -> String {
        let mut text = String::new();
        if self.people > 0 {
            text.push_str("[[rule.sos]]\nthreatens = \"EV-SOS\"\npriority = \"critical\"\nguidance = \"救援\"\n");
        }
        for number in 1..=self.cameras {
            let _ = write!(
                text,
                "\n[[rule.video]]\nid = \"smoke-CAM-{number:03}\"\nname = \"烟雾{number}\"\ncamera = \"CAM-{number:03}\"\n\
                 algorithm = \"smoke\"\nconfidence_min = 0.6\nframes_min = 2\ncooldown = \"600s\"\n\
                 threatens = \"EV-CAM-{number:03}\"\npriority = \"high\"\nguidance = \"现场确认\"\n"
            );
        }
        text
    }

    /// The names of all that has a risk event and a measure of its own.
    fn measured(&self) -> impl Iterator<Item = (usize, String)> {
        let levels = (1..=self.levels).map(|number| (number, level(number)));
        levels.chain((1..=self.gases).map(|number| (number, gas(number))))
    }

    fn events(&self) -> String {
        let mut text = "id,riskUnitId,riskEventName\nEV-SOS,U-1,人员遇险\n".to_owned();
        let zones = (1..=self.zones).map(|number| (number, format!("Z-{number:03}")));
        let cameras = (1..=self.cameras).map(|number| (number, format!("CAM-{number:03}")));
        for (number, name) in self.measured().chain(zones).chain(cameras) {
            let _ = writeln!(text, "EV-{name},{},{name}失控", unit(number));
        }
        text
    }

    fn measures(&self) -> String {
        let mut text =
            "id,riskEventId,dataSrc,riskMeasureDesc,troubleshootContent,推送排查任务,责任角色,失效即疑似隐患\n"
                .to_owned();
        for (number, name) in self.measured() {
            let push = if pushes_task(number) { "是" } else { "否" };
            let _ = writeln!(text, "M-{name},EV-{name},1,{name}报警,检查{name},{push},操作,是");
        }
        text
    }
}

fn table(head: &str, rows: usize, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{head}\n");
    (1..=rows).for_each(|number| text.extend([row(number).as_str(), "\n"]));
    text
}
