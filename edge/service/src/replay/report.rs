//! The comparison in words and as JSON.

use super::{
    Result,
    compare::{Change, Differs},
    journaled::Exactness,
};
use crate::output;
use davy_core::{model::Site, time::UtcTime};
use davy_store::recording::Run;
use serde_json::{Value, json};

/// Times named for one rule; all of them are in the JSON.
const TIMES_SHOWN: usize = 3;

/// What there is, for whoever asked for something else.
pub(super) fn extent(runs: &[Run]) -> String {
    match (runs.first(), runs.last()) {
        (Some(first), Some(last)) => format!("goes from {} to {}", first.beginning.now.utc, last.until),
        _ => "is empty".to_owned(),
    }
}

pub(super) fn note(run: &Run, why: &str) {
    tracing::warn!("the run of {} is left out: {why}", run.beginning.now.utc);
}

pub(super) fn progress(run: &Run) {
    tracing::info!(events = run.events, "playing the run of {} to {}", run.beginning.now.utc, run.until);
}

pub(super) fn print(results: &[Result], site: &Site) {
    for result in results {
        let beginning = &result.run.beginning;
        output::line(format_args!("run {} to {}", result.from, result.until));
        output::line(format_args!(
            "  recorded under configuration {}, replayed under {}; {}",
            beginning.config_version,
            site.gateway.config_version,
            output::count(result.events as usize, "event")
        ));
        output::line(format_args!("  {}", exactness(&result.exactness)));
        print_rates(result);
        print_changes("alarms", &result.alarms);
        print_changes("warnings", &result.warnings);
        if result.commands_without_object > 0 {
            output::line(format_args!(
                "  {} had nothing to act on under the other configuration",
                output::count(result.commands_without_object as usize, "command")
            ));
        }
    }
}

fn exactness(exactness: &Exactness) -> String {
    match exactness {
        Exactness::Same { rows } => {
            format!(
                "the recorded configuration gives the journal again: {} the same, byte for byte",
                output::count(*rows as usize, "row")
            )
        }
        Exactness::Differs { seq, stands, derived } => format!(
            "the recorded configuration does NOT give the journal again, from row {seq} on:\n    stands  {}\n    derived {derived}",
            stands.as_deref().unwrap_or("nothing")
        ),
        Exactness::Unknown(why) => format!("not compared with the journal: {why}"),
    }
}

fn print_rates(result: &Result) {
    output::line("                     recorded   replayed");
    let row = |name: &str, then: String, now: String| output::line(format_args!("  {name:<17} {then:>9}  {now:>9}"));
    let (then, now) = (&result.then, &result.now);
    row("alarms", then.alarms.to_string(), now.alarms.to_string());
    row("warnings", then.warnings.to_string(), now.warnings.to_string());
    row("per 10 min", format!("{:.2}", then.per_ten_minutes), format!("{:.2}", now.per_ten_minutes));
    row("peak in 10 min", then.peak_ten_minutes.to_string(), now.peak_ten_minutes.to_string());
    row("time in flood", format!("{:.1} %", then.flood_share * 100.0), format!("{:.1} %", now.flood_share * 100.0));
}

fn print_changes(what: &str, changes: &[Change]) {
    let changed: Vec<&Change> = changes.iter().filter(|change| change.is_change()).collect();
    if changed.is_empty() {
        output::line(format_args!("  {what}: no difference"));
        return;
    }
    output::line(format_args!("  {what}:"));
    for change in changed {
        output::line(format_args!(
            "    {} “{}”: {} then, {} now; {} then, {} now in all",
            change.id,
            change.name,
            change.then,
            change.now,
            seconds(change.then_ms),
            seconds(change.now_ms)
        ));
        times("added", &change.added);
        times("removed", &change.removed);
        list("moved", &words(&change.moved, |each| apart(each.then, each.now)));
        list("ended otherwise", &words(&change.ended, |each| ended(each.then, each.now)));
        list("of another priority or level", &words(&change.ranked, |each| format!("{} → {}", each.then, each.now)));
    }
}

fn times(what: &str, times: &[UtcTime]) {
    list(what, &times.iter().map(ToString::to_string).collect::<Vec<_>>());
}

fn list(what: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let more = items.len().saturating_sub(TIMES_SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let shown = &items[..items.len().min(TIMES_SHOWN)];
    output::line(format_args!("      {what} {}: {}{more}", items.len(), shown.join(", ")));
}

fn words<T>(differing: &[Differs<T>], how: impl Fn(&Differs<T>) -> String) -> Vec<String> {
    differing.iter().map(|each| format!("{} {}", each.raised, how(each))).collect()
}

fn apart(then: UtcTime, now: UtcTime) -> String {
    let ms = now.since(then);
    let side = if ms < 0 { "earlier" } else { "later" };
    format!("{} {side}", seconds(ms.unsigned_abs()))
}

fn ended(then: Option<UtcTime>, now: Option<UtcTime>) -> String {
    match (then, now) {
        (Some(then), Some(now)) => format!("is over {}", apart(then, now)),
        (Some(_), None) => "is not over at the end".to_owned(),
        (None, _) => "is over before the end".to_owned(),
    }
}

fn seconds(ms: u64) -> String {
    format!("{:.1} s", ms as f64 / 1_000.0)
}

pub(super) fn json(results: &[Result]) -> Value {
    let one = |result: &Result| {
        json!({
            "from": result.from,
            "to": result.until,
            "config_version": result.run.beginning.config_version,
            "events": result.events,
            "lost_events": result.lost,
            "commands_without_object": result.commands_without_object,
            "journal": match &result.exactness {
                Exactness::Same { rows } => json!({"same": true, "rows": rows}),
                Exactness::Differs { seq, stands, derived } =>
                    json!({"same": false, "seq": seq, "stands": stands, "derived": derived}),
                Exactness::Unknown(why) => json!({"same": null, "why": why}),
            },
            "then": result.then,
            "now": result.now,
            "alarms": result.alarms,
            "warnings": result.warnings,
        })
    };
    json!({"runs": results.iter().map(one).collect::<Vec<_>>()})
}
