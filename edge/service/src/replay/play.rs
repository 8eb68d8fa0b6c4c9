//! Two engines side by side: one as it was, told exactly what it was told; one under another configuration, told the same.

use super::{background::Progress, journaled::Journaled, same_object::same_object, spans::Raised};
use crate::mapping::Mapping;
use davy_core::{
    Engine,
    effect::Effects,
    event::{Command, Event, PlatformAsk},
    model::Site,
    saved::SavedState,
    time::Now,
};
use davy_store::{
    StoreError,
    recording::{Recording, Run, Told},
};

/// A run, played.
#[derive(Debug)]
pub(super) struct Played {
    /// What the engine raised under the recorded configuration.
    pub(super) then: Raised,
    /// What it would have raised under the other one.
    pub(super) now: Raised,
    /// Events told.
    pub(super) events: u64,
    /// Events that the recording left out.
    pub(super) lost: u64,
    /// Commands about something that the other configuration did not raise.
    pub(super) commands_without_object: u64,
}

/// Plays a run; what the engine as it was derives goes to `journaled` for comparison.
pub(super) fn play(
    recording: &Recording,
    run: &Run,
    sites: (Site, Site),
    saved: impl Fn() -> SavedState,
    (journaled, progress): (&mut Journaled, &mut Progress),
) -> Result<Played, StoreError> {
    let (then, now) = sites;
    let began = run.beginning.now;
    let mut stage = Stage {
        mapping: Mapping::new(&then, &now),
        then: Engine::restore(then, run.beginning.epoch, saved(), began),
        now: Engine::restore(now, run.beginning.epoch, saved(), began),
        last: began,
        played: Played {
            then: Raised::default(),
            now: Raised::default(),
            events: 0,
            lost: 0,
            commands_without_object: 0,
        },
    };
    recording.play(run, |part| {
        stage.played.lost += part.lost;
        progress.add(part.told.len());
        part.told.into_iter().for_each(|told| stage.tell(told, journaled));
        true
    })?;
    Ok(stage.played)
}

struct Stage {
    mapping: Mapping,
    then: Engine,
    now: Engine,
    last: Now,
    played: Played,
}

impl Stage {
    fn tell(&mut self, told: Told, journaled: &mut Journaled) {
        self.tick_until(told.now);
        let is_command = matches!(told.event, Event::Command(_) | Event::Platform(_));
        let there = self.there(told.event.clone(), told.now);
        if let Some(event) = there {
            apply(&mut self.now, told.now, event, |effects| self.played.now.take_all(effects));
        } else if is_command {
            self.played.commands_without_object += 1;
        }
        apply(&mut self.then, told.now, told.event, |effects| {
            self.played.then.take_all(effects);
            journaled.compare(&effects.records);
        });
        self.played.events += 1;
        self.last = told.now;
    }

    /// The event as the other engine is told it.
    fn there(&self, event: Event, now: Now) -> Option<Event> {
        if let Event::Command(command) = event {
            let kind = same_object(command.kind, &self.now.snapshot(now.utc))?;
            return Some(Event::Command(Command { kind, ..command }));
        }
        if let Event::Platform(mut command) = event {
            if let PlatformAsk::Command(kind) = command.ask {
                command.ask = PlatformAsk::Command(same_object(kind, &self.now.snapshot(now.utc))?);
            }
            return self.mapping.event(Event::Platform(command));
        }
        // Evidence was about a warning of the recorded configuration, and decides nothing.
        if matches!(event, Event::Evidence(_)) { None } else { self.mapping.event(event) }
    }

    /// The other engine has deadlines of its own. One that both have was met when the next event was told, a moment late
    /// as a timer is; one that it alone has is met as a timer would have.
    fn tick_until(&mut self, next: Now) {
        while let Some(due) = self.now.next_deadline().filter(|due| *due < next.monotonic) {
            if self.then.next_deadline().is_some_and(|then| then <= due) {
                return;
            }
            let since_last = due.since(self.last.monotonic);
            let now = Now { monotonic: due.max(self.last.monotonic), utc: self.last.utc.after(since_last) };
            apply(&mut self.now, now, Event::Tick, |effects| self.played.now.take_all(effects));
        }
    }
}

impl Raised {
    fn take_all(&mut self, effects: &Effects) {
        effects.records.iter().for_each(|record| self.take(record));
    }
}

fn apply(engine: &mut Engine, now: Now, event: Event, take: impl FnOnce(&Effects)) {
    let mut effects = Effects::default();
    engine.apply(now, event, &mut effects);
    take(&effects);
}
