//! What becomes of a good folder, `tests/site`: which rules there are, and what each connector is given to read.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use davy_config::{
    ByteOrder, Configuration, Files, ModbusData, ModbusFraming, ModbusLink, ModbusSource, ModbusTable, OpcUaDeadband,
    OpcUaMode, SerialLine, SerialParity, SourceConfig,
};
use davy_core::{
    id::{PersonIx, TagIx},
    model::{Direction, PeopleRule, Policy, Rate, Rule, RuleKind, Site},
};
use std::path::Path;

fn files() -> Files {
    Files::from_dir(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/site"))).unwrap()
}

fn read(files: &Files) -> Configuration {
    let checked = davy_config::read(files, &|name| Err(format!("there is no {name}")));
    checked.unwrap_or_else(|errors| panic!("{errors}")).configuration
}

fn with(edits: &[(&str, &str, &str)]) -> Configuration {
    let mut files = files();
    for (name, old, new) in edits {
        let text = String::from_utf8(files.0[*name].clone()).unwrap();
        assert!(text.contains(old), "{name} has no {old}");
        files.0.insert((*name).to_owned(), text.replace(old, new).into_bytes());
    }
    read(&files)
}

/// `LI-1101.HH 1101罐液位高高报警 [High] U-11 M-1101-1 2000/2000 ≥90 <88`
fn line(site: &Site, rule: &Rule) -> String {
    let mut words = vec![rule.id.to_string(), rule.name.to_string(), format!("[{:?}]", rule.priority)];
    words.extend(rule.unit.map(|unit| site.units[unit.at()].id.to_string()));
    words.extend(rule.measure.map(|measure| site.measures[measure.at()].id.to_string()));
    words.extend(rule.threatens.map(|event| site.events[event.at()].id.to_string()));
    words.push(format!("{}/{}", rule.on_delay_ms, rule.off_delay_ms));
    if let RuleKind::Limit { limit, .. } = &rule.kind {
        words.push(format!("{} {}", limit.trip, limit.clear));
    }
    words.join(" ")
}

#[test]
fn rules() {
    let site = read(&files()).site;
    let lines: Vec<String> = site.rules.iter().map(|rule| line(&site, rule)).collect();
    let expected = [
        "LI-1101.HH 1101罐液位高高报警 [High] U-11 M-1101-1 2000/2000 90 88",
        "LI-1101.H 1101罐液位高报警 [Medium] U-11 M-1101-1 2000/2000 80 78",
        "LI-1101.L 1101罐液位低报警 [Medium] U-11 M-1101-1 2000/2000 10 12",
        "LI-1101.LL 1101罐液位低低报警 [High] U-11 M-1101-1 2000/2000 5 7",
        "LI-1101.quality 1101罐液位信号质量坏 [Medium] U-11 M-1101-1 10000/0",
        "LI-1101.uncertain 1101罐液位信号质量可疑 [Low] U-11 60000/0",
        "TI-1101.HH 1101罐温度高高报警 [High] U-11 M-1101-2 0/0 50 49",
        "TI-1101.H 1101罐温度高报警 [Medium] U-11 M-1101-2 0/0 40 39",
        "TI-1101.quality 1101罐温度信号质量坏 [Medium] U-11 M-1101-2 10000/0",
        "TI-1101.uncertain 1101罐温度信号质量可疑 [Low] U-11 60000/0",
        "GT-2101.HH 反应釜可燃气体高高报警 [Critical] U-21 M-2101-1 0/5000 50 49",
        "GT-2101.H 反应釜可燃气体高报警 [High] U-21 M-2101-1 0/5000 25 24",
        "GT-2101.quality 反应釜可燃气体信号质量坏 [High] U-21 M-2101-1 10000/0",
        "GT-2101.uncertain 反应釜可燃气体信号质量可疑 [Medium] U-21 60000/0",
        "GT-2101.stale 反应釜可燃气体数据超时 [High] U-21 M-2101-1 0/0",
        "over-capacity-Z-11 罐区超员 [High] U-11 EV-1101 5000/0",
        "over-capacity-Z-21 反应装置区超员 [High] U-21 EV-2101 5000/0",
        "source-lost-dcs DCS通信中断 [High] 5000/0",
        "source-lost-gds 气体检测系统通信中断 [High] 5000/0",
        "source-lost-people 人员定位与视频通信中断 [High] 5000/0",
        "uplink-lost-enterprise 企业平台通信中断 [Medium] 10000/0",
        "system-flood 报警泛滥 [Medium] 0/0",
        "system-chattering 报警抖动 [Low] 0/0",
        "system-fleeting 瞬时报警 [Low] 0/0",
        "system-standing 长期报警 [Low] 0/0",
        "system-clock-unsynchronised 时钟未同步 [Low] 0/0",
        "system-storage-warning 存储将满 [Low] 0/0",
        "system-storage-alarm 存储即将写满 [High] 0/0",
        "system-journal-not-durable 日志未写入磁盘 [Critical] 0/0",
        "system-horn-silenced 喇叭消音时间过长 [Medium] 0/0",
        "system-life-alarm-silenced 生命安全报警被消音 [Low] 0/0",
        "system-certificate-expiring 证书即将到期 [Low] 0/0",
        "system-board-trouble 声光报警箱异常 [High] 0/0",
        "sos-P-001 张伟一键报警 [Critical] U-21 EV-2101 0/0",
        "sos-P-002 王芳一键报警 [Critical] U-21 EV-2101 0/0",
        "sos-P-003 李娜一键报警 [Critical] U-21 EV-2101 0/0",
        "sos-P-004 刘洋一键报警 [Critical] U-21 EV-2101 0/0",
        "sos-P-005 陈静一键报警 [Critical] U-21 EV-2101 0/0",
        "cam-05-smoke 1101罐顶烟雾 [High] U-11 EV-1101 0/0",
    ];
    assert_eq!(lines, expected);
}

/// Deadband and off-delay where the table says nothing, from the engineering unit.
#[test]
fn the_quantity_decides_what_is_not_written() {
    let defaults = |unit: &str| {
        let edits = [("tags.csv", ",1,0s,0s,high", ",,0s,,high"), ("tags.csv", ",℃,", &format!(",{unit},"))];
        let site = with(&edits).site;
        let rule = site.rules.iter().find(|rule| rule.id.as_str() == "TI-1101.H").unwrap();
        let RuleKind::Limit { limit, .. } = rule.kind else { panic!("{rule:?}") };
        (limit.clear, rule.off_delay_ms, rule.on_delay_ms)
    };
    assert_eq!(defaults("℃"), (39.0, 60_000, 0));
    assert_eq!(defaults("kPa"), (38.0, 15_000, 0));
    assert_eq!(defaults("m3/h"), (35.0, 15_000, 0));
    assert_eq!(defaults("mg/L"), (39.0, 0, 0));
}

#[test]
fn limits_latch_where_the_table_says_so_and_a_call_for_help_is_never_hidden() {
    let edits = [
        ("tags.csv", "质量报警优先级,处置措施", "质量报警优先级,锁定"),
        ("tags.csv", ",停止进料，启动倒罐泵，现场确认液位", ",否"),
        ("tags.csv", ",启动喷淋降温", ","),
        ("tags.csv", ",撤离人员，切断进料，禁止动火", ",是"),
        ("rules.toml", "frames_min = 2", "latched = true"),
    ];
    let site = with(&edits).site;
    let those = |flag: fn(&Rule) -> bool| -> Vec<&str> {
        site.rules.iter().filter(|rule| flag(rule)).map(|rule| rule.id.as_str()).collect()
    };
    assert_eq!(those(|rule| rule.latched), ["GT-2101.HH", "GT-2101.H", "cam-05-smoke"]);
    assert_eq!(those(|rule| rule.never_hidden), ["sos-P-001", "sos-P-002", "sos-P-003", "sos-P-004", "sos-P-005"]);
}

/// What is the default is in the template; here is what another value does.
#[test]
fn numbers_of_the_site_and_of_rules_are_those_that_are_written() {
    let policy = "[policy]\nfirst_out_window = \"250ms\"\nlocation_max_age = \"2min\"\noverdue_step_percent = 25\n\
                  acknowledge_in_time = \"5min\"\n\n[gateway]";
    let rules = "[rule.quality]\nbad_on_delay = \"20s\"\nuncertain_on_delay = \"0s\"\n\n[[rule.zone_breach]]\n\
                 lasting_after = \"15s\"\n[[rule.zone_breach.access]]\nzones = [\"Z-11\"]\n\n[[rule.sos]]";
    let edits = [
        ("gateway.toml", "[gateway]", policy),
        ("rules.toml", "[[rule.sos]]", rules),
        ("rules.toml", "frames_min = 2", "frames_min = 2\nframe_gap = \"30s\""),
    ];
    let site = with(&edits).site;
    let expected = Policy {
        first_out_window_ms: 250,
        location_max_age_ms: 120_000,
        overdue_step_percent: 25,
        acknowledge_in_time_ms: 300_000,
        ..Policy::default()
    };
    assert_eq!(site.policy, expected);
    let of = |id: &str| site.rules.iter().find(|rule| rule.id.as_str() == id).unwrap();
    assert_eq!((of("TI-1101.quality").on_delay_ms, of("TI-1101.uncertain").on_delay_ms), (20_000, 0));
    let RuleKind::Video { frame_gap_ms, .. } = of("cam-05-smoke").kind else { panic!("{:?}", of("cam-05-smoke")) };
    assert_eq!(frame_gap_ms, 30_000);
    let breach = PeopleRule::ZoneBreach { person: PersonIx(0), lasting_ms: 15_000 };
    assert_eq!(of("zone-breach-P-001").kind, RuleKind::People(breach));
}

#[test]
fn rules_over_tags_have_what_their_tag_has_unless_they_say_so() {
    let rules = r#"
[[rule.out_of_range]]
id = "a"
name = "断线"
tag = "TI-1101"
[[rule.rate_of_change]]
id = "b"
name = "过快"
tag = "TI-1101"
per_minute = 5
threatens = "EV-2101"
off_delay = "30s"
priority = "critical"
[[rule.frozen]]
id = "c"
name = "不变化"
tag = "TI-1101"
measure = "M-1101-1"
"#;
    let site = with(&[("rules.toml", "[[rule.sos]]", &format!("{rules}[[rule.sos]]"))]).site;
    let of = |id: &str| site.rules.iter().find(|rule| rule.id.as_str() == id).unwrap();
    assert_eq!(line(&site, of("a")), "a 断线 [Medium] U-11 M-1101-2 5000/0");
    assert_eq!(line(&site, of("b")), "b 过快 [Critical] U-21 EV-2101 3000/30000");
    assert_eq!(line(&site, of("c")), "c 不变化 [Medium] U-11 M-1101-1 0/0");
    assert_eq!(of("a").guidance, "检查喷淋系统与温度变送器", "what its measure says is to be inspected");
    assert_eq!(of("a").kind, RuleKind::OutOfRange { tag: TagIx(1), low: -2.5, high: 103.0 });
    let rate = Rate { direction: Direction::Either, per_minute: 5.0, clear_per_minute: 5.0, window_ms: 60_000 };
    assert_eq!(of("b").kind, RuleKind::RateOfChange { tag: TagIx(1), rate });
    assert_eq!(of("c").kind, RuleKind::Frozen { tag: TagIx(1), dead_zone: 0.0, after_ms: 1_800_000 });
}

#[test]
fn guidance_falls_back_to_what_the_measure_says_is_to_be_inspected() {
    let guidance = |configuration: Configuration, id: &str| {
        configuration.site.rules.into_iter().find(|rule| rule.id.as_str() == id).unwrap().guidance
    };
    assert_eq!(guidance(read(&files()), "TI-1101.H"), "启动喷淋降温");
    let without = || with(&[("tags.csv", "启动喷淋降温", "")]);
    assert_eq!(guidance(without(), "TI-1101.H"), "检查喷淋系统与温度变送器");
    assert_eq!(guidance(without(), "TI-1101.quality"), "检查喷淋系统与温度变送器");
    let nothing = with(&[("risk/measures.csv", "检查喷淋系统与温度变送器,是", ",否")]);
    assert!(guidance(nothing, "TI-1101.quality").starts_with("检查仪表"));
}

#[test]
fn guidance_is_inherited_from_object_to_unit_to_event_to_measure() {
    const INSPECTION: &str = "检查喷淋系统与温度变送器";
    let objects = "编号,风险分析对象名称,处置措施\nWXY-1,甲醇罐区,对象\nWXY-2,反应装置,\n";
    let guided = |name: &str, header: &str, row: &str, words: &str| {
        let text = String::from_utf8(files().0[name].clone()).unwrap();
        let lines = text.lines().map(|line| match line {
            _ if line.starts_with(header) => format!("{line},处置措施\n"),
            _ if line.starts_with(row) => format!("{line},{words}\n"),
            _ => format!("{line},\n"),
        });
        (name.to_owned(), lines.collect::<String>())
    };
    let unit = || guided("risk/units.csv", "编号", "U-11", "单元");
    let event = || guided("risk/events.csv", "id", "EV-1102", "事件");
    let measure = || guided("risk/measures.csv", "id", "M-1101-2", "措施");
    // With what the measure says is to be inspected, which is nearer than the object, and without.
    for (inspection, edits, expected) in [
        (true, vec![], INSPECTION),
        (false, vec![], "对象"),
        (true, vec![unit()], "单元"),
        (false, vec![unit(), event()], "事件"),
        (true, vec![unit(), event(), measure()], "措施"),
        (false, vec![measure()], "措施"),
    ] {
        let mut files = files();
        files.0.insert("risk/objects.csv".to_owned(), objects.into());
        files.0.extend(edits.into_iter().map(|(name, text)| (name, text.into_bytes())));
        let tags = String::from_utf8(files.0["tags.csv"].clone()).unwrap().replace("启动喷淋降温", "");
        files.0.insert("tags.csv".to_owned(), tags.into_bytes());
        if !inspection {
            let measures = String::from_utf8(files.0["risk/measures.csv"].clone()).unwrap();
            let measures = measures.replace(&format!("{INSPECTION},是"), ",否");
            files.0.insert("risk/measures.csv".to_owned(), measures.into_bytes());
        }
        let site = read(&files).site;
        let rule = site.rules.iter().find(|rule| rule.id.as_str() == "TI-1101.H").unwrap();
        assert_eq!(rule.guidance, expected);
        // A broken instrument is no emergency of its unit.
        let quality = site.rules.iter().find(|rule| rule.id.as_str() == "TI-1101.quality").unwrap();
        assert_eq!(quality.guidance == "措施", expected == "措施", "{}", quality.guidance);
        assert!(!["对象", "单元", "事件"].contains(&quality.guidance.as_str()) && !quality.guidance.is_empty());
    }
}

#[test]
fn tickets_and_compounds_inherit_guidance_as_well() {
    let rules = r#"
[[rule.ticket]]
id = "t"
name = "超时"
kind = "ticket_expired"
unit = "U-11"
[[rule.compound]]
id = "c"
name = "液位与温度"
unit = "U-11"
when = "LI-1101.H and TI-1101.H"
"#;
    let edits = [
        ("rules.toml", "[[rule.sos]]", format!("{rules}[[rule.sos]]")),
        ("risk/units.csv", "风险等级", "风险等级,处置措施".to_owned()),
        ("risk/units.csv", "重大", "重大,单元处置".to_owned()),
        ("risk/units.csv", "较大", "较大,".to_owned()),
    ];
    let edits: Vec<(&str, &str, &str)> = edits.iter().map(|(name, old, new)| (*name, *old, new.as_str())).collect();
    let site = with(&edits).site;
    for id in ["t.1", "c"] {
        let rule = site.rules.iter().find(|rule| rule.id.as_str() == id).unwrap();
        assert_eq!(rule.guidance, "单元处置", "{id}");
    }
}

#[test]
fn a_watched_tag_that_goes_blind_is_an_alarm_even_without_a_measure() {
    let has =
        |configuration: &Configuration, id: &str| configuration.site.rules.iter().any(|rule| rule.id.as_str() == id);
    let unsaid = ("tags.csv", "high,,medium,启动", "high,,,启动");
    let without_measure = with(&[unsaid, ("tags.csv", "0,100,M-1101-2,", "0,100,,")]);
    assert!(has(&without_measure, "TI-1101.HH") && has(&without_measure, "TI-1101.quality"));
    let only_shown = with(&[unsaid, ("tags.csv", "0,100,M-1101-2,,,40,50,1,", "0,100,,,,,,,")]);
    assert!(!has(&only_shown, "TI-1101.quality"), "a tag that nothing watches is shown with its quality");
}

#[test]
fn rule_ids_fit_into_addresses_whatever_the_plant_calls_its_tags() {
    let site = with(&[("tags.csv", "TI-1101,", "1#罐/TI 1101,"), ("people.csv", "P-001", "张三")]).site;
    let ids: Vec<&str> = site.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert!(ids.contains(&"1_23_7F50_2FTI_201101.H") && ids.contains(&"sos-_5F20_4E09"), "{ids:?}");
    assert!(site.tags.iter().any(|tag| tag.id.as_str() == "1#罐/TI 1101"));
}

#[test]
fn connectors_are_given_what_to_read() {
    let configuration = with(&[("tags.csv", "1/holding/100", "7/30011"), ("tags.csv", "critical,10s", "critical,")]);
    let [SourceConfig::OpcUa(opcua), SourceConfig::Modbus(modbus), SourceConfig::Mqtt(mqtt)] =
        &configuration.sources[..]
    else {
        panic!("three sources in the order of the file")
    };
    let nodes: Vec<&str> = opcua.items.iter().map(|item| item.node.as_str()).collect();
    assert_eq!(nodes, ["ns=2;s=LI-1101", "ns=2;s=TI-1101"]);
    let item = &modbus.items[0];
    assert_eq!((item.unit_id, item.table, item.address), (7, ModbusTable::Input, 10));
    assert_eq!((item.data, item.order, item.scale, item.offset), (ModbusData::F32, ByteOrder::Cdab, 1.0, 0.0));
    assert_eq!(configuration.site.tags[item.tag.at()].id.as_str(), "GT-2101");
    assert_eq!(configuration.site.tags[item.tag.at()].stale_after_ms, Some(5_000), "three polls and two timeouts");
    assert_eq!(configuration.site.tags[0].stale_after_ms, None, "what is sent when it changes may rest");
    assert_eq!(mqtt.broker.client_id, "davy-gw-1-people");
}

#[test]
fn contacts_of_the_box_are_tags_without_a_scan() {
    let section = "[[source.board]]\nid = \"box\"\nname = \"箱\"\n\n[[source.mqtt]]";
    let row = "\nZS-1,手报,box,contact_1,,,,,,,,,,,,,,,,,\nTI-1101,";
    let configuration = with(&[("gateway.toml", "[[source.mqtt]]", section), ("tags.csv", "\nTI-1101,", row)]);
    let board = configuration.sources.iter().find_map(|source| match source {
        SourceConfig::Board(board) => Some(board),
        SourceConfig::OpcUa(_) | SourceConfig::Modbus(_) | SourceConfig::Mqtt(_) => None,
    });
    let board = board.expect("it is a source");
    let input = &configuration.board.inputs[board.items[0].input];
    let tag = &configuration.site.tags[board.items[0].tag.at()];
    assert_eq!((input.name.as_str(), tag.id.as_str(), tag.stale_after_ms), ("contact_1", "ZS-1", None));
}

fn modbus(edits: &[(&str, &str, &str)]) -> (Configuration, ModbusSource) {
    let configuration = with(edits);
    let modbus = configuration.sources.iter().find_map(|source| match source {
        SourceConfig::Modbus(modbus) => Some(modbus.clone()),
        SourceConfig::OpcUa(_) | SourceConfig::Mqtt(_) | SourceConfig::Board(_) => None,
    });
    (configuration, modbus.unwrap())
}

#[test]
fn a_serial_line_of_modbus_and_a_unit_with_limits_of_its_own() {
    const ADDRESS: &str = "address = \"127.0.0.1:5020\"";
    let serial = "serial = \"/dev/ttyS1\"\nparity = \"偶\"\nbaud = 1200\ntimeout = \"500ms\"\nretries = 1\nforbidden = [\"input#1-2\"]";
    let unit = "\n[[source.modbus.unit]]\nid = 1\nregisters_max = 2\nforbidden = [\"holding/7\"]\n\n[[source.mqtt]]";
    let unsaid = ("tags.csv", "critical,10s", "critical,");
    let (configuration, source) =
        modbus(&[("gateway.toml", ADDRESS, serial), ("gateway.toml", "[[source.mqtt]]", unit), unsaid]);
    let line = SerialLine { path: "/dev/ttyS1".to_owned(), baud: 1_200, parity: SerialParity::Even, stop_bits: 1 };
    assert_eq!(source.link, ModbusLink::Serial(line));
    let (limits, other) = (source.limits_of(1), source.limits_of(2));
    assert_eq!((limits.registers_max, limits.forbidden.len(), limits.gap_max), (2, 2, 8));
    assert_eq!((other.registers_max, other.forbidden.len()), (125, 1));
    // 263 bytes of eleven bits at 1200 baud are 2411 ms: each silence costs those, the timeout and as long for a late answer.
    let silence_ms = 2 * (500 + 500 + 2_411);
    assert_eq!(source.silence_ms(), silence_ms);
    let tag = source.items[0].tag.at();
    assert_eq!(configuration.site.tags[tag].stale_after_ms, Some(3 * 1_000 + 2 * silence_ms));
}

#[test]
fn a_device_that_dials_in() {
    const ADDRESS: &str = "address = \"127.0.0.1:5020\"";
    let listen = "listen = \"0.0.0.0:5021\"\nallow = [\"10.0.0.0/8\"]\nregistration = \"DTU-1\"\nframing = \"rtu\"";
    let (_, source) = modbus(&[("gateway.toml", ADDRESS, listen)]);
    let ModbusLink::Listen { address, allow, registration, framing } = &source.link else { panic!("it listens") };
    assert_eq!((address.to_string().as_str(), *framing), ("0.0.0.0:5021", ModbusFraming::Rtu));
    assert!(allow.len() == 1 && allow[0].contains("10.1.2.3".parse().unwrap()), "{allow:?}");
    assert_eq!(registration.as_deref(), Some("DTU-1"));
}

#[test]
fn a_modbus_text_is_the_number_that_it_means() {
    let (_, source) = modbus(&[
        ("tags.csv", "管控措施", "管控措施,文本对照"),
        ("tags.csv", "M-1101-1,", "M-1101-1,,"),
        ("tags.csv", "M-1101-2,", "M-1101-2,,"),
        ("tags.csv", "M-2101-1,", "M-2101-1,RUN=1; STOP=0,"),
        ("tags.csv", "f32,CDAB", "STRING(9),BA"),
    ]);
    let item = &source.items[0];
    assert_eq!((item.data, item.data.registers(), item.order), (ModbusData::Text(9), 5, ByteOrder::Badc));
    let number = |text| item.texts.as_ref().and_then(|texts| texts.number(text));
    assert_eq!([number("RUN"), number("STOP"), number("run")], [Some(1.0), Some(0.0), None]);
}

#[test]
fn a_modbus_tag_has_an_interval_a_bit_and_raw_ends_of_its_own() {
    let with_columns = |cells: &str, edits: &[(&str, &str, &str)]| {
        let row = format!("M-2101-1,{cells},");
        let columns = [
            ("tags.csv", "管控措施", "管控措施,原始下限,原始上限,采集周期"),
            ("tags.csv", "M-1101-1,", "M-1101-1,,,,"),
            ("tags.csv", "M-1101-2,", "M-1101-2,,,,"),
            ("tags.csv", "M-2101-1,", row.as_str()),
        ];
        modbus(&[&columns[..], edits].concat())
    };
    let (configuration, source) = with_columns(",,10s", &[("tags.csv", "0s,5s,critical,10s", "0s,10s,critical,")]);
    let item = &source.items[0];
    assert_eq!((item.poll_ms, source.poll_interval_ms), (10_000, 1_000));
    assert_eq!(configuration.site.tags[item.tag.at()].stale_after_ms, Some(3 * 10_000 + 2 * 1_000), "its own interval");

    let (_, source) = with_columns("6400,32000,", &[("tags.csv", "f32,CDAB", "u16,")]);
    let value = |raw: f64| raw * source.items[0].scale + source.items[0].offset;
    let near = |value: f64, expected: f64| assert!((value - expected).abs() < 1e-9, "{value} {expected}");
    near(value(6_400.0), 0.0);
    near(value(32_000.0), 100.0);
    near(value(0.9 * 6_400.0), -2.5);

    let (_, source) = with_columns(",,", &[("tags.csv", "1/holding/100,f32,CDAB", "1/holding#101.7,,")]);
    assert_eq!((source.items[0].address, source.items[0].data), (100, ModbusData::Bit(7)));
}

#[test]
fn an_opcua_source_with_everything() {
    let source = |more: &str, deadbands: [&str; 2]| {
        let cells = deadbands.map(|deadband| format!("high,,{deadband},"));
        let configuration = with(&[
            ("gateway.toml", "security = \"none\"", &format!("security = \"none\"\n{more}")),
            ("tags.csv", "质量报警优先级,", "上报死区,"),
            ("tags.csv", "ns=2;s=LI-1101", "nsu=http://vendor.cn/plant;s=LI-1101"),
            ("tags.csv", "high,,medium,停止", &format!("{}停止", cells[0])),
            ("tags.csv", "high,,medium,启动", &format!("{}启动", cells[1])),
            ("tags.csv", "critical,10s,high,", "critical,10s,,"),
        ]);
        let SourceConfig::OpcUa(opcua) = &configuration.sources[0] else { panic!("{:?}", configuration.sources[0]) };
        (opcua.clone(), configuration.site.tags[0].stale_after_ms)
    };
    let list = "backup = [\"opc.tcp://b:4841/\"]\nservice_level_min = 100\nhistory = true";
    let (opcua, stale_after_ms) = source(list, ["0.5", "2 %"]);
    assert_eq!((opcua.backup.as_slice(), opcua.service_level_min), (&["opc.tcp://b:4841/".to_owned()][..], 100));
    assert_eq!((opcua.mode, opcua.history, stale_after_ms), (OpcUaMode::Subscribe, true, None));
    assert_eq!(opcua.items[0].node, "nsu=http://vendor.cn/plant;s=LI-1101");
    let deadbands: Vec<_> = opcua.items.iter().map(|item| item.deadband).collect();
    assert_eq!(deadbands, [Some(OpcUaDeadband::Absolute(0.5)), Some(OpcUaDeadband::Percent(2.0))]);
    let (opcua, stale_after_ms) = source("mode = \"poll\"\npoll_interval = \"2s\"", ["", ""]);
    assert_eq!(opcua.mode, OpcUaMode::Poll { interval_ms: 2_000 });
    assert_eq!(stale_after_ms, Some(14_000), "three polls and two answers");
}

#[test]
fn an_alarm_of_a_dcs_is_a_tag_of_two_states() {
    let rule = "[[rule.state]]\nid = \"a\"\nname = \"DCS高高报警\"\ntag = \"TI-1101\"\nis = 1\nstates = { 0 = \"正常\", 1 = \"报警\" }\n[[rule.sos]]";
    let address = "alarm(nsu=http://vendor.cn/plant;s=TI(1101))/温度 高高";
    let row = "ns=2;s=TI-1101,,,℃,0,100,M-1101-2,,,40,50,1,0s,0s,high,,medium,";
    let edits = [
        ("tags.csv", row, &*format!("{address},,,,,,M-1101-2,,,,,,,,,,medium,")),
        ("rules.toml", "[[rule.sos]]", rule),
    ];
    let configuration = with(&edits);
    let SourceConfig::OpcUa(opcua) = &configuration.sources[0] else { panic!("{:?}", configuration.sources[0]) };
    let conditions: Vec<_> = opcua.items.iter().map(|item| davy_config::opcua_condition(&item.node)).collect();
    assert_eq!(conditions, [None, Some(("nsu=http://vendor.cn/plant;s=TI(1101)", "温度 高高"))]);
    assert!(configuration.site.rules.iter().any(|rule| rule.id.as_str() == "a"));
}

#[test]
fn deadbands() {
    let clears = |deadband: &str, limits: &str| {
        let site = with(&[("tags.csv", ",,,40,50,1,0s,0s", &format!(",,{limits},{deadband},0s,0s"))]).site;
        let limits = site.rules.iter().filter(|rule| rule.id.as_str().starts_with("TI-1101."));
        let clear = |rule: &Rule| if let RuleKind::Limit { limit, .. } = &rule.kind { Some(limit.clear) } else { None };
        limits.filter_map(clear).collect::<Vec<f64>>()
    };
    assert_eq!(clears("0", ",40,50"), [50.0, 40.0], "no deadband clears strictly inside");
    assert_eq!(clears("", ",40,50"), [49.0, 39.0], "1 % of the range");
    assert_eq!(clears("", ",40,41"), [40.5, 39.5], "and no more than half the way to the next limit");
    assert_eq!(clears("0.1", ",40.4,50.3"), [50.2, 40.3], "without the dust of binary fractions");
}

#[test]
fn the_version_follows_every_byte() {
    let version = |configuration: Configuration| configuration.site.gateway.config_version;
    let (one, other) = (version(read(&files())), version(with(&[("rules.toml", "0.6", "0.7")])));
    assert_eq!(one.len(), 12);
    assert_eq!(one, version(read(&files())));
    assert_ne!(one, other);
}
