//! MQTT: where people are by their beacons, what video analytics saw, and special-work tickets.
//!
//! | file | does |
//! |---|---|
//! | `connection` | one connection to the broker, in version 3.1.1 or 5 |
//! | `certificates` | which certificates a secured connection rests on |
//! | `message` | the records of a message, and what stands where; pure |
//! | `mapping` | from a record to an event, and what is wrong with those that are none; pure |
//! | `cards` | who carries which card; pure |
//! | `place` | from coordinates to the plane and to a zone; pure |
//! | `tickets` | from a record to a special-work ticket; pure |
//! | `order` | what is older than what was told, or comes a second time; pure |
//! | `values` | the spellings of vendors; pure |
//! | `topics` | topics against topic filters; pure |
//!
//! Messages are asked for with QoS 1 and the broker keeps the session, so that what was sent while the connection was
//! away, such as a pressed SOS button, still comes.

mod cards;
mod certificates;
mod connection;
pub(crate) mod mapping;
mod message;
mod order;
mod place;
mod tickets;
mod topics;
mod values;

use crate::{
    backoff::Backoff,
    health::Monitor,
    limits,
    opcua::security::Security,
    wire::{CONNECT, Sent},
};
use connection::{Connection, Ended, Heard, Message};
use davy_config::MqttSource;
use davy_core::{event::Location, model::Site};
use mapping::{Mapping, Oddity, Reading, Record};
use order::{Late, Order};
use std::sync::Arc;
use tokio::time::{Instant, sleep, sleep_until};

/// Listens to the broker for ever.
pub(crate) async fn run(config: MqttSource, site: Arc<Site>, security: Security, mut monitor: Monitor) {
    let mut mapping = Mapping::new(&config, &site);
    let stop = monitor.stop();
    let mut backoff = Backoff::new();
    let mut order = Order::default();
    let mut clean = !config.keeps_session;
    loop {
        let connection = Connection::begin(&config, clean, certificates::tls(&config.broker, &security));
        let mut listener =
            Listener { config: &config, mapping: &mut mapping, connection, backoff: &mut backoff, order: &mut order };
        let lost = tokio::select! {
            biased;
            () = stop.cancelled() => return listener.connection.goodbye().await,
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
    mapping: &'a mut Mapping,
    connection: Connection,
    backoff: &'a mut Backoff,
    order: &'a mut Order,
}

impl Listener<'_> {
    /// Takes messages until the connection ends.
    async fn listen(&mut self, monitor: &mut Monitor) -> Lost {
        let begun = Instant::now();
        let mut subscribed = false;
        loop {
            let heard = tokio::select! {
                heard = self.connection.next() => heard,
                () = sleep_until(begun + limits::CONNECT_MAX), if !subscribed => {
                    let seconds = limits::CONNECT_MAX.as_secs();
                    return format!("{} does not answer within {seconds} s", self.place()).into();
                }
            };
            let taken = match heard {
                Ok(Heard::Connected) => {
                    monitor.connected();
                    monitor.sent(Sent::Mqtt(CONNECT));
                    self.connection.subscribe(&self.mapping.filters())
                }
                Ok(Heard::Granted(answers)) => {
                    subscribed = true;
                    self.granted(answers, monitor).await
                }
                Ok(Heard::Message(message)) => {
                    self.take(&message, monitor).await;
                    Ok(())
                }
                Ok(Heard::Sent(packet)) => {
                    monitor.sent(Sent::Mqtt(packet));
                    Ok(())
                }
                Ok(Heard::Other) => Ok(()),
                Err(Ended { reason, too_long }) => {
                    if too_long {
                        monitor
                            .malformed(&format!("a message is longer than {} bytes", limits::mqtt::PACKET_BYTES_MAX));
                    }
                    return Lost { reason, forget: too_long };
                }
            };
            if let Err(reason) = taken {
                return reason.into();
            }
        }
    }

    async fn granted(&mut self, answers: Vec<Result<(), String>>, monitor: &mut Monitor) -> Result<(), String> {
        let filters = self.mapping.filters();
        for (filter, answer) in filters.iter().zip(answers) {
            answer.map_err(|why| format!("the broker {} refuses the topic {filter}; {why}", self.place()))?;
        }
        self.backoff.reset();
        monitor.notes(vec![format!("topics: {}", filters.join(", "))]);
        monitor.up(&self.place()).await;
        Ok(())
    }

    async fn take(&mut self, message: &Message, monitor: &mut Monitor) {
        let topic = message.topic.as_str();
        let repeated = self.order.is_repeated(topic, &message.payload, message.dup);
        let mut locations = Vec::new();
        for Record { reading, odd } in self.mapping.read(topic, &message.payload, monitor.now()) {
            let origin = Origin { topic, payload: &message.payload, record: odd.as_deref() };
            match reading {
                Ok(Reading::Location(location)) => {
                    locations.extend(self.placed(location, true, repeated, origin, monitor));
                }
                Ok(Reading::OddLocation { location, oddity, says_where }) => {
                    origin.note(&oddity, monitor);
                    locations.extend(self.placed(location, says_where, repeated, origin, monitor));
                }
                // A copy that the broker stored is no new sight, however often it is handed out.
                Ok(Reading::Sight(_)) if message.retain => {}
                Ok(Reading::Sight(sight)) => match self.order.sight(&sight, repeated) {
                    Ok(()) => monitor.sight(sight).await,
                    Err(late) => origin.count(late, monitor),
                },
                // A stored copy of a ticket is the ticket; the engine knows what it has heard already.
                Ok(Reading::Ticket { update, oddity }) => {
                    oddity.iter().for_each(|oddity| origin.note(oddity, monitor));
                    monitor.ticket(update).await;
                }
                Err(oddity) => origin.note(&oddity, monitor),
            }
        }
        monitor.locations(locations).await;
    }

    fn placed(
        &mut self,
        location: Location,
        says_where: bool,
        repeated: bool,
        origin: Origin<'_>,
        monitor: &mut Monitor,
    ) -> Option<Location> {
        self.order.place(location, says_where, repeated).map_err(|late| origin.count(late, monitor)).ok()
    }

    fn place(&self) -> String {
        format!("{}:{}", self.config.broker.host, self.config.broker.port)
    }
}

/// Where something was read.
#[derive(Clone, Copy)]
struct Origin<'a> {
    topic: &'a str,
    payload: &'a [u8],
    /// Where it is not the whole message.
    record: Option<&'a str>,
}

impl Origin<'_> {
    /// Counts what is wrong, and keeps it for whoever corrects the mapping.
    fn note(self, oddity: &Oddity, monitor: &mut Monitor) {
        let payload = self.record.map_or(self.payload, str::as_bytes);
        let payload = String::from_utf8_lossy(&payload[..payload.len().min(QUARANTINED_BYTES)]);
        match oddity {
            Oddity::Unknown(reason) => {
                monitor.unknown(&format!("{}: {reason}", self.topic));
                monitor.quarantine(self.topic, reason, &payload);
            }
            Oddity::Malformed(reason) => {
                monitor.malformed(&format!("{}: {reason}: {payload}", self.topic));
                monitor.quarantine(self.topic, reason, &payload);
            }
        }
    }

    fn count(self, late: Late, monitor: &mut Monitor) {
        monitor.outdated(&format!("{}: {late}", self.topic));
    }
}

/// As much of a payload as may be kept, each character being at most four bytes.
const QUARANTINED_BYTES: usize = 4 * davy_core::health::QUARANTINED_CHARS_MAX;
