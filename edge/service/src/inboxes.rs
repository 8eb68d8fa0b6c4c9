//! The bounded inboxes of the loop: one for each configuration under which somebody still speaks. A connection that a new
//! configuration does not concern goes on under the places that it was started with; here they become those in force.

use crate::{limits, mapping::Mapping};
use davy_api::InboxUse;
use davy_core::event::Event;
use std::{
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};
use tokio::sync::mpsc;

/// Never empty; the last one needs no mapping.
pub(crate) struct Inboxes {
    all: Vec<Inbox>,
    /// Whose turn it is, so that none has to wait for another's silence.
    turn: usize,
}

struct Inbox {
    events: mpsc::Receiver<Event>,
    /// To the places in force.
    mapping: Option<Mapping>,
}

/// How much waits in all of them. It keeps none of them open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gauge(Arc<Mutex<Vec<mpsc::WeakSender<Event>>>>);

impl Gauge {
    /// One more to look at.
    pub(crate) fn add(&self, inbox: &mpsc::Sender<Event>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(inbox.downgrade());
    }

    /// What waits now, and how much may in the inbox of whoever begins.
    pub(crate) fn read(&self) -> InboxUse {
        let mut inboxes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inboxes.retain(|inbox| inbox.strong_count() > 0);
        let open = inboxes.iter().filter_map(mpsc::WeakSender::upgrade);
        let waiting = open.map(|inbox| inbox.max_capacity() - inbox.capacity()).sum();
        InboxUse { waiting, room: limits::INBOX_MAX }
    }
}

impl Inboxes {
    pub(crate) fn new(events: mpsc::Receiver<Event>) -> Self {
        Self { all: vec![Inbox { events, mapping: None }], turn: 0 }
    }

    /// The places in force are others from now on, and who begins under them speaks through `events`.
    pub(crate) fn turn_to(&mut self, mapping: &Mapping, events: mpsc::Receiver<Event>) {
        self.all.retain(|inbox| !(inbox.events.is_closed() && inbox.events.is_empty()));
        for inbox in &mut self.all {
            inbox.mapping = Some(inbox.mapping.take().map_or_else(|| mapping.clone(), |before| before.then(mapping)));
        }
        self.all.push(Inbox { events, mapping: None });
    }

    /// The next event, under the places in force. May be dropped and called again at any moment.
    pub(crate) async fn recv(&mut self) -> Event {
        poll_fn(|context| self.poll(context)).await
    }

    /// An event that waits, if any does.
    pub(crate) fn try_recv(&mut self) -> Option<Event> {
        self.all.iter_mut().find_map(|inbox| {
            std::iter::from_fn(|| inbox.events.try_recv().ok()).find_map(|event| placed(inbox.mapping.as_ref(), event))
        })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        for after in 0..self.all.len() {
            let at = (self.turn + after) % self.all.len();
            let Inbox { events, mapping } = &mut self.all[at];
            while let Poll::Ready(Some(event)) = events.poll_recv(context) {
                if let Some(event) = placed(mapping.as_ref(), event) {
                    self.turn = at + 1;
                    return Poll::Ready(event);
                }
            }
        }
        Poll::Pending
    }
}

fn placed(mapping: Option<&Mapping>, event: Event) -> Option<Event> {
    match mapping {
        Some(mapping) => mapping.event(event),
        None => Some(event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::{
        event::Link,
        id::SourceIx,
        model::{Site, Source, SourceKind},
    };

    fn site(sources: &[&str]) -> Site {
        let source = |id: &&str| Source { id: (*id).into(), name: String::new(), kind: SourceKind::Modbus };
        Site { sources: sources.iter().map(source).collect(), ..Site::default() }
    }

    fn up(source: u32) -> Event {
        Event::Source(SourceIx(source), Link::Up)
    }

    #[tokio::test]
    async fn who_goes_on_is_understood_through_two_configurations() {
        let sites = [site(&["a", "b", "c"]), site(&["b", "c"]), site(&["new", "c", "b"])];
        let (first, events) = mpsc::channel(8);
        let mut inboxes = Inboxes::new(events);
        first.try_send(up(2)).expect("room");
        assert_eq!(inboxes.recv().await, up(2));
        let mut later = Vec::new();
        for pair in sites.windows(2) {
            let (sender, events) = mpsc::channel(8);
            later.push(sender);
            inboxes.turn_to(&Mapping::new(&pair[0], &pair[1]), events);
        }
        // "a" is gone, "b" of the first configuration is the third of the last.
        for event in [up(0), up(1), up(2)] {
            first.try_send(event).expect("room");
        }
        later[1].try_send(up(0)).expect("room");
        let mut heard = Vec::new();
        for _ in 0..3 {
            heard.push(inboxes.recv().await);
        }
        // Both take turns, and it is not the first one's.
        assert_eq!(heard, [up(0), up(2), up(1)]);
        assert_eq!(inboxes.try_recv(), None);
    }

    #[tokio::test]
    async fn an_inbox_into_which_nobody_speaks_is_forgotten_when_it_is_empty() {
        let places = Mapping::new(&site(&["a"]), &site(&["a"]));
        let (first, events) = mpsc::channel(8);
        let mut inboxes = Inboxes::new(events);
        first.try_send(up(0)).expect("room");
        drop(first);
        inboxes.turn_to(&places, mpsc::channel(8).1);
        assert_eq!(inboxes.all.len(), 2);
        assert_eq!(inboxes.try_recv(), Some(up(0)));
        inboxes.turn_to(&places, mpsc::channel(8).1);
        assert_eq!(inboxes.all.len(), 1);
    }
}
