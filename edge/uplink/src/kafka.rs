//! Kafka: each row is a record of a topic, acknowledged once every replica in sync has it.
//!
//! The producer is idempotent: what it sends again by itself, after a lost answer or a change of leader, is in its partition
//! once and in its place. What a new connection sends again is there a second time with the same id, as on every way up.
//! `record` says what goes where; `trouble` says what an error means, in words.

mod connection;
mod record;
mod session;
mod trouble;

use crate::{
    limits,
    uplink::{Ended, Uplink},
};
use connection::Connection;
use davy_config::KafkaUplink;
use session::Session;
use trouble::Trouble;

/// Connects, and sends until the cluster is lost or the gateway stops.
pub(crate) async fn connect(uplink: &mut Uplink, config: &KafkaUplink) -> Ended {
    match uplink.showing(Connection::open(config)).await {
        None => Ended::Stopped,
        Some(Err(trouble)) => ended(trouble),
        Some(Ok(connection)) => {
            uplink.monitor.connected();
            Session::begin(uplink, config, connection).run().await
        }
    }
}

/// What only a person can mend is not tried every few seconds.
fn ended(trouble: Trouble) -> Ended {
    match trouble {
        Trouble::Lost(reason) => Ended::Lost(reason),
        Trouble::Refused(reason) | Trouble::Misconfigured(reason) => {
            Ended::LostFor(reason, limits::MISCONFIGURED_RETRY)
        }
    }
}
