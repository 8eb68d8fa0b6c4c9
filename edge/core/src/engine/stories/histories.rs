//! Rules against naive references: each keeps the whole history of what was told, and works out from it anew, by the words of the
//! rule, whether there is an alarm now. None of them knows the engine's states, timers or memories.

mod analyses;
mod cards;
mod first_out;
mod full;
mod horn;
mod hot_work;
mod overdue;
mod people;
mod shell;
mod sights;
mod tags;
mod tickets;
mod trends;
mod watch;

use super::*;
use proptest::prelude::*;

/// What the inputs of a condition say.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    True,
    False,
    /// Within a deadband.
    Neither,
    Unknown,
}

fn truth(is: bool) -> Says {
    if is { Says::True } else { Says::False }
}

/// The delays of a rule.
#[derive(Clone, Copy, Debug, Default)]
struct Delays {
    on_ms: u64,
    off_ms: u64,
    /// What is unknown for a while does not break them off.
    through_unknown: bool,
}

/// Whether a rule is active after all that its inputs have said, by millisecond: as the last row without interruption says that was
/// as long as its delay.
fn is_active(said: &[(u64, Says)], delays: Delays) -> bool {
    let turned = (0..said.len()).rev().find_map(|at| {
        let (now_ms, says) = said[at];
        let delay_ms = match says {
            Says::True => delays.on_ms,
            Says::False => delays.off_ms,
            Says::Neither | Says::Unknown => return None,
        };
        let goes_on = |said: Says| said == says || delays.through_unknown && said == Says::Unknown;
        let row = said[..=at].iter().rev().take_while(|(_, said)| goes_on(*said));
        let (since_ms, _) = row.filter(|(_, said)| *said == says).last()?;
        (now_ms - since_ms >= delay_ms).then_some(says == Says::True)
    });
    turned.unwrap_or(false)
}

impl Bench {
    /// The rules that are active now.
    fn active(&self) -> Vec<String> {
        let alarms = self.engine.snapshot(self.now.utc).alarms;
        let mut active: Vec<String> =
            alarms.iter().filter(|alarm| alarm.is_active()).map(|alarm| alarm.rule.to_string()).collect();
        active.sort();
        active
    }
}
