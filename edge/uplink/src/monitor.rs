//! How the link is doing, for the page and for the engine.

use davy_core::{
    event::{Event, Link},
    health::{LaneHealth, UplinkHealth},
    id::UplinkIx,
    time::UtcTime,
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Keeps the health; tells the engine when the link goes up or down, once each time.
pub(crate) struct Monitor {
    uplink: UplinkIx,
    utc: fn() -> UtcTime,
    /// `None` where the engine has nothing to do with it.
    inbox: Option<mpsc::Sender<Event>>,
    stop: CancellationToken,
    /// How what earlier journals hold goes up.
    earlier: Vec<watch::Receiver<UplinkHealth>>,
    shown: watch::Sender<UplinkHealth>,
    /// What will be shown next.
    health: UplinkHealth,
    told: Option<bool>,
}

impl Monitor {
    pub(crate) fn new(
        uplink: UplinkIx,
        utc: fn() -> UtcTime,
        inbox: Option<mpsc::Sender<Event>>,
        stop: CancellationToken,
    ) -> Self {
        let health = UplinkHealth { detail: "connecting".to_owned(), ..UplinkHealth::default() };
        let (shown, _) = watch::channel(health.clone());
        Self { uplink, utc, inbox, stop, earlier: Vec::new(), shown, health, told: None }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<UplinkHealth> {
        self.shown.subscribe()
    }

    /// An earlier journal goes up beside it.
    pub(crate) fn beside(&mut self, earlier: watch::Receiver<UplinkHealth>) {
        self.earlier.push(earlier);
    }

    /// It forwards samples of this recording.
    pub(crate) fn of_recording(&mut self, number: i64) {
        self.health.recording = Some(number);
    }

    pub(crate) fn now(&self) -> UtcTime {
        (self.utc)()
    }

    /// The broker has accepted the connection.
    pub(crate) fn connected(&mut self) {
        self.health.connects += 1;
    }

    /// The broker acknowledges.
    pub(crate) async fn up(&mut self, detail: String) {
        self.health.detail = detail;
        self.turn(true, Link::Up).await;
    }

    /// It does not, and why.
    pub(crate) async fn down(&mut self, reason: String) {
        self.health.detail.clone_from(&reason);
        self.turn(false, Link::Down(reason)).await;
    }

    /// Whether the engine was told last that the link is up.
    pub(crate) fn is_up(&self) -> bool {
        self.told == Some(true)
    }

    /// A row has been acknowledged.
    pub(crate) fn acknowledged(&mut self) {
        let now = self.now();
        self.health.acknowledged += 1;
        self.health.last_acknowledged = Some(now);
        self.health.receipts.count(now, 1, 0);
    }

    /// Rows have been refused, which are parked or stay so.
    pub(crate) fn refused(&mut self, count: u64) {
        let now = self.now();
        self.health.receipts.count(now, 0, count);
    }

    /// How far the lanes are; shown with the rest.
    pub(crate) fn lanes(&mut self, lanes: Vec<LaneHealth>) {
        self.health.lanes = lanes;
    }

    /// So many rows are parked.
    pub(crate) fn parked(&mut self, count: u64) {
        self.health.parked = count;
    }

    pub(crate) fn parked_count(&self) -> u64 {
        self.health.parked
    }

    /// What a person should know: a row that cannot go up, a receiver that asks to wait. Shown until something else is said.
    pub(crate) fn remark(&mut self, words: String) {
        self.health.detail = words;
    }

    /// Shows how things stand.
    pub(crate) fn show(&mut self, head: u64, backlog: u64) {
        self.health.head = head;
        self.health.backlog = backlog;
        self.health.earlier =
            self.earlier.iter().map(|earlier| earlier.borrow()).map(|health| health.backlog + health.parked).sum();
        self.shown.send_if_modified(|shown| {
            let differs = *shown != self.health;
            if differs {
                shown.clone_from(&self.health);
            }
            differs
        });
    }

    async fn turn(&mut self, up: bool, link: Link) {
        if self.told == Some(up) {
            return;
        }
        self.told = Some(up);
        self.health.up = up;
        self.health.since = Some(self.now());
        self.shown.send_replace(self.health.clone());
        let Some(inbox) = &self.inbox else { return };
        tokio::select! {
            biased;
            // A gateway that stops has not lost its link, and nobody may be left to hear of it.
            () = self.stop.cancelled() => {}
            _ = inbox.send(Event::Uplink(self.uplink, link)) => {}
        }
    }
}
