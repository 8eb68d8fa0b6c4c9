//! Two clocks, both inputs. Delays run on [`Monotonic`]; records carry [`UtcTime`].
//!
//! The core never reads a clock. A gateway boots with a wrong wall clock and NTP steps it: neither may raise, lose or
//! shorten an alarm, so nothing here ever subtracts two UTC times to decide a delay, except `rebase` after a restart.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// Milliseconds on the monotonic clock of this process; zero is the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Monotonic(pub u64);

impl Monotonic {
    /// The moment `ms` milliseconds later, saturating.
    #[must_use]
    pub fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to `self`; zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z, written as RFC 3339 with milliseconds and `Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UtcTime(#[cfg_attr(feature = "schema", schemars(with = "String"))] pub i64);

impl UtcTime {
    /// The time `ms` milliseconds later, saturating.
    #[must_use]
    pub fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add_unsigned(ms))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads RFC 3339, `2026-11-23T08:00:00.123Z` or with a numeric offset. `None` when it is not that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_once(['T', 't', ' '])?;
        let (year, month, day) = parse_date(date)?;
        let zone_at = rest.find(['Z', 'z', '+', '-'])?;
        let (clock, zone) = rest.split_at(zone_at);
        let ms = parse_clock(clock)? - parse_zone(zone)?;
        Some(Self(days_from_civil(year, month, day) * DAY_MS + ms))
    }
}

pub(crate) const DAY_MS: i64 = 86_400_000;

fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

pub(crate) fn parse_date(text: &str) -> Option<(i64, i64, i64)> {
    let mut parts = text.splitn(3, '-');
    let date = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let days = i64::from(days_in_month(date.0, date.1)?);
    (1..=days).contains(&date.2).then_some(date)
}

pub(crate) fn days_in_month(year: i64, month: i64) -> Option<u8> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    })
}

fn parse_clock(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.splitn(3, ':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = digits(parts.next()?, 2)?;
    if hour > 23 || minute > 59 || second > 60 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(((hour * 60 + minute) * 60 + second) * 1000 + digits(&padded, 3)?)
}

fn parse_zone(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let ms = (digits(hours, 2)? * 60 + digits(minutes, 2)?) * 60_000;
    Some(if text.starts_with('-') { -ms } else { ms })
}

/// Days since 1970-01-01 of a proleptic Gregorian date (era arithmetic over 400-year cycles beginning on 1 March).
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_MS));
        let ms = self.0.rem_euclid(DAY_MS);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
    }
}

impl Serialize for UtcTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Published shapes are for people; a recording of the inputs is for the machine, and long.
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for UtcTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not an RFC 3339 time")))
    }
}

/// Both clocks, read once for each event by the shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    /// For delays, dwell times and timeouts.
    pub monotonic: Monotonic,
    /// For records.
    pub utc: UtcTime,
}

impl Now {
    /// The UTC time at which a monotonic deadline will fall, as the wall clock stands now.
    #[must_use]
    pub fn utc_at(self, deadline: Monotonic) -> UtcTime {
        self.utc.after(deadline.since(self.monotonic))
    }

    /// The monotonic deadline for a UTC time saved before a restart. The wait is never negative and never longer than
    /// `most_ms`, whatever the wall clock did in between.
    #[must_use]
    pub fn rebase(self, saved: UtcTime, most_ms: u64) -> Monotonic {
        let wait = u64::try_from(saved.since(self.utc)).unwrap_or(0).min(most_ms);
        self.monotonic.after(wait)
    }
}

/// A wall clock that differs by more than this from how it stood has been stepped. Slewing is slower.
const STEP_MS: u64 = 1_000;

/// How the wall clock stands to the monotonic one, in milliseconds; `None` before it was looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WallClock(Option<i64>);

impl WallClock {
    /// Whether it was stepped since this was asked last, or since the start.
    pub(crate) fn was_stepped(&mut self, now: Now) -> bool {
        let stands = now.utc.0.saturating_sub_unsigned(now.monotonic.0);
        let stepped = self.0.is_none_or(|stood| stood.abs_diff(stands) > STEP_MS);
        if stepped {
            self.0 = Some(stands);
        }
        stepped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_as_chrono_does() {
        for ms in
            [0, 1, -1, 951_782_400_000, 1_709_164_799_999, 1_795_392_000_123, -62_135_596_800_000, 4_102_444_800_000]
        {
            let time = UtcTime(ms);
            let theirs = chrono::DateTime::from_timestamp_millis(ms).unwrap();
            assert_eq!(time.to_string(), theirs.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
            assert_eq!(UtcTime::parse(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn reads_offsets_and_refuses_what_is_no_time() {
        let utc = UtcTime::parse("2026-11-23T00:00:00Z");
        assert_eq!(UtcTime::parse("2026-11-23T08:00:00+08:00"), utc);
        assert_eq!(UtcTime::parse("2026-11-22 19:30:00.000000-04:30"), utc);
        for bad in [
            "",
            "2026-11-23",
            "2026-02-30T00:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T00:00Z",
            "x-1-1T0:0:0Z",
            "2026-11-23T00:00:00",
        ] {
            assert_eq!(UtcTime::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn rebase_is_bounded_whatever_the_wall_clock_did() {
        let now = Now { monotonic: Monotonic(1_000), utc: UtcTime(500_000) };
        assert_eq!(now.rebase(UtcTime(502_000), 5_000), Monotonic(3_000));
        assert_eq!(now.rebase(UtcTime(400_000), 5_000), Monotonic(1_000));
        assert_eq!(now.rebase(UtcTime(900_000), 5_000), Monotonic(6_000));
    }
}
