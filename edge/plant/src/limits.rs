//! Every bound of the simulated plant, by name, with what happens beyond it.

use std::time::Duration;

/// The slowest and fastest story; other speeds are refused.
pub(crate) const SPEED: std::ops::RangeInclusive<f64> = 0.05..=60.0;

/// The physics moves in steps of this many story seconds; longer times are cut into such steps.
pub(crate) const STEP_S: f64 = 0.5;

/// Values are published this often at normal speed, and no oftener than `TICK_MIN` when the story runs fast.
pub(crate) const TICK: Duration = Duration::from_millis(500);
/// See `TICK`.
pub(crate) const TICK_MIN: Duration = Duration::from_millis(100);

/// Each beacon reports at least this often, and at once when its zone or SOS changes.
pub(crate) const BEACON_EVERY: Duration = Duration::from_secs(5);

/// MQTT messages that wait for the field broker; beyond it the newest is dropped, as a beacon's would be.
pub(crate) const FIELD_QUEUE_MAX: usize = 1_000;

/// The largest MQTT packet that brokers and receiver take; a larger one ends its connection.
pub(crate) const PACKET_MAX: usize = 1 << 20;

/// MQTT connections to one broker; further ones are refused.
pub(crate) const BROKER_CONNECTIONS_MAX: usize = 64;

/// Messages to one client that wait for its acknowledgement; the others wait in the broker.
pub(crate) const BROKER_INFLIGHT_MAX: usize = 100;

/// Messages that a broker hands to one client at a time.
pub(crate) const BROKER_OUTGOING_MAX: u64 = 200;

/// One segment of a topic's log in a broker, in bytes, and how many are kept; the oldest segment goes first.
pub(crate) const BROKER_SEGMENT_BYTES: usize = 64 << 10;
/// See `BROKER_SEGMENT_BYTES`.
pub(crate) const BROKER_SEGMENTS_MAX: usize = 4;

/// A broker has this long to accept connections; beyond it the start fails.
pub(crate) const BROKER_START_MAX: Duration = Duration::from_secs(10);

/// Ports tried when another program takes the chosen one first; beyond it the start fails.
pub(crate) const PORT_ATTEMPTS_MAX: usize = 5;

/// Modbus connections at once; further ones are closed.
pub(crate) const MODBUS_CONNECTIONS_MAX: usize = 32;

/// Connections through the enterprise link at once; further ones are closed.
pub(crate) const LINK_CONNECTIONS_MAX: usize = 64;

/// Pause before a refused bind or a lost MQTT connection of our own is tried again.
pub(crate) const RETRY_PAUSE: Duration = Duration::from_millis(200);

/// Messages the receiver shows; the oldest goes first.
pub(crate) const LATEST_MAX: usize = 50;

/// Characters of a message in words; the rest becomes `…`.
pub(crate) const WORDS_MAX: usize = 80;

/// Separate runs of sequence numbers remembered for each gateway and epoch; beyond it the two oldest runs are joined,
/// so that a gap is forgotten rather than memory grown.
pub(crate) const RUNS_MAX: usize = 10_000;

/// Gateways and epochs the receiver keeps apart; beyond it the one with the smallest name is forgotten.
pub(crate) const EPOCHS_MAX: usize = 64;

/// The OPC UA server has this long to say goodbye to its clients; then it is cut off.
pub(crate) const SERVER_STOP_MAX: Duration = Duration::from_millis(500);

/// All parts have this long to end; then they are left to the end of the process.
pub(crate) const STOP_MAX: Duration = Duration::from_secs(3);

/// The shortest time between two changes of the server of many doubles; it changes more at once rather than oftener.
pub(crate) const BULK_BEAT: Duration = Duration::from_millis(10);

/// That server looks so often whether a subscription is due; shorter publishing and sampling intervals are raised to it.
pub(crate) const BULK_LOOK_MS: u64 = 20;

/// Subscriptions of one session with that server, and publish requests that wait in it; further ones are refused.
pub(crate) const BULK_SUBSCRIPTIONS_MAX: usize = 1_000;

/// Notifications of a subscription with that server that wait for a publish request; the oldest goes first.
pub(crate) const BULK_NOTIFICATIONS_MAX: usize = 100;
