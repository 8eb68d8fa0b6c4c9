//! What a person presses beside the lamp becomes commands, as from the page; what is wrong with the box is told to the engine, which
//! raises an alarm.

use crate::{certificates::on_record, limits};
use davy_api::Request;
use davy_board::{Heard, Test, TestEnd};
use davy_core::{
    event::{CommandKind, Event, Link, Note, NoteAct},
    health::PanelHealth,
    record::AlarmState,
    snapshot::Snapshot,
};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

/// Who presses a button of the box; nobody who logs in has this name.
const BUTTON: &str = "button";

/// Who tells of the supply.
const BOARD: &str = "board";

/// Listens to the box.
pub(crate) struct Listener {
    pub(crate) health: watch::Receiver<Arc<PanelHealth>>,
    pub(crate) heard: mpsc::Receiver<Heard>,
    pub(crate) snapshot: watch::Receiver<Arc<Snapshot>>,
    pub(crate) commands: mpsc::Sender<Request>,
    pub(crate) inbox: mpsc::Sender<Event>,
}

impl Listener {
    /// Until told to stop; a supply that fails tells so.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut told = None;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                heard = self.heard.recv() => match heard {
                    Some(heard) => self.hear(heard, &stop).await,
                    None => return,
                },
                changed = self.health.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let link = link(&self.health.borrow_and_update());
                    if told.as_ref() != Some(&link) {
                        told = Some(link.clone());
                        // The loop has ended when nobody takes it.
                        drop(self.inbox.send(Event::Board(link)).await);
                    }
                }
            }
        }
    }

    async fn hear(&self, heard: Heard, stop: &CancellationToken) {
        match heard {
            Heard::Silence => self.ask(CommandKind::SilenceHorn).await,
            Heard::Acknowledge => self.acknowledge().await,
            Heard::LampTest { lit } => {
                let note = if lit { "" } else { "refused: an alarm is not acknowledged" };
                self.ask(test_note("lamps", if lit { "on" } else { "normal" }, note)).await;
            }
            Heard::TestOver { test, why } => self.note_end(&test, why).await,
            Heard::PowerFail { hold_up_ms } => {
                tracing::error!("the supply fails: the gateway stops in order, within {hold_up_ms} ms");
                let note = Note {
                    act: NoteAct::PowerFail,
                    object: None,
                    before: None,
                    after: None,
                    note: format!("the supply fails and holds up for {hold_up_ms} ms: an orderly stop begins"),
                };
                on_record(&self.commands, BOARD, CommandKind::Note(note)).await;
                stop.cancel();
            }
        }
    }

    /// Everything that is shown; what has come since the live state was taken is not, and goes on to flash.
    async fn acknowledge(&self) {
        let alarms = self.snapshot.borrow().alarms.clone();
        let open = alarms.iter().filter(|alarm| match alarm.state {
            AlarmState::Unacknowledged | AlarmState::ReturnedUnacknowledged | AlarmState::LatchedUnacknowledged => true,
            AlarmState::Acknowledged
            | AlarmState::LatchedAcknowledged
            | AlarmState::Shelved
            | AlarmState::Suppressed
            | AlarmState::OutOfService
            | AlarmState::Normal => false,
        });
        for alarm in open {
            self.ask(CommandKind::AcknowledgeAlarm { alarm: alarm.id.clone() }).await;
        }
    }

    /// What a person or the API ended is on record already.
    async fn note_end(&self, test: &Test, why: TestEnd) {
        let why = match why {
            TestEnd::Over => "its time is up",
            TestEnd::Shown => "there is something new to show",
            TestEnd::Hung => "the loop that evaluates alarms did not turn",
            TestEnd::Asked | TestEnd::Replaced => return,
        };
        let outputs: Vec<&str> = test.outputs.keys().map(String::as_str).collect();
        self.ask_as(&test.by, test_note(&outputs.join(", "), "normal", why)).await;
    }

    async fn ask(&self, kind: CommandKind) {
        self.ask_as(BUTTON, kind).await;
    }

    /// Nobody waits at a button for the disk. The loop has ended when nobody takes it.
    async fn ask_as(&self, by: &str, kind: CommandKind) {
        let (answer, _) = oneshot::channel();
        let sent = self.commands.send(Request { by: by.to_owned(), kind, answer });
        if tokio::time::timeout(limits::WRITE_MAX, sent).await.is_err() {
            tracing::warn!(by, "what was pressed at the box could not be carried out: too many commands are waiting");
        }
    }
}

fn test_note(object: &str, after: &str, note: &str) -> CommandKind {
    CommandKind::Note(Note {
        act: NoteAct::TestBoard,
        object: Some(object.to_owned()),
        before: None,
        after: Some(after.to_owned()),
        note: note.to_owned(),
    })
}

fn link(health: &PanelHealth) -> Link {
    if health.troubles.is_empty() { Link::Up } else { Link::Down(health.troubles.join("; ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    struct Ends {
        health: watch::Sender<Arc<PanelHealth>>,
        heard: mpsc::Sender<Heard>,
        requests: mpsc::Receiver<Request>,
        events: mpsc::Receiver<Event>,
        stop: CancellationToken,
    }

    fn listening() -> Ends {
        let (health, of_box) = watch::channel(Arc::default());
        let (heard, hears) = mpsc::channel(8);
        let (commands, requests) = mpsc::channel(8);
        let (inbox, events) = mpsc::channel(8);
        let (_, snapshot) = watch::channel(Arc::default());
        let stop = CancellationToken::new();
        let listener = Listener { health: of_box, heard: hears, snapshot, commands, inbox };
        tokio::spawn(listener.run(stop.clone()));
        Ends { health, heard, requests, events, stop }
    }

    #[tokio::test]
    async fn what_is_wrong_with_the_box_is_told_when_it_changes() {
        let mut ends = listening();
        let trouble = |text: &str| PanelHealth { troubles: vec![text.to_owned()], ..PanelHealth::default() };
        for health in [trouble("horn: gone"), PanelHealth { celsius: Some(40), ..trouble("horn: gone") }] {
            ends.health.send_replace(Arc::new(health));
            tokio::task::yield_now().await;
        }
        assert_eq!(ends.events.recv().await, Some(Event::Board(Link::Down("horn: gone".to_owned()))));
        ends.health.send_replace(Arc::default());
        assert_eq!(ends.events.recv().await, Some(Event::Board(Link::Up)), "the temperature is no news");
    }

    #[tokio::test]
    async fn a_supply_that_fails_is_on_record_before_the_gateway_stops() {
        let mut ends = listening();
        ends.heard.send(Heard::PowerFail { hold_up_ms: 12_000 }).await.expect("it listens");
        let Request { by, kind, answer } = ends.requests.recv().await.expect("a note");
        assert!(!ends.stop.is_cancelled());
        assert!(
            by == "board" && matches!(&kind, CommandKind::Note(note) if note.act == NoteAct::PowerFail),
            "{kind:?}"
        );
        answer.send(Ok(())).expect("it waits for the disk");
        ends.stop.cancelled().await;
    }

    #[tokio::test]
    async fn a_press_is_a_command_of_the_button_and_the_end_of_a_test_one_of_its_tester() {
        let mut ends = listening();
        let test = Test { by: "李工".to_owned(), outputs: BTreeMap::from([("horn".to_owned(), true)]), seconds: 9 };
        let over = |why| Heard::TestOver { test: test.clone(), why };
        for heard in [Heard::Silence, over(TestEnd::Asked), over(TestEnd::Shown), Heard::LampTest { lit: false }] {
            ends.heard.send(heard).await.expect("it listens");
        }
        let mut seen = Vec::new();
        for _ in 0..3 {
            let Request { by, kind, .. } = ends.requests.recv().await.expect("a command");
            let words = if let CommandKind::Note(note) = kind {
                format!("{:?} {}", note.object, note.note)
            } else {
                format!("{kind:?}")
            };
            seen.push(format!("{by}: {words}"));
        }
        assert_eq!(
            seen,
            [
                "button: SilenceHorn",
                "李工: Some(\"horn\") there is something new to show",
                "button: Some(\"lamps\") refused: an alarm is not acknowledged"
            ]
        );
    }
}
