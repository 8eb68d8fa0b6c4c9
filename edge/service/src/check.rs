//! `davy check`: everything that is wrong or odd with a configuration.

use crate::{
    cli::{Check, Format},
    output, tls,
};
use davy_config::Finding;
use serde_json::{Value, json};
use std::process::ExitCode;

/// Prints the findings; 0 when the configuration may be run, 2 when not.
pub(crate) fn command(args: &Check) -> anyhow::Result<ExitCode> {
    let (errors, coverage, summary) = match tls::read_dir(&args.config) {
        Ok(checked) => {
            let site = &checked.configuration.site;
            let summary = format!(
                "{}, {}, {}, {}; version {}",
                output::count(site.sources.len(), "source"),
                output::count(site.tags.len(), "tag"),
                output::count(site.measures.len(), "measure"),
                output::count(site.rules.len(), "rule"),
                site.gateway.config_version
            );
            (Vec::new(), checked.coverage, summary)
        }
        Err(errors) => (errors.0, Vec::new(), String::new()),
    };
    match args.format {
        Format::Json => output::line(json!({"errors": rows(&errors), "coverage": rows(&coverage)})),
        Format::Text => print(&errors, &coverage, &summary),
    }
    Ok(if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

fn print(errors: &[Finding], coverage: &[Finding], summary: &str) {
    errors.iter().for_each(output::line);
    if !errors.is_empty() {
        output::line(output::count(errors.len(), "error"));
        return;
    }
    for finding in coverage {
        output::line(format_args!("warning: {finding}"));
    }
    output::line(format_args!("good: {summary}; {}", output::count(coverage.len(), "warning")));
}

fn rows(findings: &[Finding]) -> Vec<Value> {
    let row = |finding: &Finding| json!({"file": finding.file, "line": finding.line, "column": finding.column, "message": finding.message});
    findings.iter().map(row).collect()
}
