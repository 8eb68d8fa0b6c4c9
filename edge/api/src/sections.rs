//! The sections of the event stream, prepared once for everybody who listens: serialised, compared with what went out
//! last, and put where each client picks up the newest whenever it has room.

mod piece;

use crate::{Context, app::App, limits};
use davy_access::Permission;
use davy_core::{
    id::{TagId, TagIx},
    snapshot::Snapshot,
};
use piece::{Piece, Row};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    future::pending,
    sync::Arc,
};
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

/// What the page shows, in the order in which a new client gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    System,
    Annunciation,
    Alarms,
    Warnings,
    Units,
    Measures,
    Tasks,
    Plans,
    Hazards,
    Hidden,
    People,
    Tickets,
    Zones,
    Watch,
    Tags,
    Sources,
    Uplinks,
    Demo,
    Beat,
}

impl Section {
    pub(crate) const ALL: [(Self, &str); 19] = [
        (Self::System, "system"),
        (Self::Annunciation, "annunciation"),
        (Self::Alarms, "alarms"),
        (Self::Warnings, "warnings"),
        (Self::Units, "units"),
        (Self::Measures, "measures"),
        (Self::Tasks, "tasks"),
        (Self::Plans, "plans"),
        (Self::Hazards, "hazards"),
        (Self::Hidden, "hidden"),
        (Self::People, "people"),
        (Self::Tickets, "tickets"),
        (Self::Zones, "zones"),
        (Self::Watch, "watch"),
        (Self::Tags, "tags"),
        (Self::Sources, "sources"),
        (Self::Uplinks, "uplinks"),
        (Self::Demo, "demo"),
        (Self::Beat, "beat"),
    ];

    fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// What one must be allowed to see it.
    pub(crate) fn needs(self) -> Permission {
        match self {
            Self::Tasks | Self::Plans | Self::Hazards | Self::People | Self::Tickets => Permission::Read,
            Self::System
            | Self::Annunciation
            | Self::Alarms
            | Self::Warnings
            | Self::Units
            | Self::Measures
            | Self::Hidden
            | Self::Zones
            | Self::Watch
            | Self::Tags
            | Self::Sources
            | Self::Uplinks
            | Self::Demo
            | Self::Beat => Permission::Live,
        }
    }
}

/// The newest of every section.
pub(crate) type Frame = BTreeMap<Section, Arc<Piece>>;

/// Prepares sections until the gateway stops. While nobody listens it rests.
pub(crate) async fn run(app: Arc<App>) {
    let Context { snapshot, demo, journal, panel, stop, .. } = &app.context;
    let (mut snapshot, mut demo, mut journal, mut panel) =
        (snapshot.clone(), demo.clone(), journal.clone(), panel.clone());
    let mut beat = interval(limits::BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut board = Board::default();
    loop {
        let due = tokio::select! {
            () = stop.cancelled() => return,
            () = app.joined.notified() => Due { restless: true, ..Due::default() },
            _ = beat.tick() => Due { restless: true, beat: true, ..Due::default() },
            () = changed(&mut journal) => Due { restless: true, ..Due::default() },
            () = changed(&mut panel) => Due { system: true, ..Due::default() },
            () = changed(&mut snapshot) => Due::default(),
            () = changed_if_any(demo.as_mut()) => Due::default(),
        };
        if app.frames.receiver_count() > 0 {
            board.prepare(&app, due);
            app.frames.send_replace(Arc::new(board.frame.clone()));
        }
    }
}

/// Waits for ever when there is nobody left who could change it.
async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    if receiver.changed().await.is_err() {
        pending::<()>().await;
    }
}

async fn changed_if_any<T>(receiver: Option<&mut watch::Receiver<T>>) {
    match receiver {
        Some(receiver) => changed(receiver).await,
        None => pending().await,
    }
}

/// What beside the quick sections is to be prepared.
#[derive(Clone, Copy, Default)]
struct Due {
    /// The sections that are large or differ every time.
    restless: bool,
    /// Of those, the gateway itself.
    system: bool,
    beat: bool,
}

#[derive(Default)]
struct Board {
    frame: Frame,
    revision: u64,
    /// The live state that is in the frame, and that of its tags: what is the same in the next one is not written again.
    seen: Arc<Snapshot>,
    seen_tags: Arc<Snapshot>,
}

#[derive(Serialize)]
struct Beat {
    at: davy_core::time::UtcTime,
}

impl Board {
    fn prepare(&mut self, app: &App, due: Due) {
        let (snapshot, before) = (app.snapshot(), Arc::clone(&self.seen));
        if due.restless || due.system {
            self.whole(Section::System, &app.system());
        }
        if due.restless {
            self.tags(&snapshot);
            self.list(Section::Sources, &app.sources(), &[], |row| row.source.as_str());
            self.list(Section::Uplinks, &app.uplinks(), &[], |row| row.uplink.as_str());
        }
        self.whole(Section::Annunciation, &snapshot.annunciation);
        self.list(Section::Alarms, &snapshot.alarms, &before.alarms, |alarm| alarm.id.as_str());
        self.list(Section::Warnings, &snapshot.warnings, &before.warnings, |warning| warning.id.as_str());
        self.list(Section::Units, &snapshot.units, &before.units, |unit| unit.unit.as_str());
        self.list(Section::Measures, &snapshot.measures, &before.measures, |measure| measure.measure.as_str());
        self.list(Section::Tasks, &snapshot.tasks, &before.tasks, |task| task.id.as_str());
        self.list(Section::Plans, &snapshot.plans, &before.plans, |plan| plan.plan.as_str());
        self.list(Section::Hazards, &snapshot.hazards, &before.hazards, |hazard| hazard.id.as_str());
        self.list(Section::Hidden, &snapshot.hidden, &before.hidden, |hidden| hidden.rule.as_str());
        self.list(Section::People, &snapshot.people, &before.people, |person| person.person.id.as_str());
        self.list(Section::Tickets, &snapshot.tickets, &before.tickets, |ticket| ticket.id.as_str());
        self.list(Section::Zones, &snapshot.zones, &before.zones, |zone| zone.zone.as_str());
        self.whole(Section::Watch, &snapshot.watch);
        if let Some(demo) = &app.context.demo {
            self.whole(Section::Demo, &*demo.borrow());
        }
        if due.beat {
            self.whole(Section::Beat, &Beat { at: (app.context.utc)() });
        }
        self.seen = snapshot;
    }

    fn whole(&mut self, section: Section, value: &impl Serialize) {
        let Some(text) = text(section, value) else { return };
        let before = self.frame.get(&section).map(|piece| &**piece);
        let piece = Piece::whole(section, self.revision + 1, text, before);
        self.put(section, piece);
    }

    /// A list; `before` is what its piece was made of, as far as that is known.
    fn list<T: Serialize + PartialEq>(&mut self, section: Section, rows: &[T], before: &[T], id: impl Fn(&T) -> &str) {
        let piece = self.frame.get(&section).map(|piece| &**piece);
        if piece.is_some() && !rows.is_empty() && rows == before {
            return;
        }
        let places: HashMap<&str, usize> = before.iter().enumerate().map(|(at, row)| (id(row), at)).collect();
        let row = |row: &T| {
            let at = places.get(id(row)).filter(|at| before[**at] == *row);
            let known = at.and_then(|at| piece?.row(*at)).filter(|known| *known.id == *id(row));
            known.cloned().or_else(|| Some(Row::new(id(row), text(section, row)?)))
        };
        let rows = rows.iter().filter_map(row).collect();
        let piece = Piece::list(section, self.revision + 1, rows, piece);
        self.put(section, piece);
    }

    fn tags(&mut self, snapshot: &Arc<Snapshot>) {
        let piece = self.frame.get(&Section::Tags).map(|piece| &**piece);
        let (tags, before) = (&snapshot.tags, &self.seen_tags.tags);
        let row = |(ix, id): (TagIx, &TagId)| {
            let known = piece.filter(|_| tags.is_as_before(ix, before)).and_then(|piece| piece.row(ix.at()));
            known.cloned().or_else(|| Some(Row::new(id.as_str(), text(Section::Tags, &tags.view(ix))?)))
        };
        let rows = tags.ids().filter_map(row).collect();
        let piece = Piece::list(Section::Tags, self.revision + 1, rows, piece);
        self.put(Section::Tags, piece);
        self.seen_tags = Arc::clone(snapshot);
    }

    fn put(&mut self, section: Section, piece: Option<Piece>) {
        if let Some(piece) = piece {
            self.revision = piece.revision;
            self.frame.insert(section, Arc::new(piece));
        }
    }
}

fn text(section: Section, value: &impl Serialize) -> Option<String> {
    let written = serde_json::to_string(value);
    written
        .inspect_err(
            |error| tracing::error!(section = section.name(), %error, "a section of the stream cannot be written"),
        )
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_names_is_the_order_of_the_sections() {
        assert!(
            Section::ALL
                .iter()
                .enumerate()
                .all(|(at, (section, name))| *section as usize == at && section.name() == *name)
        );
    }

    #[test]
    fn a_section_gets_a_new_revision_only_when_it_changes() {
        let mut board = Board::default();
        board.list(Section::Alarms, &[1], &[], |_| "one");
        board.whole(Section::Watch, &"a");
        board.list(Section::Alarms, &[1], &[1], |_| "one");
        board.list(Section::Alarms, &[1], &[], |_| "one");
        assert_eq!((board.frame[&Section::Alarms].revision, board.revision), (1, 2));
        board.list(Section::Alarms, &[2], &[1], |_| "one");
        assert_eq!(board.frame[&Section::Alarms].revision, 3);
        board.whole(Section::Beat, &0);
        board.whole(Section::Beat, &0);
        assert_eq!(board.frame[&Section::Beat].revision, 5);
    }
}
