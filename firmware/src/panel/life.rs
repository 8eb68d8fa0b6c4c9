//! Whether the loop that evaluates alarms turns.

use davy_core::time::Monotonic;

/// Starting until it has turned once, then alive or lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Life {
    hung_after_ms: u64,
    turns: u64,
    /// When it turned last, or the start.
    turned: Monotonic,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Starting,
    Alive,
    Lost,
}

impl Life {
    pub(super) fn new(hung_after_ms: u64, now: Monotonic) -> Self {
        Self { hung_after_ms, turns: 0, turned: now, state: State::Starting }
    }

    /// How often it has turned, a number that only grows.
    pub(super) fn beat(&mut self, turns: u64, now: Monotonic) {
        if turns != self.turns {
            (self.turns, self.turned, self.state) = (turns, now, State::Alive);
        } else if now.since(self.turned) >= self.hung_after_ms {
            self.state = State::Lost;
        }
    }

    pub(super) fn is_alive(self) -> bool {
        self.state == State::Alive
    }

    pub(super) fn is_lost(self) -> bool {
        self.state == State::Lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_alive_while_it_turns_and_lost_when_it_does_not() {
        let mut life = Life::new(5_000, Monotonic(0));
        let mut states = Vec::new();
        for (at, turns) in
            [(0, 0), (4_999, 0), (5_000, 0), (5_020, 1), (9_000, 1), (10_019, 1), (10_020, 1), (10_040, 2)]
        {
            life.beat(turns, Monotonic(at));
            states.push((life.is_alive(), life.is_lost()));
        }
        let (starting, alive, lost) = ((false, false), (true, false), (false, true));
        assert_eq!(states, [starting, starting, lost, alive, alive, alive, lost, alive]);
    }
}
