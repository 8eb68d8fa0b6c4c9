//! The sections of the event stream, prepared once for everybody who listens: serialised, compared with what went out
//! last, and put where each client picks up the newest whenever it has room.

use crate::{Context, app::App, limits};
use bytes::Bytes;
use davy_access::Permission;
use serde::Serialize;
use std::{collections::BTreeMap, future::pending, ops::Range, sync::Arc};
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
pub(crate) type Frame = BTreeMap<Section, Piece>;

/// A section as an event, ready for the wire.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// Greater with every change of any section.
    pub(crate) revision: u64,
    pub(crate) event: Bytes,
    data: Range<usize>,
}

/// Prepares sections until the gateway stops. While nobody listens it rests.
pub(crate) async fn run(app: Arc<App>) {
    let Context { snapshot, demo, journal, stop, .. } = &app.context;
    let (mut snapshot, mut demo, mut journal) = (snapshot.clone(), demo.clone(), journal.clone());
    let mut beat = interval(limits::BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut board = Board::default();
    loop {
        let due = tokio::select! {
            () = stop.cancelled() => return,
            () = app.joined.notified() => Due { restless: true, beat: false },
            _ = beat.tick() => Due { restless: true, beat: true },
            () = changed(&mut journal) => Due { restless: true, beat: false },
            () = changed(&mut snapshot) => Due { restless: false, beat: false },
            () = changed_if_any(demo.as_mut()) => Due { restless: false, beat: false },
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
#[derive(Clone, Copy)]
struct Due {
    /// The sections that are large or differ every time.
    restless: bool,
    beat: bool,
}

#[derive(Default)]
struct Board {
    frame: Frame,
    revision: u64,
}

#[derive(Serialize)]
struct Beat {
    at: davy_core::time::UtcTime,
}

impl Board {
    fn prepare(&mut self, app: &App, due: Due) {
        let snapshot = app.snapshot();
        if due.restless {
            self.put(Section::System, &app.system());
            self.put(Section::Tags, &snapshot.tags);
            self.put(Section::Sources, &app.sources());
            self.put(Section::Uplinks, &app.uplinks());
        }
        self.put(Section::Annunciation, &snapshot.annunciation);
        self.put(Section::Alarms, &snapshot.alarms);
        self.put(Section::Warnings, &snapshot.warnings);
        self.put(Section::Units, &snapshot.units);
        self.put(Section::Measures, &snapshot.measures);
        self.put(Section::Tasks, &snapshot.tasks);
        self.put(Section::Plans, &snapshot.plans);
        self.put(Section::Hazards, &snapshot.hazards);
        self.put(Section::Hidden, &snapshot.hidden);
        self.put(Section::People, &snapshot.people);
        self.put(Section::Tickets, &snapshot.tickets);
        self.put(Section::Zones, &snapshot.zones);
        self.put(Section::Watch, &snapshot.watch);
        if let Some(demo) = &app.context.demo {
            self.put(Section::Demo, &*demo.borrow());
        }
        if due.beat {
            self.put(Section::Beat, &Beat { at: (app.context.utc)() });
        }
    }

    fn put(&mut self, section: Section, value: &impl Serialize) {
        let text = match serde_json::to_string(value) {
            Ok(text) => text,
            Err(error) => {
                tracing::error!(section = section.name(), %error, "a section of the stream cannot be written");
                return;
            }
        };
        // Every beat counts, even when the clock was set back.
        let same = |piece: &Piece| section != Section::Beat && piece.data() == text.as_bytes();
        if self.frame.get(&section).is_some_and(same) {
            return;
        }
        self.revision += 1;
        self.frame.insert(section, Piece::new(section, self.revision, &text));
    }
}

impl Piece {
    fn new(section: Section, revision: u64, text: &str) -> Self {
        let head = format!("event: {}\ndata: ", section.name());
        let data = head.len()..head.len() + text.len();
        Self { revision, event: Bytes::from(head + text + "\n\n"), data }
    }

    fn data(&self) -> &[u8] {
        &self.event[self.data.clone()]
    }
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
        board.put(Section::Alarms, &[1]);
        board.put(Section::Tags, &["a"]);
        board.put(Section::Alarms, &[1]);
        assert_eq!((board.frame[&Section::Alarms].revision, board.revision), (1, 2));
        board.put(Section::Alarms, &[1, 2]);
        assert_eq!(&board.frame[&Section::Alarms].event[..], b"event: alarms\ndata: [1,2]\n\n");
        assert_eq!(board.frame[&Section::Alarms].revision, 3);
        board.put(Section::Beat, &0);
        board.put(Section::Beat, &0);
        assert_eq!(board.frame[&Section::Beat].revision, 5);
    }
}
