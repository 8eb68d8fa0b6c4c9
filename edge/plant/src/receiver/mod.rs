//! The enterprise platform of the demo: it subscribes to everything that gateways send, on the enterprise broker itself
//! and not through the link, and keeps a ledger of what came.

mod ledger;
mod runs;
mod words;

pub use ledger::{ReceivedMessage, ReceiverView};

pub(crate) use ledger::Ledger;

use crate::{broker, limits, settings::PlantError};
use davy_core::time::UtcTime;
use rumqttc::{AsyncClient, Event, EventLoop, Packet, QoS};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const FILTER: &str = "davy/v1/#";

/// The receiver and its ledger.
pub(crate) struct Receiver {
    client: AsyncClient,
    events: EventLoop,
    ledger: SharedLedger,
    utc: fn() -> UtcTime,
}

/// The ledger, written by the receiver and read by the view.
#[derive(Clone, Default)]
pub(crate) struct SharedLedger(Arc<Mutex<Ledger>>);

impl SharedLedger {
    pub(crate) fn view(&self) -> ReceiverView {
        self.lock().view()
    }

    /// A ledger is whole between two messages, even after a panic in one.
    fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Receiver {
    /// A receiver for the enterprise broker; nothing is sent before [`Receiver::run`].
    pub(crate) fn new(enterprise_broker: SocketAddr, utc: fn() -> UtcTime) -> Result<Self, PlantError> {
        let (client, events) = broker::client("davy-plant-receiver", enterprise_broker)?;
        Ok(Self { client, events, ledger: SharedLedger::default(), utc })
    }

    pub(crate) fn ledger(&self) -> SharedLedger {
        self.ledger.clone()
    }

    /// Receives until `stop`.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            let event = tokio::select! {
                () = stop.cancelled() => return,
                event = self.events.poll() => event,
            };
            match event {
                Ok(Event::Incoming(Packet::ConnAck(_))) => self.subscribe(),
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    let topic = String::from_utf8_lossy(&publish.topic);
                    self.ledger.lock().take(&topic, &publish.payload, publish.retain, (self.utc)());
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "the connection to the enterprise broker is tried again");
                    sleep(limits::RETRY_PAUSE).await;
                }
            }
        }
    }

    fn subscribe(&self) {
        if let Err(error) = self.client.try_subscribe(FILTER, QoS::AtLeastOnce) {
            tracing::warn!(%error, "the enterprise receiver cannot subscribe to {FILTER}; it tries again when it reconnects");
        }
    }
}
