//! The Linux GPIO character device: any board, and lines by the names that its device tree gives them. Each line is a request of its
//! own, so that one that is busy or gone harms no other.

use super::{DigitalIo, Fault};
use davy_config::{BoardLine, InputBias};
use gpiocdev::{
    Chip, Request,
    line::{Bias, Offset, Value},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The lines that are taken.
#[derive(Default)]
pub(super) struct Cdev {
    outputs: BTreeMap<usize, Request>,
    inputs: BTreeMap<usize, Request>,
}

impl DigitalIo for Cdev {
    fn claim_output(&mut self, at: usize, line: &BoardLine, high: bool) -> Result<(), Fault> {
        let (chip, offset) = find(line)?;
        let mut builder = Request::builder();
        builder.with_consumer("davy").on_chip(&chip).with_line(offset).as_output(level(high));
        let request = builder.request().map_err(|error| refused(&chip, offset, &error))?;
        self.outputs.insert(at, request);
        Ok(())
    }

    fn claim_input(&mut self, at: usize, line: &BoardLine, bias: InputBias) -> Result<(), Fault> {
        let (chip, offset) = find(line)?;
        let bias = match bias {
            InputBias::AsIs => None,
            InputBias::None => Some(Bias::Disabled),
            InputBias::PullUp => Some(Bias::PullUp),
            InputBias::PullDown => Some(Bias::PullDown),
        };
        let mut builder = Request::builder();
        builder.with_consumer("davy").on_chip(&chip).with_line(offset).as_input().with_bias(bias);
        let request = builder.request().map_err(|error| refused(&chip, offset, &error))?;
        self.inputs.insert(at, request);
        Ok(())
    }

    fn write(&mut self, at: usize, high: bool) -> Result<(), Fault> {
        let request = self.outputs.get(&at).ok_or_else(not_taken)?;
        let written = request.set_lone_value(level(high)).map_err(|error| gone(request, &error));
        if written.is_err() {
            self.outputs.remove(&at);
        }
        written
    }

    fn read(&mut self, at: usize) -> Result<bool, Fault> {
        let request = self.inputs.get(&at).ok_or_else(not_taken)?;
        let read = request.lone_value().map_err(|error| gone(request, &error));
        if read.is_err() {
            self.inputs.remove(&at);
        }
        Ok(read? == Value::Active)
    }
}

fn level(high: bool) -> Value {
    if high { Value::Active } else { Value::Inactive }
}

/// The chip and the number of a line.
fn find(line: &BoardLine) -> Result<(PathBuf, Offset), Fault> {
    match line {
        BoardLine::Numbered { chip, offset } => {
            usable(chip)?;
            Ok((chip.clone(), *offset))
        }
        BoardLine::Named { chip: Some(chip), name } => {
            let info = usable(chip)?.find_line_info(name);
            let info = info.ok_or_else(|| {
                Fault(format!(
                    "{} has no line {name}: look at what gpioinfo lists and correct the name",
                    chip.display()
                ))
            })?;
            Ok((chip.clone(), info.offset))
        }
        BoardLine::Named { chip: None, name } => {
            let found = gpiocdev::find_named_line(name).ok_or_else(|| {
                Fault(format!(
                    "no GPIO chip that this user may open has a line {name}: look at what gpioinfo lists, and at the permissions of /dev/gpiochip*"
                ))
            })?;
            Ok((found.chip, found.info.offset))
        }
        BoardLine::Simulated => Err(Fault("the line is that of a simulated box".to_owned())),
    }
}

fn usable(chip: &Path) -> Result<Chip, Fault> {
    // The library says of every chip that cannot be opened that it is none.
    let opened = std::fs::File::open(chip);
    opened.map_err(|error| {
        Fault(format!(
            "the GPIO chip {} cannot be opened ({error}): check its name, and that this user may read and write it",
            chip.display()
        ))
    })?;
    Chip::from_path(chip)
        .map_err(|error| Fault(format!("{} is no GPIO chip ({error}): look at what gpiodetect lists", chip.display())))
}

fn refused(chip: &Path, offset: Offset, error: &gpiocdev::Error) -> Fault {
    let place = chip.display();
    let info = usable(chip).ok().and_then(|chip| chip.line_info(offset).ok());
    match info {
        Some(info) if info.used => {
            let by = if info.consumer.is_empty() { "the kernel" } else { &info.consumer };
            Fault(format!("line {offset} of {place} is in use by {by}: end what uses it, or write another line"))
        }
        Some(_) => {
            Fault(format!("line {offset} of {place} cannot be taken ({error}): check the permissions of {place}"))
        }
        None => Fault(format!("{place} has no line {offset} ({error}): look at what gpioinfo lists")),
    }
}

fn gone(request: &Request, error: &gpiocdev::Error) -> Fault {
    Fault(format!("the chip {} does not answer ({error}): check the board", request.chip_path().display()))
}

fn not_taken() -> Fault {
    Fault("the line is not taken".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_chip_or_line_is_named_with_what_to_do() {
        let mut cdev = Cdev::default();
        let chip = PathBuf::from("/dev/gpiochip-of-no-board");
        let numbered = BoardLine::Numbered { chip: chip.clone(), offset: 3 };
        let Fault(why) = cdev.claim_output(0, &numbered, false).expect_err("there is no such chip");
        assert!(why.contains("/dev/gpiochip-of-no-board cannot be opened"), "{why}");
        let named = BoardLine::Named { chip: None, name: "NO-SUCH-LINE".to_owned() };
        let Fault(why) = cdev.claim_input(0, &named, InputBias::PullUp).expect_err("there is no such line");
        assert!(why.contains("NO-SUCH-LINE") && why.contains("permissions"), "{why}");
        let Fault(why) = cdev.write(0, true).expect_err("it was not taken");
        assert_eq!(why, "the line is not taken");
    }

    #[test]
    fn what_is_no_chip_is_not_taken_for_one() {
        let mut cdev = Cdev::default();
        let line = BoardLine::Numbered { chip: PathBuf::from("/dev/null"), offset: 0 };
        let Fault(why) = cdev.claim_output(0, &line, false).expect_err("it is no chip");
        assert!(why.contains("/dev/null is no GPIO chip"), "{why}");
    }
}
