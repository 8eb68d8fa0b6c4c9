//! What was measured: printed, and appended to `target/figures.md` so that later work can compare.

use crate::places;
use anyhow::{Context, Result};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    time::Duration,
};

/// Prints a block of figures under a title and appends it to the file.
#[expect(clippy::print_stdout, reason = "the figures are what the test is for")]
pub fn report(title: &str, lines: &[String]) -> Result<()> {
    let profile = profile()?;
    let block = format!("\n## {title} ({profile} profile)\n\n{}\n", lines.join("\n"));
    println!("{block}");
    let path = places::target()?.join("figures.md");
    let mut file = OpenOptions::new().create(true).append(true).open(&path).context("open the figures")?;
    file.write_all(block.as_bytes()).with_context(|| format!("append to {}", path.display()))
}

/// The cargo profile of the product under test, by the folder it lies in.
pub fn profile() -> Result<String> {
    let davy = places::davy()?;
    let folder = davy.parent().and_then(|folder| folder.file_name()).context("a binary lies in target/PROFILE")?;
    let name = folder.to_string_lossy();
    Ok(if name == "debug" { "dev".to_owned() } else { name.into_owned() })
}

/// The value below which `percent` of the sample lies (nearest rank).
#[must_use]
pub fn percentile(sample: &[Duration], percent: usize) -> Duration {
    let mut sorted = sample.to_vec();
    sorted.sort_unstable();
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

/// A table row of latencies beside the interval that the source is read at.
#[must_use]
pub fn latency_row(family: &str, sample: &[Duration], interval: Option<Duration>) -> String {
    let (p50, p99) = (percentile(sample, 50), percentile(sample, 99));
    let beside = interval.map_or_else(
        || "| – | – |".to_owned(),
        |interval| format!("| {} ms | {:.2} |", interval.as_millis(), p99.as_secs_f64() / interval.as_secs_f64()),
    );
    format!("| {family} | {} | {} ms | {} ms {beside}", sample.len(), p50.as_millis(), p99.as_millis())
}

/// The heading of [`latency_row`].
pub const LATENCY_HEADING: &str =
    "| source | crossings | p50 | p99 | interval | p99 / interval |\n|---|---|---|---|---|---|";

/// Resident memory of a process in KiB.
pub fn resident_kib(id: u32) -> Result<u64> {
    status_kib(id, "VmRSS:")
}

/// The most resident memory that a process ever had, in KiB.
pub fn peak_kib(id: u32) -> Result<u64> {
    status_kib(id, "VmHWM:")
}

/// The memory of a process, each page that several share counted as its share of it, in KiB.
pub fn proportional_kib(id: u32) -> Result<u64> {
    number(&format!("/proc/{id}/smaps_rollup"), "Pss:")
}

/// What a process has had written to the disk so far, in bytes, whole pages; without what the file system adds.
pub fn written_bytes(id: u32) -> Result<u64> {
    number(&format!("/proc/{id}/io"), "write_bytes:")
}

fn status_kib(id: u32, name: &str) -> Result<u64> {
    number(&format!("/proc/{id}/status"), name)
}

/// The number behind a name, in a file of lines such as `VmRSS:   1234 kB`.
fn number(file: &str, name: &str) -> Result<u64> {
    let text = fs::read_to_string(file).with_context(|| format!("read {file}"))?;
    let line = text.lines().find(|line| line.starts_with(name)).with_context(|| format!("no {name} in {file}"))?;
    line.split_whitespace().nth(1).context("no number")?.parse().with_context(|| format!("{name} is no number"))
}

/// CPU seconds that a process has used, user and system together.
pub fn cpu_seconds(id: u32) -> Result<f64> {
    cpu_of(&format!("/proc/{id}/stat"))
}

/// The same of a thread of this process.
pub fn thread_cpu_seconds(id: u32) -> Result<f64> {
    cpu_of(&format!("/proc/self/task/{id}/stat"))
}

fn cpu_of(stat: &str) -> Result<f64> {
    let stat = fs::read_to_string(stat).with_context(|| format!("read {stat}"))?;
    let (_, fields) = stat.rsplit_once(") ").context("no command name")?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut ticks = || fields.next().and_then(|text| text.parse::<f64>().ok()).context("no time");
    Ok((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

/// `USER_HZ`, which Linux fixes at 100 for what it shows in `/proc`.
const TICKS_PER_SECOND: f64 = 100.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let sample: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&sample, 50), Duration::from_millis(100));
        assert_eq!(percentile(&sample, 99), Duration::from_millis(198));
        assert_eq!(percentile(&sample[..1], 99), Duration::from_millis(200));
        assert_eq!(percentile(&[], 99), Duration::ZERO);
    }

    #[test]
    fn reads_this_process() {
        let id = std::process::id();
        assert!(resident_kib(id).unwrap() > 100);
        assert!(peak_kib(id).unwrap() >= resident_kib(id).unwrap());
        assert!(cpu_seconds(id).unwrap() >= 0.0);
        assert!((1..=peak_kib(id).unwrap()).contains(&proportional_kib(id).unwrap()));
        let before = written_bytes(id).unwrap();
        assert!(before <= written_bytes(id).unwrap());
    }
}
