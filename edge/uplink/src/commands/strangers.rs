//! Commands of nobody known: counted, said in the log once a minute at most, and put on record once an hour at most, so that who
//! floods the gateway with them fills neither log nor journal.

use super::envelope::Stranger;
use crate::limits;
use davy_core::{
    event::{Command, CommandKind, Event},
    id::UplinkId,
};
use std::time::Duration;
use tokio::{sync::mpsc, time::Instant};

/// The count of them.
pub(crate) struct Strangers {
    uplink: UplinkId,
    inbox: mpsc::Sender<Event>,
    log: Rare,
    record: Rare,
    last: Option<Stranger>,
}

/// Says something at once, and then only every so often, with how many there were since.
#[derive(Debug)]
struct Rare {
    every: Duration,
    said_at: Option<Instant>,
    unsaid: u64,
}

impl Rare {
    fn new(every: Duration) -> Self {
        Self { every, said_at: None, unsaid: 0 }
    }

    fn due(&self, now: Instant) -> Option<u64> {
        let is_due = self.said_at.is_none_or(|at| now.duration_since(at) >= self.every);
        (is_due && self.unsaid > 0).then_some(self.unsaid)
    }

    fn said(&mut self, now: Instant) {
        self.said_at = Some(now);
        self.unsaid = 0;
    }
}

impl Strangers {
    pub(crate) fn new(uplink: UplinkId, inbox: mpsc::Sender<Event>) -> Self {
        let (log, record) = (Rare::new(limits::STRANGERS_LOG_EVERY), Rare::new(limits::STRANGERS_RECORD_EVERY));
        Self { uplink, inbox, log, record, last: None }
    }

    /// One more.
    pub(crate) fn heard(&mut self, stranger: Stranger, now: Instant) {
        self.log.unsaid += 1;
        self.record.unsaid += 1;
        self.last = Some(stranger);
        self.say(now);
    }

    /// Says what is due. While the inbox is full the count goes on.
    pub(crate) fn say(&mut self, now: Instant) {
        let Some(last) = &self.last else { return };
        if let Some(count) = self.log.due(now) {
            tracing::warn!(event = "unauthenticated_commands", uplink = %self.uplink, count, reason = %last,
                "commands came of which nobody knows who sent them; nothing was done");
            self.log.said(now);
        }
        if let Some(count) = self.record.due(now) {
            let (uplink, reason) = (self.uplink.clone(), format!("the last: {last}"));
            let kind = CommandKind::NoteUnauthenticated { uplink, count, reason };
            // Nobody waits for the answer: zero is no number that the loop gives out.
            let command = Command { request: 0, by: "davy".to_owned(), kind };
            if self.inbox.try_send(Event::Command(command)).is_ok() {
                self.record.said(now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(events: &mut mpsc::Receiver<Event>) -> Vec<u64> {
        let all = std::iter::from_fn(|| events.try_recv().ok());
        let count = |event| {
            let Event::Command(Command { request: 0, kind: CommandKind::NoteUnauthenticated { count, .. }, .. }) =
                event
            else {
                panic!("{event:?}")
            };
            count
        };
        all.map(count).collect()
    }

    #[test]
    fn a_flood_is_one_row_an_hour() {
        let (inbox, mut events) = mpsc::channel(1);
        let mut strangers = Strangers::new("enterprise".into(), inbox);
        let began = Instant::now();
        for second in 0..7_200 {
            strangers.heard(Stranger::Nameless, began + Duration::from_secs(second));
        }
        assert_eq!(counts(&mut events), [1]);
        strangers.say(began + Duration::from_secs(7_200));
        assert_eq!(counts(&mut events), [7_199], "the inbox was full in between, and none is forgotten");
        strangers.say(began + Duration::from_secs(20_000));
        assert_eq!(counts(&mut events), [0; 0]);
    }
}
