//! What an output does: off, on, or pulses.

use davy_config::Pulse;

/// What an output does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drive {
    Off,
    On,
    Pulse(Pulse),
}

impl Drive {
    pub(crate) fn of(on: bool) -> Self {
        if on { Self::On } else { Self::Off }
    }

    /// Whether it is on, so many milliseconds after it began.
    pub(crate) fn level(self, after_ms: u64) -> bool {
        match self {
            Self::Off => false,
            Self::On => true,
            Self::Pulse(Pulse { on_ms, off_ms }) => after_ms % (on_ms + off_ms).max(1) < on_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pulse_begins_with_on() {
        let drive = Drive::Pulse(Pulse { on_ms: 250, off_ms: 250 });
        let levels: Vec<bool> = [0, 249, 250, 499, 500, 750].iter().map(|ms| drive.level(*ms)).collect();
        assert_eq!(levels, [true, true, false, false, true, false]);
        let steady = Drive::Pulse(Pulse { on_ms: 300, off_ms: 0 });
        assert!((0..1_000).all(|ms| steady.level(ms)));
        assert!(!Drive::Off.level(0) && Drive::On.level(7));
    }
}
