//! What the vendors of beacons and video analytics write for the same thing. Pure.

use davy_core::time::UtcTime;
use serde_json::Value;
use std::borrow::Cow;

/// A name or number as text.
pub(crate) fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text.trim())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number, also when it was written as text.
pub(crate) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number.filter(|number| number.is_finite())
}

/// Yes or no; nothing is no.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Null => Some(false),
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            Some(_) | None => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "" | "0" | "false" => Some(false),
            "1" | "true" => Some(true),
            _ => None,
        },
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whole percent.
pub(crate) fn percent(value: &Value) -> Option<u8> {
    let percent = number(value)?.round();
    // In range, so the cast keeps it.
    (0.0..=100.0).contains(&percent).then_some(percent as u8)
}

/// A floor as a number or as on a lift button.
pub(crate) fn floor(value: &Value) -> Option<i32> {
    if let Some(number) = number(value) {
        // In range, so the cast keeps it.
        return (-1_000.0..=1_000.0).contains(&number).then_some(number.round() as i32);
    }
    davy_config::floor(&text(value)?)
}

/// A confidence from 0 to 1, also when it was written as 0 to 100.
pub(crate) fn confidence(value: &Value) -> Option<f64> {
    let confidence = number(value)?;
    let confidence = if confidence > 1.0 { confidence / 100.0 } else { confidence };
    (0.0..=1.0).contains(&confidence).then_some(confidence)
}

/// From here on a number of time counts milliseconds: as seconds it would be after the year 5000, as milliseconds it is
/// in 1973, before any device was made.
const MILLISECONDS_FROM: f64 = 1e11;

/// Beyond this a number is no time: it is the year 9999 in milliseconds.
const TIME_MAX_MS: f64 = 253_402_300_799_999.0;

/// RFC 3339, or seconds or milliseconds since 1970.
pub(crate) fn time(value: &Value) -> Option<UtcTime> {
    if let Value::String(text) = value
        && let Some(time) = UtcTime::parse(text.trim())
    {
        return Some(time);
    }
    let since_1970 = number(value)?;
    let ms = if since_1970 >= MILLISECONDS_FROM { since_1970 } else { since_1970 * 1000.0 };
    // In range, so the cast keeps the whole milliseconds.
    (0.0..=TIME_MAX_MS).contains(&ms).then_some(UtcTime(ms as i64))
}

/// China has one time, UTC+8.
const CHINA: &str = "+08:00";

/// A time as ticket systems write it: `20261123080000` or `2026-11-23 08:00:00` in the time of China, or any of [`time`].
pub(crate) fn stamp(value: &Value) -> Option<UtcTime> {
    let text = text(value)?;
    if text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (date, clock) = text.split_at(8);
        let written = format!(
            "{}-{}-{}T{}:{}:{}{CHINA}",
            &date[..4],
            &date[4..6],
            &date[6..],
            &clock[..2],
            &clock[2..4],
            &clock[4..]
        );
        return UtcTime::parse(&written);
    }
    time(value).or_else(|| UtcTime::parse(&format!("{text}{CHINA}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn flags() {
        for yes in [json!(true), json!(1), json!(1.0), json!("true"), json!("TRUE "), json!("1")] {
            assert_eq!(flag(&yes), Some(true), "{yes}");
        }
        for no in [json!(false), json!(0), json!(null), json!("false"), json!("0"), json!("")] {
            assert_eq!(flag(&no), Some(false), "{no}");
        }
        for neither in [json!(2), json!("yes?"), json!([]), json!({})] {
            assert_eq!(flag(&neither), None, "{neither}");
        }
    }

    #[test]
    fn confidences_and_percents() {
        for (written, read) in [
            (json!(0), Some(0.0)),
            (json!(0.87), Some(0.87)),
            (json!(1), Some(1.0)),
            (json!(87), Some(0.87)),
            (json!(100), Some(1.0)),
            (json!("0.5"), Some(0.5)),
            (json!(101), None),
            (json!(-0.1), None),
            (json!("很高"), None),
            (json!("NaN"), None),
        ] {
            assert_eq!(confidence(&written), read, "{written}");
        }
        assert_eq!(percent(&json!(79.6)), Some(80));
        assert_eq!(percent(&json!("12")), Some(12));
        assert_eq!(percent(&json!(-1)), None);
        assert_eq!(percent(&json!(255)), None);
    }

    #[test]
    fn floors_as_on_a_lift() {
        for (written, read) in [
            (json!(2), Some(2)),
            (json!("-1"), Some(-1)),
            (json!("3F"), Some(3)),
            (json!("f2"), Some(2)),
            (json!("B1"), Some(-1)),
            (json!("2层"), Some(2)),
            (json!("roof"), None),
            (json!(1e9), None),
            (json!(null), None),
        ] {
            assert_eq!(floor(&written), read, "{written}");
        }
    }

    #[test]
    fn times_in_every_spelling_are_the_same_time() {
        let expected = Some(UtcTime(1_795_392_000_500));
        for written in [
            json!("2026-11-23T00:00:00.500Z"),
            json!("2026-11-23T08:00:00.5+08:00"),
            json!(1_795_392_000_500_i64),
            json!(1_795_392_000.5),
            json!("1795392000500"),
        ] {
            assert_eq!(time(&written), expected, "{written}");
        }
        for wrong in [json!("yesterday"), json!(-1), json!(1e300), json!(null), json!(true)] {
            assert_eq!(time(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn stamps_of_tickets_are_in_the_time_of_china() {
        let expected = Some(UtcTime(1_795_392_000_000));
        for written in [
            json!("20261123080000"),
            json!(20_261_123_080_000_i64),
            json!("2026-11-23 08:00:00"),
            json!("2026-11-23T08:00:00+08:00"),
            json!("2026-11-23T00:00:00Z"),
            json!(1_795_392_000),
        ] {
            assert_eq!(stamp(&written), expected, "{written}");
        }
        for wrong in [json!("20261323080000"), json!("2026-11-23"), json!("八点"), json!(true), json!("")] {
            assert_eq!(stamp(&wrong), None, "{wrong}");
        }
    }
}
