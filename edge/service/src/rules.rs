//! `davy rules`: the master alarm table of a configuration, as the page shows it.

use crate::{
    cli::{Rules, TableFormat},
    output,
};
use davy_core::table::{FieldValue, TableRow};
use std::process::ExitCode;

/// Prints the table.
pub(crate) fn command(args: &Rules) -> anyhow::Result<ExitCode> {
    let checked = davy_config::read_dir(&args.config)?;
    let rows: Vec<TableRow> = davy_core::table::table(&checked.configuration.site).collect();
    match args.format {
        TableFormat::Csv => output::text(davy_api::table_csv(rows.into_iter())),
        TableFormat::Json => output::line(serde_json::to_string_pretty(&rows)?),
        TableFormat::Text => output::text(text(&rows)),
    }
    Ok(ExitCode::SUCCESS)
}

/// By unit, in the order in which units first have a rule; what belongs to none comes last.
fn text(rows: &[TableRow]) -> String {
    let mut text = String::new();
    let mut units: Vec<Option<&str>> = Vec::new();
    for row in rows.iter().filter(|row| row.unit_name.is_some()) {
        if !units.contains(&row.unit_name.as_deref()) {
            units.push(row.unit_name.as_deref());
        }
    }
    for unit in units.into_iter().chain([None]) {
        let of_unit: Vec<&TableRow> = rows.iter().filter(|row| row.unit_name.as_deref() == unit).collect();
        if of_unit.is_empty() {
            continue;
        }
        text.push_str(&format!("{}: {}\n", unit.unwrap_or("no unit"), output::count(of_unit.len(), "rule")));
        of_unit.into_iter().for_each(|row| text.extend(["  ", &words(row), "\n"]));
    }
    text
}

/// `LI-1101.HH 1101罐液位高高报警 [high] limit_hh of LI-1101 (% 0 to 100): limit 90, clear 88; on 2s, off 2s; …`
fn words(row: &TableRow) -> String {
    let rule = &row.rule;
    let mut text = format!("{} {} [{}] {}", rule.rule, rule.name, rule.priority.word(), rule.rule_kind);
    if !rule.tags.is_empty() {
        let tags: Vec<&str> = rule.tags.iter().map(davy_core::id::TagId::as_str).collect();
        let range = rule.range.map(|(low, high)| format!(" {low} to {high}")).unwrap_or_default();
        text.push_str(&format!(" of {} ({}{range})", tags.join(", "), rule.engineering_unit));
    }
    let parameters = rule.parameters.iter().map(|parameter| format!("{} {}", parameter.name, value(&parameter.value)));
    let parameters: Vec<String> = parameters.collect();
    if !parameters.is_empty() {
        text.push_str(&format!(": {}", parameters.join(", ")));
    }
    text.push_str(&format!("; on {} ms, off {} ms", rule.on_delay_ms, rule.off_delay_ms));
    text.push_str(if rule.latched { "; latched" } else { "" });
    text.push_str(if rule.never_hidden { "; never hidden" } else { "" });
    if !rule.guidance.is_empty() {
        text.push_str(&format!("; {}", rule.guidance));
    }
    text
}

fn value(value: &FieldValue) -> String {
    match value {
        FieldValue::Flag(flag) => flag.to_string(),
        FieldValue::Count(count) => count.to_string(),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Text(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_template_reads_by_unit_with_every_rule_once() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/template");
        let site = davy_config::read_dir(&folder).expect("the template is good").configuration.site;
        let text = text(&davy_core::table::table(&site).collect::<Vec<_>>());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("甲醇储罐单元: "), "{}", lines[0]);
        assert_eq!(lines.iter().filter(|line| line.starts_with("  ")).count(), site.rules.len());
        let of =
            |id: &str| lines.iter().find(|line| line.starts_with(&format!("  {id} "))).copied().unwrap_or_default();
        let limit = of("LI-1101.HH");
        assert!(limit.contains("limit_hh of LI-1101 (% 0 to 100): limit 90, clear "), "{limit}");
        assert!(of("system-flood").contains("begins 10, ends_below 5, window_ms 600000"), "{}", of("system-flood"));
    }
}
