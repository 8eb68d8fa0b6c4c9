//! Lines of nothing. The inputs are the names in a file, one on each line, that are active; so a person at a desk, or a test, can
//! press a button.

use super::{DigitalIo, Fault};
use crate::limits;
use davy_config::{BoardConfig, BoardLine, InputBias};
use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

/// Lines without hardware.
pub(super) struct Simulated {
    /// The names of the inputs in their order, each with whether it is active when low.
    inputs: Vec<(String, bool)>,
    file: PathBuf,
    outputs: BTreeMap<usize, bool>,
}

impl Simulated {
    pub(super) fn new(board: &BoardConfig, file: &Path) -> Self {
        let inputs = board.inputs.iter().map(|input| (input.name.clone(), input.active_low)).collect();
        Self { inputs, file: file.to_owned(), outputs: BTreeMap::new() }
    }
}

impl DigitalIo for Simulated {
    fn claim_output(&mut self, at: usize, _line: &BoardLine, high: bool) -> Result<(), Fault> {
        self.outputs.insert(at, high);
        Ok(())
    }

    fn claim_input(&mut self, _at: usize, _line: &BoardLine, _bias: InputBias) -> Result<(), Fault> {
        Ok(())
    }

    fn write(&mut self, at: usize, high: bool) -> Result<(), Fault> {
        self.outputs.insert(at, high);
        Ok(())
    }

    fn read(&mut self, at: usize) -> Result<bool, Fault> {
        let (name, active_low) = self.inputs.get(at).ok_or_else(|| Fault("the line is not taken".to_owned()))?;
        let mut text = String::new();
        // No file, no press.
        if let Ok(file) = File::open(&self.file) {
            let _ = file.take(limits::FILE_BYTES_MAX).read_to_string(&mut text);
        }
        Ok(text.lines().any(|line| line.trim() == name) != *active_low)
    }
}
