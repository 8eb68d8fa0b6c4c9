//! Lines, as electrical levels.

mod cdev;
#[cfg(feature = "rpi")]
mod raspberry;
mod simulated;

use davy_config::{BoardConfig, BoardDriver, BoardLine, InputBias};
use std::path::Path;

/// Why a line cannot be taken, moved or read: in words for a person, with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

/// Moves and reads the lines of a box. A line is known by its place among the outputs or among the inputs. One that fails harms no
/// other.
pub trait DigitalIo: Send {
    /// Takes an output and drives it to this level at once.
    ///
    /// # Errors
    /// When there is no such line, another program has it, or this one may not.
    fn claim_output(&mut self, at: usize, line: &BoardLine, high: bool) -> Result<(), Fault>;

    /// Takes an input.
    ///
    /// # Errors
    /// As above.
    fn claim_input(&mut self, at: usize, line: &BoardLine, bias: InputBias) -> Result<(), Fault>;

    /// Drives an output that was taken.
    ///
    /// # Errors
    /// When the chip is gone.
    fn write(&mut self, at: usize, high: bool) -> Result<(), Fault>;

    /// Reads an input that was taken.
    ///
    /// # Errors
    /// When the chip is gone.
    fn read(&mut self, at: usize) -> Result<bool, Fault>;
}

/// The lines of a box. The inputs of a simulated one are in a file.
pub(crate) fn open(board: &BoardConfig, simulated_inputs: &Path) -> Box<dyn DigitalIo> {
    match board.driver {
        BoardDriver::Simulated => Box::new(simulated::Simulated::new(board, simulated_inputs)),
        BoardDriver::Gpio => Box::new(cdev::Cdev::default()),
        BoardDriver::RaspberryPi => raspberry_pi(),
    }
}

#[cfg(feature = "rpi")]
fn raspberry_pi() -> Box<dyn DigitalIo> {
    Box::new(raspberry::Raspberry::default())
}

/// The numbers of the processor's lines are their offsets on its chip.
#[cfg(not(feature = "rpi"))]
fn raspberry_pi() -> Box<dyn DigitalIo> {
    tracing::info!(
        "this davy is built without the Raspberry Pi's registers: its lines go by the GPIO character device"
    );
    Box::new(cdev::Cdev::default())
}
