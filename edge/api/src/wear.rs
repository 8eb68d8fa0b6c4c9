//! What this process writes to the disk: flash wears out by it.

use std::fs;

/// Bytes that this process has had written since it started, as the kernel counts them; `None` where it does not.
pub(crate) fn written_bytes() -> Option<u64> {
    read(&fs::read_to_string("/proc/self/io").ok()?)
}

fn read(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("write_bytes: "))?.trim().parse().ok()
}

/// The same for a day, from how long the process has run; `None` in its first minute, which says nothing of a day.
pub(crate) fn a_day(written_bytes: u64, up_ms: i64) -> Option<u64> {
    const DAY_MS: u128 = 86_400_000;
    let up_ms = u128::try_from(up_ms).ok().filter(|ms| *ms >= 60_000)?;
    u64::try_from(u128::from(written_bytes) * DAY_MS / up_ms).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_kernel_counts() {
        let text = "rchar: 1\nwchar: 99\nsyscr: 3\nread_bytes: 4\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n";
        assert_eq!((read(text), read("rchar: 1\n")), (Some(8_192), None));
        assert_eq!(a_day(1_000, 43_200_000), Some(2_000));
        assert_eq!([a_day(1_000, 59_999), a_day(1_000, -1)], [None; 2]);
    }
}
