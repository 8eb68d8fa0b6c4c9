//! How a source is doing, for the page; and whether it is up, for the engine. Everything a connector says goes through
//! here.

use crate::{
    Context,
    wire::{Recorder, Sent},
};
use davy_core::{
    event::{Backfill, Event, Filled, Link, Location, Sample, TicketUpdate, VideoSight},
    health::{Quarantined, SourceHealth},
    id::SourceIx,
    model::Site,
    time::UtcTime,
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Keeps the health of one source and speaks to the engine for it.
pub(crate) struct Monitor {
    source: SourceIx,
    /// Its id, as the configuration and the log name it.
    id: String,
    utc: fn() -> UtcTime,
    inbox: mpsc::Sender<Event>,
    stop: CancellationToken,
    shown: watch::Sender<SourceHealth>,
    told: Option<bool>,
    sent: Option<Recorder>,
    /// Of the connection, beside what the source granted.
    about: Vec<String>,
}

impl Monitor {
    pub(crate) fn new(source: SourceIx, context: &Context) -> Self {
        let Context { utc, inbox, stop, sent, .. } = context.clone();
        let (shown, _) = watch::channel(SourceHealth { detail: "connecting".to_owned(), ..SourceHealth::default() });
        Self { source, id: id_of(source, &context.site), utc, inbox, stop, shown, told: None, sent, about: Vec::new() }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<SourceHealth> {
        self.shown.subscribe()
    }

    pub(crate) fn now(&self) -> UtcTime {
        (self.utc)()
    }

    /// The clock of [`Monitor::now`], for those who work apart.
    pub(crate) fn clock(&self) -> fn() -> UtcTime {
        self.utc
    }

    /// The end of the connector.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Who counts what is sent.
    pub(crate) fn recorder(&self) -> Option<Recorder> {
        self.sent.clone()
    }

    /// Something was sent toward the field.
    pub(crate) fn sent(&self, sent: Sent) {
        self.sent.iter().for_each(|recorder| recorder.note(sent));
    }

    /// The connection was made.
    pub(crate) fn connected(&mut self) {
        self.shown.send_modify(|health| health.connects += 1);
    }

    /// Data flows. The engine begins to wait for every tag anew, so this stands before the first values.
    pub(crate) async fn up(&mut self, detail: &str) {
        if self.told != Some(true) {
            self.turn(true, detail, Link::Up).await;
        }
    }

    /// It does not, and why.
    pub(crate) async fn down(&mut self, reason: &str) {
        if self.told == Some(false) {
            self.shown.send_modify(|health| reason.clone_into(&mut health.detail));
        } else {
            self.turn(false, reason, Link::Down(reason.to_owned())).await;
        }
    }

    /// Whether the engine was told last that data flows.
    pub(crate) fn is_up(&self) -> bool {
        self.told == Some(true)
    }

    /// Values of one notification or poll.
    pub(crate) async fn samples(&mut self, samples: Vec<Sample>) {
        if samples.is_empty() {
            return;
        }
        let bad = samples.iter().filter(|sample| !sample.quality.is_usable()).count() as u64;
        self.took(samples.len() as u64, bad);
        self.tell(Event::Samples(samples)).await;
    }

    /// Values of the past, from the source's own history.
    pub(crate) async fn backfill(&mut self, samples: Vec<Sample>, filled: Option<Filled>) {
        if samples.is_empty() && filled.is_none() {
            return;
        }
        self.tell(Event::Backfill(Backfill { source: self.source, samples, filled })).await;
    }

    /// Where people are, by one message.
    pub(crate) async fn locations(&mut self, locations: Vec<Location>) {
        if locations.is_empty() {
            return;
        }
        self.took(locations.len() as u64, 0);
        self.tell(Event::Locations(locations)).await;
    }

    /// What a camera saw.
    pub(crate) async fn sight(&mut self, sight: VideoSight) {
        self.took(1, 0);
        self.tell(Event::Video(sight)).await;
    }

    /// What the ticket system says of a ticket.
    pub(crate) async fn ticket(&mut self, update: Box<TicketUpdate>) {
        self.took(1, 0);
        self.tell(Event::Ticket(update)).await;
    }

    /// A message that cannot be read.
    pub(crate) fn malformed(&mut self, example: &str) {
        let now = self.now();
        self.shown.send_modify(|health| health.malformed.note(now, example));
    }

    /// Something that the configuration does not know, or that the device does not know.
    pub(crate) fn unknown(&mut self, example: &str) {
        let now = self.now();
        self.shown.send_modify(|health| health.unknown.note(now, example));
    }

    /// A position or sight that is not told, because what was told is newer or the same.
    pub(crate) fn outdated(&mut self, example: &str) {
        let now = self.now();
        self.shown.send_modify(|health| health.outdated.note(now, example));
    }

    /// Keeps what could not be used, for whoever looks into it.
    pub(crate) fn quarantine(&mut self, topic: &str, reason: &str, payload: &str) {
        let message = Quarantined::new(self.now(), topic, reason, payload);
        self.shown.send_modify(|health| health.quarantine.keep(message));
    }

    /// What is to be known of the connection, in words; it stands until the next one.
    pub(crate) fn about(&mut self, about: Vec<String>) {
        self.about = about;
        self.notes(Vec::new());
    }

    /// What the source granted, in words.
    pub(crate) fn notes(&mut self, mut notes: Vec<String>) {
        notes.extend_from_slice(&self.about);
        self.shown.send_if_modified(|health| {
            let differs = health.notes != notes;
            health.notes = notes;
            differs
        });
    }

    fn took(&mut self, count: u64, bad: u64) {
        let now = self.now();
        self.shown.send_modify(|health| {
            health.taken += count;
            health.bad_quality += bad;
            health.last_received = Some(now);
        });
    }

    async fn turn(&mut self, up: bool, detail: &str, link: Link) {
        match &link {
            Link::Up => tracing::info!(source = self.id, "up: {detail}"),
            Link::Down(reason) => tracing::warn!(source = self.id, "down: {reason}"),
        }
        self.told = Some(up);
        let now = self.now();
        self.shown.send_modify(|health| {
            health.up = up;
            detail.clone_into(&mut health.detail);
            health.since = Some(now);
        });
        self.tell(Event::Source(self.source, link)).await;
    }

    /// Waits while the inbox is full. A connector that stops has nothing more to say, and nobody may be left to hear it.
    async fn tell(&self, event: Event) {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => {}
            _ = self.inbox.send(event) => {}
        }
    }
}

fn id_of(source: SourceIx, site: &Site) -> String {
    site.sources.get(source.at()).map_or_else(|| format!("#{}", source.0), |source| source.id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use davy_core::model::{Source, SourceKind};

    #[test]
    fn a_source_has_its_configured_id() {
        let source = |id: &str| Source { id: id.into(), name: "罐区 PLC".to_owned(), kind: SourceKind::Modbus };
        let site = Site { sources: vec![source("dcs"), source("tank-plc")], ..Site::default() };
        assert_eq!(id_of(SourceIx(1), &site), "tank-plc");
        assert_eq!(id_of(SourceIx(2), &site), "#2", "no configuration gives that");
    }
}
