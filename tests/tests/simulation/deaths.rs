//! Two gateways on one plant, of which one dies amid a step: what the other has to live through for both to know the same.

use crate::{
    step::Step,
    world::{Happened, World},
};

/// Whether whoever says it says it again, when the process dies with it on its way: a connector what is there now, the loop that
/// it is time, a person who was not answered. A sight is told once, of several values of a tag only the last is there
/// again, and of a source that is back after its end was lost nobody can say that it was away.
pub(crate) fn can_come_amid(step: &Step) -> bool {
    match step {
        Step::Samples(values) => values.len() == 1,
        Step::Location { .. }
        | Step::Ticket(_)
        | Step::Uplink(..)
        | Step::Clock(_)
        | Step::Storage(_)
        | Step::Certificates(_)
        | Step::Journal(_)
        | Step::Board(_)
        | Step::Ask { .. }
        | Step::Pass { .. } => true,
        Step::Sight { .. }
        | Step::Source(..)
        | Step::Backfill(_)
        | Step::SetClock(_)
        | Step::TellAgain
        | Step::Restart { .. }
        | Step::Die { .. }
        | Step::Reconfigure => false,
    }
}

/// The one dies amid the step, after some of its events, perhaps with the next one lost; the other is told again what is there at
/// the same moment, before the tick where that was lost, and with the event where that was. What came of it, for each.
pub(crate) fn play(dying: &mut World, living: &mut World, step: &Step, nth: usize) -> (Happened, Happened) {
    let is_lost = nth.is_multiple_of(2);
    let after = if matches!(step, Step::Pass { .. }) { nth % 5 } else { usize::from(!is_lost) };
    let began_ms = dying.running_ms;
    let death = Step::Die { after, lost: usize::from(is_lost), amid: Box::new(step.clone()) };
    let mut died = dying.apply(&death);
    let lived = if let Step::Pass { ms } = step {
        let (died_ms, lost_tick) = dying.died;
        let until_ms = died_ms - began_ms;
        let until = living.pass(until_ms, !lost_tick);
        [until, living.apply(&Step::TellAgain), living.pass(ms - until_ms, true)].concat()
    } else if !is_lost {
        [living.apply(step), living.apply(&Step::TellAgain)].concat()
    } else if matches!(step, Step::Ask { .. }) {
        died.extend(dying.apply(step));
        [living.apply(&Step::TellAgain), living.apply(step)].concat()
    } else {
        living.remember(step);
        living.apply(&Step::TellAgain)
    };
    (died, lived)
}
