//! `risk/`: units, events and measures.

use super::sheet::sheet;
use crate::description::risk::{Control, EVENTS, Event, MEASURES, Measure, UNITS, Unit};

/// The units.
pub(super) fn units() -> String {
    let row = |unit: &Unit| [unit.id, unit.name, unit.object, unit.level].map(str::to_owned);
    sheet(["编号", "风险分析单元名称", "风险分析对象", "风险等级"], UNITS.iter().map(row))
}

/// The events.
pub(super) fn events() -> String {
    let row = |event: &Event| [event.id, event.unit, event.name].map(str::to_owned);
    sheet(["编号", "风险分析单元", "风险事件名称"], EVENTS.iter().map(row))
}

/// The measures, with their classes and what is to be inspected.
pub(super) fn measures() -> String {
    let header = [
        "编号",
        "风险事件",
        "管控方式",
        "管控措施描述",
        "分类1",
        "分类2",
        "隐患排查内容",
        "推送排查任务",
        "责任角色",
        "失效即疑似隐患",
    ];
    sheet(header, MEASURES.iter().map(measure))
}

fn measure(measure: &Measure) -> [String; 10] {
    let yes = |yes: bool| if yes { "是" } else { "否" };
    let pushed = matches!(measure.control, Control::Pushed | Control::PushedHazard);
    [
        measure.id,
        measure.event,
        if measure.control == Control::Inspected { "隐患排查" } else { "自动化监控" },
        measure.description,
        measure.classes.0,
        measure.classes.1,
        measure.inspection,
        yes(pushed),
        measure.role,
        yes(measure.control == Control::PushedHazard),
    ]
    .map(str::to_owned)
}
