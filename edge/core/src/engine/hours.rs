//! Rules that hold in certain hours only: they are judged again when the local day, or a step of the wall clock, has come
//! to other hours. Within the same hours the wall clock changes nothing.

use super::Engine;
use crate::{effect::Effects, time::Now, timers::Timer};

impl Engine {
    /// Looks at the wall clock, with every event: a step is followed at once.
    pub(super) fn look_at_clock(&mut self, now: Now, out: &mut Effects) {
        if self.inputs.local.look(now.utc) {
            for at in 0..self.index.rules_of_clock.len() {
                self.judge(self.index.rules_of_clock[at], now, out);
            }
        }
    }

    /// Sets the timer of the next look.
    pub(super) fn look_at_clock_again(&mut self, now: Now) {
        if let Some(wait_ms) = self.inputs.local.next_look_ms(now.utc) {
            self.timers.set(now.monotonic.after(wait_ms), Timer::Clock);
        }
    }
}
