//! MQTT: where people are by their beacons, what video analytics saw, and special-work tickets.
//!
//! | file | does |
//! |---|---|
//! | `connection` | one connection to the broker |
//! | `mapping` | from a message to an event, and what is wrong with those that are none; pure |
//! | `tickets` | the same for special-work tickets; pure |
//! | `values` | the spellings of vendors; pure |
//! | `topics` | topics against topic filters; pure |
//!
//! Messages are asked for with QoS 1 and the broker keeps the session, so that what was sent while the connection was
//! away, such as a pressed SOS button, still comes.

mod connection;
mod mapping;
mod tickets;
mod topics;
mod values;

use crate::{backoff::Backoff, health::Monitor, limits};
use davy_config::MqttSource;
use davy_core::{
    event::Location,
    id::{PersonIx, ZoneIx},
    model::Site,
};
use mapping::{Mapping, Oddity, Reading};
use rumqttc::{AsyncClient, Event, EventLoop, Packet, Publish, SubAck, SubscribeReasonCode};
use std::{collections::BTreeMap, sync::Arc};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// Listens to the broker for ever.
pub(crate) async fn run(config: MqttSource, site: Arc<Site>, mut monitor: Monitor) {
    let mapping = Mapping::new(&config, &site);
    let stop = monitor.stop();
    let mut backoff = Backoff::new();
    let mut places = BTreeMap::new();
    let mut clean = !config.keeps_session;
    loop {
        let (client, events) = connection::begin(&config.broker, clean);
        let mut listener =
            Listener { config: &config, mapping: &mapping, client, events, backoff: &mut backoff, places: &mut places };
        let lost = tokio::select! {
            biased;
            () = stop.cancelled() => return listener.goodbye().await,
            lost = listener.listen(&mut monitor) => lost,
        };
        clean = lost.forget || !config.keeps_session;
        monitor.down(&lost.reason).await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(backoff.wait()) => {}
        }
    }
}

/// The end of a connection.
struct Lost {
    reason: String,
    /// The broker has to forget what it keeps, or the same would happen again.
    forget: bool,
}

impl From<String> for Lost {
    fn from(reason: String) -> Self {
        Self { reason, forget: false }
    }
}

struct Listener<'a> {
    config: &'a MqttSource,
    mapping: &'a Mapping,
    client: AsyncClient,
    events: EventLoop,
    backoff: &'a mut Backoff,
    /// Where each person was last.
    places: &'a mut BTreeMap<PersonIx, Option<ZoneIx>>,
}

impl Listener<'_> {
    /// Takes messages until the connection ends.
    async fn listen(&mut self, monitor: &mut Monitor) -> Lost {
        let begun = Instant::now();
        let mut subscribed = false;
        loop {
            let event = tokio::select! {
                event = self.events.poll() => event,
                () = sleep_until(begun + limits::CONNECT_MAX), if !subscribed => {
                    let seconds = limits::CONNECT_MAX.as_secs();
                    return format!("{} does not answer within {seconds} s", self.place()).into();
                }
            };
            let taken = match event {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    monitor.connected();
                    connection::subscribe(&self.client, &self.mapping.filters())
                }
                Ok(Event::Incoming(Packet::SubAck(granted))) => {
                    subscribed = true;
                    self.granted(&granted, monitor).await
                }
                Ok(Event::Incoming(Packet::Publish(message))) => {
                    self.take(&message, monitor).await;
                    Ok(())
                }
                Ok(_) => Ok(()),
                Err(error) => {
                    let forget = connection::was_too_long(&error);
                    if forget {
                        monitor
                            .malformed(&format!("a message is longer than {} bytes", limits::mqtt::PACKET_BYTES_MAX));
                    }
                    return Lost { reason: connection::reason(&error, &self.config.broker), forget };
                }
            };
            if let Err(reason) = taken {
                return reason.into();
            }
        }
    }

    async fn granted(&mut self, granted: &SubAck, monitor: &mut Monitor) -> Result<(), String> {
        let filters = self.mapping.filters();
        let mut answers = filters.iter().zip(&granted.return_codes);
        if let Some((filter, _)) = answers.find(|(_, code)| **code == SubscribeReasonCode::Failure) {
            return Err(format!(
                "the broker {} refuses the topic {filter}; check what its user may read",
                self.place()
            ));
        }
        self.backoff.reset();
        monitor.notes(vec![format!("topics: {}", filters.join(", "))]);
        monitor.up(&self.place()).await;
        Ok(())
    }

    async fn take(&mut self, message: &Publish, monitor: &mut Monitor) {
        let topic = String::from_utf8_lossy(&message.topic);
        match self.mapping.read(&topic, &message.payload, monitor.now()) {
            Ok(Reading::Location(location)) => self.tell(location, monitor).await,
            Ok(Reading::OddLocation { mut location, oddity, says_where }) => {
                note(&topic, message, &oddity, monitor);
                if !says_where {
                    location.zone = self.places.get(&location.person).copied().flatten();
                }
                self.tell(location, monitor).await;
            }
            // A copy that the broker stored is no new sight, however often it is handed out.
            Ok(Reading::Sight(_)) if message.retain => {}
            Ok(Reading::Sight(sight)) => monitor.sight(sight).await,
            // A stored copy of a ticket is the ticket; the engine knows what it has heard already.
            Ok(Reading::Ticket { update, oddity }) => {
                oddity.iter().for_each(|oddity| note(&topic, message, oddity, monitor));
                monitor.ticket(update).await;
            }
            Err(oddity) => note(&topic, message, &oddity, monitor),
        }
    }

    async fn tell(&mut self, location: Location, monitor: &mut Monitor) {
        self.places.insert(location.person, location.zone);
        monitor.location(location).await;
    }

    fn place(&self) -> String {
        format!("{}:{}", self.config.broker.host, self.config.broker.port)
    }

    /// Says goodbye, so that the broker knows at once that nobody listens.
    async fn goodbye(mut self) {
        if self.client.try_disconnect_now().is_ok() {
            let ended = async { while self.events.poll().await.is_ok() {} };
            // Whether it was heard or not, the connection is over.
            let _ = timeout(limits::CLOSE_MAX, ended).await;
        }
    }
}

/// Counts what is wrong with a message, with an example.
fn note(topic: &str, message: &Publish, oddity: &Oddity, monitor: &mut Monitor) {
    match oddity {
        Oddity::Unknown(example) => monitor.unknown(&format!("{topic}: {example}")),
        Oddity::Malformed(example) => {
            let payload = String::from_utf8_lossy(&message.payload[..message.payload.len().min(SHOWN_BYTES)]);
            monitor.malformed(&format!("{topic}: {example}: {payload}"));
        }
    }
}

/// As much of a payload as an example may need.
const SHOWN_BYTES: usize = davy_core::health::EXAMPLE_MAX;
