//! What beacons and cameras publish on the broker of the field side: `site/location/{card}`, `site/video/{camera}`.

use crate::{broker, cameras::Sight, description::site::PEOPLE, limits, people::Walker, settings::PlantError};
use davy_core::time::UtcTime;
use rumqttc::{AsyncClient, EventLoop, PublishOptions};
use serde_json::{Value, json};
use std::net::SocketAddr;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

/// The devices of the field.
pub(crate) struct Field {
    client: AsyncClient,
    /// In the order of the people; none before the first report.
    beacons: [Option<Beacon>; PEOPLE.len()],
}

/// What a beacon said last.
#[derive(Clone, Copy)]
struct Beacon {
    zone: Option<&'static str>,
    sos: bool,
    sent: Instant,
}

/// Connects the devices. The second part must be polled with [`run`].
pub(crate) fn connect(field_broker: SocketAddr) -> Result<(Field, EventLoop), PlantError> {
    let (client, events) = broker::client("davy-plant-field", field_broker)?;
    Ok((Field { client, beacons: [None; PEOPLE.len()] }, events))
}

/// Keeps the connection up until `stop`.
pub(crate) async fn run(mut events: EventLoop, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            event = events.poll() => if let Err(error) = event {
                tracing::debug!(%error, "the connection to the field broker is tried again");
                sleep(limits::RETRY_PAUSE).await;
            }
        }
    }
}

impl Field {
    /// Beacons report when they have something new to say, and now and then when they have not.
    pub(crate) fn beacons(&mut self, walkers: &[Walker], utc: UtcTime) {
        let now = Instant::now();
        for (at, walker) in walkers.iter().enumerate() {
            let beacon = Beacon { zone: walker.monitored_zone(), sos: walker.sos, sent: now };
            let due = self.beacons[at].is_none_or(|last| last.says_less_than(beacon));
            if due && self.publish(format!("site/location/{}", walker.person.card), &location(walker, utc)) {
                self.beacons[at] = Some(beacon);
            }
        }
    }

    /// Cameras report what they see.
    pub(crate) fn sights(&self, sights: &[Sight], utc: UtcTime) {
        for sight in sights {
            self.publish(format!("site/video/{}", sight.camera), &video(sight, utc));
        }
    }

    /// Whether it was taken; a full queue refuses the newest, and a beacon reports again.
    fn publish(&self, topic: String, payload: &Value) -> bool {
        self.client.try_publish(topic, payload.to_string(), PublishOptions::at_least_once()).is_ok()
    }
}

impl Beacon {
    fn says_less_than(&self, now: Self) -> bool {
        self.zone != now.zone || self.sos != now.sos || now.sent.duration_since(self.sent) >= limits::BEACON_EVERY
    }
}

fn location(walker: &Walker, utc: UtcTime) -> Value {
    let (x, y) = walker.place();
    json!({
        "card": walker.person.card,
        "zone": walker.monitored_zone(),
        "x": x,
        "y": y,
        "sos": walker.sos,
        "battery": walker.battery,
        "time": utc,
    })
}

fn video(sight: &Sight, utc: UtcTime) -> Value {
    json!({
        "camera": sight.camera,
        "algorithm": sight.algorithm,
        "confidence": sight.confidence,
        "picture": format!("{}/{}.jpg", sight.camera, utc.0),
        "time": utc,
    })
}
