//! What must not grow by connecting again and again.

use anyhow::{Context, Result, ensure};
use std::fs;

/// What memory may grow by from the first cuts to the last: the allocator keeps some. A thousand OPC UA sessions left behind,
/// with 200 items each, would take several times as much.
const MEMORY_SLACK_KIB: usize = 24 * 1024;

/// Cuts of a storm that is a long one.
const LONG: usize = 400;

/// What this process holds.
pub(crate) struct Held {
    descriptors: usize,
    memory_kib: usize,
}

impl Held {
    pub(crate) fn by_this_process() -> Result<Self> {
        Ok(Self { descriptors: fs::read_dir("/proc/self/fd")?.count(), memory_kib: resident_kib()? })
    }

    /// A leak would be one descriptor for each cut. What the allocator takes at first is more than a leak of a hundred cuts, so
    /// memory is judged when the storm is a long one.
    #[expect(clippy::print_stdout, reason = "the figures are what a long test is for")]
    pub(crate) fn is_kept_after(&self, cuts: usize) -> Result<()> {
        let now = Self::by_this_process()?;
        let figures = format!(
            "{cuts} cuts: descriptors {} to {}, resident {} to {} KiB",
            self.descriptors, now.descriptors, self.memory_kib, now.memory_kib
        );
        println!("{figures}");
        ensure!(now.descriptors < self.descriptors + cuts / 2, "{figures}");
        ensure!(now.memory_kib < self.memory_kib + MEMORY_SLACK_KIB || cuts < LONG, "{figures}");
        Ok(())
    }
}

/// Connections to a port of this machine that are not over: every state of `/proc/net/tcp` but `TIME_WAIT`, which is the kernel's.
pub(crate) fn connections_to(port: u16) -> Result<usize> {
    const TIME_WAIT: &str = "06";
    let table = fs::read_to_string("/proc/net/tcp")?;
    let far_end = format!("0100007F:{port:04X}");
    let is_there = |line: &&str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.get(2) == Some(&far_end.as_str()) && fields.get(3) != Some(&TIME_WAIT)
    };
    Ok(table.lines().filter(is_there).count())
}

fn resident_kib() -> Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel says VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
