//! Times of the local day as people write them: `08:00-20:00`, `20:00-08:00`.

use crate::{documents::Section, text::quoted};
use davy_core::model::{Hours, Window};

const DAY_MIN: u16 = 24 * 60;

/// The hours of a rule; without them it holds always.
pub(crate) fn read(section: &Section<'_>) -> Hours {
    Hours(section.texts("hours").into_iter().filter_map(|text| text.parse(window)).collect())
}

fn window(text: &str) -> Result<Window, String> {
    let window = text.split_once('-').and_then(|(from, until)| Some((minute(from.trim())?, minute(until.trim())?)));
    match window {
        Some((from, until)) if from < DAY_MIN && from != until => Ok(Window { from, until: until % DAY_MIN }),
        Some(_) | None => Err(format!(
            "{} is no part of a day; write its beginning and its end, such as \"08:00-20:00\", or \"20:00-08:00\" over midnight",
            quoted(text)
        )),
    }
}

/// 00:00 to 24:00.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u16>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY_MIN).then_some(minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_day() {
        for (text, from, until) in
            [("08:00-20:00", 480, 1200), ("20:00 - 08:00", 1200, 480), ("16:00-24:00", 960, 0), ("00:00-00:01", 0, 1)]
        {
            assert_eq!(window(text), Ok(Window { from, until }), "{text}");
        }
        for text in
            ["", "08:00", "8:00-20:00", "08:00-08:00", "24:00-08:00", "08:60-09:00", "08:00-25:00", "08:00-20:00-21:00"]
        {
            assert!(window(text).is_err(), "{text}");
        }
    }
}
