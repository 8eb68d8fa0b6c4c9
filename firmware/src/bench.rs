//! The lines of a box one by one, for a person who tries the wiring while no gateway runs.

use crate::{io, lines::Lines};
use davy_config::BoardConfig;
use davy_core::time::Monotonic;
use std::{path::Path, sync::Arc};

/// The lines, taken. When it is dropped, outputs go to their safe state.
pub struct Bench {
    board: Arc<BoardConfig>,
    lines: Lines,
}

impl Bench {
    /// Takes every line; the inputs of a simulated box are in a file.
    #[must_use]
    pub fn open(board: BoardConfig, simulated_inputs: &Path, now: Monotonic) -> Self {
        let board = Arc::new(board);
        let io = io::open(&board, simulated_inputs);
        Self { lines: Lines::open(Arc::clone(&board), io, now), board }
    }

    /// How it is wired.
    #[must_use]
    pub fn board(&self) -> &BoardConfig {
        &self.board
    }

    /// Sets an output, by its place.
    pub fn set(&mut self, at: usize, on: bool, now: Monotonic) {
        self.lines.set(at, on, now);
    }

    /// What is wrong with an output, by its place.
    #[must_use]
    pub fn output_fault(&self, at: usize) -> Option<&str> {
        self.lines.output_fault(at)
    }

    /// Whether an input is active now, by its place, or why it cannot be read.
    ///
    /// # Errors
    /// In words for a person.
    pub fn get(&mut self, at: usize) -> Result<bool, String> {
        let active = self.lines.get(at);
        active.ok_or_else(|| self.lines.input_fault(at).unwrap_or("the line is not taken").to_owned())
    }
}
