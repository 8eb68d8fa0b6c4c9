//! The lines of a box as on and off: polarity, what is wrong with which, and the safe state.

use crate::{
    io::{DigitalIo, Fault},
    limits,
};
use davy_config::BoardConfig;
use davy_core::time::Monotonic;
use std::sync::Arc;

/// Every line, taken as far as possible. When it is dropped, outputs go to their safe state.
pub(crate) struct Lines {
    board: Arc<BoardConfig>,
    io: Box<dyn DigitalIo>,
    outputs: Vec<Line>,
    inputs: Vec<Line>,
    claim_at: Monotonic,
}

#[derive(Clone, Debug, Default)]
struct Line {
    taken: bool,
    /// What an output was set to last, and when.
    set: Option<(bool, Monotonic)>,
    fault: Option<Fault>,
}

impl Lines {
    /// Takes every line; each output is in its safe state after that.
    pub(crate) fn open(board: Arc<BoardConfig>, io: Box<dyn DigitalIo>, now: Monotonic) -> Self {
        let outputs = vec![Line::default(); board.outputs.len()];
        let inputs = vec![Line::default(); board.inputs.len()];
        let mut lines = Self { board, io, outputs, inputs, claim_at: now };
        lines.claim(now);
        lines
    }

    /// Takes what could not be taken, now and again.
    pub(crate) fn claim(&mut self, now: Monotonic) {
        if now < self.claim_at {
            return;
        }
        self.claim_at = now.after(limits::CLAIM_AGAIN_MS);
        for (at, output) in self.board.outputs.iter().enumerate() {
            let line = &mut self.outputs[at];
            if !line.taken {
                line.set = None;
                let claimed = self.io.claim_output(at, &output.line, output.safe_on != output.active_low);
                line.take(claimed, &output.name);
            }
        }
        for (at, input) in self.board.inputs.iter().enumerate() {
            let line = &mut self.inputs[at];
            if !line.taken {
                let claimed = self.io.claim_input(at, &input.line, input.bias);
                line.take(claimed, &input.name);
            }
        }
    }

    /// Sets an output, if it is not so already; now and again in any case.
    pub(crate) fn set(&mut self, at: usize, on: bool, now: Monotonic) {
        let (line, output) = (&mut self.outputs[at], &self.board.outputs[at]);
        let is_so = line.set.is_some_and(|(was, when)| was == on && now.since(when) < limits::REFRESH_MS);
        if !line.taken || is_so {
            return;
        }
        let written = self.io.write(at, on != output.active_low);
        line.set = written.is_ok().then_some((on, now));
        line.keep(written, &output.name);
    }

    /// Whether an input is active; `None` when it cannot be read.
    pub(crate) fn get(&mut self, at: usize) -> Option<bool> {
        let (line, input) = (&mut self.inputs[at], &self.board.inputs[at]);
        if !line.taken {
            return None;
        }
        let read = self.io.read(at);
        let level = read.as_ref().ok().copied();
        line.keep(read.map(drop), &input.name);
        level.map(|high| high != input.active_low)
    }

    /// What is wrong with an output.
    pub(crate) fn output_fault(&self, at: usize) -> Option<&str> {
        self.outputs[at].fault.as_ref().map(|Fault(why)| why.as_str())
    }

    /// What is wrong with an input.
    pub(crate) fn input_fault(&self, at: usize) -> Option<&str> {
        self.inputs[at].fault.as_ref().map(|Fault(why)| why.as_str())
    }

    /// Puts every output into its safe state.
    pub(crate) fn make_safe(&mut self) {
        for (at, output) in self.board.outputs.iter().enumerate() {
            if self.outputs[at].taken {
                let written = self.io.write(at, output.safe_on != output.active_low);
                self.outputs[at].set = None;
                if let Err(Fault(why)) = written {
                    tracing::error!(output = output.name, "cannot be put into its safe state: {why}");
                }
            }
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.make_safe();
    }
}

impl Line {
    fn take(&mut self, claimed: Result<(), Fault>, name: &str) {
        self.taken = claimed.is_ok();
        self.remember(claimed, name);
    }

    /// A line that failed is taken anew.
    fn keep(&mut self, done: Result<(), Fault>, name: &str) {
        self.taken = done.is_ok();
        self.remember(done, name);
    }

    fn remember(&mut self, done: Result<(), Fault>, name: &str) {
        let fault = done.err();
        if fault == self.fault {
            return;
        }
        match &fault {
            Some(Fault(why)) => tracing::error!(target: "davy::board", line = name, "{why}"),
            None => tracing::info!(target: "davy::board", line = name, "the line is in order again"),
        }
        self.fault = fault;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use davy_config::{BoardLine, InputBias};
    use std::{collections::BTreeMap, sync::Mutex};

    /// A chip in memory: what was done to it, and which lines fail.
    #[derive(Clone, Default)]
    pub(crate) struct Fake(pub(crate) Arc<Mutex<Chip>>);

    #[derive(Default)]
    pub(crate) struct Chip {
        pub(crate) outputs: BTreeMap<usize, bool>,
        pub(crate) inputs: BTreeMap<usize, bool>,
        pub(crate) busy: Vec<usize>,
        pub(crate) writes: usize,
    }

    impl DigitalIo for Fake {
        fn claim_output(&mut self, at: usize, _: &BoardLine, high: bool) -> Result<(), Fault> {
            self.write(at, high)
        }

        fn claim_input(&mut self, _: usize, _: &BoardLine, _: InputBias) -> Result<(), Fault> {
            Ok(())
        }

        fn write(&mut self, at: usize, high: bool) -> Result<(), Fault> {
            let mut chip = self.0.lock().expect("nobody panics with it");
            if chip.busy.contains(&at) {
                return Err(Fault("busy".to_owned()));
            }
            chip.writes += 1;
            chip.outputs.insert(at, high);
            Ok(())
        }

        fn read(&mut self, at: usize) -> Result<bool, Fault> {
            Ok(self.0.lock().expect("nobody panics with it").inputs.get(&at).copied().unwrap_or(false))
        }
    }

    fn level(fake: &Fake, at: usize) -> Option<bool> {
        fake.0.lock().expect("nobody panics with it").outputs.get(&at).copied()
    }

    fn board() -> Arc<BoardConfig> {
        let mut board = BoardConfig::simulated();
        // A lamp that shines when its line is low, and a horn that sounds while nobody drives it.
        board.outputs[0].active_low = true;
        board.outputs[5].safe_on = true;
        Arc::new(board)
    }

    #[test]
    fn outputs_are_safe_at_the_start_and_at_the_end() {
        let fake = Fake::default();
        let mut lines = Lines::open(board(), Box::new(fake.clone()), Monotonic(0));
        assert_eq!((level(&fake, 0), level(&fake, 1), level(&fake, 5)), (Some(true), Some(false), Some(true)));
        for at in [0, 1] {
            lines.set(at, true, Monotonic(1));
        }
        lines.set(5, false, Monotonic(1));
        assert_eq!((level(&fake, 0), level(&fake, 1), level(&fake, 5)), (Some(false), Some(true), Some(false)));
        drop(lines);
        assert_eq!((level(&fake, 0), level(&fake, 1), level(&fake, 5)), (Some(true), Some(false), Some(true)));
    }

    #[test]
    fn a_line_that_is_busy_harms_no_other_and_is_tried_again() {
        let fake = Fake::default();
        fake.0.lock().expect("nobody panics with it").busy = vec![1];
        let mut lines = Lines::open(board(), Box::new(fake.clone()), Monotonic(0));
        lines.set(1, true, Monotonic(1));
        lines.set(2, true, Monotonic(1));
        assert_eq!((lines.output_fault(1), lines.output_fault(2)), (Some("busy"), None));
        assert_eq!((level(&fake, 1), level(&fake, 2)), (None, Some(true)));
        fake.0.lock().expect("nobody panics with it").busy.clear();
        lines.claim(Monotonic(limits::CLAIM_AGAIN_MS - 1));
        assert_eq!(lines.output_fault(1), Some("busy"), "not yet");
        lines.claim(Monotonic(limits::CLAIM_AGAIN_MS));
        lines.set(1, true, Monotonic(limits::CLAIM_AGAIN_MS));
        assert_eq!((lines.output_fault(1), level(&fake, 1)), (None, Some(true)));
    }

    #[test]
    fn a_chip_that_is_gone_is_noticed_though_nothing_changes() {
        let fake = Fake::default();
        let mut lines = Lines::open(board(), Box::new(fake.clone()), Monotonic(0));
        lines.set(1, true, Monotonic(0));
        let before = fake.0.lock().expect("nobody panics with it").writes;
        lines.set(1, true, Monotonic(limits::REFRESH_MS - 1));
        assert_eq!(fake.0.lock().expect("nobody panics with it").writes, before, "it is so already");
        fake.0.lock().expect("nobody panics with it").busy = vec![1];
        lines.set(1, true, Monotonic(limits::REFRESH_MS));
        assert_eq!(lines.output_fault(1), Some("busy"));
    }
}
