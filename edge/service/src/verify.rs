//! `davy verify`: whether the journal is whole.

use crate::{
    cli::{Format, Verify},
    output,
};
use davy_store::{Places, Verdict};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Prints the verdict; 0 when the journal is whole, 1 when not.
pub(crate) fn command(args: &Verify) -> anyhow::Result<ExitCode> {
    let verdict = davy_store::verify(&args.data)?;
    let history_is_whole = verdict.changes_missing.count == 0 && verdict.changes_extra.count == 0;
    let whole = verdict.broken_at.is_none() && verdict.gaps.is_empty() && history_is_whole;
    match args.format {
        Format::Json => output::line(json!({
            "whole": whole, "rows": verdict.rows, "head": verdict.head, "made_room": verdict.made_room, "epoch": verdict.epoch,
            "broken_at": verdict.broken_at, "gaps": verdict.gaps, "cursors": verdict.cursors,
            "changes_missing": places(verdict.changes_missing), "changes_extra": places(verdict.changes_extra),
        })),
        Format::Text => print(&verdict, whole),
    }
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn places(Places { count, first, last }: Places) -> Value {
    json!({ "count": count, "first": first, "last": last })
}

fn print(verdict: &Verdict, whole: bool) {
    output::line(format_args!(
        "epoch {}, {}, newest {}",
        verdict.epoch,
        output::count(verdict.rows as usize, "row"),
        verdict.head
    ));
    if verdict.made_room > 0 {
        output::line(format_args!("{} before them have made room", output::count(verdict.made_room as usize, "row")));
    }
    for (name, cursor) in &verdict.cursors {
        output::line(format_args!("cursor {name}: {cursor}"));
    }
    if let Some(row) = verdict.broken_at {
        output::line(format_args!(
            "the hash chain breaks at row {row}: it or the row before it was changed after it was written"
        ));
    }
    for (from, to) in &verdict.gaps {
        output::line(format_args!("rows {from} to {to} are missing"));
    }
    if let Places { count, first: Some(first), last: Some(last) } = verdict.changes_missing {
        output::line(format_args!(
            "the alarm table's history lacks {} of the journal, or has them under another rule: from {first} to {last}",
            output::count(count as usize, "row")
        ));
    }
    if let Places { count, first: Some(first), last: Some(last) } = verdict.changes_extra {
        output::line(format_args!(
            "the alarm table's history has {} that the journal does not have so: from {first} to {last}",
            output::count(count as usize, "row")
        ));
    }
    output::line(if whole { "the journal is whole" } else { "the journal is NOT whole" });
}
