//! The table of what was measured.

use crate::{field::Size, run::Outcome};
use acceptance::figures::percentile;

/// The heading, with what the columns mean.
pub(crate) fn heading() -> Vec<String> {
    let words = "- delivered: changes that the engine was told, of those that the server made (of registers that go up by one \
                 whenever they are read: of all steps); by the recording, or by the values taken where the disk was too slow for it\n\
                 - pace: changes of those that the period asks for; below 100 % the server, the machine or the polls are too slow\n\
                 - s/million: processor seconds of the gateway for a million values; core: of one core; server: of one core \
                 for the servers, ours together with the test; near 100 % for one in Python it is the server that is too slow\n\
                 - MiB: resident at the end of the window; tags' share: what that is above a gateway with ten tags; \
                 peak: the most that it ever was, mostly while the configuration is read; PSS: with pages that others have as well \
                 counted by their share\n\
                 - written: KiB a second that it had written to the disk, without what the file system adds\n\
                 - p50, p99: from a change, by the source's time or for Modbus by stamps among the registers, to the moment at which the \
                 engine is told, in the last five seconds; for Modbus it waits for the next poll; poll: the slowest of the last polls\n\
                 - connections: made since the start, of those that are needed; more of them were lost and made again\n";
    let columns = "| case | tags | period | answers after | all good after | delivered | by | pace | values/s | s/million | core | server | MiB \
                   | tags' share | peak | PSS | written | taken in all | p50 | p99 | poll | connections |";
    let line = format!("|{}", "---|".repeat(columns.matches('|').count() - 1));
    vec![words.to_owned(), columns.to_owned(), line]
}

/// A row of it.
pub(crate) fn row(name: &str, size: Size, least_kib: u64, outcome: &Outcome) -> String {
    let Outcome {
        answers,
        all_good,
        window,
        made,
        taken,
        taken_in_all,
        seen,
        cpu,
        server_cpu,
        written,
        resident_kib,
        proportional_kib,
        peak_kib,
        poll_ms,
        connections,
        ..
    } = outcome;
    let recorded = seen.unrecorded == 0;
    let (told, by) = if recorded { (seen.changes, "recording") } else { (*taken, "taken") };
    let asked = size.tags as f64 * window / size.period.as_secs_f64();
    let steps = made.unwrap_or(seen.changes + seen.skipped);
    let mib = |kib: u64| kib as f64 / 1024.0;
    let latency = |percent| match seen.latencies.is_empty() {
        true => "–".to_owned(),
        false => format!("{} ms", percentile(&seen.latencies, percent).as_millis()),
    };
    let cells = [
        name.to_owned(),
        size.tags.to_string(),
        format!("{} ms", size.period.as_millis()),
        format!("{:.3} s", answers.as_secs_f64()),
        format!("{:.1} s", all_good.as_secs_f64()),
        format!("{:.3} %", told as f64 / steps.max(1) as f64 * 100.0),
        by.to_owned(),
        format!("{:.0} %", steps as f64 / asked * 100.0),
        format!("{:.0}", *taken as f64 / window),
        format!("{:.2}", cpu / (*taken).max(1) as f64 * 1e6),
        format!("{:.1} %", cpu / window * 100.0),
        format!("{:.0} %", server_cpu / window * 100.0),
        format!("{:.0}", mib(*resident_kib)),
        format!("{:.1}", mib(*resident_kib) - mib(least_kib)),
        format!("{:.0}", mib(*peak_kib)),
        format!("{:.0}", mib(*proportional_kib)),
        format!("{:.1}", *written as f64 / 1024.0 / window),
        taken_in_all.to_string(),
        latency(50),
        latency(99),
        poll_ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms} ms")),
        format!("{connections} of {}", size.connections),
    ];
    format!("| {} |", cells.join(" | "))
}
