//! The registers of a Raspberry Pi, by rppal. Its author has retired it; the character device reaches the same lines.

use super::{DigitalIo, Fault};
use davy_config::{BoardLine, InputBias};
use rppal::gpio::{Bias, Gpio, InputPin, Level, OutputPin, Pin};
use std::collections::BTreeMap;

/// The lines that are taken.
#[derive(Default)]
pub(super) struct Raspberry {
    gpio: Option<Gpio>,
    outputs: BTreeMap<usize, OutputPin>,
    inputs: BTreeMap<usize, InputPin>,
}

impl Raspberry {
    fn pin(&mut self, line: &BoardLine) -> Result<Pin, Fault> {
        let BoardLine::Numbered { offset, .. } = line else {
            return Err(Fault("the line has no number of the processor".to_owned()));
        };
        let gpio = match self.gpio.take() {
            Some(gpio) => gpio,
            None => Gpio::new().map_err(|error| {
                Fault(format!("the registers of the Raspberry Pi cannot be reached ({error}): check that this is one and that this user may open /dev/gpiomem, or write driver = \"gpio\""))
            })?,
        };
        let number = u8::try_from(*offset).unwrap_or(u8::MAX);
        let pin = gpio
            .get(number)
            .map_err(|error| Fault(format!("GPIO{offset} cannot be taken ({error}): check the number")));
        self.gpio = Some(gpio);
        pin
    }
}

impl DigitalIo for Raspberry {
    fn claim_output(&mut self, at: usize, line: &BoardLine, high: bool) -> Result<(), Fault> {
        let pin = self.pin(line)?;
        let mut pin = if high { pin.into_output_high() } else { pin.into_output_low() };
        // It would become an input, and whatever its resistor says would decide about the horn.
        pin.set_reset_on_drop(false);
        self.outputs.insert(at, pin);
        Ok(())
    }

    fn claim_input(&mut self, at: usize, line: &BoardLine, bias: InputBias) -> Result<(), Fault> {
        let mut pin = self.pin(line)?.into_input();
        match bias {
            InputBias::AsIs => {}
            InputBias::None => pin.set_bias(Bias::Off),
            InputBias::PullUp => pin.set_bias(Bias::PullUp),
            InputBias::PullDown => pin.set_bias(Bias::PullDown),
        }
        self.inputs.insert(at, pin);
        Ok(())
    }

    fn write(&mut self, at: usize, high: bool) -> Result<(), Fault> {
        let pin = self.outputs.get_mut(&at).ok_or_else(not_taken)?;
        pin.write(if high { Level::High } else { Level::Low });
        Ok(())
    }

    fn read(&mut self, at: usize) -> Result<bool, Fault> {
        Ok(self.inputs.get(&at).ok_or_else(not_taken)?.is_high())
    }
}

fn not_taken() -> Fault {
    Fault("the line is not taken".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// Where the tests run there is none; on one they would move its lines.
    #[test]
    fn a_machine_that_is_no_raspberry_pi_is_named() {
        if std::path::Path::new("/proc/device-tree/model").exists() {
            return;
        }
        let line = BoardLine::Numbered { chip: PathBuf::from("/dev/gpiochip0"), offset: 17 };
        let Fault(why) = Raspberry::default().claim_output(0, &line, false).expect_err("this is no Raspberry Pi");
        assert!(why.contains("cannot be reached") && why.contains("driver = \"gpio\""), "{why}");
    }
}
