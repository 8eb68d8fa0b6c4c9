//! What the kernel tells of this process and of the box, in `/proc` (proc(5)). What it does not tell is not known.

use davy_api::Resources;
use std::{fs, thread};

/// What is read at one look.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Process {
    /// Of all threads, in user and system mode.
    pub(super) cpu_ms: Option<u64>,
    pub(super) memory_bytes: Option<u64>,
    pub(super) memory_peak_bytes: Option<u64>,
    pub(super) threads: Option<u64>,
    pub(super) open_files: Option<u64>,
    pub(super) open_files_max: Option<u64>,
    pub(super) load: Option<[f64; 3]>,
    pub(super) box_up_s: Option<u64>,
    pub(super) box_memory_bytes: Option<u64>,
    pub(super) box_memory_available_bytes: Option<u64>,
}

impl Process {
    pub(super) fn read() -> Self {
        let text = |name: &str| fs::read_to_string(format!("/proc/{name}")).unwrap_or_default();
        let (status, memory) = (text("self/status"), text("meminfo"));
        Self {
            cpu_ms: cpu_ms(&text("self/stat")),
            memory_bytes: kilobytes(&status, "VmRSS:"),
            memory_peak_bytes: kilobytes(&status, "VmHWM:"),
            threads: number(&status, "Threads:"),
            // The folder that is being read is among them.
            open_files: fs::read_dir("/proc/self/fd").ok().map(|entries| entries.count().saturating_sub(1) as u64),
            open_files_max: number(&text("self/limits"), "Max open files"),
            load: load(&text("loadavg")),
            box_up_s: text("uptime").split('.').next().and_then(|seconds| seconds.parse().ok()),
            box_memory_bytes: kilobytes(&memory, "MemTotal:"),
            box_memory_available_bytes: kilobytes(&memory, "MemAvailable:"),
        }
    }

    /// The rest is for whoever measures.
    pub(super) fn resources(&self) -> Resources {
        let cores = thread::available_parallelism().map_or(1, |cores| super::as_u32(cores.get() as u64));
        Resources {
            cpu_s: self.cpu_ms.map(seconds),
            cores,
            load: self.load,
            box_up_s: self.box_up_s,
            memory_bytes: self.memory_bytes,
            memory_peak_bytes: self.memory_peak_bytes,
            box_memory_bytes: self.box_memory_bytes,
            box_memory_available_bytes: self.box_memory_available_bytes,
            threads: self.threads,
            open_files: self.open_files,
            open_files_max: self.open_files_max,
            ..Resources::default()
        }
    }
}

fn seconds(ms: u64) -> f64 {
    f64::from(super::as_u32(ms / 1_000)) + f64::from(super::as_u32(ms % 1_000)) / 1_000.0
}

/// A tick of `utime` and `stime`, as the kernel tells them to programs on every architecture that davy runs on (`USER_HZ`).
const TICK_MS: u64 = 10;

/// The fields 14 and 15; the second, the name in brackets, may have anything in it.
fn cpu_ms(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some((ticks()? + ticks()?) * TICK_MS)
}

/// The first number behind a name at the beginning of a line.
fn number(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    number(text, name).map(|kilobytes| kilobytes * 1_024)
}

fn load(text: &str) -> Option<[f64; 3]> {
    let mut loads = text.split_whitespace().map(str::parse::<f64>);
    let mut next = || loads.next()?.ok();
    Some([next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_writes() {
        let stat = "42 (davy) (x) S 1 42 42 0 -1 4194560 900 0 0 0 150 50 0 0 20 0 9 0 1000 1 2";
        assert_eq!((cpu_ms(stat), cpu_ms("42 (davy S"), cpu_ms("")), (Some(2_000), None, None));
        let status = "Name:\tdavy\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\nThreads:\t9\n";
        assert_eq!((kilobytes(status, "VmRSS:"), number(status, "Threads:")), (Some(1 << 20), Some(9)));
        let limits = "Limit                     Soft Limit           Hard Limit           Units     \n\
            Max open files            1024                 524288               files     \n";
        assert_eq!(
            (number(limits, "Max open files"), number("Max open files unlimited", "Max open files")),
            (Some(1_024), None)
        );
        assert_eq!((load("0.10 0.20 3.00 1/200 7\n"), load("0.1 x 2")), (Some([0.1, 0.2, 3.0]), None));
    }

    #[test]
    fn this_very_process_has_memory_threads_and_files() {
        let Process { memory_bytes, memory_peak_bytes, threads, open_files, .. } = Process::read();
        assert!(memory_bytes <= memory_peak_bytes && memory_bytes > Some(1 << 20), "{memory_bytes:?}");
        assert!(threads >= Some(1) && open_files >= Some(3), "{threads:?} {open_files:?}");
    }
}
