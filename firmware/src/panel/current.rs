//! A lamp or a horn whose current can be sensed: on and without one, it does not shine.

use crate::limits;
use davy_core::time::Monotonic;

/// The current of an output.
#[derive(Clone, Debug)]
pub(super) struct Current {
    /// The input that senses it.
    pub(super) input: usize,
    /// The output.
    pub(super) output: usize,
    after_ms: u64,
    on_since: Option<Monotonic>,
    missing: bool,
}

impl Current {
    pub(super) fn new(input: usize, output: usize, debounce_ms: u64) -> Self {
        let after_ms = limits::CURRENT_AFTER_MS + debounce_ms;
        Self { input, output, after_ms, on_since: None, missing: false }
    }

    /// Judges while it is on for long enough; what was found stays until it is on again.
    pub(super) fn look(&mut self, on: bool, flows: Option<bool>, now: Monotonic) {
        if !on {
            self.on_since = None;
            return;
        }
        let since = *self.on_since.get_or_insert(now);
        if now.since(since) >= self.after_ms
            && let Some(flows) = flows
        {
            self.missing = !flows;
        }
    }

    pub(super) fn is_missing(&self) -> bool {
        self.missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lamp_without_a_current_is_told_until_it_shines_again() {
        let mut current = Current::new(0, 0, 20);
        let steps = [
            (0, true, Some(false), false),
            (99, true, Some(false), false),
            (100, true, Some(false), true),
            (250, false, Some(false), true),
            (500, true, Some(false), true),
            (560, true, Some(true), true),
            (600, true, Some(true), false),
            (700, true, None, false),
        ];
        for (at, on, flows, missing) in steps {
            current.look(on, flows, Monotonic(at));
            assert_eq!(current.is_missing(), missing, "at {at}");
        }
    }
}
