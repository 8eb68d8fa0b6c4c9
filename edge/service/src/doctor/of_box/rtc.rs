//! The clock that goes on without power, in `/sys/class/rtc` (the kernel's `rtc-class`). Without it the box begins in the past after
//! a power failure, until the time service has set its clock: no alarm is late by that, but records carry a wrong time.

use super::{Finding, Verdict, text};
use davy_core::time::UtcTime;
use std::path::Path;

const WHAT: &str = "RTC";

/// Real-time clocks drift by some seconds a day; the kernel sets them from the system's clock every eleven minutes where that is kept.
const APART_MAX_S: i64 = 5;

/// 2024-01-01: before that no gateway was made. A clock that lost its battery begins at its chip's zero, 1970 or 2000 as a rule.
const EARLIEST_S: i64 = 1_704_067_200;

/// Compares the first one with the system's clock.
pub(super) fn look(root: &Path, now: UtcTime) -> Finding {
    let Some(name) = text(root, "sys/class/rtc/rtc0/name") else {
        return Finding::new(
            WHAT,
            Verdict::Odd,
            "there is none: after a power failure times are wrong until the time service has answered",
        );
    };
    let told = text(root, "sys/class/rtc/rtc0/since_epoch").and_then(|text| text.parse::<i64>().ok());
    let Some(told) = told else {
        let words = format!("{name} tells no time: it was never set, or its battery is empty");
        return Finding::new(WHAT, Verdict::Wrong, words);
    };
    if told < EARLIEST_S {
        let words = format!("{name} says {}: its battery is empty, replace it", UtcTime(told.saturating_mul(1_000)));
        return Finding::new(WHAT, Verdict::Wrong, words);
    }
    let apart = told.saturating_sub(now.0.div_euclid(1_000));
    match apart.abs() <= APART_MAX_S {
        true => Finding::new(WHAT, Verdict::Good, format!("{name}, {apart} s from the system's clock")),
        false => Finding::new(
            WHAT,
            Verdict::Odd,
            format!("{name} is {apart} s from the system's clock: when that one is right, run hwclock --systohc"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn an_empty_battery_is_told_from_a_clock_that_is_off() {
        let now = UtcTime::parse("2026-11-30T08:00:00Z").expect("a time");
        let at = now.0 / 1_000;
        for (told, verdict, words) in [
            ((at + 1).to_string(), Verdict::Good, "1 s from"),
            ((at - 90).to_string(), Verdict::Odd, "-90 s from"),
            ("946684800".to_owned(), Verdict::Wrong, "2000-01-01T00:00:00.000Z: its battery is empty"),
            (String::new(), Verdict::Wrong, "tells no time"),
        ] {
            let root = tempfile::tempdir().expect("a folder");
            let folder = root.path().join("sys/class/rtc/rtc0");
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(folder.join("name"), "rtc-pcf85063 1-0051\n").expect("a file");
            fs::write(folder.join("since_epoch"), told).expect("a file");
            let found = look(root.path(), now);
            assert!(found.verdict == verdict && found.words.contains(words), "{found:?}");
        }
    }
}
