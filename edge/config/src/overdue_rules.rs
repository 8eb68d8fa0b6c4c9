//! `[[rule.inspection_overdue]]`: an alarm while inspections of a unit or a role are overdue (domain rule 31).

use crate::{
    defaults,
    documents::Section,
    index::Index,
    rulebook::{Rulebook, rule},
    rules::{Watched, first_given},
    text::Text,
    words,
};
use davy_core::model::{OverdueRule, Rule, RuleKind};

pub(crate) const KIND: &str = "inspection_overdue";
const KEYS: [&str; 8] = ["id", "name", "unit", "role", "threatens", "on_delay", "priority", "guidance"];

/// Reads the rules.
pub(crate) fn read<'a>(rules: &Section<'a>, watched: &Watched<'_, 'a>, ids: &mut Index<'a>, book: &mut Rulebook<'a>) {
    for section in rules.sections(KIND) {
        let read = overdue(&section, watched);
        if let Some(id) = section.needed_text("id", "overdue-operation") {
            ids.add(id, section.at());
            book.add(id, Rule { id: id.code().unwrap_or_default().into(), ..read });
        }
    }
}

fn overdue(section: &Section<'_>, watched: &Watched<'_, '_>) -> Rule {
    section.knows(&KEYS);
    let name = section.needed_text("name", "操作负责人排查任务逾期").and_then(Text::name).unwrap_or_default();
    let unit = section.text("unit").and_then(Text::needed).and_then(|text| watched.risk.unit(text));
    let role = section.text("role").and_then(|text| text.one_of(words::WORK_TYPES));
    let threatens = section.text("threatens").and_then(Text::needed).and_then(|text| watched.risk.event(text));
    let guidance = section.text("guidance").map(Text::words).unwrap_or_default();
    let inherited = watched.risk.guidance(None, threatens, unit);
    let kind = RuleKind::InspectionOverdue(OverdueRule { unit, role });
    Rule {
        unit: unit.or_else(|| threatens.and_then(|event| watched.risk.unit_of(event))),
        threatens,
        on_delay_ms: section.duration("on_delay", crate::durations::ANY, 0),
        guidance: first_given([first_given([guidance, inherited]).as_str(), OVERDUE]).into(),
        ..rule(
            String::new(),
            name.to_owned(),
            section.one_of("priority", words::PRIORITIES, defaults::OVERDUE_PRIORITY),
            kind,
        )
    }
}

const OVERDUE: &str = "督促责任人完成排查；不能完成的说明原因";
