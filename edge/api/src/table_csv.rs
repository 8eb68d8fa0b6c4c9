//! The master alarm table as a file for spreadsheet programs: CSV (RFC 4180) with Chinese headers, and a byte order mark by
//! which those programs know that it is UTF-8.

use davy_core::{
    model::Priority,
    table::{FieldValue, Parameter, RuleRow, TableRow},
    words::Words,
};

const HEADERS: [&str; 22] = [
    "规则编号",
    "报警名称",
    "规则类型",
    "风险分析对象",
    "风险分析单元",
    "风险事件",
    "管控措施",
    "位号",
    "工程单位",
    "量程下限",
    "量程上限",
    "报警限值",
    "恢复值",
    "其他参数",
    "优先级",
    "报警延时(秒)",
    "恢复延时(秒)",
    "锁定",
    "不得搁置抑制",
    "抑制条件",
    "处置措施",
    "默认值依据",
];

/// The whole table.
#[must_use]
pub fn table_csv(rows: impl Iterator<Item = TableRow>) -> String {
    let mut text = "\u{feff}".to_owned();
    put(&mut text, HEADERS.map(str::to_owned));
    rows.for_each(|row| put(&mut text, cells(&row)));
    text
}

fn cells(row: &TableRow) -> [String; 22] {
    let named = |name: &Option<Words>| name.as_deref().unwrap_or_default().to_owned();
    let rule = &row.rule;
    let (low, high) = rule.range.map(|(low, high)| (low.to_string(), high.to_string())).unwrap_or_default();
    [
        rule.rule.to_string(),
        rule.name.to_string(),
        rule.rule_kind.clone(),
        row.object_name.clone().unwrap_or_default(),
        named(&row.unit_name),
        named(&row.risk_event_name),
        named(&row.measure_description),
        listed(&rule.tags),
        rule.engineering_unit.to_string(),
        low,
        high,
        parameter(rule, "limit"),
        parameter(rule, "clear"),
        others(rule),
        priority(rule.priority).to_owned(),
        seconds(rule.on_delay_ms),
        seconds(rule.off_delay_ms),
        yes(rule.latched).to_owned(),
        yes(rule.never_hidden).to_owned(),
        listed(&rule.suppressed_by),
        rule.guidance.to_string(),
        if row.basis.is_empty() { "工程经验值".to_owned() } else { row.basis.clone() },
    ]
}

fn parameter(rule: &RuleRow, name: &str) -> String {
    let found = rule.parameters.iter().find(|parameter| parameter.name == name);
    found.map(|parameter| value(&parameter.value)).unwrap_or_default()
}

/// Every parameter that has no column of its own, `window_ms=60000`.
fn others(rule: &RuleRow) -> String {
    let others = rule.parameters.iter().filter(|parameter| !["limit", "clear"].contains(&parameter.name.as_str()));
    let words: Vec<String> = others.map(|Parameter { name, value: of }| format!("{name}={}", value(of))).collect();
    words.join("; ")
}

fn value(value: &FieldValue) -> String {
    match value {
        FieldValue::Flag(flag) => yes(*flag).to_owned(),
        FieldValue::Count(count) => count.to_string(),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Text(text) => text.clone(),
    }
}

fn listed(ids: &[impl ToString]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn seconds(ms: u64) -> String {
    let (whole, rest) = (ms / 1_000, ms % 1_000);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:03}").trim_end_matches('0').to_owned() }
}

fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "低",
        Priority::Medium => "中",
        Priority::High => "高",
        Priority::Critical => "紧急",
    }
}

fn yes(flag: bool) -> &'static str {
    if flag { "是" } else { "否" }
}

fn put(text: &mut String, cells: [String; 22]) {
    let cells = cells.map(|cell| quoted(&cell));
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}

/// What begins a formula, also in full width, and what is skipped before one.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];

/// A cell in quotes where it needs them. One that a spreadsheet program would take for a formula gets an apostrophe before
/// it, by which it stays the text that it is; a number is none.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(FORMULA) && cell.parse::<f64>().is_err();
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_are_never_formulas() {
        for (cell, expected) in [
            ("停泵", "停泵"),
            ("停泵, 撤离", "\"停泵, 撤离\""),
            ("\"高\"", "\"\"\"高\"\"\""),
            ("一\n二", "\"一\n二\""),
            ("=1+1", "'=1+1"),
            ("@cmd", "'@cmd"),
            ("＝1+1", "'＝1+1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠cmd", "'＠cmd"),
            ("\t=1+1", "'\t=1+1"),
            ("\r=1+1", "\"'\r=1+1\""),
            ("-2.5", "-2.5"),
        ] {
            assert_eq!(quoted(cell), expected);
        }
    }

    #[test]
    fn delays_are_written_in_seconds() {
        for (ms, expected) in [(0, "0"), (2_000, "2"), (1_500, "1.5"), (250, "0.25")] {
            assert_eq!(seconds(ms), expected);
        }
    }
}
