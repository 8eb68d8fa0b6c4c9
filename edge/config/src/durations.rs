//! Durations as people write them: `500ms`, `10s`, `5min`, `2h`.

use crate::limits::DURATION_MAX_MS;
use std::ops::RangeInclusive;

const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

/// Any duration that is allowed at all.
pub(crate) const ANY: RangeInclusive<u64> = 0..=DURATION_MAX_MS;

/// Milliseconds, within bounds.
pub(crate) fn parse(text: &str, bounds: &RangeInclusive<u64>) -> Result<u64, String> {
    let ms = milliseconds(text).ok_or_else(|| {
        format!(
            "{} is not a duration; write a whole number with ms, s, min or h, such as \"10s\"",
            crate::text::quoted(text)
        )
    })?;
    if bounds.contains(&ms) {
        return Ok(ms);
    }
    Err(format!("{text} is out of range; write a duration from {} to {}", show(*bounds.start()), show(*bounds.end())))
}

/// A duration in its largest whole unit.
pub(crate) fn show(ms: u64) -> String {
    let whole = UNITS.iter().find(|(_, factor)| ms >= *factor && ms.is_multiple_of(*factor));
    whole.map_or_else(|| "0s".to_owned(), |(unit, factor)| format!("{}{unit}", ms / factor))
}

fn milliseconds(text: &str) -> Option<u64> {
    if text == "0" {
        return Some(0);
    }
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
    // A number too great for 64 bits is too great for the bounds as well.
    Some(number.parse::<u64>().ok().filter(|_| !number.is_empty())?.saturating_mul(*factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let good = [
            ("500ms", 500),
            ("10s", 10_000),
            ("5min", 300_000),
            ("2h", 7_200_000),
            ("24h", DURATION_MAX_MS),
            ("0", 0),
            ("3 s", 3_000),
        ];
        for (text, ms) in good {
            assert_eq!(parse(text, &ANY), Ok(ms), "{text}");
        }
        for text in
            ["", "10", "s", "-1s", "1.5s", "5m", "10 sec", "99999999999999999999s", "25h", "18446744073709551615h"]
        {
            assert!(parse(text, &ANY).is_err(), "{text}");
        }
        for ms in [0, 1, 500, 1_000, 90_000, 60_000, 3_600_000] {
            assert_eq!(parse(&show(ms), &ANY), Ok(ms));
        }
    }
}
