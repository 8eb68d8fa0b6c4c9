//! Where the lines of a box are: by name, or by a number on a chip; none twice.

use super::device;
use crate::{
    documents::Section,
    text::{Text, quoted},
    types::{BoardDriver, BoardLine},
};
use std::{collections::BTreeMap, path::PathBuf};

/// More lines than any chip has.
const OFFSETS: std::ops::RangeInclusive<u64> = 0..=1_023;

/// The numbers that the connector of a Compute Module has.
const RASPBERRY_OFFSETS: std::ops::RangeInclusive<u64> = 0..=45;

/// The lines that are taken.
pub(super) struct Lines {
    driver: BoardDriver,
    chip: Option<PathBuf>,
    /// Each with the one that took it.
    taken: BTreeMap<BoardLine, String>,
}

impl Lines {
    pub(super) fn new(driver: BoardDriver, chip: Option<Text<'_>>) -> Self {
        Self { driver, chip: chip.and_then(device), taken: BTreeMap::new() }
    }

    /// Where the output or input of this name is.
    pub(super) fn of(&mut self, section: &Section<'_>, name: &str) -> BoardLine {
        let line = match self.driver {
            BoardDriver::Simulated => BoardLine::Simulated,
            BoardDriver::Gpio => self.gpio(section),
            BoardDriver::RaspberryPi => self.raspberry(section),
        };
        if line == BoardLine::Simulated {
            return line;
        }
        if let Some(other) = self.taken.insert(line.clone(), name.to_owned()) {
            let spot = section.key("line").or_else(|| section.key("offset")).unwrap_or_else(|| section.spot());
            spot.error(format_args!("{name} is on the line of {other}; each has a line of its own"));
        }
        line
    }

    fn gpio(&self, section: &Section<'_>) -> BoardLine {
        let chip = section.text("chip").and_then(device).or_else(|| self.chip.clone());
        if let Some(name) = section.text("line").and_then(Text::given) {
            if let Some(spot) = section.key("offset") {
                spot.error("offset stands beside line, and one of them says where it is; remove the other");
            }
            return BoardLine::Named { chip, name: name.text.to_owned() };
        }
        if section.key("offset").is_none() {
            section.missing("line", "line = \"GPIO17\", a name that gpioinfo lists, or chip and offset");
            return BoardLine::Simulated;
        }
        let offset = section.whole("offset", OFFSETS, 0);
        match chip {
            Some(chip) => BoardLine::Numbered { chip, offset: crate::sources::narrow(offset) },
            None => {
                section.missing("chip", "chip = \"/dev/gpiochip0\" here or at the top of the file");
                BoardLine::Simulated
            }
        }
    }

    /// The numbers of the processor, which are the offsets on its chip as well.
    fn raspberry(&self, section: &Section<'_>) -> BoardLine {
        let chip = self.chip.clone().unwrap_or_else(|| PathBuf::from("/dev/gpiochip0"));
        if let Some(spot) = section.key("chip") {
            spot.error("chip: the driver raspberry_pi reaches the processor's own lines alone; remove the key, or write driver = \"gpio\"");
        }
        let number = match section.text("line").and_then(Text::given) {
            Some(name) => {
                let number = name.text.strip_prefix("GPIO").and_then(|digits| digits.parse::<u64>().ok());
                let number = number.filter(|number| RASPBERRY_OFFSETS.contains(number));
                if number.is_none() {
                    name.wrong(format_args!(
                        "{} is no line of the processor; write \"GPIO0\" to \"GPIO45\"",
                        quoted(name.text)
                    ));
                }
                number
            }
            None if section.key("offset").is_some() => Some(section.whole("offset", RASPBERRY_OFFSETS, 0)),
            None => {
                section.missing("line", "line = \"GPIO17\"");
                None
            }
        };
        number
            .map_or(BoardLine::Simulated, |number| BoardLine::Numbered { chip, offset: crate::sources::narrow(number) })
    }
}
