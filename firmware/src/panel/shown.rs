//! What each output does for what is to be shown.

use super::{Drive, Panel};
use davy_config::{COLOURS, OutputRole};
use davy_core::annunciation::{Annunciation, LampColour, LampPattern};

impl Panel {
    /// What it does when nobody tests it.
    pub(super) fn own_drive(&self, at: usize, role: OutputRole) -> Drive {
        let patterns = self.board.patterns;
        match role {
            OutputRole::Lamp(_) if self.lamps_lit_until.is_some() => Drive::On,
            OutputRole::Lamp(_) => {
                let (colour, pattern) = self.lamp();
                let lit = COLOURS.iter().position(|(of, _)| *of == colour);
                let lit = lit.is_some_and(|place| self.board.shows[place].contains(&at));
                match pattern {
                    _ if !lit => Drive::Off,
                    LampPattern::Steady => Drive::On,
                    LampPattern::Flash => Drive::Pulse(patterns.flash),
                    LampPattern::SlowFlash => Drive::Pulse(patterns.slow_flash),
                }
            }
            OutputRole::Horn => match (self.shown.horn, self.shown.lamp) {
                (false, _) => Drive::Off,
                (true, LampColour::Red) => Drive::Pulse(patterns.horn_danger),
                (true, _) => Drive::Pulse(patterns.horn_warning),
            },
            OutputRole::Health(pulse) => match (self.life.is_alive(), pulse) {
                (false, _) => Drive::Off,
                (true, None) => Drive::On,
                (true, Some(pulse)) => Drive::Pulse(pulse),
            },
            OutputRole::AlarmRelay => Drive::of(self.shown.relay),
            OutputRole::HornRelay => Drive::of(self.shown.horn),
            OutputRole::AliveLed if self.life.is_alive() => Drive::Pulse(patterns.slow_flash),
            OutputRole::AliveLed => Drive::Off,
            OutputRole::TroubleLed => Drive::of(self.trouble || self.life.is_lost()),
        }
    }

    /// A lamp that goes on to shine green while nobody evaluates alarms would be a lie; what stands goes on to be shown.
    fn lamp(&self) -> (LampColour, LampPattern) {
        if self.life.is_lost() && self.shown.lamp == LampColour::Green {
            return (LampColour::Yellow, LampPattern::SlowFlash);
        }
        (self.shown.lamp, self.shown.pattern)
    }

    /// Whether an alarm is shown.
    pub(super) fn stands(&self) -> bool {
        let Annunciation { lamp, horn, relay, .. } = self.shown;
        lamp != LampColour::Green || horn || relay
    }
}

/// Of the box itself, and no alarm.
pub(super) fn is_light_of_box(role: OutputRole) -> bool {
    match role {
        OutputRole::Health(_) | OutputRole::AliveLed | OutputRole::TroubleLed => true,
        OutputRole::Lamp(_) | OutputRole::Horn | OutputRole::AlarmRelay | OutputRole::HornRelay => false,
    }
}
