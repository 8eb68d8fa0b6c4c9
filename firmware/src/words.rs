//! What is shown, in words for the log.

use davy_core::annunciation::{Annunciation, LampColour, LampPattern};

/// One line for the log: `lamp red flashing, horn on, relay on`.
pub(crate) fn annunciation(shown: Annunciation) -> String {
    let lamp = match shown.lamp {
        LampColour::Green => "green",
        LampColour::Blue => "blue",
        LampColour::Yellow => "yellow",
        LampColour::Amber => "amber",
        LampColour::Red => "red",
    };
    let pattern = match shown.pattern {
        LampPattern::Steady => "steady",
        LampPattern::Flash => "flashing",
        LampPattern::SlowFlash => "flashing slowly",
    };
    let on = |on: bool| if on { "on" } else { "off" };
    let silenced = shown.silenced_until.map(|until| format!(" (silenced until {until})")).unwrap_or_default();
    format!("lamp {lamp} {pattern}, horn {}{silenced}, relay {}", on(shown.horn), on(shown.relay))
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::time::UtcTime;

    #[test]
    fn the_log_says_what_a_lamp_would_show() {
        assert_eq!(annunciation(Annunciation::default()), "lamp green steady, horn off, relay off");
        let alarm = Annunciation {
            lamp: LampColour::Red,
            pattern: LampPattern::Flash,
            horn: true,
            relay: true,
            silenced_until: None,
        };
        assert_eq!(annunciation(alarm), "lamp red flashing, horn on, relay on");
        let silenced = Annunciation { horn: false, silenced_until: Some(UtcTime(0)), ..alarm };
        assert_eq!(
            annunciation(silenced),
            "lamp red flashing, horn off (silenced until 1970-01-01T00:00:00.000Z), relay on"
        );
    }
}
