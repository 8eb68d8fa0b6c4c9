//! HTTP: rows go up in batches, and the receiver says of each row whether it has it.
//!
//! At most one batch of a lane is under way, which keeps the lane's order. A batch that is sent again has the same rows and
//! the same `Idempotency-Key`. What the receiver may answer is in `answer`, what it says of single rows in [`receipts`]; a row that
//! it refuses is parked, saved in the same transaction as the cursor that passes it, and tried again by itself.

mod answer;
mod batch;
mod connection;
mod lane;
mod parking;
pub mod receipts;
mod session;

use crate::uplink::{Ended, Uplink};
use answer::Answer;
pub(crate) use connection::Connection;
use davy_config::HttpUplink;
use session::Session;

/// Asks whether the receiver is there, and sends until it is lost or the gateway stops. The question is an empty batch, which
/// no receiver has a reason to refuse but for who asks.
pub(crate) async fn connect(uplink: &mut Uplink, config: &HttpUplink) -> Ended {
    let connection = match Connection::new(config) {
        Ok(connection) => connection,
        Err(reason) => return Ended::LostFor(reason, crate::limits::MISCONFIGURED_RETRY),
    };
    match uplink.showing(connection.ask()).await {
        None => return Ended::Stopped,
        Some(Answer::Rows(_) | Answer::Unreadable(_) | Answer::TooLarge(_)) => uplink.monitor.connected(),
        Some(Answer::Wait(wait, reason)) => return Ended::LostFor(reason, wait),
        Some(Answer::Lost(reason)) => return Ended::Lost(reason),
        Some(Answer::Misconfigured(reason)) => return Ended::LostFor(reason, crate::limits::MISCONFIGURED_RETRY),
    }
    Session::begin(uplink, config, connection).run().await
}

#[cfg(test)]
mod tests;
