//! The risk model of the dual-prevention mechanism: objects, units, events and control measures.

/// A risk unit 安全风险分析单元.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) object: &'static str,
    pub(crate) level: &'static str,
}

/// A risk event 安全风险事件.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) name: &'static str,
}

/// A control measure 管控措施.
#[derive(Debug)]
pub(crate) struct Measure {
    pub(crate) id: &'static str,
    pub(crate) event: &'static str,
    pub(crate) control: Control,
    pub(crate) description: &'static str,
    /// 分类1, 分类2.
    pub(crate) classes: (&'static str, &'static str),
    /// 隐患排查内容.
    pub(crate) inspection: &'static str,
    pub(crate) role: &'static str,
}

/// How a measure is controlled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// 自动化监控, watched only.
    Watched,
    /// 自动化监控, and its failure pushes an inspection.
    Pushed,
    /// The same, and its failure is also a suspected hazard.
    PushedHazard,
    /// 隐患排查 by people.
    Inspected,
}

const FARM: &str = "甲醇罐区";
const REACTION: &str = "反应装置";

const fn unit(id: &'static str, object: &'static str, name: &'static str, level: &'static str) -> Unit {
    Unit { id, name, object, level }
}

/// All units.
pub(crate) const UNITS: [Unit; 7] = [
    unit("RU-01", FARM, "甲醇储罐单元", "重大"),
    unit("RU-02", FARM, "液化烃球罐单元", "重大"),
    unit("RU-03", FARM, "苯储罐单元", "较大"),
    unit("RU-04", FARM, "装卸栈台单元", "一般"),
    unit("RU-05", REACTION, "羰基合成单元", "重大"),
    unit("RU-06", REACTION, "转化单元", "较大"),
    unit("RU-07", REACTION, "公用工程单元", "低"),
];

const fn event(id: &'static str, unit: &'static str, name: &'static str) -> Event {
    Event { id, unit, name }
}

/// All events.
pub(crate) const EVENTS: [Event; 17] = [
    event("RE-0101", "RU-01", "甲醇储罐满罐冒顶泄漏"),
    event("RE-0102", "RU-01", "甲醇储罐火灾爆炸"),
    event("RE-0201", "RU-02", "液化烃球罐超压泄漏"),
    event("RE-0202", "RU-02", "液化烃泄漏蒸气云爆炸"),
    event("RE-0301", "RU-03", "苯泄漏致人员中毒"),
    event("RE-0302", "RU-03", "苯储罐火灾爆炸"),
    event("RE-0401", "RU-04", "装卸过程物料泄漏"),
    event("RE-0402", "RU-04", "装卸静电引燃"),
    event("RE-0403", "RU-04", "消防供水能力不足致火灾扩大"),
    event("RE-0501", "RU-05", "合成釜超温超压爆炸"),
    event("RE-0502", "RU-05", "合成系统法兰、机泵密封泄漏着火"),
    event("RE-0503", "RU-05", "一氧化碳泄漏致人员中毒"),
    event("RE-0601", "RU-06", "转化釜超温超压爆炸"),
    event("RE-0602", "RU-06", "转化系统可燃有毒气体泄漏"),
    event("RE-0701", "RU-07", "循环水中断致反应失控"),
    event("RE-0702", "RU-07", "仪表风、氮气中断致装置失稳"),
    event("RE-0703", "RU-07", "一氧化碳压缩机损坏泄漏"),
];

const fn measure(
    id: &'static str,
    event: &'static str,
    control: Control,
    classes: (&'static str, &'static str),
    role: &'static str,
    description: &'static str,
    inspection: &'static str,
) -> Measure {
    Measure { id, event, control, description, classes, inspection, role }
}

const PROCESS: (&str, &str) = ("1", "1-1");
const EQUIPMENT: (&str, &str) = ("1", "1-2");
const SAFETY_DEVICE: (&str, &str) = ("1", "1-3");
const INSTRUMENTED: (&str, &str) = ("1", "1-4");
const ROTATING: (&str, &str) = ("2", "2-1");
const STATIC: (&str, &str) = ("2", "2-2");
const RECORDS: (&str, &str) = ("3", "3-2");
const PROTECTION: (&str, &str) = ("4", "4-2");
const FIRE: (&str, &str) = ("4", "4-3");
const DRILLS: (&str, &str) = ("4", "4-4");

use Control::{Inspected, Pushed, PushedHazard, Watched};

/// All measures.
#[rustfmt::skip]
pub(crate) const MEASURES: [Measure; 42] = [
    measure("CM-010101", "RE-0101", PushedHazard, INSTRUMENTED, "操作", "甲醇储罐设液位高、高高报警，高高液位联锁切断进料",
        "现场核对雷达与伺服液位计读数；确认进料切断阀关到位且无内漏；检查罐顶呼吸阀、量油孔无溢液；核对倒罐流程"),
    measure("CM-010102", "RE-0101", Inspected, RECORDS, "日常", "收付料作业双人确认流程并每小时核对液位",
        "检查收付料作业票、流程确认签字和液位核对记录"),
    measure("CM-010103", "RE-0101", Inspected, STATIC, "技术", "防火堤完好且雨水阀常闭",
        "检查防火堤无孔洞、雨水切断阀关闭并上锁"),
    measure("CM-010201", "RE-0102", PushedHazard, INSTRUMENTED, "操作", "甲醇罐组设可燃气体检测报警",
        "佩戴便携式检测仪复测报警点；检查储罐阀组、法兰和采样口泄漏；确认周边无动火和车辆"),
    measure("CM-010202", "RE-0102", Pushed, PROCESS, "操作", "储罐氮封压力自动控制，维持微正压",
        "检查氮封阀前后压力、引压管；检查呼吸阀、阻火器是否堵塞或卡涩"),
    measure("CM-010203", "RE-0102", Inspected, SAFETY_DEVICE, "技术", "呼吸阀、阻火器定期检查清洗",
        "抽查呼吸阀、阻火器检查清洗记录及现场铭牌有效期"),
    measure("CM-020101", "RE-0201", PushedHazard, INSTRUMENTED, "操作", "球罐设压力高、高高报警，超压自动喷淋",
        "核对现场压力表；检查安全阀根部阀全开并铅封；确认喷淋阀动作和水量"),
    measure("CM-020102", "RE-0201", Pushed, PROCESS, "操作", "球罐设液位高、高高报警，控制充装系数",
        "核对两套液位计；确认进料紧急切断阀状态；核算充装量不超过允许值"),
    measure("CM-020103", "RE-0201", Inspected, SAFETY_DEVICE, "技术", "安全阀定期校验，根部阀全开铅封",
        "检查安全阀校验标牌有效期、根部阀全开并铅封完好"),
    measure("CM-020201", "RE-0202", PushedHazard, INSTRUMENTED, "操作", "球罐区设可燃气体检测报警",
        "携带便携式检测仪由上风向接近复测；检查球罐底部阀组、注水口和脱水口泄漏"),
    measure("CM-020202", "RE-0202", Inspected, FIRE, "操作", "球罐注水、喷淋设施完好备用",
        "检查注水泵、注水线盲板状态及喷淋试验记录"),
    measure("CM-030101", "RE-0301", PushedHazard, INSTRUMENTED, "操作", "苯罐组设有毒气体（苯）检测报警",
        "佩戴防毒面具复测报警点；检查阀门填料、采样器和机泵密封泄漏；确认无人滞留"),
    measure("CM-030102", "RE-0301", Inspected, PROTECTION, "日常", "作业人员配备防毒面具和空气呼吸器",
        "检查气防柜器材数量、气瓶压力和检查卡"),
    measure("CM-030201", "RE-0302", Pushed, INSTRUMENTED, "操作", "苯储罐设液位高、高高报警及联锁",
        "核对两套液位计；确认进料切断阀状态；检查内浮盘无卡阻"),
    measure("CM-030202", "RE-0302", Watched, PROCESS, "操作", "苯储罐氮封压力自动控制",
        ""),
    measure("CM-030203", "RE-0302", Pushed, INSTRUMENTED, "操作", "苯罐组设可燃气体检测报警",
        "复测报警点；检查罐组阀门、法兰泄漏；确认周边无点火源"),
    measure("CM-030204", "RE-0302", Inspected, FIRE, "日常", "泡沫灭火系统完好",
        "检查泡沫液液位、比例混合器及泡沫栓"),
    measure("CM-040101", "RE-0401", Pushed, INSTRUMENTED, "操作", "装卸栈台设可燃气体检测报警",
        "停止该鹤位作业；复测报警点；检查鹤管密封、快速接头和车辆阀门"),
    measure("CM-040102", "RE-0403", Pushed, FIRE, "操作", "消防水管网稳压，压力低自动启泵",
        "检查稳压泵、电动消防泵和柴油消防泵自动位；检查管网泄漏和阀门状态"),
    measure("CM-040103", "RE-0401", Inspected, RECORDS, "日常", "装卸车前安全检查确认",
        "抽查装卸车安全检查表与押运员、驾驶员证件"),
    measure("CM-040201", "RE-0402", PushedHazard, EQUIPMENT, "操作", "鹤位静电接地电阻在线监测，超限禁止装车",
        "检查接地夹、接地线和断路检测装置；用接地电阻仪复测"),
    measure("CM-040202", "RE-0402", Inspected, RECORDS, "操作", "控制装车初流速并静置后计量",
        "检查初流速设定和静置时间执行记录"),
    measure("CM-050101", "RE-0501", PushedHazard, INSTRUMENTED, "技术", "合成釜温度多点监控，高报警、高高联锁停车，冷却水流量低低联锁",
        "核对三点温度及热电偶回路；检查冷却水调节阀、外循环泵；确认联锁未旁路"),
    measure("CM-050102", "RE-0501", PushedHazard, PROCESS, "技术", "合成釜压力、液位、尾气氧含量自动监控",
        "检查尾气调节阀、压力变送器根部阀；确认紧急泄放系统备用"),
    measure("CM-050103", "RE-0501", Pushed, ROTATING, "操作", "搅拌转速监控，停搅拌联锁切断进料",
        "检查搅拌电机、减速机、机封和变频器报警记录"),
    measure("CM-050104", "RE-0501", Inspected, INSTRUMENTED, "技术", "安全联锁投用率100%，旁路审批管理",
        "检查联锁旁路台账、审批单和恢复确认记录"),
    measure("CM-050105", "RE-0501", Inspected, SAFETY_DEVICE, "技术", "爆破片、安全阀完好在校验期内",
        "检查爆破片更换记录、安全阀校验标牌"),
    measure("CM-050201", "RE-0502", PushedHazard, INSTRUMENTED, "操作", "合成框架设可燃气体检测报警",
        "佩戴空气呼吸器两人同行复测；检查R-2101人孔、法兰、机泵密封；确认无动火作业"),
    measure("CM-050203", "RE-0503", PushedHazard, INSTRUMENTED, "操作", "合成框架设一氧化碳检测报警",
        "佩戴空气呼吸器复测；检查一氧化碳管线法兰、阀门填料；清点现场人员"),
    measure("CM-050301", "RE-0503", Inspected, PROTECTION, "日常", "进入框架佩戴便携式一氧化碳报警仪",
        "抽查人员佩戴情况与报警仪标定记录"),
    measure("CM-050302", "RE-0503", Inspected, DRILLS, "主要", "中毒窒息应急预案演练每半年一次",
        "检查演练记录、评估报告和改进项关闭情况"),
    measure("CM-060101", "RE-0601", PushedHazard, INSTRUMENTED, "技术", "转化釜温度多点监控，高高联锁停车，冷却水流量低低联锁",
        "核对三点温度；检查冷却水系统；确认联锁未旁路"),
    measure("CM-060102", "RE-0601", Pushed, PROCESS, "技术", "转化釜压力、液位、尾气氧含量自动监控",
        "检查压力、液位变送器及尾气调节阀"),
    measure("CM-060103", "RE-0601", Pushed, ROTATING, "操作", "转化釜搅拌转速监控",
        "检查搅拌电机、减速机和机封"),
    measure("CM-060201", "RE-0602", PushedHazard, INSTRUMENTED, "操作", "转化框架设可燃气体检测报警",
        "佩戴空气呼吸器复测；检查R-2201法兰、机泵密封泄漏"),
    measure("CM-060202", "RE-0602", PushedHazard, INSTRUMENTED, "操作", "转化框架设一氧化碳检测报警",
        "佩戴空气呼吸器复测；检查一氧化碳管线泄漏；清点现场人员"),
    measure("CM-070101", "RE-0701", Pushed, PROCESS, "操作", "循环水总管压力监控，压力低自动启备用泵",
        "检查循环水泵运行状态、备用泵自启开关和水池液位"),
    measure("CM-070102", "RE-0701", Inspected, ROTATING, "日常", "备用循环水泵每周试运",
        "检查备用泵试运记录、盘车标记"),
    measure("CM-070201", "RE-0702", Pushed, PROCESS, "操作", "仪表风总管压力监控，压力低自动启备用空压机",
        "检查空压机、干燥器和仪表风储罐；确认备用机自启"),
    measure("CM-070202", "RE-0702", Watched, PROCESS, "操作", "氮气压力与氧含量在线监控",
        ""),
    measure("CM-070203", "RE-0702", Inspected, STATIC, "技术", "仪表风、氮气储罐定期检验",
        "检查储罐检验报告、安全阀及压力表有效期"),
    measure("CM-070204", "RE-0703", Pushed, ROTATING, "技术", "一氧化碳压缩机轴振动在线监测",
        "核对现场振动；检查润滑油温度压力、联轴器和地脚螺栓"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::description::{points, site};
    use std::collections::BTreeSet;

    fn unit_of_event(id: &str) -> &'static str {
        EVENTS.iter().find(|event| event.id == id).unwrap_or_else(|| panic!("event {id}")).unit
    }

    #[test]
    fn the_model_hangs_together() {
        assert!(UNITS.len() >= 6 && EVENTS.len() >= 10);
        for event in &EVENTS {
            assert!(UNITS.iter().any(|unit| unit.id == event.unit), "{event:?}");
            assert!(MEASURES.iter().any(|measure| measure.event == event.id), "{event:?} has a measure");
        }
        for zone in &site::ZONES {
            let Some((unit, event)) = zone.threatens else { continue };
            assert_eq!(unit_of_event(event), unit, "{zone:?}");
        }
        for camera in &site::CAMERAS {
            assert!(site::ZONES.iter().any(|zone| zone.id == camera.zone), "{camera:?}");
        }
    }

    #[test]
    fn each_measure_is_unique_and_pushes_only_with_content() {
        let mut ids = BTreeSet::new();
        for measure in &MEASURES {
            assert!(ids.insert(measure.id), "{measure:?} twice");
            unit_of_event(measure.event);
            assert_eq!(measure.inspection.is_empty(), measure.control == Watched, "{measure:?}");
        }
        assert!(ids.len() >= 24);
    }

    #[test]
    fn automatic_measures_and_tags_find_each_other() {
        let bound: BTreeSet<&str> =
            points().iter().filter_map(|point| point.watch.as_ref()).map(|watch| watch.measure).collect();
        for measure in &MEASURES {
            assert_eq!(bound.contains(measure.id), measure.control != Inspected, "{measure:?}");
        }
        assert!(bound.iter().all(|id| MEASURES.iter().any(|measure| measure.id == *id)));
    }

    #[test]
    fn a_tag_lies_in_the_unit_that_its_measure_protects() {
        for point in points() {
            assert!(UNITS.iter().any(|unit| unit.id == point.unit), "{}", point.tag);
            let Some(watch) = &point.watch else { continue };
            let measure = MEASURES.iter().find(|measure| measure.id == watch.measure).unwrap();
            assert_eq!(unit_of_event(measure.event), point.unit, "{}", point.tag);
        }
    }
}
