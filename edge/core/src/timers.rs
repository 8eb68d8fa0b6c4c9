//! Deadlines on the monotonic clock, in order.

use crate::{id::*, time::Monotonic};
use std::collections::BTreeSet;

/// What is waited for. A deadline may be set early: whoever is woken looks whether it is really due and sets the next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// A rule's on- or off-delay.
    Delay(RuleIx),
    /// A video rule's cool-down.
    CoolDown(RuleIx),
    /// A rule on which time alone may have another verdict.
    Verdict(RuleIx),
    /// A tag's next value.
    Tag(TagIx),
    /// A person's next position.
    Person(PersonIx),
    /// Tickets, on which time alone may have the rules of a table judge otherwise.
    Tickets(usize),
    /// A source's first word.
    Source(SourceIx),
    /// An uplink's first word.
    Uplink(UplinkIx),
    /// A rule's alarm has been active for long enough to say that it lasts.
    Lasting(RuleIx),
    /// The next hour that matters, or the next look at the wall clock.
    Clock,
    /// The end of the horn's silence.
    Horn,
    /// A task's due time, or the next role up.
    TaskDue(TaskId),
    /// The end of a rule's shelf, or the next time to save what is left of it.
    Shelf(RuleIx),
    /// The end of a unit's stop, or the next time to save what is left of it.
    Stop(UnitIx),
    /// The end of what an active rule suppresses although its inputs are unknown.
    Suppressor(RuleIx),
    /// The time after which an unhandled warning gets one step worse.
    Escalation(RiskEventIx),
    /// The next look at the plans.
    Plans,
    /// The next rules whose rows of the master alarm table are compared.
    Table,
}

impl Timer {
    /// Whether it judges that something did not come, or did not change.
    pub(crate) fn judges_silence(&self) -> bool {
        match self {
            Self::Verdict(_)
            | Self::Tag(_)
            | Self::Person(_)
            | Self::Tickets(_)
            | Self::Source(_)
            | Self::Uplink(_)
            | Self::Suppressor(_) => true,
            Self::Delay(_)
            | Self::CoolDown(_)
            | Self::Lasting(_)
            | Self::Clock
            | Self::Horn
            | Self::TaskDue(_)
            | Self::Shelf(_)
            | Self::Stop(_)
            | Self::Escalation(_)
            | Self::Plans
            | Self::Table => false,
        }
    }
}

/// All deadlines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    set: BTreeSet<(Monotonic, Timer)>,
}

impl Timers {
    pub(crate) fn set(&mut self, at: Monotonic, timer: Timer) {
        self.set.insert((at, timer));
    }

    pub(crate) fn cancel(&mut self, at: Monotonic, timer: Timer) {
        self.set.remove(&(at, timer));
    }

    pub(crate) fn next(&self) -> Option<Monotonic> {
        self.set.first().map(|(at, _)| *at)
    }

    /// The first that is due, with its deadline.
    pub(crate) fn pop_due(&mut self, now: Monotonic) -> Option<(Monotonic, Timer)> {
        if self.next()? > now {
            return None;
        }
        self.set.pop_first()
    }
}
